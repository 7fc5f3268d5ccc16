/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verdict - see verdict.h.
 */
#include "verdict.h"

#include <stdio.h>
#include <string.h>

#include "chain_text.h"
#include "escape.h"
#include "identity.h"

enum
{
	SHOWN_IDENTITIES = 4,
	SHOWN_OCTETS = 72 /* of one identity */
};

static const struct
{
	enum tlsp_reason reason;
	const char *word;
} words[] = {
		{TLSP_REASON_NO_CERTIFICATE, "no-certificate"},
		{TLSP_REASON_MALFORMED, "certificate-malformed"},
		{TLSP_REASON_EXPIRED, "certificate-expired"},
		{TLSP_REASON_NOT_YET_VALID, "certificate-not-yet-valid"},
		{TLSP_REASON_REVOKED, "certificate-revoked"},
		{TLSP_REASON_NOT_TRUSTED, "certificate-not-trusted"},
		{TLSP_REASON_NOT_VERIFIED, "certificate-not-verified"},
		{TLSP_REASON_SAN_CRITICAL, "subject-alt-name-critical"},
		{TLSP_REASON_HOST_MISMATCH, "certificate-host-mismatch"},
		{TLSP_REASON_REVOCATION_UNKNOWN, "certificate-revocation-unknown"},
		{TLSP_REASON_KEY_USAGE, "certificate-key-usage"},
		{TLSP_REASON_EXTENDED_KEY_USAGE, "certificate-extended-key-usage"},
		{TLSP_REASON_BASIC_CONSTRAINTS, "certificate-basic-constraints"},
		{TLSP_REASON_CHAIN_UNKNOWN, "certificate-chain-unknown"},
		{TLSP_REASON_HANDSHAKE, "handshake-failed"},
};

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

static enum tlsp_match match_san(const struct tlsp_policy *policy,
		const struct tlsp_proxies *proxies, const struct tlsp_peer_facts *facts,
		struct tlsp_host *out)
{
	for(size_t i = 0; i < facts->identity_count; i++)
		if(tlsp_identity_is_proxy(
				   &facts->identities[i], proxies, policy->wildcards, out))
			return facts->identities[i].type == TLSP_IDENTITY_DNS_NAME
						   ? TLSP_MATCH_DNS_NAME
						   : TLSP_MATCH_IP_ADDRESS;
	return TLSP_MATCH_NONE;
}

static enum tlsp_match match_common_name(const struct tlsp_policy *policy,
		const struct tlsp_proxies *proxies, const struct tlsp_peer_facts *facts,
		struct tlsp_host *out)
{
	if(!facts->common_name_present)
		return TLSP_MATCH_NONE;
	if(tlsp_identity_is_subject_name(&facts->common_name,
			   policy->tls_remote_subject_name, policy->wildcards, out))
		return TLSP_MATCH_REMOTE_SUBJECT_NAME;
	if(tlsp_identity_is_proxy(
			   &facts->common_name, proxies, policy->wildcards, out))
		return TLSP_MATCH_COMMON_NAME;
	return TLSP_MATCH_NONE;
}

/* The manual's order: SAN; without a match the CN, unless the SAN is
 * critical. */
static void judge_names(const struct tlsp_policy *policy,
		const struct tlsp_proxies *proxies, const struct tlsp_peer_facts *facts,
		struct tlsp_verdict *out)
{
	out->match = match_san(policy, proxies, facts, &out->matched);
	if(out->match != TLSP_MATCH_NONE)
		return;
	if(facts->san_present && facts->san_critical) {
		out->reasons |= TLSP_REASON_HOST_MISMATCH | TLSP_REASON_SAN_CRITICAL;
		return;
	}
	out->match = match_common_name(policy, proxies, facts, &out->matched);
	if(out->match == TLSP_MATCH_NONE)
		out->reasons |= TLSP_REASON_HOST_MISMATCH;
}

/* Of a chain that did not verify only the end entity is known. */
static unsigned judge_usage(const struct tlsp_policy *policy,
		enum tlsp_role role, const struct tlsp_peer_facts *facts,
		struct tlsp_verdict *out)
{
	unsigned purposes = facts->usage.certificates[0].purposes; /* 0: none */
	unsigned reasons = 0;

	out->by_setting = tlsp_cert_usage_setting(policy, role, purposes);
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
		judge_names(policy, proxies, facts, out);
	out->accepted = out->reasons == 0;
	if(!out->accepted)
		out->match = TLSP_MATCH_NONE;
}

