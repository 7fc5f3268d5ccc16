/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sessions - which TLS sessions may be resumed on one SSL: those whose evidence
 * (evidence.h) holds now. OpenSSL and policy/ only; any process that does TLS,
 * under the lock of the SSL.
 *
 * A ticket is decrypted, asked about here, and taken or passed over, so that a
 * full handshake follows; so is a session of the shared cache (tickets.h). One
 * that the tls module keeps by its id is never asked about: its session id
 * context holds all that must not change, and its lifetime is bounded.
 */
#ifndef TLSP_SESSIONS_H
#define TLSP_SESSIONS_H

#include "record.h"

/*
 * tlsp_sessions_init: |judge_leaf| judges |leaf| (NULL: none was shown) by the
 * terms of now, and leaves in record->shown as what. With |evidence|, which
 * vouches for the chain: is the peer accepted as the same one? Without, of a
 * full handshake that asked for no verification: is it accepted? False without
 * memory.
 */
bool tlsp_sessions_init(bool (*judge_leaf)(struct tlsp_record *record,
		X509 *leaf, const struct tlsp_evidence *evidence));

/* tlsp_sessions_arm: before the first handshake of |ssl|: as client no session
 * is offered whose evidence does not hold. False without memory. */
bool tlsp_sessions_arm(
		SSL *ssl, struct tlsp_record *record, const struct tlsp_terms *terms);

/* tlsp_sessions_begin: likewise, where the policy does not decide: nothing is
 * set on |ssl|. */
bool tlsp_sessions_begin(
		SSL *ssl, struct tlsp_record *record, const struct tlsp_terms *terms);

/* tlsp_sessions_bind: as server, in the ClientHello callback, when the server
 * name (record->server_name) is known: |context| is the one that the handshake
 * goes on in. False without memory. */
bool tlsp_sessions_bind(SSL *ssl, struct tlsp_record *record, SSL_CTX *context,
		const struct tlsp_terms *terms);

/* tlsp_sessions_chain: what verifies a peer's chain under |terms| in |context|.
 * False without memory. */
bool tlsp_sessions_chain(struct tlsp_digest *out, SSL_CTX *context,
		const struct tlsp_terms *terms);

/* tlsp_sessions_chain_holds: is |chain| what verifies the chain of |ssl|'s peer
 * now, under |terms| and tlsp_gate_context_now? False without memory. */
bool tlsp_sessions_chain_holds(const struct tlsp_digest *chain, SSL *ssl,
		const struct tlsp_terms *terms);

/*
 * tlsp_sessions_hold: does |evidence| hold for |record|'s connection, where
 * |chain| verifies peers now? The end entity is not looked at.
 */
bool tlsp_sessions_hold(const struct tlsp_record *record,
		const struct tlsp_evidence *evidence, const struct tlsp_digest *chain);

/* tlsp_sessions_note: |ssl| was accepted: its session carries the evidence.
 * False without memory. */
bool tlsp_sessions_note(SSL *ssl, struct tlsp_record *record);

#endif
