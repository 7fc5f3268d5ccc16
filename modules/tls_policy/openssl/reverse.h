/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reverse - was a peer accepted as a server? One that opened the connection:
 * would it be, too? Only then does the connection carry our requests to it (RFC
 * 5923). OpenSSL and policy/ only; any process that does TLS, under the lock of
 * the SSL. Nothing here logs or blocks.
 */
#ifndef TLSP_REVERSE_H
#define TLSP_REVERSE_H

#include "record.h"

/*
 * tlsp_reverse_judge: into |record|->as_server, when the peer was accepted, or
 * nobody is refused, in an open gate; |again|: not in its handshake, but by what
 * is in force now. As client that is the judgement itself,
 * if anything was asked. As server: by its chain, the trust anchors of the TLS
 * domain that we would be client in, and the terms for a server at its address.
 * Of a resumed session there is no chain, so no. Where nothing is asked of
 * servers, or bind_to_peer asks for a name, that is for whoever reads the
 * result to know.
 */
void tlsp_reverse_judge(SSL *ssl, struct tlsp_record *record, bool again);

/* tlsp_reverse_note_names: in a verification that OpenSSL is about to end well:
 * would the names and usages in |facts| be accepted from a server, too? So they
 * are read once for both, if the same terms are in force at the end. */
void tlsp_reverse_note_names(
		struct tlsp_record *record, const struct tlsp_peer_facts *facts);

/* tlsp_reverse_holds: was the peer judged by |terms|, whatever their
 * generation, and by the |trust| of now (tlsp_gate_client_trust), and accepted as
 * a server, in a version that they permit? */
bool tlsp_reverse_holds(const struct tlsp_as_server *as_server,
		const struct tlsp_terms *terms, uint64_t trust);

/* tlsp_reverse_is_stale: was it judged by another generation than that of
 * |terms|, or by another |trust|? */
bool tlsp_reverse_is_stale(const struct tlsp_as_server *as_server,
		const struct tlsp_terms *terms, uint64_t trust);

#endif
