/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * evidence - what a TLS session carries about the full handshake that it
 * continues (the application data of a ticket, SSL_CTX_set_session_ticket_cb(3),
 * and of a session that is kept by its id). OpenSSL and policy/ only; any
 * process.
 */
#ifndef TLSP_EVIDENCE_H
#define TLSP_EVIDENCE_H

#include <stdint.h>

#include <openssl/ssl.h>

#include "digest.h"
#include "policy/peer_facts.h"

enum
{
	TLSP_SESSION_LIFETIME_S = 300 /* since the full handshake */
};

struct tlsp_evidence
{
	enum tlsp_role role;
	int64_t verified_s;				/* when that handshake began, time(2) */
	struct tlsp_digest chain;		/* what its chain was verified by */
	bool named;						/* a name was judged: */
	struct tlsp_digest identity;	/* as which the peer was accepted */
	bool constrained;				/* its chain carried name constraints */
	struct tlsp_digest server_name; /* that was asked for */
};

/* tlsp_evidence_put: |evidence| into |session|. False without memory. */
bool tlsp_evidence_put(
		SSL_SESSION *session, const struct tlsp_evidence *evidence);

/* tlsp_evidence_get: what |session| carries; false if that is nothing of ours.
 * |session| may be NULL. */
bool tlsp_evidence_get(SSL_SESSION *session, struct tlsp_evidence *out);

#endif
