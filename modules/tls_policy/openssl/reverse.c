/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reverse - see reverse.h. A verification of its own beside that of the
 * handshake: the purpose, the trust anchors and the names are other ones.
 */
#include "reverse.h"

#include <string.h>

#include <openssl/err.h>

#include "openssl/certificate/peer_chain.h"
#include "own_identity.h"
#include "policy/names/names.h"
#include "policy/verdict.h"
#include "rule.h"

static struct tlsp_peer_cert peer;		/* scratch of this process */
static const struct tlsp_terms *judged; /* while it verifies */

/* Nobody asked for a server name: the address is all that we would dial. */
static void read_connection(void)
{
	struct tlsp_host address;
	bool known;

	if(!judged->policy->bind_to_peer)
		return;
	known = tlsp_gate_peer_address(&address);
	tlsp_names_set_connection(
			&peer.facts, TLSP_ROLE_CLIENT, NULL, known ? &address : NULL);
}

static int on_verify(int ok, X509_STORE_CTX *store)
{
	struct tlsp_verdict verdict;

	if(tlsp_peer_chain_goes_on(ok, store, judged->policy, TLSP_ROLE_CLIENT))
		return 1;
	if(!ok)
		return 0;
	tlsp_peer_cert_read(&peer, X509_STORE_CTX_get0_cert(store));
	tlsp_peer_chain_read(&peer, true, store, TLSP_ROLE_CLIENT);
	read_connection();
	tlsp_verdict_judge(judged->policy, judged->proxies, TLSP_ROLE_CLIENT,
			&peer.facts, &verdict);
	tlsp_peer_cert_cleanup(&peer);
	return verdict.accepted;
}

/* As OpenSSL verifies the chain of a server in |context|. */
static bool verify(SSL *ssl, X509 *certificate, SSL_CTX *context)
{
	X509_STORE *anchors = tlsp_own_identity_anchors(context, judged);
	X509_STORE_CTX *store = X509_STORE_CTX_new();
	bool verified = false;

	if(store && anchors
			&& X509_STORE_CTX_init(
					store, anchors, certificate, SSL_get_peer_cert_chain(ssl))
			&& X509_STORE_CTX_set_default(store, "ssl_server")) {
		X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(store);

		X509_VERIFY_PARAM_set_auth_level(
				param, SSL_CTX_get_security_level(context));
		X509_STORE_CTX_set_verify_cb(store, on_verify);
		verified = X509_VERIFY_PARAM_set1(param, SSL_CTX_get0_param(context))
				   && X509_verify_cert(store) == 1;
	}
	X509_STORE_CTX_free(store);
	return verified;
}

void tlsp_reverse_judge(SSL *ssl, struct tlsp_record *record)
{
	const struct tlsp_terms *terms = tlsp_rule_terms_of_server();
	X509 *certificate = SSL_get0_peer_certificate(ssl);

	memset(&record->reverse, 0, sizeof(record->reverse));
	if(!terms)
		return;
	record->reverse.chain = terms->chain;
	record->reverse.leaf = terms->leaf;
	if(record->role != TLSP_ROLE_SERVER || !certificate
			|| !SSL_get_peer_cert_chain(ssl)
			|| !tlsp_verdict_asks_certificate(terms->policy, TLSP_ROLE_CLIENT))
		return;
	judged = terms;
	ERR_set_mark();
	record->reverse.accepted =
			verify(ssl, certificate, tlsp_gate_context_as_client(ssl));
	ERR_pop_to_mark();
	judged = NULL;
}

bool tlsp_reverse_holds(
		const struct tlsp_reverse *reverse, const struct tlsp_terms *terms)
{
	return reverse->accepted
		   && tlsp_digest_equal(&reverse->chain, &terms->chain)
		   && tlsp_digest_equal(&reverse->leaf, &terms->leaf);
}
