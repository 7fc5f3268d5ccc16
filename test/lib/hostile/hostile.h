/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hostile - what the parts of hostile_peer share (main.c says what it does). One
 * process, one thread.
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "../trust/half_record.h"

enum
{
	RECORD_HEAD = 5
};

/* What is done when as many records went out as are passed. */
enum deed
{
	DEED_NONE, /* all goes out; then SIP */
	DEED_FINISH,
	DEED_RESET,
	DEED_STALL,
	DEED_DRIP,	  /* the rest, an octet a second */
	DEED_OCTETS,  /* those of |octets| first, then the rest and SIP */
	DEED_SLICES,  /* the rest, in records of |argument| octets */
	DEED_SEALED,  /* a record of TLS 1.3, an alert inside, once established */
	DEED_UPDATES, /* KeyUpdates without end, likewise */
	DEED_RENEGOTIATE,
	DEED_REPLAY /* what |octets| has, and nothing else */
};

/* What one peer is going to do. */
struct plan
{
	int version;
	const char *shows; /* the certificate; NULL: none */
	unsigned pass;	   /* records */
	enum deed deed;
	unsigned argument;
	const unsigned char *octets; /* borrowed */
	size_t octet_count;
	SSL_SESSION *session; /* that it offers; not owned */
};

struct settings
{
	int port, own_port; /* own_port: 0, or as server */
	const char *pki;
	unsigned count, at_once, patience_s;
};
extern struct settings settings;

/* What became of them. */
struct outcomes
{
	unsigned established, alerted, closed, left, answered, late;
};
extern struct outcomes outcomes;
extern const char *kind;

/* kinds.c: what the |number|th peer of |kind| does; false: there is no such
 * kind. */
bool plan_of(struct plan *out, unsigned number);

/* plan_write_octets: those of |plan|, which share a place, are there now. */
void plan_write_octets(const struct plan *plan);

/* kinds_prepare: what the plans of |kind| need. */
void kinds_prepare(void);

/* tickets.c: |session| with another ticket; NULL if it has none. */
SSL_SESSION *session_with_ticket(
		SSL_SESSION *session, const unsigned char *ticket, size_t octets);

/* session_of: of `trusted`, which offers |offered|; what it wrote until it was
 * answered is in |out|, at most |size| octets, if that is not NULL. */
SSL_SESSION *session_of(int version, SSL_SESSION *offered, unsigned char *out,
		size_t size, size_t *octets);

/* One of the peers. */
struct peer
{
	int fd;	  /* -1: none yet */
	SSL *ssl; /* on memory BIOs */
	unsigned number;
	struct plan plan;
	unsigned passed; /* records */
	bool busy, deed_done, drips, wrote, established, alerted, answered;
	bool sealed_now; /* nothing is in clear any more */
	int64_t until_ms, drip_ms;
	unsigned char secret[HALF_RECORD_SECRET];
	unsigned long sealed; /* records under it */
};

/* peer.c: peer_new_ssl: of its plan, with memory BIOs. */
void peer_new_ssl(struct peer *peer);

/* peer_go: as far as it comes without waiting; false when it is over. */
bool peer_go(struct peer *peer, int64_t now_ms);

/* options_write: OPTIONS of that Call-ID. */
int options_write(char *out, size_t size, const char *call_id, int to_port);

/* connections.c: peers that do as planned, |at_once| at a time. */
void connections_run(void);

void die(const char *what);

#endif
