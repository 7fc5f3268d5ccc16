/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tls_link - for unit tests: a connection between two real ends (tls_ends.h)
 * that is established, and what can be done to either end.
 */
#ifndef TLSP_TEST_TLS_LINK_H
#define TLSP_TEST_TLS_LINK_H

#include "openssl/rehandshake.h"
#include "tls_ends.h"

enum
{
	ROUNDS = 8, /* of both ends, enough for any handshake */
	TEXT_OCTETS = 256,
	COMPRESSED_CERTIFICATE = 25 /* RFC 8879, 7.2: OpenSSL 3.2 and later */
};

/* A connection under test with all that belongs to it. */
struct link
{
	enum tlsp_role role; /* ours */
	SSL_CTX *ours, *peer;
	bool offers_authentication; /* the peer, post-handshake; true */
	struct pair ends;
	struct tlsp_record *record;
	char ours_got[TEXT_OCTETS], peer_got[TEXT_OCTETS]; /* clear text */
};

extern const enum tlsp_role roles[2];
extern const int old_versions[3]; /* that know renegotiation */

/* Handshake messages that the plain peer has seen, by type and direction. */
extern unsigned peer_received[256], peer_sent[256];
void forget_messages(void);

/* setup_strict: everything that we can ask of a peer, in both roles. */
int setup_strict(void **state);

/* prepare, establish, set_up (both), tear_down: |shown| by the peer. */
void prepare(struct link *link, enum tlsp_role role, int version,
		const struct identity *shown);
void establish(struct link *link);
void set_up(struct link *link, enum tlsp_role role, int version,
		const struct identity *shown);
void tear_down(struct link *link);

/* read_into appends what |ssl| has. */
void read_into(SSL *ssl, char *text);
void ours_reads(struct link *link);
void pump(struct link *link); /* both, until nothing is on its way */
bool writes(SSL *ssl, const char *text);
bool ours_writes(struct link *link, const char *text);

/* talks: do octets still pass, both ways? */
bool talks(struct link *link);

/* renegotiate, key_update: what we start, sent to the peer; 0: impossible. */
size_t renegotiate(struct link *link);
size_t key_update(struct link *link, bool ask_certificate);
void send_made(struct link *link, const unsigned char *octets, size_t made);

/* From cut_wire on our end gets what the peer sends record by record: feed_record
 * hands over the next one, which nobody has read then. False: there is none. */
BIO *cut_wire(struct pair *ends);
bool feed_record(struct pair *ends, BIO *wire);

/* peer_starts a renegotiation; peer_shows another certificate, or none. */
void peer_starts(struct link *link);
void peer_shows(struct link *link, const struct identity *shown);

#endif
