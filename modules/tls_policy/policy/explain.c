/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explain - see explain.h. What the peer presented is escaped and bounded where
 * it is put into a sentence.
 */
#include "explain.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "escape.h"
#include "explain_names.h"
#include "policy/host/hostname.h"

enum
{
	SENTENCE_OCTETS = 1216,
	MINUTE_S = 60,
	HOUR_S = 60 * MINUTE_S,
	DAY_S = 24 * HOUR_S,
	SKEW_S = 10 * MINUTE_S /* an end that is no longer ago may be a clock's */
};

/* In the order in which they are told. */
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
		{TLSP_REASON_IDENTITY_CHANGED, "peer-identity-changed"},
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

static void print_duration(int64_t seconds, char *buffer, size_t size)
{
	static const struct
	{
		int64_t seconds;
		const char *unit;
	} units[] = {{DAY_S, "days"}, {HOUR_S, "hours"}, {MINUTE_S, "minutes"}};

	for(size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if(seconds >= 2 * units[i].seconds) {
			snprintf(buffer, size, "%" PRId64 " %s", seconds / units[i].seconds,
					units[i].unit);
			return;
		}
	snprintf(buffer, size, "%" PRId64 " s", seconds);
}

static void print_chain_error(
		const struct tlsp_peer_facts *facts, char *buffer, size_t size)
{
	const struct tlsp_chain_place *place = &facts->chain_place;
	char duration[32];

	print_duration(place->seconds, duration, sizeof(duration));
	if(facts->chain == TLSP_CHAIN_EXPIRED && place->date[0])
		snprintf(buffer, size, "expired %s ago (notAfter %s)%s", duration,
				place->date,
				place->seconds < SKEW_S ? ": is a clock wrong?" : "");
	else if(facts->chain == TLSP_CHAIN_NOT_YET_VALID && place->date[0])
		snprintf(buffer, size,
				"not yet valid for another %s (notBefore %s): is a clock "
				"wrong?",
				duration, place->date);
	else if(facts->chain == TLSP_CHAIN_REVOCATION_UNKNOWN && place->date[0])
		snprintf(buffer, size, "%s (%s ago, nextUpdate %s)", facts->chain_error,
				duration, place->date);
	else
		snprintf(buffer, size, "%s",
				facts->chain_error ? facts->chain_error
								   : "the chain does not verify");
}

static void print_chain(
		const struct tlsp_peer_facts *facts, char *buffer, size_t size)
{
	const struct tlsp_chain_place *place = &facts->chain_place;
	char what[224], subject[TLSP_SUBJECT_OCTETS];

	print_chain_error(facts, what, sizeof(what));
	if(place->depth == 0)
		snprintf(buffer, size, "%s", what);
	else
		snprintf(buffer, size, "%s: the CA \"%s\" at depth %zu of the chain",
				what,
				tlsp_escape(place->subject, strlen(place->subject), subject,
						sizeof(subject)),
				place->depth);
}

static const struct
{
	unsigned fault;
	const char *extension;
	const char *missing; /* NULL: the whole extension */
} texts[] = {
		{TLSP_FAULT_NO_KEY_USAGE, "keyUsage", NULL},
		{TLSP_FAULT_DIGITAL_SIGNATURE, "keyUsage", "digitalSignature"},
		{TLSP_FAULT_KEY_ENCIPHERMENT, "keyUsage", "keyEncipherment"},
		{TLSP_FAULT_KEY_CERT_SIGN, "keyUsage", "keyCertSign"},
		{TLSP_FAULT_NO_PURPOSES, "extendedKeyUsage", NULL},
		{TLSP_FAULT_CLIENT_AUTH, "extendedKeyUsage", "clientAuth"},
		{TLSP_FAULT_SERVER_AUTH, "extendedKeyUsage", "serverAuth"},
		{TLSP_FAULT_SIP_DOMAIN, "extendedKeyUsage", "id-kp-sipDomain"},
		{TLSP_FAULT_NO_CA, "basicConstraints", "cA"},
};

static void append_fault(char *buffer, size_t size, size_t text,
		const struct tlsp_cert_usage *certificate, size_t depth)
{
	char subject[TLSP_SUBJECT_OCTETS], who[TLSP_SUBJECT_OCTETS + 48];
	char sentence[sizeof(who) + 64];

	if(depth == 0)
		snprintf(who, sizeof(who), "the end entity");
	else
		snprintf(who, sizeof(who), "the CA \"%s\" at depth %zu",
				tlsp_escape(certificate->subject, strlen(certificate->subject),
						subject, sizeof(subject)),
				depth);
	if(texts[text].missing)
		snprintf(sentence, sizeof(sentence), "%s of %s lacks %s",
				texts[text].extension, who, texts[text].missing);
	else
		snprintf(sentence, sizeof(sentence), "%s has no %s", who,
				texts[text].extension);
	tlsp_escape_append(buffer, size, buffer[0] ? ", " : "");
	tlsp_escape_append(buffer, size, sentence);
}

static void print_faults(const struct tlsp_usage_faults *faults, unsigned group,
		const struct tlsp_chain_usage *usage, char *buffer, size_t size)
{
	buffer[0] = '\0';
	for(size_t i = 0; i < TLSP_CHAIN_MAX; i++)
		for(size_t text = 0; text < sizeof(texts) / sizeof(*texts); text++)
			if(faults->at[i] & group & texts[text].fault)
				append_fault(buffer, size, text, &usage->certificates[i], i);
}

const char *tlsp_explain_word(enum tlsp_reason reason)
{
	for(size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if(words[i].reason == reason)
			return words[i].word;
	return NULL;
}

char *tlsp_explain_words(unsigned reasons, char *buffer, size_t size)
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

char *tlsp_explain_reason(enum tlsp_reason reason,
		const struct tlsp_verdict *verdict, const struct tlsp_peer_facts *facts,
		char *buffer, size_t size)
{
	unsigned group = fault_group(reason);
	char sentence[SENTENCE_OCTETS];

	if(group)
		print_faults(&verdict->usage, group, &facts->usage, sentence,
				sizeof(sentence));
	else if(about_chain(reason))
		print_chain(facts, sentence, sizeof(sentence));
	else if(!tlsp_explain_names(
					reason, verdict, facts, sentence, sizeof(sentence)))
		snprintf(sentence, sizeof(sentence), "%s",
				fixed_sentence(reason, facts));
	snprintf(buffer, size, "%s: %s", tlsp_explain_word(reason), sentence);
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

char *tlsp_explain_verdict(const struct tlsp_verdict *verdict,
		const struct tlsp_peer_facts *facts, char *buffer, size_t size)
{
	const char *before = "refused: ";
	char sentence[SENTENCE_OCTETS + 64];

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
					tlsp_explain_reason(words[i].reason, verdict, facts,
							sentence, sizeof(sentence)));
			before = "; ";
		}
	return buffer;
}

char *tlsp_explain_handshake(const char *why, char *buffer, size_t size)
{
	snprintf(buffer, size, "refused: %s: %s",
			tlsp_explain_word(TLSP_REASON_HANDSHAKE), why);
	return buffer;
}
