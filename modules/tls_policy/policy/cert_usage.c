/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cert_usage - see cert_usage.h.
 */
#include "cert_usage.h"

#include <string.h>

static unsigned own_purpose(enum tlsp_role role)
{
	return role == TLSP_ROLE_SERVER ? TLSP_PURPOSE_CLIENT_AUTH
									: TLSP_PURPOSE_SERVER_AUTH;
}

bool tlsp_cert_usage_is_for(enum tlsp_role role, unsigned purposes)
{
	return (purposes & own_purpose(role)) != 0;
}

bool tlsp_cert_usage_allows(const struct tlsp_policy *policy,
		enum tlsp_role role, unsigned purposes)
{
	unsigned allowed = own_purpose(role);

	if(role == TLSP_ROLE_SERVER && policy->accept_server_auth_clients)
		allowed |= TLSP_PURPOSE_SERVER_AUTH;
	if(policy->sip_domain_purpose != TLSP_SIP_DOMAIN_IGNORE)
		allowed |= TLSP_PURPOSE_SIP_DOMAIN;
	return (purposes & allowed) != 0;
}

static const char server_auth_clients[] = "accept_server_auth_clients";

bool tlsp_cert_usage_is_server_auth(const char *setting)
{
	return strcmp(setting, server_auth_clients) == 0;
}

const char *tlsp_cert_usage_setting(const struct tlsp_policy *policy,
		enum tlsp_role role, unsigned purposes)
{
	if(tlsp_cert_usage_is_for(role, purposes)
			|| !tlsp_cert_usage_allows(policy, role, purposes))
		return NULL;
	return policy->accept_server_auth_clients && role == TLSP_ROLE_SERVER
						   && (purposes & TLSP_PURPOSE_SERVER_AUTH)
				   ? server_auth_clients
				   : "sip_domain_purpose";
}

/* The key must do what TLS does with it: sign (RFC 8446, 4.4.2.2; RFC 5246,
 * 7.4.2 and 7.4.8), or be encrypted to. */
static unsigned end_entity_key_faults(
		const struct tlsp_cert_usage *certificate, bool key_transport)
{
	if(!certificate->key_usage_present)
		return TLSP_FAULT_NO_KEY_USAGE;
	if(key_transport)
		return certificate->key_usage & TLSP_KEY_ENCIPHERMENT
					   ? 0
					   : TLSP_FAULT_KEY_ENCIPHERMENT;
	return certificate->key_usage & TLSP_KEY_DIGITAL_SIGNATURE
				   ? 0
				   : TLSP_FAULT_DIGITAL_SIGNATURE;
}

/* RFC 5280, 4.2.1.3 and 4.2.1.9. A trust anchor may be of version 1. */
static unsigned ca_faults(const struct tlsp_cert_usage *certificate)
{
	unsigned faults = 0;

	if(!certificate->ca && !certificate->trust_anchor)
		faults |= TLSP_FAULT_NO_CA;
	if(certificate->key_usage_present)
		faults |= certificate->key_usage & TLSP_KEY_CERT_SIGN
						  ? 0
						  : TLSP_FAULT_KEY_CERT_SIGN;
	else if(!certificate->trust_anchor)
		faults |= TLSP_FAULT_NO_KEY_USAGE;
	return faults;
}

static unsigned purpose_faults(const struct tlsp_policy *policy,
		enum tlsp_role role, const struct tlsp_cert_usage *certificate,
		bool end_entity)
{
	if(!certificate->purposes_present)
		return certificate->trust_anchor && !end_entity
					   ? 0
					   : TLSP_FAULT_NO_PURPOSES;
	if(tlsp_cert_usage_allows(policy, role, certificate->purposes))
		return 0;
	return role == TLSP_ROLE_SERVER ? TLSP_FAULT_CLIENT_AUTH
									: TLSP_FAULT_SERVER_AUTH;
}

/* Without require_strict_cert: a purpose that is there must be the right one.
 * OpenSSL has seen to it, but for servers it also takes the purposes of server
 * gated cryptography, which nobody issues for TLS any more; and it leaves to
 * the operator what a trust anchor is for. */
static unsigned lenient_faults(const struct tlsp_policy *policy,
		enum tlsp_role role, const struct tlsp_chain_usage *usage, size_t depth)
{
	const struct tlsp_cert_usage *certificate = &usage->certificates[depth];

	return usage->complete && certificate->purposes_present
						   && (depth == 0 || !certificate->trust_anchor)
				   ? purpose_faults(policy, role, certificate, depth == 0)
				   : 0;
}

static unsigned strict_faults(const struct tlsp_policy *policy,
		enum tlsp_role role, const struct tlsp_chain_usage *usage, size_t depth)
{
	const struct tlsp_cert_usage *certificate = &usage->certificates[depth];

	return purpose_faults(policy, role, certificate, depth == 0)
		   | (depth == 0 ? end_entity_key_faults(
					  certificate, usage->key_transport)
						 : ca_faults(certificate));
}

void tlsp_cert_usage_judge(const struct tlsp_policy *policy,
		enum tlsp_role role, const struct tlsp_chain_usage *usage,
		struct tlsp_usage_faults *out)
{
	bool strict = policy->require_strict_cert != 0;
	bool sip_domain = policy->sip_domain_purpose == TLSP_SIP_DOMAIN_REQUIRE;
	size_t count =
			usage->count < TLSP_CHAIN_MAX ? usage->count : TLSP_CHAIN_MAX;

	memset(out, 0, sizeof(*out));
	out->unknown = (strict || sip_domain) && usage->count == 0;
	if(strict && !usage->vouched
			&& (!usage->complete || usage->count > TLSP_CHAIN_MAX))
		out->unknown = true;
	for(size_t i = 0; i < count; i++)
		out->at[i] = strict ? strict_faults(policy, role, usage, i)
							: lenient_faults(policy, role, usage, i);
	if(sip_domain && count > 0
			&& !(usage->certificates[0].purposes & TLSP_PURPOSE_SIP_DOMAIN))
		out->at[0] |= TLSP_FAULT_SIP_DOMAIN;
	for(size_t i = 0; i < count; i++)
		out->all |= out->at[i];
}
