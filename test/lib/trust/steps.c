/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * steps - see peer.h.
 */
#include "peer.h"

#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void begin(void)
{
	int one = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	SSL_free(ssl);
	ssl = SSL_new(ctx);
	SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	BIO_set_mem_eof_return(SSL_get_rbio(ssl), -1);
	if(server_name && !serves)
		SSL_set_tlsext_host_name(ssl, server_name);
	if(resumes && kept && SSL_set_session(ssl, kept) != 1)
		die("the session cannot be offered");
	if(large)
		SSL_set_max_send_fragment(ssl, 512);
	if(serves)
		SSL_set_accept_state(ssl);
	else
		SSL_set_connect_state(ssl);
	SSL_SESSION_free(newest);
	newest = NULL;
	established = ended = false;
	alert = NULL;
	text_octets = out_octets = 0;
	text[0] = '\0';
	records = 0;
	allowed = UNLIMITED;
}

void step_open(const char *unused)
{
	struct sockaddr_in address = loopback(kamailio);
	socklen_t octets = sizeof(address);

	(void)unused;
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if(connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		die("connect");
	if(getsockname(fd, (struct sockaddr *)&address, &octets) != 0)
		die("getsockname");
	printf("port %d\n", ntohs(address.sin_port));
	fflush(stdout);
	begin();
}

void step_listen(const char *port)
{
	struct sockaddr_in address = loopback(atoi(port));
	int one = 1;

	own_port = atoi(port);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if(bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0
			|| listen(listener, 16) != 0)
		die("listen");
	tell("port", port);
}

void step_accept(const char *unused)
{
	(void)unused;
	fd = accept(listener, NULL, NULL);
	if(fd < 0)
		die("accept");
	begin();
}

void step_handshake(const char *unused)
{
	(void)unused;
	if(wait_for(is_established, NULL) && established)
		printf("established %s resumed=%d\n", SSL_get_version(ssl),
				SSL_session_reused(ssl));
	else if(!ended)
		printf("held\n");
	fflush(stdout);
}

void step_abandon(const char *unused)
{
	(void)unused;
	close(fd);
	fd = -1;
}

void step_close(const char *unused)
{
	if(ssl && established && !ended && SSL_shutdown(ssl) >= 0)
		flush_wire();
	step_abandon(unused);
}

/* The connection stays open and is not looked at any more. The tls module forgets
 * a session that is kept by its id when its connection ends. */
void step_leave(const char *unused)
{
	(void)unused;
	flush_wire();
	ssl = NULL;
	fd = -1;
}

void step_hold(const char *unused)
{
	(void)unused;
	flush_wire();
	allowed = 0;
}

void step_pass(const char *value)
{
	allowed = atoi(value);
	flush_wire();
}

void step_release(const char *unused)
{
	(void)unused;
	allowed = UNLIMITED;
	transmit(out_octets);
	flush_wire();
}

void step_held(const char *unused)
{
	(void)unused;
	wait_for(is_held, NULL);
}

void step_cut(const char *unused)
{
	(void)unused;
	if(wait_for(is_held, NULL))
		transmit(first_record() / 2);
}

void step_octets(const char *value)
{
	for(int i = atoi(value); i > 0 && !ended; i--) {
		transmit(out_octets > 0);
		for(int j = 0; j < 10 && !ended; j++)
			move(100);
	}
}

void step_until(const char *type)
{
	if(wait_for(has_come, type))
		tell("came", type);
}

void step_keep(const char *unused)
{
	(void)unused;
	if(SSL_version(ssl) >= TLS1_3_VERSION && !wait_for(has_ticket, NULL))
		return;
	SSL_SESSION_free(kept);
	kept = newest ? newest : SSL_get1_session(ssl);
	newest = NULL;
	tell("kept", NULL);
}

static void write_half_message(const unsigned char *message, size_t octets)
{
	flush_wire();
	if(out_octets > 0)
		die("something is held");
	out_octets = half_record_make(
			secret, records++, SSL3_RT_HANDSHAKE, message, octets, out);
	if(out_octets == 0)
		die("no record");
	transmit(out_octets);
}

void step_half_update(const char *unused)
{
	(void)unused;
	write_half_message((const unsigned char[]){SSL3_MT_KEY_UPDATE, 0, 0, 1}, 4);
}

void step_half_ticket(const char *unused)
{
	(void)unused;
	write_half_message(
			(const unsigned char[]){SSL3_MT_NEWSESSION_TICKET, 0, 0, 64, 0}, 5);
}

static int print_options(
		char *message, size_t size, const char *call_id, int port)
{
	return snprintf(message, size,
			"OPTIONS sip:%s127.0.0.1:%d%s SIP/2.0\r\n"
			"Via: SIP/2.0/%s 127.0.0.1:9;branch=z9hG4bK%s;rport\r\n"
			"From: <sip:peer@example.com>;tag=1\r\n"
			"To: <sip:peer@example.com>\r\nCall-ID: %s\r\n"
			"CSeq: 1 OPTIONS\r\nMax-Forwards: 5\r\nContent-Length: 0\r\n\r\n",
			port == kamailio ? "" : "peer@", port,
			port == kamailio ? "" : ";transport=tls",
			port == kamailio ? "TLS" : "UDP", call_id, call_id);
}

static void write_options(const char *call_id, int share)
{
	char message[1024];
	int octets =
			print_options(message, sizeof(message), call_id, kamailio) / share;

	if(!wait_for(is_settled, NULL) || !established)
		return;
	if(SSL_write(ssl, message, octets) != octets)
		die("SSL_write");
	flush_wire();
	tell("wrote", call_id);
}

void step_options(const char *call_id)
{
	write_options(call_id, 1);
}

void step_half(const char *call_id)
{
	write_options(call_id, 2);
}

void step_request(const char *call_id)
{
	struct sockaddr_in address = loopback(kamailio);
	int udp = socket(AF_INET, SOCK_DGRAM, 0);
	char message[1024];
	int octets = print_options(message, sizeof(message), call_id, own_port);

	if(sendto(udp, message, (size_t)octets, 0, (struct sockaddr *)&address,
			   sizeof(address))
			!= octets)
		die("sendto");
	close(udp);
}

void step_text(const char *call_id)
{
	tell(wait_for(is_in_text, call_id) ? "got" : "missed", call_id);
}

void step_end(const char *unused)
{
	(void)unused;
	wait_for(is_over, NULL);
}

static bool is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

void step_alive(const char *unused)
{
	(void)unused;
	move(0);
	if(!ended)
		tell("alive", NULL);
}

/* Also when the connection has ended. */
void step_go(const char *path)
{
	tell("at", path);
	wait_for(is_there, path);
	while(!is_there(path))
		poll(NULL, 0, 20);
}
