/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer - the state of the one peer of trust_peer (main.c), and its steps.
 */
#ifndef TRUST_PEER_H
#define TRUST_PEER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#include <openssl/ssl.h>

#include "half_record.h"

enum
{
	PATIENCE_S = 150,
	UNLIMITED = 1 << 20,
	RECORD_HEAD = 5
};

extern bool serves;
extern int kamailio, own_port, listener, fd;
extern const char *pki, *server_name, *second_name;
extern SSL_CTX *ctx;
extern SSL *ssl;
extern SSL_SESSION *kept, *newest;
extern bool resumes, established, ended, large;
extern const char *alert;
extern unsigned char out[1 << 18]; /* written, not sent */
extern size_t out_octets;
extern int allowed;		   /* records */
extern char text[1 << 16]; /* SIP that came */
extern size_t text_octets;
extern unsigned came[256]; /* handshake messages, since the first Finished */
extern unsigned char secret[HALF_RECORD_SECRET];
extern unsigned long records; /* written since then */

/* ---- wire.c: what is sent and what comes ---- */

/* die: the peer cannot do what it was told. */
void die(const char *what);

/* tell: a line for the one who uses this; |value| may be NULL. */
void tell(const char *what, const char *value);

struct sockaddr_in loopback(int port);

/* transmit: so many octets of what is held, as one segment. */
void transmit(size_t octets);
size_t first_record(void);

/* flush_wire: takes what OpenSSL has written, and sends what may go. */
void flush_wire(void);

/* move: everything that can be done now, and what comes within |wait_ms|. */
void move(int wait_ms);

/* wait_for: until |condition| holds, or the connection ends: then false. */
bool wait_for(bool (*condition)(const char *), const char *value);
bool is_held(const char *unused);
bool is_established(const char *unused);
bool is_settled(const char *unused);
bool is_over(const char *unused);
bool has_ticket(const char *unused);
bool has_come(const char *type);
bool is_in_text(const char *call_id);

/* ---- settings.c: context, certificate, what the hellos say ---- */

void make_context(void);
void set_version(const char *value);
void show(const char *value);
void borrow(const char *value);
void step_name(const char *value);
void step_second_name(const char *value);
void step_by_id(const char *value);
void step_authenticates(const char *value);
void step_large(const char *value);
void step_resume(const char *value);

/* ---- steps.c: connection and SIP ---- */

void step_open(const char *value);
void step_listen(const char *value);
void step_accept(const char *value);
void step_handshake(const char *value);
void step_close(const char *value);
void step_abandon(const char *value);
void step_leave(const char *value);
void step_hold(const char *value);
void step_pass(const char *value);
void step_held(const char *value);
void step_cut(const char *value);
void step_release(const char *value);
void step_octets(const char *value);
void step_until(const char *value);
void step_keep(const char *value);
void step_half_update(const char *value);
void step_half_ticket(const char *value);
void step_options(const char *value);
void step_half(const char *value);
void step_request(const char *value);
void step_text(const char *value);
void step_text(const char *value);
void step_end(const char *value);
void step_alive(const char *value);
void step_go(const char *value);

#endif
