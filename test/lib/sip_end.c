/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sip_end - one end of SIP connections on loopback that does as it is told:
 *   sip_end PORT [from=PORT] [tcp=1 | silent=1 | half=1 | ws=1] ...
 *   sip_end listen=PORT [speaks=1] ...
 *             [at=ADDRESS] [cert=FILE key=FILE] [sni=NAME] [version=1.2|1.3] [answer=1]
 * connects to 127.0.0.1:PORT, from a port of its own or `from`; or serves any
 * number of connections, each in a process. at: its own address, else
 * 127.0.0.1. tcp: without TLS; silent: TCP, and not a word; half: the
 * ClientHello and nothing more; ws: WebSocket inside; speaks: some octets
 * before the other end says anything. Prints "ready" once it is connected, "got
 * CALL-ID FIRST-LINE" for each message, and " over SNI" behind it if that was
 * asked for; "established VERSION SNI" for each connection of a server, "alert
 * NAME", "closed". Each line of the standard input names a file, whose octets
 * are sent. answer=1: requests get 200, with the headers that a response needs;
 * INVITEs 486 with busy=1, 180 with ringing=1. The other end is not verified.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "web_socket.h"

enum
{
	OCTETS = 65536
};

static int count;
static char **arguments;
static int fd = -1;
static SSL *tls;
static const char *asked; /* the server name, on a connection of a server */
static char in[OCTETS + 1];
static size_t in_octets;

static const char *option(const char *name)
{
	size_t octets = strlen(name);

	for(int i = 1; i < count; i++)
		if(strncmp(arguments[i], name, octets) == 0
				&& arguments[i][octets] == '=')
			return arguments[i] + octets + 1;
	return NULL;
}

static _Noreturn void end(const char *word)
{
	puts(word);
	exit(0);
}

static _Noreturn void die(const char *what)
{
	perror(what);
	exit(2);
}

