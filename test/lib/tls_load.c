/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tls_load - many TLS clients in parallel against a SIP server on loopback:
 *   tls_load PORT CERT KEY CA CLIENTS CONNECTIONS 1.2|1.3 [resume] [by_id]
 *            [first] [after=FILE] [randoms] [times] [while=PID] [name=SERVER]
 *            [from=ADDRESS[+]]
 * Each of CLIENTS processes opens its share of CONNECTIONS one after another,
 * sends one OPTIONS on each and waits for the 200. With `resume` it offers the
 * session that it got last, the first time that of one connection more, which is
 * not counted; by_id: not by a ticket; first: always that first one, of which it
 * tells "has a session" and goes on when the file of `after` is there; it tries
 * some times to get one. With
 * `randoms` it prints "random HEX", of each ServerHello; with `times` "time FROM
 * TO WHAT" of each connection, in microseconds of time(2), WHAT being ok, the
 * alert that came, or failed. With while= it goes on as long as that process is
 * there, CONNECTIONS or not. Prints "ok=N failed=N", with `resume` also
 * " resumed=N"; exit status 0 if none failed. ADDRESS is ours; the server's is
 * ::1 if it is one of IPv6. With a '+' behind an IPv4 address each connection has
 * the next one.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

enum
{
	TRIES = 50 /* until a client of `first` has a session */
};

static int port;
static bool resumes, by_id, first, tells_randoms, tells_times;
static pid_t as_long_as; /* 0: nobody counts */
static const char *alert;
static const char *server_name, *after;
static const char *from;	/* NULL: any address */
static SSL_SESSION *newest; /* of this process */

/* What became of some connections. */
struct outcome
{
	int ok, resumed, all;
};

/* The address that the connection |number| comes from. */
static void bind_to_address(int fd, int number)
{
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	char text[64];
	int bound;

	snprintf(text, sizeof(text), "%.*s", (int)strcspn(from, "+"), from);
	if(inet_pton(AF_INET6, text, &v6.sin6_addr) == 1)
		bound = bind(fd, (struct sockaddr *)&v6, sizeof(v6));
	else {
		inet_pton(AF_INET, text, &v4.sin_addr);
		if(strchr(from, '+'))
			v4.sin_addr.s_addr =
					htonl(ntohl(v4.sin_addr.s_addr) + (unsigned)number);
		bound = bind(fd, (struct sockaddr *)&v4, sizeof(v4));
	}
	if(bound != 0)
		perror("bind");
}

static int connect_to_server(int number)
{
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct timeval timeout = {.tv_sec = 60};
	int is_v6 = from && strchr(from, ':');
	int fd = socket(is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);

	v6.sin6_port = v4.sin_port = htons((unsigned short)port);
	v6.sin6_addr = in6addr_loopback;
	v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if(fd < 0)
		return -1;
	if(from)
		bind_to_address(fd, number);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
	if(connect(fd, is_v6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4,
			   is_v6 ? sizeof(v6) : sizeof(v4))
			== 0)
		return fd;
	close(fd);
	return -1;
}

static int exchange(SSL *ssl, int number)
{
	char message[512], answer[2048];
	int octets = snprintf(message, sizeof(message),
			"OPTIONS sip:127.0.0.1:%d SIP/2.0\r\n"
			"Via: SIP/2.0/TLS 127.0.0.1:9;branch=z9hG4bK%d.%d;rport\r\n"
			"From: <sip:load@example.com>;tag=%d\r\n"
			"To: <sip:load@example.com>\r\n"
			"Call-ID: load-%d-%d\r\n"
			"CSeq: 1 OPTIONS\r\nMax-Forwards: 5\r\nContent-Length: 0\r\n\r\n",
			port, (int)getpid(), number, number, (int)getpid(), number);

	if(SSL_write(ssl, message, octets) != octets)
		return 0;
	octets = SSL_read(ssl, answer, sizeof(answer) - 1);
	return octets >= 11 && memcmp(answer, "SIP/2.0 200", 11) == 0;
}

static int keep_session(SSL *ssl, SSL_SESSION *session)
{
	(void)ssl;
	if(first && newest)
		return 0;
	SSL_SESSION_free(newest);
	newest = session;
	return 1;
}

/* One write(2), so that the lines of two processes do not mix. */
static void tell_random(SSL *ssl)
{
	unsigned char random[SSL3_RANDOM_SIZE];
	char line[8 + 2 * SSL3_RANDOM_SIZE] = "random ";
	size_t used = strlen(line);

	SSL_get_server_random(ssl, random, sizeof(random));
	for(size_t i = 0; i < sizeof(random); i++, used += 2)
		sprintf(line + used, "%02x", random[i]);
	line[used++] = '\n';
	if(write(1, line, used) != (ssize_t)used)
		exit(2);
}

