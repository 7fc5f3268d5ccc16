/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verdict_test - a peer's facts against the manual's rules: both roles, every
 * mode, every state of the chain, SAN before CN, all reasons, safe texts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/explain.h"
#include "policy/verdict.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define SERVER TLSP_ROLE_SERVER
#define CLIENT TLSP_ROLE_CLIENT
#define MISMATCH TLSP_REASON_HOST_MISMATCH
#define CRITICAL (TLSP_REASON_HOST_MISMATCH | TLSP_REASON_SAN_CRITICAL)

static struct tlsp_proxies *proxies;
static struct tlsp_peer_facts facts; /* too large for the stack */

static int setup(void **state)
{
	static const char *const names[] = {
			"sip.example.com", "192.0.2.1", "*.carrier.net"};
	struct tlsp_proxies_builder *builder = tlsp_proxies_builder_new();
	struct tlsp_host host;

	(void)state;
	assert_non_null(builder);
	for(size_t i = 0; i < COUNT(names); i++) {
		assert_int_equal(
				tlsp_hostname_from_operator(&host, names[i], strlen(names[i])),
				TLSP_HOST_OK);
		assert_true(tlsp_proxies_builder_add(builder, &host));
	}
	proxies = tlsp_proxies_builder_write(
			builder, malloc(tlsp_proxies_builder_octets(builder)));
	tlsp_proxies_builder_free(builder);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(proxies);
	return 0;
}

static void present(enum tlsp_chain chain)
{
	memset(&facts, 0, sizeof(facts));
	facts.certificate_presented = true;
	facts.chain = chain;
}

static void add_octets(
		enum tlsp_identity_type type, const void *data, size_t octets)
{
	struct tlsp_identity identity = {type, data, octets, false};

	if(type == TLSP_IDENTITY_COMMON_NAME) {
		facts.common_name_present = true;
		facts.common_name = identity;
		return;
	}
	facts.san_present = true;
	facts.identities[facts.identity_count++] = identity;
}

static void add(enum tlsp_identity_type type, const char *text)
{
	if(text)
		add_octets(type, text, strlen(text));
}

static bool came_out(const char *label, const struct tlsp_verdict *verdict,
		unsigned reasons, enum tlsp_match match)
{
	if(verdict->accepted == (reasons == 0) && verdict->reasons == reasons
			&& verdict->match == match)
		return true;
	print_message("FAIL %s: %s, reasons 0x%x, match %d (wanted 0x%x, %d)\n",
			label, verdict->accepted ? "accepted" : "refused", verdict->reasons,
			(int)verdict->match, reasons, (int)match);
	return false;
}

/* Role, mode, and the parameter that requires a certificate in that role:
 * what is judged, asked and required, and what becomes of four peers. */
