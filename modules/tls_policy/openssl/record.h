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

#include <stdint.h>

#include <openssl/ssl.h>

#include "evidence.h"
#include "gate.h"

/* How far the SSL of a record has come. */
enum tlsp_stage
{
	TLSP_STAGE_NEW,	  /* not armed: no byte may pass */
	TLSP_STAGE_ARMED, /* in its handshake under the policy */
	TLSP_STAGE_ACCEPTED,
	TLSP_STAGE_REFUSED /* stays so */
};

/* What became of the judgement of a peer. */
enum tlsp_standing
{
	TLSP_STANDING_NOT_JUDGED, /* not yet, or it is left alone */
	TLSP_STANDING_NOT_ASKED,  /* accepted; policy asks for no certificate, or
								 none was ever asked for */
	TLSP_STANDING_ACCEPTED,
	TLSP_STANDING_WOULD_BE_REFUSED /* if its rule were not in testing */
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

/* How far post-handshake authentication has come (TLS 1.3, RFC 8446, 4.6.2). */
enum tlsp_authentication
{
	TLSP_AUTHENTICATION_NONE,
	TLSP_AUTHENTICATION_ASKED, /* CertificateRequest is out */
	TLSP_AUTHENTICATION_DONE   /* the peer's Finished was read; once only */
};

/* As what a peer is accepted. By value. */
struct tlsp_accepted
{
	enum tlsp_match match;
	struct tlsp_host host; /* if match is not NONE */
	bool certificate;	   /* it showed one */
	/* Of its subject and SubjectAltName, if it showed one. */
	struct tlsp_digest subject;
	struct tlsp_digest identity; /* of match and host, as a session has it */
	bool constrained;			 /* its chain carried name constraints */
	bool by_server_auth; /* only accept_server_auth_clients lets it pass */
};

/* Was a peer accepted as a server: one that we connected to, or one that opened
 * the connection and would be one, too? And by which terms? See reverse.h. By
 * value. */
struct tlsp_as_server
{
	bool accepted;
	unsigned char version; /* TLSP_TLS_*, of the connection */
	unsigned generation;   /* of the terms; see tlsp_reverse_is_stale */
	uint64_t trust;		   /* tlsp_gate_client_trust; 0 = another one by now */
	struct tlsp_digest chain, leaf; /* likewise */
};

/* On every guarded SSL, in OpenSSL's memory (which is shared between the
 * processes here); guarded by the lock of the connection. */
struct tlsp_record
{
	SSL *ssl; /* that it hangs on */
	enum tlsp_stage stage;
	enum tlsp_role role;
	unsigned long ruled; /* generation of the rule that was chosen; 0 = none: */
	size_t rule;		 /* its number */
	char rule_name[TLSP_RULE_NAME_OCTETS]; /* of it, at the last judgement */
	enum tlsp_enforcement enforcement;	   /* likewise */
	uint64_t interval_ms; /* likewise: between re-handshakes; 0 = none */
	enum tlsp_standing standing;
	bool unasked;			  /* as server: no certificate was asked for */
	unsigned long armed;	  /* generation of the terms it was armed by */
	unsigned long generation; /* and that of those it was judged by last */
	int64_t armed_s;		  /* when its first handshake began, time(2) */
	int verify_mode;		  /* SSL_VERIFY_*, as armed */
	bool asked;				  /* armed to verify the peer's certificate */
	X509_STORE *anchors;	  /* that verify it, referenced; NULL: those of the
								 context */
	bool judged;			  /* the verify callback accepted the peer, as: */
	struct tlsp_accepted shown;
	struct tlsp_accepted accepted;	 /* after Finished; stays */
	struct tlsp_as_server as_server; /* of the last judgement */
	unsigned long named_as_server; /* generation by which |shown|'s names do for
									  a server, too; 0: not known */
	/* See peer_names.h: of |shown|; of |accepted|, to be taken by the owner. */
	struct tlsp_vouched *vouched_shown, *vouched;
	bool vouched_untaken;
	unsigned versions; /* that may be negotiated, see policy/versions.h */
	int (*security)(const SSL *, const SSL_CTX *, int, int, int, void *,
			void *); /* the security callback that ours asks after itself */
	bool own_identity_named; /* https_*_file_name replace tls.cfg's here */
	bool own_identity_set;	 /* and have done so */
	unsigned reasons;		 /* enum tlsp_reason */
	SSL_CTX *hooked;		 /* the context that has our callbacks */
	bool greeted; /* a ClientHello was read, or ours was made, with: */
	struct tlsp_digest server_name;
	bool named;						 /* there was one, not "" */
	struct tlsp_reference reference; /* as client: as armed, then as judged
										last */
	struct tlsp_digest chain; /* what verifies the peer's: terms, context */
	bool no_tickets;		  /* up to TLS 1.2 */
	enum tlsp_session_tickets tickets; /* of the client, see tickets.h */
	unsigned char found;			   /* of those that it offered */
	SSL_CTX *made_in; /* as server: the context that has them */
	bool bound;		  /* to what verifies in it and in the one that the
							server name chooses: */
	struct tlsp_digest binding;
	bool resumed; /* its chain was verified long ago, by: */
	struct tlsp_evidence evidence;
	enum tlsp_renegotiation renegotiation;
	bool between; /* in a renegotiation: the old certificate is gone */
	enum tlsp_authentication authentication;
	bool peer_declined;	 /* the peer sent no_renegotiation */
	unsigned heard;		 /* steps of TLS 1.3 after a handshake, since: */
	int64_t heard_s;	 /* time(2) */
	unsigned handshakes; /* accepted so far on this SSL */
	void *owner;		 /* of the caller, like the next; not touched here */
	unsigned noticed;	 /* of handshakes */
	bool successor;		 /* opened to replace another connection */
	unsigned withheld;	 /* octets behind req.pos that wait, see
							tlsp_rehandshake_withholds */
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
bool tlsp_record_passes(const struct tlsp_record *record);

/* tlsp_record_refuse_for: |record| is refused for |reasons| (enum tlsp_reason),
 * or would be if its rule were not in testing; the caller writes the text of
 * the result, which belongs to the gate. */
struct tlsp_refusal *tlsp_record_refuse_for(
		struct tlsp_record *record, unsigned reasons);

/* tlsp_record_refused_by_tls: likewise, when TLS itself refuses: in testing
 * too. */
struct tlsp_refusal *tlsp_record_refused_by_tls(
		struct tlsp_record *record, unsigned reasons);

/* tlsp_record_refusal_text: where "refused: " and the reasons of |refusal| go:
 * behind "would be " if it is one in testing. *size: of what is left there. */
char *tlsp_record_refusal_text(struct tlsp_refusal *refusal, size_t *size);

/* tlsp_record_is_enforced: does the policy decide about |record|'s connection?
 * Else it is only judged (testing) or left alone. */
bool tlsp_record_is_enforced(const struct tlsp_record *record);

/* tlsp_record_refuse: not for the certificate; |why| is the sentence behind
 * "refused: handshake-failed: ". _always: in testing too. */
void tlsp_record_refuse(struct tlsp_record *record, const char *why);
void tlsp_record_refuse_always(struct tlsp_record *record, const char *why);

#endif
