/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * own_identity - what own_files read, onto one SSL: our certificate and the
 * trust anchors for its peer, instead of those of the TLS domain. Keeps the
 * objects of each block of files for the process, and their stores of trust
 * anchors for each context. OpenSSL and policy/ only; any process that does
 * TLS, under the lock of the SSL.
 */
#ifndef TLSP_OWN_IDENTITY_H
#define TLSP_OWN_IDENTITY_H

#include "record.h"

/* tlsp_own_identity_init: once for the process, before fork for its children.
 * False without memory. */
bool tlsp_own_identity_init(void);

/*
 * tlsp_own_identity_arm: before a handshake of |ssl| under |terms|. As
 * client everything is set here; as server when the certificate is chosen
 * (SSL_set_cert_cb(3)), because a TLS domain chosen by server name takes over
 * the SSL before. False if it cannot be done.
 */
bool tlsp_own_identity_arm(
		SSL *ssl, struct tlsp_record *record, const struct tlsp_terms *terms);

/* tlsp_own_identity_prepare: as server, in the ClientHello callback, when the
 * server name is about to choose |context|. */
void tlsp_own_identity_prepare(
		const struct tlsp_record *record, SSL_CTX *context);

/* tlsp_own_identity_missed: did |record|'s full handshake go by without what
 * tlsp_own_identity_arm wanted? */
bool tlsp_own_identity_missed(const struct tlsp_record *record);

/* tlsp_own_identity_anchors: what verifies a peer under |terms| in |ctx|:
 * the named file's trust anchors with the CRLs of |ctx|, or the store of
 * |ctx|. Borrowed; NULL without memory. */
X509_STORE *tlsp_own_identity_anchors(
		SSL_CTX *ctx, const struct tlsp_terms *terms);

#endif