static void every_role_and_mode_does_what_the_manual_says(void **state)
{
	static const struct
	{
		enum tlsp_role role;
		int mode, required;
		bool judged, asked, refused_without;
	} rows[] = {
			{SERVER, 0, 0, false, false, false},
			{SERVER, 0, 1, false, true, true},
			{SERVER, 1, 0, true, true, false},
			{SERVER, 1, 1, true, true, true},
			{SERVER, 2, 0, true, true, false},
			{SERVER, 2, 1, true, true, true},
			{SERVER, 3, 0, false, false, false},
			{SERVER, 3, 1, false, true, true},
			{CLIENT, 0, 0, false, false, false},
			{CLIENT, 0, 1, false, true, true},
			{CLIENT, 1, 0, false, false, false},
			{CLIENT, 1, 1, false, true, true},
			{CLIENT, 2, 0, true, true, true},
			{CLIENT, 2, 1, true, true, true},
			{CLIENT, 3, 0, true, true, true},
			{CLIENT, 3, 1, true, true, true},
	};
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++)
		for(int other = 0; other < 2; other++) {
			struct tlsp_policy policy;
			struct tlsp_verdict verdict;
			char label[128];
			bool as_server = rows[i].role == SERVER;

			tlsp_parameters_defaults(&policy);
			policy.peer_host_name_verification_mode = rows[i].mode;
			/* The parameter of the other role must make no difference. */
			policy.sips_require_client_certificate =
					as_server ? rows[i].required : other;
			policy.verify_server_certificate =
					as_server ? other : rows[i].required;
			snprintf(label, sizeof(label), "as %s, mode %d, required %d/%d",
					as_server ? "server" : "client", rows[i].mode,
					rows[i].required, other);
			if(tlsp_verdict_names_judged(&policy, rows[i].role)
							!= rows[i].judged
					|| tlsp_verdict_asks_certificate(&policy, rows[i].role)
							   != rows[i].asked
					|| tlsp_verdict_requires_certificate(&policy, rows[i].role)
							   != rows[i].refused_without) {
				print_message("FAIL %s: judged, asked, required\n", label);
				failures++;
			}
			memset(&facts, 0, sizeof(facts));
			tlsp_verdict_judge(
					&policy, proxies, rows[i].role, &facts, &verdict);
			failures += !came_out(label, &verdict,
					rows[i].refused_without ? TLSP_REASON_NO_CERTIFICATE : 0,
					TLSP_MATCH_NONE);
			present(TLSP_CHAIN_VERIFIED);
			add(TLSP_IDENTITY_DNS_NAME, "sip.example.com");
			tlsp_verdict_judge(
					&policy, proxies, rows[i].role, &facts, &verdict);
			failures += !came_out(label, &verdict, 0,
					rows[i].judged ? TLSP_MATCH_DNS_NAME : TLSP_MATCH_NONE);
			present(TLSP_CHAIN_VERIFIED);
			add(TLSP_IDENTITY_DNS_NAME, "evil.example.com");
			tlsp_verdict_judge(
					&policy, proxies, rows[i].role, &facts, &verdict);
			failures += !came_out(label, &verdict,
					rows[i].judged ? MISMATCH : 0, TLSP_MATCH_NONE);
			present(TLSP_CHAIN_NOT_CHECKED);
			add(TLSP_IDENTITY_DNS_NAME, "sip.example.com");
			tlsp_verdict_judge(
					&policy, proxies, rows[i].role, &facts, &verdict);
			failures += !came_out(label, &verdict,
					rows[i].asked ? TLSP_REASON_NOT_VERIFIED : 0,
					TLSP_MATCH_NONE);
		}
	assert_int_equal(failures, 0);
}

