/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verdict - see verdict.h.
 */
#include "verdict.h"

#include <stdio.h>
#include <string.h>

#include "cert_usage.h"
#include "policy/names/identity.h"
#include "policy/names/names.h"

bool tlsp_verdict_names_judged(
		const struct tlsp_policy *policy, enum tlsp_role role)
{
	int mode = policy->peer_host_name_verification_mode;

	return mode == TLSP_VERIFY_NAMES_BOTH
		   || mode
					  == (role == TLSP_ROLE_SERVER ? TLSP_VERIFY_NAMES_SERVER
												   : TLSP_VERIFY_NAMES_CLIENT);
}

bool tlsp_verdict_asks_certificate(
		const struct tlsp_policy *policy, enum tlsp_role role)
{
	return tlsp_verdict_names_judged(policy, role)
		   || (role == TLSP_ROLE_SERVER
						   ? policy->sips_require_client_certificate
						   : policy->verify_server_certificate);
}

bool tlsp_verdict_requires_certificate(
		const struct tlsp_policy *policy, enum tlsp_role role)
{
	return role == TLSP_ROLE_SERVER
				   ? policy->sips_require_client_certificate
				   : tlsp_verdict_asks_certificate(policy, role);
}

static unsigned chain_reason(enum tlsp_chain chain)
{
	switch(chain) {
		case TLSP_CHAIN_VERIFIED:
			return 0;
		case TLSP_CHAIN_NOT_CHECKED:
			return TLSP_REASON_NOT_VERIFIED;
		case TLSP_CHAIN_EXPIRED:
			return TLSP_REASON_EXPIRED;
		case TLSP_CHAIN_NOT_YET_VALID:
			return TLSP_REASON_NOT_YET_VALID;
		case TLSP_CHAIN_REVOKED:
			return TLSP_REASON_REVOKED;
		case TLSP_CHAIN_REVOCATION_UNKNOWN:
			return TLSP_REASON_REVOCATION_UNKNOWN;
		case TLSP_CHAIN_NOT_TRUSTED:
			break;
	}
	return TLSP_REASON_NOT_TRUSTED;
}

/* Of a chain that did not verify only the end entity is known. */
static void note_setting(const struct tlsp_policy *policy, enum tlsp_role role,
		const struct tlsp_chain_usage *usage, struct tlsp_verdict *out)
{
	size_t count = usage->complete ? usage->count : 1;

	if(count > TLSP_CHAIN_MAX)
		count = TLSP_CHAIN_MAX;
	for(size_t i = 0; i < count; i++) {
		unsigned purposes = usage->certificates[i].purposes; /* 0: none */
		const char *setting = tlsp_cert_usage_setting(policy, role, purposes);

		if(setting && tlsp_cert_usage_is_server_auth(setting))
			out->by_server_auth = true;
		if(!out->by_setting) {
			out->by_setting = setting;
			out->by_setting_depth = i;
		}
	}
}

static unsigned judge_usage(const struct tlsp_policy *policy,
		enum tlsp_role role, const struct tlsp_peer_facts *facts,
		struct tlsp_verdict *out)
{
	unsigned reasons = 0;

	note_setting(policy, role, &facts->usage, out);
	tlsp_cert_usage_judge(policy, role, &facts->usage, &out->usage);
	if(out->usage.unknown && facts->chain == TLSP_CHAIN_VERIFIED)
		reasons |= TLSP_REASON_CHAIN_UNKNOWN;
	if(out->usage.all & TLSP_FAULTS_KEY_USAGE)
		reasons |= TLSP_REASON_KEY_USAGE;
	if(out->usage.all & TLSP_FAULTS_PURPOSES)
		reasons |= TLSP_REASON_EXTENDED_KEY_USAGE;
	if(out->usage.all & TLSP_FAULTS_CONSTRAINTS)
		reasons |= TLSP_REASON_BASIC_CONSTRAINTS;
	return reasons;
}

void tlsp_verdict_judge(const struct tlsp_policy *policy,
		const struct tlsp_proxies *proxies, enum tlsp_role role,
		const struct tlsp_peer_facts *facts, struct tlsp_verdict *out)
{
	memset(out, 0, sizeof(*out));
	if(!tlsp_verdict_asks_certificate(policy, role)) {
		out->accepted = true;
		return;
	}
	if(!facts->certificate_presented) {
		if(tlsp_verdict_requires_certificate(policy, role))
			out->reasons = TLSP_REASON_NO_CERTIFICATE;
		out->accepted = out->reasons == 0;
		return;
	}
	out->reasons = chain_reason(facts->chain);
	if(facts->malformed)
		out->reasons |= TLSP_REASON_MALFORMED;
	else
		out->reasons |= judge_usage(policy, role, facts, out);
	if(!facts->malformed && tlsp_verdict_names_judged(policy, role))
		tlsp_names_judge(policy, proxies, role, facts, out);
	out->accepted = out->reasons == 0;
	if(!out->accepted)
		out->match = TLSP_MATCH_NONE;
}

bool tlsp_verdict_check_expected(const struct tlsp_policy *policy,
		const struct tlsp_proxies *proxies, char *error, size_t error_size)
{
	const char *expected = policy->expect;
	struct tlsp_host host;

	if(!expected[0] || !tlsp_verdict_names_judged(policy, TLSP_ROLE_CLIENT))
		return true;
	if(tlsp_hostname_from_operator(&host, expected, strlen(expected))
					== TLSP_HOST_OK
			&& (tlsp_identity_host_is_proxy(&host, proxies)
					|| tlsp_identity_is_subject_host(
							policy->tls_remote_subject_name, &host)))
		return true;
	snprintf(error, error_size,
			"expect=%s is none of the proxies, so every server of which no "
			"other name is asked would be refused",
			expected);
	return false;
}
