/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * certificate - fuzz target: DER certificates (the end entity, then any CAs) ->
 * facts -> verdict, in both roles under every policy that the first octet can
 * say. Held: nothing malformed is accepted, every text is one bounded line of
 * ASCII, and what is accepted by name is that name for OpenSSL's own comparison
 * too, with wildcards and without.
 */
#include "fuzz.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "openssl/certificate/chain_constraints.h"
#include "policy/explain.h"
#include "policy/proxies/proxies.h"

enum
{
	CHAIN_MAX = 8
};

static const char proxy[] = "sip.carrier.example";
static struct tlsp_proxies *proxies;
static struct tlsp_peer_cert peer;

static void make_proxies(void)
{
	struct tlsp_proxies_builder *builder = tlsp_proxies_builder_new();
	struct tlsp_host host;

	fuzz_hold(tlsp_hostname_from_operator(&host, proxy, sizeof(proxy) - 1)
			  == TLSP_HOST_OK);
	fuzz_hold(builder && tlsp_proxies_builder_add(builder, &host));
	proxies = tlsp_proxies_builder_write(
			builder, malloc(tlsp_proxies_builder_octets(builder)));
	tlsp_proxies_builder_free(builder);
}

static STACK_OF(X509) * read_chain(const unsigned char *data, size_t octets)
{
	STACK_OF(X509) *chain = sk_X509_new_null();
	const unsigned char *end = data + octets;

	while(data < end && sk_X509_num(chain) < CHAIN_MAX) {
		X509 *certificate = d2i_X509(NULL, &data, end - data);

		if(!certificate)
			break;
		sk_X509_push(chain, certificate);
	}
	return chain;
}

static void set_policy(struct tlsp_policy *policy, unsigned bits)
{
	tlsp_parameters_defaults(policy);
	policy->sips_require_client_certificate = 1;
	policy->peer_host_name_verification_mode = TLSP_VERIFY_NAMES_BOTH;
	policy->wildcards = bits & 1;
	policy->require_strict_cert = bits >> 1 & 1;
	policy->accept_server_auth_clients = bits >> 2 & 1;
	policy->sip_domain_purpose = (bits >> 3 & 3) % 3;
	policy->sip_uri_identities = bits >> 5 & 1;
	if(bits >> 6 & 1)
		strcpy(policy->tls_remote_subject_name, proxy);
}

/* As the chain of a handshake that verified. */
static void read_peer(STACK_OF(X509) * chain)
{
	struct tlsp_chain_usage *usage = &peer.facts.usage;

	tlsp_peer_cert_read(&peer, sk_X509_value(chain, 0));
	tlsp_peer_cert_set_chain(&peer, X509_V_OK);
	for(int i = 1; i < sk_X509_num(chain); i++)
		tlsp_peer_cert_read_usage(
				&usage->certificates[i], sk_X509_value(chain, i));
	usage->count = (size_t)sk_X509_num(chain);
	usage->complete = true;
	tlsp_chain_constraints_apply(&peer, chain);
}

static bool is_proxy_for_openssl(X509 *certificate, bool wildcards)
{
	static const char absolute[] = "sip.carrier.example.";
	unsigned flags = X509_CHECK_FLAG_ALWAYS_CHECK_SUBJECT
					 | (wildcards ? X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS
								  : X509_CHECK_FLAG_NO_WILDCARDS);

	return X509_check_host(certificate, proxy, 0, flags, NULL) == 1
		   || X509_check_host(certificate, absolute, 0, flags, NULL) == 1;
}

static void judge(const struct tlsp_policy *policy, enum tlsp_role role,
		X509 *certificate)
{
	struct tlsp_verdict verdict;
	char text[4096];

	tlsp_verdict_judge(policy, proxies, role, &peer.facts, &verdict);
	fuzz_hold(verdict.accepted == (verdict.reasons == 0));
	fuzz_hold(!verdict.accepted || !peer.facts.malformed);
	fuzz_hold(!verdict.accepted || verdict.match != TLSP_MATCH_NONE);
	if(verdict.accepted && verdict.match != TLSP_MATCH_SIP_URI)
		fuzz_hold(is_proxy_for_openssl(certificate, policy->wildcards));
	tlsp_explain_verdict(&verdict, &peer.facts, text, sizeof(text));
	fuzz_hold_line(text, sizeof(text));
	for(unsigned bit = 0; bit < 31; bit++)
		if(verdict.reasons & 1U << bit)
			fuzz_hold_line(tlsp_explain_reason((enum tlsp_reason)(1U << bit),
								   &verdict, &peer.facts, text, 1024),
					1024);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t octets)
{
	STACK_OF(X509) * chain;
	struct tlsp_policy policy;

	if(!proxies)
		make_proxies();
	if(octets < 2)
		return 0;
	ERR_clear_error();
	chain = read_chain(data + 1, octets - 1);
	ERR_clear_error();
	if(sk_X509_num(chain) > 0) {
		set_policy(&policy, data[0]);
		read_peer(chain);
		fuzz_hold(ERR_peek_error() == 0); /* SSL_get_error(3) would read it */
		judge(&policy, TLSP_ROLE_SERVER, sk_X509_value(chain, 0));
		judge(&policy, TLSP_ROLE_CLIENT, sk_X509_value(chain, 0));
		tlsp_peer_cert_cleanup(&peer);
	}
	sk_X509_pop_free(chain, X509_free);
	return 0;
}