static void names_are_compared_in_the_manuals_order(void **state)
{
	static const struct
	{
		const char *label;
		const char *first, *second; /* dNSName */
		const unsigned char *address;
		bool critical;
		const char *common_name, *subject_name;
		bool wildcards;
		unsigned reasons;
		enum tlsp_match match;
	} rows[] = {
			{"a dNSName matches", "sip.example.com", NULL, NULL, false, NULL,
					"", true, 0, TLSP_MATCH_DNS_NAME},
			{"the second dNSName matches", "evil.org", "sip.example.com", NULL,
					false, NULL, "", true, 0, TLSP_MATCH_DNS_NAME},
			{"the first of two matches", "sip.example.com", "evil.org", NULL,
					false, NULL, "", true, 0, TLSP_MATCH_DNS_NAME},
			{"an unreadable dNSName beside one that matches", "a..b",
					"sip.example.com", NULL, false, NULL, "", true, 0,
					TLSP_MATCH_DNS_NAME},
			{"an iPAddress matches", NULL, NULL,
					(const unsigned char *)"\xc0\x00\x02\x01", false, NULL, "",
					true, 0, TLSP_MATCH_IP_ADDRESS},
			{"an iPAddress matches beside a dNSName that does not", "evil.org",
					NULL, (const unsigned char *)"\xc0\x00\x02\x01", false,
					NULL, "", true, 0, TLSP_MATCH_IP_ADDRESS},
			{"another iPAddress", NULL, NULL,
					(const unsigned char *)"\xc0\x00\x02\x02", false, NULL, "",
					true, MISMATCH, TLSP_MATCH_NONE},
			{"a critical SAN that matches", "sip.example.com", NULL, NULL, true,
					NULL, "", true, 0, TLSP_MATCH_DNS_NAME},
			{"the SAN goes before the CN", "sip.example.com", NULL, NULL, false,
					"gw.example.org", "gw.example.org", true, 0,
					TLSP_MATCH_DNS_NAME},
			{"a critical SAN without match", "evil.org", NULL, NULL, true, NULL,
					"", true, CRITICAL, TLSP_MATCH_NONE},
			{"a critical SAN forbids the CN that is a proxy", "evil.org", NULL,
					NULL, true, "sip.example.com", "", true, CRITICAL,
					TLSP_MATCH_NONE},
			{"a critical SAN forbids TLSRemoteSubjectName", "evil.org", NULL,
					NULL, true, "gw.example.org", "gw.example.org", true,
					CRITICAL, TLSP_MATCH_NONE},
			{"a critical SAN with an address forbids the CN", NULL, NULL,
					(const unsigned char *)"\xc0\x00\x02\x02", true,
					"sip.example.com", "", true, CRITICAL, TLSP_MATCH_NONE},
			{"a SAN without match, a CN that is a proxy", "evil.org", NULL,
					NULL, false, "sip.example.com", "", true, 0,
					TLSP_MATCH_COMMON_NAME},
			{"a SAN without match, a CN that is TLSRemoteSubjectName",
					"evil.org", NULL, NULL, false, "gw.example.org",
					"gw.example.org", true, 0, TLSP_MATCH_REMOTE_SUBJECT_NAME},
			{"no SAN, a CN that is a proxy", NULL, NULL, NULL, false,
					"sip.example.com", "", true, 0, TLSP_MATCH_COMMON_NAME},
			{"no SAN, a CN that is TLSRemoteSubjectName", NULL, NULL, NULL,
					false, "My Gateway", "My Gateway", true, 0,
					TLSP_MATCH_REMOTE_SUBJECT_NAME},
			{"a CN that is both is TLSRemoteSubjectName first", NULL, NULL,
					NULL, false, "sip.example.com", "sip.example.com", true, 0,
					TLSP_MATCH_REMOTE_SUBJECT_NAME},
			{"TLSRemoteSubjectName is no proxy for the SAN", "gw.example.org",
					NULL, NULL, false, NULL, "gw.example.org", true, MISMATCH,
					TLSP_MATCH_NONE},
			{"TLSRemoteSubjectName does not replace the proxies", NULL, NULL,
					NULL, false, "sip.example.com", "gw.example.org", true, 0,
					TLSP_MATCH_COMMON_NAME},
			{"no SAN and another CN", NULL, NULL, NULL, false, "evil.org",
					"gw.example.org", true, MISMATCH, TLSP_MATCH_NONE},
			{"an empty CN against no TLSRemoteSubjectName", NULL, NULL, NULL,
					false, "", "", true, MISMATCH, TLSP_MATCH_NONE},
			{"neither SAN nor CN", NULL, NULL, NULL, false, NULL, "", true,
					MISMATCH, TLSP_MATCH_NONE},
			{"neither SAN nor CN, with TLSRemoteSubjectName", NULL, NULL, NULL,
					false, NULL, "gw.example.org", true, MISMATCH,
					TLSP_MATCH_NONE},
			{"a wildcard in the SAN", "*.example.com", NULL, NULL, false, NULL,
					"", true, 0, TLSP_MATCH_DNS_NAME},
			{"a wildcard in the SAN, wildcards off", "*.example.com", NULL,
					NULL, false, NULL, "", false, MISMATCH, TLSP_MATCH_NONE},
			{"a wildcard in a critical SAN, wildcards off", "*.example.com",
					NULL, NULL, true, "sip.example.com", "", false, CRITICAL,
					TLSP_MATCH_NONE},
			{"a wildcard in the CN", NULL, NULL, NULL, false, "*.example.com",
					"", true, 0, TLSP_MATCH_COMMON_NAME},
			{"a wildcard in the CN, wildcards off", NULL, NULL, NULL, false,
					"*.example.com", "", false, MISMATCH, TLSP_MATCH_NONE},
			{"a wildcard in the CN for TLSRemoteSubjectName", NULL, NULL, NULL,
					false, "*.example.org", "gw.example.org", true, 0,
					TLSP_MATCH_REMOTE_SUBJECT_NAME},
			{"the same, wildcards off", NULL, NULL, NULL, false,
					"*.example.org", "gw.example.org", false, MISMATCH,
					TLSP_MATCH_NONE},
			{"a name below a wildcard proxy, wildcards off", "gw.carrier.net",
					NULL, NULL, true, NULL, "", false, 0, TLSP_MATCH_DNS_NAME},
			{"a dNSName with an address in it", "192.0.2.1", NULL, NULL, false,
					NULL, "", true, MISMATCH, TLSP_MATCH_NONE},
	};
	static const enum tlsp_role roles[] = {SERVER, CLIENT};
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++)
		for(size_t j = 0; j < COUNT(roles); j++) {
			struct tlsp_policy policy;
			struct tlsp_verdict verdict;

			tlsp_parameters_defaults(&policy);
			policy.peer_host_name_verification_mode = TLSP_VERIFY_NAMES_BOTH;
			policy.wildcards = rows[i].wildcards;
			strcpy(policy.tls_remote_subject_name, rows[i].subject_name);
			present(TLSP_CHAIN_VERIFIED);
			add(TLSP_IDENTITY_DNS_NAME, rows[i].first);
			add(TLSP_IDENTITY_DNS_NAME, rows[i].second);
			if(rows[i].address)
				add_octets(TLSP_IDENTITY_IP_ADDRESS, rows[i].address, 4);
			add(TLSP_IDENTITY_COMMON_NAME, rows[i].common_name);
			facts.san_critical = rows[i].critical;
			tlsp_verdict_judge(&policy, proxies, roles[j], &facts, &verdict);
			failures += !came_out(
					rows[i].label, &verdict, rows[i].reasons, rows[i].match);
		}
	assert_int_equal(failures, 0);
}