static void note_alert(const SSL *ssl, int where, int ret)
{
	(void)ssl;
	if((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT && ret >> 8 == 2)
		alert = SSL_alert_desc_string_long(ret);
}

static long long now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

static void tell_times(long long from_us, const char *what)
{
	char line[128];
	int octets = snprintf(
			line, sizeof(line), "time %lld %lld %s\n", from_us, now_us(), what);

	if(write(1, line, (size_t)octets) != octets)
		exit(2);
}

/* A copy: OpenSSL marks what a server has replaced. */
static void offer(SSL *ssl)
{
	SSL_SESSION *copy = SSL_SESSION_dup(newest);

	SSL_set_session(ssl, copy);
	SSL_SESSION_free(copy);
}

static void one_connection(SSL_CTX *ctx, int number, struct outcome *out)
{
	long long from_us = now_us();
	int fd = connect_to_server(number), before = out->ok;
	SSL *ssl = fd < 0 ? NULL : SSL_new(ctx);

	alert = NULL;
	out->all++;
	if(ssl) {
		SSL_set_fd(ssl, fd);
		if(server_name)
			SSL_set_tlsext_host_name(ssl, server_name);
		if(resumes && newest)
			offer(ssl);
		if(SSL_connect(ssl) == 1 && exchange(ssl, number)) {
			out->ok++;
			out->resumed += SSL_session_reused(ssl);
			if(tells_randoms)
				tell_random(ssl);
			SSL_shutdown(ssl);
		} else {
			ERR_print_errors_fp(stderr);
		}
		SSL_free(ssl);
	}
	if(fd >= 0)
		close(fd);
	if(tells_times)
		tell_times(from_us, out->ok > before ? "ok" : alert ? alert : "failed");
}

static SSL_CTX *new_context(char **argv)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	int version = strcmp(argv[7], "1.3") == 0 ? TLS1_3_VERSION : TLS1_2_VERSION;

	if(!ctx || SSL_CTX_use_certificate_file(ctx, argv[2], SSL_FILETYPE_PEM) != 1
			|| SSL_CTX_use_PrivateKey_file(ctx, argv[3], SSL_FILETYPE_PEM) != 1
			|| SSL_CTX_load_verify_locations(ctx, argv[4], NULL) != 1) {
		ERR_print_errors_fp(stderr);
		exit(2);
	}
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_min_proto_version(ctx, version);
	SSL_CTX_set_max_proto_version(ctx, version);
	SSL_CTX_set_session_cache_mode(
			ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(ctx, keep_session);
	SSL_CTX_set_info_callback(ctx, note_alert);
	return ctx;
}

static bool is_there(void)
{
	return as_long_as && kill(as_long_as, 0) == 0;
}

static void wait_with_session(void)
{
	static const char line[] = "has a session\n";

	if(write(1, line, sizeof(line) - 1) != sizeof(line) - 1)
		exit(2);
	while(after && access(after, F_OK) != 0)
		usleep(10000);
}

/* The child's work: tells the number of its successes to |report|. */
static void work(char **argv, int client, int connections, int report)
{
	SSL_CTX *ctx = new_context(argv);
	struct outcome outcome = {0};

	if(by_id)
		SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
	if(resumes)
		one_connection(ctx, connections, &outcome);
	for(int i = 0; first && !newest && i < TRIES; i++) {
		usleep(20000); /* ticket keys may just be replaced */
		one_connection(ctx, connections, &outcome);
	}
	if(first)
		wait_with_session();
	memset(&outcome, 0, sizeof(outcome));
	for(int i = 0; i < connections || is_there(); i++)
		one_connection(ctx, client * connections + i, &outcome);
	SSL_CTX_free(ctx);
	_exit(write(report, &outcome, sizeof(outcome)) != sizeof(outcome));
}

static void read_word(const char *word)
{
	resumes = resumes || strcmp(word, "resume") == 0;
	by_id = by_id || strcmp(word, "by_id") == 0;
	first = first || strcmp(word, "first") == 0;
	tells_randoms = tells_randoms || strcmp(word, "randoms") == 0;
	tells_times = tells_times || strcmp(word, "times") == 0;
	if(strncmp(word, "while=", 6) == 0)
		as_long_as = atoi(word + 6);
	if(strncmp(word, "name=", 5) == 0)
		server_name = word + 5;
	if(strncmp(word, "from=", 5) == 0)
		from = word + 5;
	if(strncmp(word, "after=", 6) == 0)
		after = word + 6;
}

int main(int argc, char **argv)
{
	int clients, connections, report[2];
	struct outcome share, all = {0};

	if(argc < 8) {
		fputs("usage: tls_load PORT CERT KEY CA CLIENTS CONNECTIONS "
			  "1.2|1.3 [resume] [by_id] [first] [after=FILE] [randoms] "
			  "[times] [while=PID] "
			  "[name=SERVER] [from=ADDRESS[+]]\n",
				stderr);
		return 2;
	}
	for(int i = 8; i < argc; i++)
		read_word(argv[i]);
	signal(SIGPIPE, SIG_IGN); /* a server that has closed */
	port = atoi(argv[1]);
	clients = atoi(argv[5]);
	connections = atoi(argv[6]) / clients;
	if(pipe(report) != 0)
		return 2;
	for(int i = 0; i < clients; i++)
		if(fork() == 0)
			work(argv, i, connections, report[1]);
	close(report[1]);
	while(read(report[0], &share, sizeof(share)) == sizeof(share)) {
		all.ok += share.ok;
		all.all += share.all;
		all.resumed += share.resumed;
	}
	while(wait(NULL) > 0)
		;
	if(all.all < clients * connections)
		all.all = clients * connections; /* a client that has died */
	printf("ok=%d failed=%d", all.ok, all.all - all.ok);
	if(resumes)
		printf(" resumed=%d", all.resumed);
	printf("\n");
	return all.ok != all.all;
}
