/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * connection - see load.h.
 */
#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>

static SSL_CTX *context;
static SSL_SESSION **sessions; /* by slot */

uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static int on_session(SSL *ssl, SSL_SESSION *session)
{
	struct connection *c = SSL_get_app_data(ssl);

	SSL_SESSION_free(sessions[c->slot]);
	sessions[c->slot] = session;
	c->has_session = true;
	return 1;
}

void connection_init(unsigned slots)
{
	context = SSL_CTX_new(TLS_client_method());
	sessions = calloc(slots, sizeof(SSL_SESSION *));
	if(!context || !sessions
			|| SSL_CTX_use_certificate_file(
					   context, settings.cert, SSL_FILETYPE_PEM)
					   != 1
			|| SSL_CTX_use_PrivateKey_file(
					   context, settings.key, SSL_FILETYPE_PEM)
					   != 1
			|| SSL_CTX_load_verify_locations(context, settings.ca, NULL) != 1) {
		ERR_print_errors_fp(stderr);
		exit(2);
	}
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_min_proto_version(context, settings.version);
	SSL_CTX_set_max_proto_version(context, settings.version);
	SSL_CTX_set_mode(context,
			SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS
					| (settings.chain ? 0 : SSL_MODE_NO_AUTO_CHAIN));
	SSL_CTX_set_session_cache_mode(
			context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(context, on_session);
}

void connection_shuffle(unsigned slots)
{
	unsigned state = 2463534242;

	for(unsigned i = slots; i > 1; i--) {
		SSL_SESSION *last = sessions[i - 1];
		unsigned other;

		state ^= state << 13; /* xorshift32 */
		state ^= state >> 17;
		state ^= state << 5;
		other = state % i;
		sessions[i - 1] = sessions[other];
		sessions[other] = last;
	}
}

/* The first few failures say why. */
static void fail(struct connection *c, const char *what)
{
	static int told;
	const char *why = ERR_reason_error_string(ERR_peek_last_error());

	if(told++ < 3)
		fprintf(stderr, "load: connection %u: %s: %s\n", c->number, what,
				why ? why : strerror(errno));
	c->step = STEP_FAILED;
}

void connection_begin(struct connection *c, unsigned slot, unsigned number)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
			.sin_port = htons((unsigned short)settings.port),
			.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int on = 1;

	*c = (struct connection){.slot = slot,
			.number = number,
			.left = settings.messages,
			.step = STEP_HANDSHAKE,
			.began_us = now_us()};
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	c->ssl = SSL_new(context);
	if(c->fd < 0 || !c->ssl) {
		perror("load: a connection");
		exit(2);
	}
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	SSL_set_app_data(c->ssl, c);
	SSL_set_fd(c->ssl, c->fd);
	SSL_set_connect_state(c->ssl);
	if(settings.server_name)
		SSL_set_tlsext_host_name(c->ssl, settings.server_name);
	if(settings.resume && sessions[slot])
		SSL_set_session(c->ssl, sessions[slot]);
	if(connect(c->fd, (struct sockaddr *)&address, sizeof(address)) != 0
			&& errno != EINPROGRESS)
		fail(c, "connect");
}

