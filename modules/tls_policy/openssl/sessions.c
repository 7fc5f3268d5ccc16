/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sessions - see sessions.h.
 */
#include "sessions.h"

#include <string.h>

#include <openssl/evp.h>

/* OpenSSL looks a TLS 1.2 session up before the SNI callback changes the
 * context, so the server name is part of what binds. */
bool tlsp_sessions_bind(SSL *ssl, const struct tlsp_record *record)
{
	unsigned char octets[TLSP_DIGEST_OCTETS + 512];
	unsigned char context[TLSP_DIGEST_OCTETS];
	const unsigned char *sni = NULL;
	size_t sni_octets = 0;

	memcpy(octets, record->session_context, TLSP_DIGEST_OCTETS);
	if(!SSL_client_hello_get0_ext(
			   ssl, TLSEXT_TYPE_server_name, &sni, &sni_octets))
		sni_octets = 0;
	if(sni_octets > sizeof(octets) - TLSP_DIGEST_OCTETS)
		return false;
	if(sni_octets > 0)
		memcpy(octets + TLSP_DIGEST_OCTETS, sni, sni_octets);
	return EVP_Digest(octets, TLSP_DIGEST_OCTETS + sni_octets, context, NULL,
				   EVP_sha256(), NULL)
		   && SSL_set_session_id_context(ssl, context, sizeof(context));
}

/* What was judged for one peer does not hold for another: with bind_to_peer a
 * session resumes only from the address that it was made with. */
static bool add_address(unsigned char digest[TLSP_DIGEST_OCTETS])
{
	unsigned char both[TLSP_DIGEST_OCTETS + 16];
	struct tlsp_host address;

	if(!tlsp_gate_peer_address(&address))
		return true;
	memcpy(both, digest, TLSP_DIGEST_OCTETS);
	memcpy(both + TLSP_DIGEST_OCTETS, address.address, address.octets);
	return EVP_Digest(both, TLSP_DIGEST_OCTETS + address.octets, digest, NULL,
			EVP_sha256(), NULL);
}

bool tlsp_sessions_prepare(
		SSL *ssl, struct tlsp_record *record, const struct tlsp_terms *terms)
{
	SSL_CTX *ctx = SSL_get_SSL_CTX(ssl);
	unsigned char both[2 * TLSP_DIGEST_OCTETS];

	if(record->role != TLSP_ROLE_SERVER)
		return !terms->policy->bind_to_peer || SSL_set_session(ssl, NULL);
	if(SSL_CTX_get_timeout(ctx) > TLSP_SESSION_LIFETIME_S)
		SSL_CTX_set_timeout(ctx, TLSP_SESSION_LIFETIME_S);
	memcpy(both, terms->digest, TLSP_DIGEST_OCTETS);
	return tlsp_tls_context_digest(ctx, both + TLSP_DIGEST_OCTETS)
		   && EVP_Digest(both, sizeof(both), record->session_context, NULL,
				   EVP_sha256(), NULL)
		   && (!terms->policy->bind_to_peer
				   || add_address(record->session_context));
}