static void every_reason_is_collected(void **state)
{
	static const struct
	{
		const char *label;
		int mode;
		enum tlsp_chain chain;
		const char *dns_name, *common_name, *malformed;
		bool critical;
		unsigned reasons;
	} rows[] = {
			{"a name that matches proves nothing unchecked", 1,
					TLSP_CHAIN_NOT_CHECKED, "sip.example.com", NULL, NULL,
					false, TLSP_REASON_NOT_VERIFIED},
			{"... nor expired", 1, TLSP_CHAIN_EXPIRED, "sip.example.com", NULL,
					NULL, false, TLSP_REASON_EXPIRED},
			{"... nor before its time", 1, TLSP_CHAIN_NOT_YET_VALID,
					"sip.example.com", NULL, NULL, false,
					TLSP_REASON_NOT_YET_VALID},
			{"... nor revoked", 1, TLSP_CHAIN_REVOKED, "sip.example.com", NULL,
					NULL, false, TLSP_REASON_REVOKED},
			{"... nor from a foreign CA", 1, TLSP_CHAIN_NOT_TRUSTED,
					"sip.example.com", NULL, NULL, false,
					TLSP_REASON_NOT_TRUSTED},
			{"an unknown state of the chain is no trust", 1,
					(enum tlsp_chain)99, "sip.example.com", NULL, NULL, false,
					TLSP_REASON_NOT_TRUSTED},
			{"expired and no match", 1, TLSP_CHAIN_EXPIRED, "evil.org", NULL,
					NULL, false, TLSP_REASON_EXPIRED | MISMATCH},
			{"revoked and a critical SAN without match", 1, TLSP_CHAIN_REVOKED,
					"evil.org", NULL, NULL, true,
					TLSP_REASON_REVOKED | CRITICAL},
			{"unchecked and no match", 1, TLSP_CHAIN_NOT_CHECKED, "evil.org",
					NULL, NULL, false, TLSP_REASON_NOT_VERIFIED | MISMATCH},
			{"malformed never falls back to a CN that is a proxy", 1,
					TLSP_CHAIN_VERIFIED, NULL, "sip.example.com", "bad SAN",
					false, TLSP_REASON_MALFORMED},
			{"malformed never falls back to TLSRemoteSubjectName", 1,
					TLSP_CHAIN_VERIFIED, NULL, "gw.example.org", "bad SAN",
					false, TLSP_REASON_MALFORMED},
			{"malformed beside a dNSName that matches", 1, TLSP_CHAIN_VERIFIED,
					"sip.example.com", NULL, "bad SAN", false,
					TLSP_REASON_MALFORMED},
			{"malformed beside a dNSName of nobody: names prove nothing", 1,
					TLSP_CHAIN_VERIFIED, "evil.org", NULL, "bad SAN", false,
					TLSP_REASON_MALFORMED},
			{"malformed and critical", 1, TLSP_CHAIN_VERIFIED, NULL,
					"sip.example.com", "bad SAN", true, TLSP_REASON_MALFORMED},
			{"malformed and expired", 1, TLSP_CHAIN_EXPIRED, NULL,
					"sip.example.com", "bad SAN", false,
					TLSP_REASON_MALFORMED | TLSP_REASON_EXPIRED},
			{"malformed and unchecked", 1, TLSP_CHAIN_NOT_CHECKED, NULL,
					"sip.example.com", "bad SAN", false,
					TLSP_REASON_MALFORMED | TLSP_REASON_NOT_VERIFIED},
			{"required alone: the name matters not", 0, TLSP_CHAIN_VERIFIED,
					"evil.org", NULL, NULL, true, 0},
			{"required alone: unchecked is refused", 0, TLSP_CHAIN_NOT_CHECKED,
					"evil.org", NULL, NULL, true, TLSP_REASON_NOT_VERIFIED},
			{"required alone: expired is refused", 0, TLSP_CHAIN_EXPIRED,
					"evil.org", NULL, NULL, false, TLSP_REASON_EXPIRED},
			{"required alone: a foreign CA is refused", 0,
					TLSP_CHAIN_NOT_TRUSTED, "sip.example.com", NULL, NULL,
					false, TLSP_REASON_NOT_TRUSTED},
	};
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++) {
		struct tlsp_policy policy;
		struct tlsp_verdict verdict;

		tlsp_parameters_defaults(&policy);
		policy.peer_host_name_verification_mode = rows[i].mode;
		policy.sips_require_client_certificate = 1;
		strcpy(policy.tls_remote_subject_name, "gw.example.org");
		present(rows[i].chain);
		add(TLSP_IDENTITY_DNS_NAME, rows[i].dns_name);
		add(TLSP_IDENTITY_COMMON_NAME, rows[i].common_name);
		facts.malformed = rows[i].malformed;
		facts.san_critical = rows[i].critical;
		tlsp_verdict_judge(&policy, proxies, SERVER, &facts, &verdict);
		failures += !came_out(
				rows[i].label, &verdict, rows[i].reasons, TLSP_MATCH_NONE);
	}
	assert_int_equal(failures, 0);
}

