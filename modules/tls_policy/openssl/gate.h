/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gate - opened by the caller around the code that creates SSLs and drives
 * their handshakes: what the OpenSSL callbacks of this process may do and judge
 * by, and what they have to report. OpenSSL and policy/ only; one for each
 * process.
 */
#ifndef TLSP_GATE_H
#define TLSP_GATE_H

#include <stdint.h>

#include <openssl/ssl.h>

#include "policy/proxies/proxies.h"
#include "policy/verdict.h"
#include "terms.h"

enum
{
	TLSP_SHOWN_IDENTITY_OCTETS = 264 /* the longest host, and some */
};

/* What is told of a refusal. */
struct tlsp_refusal
{
	bool testing;		/* nobody is refused: it would have been one */
	bool rule_known;	/* among those in force: */
	size_t rule_number; /* of the rule that it is by */
	char rule[TLSP_RULE_NAME_OCTETS]; /* that it is by; "" if none yet */
	enum tlsp_role role;			  /* ours */
	unsigned reasons;				  /* enum tlsp_reason */
	char server_name[256]; /* that the client asked for, escaped and bounded; ""
							  if none or not read yet */
	char why[2048];		   /* one line, escaped and bounded */
};

/* What is told of a certificate that a peer showed and was accepted with. */
struct tlsp_shown
{
	enum tlsp_role role;			  /* ours */
	char rule[TLSP_RULE_NAME_OCTETS]; /* that it is by */
	int64_t ends_s;					  /* notAfter, as time(2) */
	char identity
			[TLSP_SHOWN_IDENTITY_OCTETS]; /* as whom it was accepted; or its
												subject, escaped and bounded */
	bool by_server_auth; /* only accept_server_auth_clients lets it pass */
};

struct tlsp_gate
{
	bool open;
	bool may_attach; /* the connection has no SSL yet */
	/* Called once at most while the gate is open, at the first need. */
	const struct tlsp_in_force *(*acquire)(void);
	const struct tlsp_in_force *in_force; /* NULL until acquired */
	/* The addresses of both ends, 4 or 16 octets in network order, borrowed
	 * while the gate is open; NULL if unknown. The port is ours if the peer
	 * connected to it, else 0. */
	const unsigned char *peer_address;
	size_t peer_address_octets;
	const unsigned char *local_address;
	size_t local_address_octets;
	unsigned short local_port;
	/* tls.cfg. Each may be NULL: the context of the SSL is all there is.
	 * context_for: the context of this process that the tls module's SNI
	 * callback is going to choose for |server_name| (NULL: none was asked for).
	 * context_now: the context of this process of the TLS domain that the
	 * connection would get if it came now; after a tls.reload the new one.
	 * context_as_client: that of the TLS domain in which we are client by
	 * default. changed: was tls.cfg loaded anew since |ssl| was made?
	 * client_trust: of what servers are verified by where a |role| of ours is
	 * judged, as it was before any context was asked for; trust_moved: is it
	 * another one by now? The contexts stay while the gate is open. */
	SSL_CTX *(*context_for)(SSL *ssl, const char *server_name);
	SSL_CTX *(*context_now)(SSL *ssl);
	SSL_CTX *(*context_as_client)(SSL *ssl);
	bool (*changed)(SSL *ssl);
	uint64_t (*client_trust)(enum tlsp_role role);
	bool (*trust_moved)(enum tlsp_role role);
	bool wants_names;	/* are the names of peers kept? */
	bool accepted;		/* since the gate opened, a peer was accepted, */
	size_t accepted_by; /* by the rule of this number */
	bool was_shown;		/* in any handshake that was accepted: */
	struct tlsp_shown shown;
	bool noted; /* and only by a setting: */
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

/* tlsp_gate_in_force: all terms of now; NULL if the gate is closed or nothing
 * is in force. rule.h chooses among them. */
const struct tlsp_in_force *tlsp_gate_in_force(void);

/* tlsp_gate_addresses: both ends into |out|; those that are not known have no
 * octets. */
void tlsp_gate_addresses(struct tlsp_rule_facts *out);

/* tlsp_gate_names_connection: into |facts| whom the connection is with, if
 * |policy| binds the peers of our |role| to it: the |server_name| that was asked
 * for, or NULL, and the peer's address. */
void tlsp_gate_names_connection(struct tlsp_peer_facts *facts,
		const struct tlsp_policy *policy, enum tlsp_role role,
		const char *server_name);

/* tlsp_gate_context_for, tlsp_gate_context_now, tlsp_gate_context_as_client,
 * tlsp_gate_changed: see struct tlsp_gate. Never NULL. */
SSL_CTX *tlsp_gate_context_for(SSL *ssl, const char *server_name);
SSL_CTX *tlsp_gate_context_now(SSL *ssl);
SSL_CTX *tlsp_gate_context_as_client(SSL *ssl);
bool tlsp_gate_changed(SSL *ssl);

/* tlsp_gate_client_trust: a number for what the TLS domains trust in which we
 * are client: as SERVER, which judges a peer for later, in the default one; as
 * CLIENT, in any. Another one after a tls.reload that changed it, the same in
 * all processes; 0 = not known, equal to none. */
uint64_t tlsp_gate_client_trust(enum tlsp_role role);

/* tlsp_gate_trust_moved: see struct tlsp_gate. */
bool tlsp_gate_trust_moved(enum tlsp_role role);

/* tlsp_gate_wants_names: see struct tlsp_gate. */
bool tlsp_gate_wants_names(void);

/* tlsp_gate_refusal: the last one since the gate was opened, or NULL. */
const struct tlsp_refusal *tlsp_gate_refusal(void);

/* tlsp_gate_forget: nothing has come of what was judged since the gate was
 * opened. */
void tlsp_gate_forget(void);

/* tlsp_gate_accepted: the callbacks accepted a peer by the rule |number|. */
void tlsp_gate_accepted(size_t number);

/* tlsp_gate_shown: the callbacks accepted a peer that showed a certificate, and
 * tell of it in the result. */
struct tlsp_shown *tlsp_gate_shown(void);

/* tlsp_gate_refused: the callbacks refuse a peer, and say why in the result.
 */
struct tlsp_refusal *tlsp_gate_refused(void);

/* tlsp_gate_noted: likewise, how a peer is accepted by a setting alone. */
char *tlsp_gate_noted(size_t *size);

#endif
