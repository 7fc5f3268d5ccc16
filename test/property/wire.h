/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wire - between a plain peer and the end under test: what the peer sends is
 * decrypted, kept as messages and encrypted again when it is passed on, so that
 * a message can be held back, cut in two, broken, or have clear text put in
 * front of it, in any handshake. AES-128-GCM with SHA-256 in TLS 1.2 and 1.3;
 * the keys come from the peer (SSL_CTX_set_keylog_callback(3), RFC 5246, 6.3,
 * RFC 8446, 7.3). What our end sends passes as it is.
 */
#ifndef TLSP_TEST_WIRE_H
#define TLSP_TEST_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>

enum
{
	WIRE_KEYS = 8,
	WIRE_ITEMS = 64,
	WIRE_SECRET_OCTETS = 32
};

/* One direction of traffic under one key. */
struct wire_key
{
	unsigned char secret[WIRE_SECRET_OCTETS]; /* TLS 1.3 */
	unsigned char key[16], iv[12];
	uint64_t taken, passed; /* records */
};

/* What was in one record. */
struct wire_item
{
	unsigned char type; /* of content, RFC 8446, 5.1 */
	int message;		/* of a handshake: its type */
	int key;			/* that it goes under; -1: none */
	size_t octets;
	unsigned char *data;
};

struct wire
{
	SSL *peer;
	int version;
	BIO *from_peer, *to_ours, *from_ours, *to_peer; /* of the SSLs */
	EVP_CIPHER_CTX *cipher;
	struct wire_key keys[WIRE_KEYS];
	int key;	   /* that the peer writes under; -1: none yet */
	bool finished; /* TLS 1.3: its handshake keys are done with */
	unsigned char handshake_secret[WIRE_SECRET_OCTETS],
			traffic_secret[WIRE_SECRET_OCTETS];
	struct wire_item items[WIRE_ITEMS];
	size_t first, end;
};

/* wire_log_key: for SSL_CTX_set_keylog_callback(3) of every peer. */
void wire_log_key(const SSL *ssl, const char *line);

/* wire_open: between two ends that have not begun. They keep their BIOs. */
void wire_open(struct wire *wire, SSL *ours, SSL *peer, int version);
void wire_close(struct wire *wire);

/* wire_take: what the peer has written, decrypted; true if anything came. */
bool wire_take(struct wire *wire);

/* wire_answer: what our end has written, to the peer; true if anything. */
bool wire_answer(struct wire *wire);

/*
 * wire_message: the type of the handshake message that is next (RFC 8446, 4),
 * with the ChangeCipherSpec in front of it; -1 if there is none. Alerts and
 * clear text that come before it are passed on.
 */
int wire_message(struct wire *wire);

/* Of the message that is next: whole; its first part (false: of one octet, not
 * cut); with its last octet changed; clear text in front of it, under its key,
 * or under that of the last one. */
void wire_pass(struct wire *wire);
bool wire_pass_part(struct wire *wire);
void wire_break(struct wire *wire);
void wire_pass_clear_text(struct wire *wire, const char *text);

#endif