static void the_last_of_1024_entries_counts(void **state)
{
	struct tlsp_policy policy;
	struct tlsp_verdict verdict;

	(void)state;
	tlsp_parameters_defaults(&policy);
	policy.peer_host_name_verification_mode = TLSP_VERIFY_NAMES_SERVER;
	present(TLSP_CHAIN_VERIFIED);
	for(int i = 0; i < TLSP_IDENTITIES_MAX - 1; i++)
		add(TLSP_IDENTITY_DNS_NAME, "evil.org");
	add(TLSP_IDENTITY_DNS_NAME, "sip.example.com");
	tlsp_verdict_judge(&policy, proxies, SERVER, &facts, &verdict);
	assert_true(came_out("1,024 entries", &verdict, 0, TLSP_MATCH_DNS_NAME));
}

static void a_verdict_is_one_line(void **state)
{
	static const struct
	{
		const char *label;
		int mode;
		enum tlsp_chain chain;
		const char *dns_name, *common_name;
		bool critical;
		const char *text, *more; /* begins with; contains */
	} rows[] = {
			{"a dNSName, canonical", 1, TLSP_CHAIN_VERIFIED, "SIP.Example.com.",
					NULL, false,
					"accepted: dNSName sip.example.com is a configured proxy",
					""},
			{"a CN", 1, TLSP_CHAIN_VERIFIED, NULL, "sip.example.com", false,
					"accepted: CN sip.example.com is a configured proxy", ""},
			{"a wildcard, and the proxy that it stood for", 1,
					TLSP_CHAIN_VERIFIED, "*.Example.com", NULL, false,
					"accepted: dNSName *.example.com stands for the proxy "
					"sip.example.com",
					""},
			{"a CN that is a wildcard", 1, TLSP_CHAIN_VERIFIED, NULL,
					"*.example.com", false,
					"accepted: CN *.example.com stands for the proxy "
					"sip.example.com",
					""},
			{"a name below a wildcard proxy", 1, TLSP_CHAIN_VERIFIED,
					"gw.carrier.net", NULL, false,
					"accepted: dNSName gw.carrier.net is below the proxy "
					"*.carrier.net",
					""},
			{"a wildcard that is a proxy itself", 1, TLSP_CHAIN_VERIFIED,
					"*.carrier.net", NULL, false,
					"accepted: dNSName *.carrier.net is a configured proxy",
					""},
			{"TLSRemoteSubjectName", 1, TLSP_CHAIN_VERIFIED, NULL, "My Gateway",
					false, "accepted: ", "TLSRemoteSubjectName"},
			{"no name judged", 0, TLSP_CHAIN_VERIFIED, "evil.org", NULL, false,
					"accepted: ", "no name"},
			{"a mismatch shows the dNSName", 1, TLSP_CHAIN_VERIFIED, "evil.org",
					NULL, false, "refused: certificate-host-mismatch: ",
					"dNSName \"evil.org\""},
			{"a mismatch shows the CN", 1, TLSP_CHAIN_VERIFIED, "evil.org",
					"x y", false,
					"refused: certificate-host-mismatch: ", "CN \"x y\""},
			{"two reasons, the first", 1, TLSP_CHAIN_EXPIRED, "evil.org", NULL,
					true, "refused: certificate-expired: ",
					"; certificate-host-mismatch: "},
			{"three reasons, the critical SAN", 1, TLSP_CHAIN_EXPIRED,
					"evil.org", NULL, true, "refused: certificate-expired: ",
					"; subject-alt-name-critical: "},
			{"line breaks are escaped", 1, TLSP_CHAIN_VERIFIED,
					"a\r\nERROR: forged", NULL, false,
					"refused: ", "\"a\\x0d\\x0aERROR: forged\""},
			{"a terminal sequence is escaped", 1, TLSP_CHAIN_VERIFIED, NULL,
					"\x1b[2J", false, "refused: ", "CN \"\\x1b[2J\""},
			{"a quote is escaped", 1, TLSP_CHAIN_VERIFIED, NULL, "a\", CN \"b",
					false, "refused: ", "CN \"a\\x22, CN \\x22b\""},
			{"a backslash is escaped", 1, TLSP_CHAIN_VERIFIED, NULL, "\\x41",
					false, "refused: ", "CN \"\\x5cx41\""},
			{"UTF-8 is escaped", 1, TLSP_CHAIN_VERIFIED, NULL,
					"\xe2\x80\xae"
					"evil",
					false, "refused: ", "CN \"\\xe2\\x80\\xaeevil\""},
			{"a percent sign is no format", 1, TLSP_CHAIN_VERIFIED, "%s%n%n",
					NULL, false, "refused: ", "dNSName \"%s%n%n\""},
	};
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++) {
		struct tlsp_policy policy;
		struct tlsp_verdict verdict;
		char text[2048];

		tlsp_parameters_defaults(&policy);
		policy.peer_host_name_verification_mode = rows[i].mode;
		policy.sips_require_client_certificate = 1;
		strcpy(policy.tls_remote_subject_name, "My Gateway");
		present(rows[i].chain);
		add(TLSP_IDENTITY_DNS_NAME, rows[i].dns_name);
		add(TLSP_IDENTITY_COMMON_NAME, rows[i].common_name);
		facts.san_critical = rows[i].critical;
		tlsp_verdict_judge(&policy, proxies, SERVER, &facts, &verdict);
		tlsp_explain_verdict(&verdict, &facts, text, sizeof(text));
		if(strncmp(text, rows[i].text, strlen(rows[i].text)) != 0
				|| !strstr(text, rows[i].more)) {
			print_message("FAIL %s: [%s]\n", rows[i].label, text);
			failures++;
		}
	}
	assert_int_equal(failures, 0);
}