/* Does |result| of |c|'s SSL mean that it has to wait? Else it has failed. */
static bool waits(struct connection *c, int result, const char *what)
{
	int error = SSL_get_error(c->ssl, result);

	if(error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
		return true;
	fail(c, what);
	return false;
}

static void after_messages(struct connection *c)
{
	c->done_us = now_us();
	c->step = settings.hold ? STEP_HELD : STEP_CLOSE;
	if(c->step == STEP_CLOSE)
		SSL_shutdown(c->ssl);
	if(c->step == STEP_HELD && settings.bare) {
		SSL_set_quiet_shutdown(c->ssl, 1);
		SSL_free(c->ssl);
		c->ssl = NULL;
	}
}

static bool shake_hands(struct connection *c)
{
	int result = SSL_do_handshake(c->ssl);

	if(result != 1) {
		waits(c, result, "handshake");
		return false;
	}
	c->shaken_us = now_us();
	c->resumed = SSL_session_reused(c->ssl);
	if(c->left > 0)
		c->step = STEP_ASK;
	else if(settings.resume && !c->has_session
			&& SSL_version(c->ssl) == TLS1_3_VERSION)
		c->step = STEP_TICKET;
	else
		after_messages(c);
	return true;
}

static bool await_ticket(struct connection *c)
{
	char octet;
	int result = SSL_peek(c->ssl, &octet, 1);

	if(!c->has_session && result <= 0) {
		waits(c, result, "ticket");
		return false;
	}
	after_messages(c);
	return true;
}

static int write_message(const struct connection *c, char text[1024])
{
	const char *method =
			settings.kind == KIND_REGISTER ? "REGISTER" : "OPTIONS";
	struct sockaddr_in own = {0};
	socklen_t octets = sizeof(own);
	unsigned port;

	getsockname(c->fd, (struct sockaddr *)&own, &octets);
	port = ntohs(own.sin_port);
	return snprintf(text, 1024,
			"%s sip:127.0.0.1:%05d SIP/2.0\r\n"
			"Via: SIP/2.0/TLS 127.0.0.1:%05u;branch=z9hG4bK%06u.%06u;rport\r\n"
			"From: <sip:peer%06u@example.com>;tag=%06u\r\n"
			"To: <sip:peer%06u@example.com>\r\n"
			"Call-ID: load-%06u-%06u\r\n"
			"CSeq: %06u %s\r\nMax-Forwards: 5\r\n"
			"Contact: <sip:peer%06u@127.0.0.1:%05u;transport=tls>\r\n"
			"Content-Length: 0\r\n\r\n",
			method, settings.port, port, c->number, c->left, c->number,
			c->number, c->number, c->number, (unsigned)getpid() % 1000000,
			c->left + 1, method, c->number, port);
}

static bool ask(struct connection *c)
{
	char text[1024];
	int result = SSL_write(c->ssl, text, write_message(c, text));

	if(result <= 0) {
		waits(c, result, "request");
		return false;
	}
	c->step = STEP_ANSWER;
	c->octets = 0;
	return true;
}

static bool await_answer(struct connection *c)
{
	int result = SSL_read(c->ssl, c->answer + c->octets,
			(int)(sizeof(c->answer) - 1 - c->octets));

	if(result <= 0) {
		waits(c, result, "answer");
		return false;
	}
	c->octets += (unsigned)result;
	c->answer[c->octets] = '\0';
	if(!strstr(c->answer, "\r\n\r\n"))
		return true;
	if(strncmp(c->answer, "SIP/2.0 200", 11) != 0) {
		fail(c, c->answer);
		return false;
	}
	c->left--;
	c->step = STEP_ASK;
	if(c->left == 0)
		after_messages(c);
	return true;
}

/* Any end but an alert is one. */
static bool await_close(struct connection *c)
{
	char text[1024];
	int result = SSL_read(c->ssl, text, sizeof(text));
	int error = SSL_get_error(c->ssl, result);
	unsigned long why = ERR_peek_last_error();

	if(result > 0)
		return true;
	if(error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
		return false;
	if(error == SSL_ERROR_SSL
			&& ERR_GET_REASON(why) != SSL_R_UNEXPECTED_EOF_WHILE_READING)
		fail(c, "refused");
	else
		c->step = STEP_DONE;
	return false;
}

/* Re-handshakes are answered by SSL_read(3) itself. */
static bool hold(struct connection *c)
{
	char text[1024];
	int result;

	if(!c->ssl) {
		if(recv(c->fd, text, sizeof(text), 0) == 0)
			fail(c, "closed");
		return false;
	}
	result = SSL_read(c->ssl, text, sizeof(text));
	if(result > 0)
		return true;
	waits(c, result, "held");
	return false;
}

void connection_go(struct connection *c)
{
	static bool (*const steps[])(struct connection *) = {
			[STEP_HANDSHAKE] = shake_hands,
			[STEP_TICKET] = await_ticket,
			[STEP_ASK] = ask,
			[STEP_ANSWER] = await_answer,
			[STEP_CLOSE] = await_close,
			[STEP_HELD] = hold,
	};

	do
		ERR_clear_error();
	while(c->step < STEP_DONE && steps[c->step](c));
}

void connection_time_out(struct connection *c)
{
	ERR_clear_error();
	errno = ETIMEDOUT;
	fail(c, "in time");
}

void connection_ask(struct connection *c, unsigned messages)
{
	c->left = messages;
	c->step = STEP_ASK;
	connection_go(c);
}

void connection_end(struct connection *c)
{
	SSL_free(c->ssl);
	close(c->fd);
	c->ssl = NULL;
	c->fd = -1;
}
