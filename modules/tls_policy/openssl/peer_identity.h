/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer_identity - as what a peer is accepted, and that it stays so: on one
 * connection, and over the sessions that continue it. OpenSSL and policy/ only;
 * any process.
 */
#ifndef TLSP_PEER_IDENTITY_H
#define TLSP_PEER_IDENTITY_H

#include "openssl/certificate/peer_cert.h"
#include "policy/outcome.h"
#include "record.h"

/* tlsp_peer_identity_read: |verdict| accepts a peer that shows |certificate|
 * (NULL: none), with |facts|: as what? False without memory. */
bool tlsp_peer_identity_read(struct tlsp_accepted *out,
		const struct tlsp_verdict *verdict, const struct tlsp_peer_facts *facts,
		X509 *certificate);

/*
 * tlsp_peer_identity_keep: the peer of |facts| was |accepted| on this connection
 * before. A name stays that name, whatever else the certificate holds.
 */
void tlsp_peer_identity_keep(
		struct tlsp_peer_facts *facts, const struct tlsp_accepted *accepted);

/* tlsp_peer_identity_is_same: is what is |shown| now the peer that was
 * |accepted| before? Where no name was judged, subject and SubjectAltName tell;
 * whoever showed nothing may begin to show something. */
bool tlsp_peer_identity_is_same(const struct tlsp_accepted *accepted,
		const struct tlsp_accepted *shown);

/*
 * tlsp_peer_identity_find: which of the names of |facts| is |identity|, as a
 * session carries it? Then it is kept as above, and true.
 */
bool tlsp_peer_identity_find(
		struct tlsp_peer_facts *facts, const struct tlsp_digest *identity);

#endif