static void present_uris(const char *const *uris, size_t count)
{
	for(size_t i = 0; i < count && uris[i]; i++) {
		struct tlsp_identity *uri = &facts.uris[facts.uri_count++];

		uri->type = TLSP_IDENTITY_URI;
		uri->data = (const unsigned char *)uris[i];
		uri->octets = strlen(uris[i]);
	}
}

/* A refusal tells what was not compared, and what would count it. */
static void what_was_passed_over_is_told(void **state)
{
	static const struct
	{
		const char *label, *uris[3];
		size_t others;
		int counted; /* sip_uri_identities */
		const char *end;
	} rows[] = {
			{"nothing", {NULL}, 0, 0, "CN \"x\""},
			{"a SIP domain", {"sip:sip.example.com"}, 0, 0,
					"CN \"x\" (closest: sip.example.com, 192.0.2.1, "
					"*.carrier.net); passed over: URI "
					"\"sip:sip.example.com\" (sip_uri_identities=1 would count "
					"it)"},
			{"a SIP domain behind others",
					{"http://a.example", "sip:sip.example.com", "urn:x"}, 1, 0,
					"passed over: URI \"sip:sip.example.com\" "
					"(sip_uri_identities=1 would count it), 3 more entries"},
			{"a URI that never counts", {"sips:sip.example.com"}, 0, 0,
					"passed over: URI \"sips:sip.example.com\" (names no SIP "
					"domain)"},
			{"the same, and the parameter is on", {"sips:sip.example.com"}, 1,
					1,
					"passed over: URI \"sips:sip.example.com\" (names no SIP "
					"domain), 1 more entry"},
			{"a URI of a user", {"sip:u@sip.example.com"}, 0, 1,
					"passed over: URI \"sip:u@sip.example.com\" (names no SIP "
					"domain)"},
			{"entries of other types", {NULL}, 2, 0,
					"passed over: 2 entries of other types"},
			{"one entry of another type", {NULL}, 1, 0,
					"passed over: 1 entry of another type"},
			{"the parameter is on: it was compared", {"sip:evil.org"}, 0, 1,
					"neither dNSName nor CN count"},
			{"an odd URI is escaped", {"sip:a\n\""}, 0, 0,
					"passed over: URI \"sip:a\\x0a\\x22\" "
					"(sip_uri_identities=1 would count it)"},
	};
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++) {
		struct tlsp_policy policy;
		struct tlsp_verdict verdict;
		char text[1280];
		size_t end;

		tlsp_parameters_defaults(&policy);
		policy.peer_host_name_verification_mode = 1;
		policy.sip_uri_identities = rows[i].counted;
		present(TLSP_CHAIN_VERIFIED);
		add(TLSP_IDENTITY_COMMON_NAME, "x");
		present_uris(rows[i].uris, COUNT(rows[i].uris));
		facts.other_count = rows[i].others;
		tlsp_verdict_judge(&policy, proxies, SERVER, &facts, &verdict);
		/* without the closest, but where they are wanted */
		if(!strstr(rows[i].end, "closest"))
			verdict.similar_proxies[0] = '\0';
		tlsp_explain_reason(MISMATCH, &verdict, &facts, text, sizeof(text));
		end = strlen(text) - strlen(rows[i].end);
		if(strlen(text) < strlen(rows[i].end)
				|| strcmp(text + end, rows[i].end) != 0) {
			print_message("FAIL %s: [%s]\n", rows[i].label, text);
			failures++;
		}
	}
	assert_int_equal(failures, 0);
}

