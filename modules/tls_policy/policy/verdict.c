/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verdict - see verdict.h.
 */
#include "verdict.h"

#include <stdio.h>
#include <string.h>

#include "chain_text.h"
#include "escape.h"
#include "policy/names/names.h"
#include "names_text.h"

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
		{TLSP_REASON_PEER_NOT_DIALLED, "peer-not-dialled"},
		{TLSP_REASON_ADDRESS_MISMATCH, "peer-address-mismatch"},
		{TLSP_REASON_REVOCATION_UNKNOWN, "certificate-revocation-unknown"},
		{TLSP_REASON_KEY_USAGE, "certificate-key-usage"},
		{TLSP_REASON_EXTENDED_KEY_USAGE, "certificate-extended-key-usage"},
		{TLSP_REASON_BASIC_CONSTRAINTS, "certificate-basic-constraints"},
		{TLSP_REASON_CHAIN_UNKNOWN, "certificate-chain-unknown"},
		{TLSP_REASON_HANDSHAKE, "handshake-failed"},
		/* The last: a peer can make its sentence long, and what is cut is cut
		 * at the end. */
		{TLSP_REASON_HOST_MISMATCH, "certificate-host-mismatch"},
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

/* Of a chain that did not verify only the end entity is known. */
static void note_setting(const struct tlsp_policy *policy, enum tlsp_role role,
		const struct tlsp_chain_usage *usage, struct tlsp_verdict *out)
{
	size_t count = usage->complete ? usage->count : 1;

	if(count > TLSP_CHAIN_MAX)
		count = TLSP_CHAIN_MAX;
	for(size_t i = 0; i < count && !out->by_setting; i++) {
		unsigned purposes = usage->certificates[i].purposes; /* 0: none */

		out->by_setting = tlsp_cert_usage_setting(policy, role, purposes);
		out->by_setting_depth = i;
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

const char *tlsp_verdict_reason_word(enum tlsp_reason reason)
{
	for(size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if(words[i].reason == reason)
			return words[i].word;
	return NULL;
}

char *tlsp_verdict_print_words(unsigned reasons, char *buffer, size_t size)
{
	snprintf(buffer, size, "%s", "");
	for(size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if(reasons & words[i].reason) {
			tlsp_escape_append(buffer, size, *buffer ? ", " : "");
			tlsp_escape_append(buffer, size, words[i].word);
		}
	return buffer;
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

static bool about_names(enum tlsp_reason reason)
{
	return reason == TLSP_REASON_HOST_MISMATCH
		   || reason == TLSP_REASON_PEER_NOT_DIALLED
		   || reason == TLSP_REASON_ADDRESS_MISMATCH;
}

char *tlsp_verdict_explain(enum tlsp_reason reason,
		const struct tlsp_verdict *verdict, const struct tlsp_peer_facts *facts,
		char *buffer, size_t size)
{
	unsigned group = fault_group(reason);
	char sentence[1216];

	if(about_names(reason))
		tlsp_names_text_print(
				reason, verdict, facts, sentence, sizeof(sentence));
	else if(group)
		tlsp_cert_usage_explain(&verdict->usage, group, &facts->usage, sentence,
				sizeof(sentence));
	else if(about_chain(reason))
		tlsp_chain_text_print(facts, sentence, sizeof(sentence));
	else
		snprintf(sentence, sizeof(sentence), "%s",
				fixed_sentence(reason, facts));
	snprintf(
			buffer, size, "%s: %s", tlsp_verdict_reason_word(reason), sentence);
	return buffer;
}

static void append_setting(const struct tlsp_verdict *verdict,
		const struct tlsp_peer_facts *facts, char *buffer, size_t size)
{
	size_t depth = verdict->by_setting_depth;
	char subject[TLSP_SUBJECT_OCTETS], who[TLSP_SUBJECT_OCTETS + 48] = "";

	if(!verdict->by_setting)
		return;
	if(depth > 0) {
		const char *raw = facts->usage.certificates[depth].subject;

		tlsp_escape(raw, strlen(raw), subject, sizeof(subject));
		snprintf(who, sizeof(who), " of the CA \"%s\" at depth %zu", subject,
				depth);
	}
	tlsp_escape_append(buffer, size, "; extendedKeyUsage");
	tlsp_escape_append(buffer, size, who);
	tlsp_escape_append(buffer, size, " allows this only by ");
	tlsp_escape_append(buffer, size, verdict->by_setting);
}

static void print_accepted(
		const struct tlsp_verdict *verdict, char *buffer, size_t size)
{
	static const char *const sorts[] = {
			[TLSP_MATCH_DNS_NAME] = "dNSName ",
			[TLSP_MATCH_IP_ADDRESS] = "iPAddress ",
			[TLSP_MATCH_COMMON_NAME] = "CN ",
			[TLSP_MATCH_SIP_URI] = "URI sip:",
	};
	char matched[TLSP_HOSTNAME_MAX_OCTETS + 8];
	char proxy[TLSP_HOSTNAME_MAX_OCTETS + 8] = "";
	const char *relation = "is a configured proxy";

	if(verdict->match == TLSP_MATCH_NONE
			|| verdict->match == TLSP_MATCH_REMOTE_SUBJECT_NAME) {
		snprintf(buffer, size, "accepted: %s",
				verdict->match ? "the CN is TLSRemoteSubjectName"
							   : "no name was judged");
		return;
	}
	tlsp_hostname_print(&verdict->matched, matched, sizeof(matched));
	if(verdict->proxy.octets) {
		tlsp_hostname_print(&verdict->proxy, proxy, sizeof(proxy));
		relation = verdict->proxy.kind == TLSP_HOST_WILDCARD
						   ? "is below the proxy "
						   : "stands for the proxy ";
	}
	snprintf(buffer, size, "accepted: %s%s %s%s", sorts[verdict->match],
			matched, relation, proxy);
}

char *tlsp_verdict_print(const struct tlsp_verdict *verdict,
		const struct tlsp_peer_facts *facts, char *buffer, size_t size)
{
	const char *before = "refused: ";
	char sentence[1280];

	if(verdict->accepted) {
		print_accepted(verdict, buffer, size);
		append_setting(verdict, facts, buffer, size);
		return buffer;
	}
	snprintf(buffer, size, "%s", "");
	for(size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if(verdict->reasons & words[i].reason) {
			tlsp_escape_append(buffer, size, before);
			tlsp_escape_append(buffer, size,
					tlsp_verdict_explain(words[i].reason, verdict, facts,
							sentence, sizeof(sentence)));
			before = "; ";
		}
	return buffer;
}
