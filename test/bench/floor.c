/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * floor - the least that mutual TLS costs: OpenSSL behind epoll(7) and nothing
 * else.
 *   floor WORKERS PORT CERT KEY CA [PORT CERT KEY CA]...
 * forks WORKERS processes that share the listening sockets of 127.0.0.1, each
 * PORT with its certificate. A client must show one that CA vouches for.
 * Whatever it says is answered by 200 as SIP would be; when it closes, so does
 * the server. TLS 1.2 and 1.3 with OpenSSL's own tickets, whose keys the workers
 * share, as their contexts were made before they were. Prints "ready", and ends
 * with its parent.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

enum
{
	LISTENERS = 4,
	EVENTS = 64,
	BACKLOG = 4096
};

/* What epoll tells of: a socket that listens, or a connection. */
struct end
{
	int fd;
	SSL_CTX *context; /* of one that listens; else NULL */
	SSL *ssl;
};

static struct end listeners[LISTENERS];
static int listener_count;

static const char answer[] =
		"SIP/2.0 200 OK\r\nVia: SIP/2.0/TLS 127.0.0.1:9\r\n"
		"From: <sip:load@example.com>;tag=1\r\n"
		"To: <sip:load@example.com>;tag=2\r\nCall-ID: load\r\n"
		"CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";

static _Noreturn void die(const char *what)
{
	perror(what);
	exit(2);
}

static SSL_CTX *make_context(char **files)
{
	static const unsigned char name[] = "floor";
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	if(!context || SSL_CTX_use_certificate_chain_file(context, files[0]) != 1
			|| SSL_CTX_use_PrivateKey_file(context, files[1], SSL_FILETYPE_PEM)
					   != 1
			|| SSL_CTX_load_verify_locations(context, files[2], NULL) != 1)
		die(files[0]);
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	/* else it would look for the chain of its own in each handshake */
	SSL_CTX_set_mode(context, SSL_MODE_NO_AUTO_CHAIN);
	SSL_CTX_set_session_id_context(context, name, sizeof(name) - 1);
	SSL_CTX_set_verify(
			context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	return context;
}

static void listen_at(const char *port, char **files)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
			.sin_port = htons((unsigned short)atoi(port)),
			.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct end *end = &listeners[listener_count++];
	int on = 1;

	end->context = make_context(files);
	end->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	setsockopt(end->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if(bind(end->fd, (struct sockaddr *)&address, sizeof(address)) != 0
			|| listen(end->fd, BACKLOG) != 0)
		die(port);
}

static void watch(int epoll, struct end *end, unsigned events)
{
	struct epoll_event event = {.events = events, .data.ptr = end};

	if(epoll_ctl(epoll, EPOLL_CTL_ADD, end->fd, &event) != 0)
		die("epoll_ctl");
}

static void take(int epoll, const struct end *listener)
{
	struct end *end;
	int on = 1, fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK);

	if(fd < 0)
		return; /* another worker has it */
	end = calloc(1, sizeof(*end));
	if(!end || !(end->ssl = SSL_new(listener->context)))
		die("a connection");
	end->fd = fd;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	SSL_set_fd(end->ssl, fd);
	SSL_set_accept_state(end->ssl);
	watch(epoll, end, EPOLLIN);
}

/* False when it is over. What is sent is small, so it fits the socket. */
static bool serve(SSL *ssl)
{
	char text[4096];
	int octets;

	while((octets = SSL_read(ssl, text, sizeof(text))) > 0)
		if(SSL_write(ssl, answer, sizeof(answer) - 1) <= 0)
			return false;
	return SSL_get_error(ssl, octets) == SSL_ERROR_WANT_READ;
}

static void drop(struct end *end)
{
	SSL_shutdown(end->ssl);
	SSL_free(end->ssl);
	ERR_clear_error();
	close(end->fd);
	free(end);
}

static _Noreturn void work(void)
{
	int epoll = epoll_create1(0);
	struct epoll_event events[EVENTS];

	for(int i = 0; i < listener_count; i++)
		watch(epoll, &listeners[i], EPOLLIN | EPOLLEXCLUSIVE);
	for(;;) {
		int count = epoll_wait(epoll, events, EVENTS, -1);

		for(int i = 0; i < count; i++) {
			struct end *end = events[i].data.ptr;

			if(end->context)
				take(epoll, end);
			else if(!serve(end->ssl))
				drop(end);
		}
	}
}

int main(int argc, char **argv)
{
	if(argc < 6 || (argc - 2) % 4 != 0 || (argc - 2) / 4 > LISTENERS) {
		fputs("usage: floor WORKERS PORT CERT KEY CA [PORT CERT KEY CA]...\n",
				stderr);
		return 2;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	for(int i = 2; i < argc; i += 4)
		listen_at(argv[i], &argv[i + 1]);
	for(int i = atoi(argv[1]); i > 0; i--)
		if(fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			work();
		}
	puts("ready");
	fflush(stdout);
	for(;;)
		pause();
}
