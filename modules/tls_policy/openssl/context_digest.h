/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * context_digest - what a TLS context (a TLS domain in one process) trusts and
 * presents, as one digest. Owns an ex_data slot of SSL_CTX. OpenSSL only; any
 * process.
 */
#ifndef TLSP_CONTEXT_DIGEST_H
#define TLSP_CONTEXT_DIGEST_H

#include <stdbool.h>

#include <openssl/ssl.h>

enum
{
	TLSP_DIGEST_OCTETS = 32 /* SHA-256; also the longest session id context,
							   SSL_set_session_id_context(3) */
};

/* tlsp_context_digest_init: once for the process, before fork for its
 * children. False without memory. */
bool tlsp_context_digest_init(void);

/* tlsp_context_digest: SHA-256 over trust anchors, CRLs, own certificate and
 * verification of |ctx|; computed at the first call for each context and kept
 * with it. False without memory. */
bool tlsp_context_digest(SSL_CTX *ctx, unsigned char out[TLSP_DIGEST_OCTETS]);

/* tlsp_context_has_trust_anchors: did |ctx| load any CA certificate? (A
 * directory of hashed CAs is read when needed and does not count.) */
bool tlsp_context_has_trust_anchors(SSL_CTX *ctx);

#endif