/* 1,024 long entries of every octet: printable, bounded, at any size. */
static void hostile_entries_stay_within_the_buffer(void **state)
{
	static const size_t sizes[] = {1, 2, 8, 64, 100, 256, 511, 512, 2048};
	static unsigned char hostile[4096];
	int failures = 0;

	(void)state;
	present(TLSP_CHAIN_REVOKED);
	for(size_t i = 0; i < sizeof(hostile); i++)
		hostile[i] = (unsigned char)i;
	for(int i = 0; i < TLSP_IDENTITIES_MAX; i++)
		add_octets(i % 2 ? TLSP_IDENTITY_IP_ADDRESS : TLSP_IDENTITY_DNS_NAME,
				hostile, sizeof(hostile));
	add_octets(TLSP_IDENTITY_COMMON_NAME, hostile, sizeof(hostile));
	for(size_t i = 0; i < COUNT(sizes); i++)
		for(int whole = 0; whole < 2; whole++) {
			struct tlsp_verdict verdict = {
					.reasons = TLSP_REASON_REVOKED | CRITICAL};
			char *text = malloc(sizes[i]);
			bool clean = true;

			assert_non_null(text);
			memset(text, 'Z', sizes[i]);
			if(whole)
				tlsp_explain_verdict(&verdict, &facts, text, sizes[i]);
			else
				tlsp_explain_reason(MISMATCH, &verdict, &facts, text, sizes[i]);
			clean = memchr(text, '\0', sizes[i]) != NULL;
			for(size_t j = 0; clean && text[j]; j++)
				clean = text[j] >= 0x20 && text[j] <= 0x7e;
			/* What suffices is not cut: the mismatch ends in the CN. */
			if(clean && sizes[i] >= (whole ? 2048 : 512))
				clean = strstr(text, "CN \"") && strstr(text, "1020 more")
						&& text[strlen(text) - 1] == '"';
			if(clean && whole && sizes[i] == 2048)
				clean = strstr(text, "certificate-revoked")
						&& strstr(text, "subject-alt-name-critical");
			if(!clean) {
				print_message("FAIL %s in %zu octets\n",
						whole ? "the verdict" : "the mismatch", sizes[i]);
				failures++;
			}
			free(text);
		}
	assert_int_equal(failures, 0);
}

