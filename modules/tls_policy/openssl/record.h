/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record - what hangs on every guarded SSL: how far it has come, what it was
 * armed with, as whom its peer was accepted; and its refusal. Hung on in
 * SSL_new (SSL_get_ex_new_index(3)) while the gate lets it; an SSL that is made
 * outside has none, and nothing passes on it. OpenSSL and policy/ only; any
 * process that does TLS, under the lock that the caller holds for the SSL.
 */
#ifndef TLSP_RECORD_H
#define TLSP_RECORD_H

#include <openssl/ssl.h>

#include "tls_context.h"
#include "gate.h"

/* How far the SSL of a record has come. */
enum tlsp_stage
{
	TLSP_STAGE_NEW,	  /* not armed: no byte may pass */
	TLSP_STAGE_ARMED, /* in its handshake under the policy */
	TLSP_STAGE_ACCEPTED,
	TLSP_STAGE_REFUSED /* stays so */
};

/* How far a renegotiation has come (TLS 1.2 and below). */
enum tlsp_renegotiation
{
	TLSP_RENEGOTIATION_NONE,
	TLSP_RENEGOTIATION_SENDING, /* our first record is being made */
	TLSP_RENEGOTIATION_ASKED,	/* as server: HelloRequest is out, no answer */
	TLSP_RENEGOTIATION_OVERDUE, /* the same, but nobody waits any more */
	TLSP_RENEGOTIATION_RUNNING	/* from the first Hello to the last Finished */
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
	enum tlsp_renegotiation renegotiation;
	bool accepts_rehandshake; /* a handshake that the peer starts is taken */
	bool post_handshake;	  /* a client certificate was asked for once more */
	bool peer_declined;		  /* the peer sent no_renegotiation */
	unsigned handshakes;	  /* accepted so far on this SSL */
	void *owner;	  /* of the caller, like the next; not touched here */
	unsigned noticed; /* of handshakes */
	bool successor;	  /* opened to replace another connection */
};

/* tlsp_record_init: once for the process, before fork for its children: every
 * SSL that is made in an open gate gets a record and |on_info|
 * (SSL_set_info_callback(3)). False without memory. */
bool tlsp_record_init(void (*on_info)(const SSL *ssl, int where, int ret));

/* tlsp_record_of: the record of |ssl|, NULL if it (or |ssl|) has none. */
struct tlsp_record *tlsp_record_of(const SSL *ssl);

/*
 * tlsp_record_passes: may bytes of this connection pass? True while the
 * handshake is going on under the policy, and once it was accepted.
 */
bool tlsp_record_passes(const SSL *ssl);

/* tlsp_record_refuse_for: |record| is refused for |reasons| (enum tlsp_reason);
 * the caller writes the text of the result, which belongs to the gate. */
struct tlsp_refusal *tlsp_record_refuse_for(
		struct tlsp_record *record, unsigned reasons);

/* tlsp_record_refuse: not for the certificate; |why| is the sentence behind
 * "refused: handshake-failed: ". */
void tlsp_record_refuse(struct tlsp_record *record, const char *why);

#endif
