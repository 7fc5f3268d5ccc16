/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gate - opened by the caller around the code that creates SSLs and drives
 * their handshakes: what the OpenSSL callbacks of this process may do and judge
 * by, and what they have to report. OpenSSL and policy/ only; one for each
 * process.
 */
#ifndef TLSP_GATE_H
#define TLSP_GATE_H

#include <openssl/ssl.h>

#include "policy/proxies/proxies.h"
#include "policy/verdict.h"
#include "terms.h"

/* What is told of a refusal. */
struct tlsp_refusal
{
	enum tlsp_role role;   /* ours */
	unsigned reasons;	   /* enum tlsp_reason */
	char server_name[256]; /* that the client asked for, escaped and bounded; ""
							  if none or not read yet */
	char why[2048];		   /* one line, escaped and bounded */
};

struct tlsp_gate
{
	bool open;
	bool may_attach; /* the connection has no SSL yet */
	/* Called once at most while the gate is open, at the first need. */
	const struct tlsp_terms *(*acquire)(void);
	const struct tlsp_terms *terms; /* NULL until acquired */
	/* The peer's address, 4 or 16 octets in network order, borrowed while the
	 * gate is open; NULL if unknown. */
	const unsigned char *peer_address;
	size_t peer_address_octets;
	/* tls.cfg. Each may be NULL: the context of the SSL is all there is.
	 * context_for: the context of this process that the tls module's SNI
	 * callback is going to choose for |server_name| (NULL: none was asked for).
	 * context_now: the context of this process of the TLS domain that the
	 * connection would get if it came now; after a tls.reload the new one.
	 * context_as_client: that of the TLS domain in which we are client by
	 * default. changed: was tls.cfg loaded anew since |ssl| was made? The
	 * contexts stay while the gate is open. */
	SSL_CTX *(*context_for)(SSL *ssl, const char *server_name);
	SSL_CTX *(*context_now)(SSL *ssl);
	SSL_CTX *(*context_as_client)(SSL *ssl);
	bool (*changed)(SSL *ssl);
	bool accepted; /* since the gate opened, a peer was accepted */
	bool noted;	   /* and only by a setting: */
	char note[1024];
	bool refused; /* or refused: */
	struct tlsp_refusal refusal;
};

/* tlsp_gate_set: |gate| is the process' own and lives for ever. */
void tlsp_gate_set(struct tlsp_gate *gate);

/* tlsp_gate_attach: may an SSL that is made now have a record? True once for
 * each opening of the gate. */
bool tlsp_gate_attach(void);

/* tlsp_gate_is_open: is this process in the middle of such code? */
bool tlsp_gate_is_open(void);

/* tlsp_gate_terms: the terms of now; NULL if the gate is closed or nothing is
 * in force. */
const struct tlsp_terms *tlsp_gate_terms(void);

/* tlsp_gate_peer_address: the peer's address; false if it is not known. */
bool tlsp_gate_peer_address(struct tlsp_host *out);

/* tlsp_gate_context_for, tlsp_gate_context_now, tlsp_gate_context_as_client,
 * tlsp_gate_changed: see struct tlsp_gate. Never NULL. */
SSL_CTX *tlsp_gate_context_for(SSL *ssl, const char *server_name);
SSL_CTX *tlsp_gate_context_now(SSL *ssl);
SSL_CTX *tlsp_gate_context_as_client(SSL *ssl);
bool tlsp_gate_changed(SSL *ssl);

/* tlsp_gate_accepted: the callbacks accepted a peer. */
void tlsp_gate_accepted(void);

/* tlsp_gate_refused: the callbacks refuse a peer, and say why in the result.
 */
struct tlsp_refusal *tlsp_gate_refused(void);

/* tlsp_gate_noted: likewise, how a peer is accepted by a setting alone. */
char *tlsp_gate_noted(size_t *size);

#endif
