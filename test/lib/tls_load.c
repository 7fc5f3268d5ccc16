/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tls_load - many TLS clients in parallel against a SIP server on loopback:
 *   tls_load PORT CERT KEY CA CLIENTS CONNECTIONS 1.2|1.3
 * Each of CLIENTS processes opens its share of CONNECTIONS one after another,
 * sends one OPTIONS on each and waits for the 200. Prints "ok=N failed=N";
 * exit status 0 if none failed.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

static int port;

static int connect_to_server(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	struct timeval timeout = {.tv_sec = 20};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_port = htons((unsigned short)port);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if(fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
	if(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
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

static int one_connection(SSL_CTX *ctx, int number)
{
	int fd = connect_to_server();
	SSL *ssl = fd < 0 ? NULL : SSL_new(ctx);
	int ok = 0;

	if(ssl) {
		SSL_set_fd(ssl, fd);
		ok = SSL_connect(ssl) == 1 && exchange(ssl, number);
		if(!ok)
			ERR_print_errors_fp(stderr);
		else
			SSL_shutdown(ssl);
		SSL_free(ssl);
	}
	if(fd >= 0)
		close(fd);
	return ok;
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
	return ctx;
}

/* The child's work: tells the number of its successes to |report|. */
static void work(char **argv, int connections, int report)
{
	SSL_CTX *ctx = new_context(argv);
	int ok = 0;

	for(int i = 0; i < connections; i++)
		ok += one_connection(ctx, i);
	SSL_CTX_free(ctx);
	_exit(write(report, &ok, sizeof(ok)) != sizeof(ok));
}

int main(int argc, char **argv)
{
	int clients, connections, share, ok = 0, report[2];

	if(argc != 8) {
		fputs("usage: tls_load PORT CERT KEY CA CLIENTS CONNECTIONS "
			  "1.2|1.3\n",
				stderr);
		return 2;
	}
	port = atoi(argv[1]);
	clients = atoi(argv[5]);
	connections = atoi(argv[6]) / clients;
	if(pipe(report) != 0)
		return 2;
	for(int i = 0; i < clients; i++)
		if(fork() == 0)
			work(argv, connections, report[1]);
	close(report[1]);
	while(read(report[0], &share, sizeof(share)) == sizeof(share))
		ok += share;
	while(wait(NULL) > 0)
		;
	printf("ok=%d failed=%d\n", ok, clients * connections - ok);
	return ok != clients * connections;
}
