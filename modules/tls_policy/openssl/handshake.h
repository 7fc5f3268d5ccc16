/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * handshake - holds one SSL to the policy: versions, verification, resumption.
 * Owns the record that hangs on every guarded SSL and the OpenSSL callbacks
 * that act on it. OpenSSL and policy/ only; runs in every process that does
 * TLS, always under the lock that the caller holds for the SSL.
 *
 * The caller opens a gate around the code that creates SSLs and drives their
 * handshakes. An SSL made inside the gate gets a record in SSL_new (an ex_data
 * new-callback, SSL_get_ex_new_index(3)); it is armed at its first handshake
 * start from the policy that the gate offers. One made outside is left alone.
 */
#ifndef TLSP_HANDSHAKE_H
#define TLSP_HANDSHAKE_H

#include <openssl/ssl.h>

#include "gate.h"

enum
{
	TLSP_SESSION_LIFETIME_S = 300 /* of a ticket; bounds what an expired or
									 revoked certificate can still resume */
};

/* How far the SSL of a record has come. */
enum tlsp_stage
{
	TLSP_STAGE_NEW,	  /* not armed: no byte may pass */
	TLSP_STAGE_ARMED, /* in its handshake under the policy */
	TLSP_STAGE_ACCEPTED,
	TLSP_STAGE_REFUSED /* stays so */
};

/* How far a handshake after the first one has come (TLS 1.2 and below). */
enum tlsp_rehandshake
{
	TLSP_REHANDSHAKE_NONE,
	TLSP_REHANDSHAKE_SENDING, /* our first record is being made */
	TLSP_REHANDSHAKE_ASKED,	  /* as server: HelloRequest is out, no answer */
	TLSP_REHANDSHAKE_OVERDUE, /* the same, but nobody waits any more */
	TLSP_REHANDSHAKE_RUNNING  /* from the first Hello to the last Finished */
};

/* On every guarded SSL, in OpenSSL's memory (which is shared between the
 * processes here); guarded by the lock of the connection. */
struct tlsp_record
{
	SSL *ssl; /* that it hangs on */
	enum tlsp_stage stage;
	enum tlsp_role role;
	unsigned long generation; /* of the terms it was armed or judged by */
	int verify_mode;		  /* SSL_VERIFY_*, as armed */
	bool asked;				  /* armed to verify the peer's certificate */
	bool judged;			  /* the verify callback accepted the peer */
	bool allow_ssl2_hello;
	unsigned versions; /* that may be negotiated, see policy/versions.h */
	int (*security)(const SSL *, const SSL_CTX *, int, int, int, void *,
			void *); /* the security callback that ours asks after itself */
	bool own_identity_named; /* https_*_file_name replace tls.cfg's here */
	bool own_identity_set;	 /* and have done so */
	unsigned reasons;		 /* enum tlsp_reason */
	enum tlsp_match match;	 /* of the accepted identity */
	struct tlsp_host matched;
	unsigned char session_context[TLSP_DIGEST_OCTETS]; /* terms + context */
	bool no_tickets;								   /* up to TLS 1.2 */
	bool resumed; /* its chain was judged long ago */
	enum tlsp_rehandshake rehandshake;
	bool accepts_rehandshake; /* a handshake that the peer starts is taken */
	bool post_handshake;	  /* a client certificate was asked for once more */
	bool peer_declined;		  /* the peer sent no_renegotiation */
	unsigned handshakes;	  /* accepted so far on this SSL */
	void *owner;	  /* of the caller, like the next; not touched here */
	unsigned noticed; /* of handshakes */
	bool successor;	  /* opened to replace another connection */
};

/* tlsp_handshake_init registers the callbacks for the process and, if called
 * before fork, for its children. |gate| is the process' own and lives for
 * ever. False without memory. */
bool tlsp_handshake_init(struct tlsp_gate *gate);

/* tlsp_handshake_record: the record of |ssl|, NULL if it has none. */
struct tlsp_record *tlsp_handshake_record(const SSL *ssl);

/*
 * tlsp_handshake_passes: may bytes of this connection pass? True while the
 * handshake is going on under the policy, and once it was accepted.
 */
bool tlsp_handshake_passes(const SSL *ssl);

/* tlsp_handshake_rearm: at the start of a handshake on an established |ssl|,
 * the verification that |terms| ask for. */
void tlsp_handshake_rearm(
		SSL *ssl, struct tlsp_record *record, const struct tlsp_terms *terms);

/* tlsp_handshake_ask_again: what |policy| asks of the peer of an established
 * |ssl|, for a certificate that is to be shown once more; never loosened. */
void tlsp_handshake_ask_again(
		SSL *ssl, struct tlsp_record *record, const struct tlsp_policy *policy);

/*
 * tlsp_handshake_check_context: can |policy| be carried out in |ctx|, the
 * context of the TLS domain that |domain| names, when we act as |role|?
 * |ca_directory|: it has one. If not, false and one sentence in |error|.
 */
bool tlsp_handshake_check_context(const struct tlsp_policy *policy,
		SSL_CTX *ctx, enum tlsp_role role, bool ca_directory,
		const char *domain, char *error, size_t error_size);

#endif
