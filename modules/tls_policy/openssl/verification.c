/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verification - see verification.h.
 */
#include "verification.h"

#include "policy/verdict.h"

static SSL_verify_cb judge; /* of this process */

void tlsp_verification_init(SSL_verify_cb on_verify)
{
	judge = on_verify;
}

void tlsp_verification_trust(
		SSL *ssl, struct tlsp_record *record, X509_STORE *anchors)
{
	X509_STORE_up_ref(anchors);
	X509_STORE_free(record->anchors);
	record->anchors = anchors;
	SSL_set1_verify_cert_store(ssl, anchors);
}

static void keep_anchors(SSL *ssl, const struct tlsp_record *record)
{
	X509_STORE *set = NULL;

	if(!record->anchors)
		return;
	SSL_get0_verify_cert_store(ssl, &set);
	if(set != record->anchors)
		SSL_set1_verify_cert_store(ssl, record->anchors);
}

void tlsp_verification_keep(SSL *ssl, const struct tlsp_record *record)
{
	int mode = SSL_get_verify_mode(ssl);

	keep_anchors(ssl, record);
	if(record->asked
			&& ((mode & record->verify_mode) != record->verify_mode
					|| SSL_get_verify_callback(ssl) != judge))
		SSL_set_verify(ssl, mode | record->verify_mode, judge);
}

/* SSL_set_verify(3). Whom nobody asked for but the policy; a server name may
 * choose a context that verifies after this was set. */
static int take_any(int ok, X509_STORE_CTX *store)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(
			store, SSL_get_ex_data_X509_STORE_CTX_idx());

	return SSL_CTX_get_verify_mode(SSL_get_SSL_CTX(ssl)) == SSL_VERIFY_NONE
				   ? 1
				   : ok;
}

void tlsp_verification_request(SSL *ssl)
{
	if(SSL_is_server(ssl) && SSL_get_verify_mode(ssl) == SSL_VERIFY_NONE)
		SSL_set_verify(ssl, SSL_VERIFY_PEER, take_any);
}

void tlsp_verification_ask(
		SSL *ssl, struct tlsp_record *record, const struct tlsp_policy *policy)
{
	record->asked = tlsp_verdict_asks_certificate(policy, record->role);
	if(!record->asked)
		return;
	record->verify_mode = SSL_VERIFY_PEER;
	if(tlsp_verdict_requires_certificate(policy, record->role))
		record->verify_mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
	tlsp_verification_keep(ssl, record);
}

/* A context that asks a client once only (SSL_set_verify(3)) would keep a
 * re-handshake from asking again. */
void tlsp_verification_ask_again(
		SSL *ssl, struct tlsp_record *record, const struct tlsp_policy *policy)
{
	int mode = SSL_get_verify_mode(ssl);

	if(mode & SSL_VERIFY_CLIENT_ONCE)
		SSL_set_verify(ssl, mode & ~SSL_VERIFY_CLIENT_ONCE,
				SSL_get_verify_callback(ssl));
	tlsp_verification_ask(ssl, record, policy);
}
