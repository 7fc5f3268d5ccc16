/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * server_view - what a TLS server shows in one handshake with us, refused for
 * nothing: who judges it has it by value. OpenSSL and policy/ only. No octet of
 * ours goes to it but the handshake.
 */
#ifndef TLSP_SERVER_VIEW_H
#define TLSP_SERVER_VIEW_H

#include <stdbool.h>

#include <openssl/ssl.h>

enum
{
	SERVER_VIEW_WORD_OCTETS = 64,
	SERVER_VIEW_WHY_OCTETS = 256
};

struct server_view
{
	bool established; /* and, in TLS 1.3, not ended by the server afterwards */
	char why[SERVER_VIEW_WHY_OCTETS]; /* not, in half a sentence */
	int version;					  /* wire value; 0 = none was agreed on */
	char version_word[SERVER_VIEW_WORD_OCTETS];
	char cipher[SERVER_VIEW_WORD_OCTETS];
	STACK_OF(X509) * chain; /* as it came, the end entity first; NULL = none */
	bool asked;				/* it asks us for a certificate, of: */
	STACK_OF(X509_NAME) * authorities; /* NULL or empty: of any CA */
};

/* What we offer. */
struct server_offer
{
	int tls_version;		 /* TLSVersion, 0..15 */
	bool wide;				 /* whatever OpenSSL has, at security level 0 */
	const char *server_name; /* "": none is asked for */
	const char *certificate, *key; /* files; NULL: we show none */
};

/*
 * server_view_open: the context for |offer|; NULL and one sentence in |error| if
 * our own certificate or its key cannot be used. Free with SSL_CTX_free(3).
 */
SSL_CTX *server_view_open(
		const struct server_offer *offer, char *error, size_t size);

/*
 * server_view_take: one handshake over |fd|, which is closed. What is in |out|
 * is to be given back by server_view_cleanup.
 */
void server_view_take(struct server_view *out, SSL_CTX *context,
		const struct server_offer *offer, int fd);
void server_view_cleanup(struct server_view *view);

#endif