static void note_alert(const SSL *ssl, int where, int ret)
{
	(void)ssl;
	if((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT && ret >> 8 == 2)
		printf("alert %s\n", SSL_alert_desc_string_long(ret));
}

static bool in_frames;			/* WebSocket is open */
static char frames[OCTETS + 1]; /* and what has come of it */
static size_t frames_octets;

static void send_octets(const char *text, size_t octets)
{
	char frame[OCTETS + WS_HEAD_MOST];

	if(in_frames) {
		octets = ws_frame(frame, text, octets);
		text = frame;
	}
	if(tls ? SSL_write(tls, text, (int)octets) <= 0
		   : write(fd, text, octets) != (ssize_t)octets)
		end("closed");
}

/* The header |name| of the message up to |end|, with its line end, or "". */
static int header(const char *message, const char *stop, const char *name,
		const char **out)
{
	size_t octets = strlen(name);

	for(const char *line = message; line && line < stop;
			line = strchr(line, '\n')) {
		if(*line == '\n')
			line++;
		if(strncasecmp(line, name, octets) == 0 && line[octets] == ':') {
			*out = line;
			return (int)(strchr(line, '\n') - line) + 1;
		}
	}
	*out = "";
	return 0;
}

static void answer(const char *message, const char *stop)
{
	static const char *const names[] = {"From", "Call-ID", "CSeq"};
	char text[OCTETS];
	const char *line, *at = message;
	bool invite = strncmp(message, "INVITE ", 7) == 0;
	int octets, used = sprintf(text, "SIP/2.0 %s\r\n",
						invite && option("busy")	  ? "486 Busy Here"
						: invite && option("ringing") ? "180 Ringing"
													  : "200 OK");
	struct sockaddr_in own;
	socklen_t size = sizeof(own);

	while((octets = header(at, stop, "Via", &line)) > 0) {
		used += sprintf(text + used, "%.*s", octets, line);
		at = line + octets;
	}
	at = message;
	while((octets = header(at, stop, "Record-Route", &line)) > 0) {
		used += sprintf(text + used, "%.*s", octets, line);
		at = line + octets;
	}
	for(size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		octets = header(message, stop, names[i], &line);
		used += sprintf(text + used, "%.*s", octets, line);
	}
	octets = header(message, stop, "To", &line);
	used += sprintf(text + used, "%.*s%s\r\n", octets - 2, line,
			memmem(line, (size_t)octets, ";tag=", 5) ? "" : ";tag=end");
	getsockname(fd, (struct sockaddr *)&own, &size);
	used += sprintf(text + used,
			"Contact: <sip:end@127.0.0.1:%d;transport=tls>\r\n"
			"Content-Length: 0\r\n\r\n",
			ntohs(own.sin_port));
	send_octets(text, (size_t)used);
}

static bool take_message(void)
{
	const char *line, *stop;
	size_t skip = strspn(in, "\r\n"), octets;
	int length;

	memmove(in, in + skip, in_octets - skip + 1);
	in_octets -= skip;
	stop = strstr(in, "\r\n\r\n");
	if(!stop)
		return false;
	header(in, stop, "Content-Length", &line);
	octets = (size_t)(stop - in) + 4
			 + (*line ? strtoul(line + sizeof("Content-Length"), NULL, 10) : 0);
	if(in_octets < octets)
		return false;
	length = header(in, stop, "Call-ID", &line);
	printf("got %.*s %.*s%s%s\n", length > 11 ? length - 11 : 0, line + 9,
			(int)strcspn(in, "\r\n"), in, asked ? " over " : "",
			asked ? asked : "");
	if(option("answer") && strncmp(in, "SIP/2.0", 7) != 0
			&& strncmp(in, "ACK ", 4) != 0)
		answer(in, stop + 2);
	in_octets -= octets;
	memmove(in, in + octets, in_octets + 1);
	return true;
}

/* What the frames hold goes where messages are looked for. */
static void take_frames(void)
{
	const char *text;
	size_t octets, whole;

	while((whole = ws_read(frames, frames_octets, &text, &octets)) > 0) {
		if((frames[0] & 0xf) <= 2) { /* no ping and no close */
			memcpy(in + in_octets, text, octets);
			in_octets += octets;
			in[in_octets] = '\0';
		}
		frames_octets -= whole;
		memmove(frames, frames + whole, frames_octets);
	}
}

/* False if what came was no data. */
static bool read_into(char *buffer, size_t *used)
{
	ssize_t octets = tls ? SSL_read(tls, buffer + *used, (int)(OCTETS - *used))
						 : read(fd, buffer + *used, OCTETS - *used);

	if(tls && SSL_get_error(tls, (int)octets) == SSL_ERROR_WANT_READ)
		return false;
	if(octets <= 0)
		end("closed");
	*used += (size_t)octets;
	buffer[*used] = '\0';
	return true;
}

static void read_some(void)
{
	do {
		if(!read_into(in_frames ? frames : in,
				   in_frames ? &frames_octets : &in_octets))
			return;
		if(in_frames)
			take_frames();
		while(take_message())
			;
	} while(tls && SSL_pending(tls) > 0);
}

/* Up to the end of the answer; what comes behind it is the first frame. */
static void open_web_socket(void)
{
	char *stop;

	send_octets(ws_opening, sizeof(ws_opening) - 1);
	do {
		read_into(frames, &frames_octets);
		stop = strstr(frames, "\r\n\r\n");
	} while(!stop);
	printf("opened %.*s\n", (int)strcspn(frames, "\r"), frames);
	stop += 4;
	frames_octets -= (size_t)(stop - frames);
	memmove(frames, stop, frames_octets);
	in_frames = true;
}

/* A line of the standard input: what that file holds. */
static bool send_file(void)
{
	char name[1024], text[OCTETS];
	FILE *file;
	size_t octets = 0;

	for(; octets < sizeof(name) - 1; octets++)
		if(read(STDIN_FILENO, name + octets, 1) != 1 || name[octets] == '\n')
			break;
	if(octets == 0)
		return false;
	name[octets] = '\0';
	file = fopen(name, "r");
	if(!file)
		die(name);
	octets = fread(text, 1, sizeof(text), file);
	fclose(file);
	send_octets(text, octets);
	return true;
}

static _Noreturn void serve(bool commands)
{
	struct pollfd wait[] = {{fd, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};

	for(;;) {
		if(poll(wait, commands ? 2 : 1, -1) < 0)
			die("poll");
		if(wait[0].revents)
			read_some();
		if(commands && wait[1].revents)
			commands = send_file();
	}
}

static SSL_CTX *new_context(bool server)
{
	SSL_CTX *ctx =
			SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
	const char *version = option("version");
	int wire = !version						 ? 0
			   : strcmp(version, "1.2") == 0 ? TLS1_2_VERSION
											 : TLS1_3_VERSION;

	SSL_CTX_set_min_proto_version(ctx, wire);
	SSL_CTX_set_max_proto_version(ctx, wire);
	SSL_CTX_set_info_callback(ctx, note_alert);
	SSL_CTX_clear_mode(ctx, SSL_MODE_AUTO_RETRY);
	if(option("cert")
			&& (SSL_CTX_use_certificate_chain_file(ctx, option("cert")) != 1
					|| SSL_CTX_use_PrivateKey_file(
							   ctx, option("key"), SSL_FILETYPE_PEM)
							   != 1)) {
		ERR_print_errors_fp(stderr);
		exit(2);
	}
	return ctx;
}

static struct sockaddr_in loopback(const char *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET};

	address.sin_port = htons((unsigned short)atoi(port));
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return address;
}

static int new_socket(const char *port)
{
	struct sockaddr_in address = loopback(port);
	int on = 1, made = socket(AF_INET, SOCK_STREAM, 0);

	if(option("at"))
		inet_aton(option("at"), &address.sin_addr);
	setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(made, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
	if(bind(made, (struct sockaddr *)&address, sizeof(address)) != 0)
		die("bind");
	return made;
}

/* The ClientHello, and then nothing. */
static _Noreturn void stop_half_way(void)
{
	BIO *out = BIO_new(BIO_s_mem());
	char hello[OCTETS];
	int octets;

	SSL_set_bio(tls, BIO_new(BIO_s_mem()), out);
	SSL_connect(tls);
	octets = BIO_read(out, hello, sizeof(hello));
	tls = NULL;
	send_octets(hello, (size_t)octets);
	while(read(fd, hello, sizeof(hello)) > 0)
		puts("ready");
	end("closed");
}

static _Noreturn void connect_to(const char *port)
{
	struct sockaddr_in address = loopback(port);

	fd = new_socket(option("from") ? option("from") : "0");
	if(connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		die("connect");
	if(!option("tcp") && !option("silent")) {
		tls = SSL_new(new_context(false));
		if(option("sni"))
			SSL_set_tlsext_host_name(tls, option("sni"));
		if(option("half"))
			stop_half_way();
		SSL_set_fd(tls, fd);
		if(SSL_connect(tls) != 1)
			end("closed");
	}
	if(option("ws"))
		open_web_socket();
	puts("ready");
	serve(true);
}

static _Noreturn void serve_one(SSL_CTX *ctx)
{
	if(!option("tcp")) {
		tls = SSL_new(ctx);
		SSL_set_fd(tls, fd);
		if(SSL_accept(tls) != 1)
			end("closed");
		asked = SSL_get_servername(tls, TLSEXT_NAMETYPE_host_name);
		printf("established %s %s\n", SSL_get_version(tls),
				asked ? asked : "-");
	}
	serve(false);
}

static _Noreturn void listen_on(const char *port)
{
	SSL_CTX *ctx = new_context(true);
	int listener = new_socket(port);

	if(listen(listener, 64) != 0)
		die("listen");
	if(option("speaks")) /* as early as it can */
		fcntl(listener, F_SETFL, O_NONBLOCK);
	signal(SIGCHLD, SIG_IGN);
	puts("ready");
	for(;;) {
		fd = accept(listener, NULL, NULL);
		if(fd < 0 && errno == EAGAIN)
			continue;
		if(fd < 0)
			die("accept");
		if(option("speaks")) /* an alert that says nothing: user_canceled */
			send_octets("\x15\x03\x01\x00\x02\x01\x5a", 7);
		if(fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(listener);
			serve_one(ctx);
		}
		close(fd);
	}
}

int main(int argc, char **argv)
{
	count = argc;
	arguments = argv;
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);
	if(option("listen"))
		listen_on(option("listen"));
	if(argc < 2)
		return 2;
	connect_to(argv[1]);
}
