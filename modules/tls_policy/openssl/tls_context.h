/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tls_context - a TLS context (a TLS domain in one process): what it trusts and
 * presents, as one digest, and whether a policy can be carried out in it. Owns
 * an ex_data slot of SSL_CTX. OpenSSL and policy/ only; any process.
 */
#ifndef TLSP_TLS_CONTEXT_H
#define TLSP_TLS_CONTEXT_H

#include <stdbool.h>

#include <openssl/ssl.h>

#include "digest.h"
#include "policy/expiry/certificate.h"
#include "policy/parameters.h"
#include "policy/verdict.h"

/* tlsp_tls_context_init: once for the process, before fork for its
 * children. False without memory. */
bool tlsp_tls_context_init(void);

/* tlsp_tls_context_digest: SHA-256 over trust anchors, CRLs, own certificate
 * and verification of |ctx|; computed at the first call for each context and
 * kept with it. Where a directory of hashed CAs and CRLs is read when needed
 * nobody knows what is trusted: another digest at each call, equal to none.
 * False without memory. */
bool tlsp_tls_context_digest(SSL_CTX *ctx, struct tlsp_digest *out);

/* tlsp_tls_context_digest_sessions: likewise over that and what is negotiated
 * in |ctx|: ciphers, security level. A session goes on with its cipher (up to
 * TLS 1.2) though it may not be permitted any more. */
bool tlsp_tls_context_digest_sessions(SSL_CTX *ctx, struct tlsp_digest *out);

/* tlsp_tls_context_digest_trust: likewise over trust anchors, CRLs, depth, flags
 * and security level alone, whatever it is used for; computed at each call. */
bool tlsp_tls_context_digest_trust(SSL_CTX *ctx, struct tlsp_digest *out);

/* tlsp_tls_context_mark_directory: |ctx| reads such a directory. False without
 * memory. */
bool tlsp_tls_context_mark_directory(SSL_CTX *ctx);

/* tlsp_tls_context_prepare: |ctx|, of this process, gets the certificates that
 * OpenSSL sends along with ours, which it would otherwise look for, and verify,
 * in each handshake; they are the same (SSL_CTX_build_cert_chain(3)). Once for
 * each context; SSLs that are made already have a copy of what it was. Left
 * alone is what is configured, and where another time may find others: a
 * directory of CAs, or two CAs of one name. */
void tlsp_tls_context_prepare(SSL_CTX *ctx);

/* tlsp_tls_context_digest_anchors: SHA-256 over the CA certificates that |ctx|
 * loaded, in whatever order; computed at each call. False without memory. */
bool tlsp_tls_context_digest_anchors(
		SSL_CTX *ctx, unsigned char out[TLSP_DIGEST_OCTETS]);

/* tlsp_tls_context_has_trust_anchors: did |ctx| load any CA certificate? (A
 * directory of hashed CAs is read when needed and does not count.) */
bool tlsp_tls_context_has_trust_anchors(SSL_CTX *ctx);

/* tlsp_tls_context_each calls |visit| for the certificate that |ctx| shows, for
 * those that are configured to go with it (OWN), and for its trust anchors
 * (ANCHOR). */
void tlsp_tls_context_each(SSL_CTX *ctx,
		void (*visit)(
				void *user, enum tlsp_certificate_kind kind, X509 *certificate),
		void *user);

/*
 * tlsp_tls_context_check: can |policy| be carried out in |ctx|, the
 * context of the TLS domain that |domain| names, when we act as |role|?
 * |ca_directory|: it has one. If not, false and one sentence in |error|.
 */
bool tlsp_tls_context_check(const struct tlsp_policy *policy, SSL_CTX *ctx,
		enum tlsp_role role, bool ca_directory, const char *domain, char *error,
		size_t error_size);

#endif
