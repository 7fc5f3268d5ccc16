/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reverse - see reverse.h. A verification of its own beside that of the
 * handshake: the purpose, the trust anchors and the names are other ones.
 */
#include "reverse.h"

#include <string.h>
#include <time.h>

#include <openssl/err.h>

#include "openssl/certificate/peer_chain.h"
#include "own_identity.h"
#include "policy/names/names.h"
#include "policy/verdict.h"
#include "policy/versions.h"
#include "rule.h"

enum
{
	FRESH_S = 60 /* in which a date that was just compared stays so */
};

static struct tlsp_peer_cert peer; /* scratch of this process */

/* While it verifies: the terms, and whether its names are known to be accepted
 * by them; the chain whose signatures the handshake has verified (NULL: it did
 * not), and whether that was just now; and OpenSSL's own verification of
 * them. */
static const struct tlsp_terms *judged;
static bool named, fresh;
static STACK_OF(X509) * shown;
static X509_STORE_CTX_verify_fn verify_signatures;

static bool judge(X509_STORE_CTX *store)
{
	struct tlsp_verdict verdict;

	tlsp_peer_cert_read(&peer, X509_STORE_CTX_get0_cert(store));
	tlsp_peer_chain_read(&peer, true, store, TLSP_ROLE_CLIENT);
	/* Nobody asked for a server name: the host that the rule expects, or the
	 * address is all that we would dial. */
	tlsp_gate_names_connection(
			&peer.facts, judged->policy, TLSP_ROLE_CLIENT, NULL);
	tlsp_verdict_judge(judged->policy, judged->proxies, TLSP_ROLE_CLIENT,
			&peer.facts, &verdict);
	tlsp_peer_cert_cleanup(&peer);
	return verdict.accepted;
}

static bool is_shown(STACK_OF(X509) * chain)
{
	int count = sk_X509_num(chain);

	if(count < 2 || sk_X509_num(shown) != count)
		return false;
	for(int i = 0; i < count; i++)
		if(X509_cmp(sk_X509_value(chain, i), sk_X509_value(shown, i)) != 0)
			return false;
	return true;
}

/* In another chain, other CAs say which names it may have. */
static int on_verify(int ok, X509_STORE_CTX *store)
{
	if(tlsp_peer_chain_goes_on(ok, store, judged->policy, TLSP_ROLE_CLIENT))
		return 1;
	return ok
		   && ((named && is_shown(X509_STORE_CTX_get0_chain(store)))
				   || judge(store));
}

static bool is_of_now(X509_STORE_CTX *store, STACK_OF(X509) * chain)
{
	for(int i = 0; i < sk_X509_num(chain); i++) {
		const X509 *certificate = sk_X509_value(chain, i);

		if(X509_cmp_timeframe(X509_STORE_CTX_get0_param(store),
				   X509_get0_notBefore(certificate),
				   X509_get0_notAfter(certificate))
				!= 0)
			return false;
	}
	return true;
}

/* Flags by which OpenSSL verifies signatures or dates in a way of its own. */
#define OTHERWISE                                               \
	(X509_V_FLAG_CHECK_SS_SIGNATURE | X509_V_FLAG_PARTIAL_CHAIN \
			| X509_V_FLAG_USE_CHECK_TIME)

/* X509_STORE_CTX_set_verify(3): the last step, when the chain is built and each
 * of its certificates may be what it is there. A signature that this SSL's own
 * handshake has verified is not verified again: it would be most of the cost. */
static int verify_new_signatures(X509_STORE_CTX *store)
{
	STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(store);
	unsigned long flags =
			X509_VERIFY_PARAM_get_flags(X509_STORE_CTX_get0_param(store));

	if((flags & OTHERWISE) || !is_shown(chain)
			|| !(fresh || is_of_now(store, chain)))
		return verify_signatures(store);
	X509_STORE_CTX_set_error_depth(store, 0);
	X509_STORE_CTX_set_current_cert(store, sk_X509_value(chain, 0));
	return on_verify(1, store);
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
		verify_signatures = X509_STORE_CTX_get_verify(store);
		X509_STORE_CTX_set_verify(store, verify_new_signatures);
		X509_STORE_CTX_set_verify_cb(store, on_verify);
		verified = X509_VERIFY_PARAM_set1(param, SSL_CTX_get0_param(context))
				   && X509_verify_cert(store) == 1;
	}
	X509_STORE_CTX_free(store);
	return verified;
}