/* A host that |proxies| have not, so that whoever is there is refused. */
static void an_expected_host_must_be_acceptable(void **state)
{
	static const struct
	{
		const char *expect, *subject;
		int mode;
		bool fits;
	} rows[] = {
			{"", "", TLSP_VERIFY_NAMES_BOTH, true},
			{"sip.example.com", "", TLSP_VERIFY_NAMES_BOTH, true},
			{"192.0.2.1", "", TLSP_VERIFY_NAMES_CLIENT, true},
			{"gw.carrier.net", "", TLSP_VERIFY_NAMES_CLIENT, true},
			{"a.gw.carrier.net", "", TLSP_VERIFY_NAMES_CLIENT, false},
			{"evil.org", "", TLSP_VERIFY_NAMES_CLIENT, false},
			{"evil.org", "", TLSP_VERIFY_NAMES_BOTH, false},
			{"192.0.2.2", "", TLSP_VERIFY_NAMES_BOTH, false},
			/* of servers no names are compared */
			{"evil.org", "", TLSP_VERIFY_NAMES_SERVER, true},
			{"evil.org", "", TLSP_VERIFY_NAMES_OFF, true},
			{"gw.example.org", "GW.Example.org", TLSP_VERIFY_NAMES_BOTH, true},
			{"gw.example.org", "My Gateway", TLSP_VERIFY_NAMES_BOTH, false},
			{"gw.example.org", "b.example.org", TLSP_VERIFY_NAMES_BOTH, false},
	};

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++) {
		struct tlsp_policy policy;
		char error[512] = "";

		tlsp_parameters_defaults(&policy);
		policy.peer_host_name_verification_mode = rows[i].mode;
		strcpy(policy.expect, rows[i].expect);
		strcpy(policy.tls_remote_subject_name, rows[i].subject);
		if(tlsp_verdict_check_expected(&policy, proxies, error, sizeof(error))
				!= rows[i].fits)
			fail_msg("row %zu: [%s]", i, error);
		assert_int_equal(rows[i].fits, error[0] == '\0');
		assert_true(rows[i].fits || strstr(error, rows[i].expect));
	}
}

int main(void)
{
	/* clang-format off */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_role_and_mode_does_what_the_manual_says),
		cmocka_unit_test(names_are_compared_in_the_manuals_order),
		cmocka_unit_test(every_reason_is_collected),
		cmocka_unit_test(the_last_of_1024_entries_counts),
		cmocka_unit_test(a_verdict_is_one_line),
		cmocka_unit_test(what_was_passed_over_is_told),
		cmocka_unit_test(hostile_entries_stay_within_the_buffer),
		cmocka_unit_test(an_expected_host_must_be_acceptable),
	};
	/* clang-format on */

	return cmocka_run_group_tests(tests, setup, teardown);
}