const char *tlsp_verdict_reason_word(enum tlsp_reason reason)
{
	for(size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if(words[i].reason == reason)
			return words[i].word;
	return NULL;
}

static void append(char *buffer, size_t size, const char *text)
{
	size_t used = strlen(buffer);

	if(used < size)
		snprintf(buffer + used, size - used, "%s", text);
}

char *tlsp_verdict_print_words(unsigned reasons, char *buffer, size_t size)
{
	snprintf(buffer, size, "%s", "");
	for(size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if(reasons & words[i].reason) {
			append(buffer, size, *buffer ? ", " : "");
			append(buffer, size, words[i].word);
		}
	return buffer;
}

static void append_identity(
		char *buffer, size_t size, const struct tlsp_identity *identity)
{
	char text[SHOWN_OCTETS];
	struct tlsp_host host;

	if(identity->type == TLSP_IDENTITY_IP_ADDRESS
			&& tlsp_hostname_from_ip_address(
					   &host, identity->data, identity->octets)
					   == TLSP_HOST_OK)
		tlsp_hostname_print(&host, text, sizeof(text));
	else
		tlsp_escape((const char *)identity->data, identity->octets, text,
				sizeof(text));
	append(buffer, size,
			identity->type == TLSP_IDENTITY_DNS_NAME	 ? "dNSName \""
			: identity->type == TLSP_IDENTITY_IP_ADDRESS ? "iPAddress \""
														 : "CN \"");
	append(buffer, size, text);
	append(buffer, size, "\"");
}

static void append_presented(
		char *buffer, size_t size, const struct tlsp_peer_facts *facts)
{
	char more[48];

	for(size_t i = 0; i < facts->identity_count && i < SHOWN_IDENTITIES; i++) {
		append_identity(buffer, size, &facts->identities[i]);
		append(buffer, size, ", ");
	}
	if(facts->identity_count > SHOWN_IDENTITIES) {
		snprintf(more, sizeof(more), "%zu more, ",
				facts->identity_count - SHOWN_IDENTITIES);
		append(buffer, size, more);
	}
	if(facts->common_name_present)
		append_identity(buffer, size, &facts->common_name);
	else
		append(buffer, size, "no CN");
}

static const char *fixed_sentence(
		enum tlsp_reason reason, const struct tlsp_peer_facts *facts)
{
	switch(reason) {
		case TLSP_REASON_NO_CERTIFICATE:
			return "the peer showed no certificate";
		case TLSP_REASON_MALFORMED:
			return facts->malformed ? facts->malformed : "unreadable";
		case TLSP_REASON_NOT_VERIFIED:
			return "the chain was not verified, so its names prove nothing";
		case TLSP_REASON_SAN_CRITICAL:
			return "the SubjectAltName is critical, so the CN is not compared";
		case TLSP_REASON_HOST_MISMATCH:
			return "no proxy matches ";
		case TLSP_REASON_CHAIN_UNKNOWN:
			return "require_strict_cert judges the whole chain, which is not "
				   "known (a resumed session, or more than 16 certificates)";
		default:
			return "";
	}
}

static unsigned fault_group(enum tlsp_reason reason)
{
	switch(reason) {
		case TLSP_REASON_KEY_USAGE:
			return TLSP_FAULTS_KEY_USAGE;
		case TLSP_REASON_EXTENDED_KEY_USAGE:
			return TLSP_FAULTS_PURPOSES;
		case TLSP_REASON_BASIC_CONSTRAINTS:
			return TLSP_FAULTS_CONSTRAINTS;
		default:
			return 0;
	}
}

static bool about_chain(enum tlsp_reason reason)
{
	return reason == TLSP_REASON_EXPIRED || reason == TLSP_REASON_NOT_YET_VALID
		   || reason == TLSP_REASON_REVOKED || reason == TLSP_REASON_NOT_TRUSTED
		   || reason == TLSP_REASON_REVOCATION_UNKNOWN;
}

char *tlsp_verdict_explain(enum tlsp_reason reason,
		const struct tlsp_verdict *verdict, const struct tlsp_peer_facts *facts,
		char *buffer, size_t size)
{
	unsigned group = fault_group(reason);
	char sentence[448];

	if(group)
		tlsp_cert_usage_explain(&verdict->usage, group, &facts->usage, sentence,
				sizeof(sentence));
	else if(about_chain(reason))
		tlsp_chain_text_print(facts, sentence, sizeof(sentence));
	else
		snprintf(sentence, sizeof(sentence), "%s",
				fixed_sentence(reason, facts));
	snprintf(
			buffer, size, "%s: %s", tlsp_verdict_reason_word(reason), sentence);
	if(reason == TLSP_REASON_HOST_MISMATCH)
		append_presented(buffer, size, facts);
	return buffer;
}

static void print_accepted(
		const struct tlsp_verdict *verdict, char *buffer, size_t size)
{
	static const char *const sentences[] = {
			[TLSP_MATCH_NONE] = "accepted: no name was judged",
			[TLSP_MATCH_DNS_NAME] =
					"accepted: dNSName %s is a configured proxy",
			[TLSP_MATCH_IP_ADDRESS] =
					"accepted: iPAddress %s is a configured proxy",
			[TLSP_MATCH_COMMON_NAME] = "accepted: CN %s is a configured proxy",
			[TLSP_MATCH_REMOTE_SUBJECT_NAME] =
					"accepted: the CN is TLSRemoteSubjectName",
	};
	const char *sentence = sentences[verdict->match];
	const char *place = strstr(sentence, "%s");
	char host[TLSP_HOSTNAME_MAX_OCTETS + 8];

	if(place) {
		tlsp_hostname_print(&verdict->matched, host, sizeof(host));
		snprintf(buffer, size, "%.*s%s%s", (int)(place - sentence), sentence,
				host, place + 2);
	} else {
		snprintf(buffer, size, "%s", sentence);
	}
	if(verdict->by_setting) {
		append(buffer, size, "; extendedKeyUsage allows this only by ");
		append(buffer, size, verdict->by_setting);
	}
}

char *tlsp_verdict_print(const struct tlsp_verdict *verdict,
		const struct tlsp_peer_facts *facts, char *buffer, size_t size)
{
	const char *before = "refused: ";
	char sentence[512];

	if(verdict->accepted) {
		print_accepted(verdict, buffer, size);
		return buffer;
	}
	snprintf(buffer, size, "%s", "");
	for(size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if(verdict->reasons & words[i].reason) {
			append(buffer, size, before);
			append(buffer, size,
					tlsp_verdict_explain(words[i].reason, verdict, facts,
							sentence, sizeof(sentence)));
			before = "; ";
		}
	return buffer;
}