static bool asks(const struct tlsp_terms *terms)
{
	return tlsp_verdict_asks_certificate(terms->policy, TLSP_ROLE_CLIENT);
}

void tlsp_reverse_note_names(
		struct tlsp_record *record, const struct tlsp_peer_facts *facts)
{
	const struct tlsp_terms *of_server = tlsp_rule_terms_of_server();
	struct tlsp_verdict verdict;

	record->named_as_server = 0;
	if(record->role != TLSP_ROLE_SERVER || !of_server || !asks(of_server)
			|| tlsp_names_bound(of_server->policy, TLSP_ROLE_CLIENT))
		return; /* bound, it depends on whom we would dial, too */
	tlsp_verdict_judge(of_server->policy, of_server->proxies, TLSP_ROLE_CLIENT,
			facts, &verdict);
	if(verdict.accepted)
		record->named_as_server = of_server->generation;
}

/* What is put on the side here is for |ssl| and |record|. */
static void begin(SSL *ssl, const struct tlsp_record *record,
		const struct tlsp_terms *terms)
{
	int64_t age_s = (int64_t)time(NULL) - record->armed_s;

	judged = terms;
	named = record->named_as_server == terms->generation;
	fresh = age_s >= 0 && age_s <= FRESH_S;
	shown = SSL_get_verify_result(ssl) == X509_V_OK
					? SSL_get0_verified_chain(ssl)
					: NULL;
}

static bool judge_client(
		SSL *ssl, struct tlsp_record *record, const struct tlsp_terms *terms)
{
	X509 *certificate = SSL_get0_peer_certificate(ssl);
	bool accepted;

	if(!certificate || !SSL_get_peer_cert_chain(ssl))
		return false;
	begin(ssl, record, terms);
	ERR_set_mark();
	accepted = verify(ssl, certificate, tlsp_gate_context_as_client(ssl));
	ERR_pop_to_mark();
	judged = NULL;
	return accepted;
}

/* As client the handshake has judged; if tls.cfg was loaded meanwhile, by which of
 * both nobody knows. |again|: by that of now, unless there is a newer one by the
 * end of the judgement. */
static uint64_t trust_of(SSL *ssl, const struct tlsp_record *record, bool again)
{
	uint64_t trust = tlsp_gate_client_trust(record->role);

	if(record->role == TLSP_ROLE_CLIENT && !again && tlsp_gate_changed(ssl))
		return 0;
	return tlsp_gate_trust_moved(record->role) ? 0 : trust;
}

void tlsp_reverse_judge(SSL *ssl, struct tlsp_record *record, bool again)
{
	bool we_serve = record->role == TLSP_ROLE_SERVER;
	const struct tlsp_terms *terms =
			we_serve ? tlsp_rule_terms_of_server() : tlsp_rule_terms(record);
	struct tlsp_as_server *out = &record->as_server;

	memset(out, 0, sizeof(*out));
	if(!terms)
		return;
	out->generation = (unsigned)terms->generation;
	out->chain = terms->chain;
	out->leaf = terms->leaf;
	out->version = (unsigned char)tlsp_versions_of_wire(SSL_version(ssl));
	if(asks(terms))
		out->accepted = we_serve ? judge_client(ssl, record, terms)
								 : record->standing == TLSP_STANDING_ACCEPTED;
	out->trust = trust_of(ssl, record, again);
}

bool tlsp_reverse_holds(const struct tlsp_as_server *as_server,
		const struct tlsp_terms *terms, uint64_t trust)
{
	return as_server->accepted && trust != 0 && as_server->trust == trust
		   && (tlsp_versions_from_parameter(terms->policy->tls_version)
				   & as_server->version)
		   && tlsp_digest_equal(&as_server->chain, &terms->chain)
		   && tlsp_digest_equal(&as_server->leaf, &terms->leaf);
}

bool tlsp_reverse_is_stale(const struct tlsp_as_server *as_server,
		const struct tlsp_terms *terms, uint64_t trust)
{
	return as_server->generation != (unsigned)terms->generation
		   || as_server->trust != trust;
}
