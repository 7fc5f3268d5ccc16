/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verification - what is asked of the peer of one SSL: a certificate, whether
 * it must come, and who judges it; laid over what the TLS domain asks, never
 * loosened. OpenSSL and policy/ only; any process that does TLS, under the lock
 * of the SSL.
 */
#ifndef TLSP_VERIFICATION_H
#define TLSP_VERIFICATION_H

#include "record.h"

/* tlsp_verification_init: |on_verify| (SSL_set_verify(3)) judges the peers of
 * this process. */
void tlsp_verification_init(SSL_verify_cb on_verify);

/* tlsp_verification_ask: what |policy| asks of the peer, before the first
 * handshake. */
void tlsp_verification_ask(
		SSL *ssl, struct tlsp_record *record, const struct tlsp_policy *policy);

/* tlsp_verification_request: in testing, before and after each step: a peer of
 * whom nothing is asked is asked for a certificate, and whatever it answers is
 * taken. What the TLS domain asks stays as it is. */
void tlsp_verification_request(SSL *ssl);

/* tlsp_verification_keep: after a step of a handshake. The tls module's SNI
 * callback takes the verification and the trust anchors of the context that it
 * changes to; ours are laid over them again. */
void tlsp_verification_keep(SSL *ssl, const struct tlsp_record *record);

/* tlsp_verification_trust: what the peer of |ssl| shows from now on is verified
 * by |anchors| (a reference is taken), whatever context the SSL changes to. */
void tlsp_verification_trust(
		SSL *ssl, struct tlsp_record *record, X509_STORE *anchors);

/* tlsp_verification_ask_again: what |policy| asks of the peer of an established
 * |ssl|, for a certificate that is to be shown once more. */
void tlsp_verification_ask_again(
		SSL *ssl, struct tlsp_record *record, const struct tlsp_policy *policy);

#endif
