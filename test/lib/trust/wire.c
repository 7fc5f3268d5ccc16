/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wire - see peer.h. OpenSSL writes to memory; what goes out is told here.
 */
#include "peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>


bool serves;
int kamailio, own_port, listener = -1, fd = -1;
const char *pki, *server_name, *second_name;
SSL_CTX *ctx;
SSL *ssl;
SSL_SESSION *kept, *newest;
bool resumes, established, ended, large;
const char *alert;
unsigned char out[1 << 18]; /* written, not sent */
size_t out_octets;
int allowed = UNLIMITED; /* records */
char text[1 << 16];		 /* SIP that came */
size_t text_octets;
unsigned came[256]; /* handshake messages, since the first Finished */
unsigned char secret[HALF_RECORD_SECRET];
unsigned long records; /* written since then */

void die(const char *what)
{
	fprintf(stderr, "trust_peer: %s\n", what);
	ERR_print_errors_fp(stderr);
	exit(2);
}

void tell(const char *what, const char *value)
{
	printf("%s%s%s\n", what, value ? " " : "", value ? value : "");
	fflush(stdout);
}

struct sockaddr_in loopback(int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET};

	address.sin_port = htons((unsigned short)port);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return address;
}

/* ---- the wire ---- */

void ends(const char *how)
{
	if(ended)
		return;
	ended = true;
	if(alert)
		printf("ended alert %s\n", alert);
	else
		printf("ended %s\n", how);
	fflush(stdout);
}

void transmit(size_t octets)
{
	if(octets > 0 && fd >= 0 && !ended
			&& send(fd, out, octets, MSG_NOSIGNAL) != (ssize_t)octets
			&& errno != EPIPE && errno != ECONNRESET)
		die("send");
	out_octets -= octets;
	memmove(out, out + octets, out_octets);
}

size_t first_record(void)
{
	return out_octets < RECORD_HEAD
				   ? 0
				   : RECORD_HEAD + (size_t)(out[3] << 8 | out[4]);
}

void flush_wire(void)
{
	size_t octets = 0, before = out_octets;
	int got = ssl ? BIO_read(SSL_get_wbio(ssl), out + out_octets,
					  (int)(sizeof(out) - out_octets))
				  : 0;

	if(got > 0)
		out_octets += (size_t)got;
	for(size_t at = before; established && at < out_octets;
			at += RECORD_HEAD + (size_t)(out[at + 3] << 8 | out[at + 4]))
		records++;
	while(allowed > 0 && octets < out_octets) {
		octets +=
				RECORD_HEAD + (size_t)(out[octets + 3] << 8 | out[octets + 4]);
		allowed -= allowed < UNLIMITED;
	}
	transmit(octets);
}

static void receive(int wait_ms)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	unsigned char octets[16384];
	ssize_t got;

	if(fd < 0 || ended) {
		poll(NULL, 0, wait_ms);
		return;
	}
	if(poll(&poll_fd, 1, wait_ms) != 1)
		return;
	got = recv(fd, octets, sizeof(octets), 0);
	if(got > 0)
		BIO_write(SSL_get_rbio(ssl), octets, (int)got);
	else
		BIO_set_mem_eof_return(SSL_get_rbio(ssl), 0);
}

static void read_text(void)
{
	int got;

	while((got = SSL_read(ssl, text + text_octets,
				   (int)(sizeof(text) - 1 - text_octets)))
			> 0) {
		text_octets += (size_t)got;
		text[text_octets] = '\0';
	}
	switch(SSL_get_error(ssl, got)) {
		case SSL_ERROR_WANT_READ:
		case SSL_ERROR_WANT_WRITE:
			break;
		case SSL_ERROR_ZERO_RETURN:
			ends("close_notify");
			break;
		default:
			ends("eof");
	}
}

/* Everything that can be done now, and what comes within a moment. */
void move(int wait_ms)
{
	int done;

	if(ssl)
		flush_wire();
	receive(wait_ms);
	if(!ssl || ended)
		return;
	ERR_clear_error();
	if(established) {
		read_text();
	} else if((done = SSL_do_handshake(ssl)) == 1) {
		memset(came, 0, sizeof(came));
		flush_wire();
		established = true;
	} else if(SSL_get_error(ssl, done) != SSL_ERROR_WANT_READ) {
		ends("eof");
	}
	flush_wire();
}

/* False: in vain. */
bool wait_for(bool (*condition)(const char *), const char *value)
{
	const char *patience = getenv("PATIENCE");
	time_t until = time(NULL) + (patience ? atoi(patience) : PATIENCE_S);

	while(!condition(value)) {
		if(time(NULL) > until)
			die("nothing comes");
		if(ended)
			return false;
		move(20);
	}
	return true;
}

bool is_held(const char *unused)
{
	(void)unused;
	return allowed == 0 && out_octets > 0;
}

bool is_established(const char *unused)
{
	(void)unused;
	return established || is_held(NULL);
}

/* No renegotiation goes on. */
bool is_settled(const char *unused)
{
	(void)unused;
	return !SSL_in_init(ssl) || !established;
}

bool is_over(const char *unused)
{
	(void)unused;
	return ended;
}

bool has_ticket(const char *unused)
{
	(void)unused;
	return newest != NULL;
}

bool has_come(const char *type)
{
	return came[atoi(type) & 255] > 0;
}

bool is_in_text(const char *call_id)
{
	char line[128];

	snprintf(line, sizeof(line), "\r\nCall-ID: %s\r\n", call_id);
	return strstr(text, line);
}
