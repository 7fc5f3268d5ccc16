/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * names_cases_test - what a certificate presents against the proxies of an
 * operator, case by case: each row of names_cases.inc is a test. A row goes the
 * whole way: a real X.509 certificate in DER, its facts, the verdict, and the
 * text of it.
 */
#define _GNU_SOURCE /* memmem */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "openssl/certificate/peer_cert.h"
#include "policy/explain.h"
#include "policy/names/identity.h"
#include "policy/names/names.h"
#include "policy/names/vouched.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define TEXT(literal) literal, sizeof(literal) - 1

enum
{
	LEAST_ROWS = 400,
	NAMES_MAX = 8
};

/* A GENERAL_NAME, or a CN if |type| is CN_OF + the ASN.1 type; RAW_OF likewise,
 * but what OpenSSL would not write is laid over a filler in the DER. */
enum
{
	CN_OF = 1000,
	RAW_OF = 2000,
	FILLER = 'Q'
};

struct name
{
	int type;
	const char *data;
	size_t octets;
};

#define DNS(text)           \
	{                       \
		GEN_DNS, TEXT(text) \
	}
#define IP(text)              \
	{                         \
		GEN_IPADD, TEXT(text) \
	}
#define URI(text)           \
	{                       \
		GEN_URI, TEXT(text) \
	}
#define EMAIL(text)           \
	{                         \
		GEN_EMAIL, TEXT(text) \
	}
#define CN(text)                              \
	{                                         \
		CN_OF + V_ASN1_UTF8STRING, TEXT(text) \
	}
#define CN_PRINTABLE(text)                         \
	{                                              \
		CN_OF + V_ASN1_PRINTABLESTRING, TEXT(text) \
	}
#define CN_IA5(text)                         \
	{                                        \
		CN_OF + V_ASN1_IA5STRING, TEXT(text) \
	}
#define CN_T61(text)                         \
	{                                        \
		CN_OF + V_ASN1_T61STRING, TEXT(text) \
	}
#define CN_BMP(text)                         \
	{                                        \
		CN_OF + V_ASN1_BMPSTRING, TEXT(text) \
	}
#define CN_UNIVERSAL(text)                         \
	{                                              \
		CN_OF + V_ASN1_UNIVERSALSTRING, TEXT(text) \
	}
#define CN_RAW(tag, text)                 \
	{                                     \
		RAW_OF + V_ASN1_##tag, TEXT(text) \
	}
#define NOTHING    \
	{              \
		0, NULL, 0 \
	}

struct row
{
	const char *label;
	/* Words: server or client (else both have to come out the same), critical,
	 * no-wildcards, wildcard-proxies, uris, bind, expect=HOST, sni=NAME,
	 * from=ADDRESS, subject=NAME with '+' for a blank. */
	const char *given;
	const char *proxies; /* separated by blanks */
	struct name names[NAMES_MAX];
	/* What is accepted as it is told ("dNSName sip.example.com"), or why not:
	 * mismatch, critical, malformed, not-dialled, address, undecodable (for
	 * OpenSSL: TLS refuses it), bad-proxy (the operator's own), not-permitted
	 * (the proxies under these parameters). */
	const char *expected;
};

#define A10 "aaaaaaaaaa"
#define A50 A10 A10 A10 A10 A10
#define A61 A50 A10 "a"
#define A63 A61 "aa"
#define OCTETS192 A63 "." A63 "." A63 "." /* with its last dot */
#define NAME253 OCTETS192 A61

/* clang-format off */
static const struct row rows[] = {
#include "names_cases.inc"
};
/* clang-format on */

static EVP_PKEY *key;
static struct tlsp_peer_cert peer; /* too large for the stack */

static bool has_word(const struct row *row, const char *word)
{
	const char *place = strstr(row->given, word);
	size_t octets = strlen(word);

	while(place
			&& ((place > row->given && place[-1] != ' ')
					|| (place[octets] != '\0' && place[octets] != ' ')))
		place = strstr(place + 1, word);
	return place != NULL;
}

/* What stands behind |word|, which ends in '='. */
static bool value_of(
		const struct row *row, const char *word, char *out, size_t size)
{
	const char *place = strstr(row->given, word);
	size_t octets;

	if(!place)
		return false;
	place += strlen(word);
	octets = strcspn(place, " ");
	assert_true(octets < size);
	for(size_t i = 0; i < octets; i++)
		out[i] = place[i] == '+' ? ' ' : place[i];
	out[octets] = '\0';
	return true;
}

/* NULL if one of them is none. */
static struct tlsp_proxies *index_of(const char *list)
{
	struct tlsp_proxies_builder *builder = tlsp_proxies_builder_new();
	struct tlsp_proxies *index = NULL;
	bool good = true;

	assert_non_null(builder);
	while(good && *list) {
		size_t octets = strcspn(list, " ");
		struct tlsp_host host;

		good = tlsp_hostname_from_operator(&host, list, octets) == TLSP_HOST_OK;
		if(good)
			assert_true(tlsp_proxies_builder_add(builder, &host));
		list += octets + strspn(list + octets, " ");
	}
	if(good)
		index = tlsp_proxies_builder_write(
				builder, malloc(tlsp_proxies_builder_octets(builder)));
	tlsp_proxies_builder_free(builder);
	return index;
}

static void add_general_name(GENERAL_NAMES *names, const struct name *name)
{
	GENERAL_NAME *entry = GENERAL_NAME_new();
	ASN1_STRING *string = name->type == GEN_IPADD ? ASN1_OCTET_STRING_new()
												  : ASN1_IA5STRING_new();

	assert_non_null(entry);
	assert_true(ASN1_STRING_set(string, name->data, (int)name->octets));
	GENERAL_NAME_set0_value(entry, name->type, string);
	assert_true(sk_GENERAL_NAME_push(names, entry));
}

static void add_name(
		X509_NAME *subject, GENERAL_NAMES *names, const struct name *name)
{
	unsigned char filler[64];
	int octets = (int)name->octets;

	memset(filler, FILLER, sizeof(filler));
	if(name->type < CN_OF)
		add_general_name(names, name);
	else if(name->type < RAW_OF)
		assert_true(X509_NAME_add_entry_by_NID(subject, NID_commonName,
				name->type - CN_OF, (const unsigned char *)name->data, octets,
				-1, 0));
	else
		assert_true(X509_NAME_add_entry_by_NID(subject, NID_commonName,
				V_ASN1_PRINTABLESTRING, filler, octets, -1, 0));
}

static X509 *certificate_of(const struct row *row)
{
	X509 *certificate = X509_new();
	GENERAL_NAMES *names = GENERAL_NAMES_new();

	X509_set_version(certificate, X509_VERSION_3);
	X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
	X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
	X509_set_pubkey(certificate, key);
	for(size_t i = 0; i < NAMES_MAX && row->names[i].data; i++)
		add_name(X509_get_subject_name(certificate), names, &row->names[i]);
	if(sk_GENERAL_NAME_num(names) > 0)
		assert_true(X509_add1_ext_i2d(certificate, NID_subject_alt_name, names,
				has_word(row, "critical"), X509V3_ADD_DEFAULT));
	assert_true(X509_sign(certificate, key, EVP_sha256()));
	GENERAL_NAMES_free(names);
	return certificate;
}

/* The filler, its tag and length before it, becomes what the row says. */
static void lay_over(unsigned char *der, size_t octets, const struct name *name)
{
	unsigned char filler[66] = {V_ASN1_PRINTABLESTRING};
	unsigned char *place;

	filler[1] = (unsigned char)name->octets;
	memset(filler + 2, FILLER, name->octets);
	place = memmem(der, octets, filler, name->octets + 2);
	assert_non_null(place);
	place[0] = (unsigned char)(name->type - RAW_OF);
	memcpy(place + 2, name->data, name->octets);
}

/* As it comes from the wire; NULL if it does not decode. */
static X509 *decoded(const struct row *row)
{
	X509 *certificate = certificate_of(row);
	unsigned char *der = NULL;
	const unsigned char *place;
	int octets = i2d_X509(certificate, &der);

	assert_true(octets > 0);
	for(size_t i = 0; i < NAMES_MAX; i++)
		if(row->names[i].type >= RAW_OF)
			lay_over(der, (size_t)octets, &row->names[i]);
	X509_free(certificate);
	place = der;
	certificate = d2i_X509(NULL, &place, octets);
	OPENSSL_free(der);
	return certificate;
}

static void read_policy(struct tlsp_policy *policy, const struct row *row)
{
	tlsp_parameters_defaults(policy);
	policy->peer_host_name_verification_mode = TLSP_VERIFY_NAMES_BOTH;
	policy->sips_require_client_certificate = 1;
	policy->wildcards = !has_word(row, "no-wildcards");
	policy->wildcard_proxies = has_word(row, "wildcard-proxies");
	policy->sip_uri_identities = has_word(row, "uris");
	policy->bind_to_peer = has_word(row, "bind");
	value_of(row, "subject=", policy->tls_remote_subject_name,
			sizeof(policy->tls_remote_subject_name));
	value_of(row, "expect=", policy->expect, sizeof(policy->expect));
}

static void read_connection(const struct row *row,
		const struct tlsp_policy *policy, enum tlsp_role role)
{
	char text[256], name[256];
	bool from = value_of(row, "from=", text, sizeof(text));
	struct tlsp_host address;

	if(from)
		assert_int_equal(
				tlsp_hostname_from_operator(&address, text, strlen(text)),
				TLSP_HOST_OK);
	tlsp_names_set_connection(&peer.facts, policy, role,
			value_of(row, "sni=", name, sizeof(name)) ? name : NULL,
			from ? &address : NULL);
}

static const char *outcome(
		const struct tlsp_verdict *verdict, char *text, size_t size)
{
	static const struct
	{
		unsigned reasons;
		const char *word;
	} words[] = {
			{TLSP_REASON_MALFORMED, "malformed"},
			{TLSP_REASON_HOST_MISMATCH, "mismatch"},
			{TLSP_REASON_HOST_MISMATCH | TLSP_REASON_SAN_CRITICAL, "critical"},
			{TLSP_REASON_PEER_NOT_DIALLED, "not-dialled"},
			{TLSP_REASON_PEER_NOT_DIALLED | TLSP_REASON_SAN_CRITICAL,
					"not-dialled, critical"},
			{TLSP_REASON_ADDRESS_MISMATCH, "address"},
			{TLSP_REASON_ADDRESS_MISMATCH | TLSP_REASON_SAN_CRITICAL,
					"address, critical"},
	};
	static const char *const sorts[] = {[TLSP_MATCH_DNS_NAME] = "dNSName",
			[TLSP_MATCH_IP_ADDRESS] = "iPAddress",
			[TLSP_MATCH_COMMON_NAME] = "CN",
			[TLSP_MATCH_REMOTE_SUBJECT_NAME] = "TLSRemoteSubjectName",
			[TLSP_MATCH_SIP_URI] = "URI"};
	char host[256];

	for(size_t i = 0; i < COUNT(words); i++)
		if(verdict->reasons == words[i].reasons)
			return words[i].word;
	if(verdict->reasons || !verdict->accepted
			|| verdict->match == TLSP_MATCH_NONE)
		return "another reason";
	if(verdict->match == TLSP_MATCH_REMOTE_SUBJECT_NAME)
		return sorts[verdict->match];
	snprintf(text, size, "%s %s", sorts[verdict->match],
			tlsp_hostname_print(&verdict->matched, host, sizeof(host)));
	return text;
}

/* One line of printable ASCII that says what the verdict is. */
static void check_text(const struct tlsp_verdict *verdict)
{
	char text[2048];

	tlsp_explain_verdict(verdict, &peer.facts, text, sizeof(text));
	assert_true(strlen(text) < sizeof(text) - 1);
	assert_memory_equal(
			text, verdict->accepted ? "accepted: " : "refused: ", 9);
	for(size_t i = 0; text[i]; i++)
		assert_in_range(text[i], 0x20, 0x7e);
}

/* What is told of an acceptance is a proxy, and the dialled one if bound. */
static void check_proxy(const struct tlsp_verdict *verdict,
		const struct tlsp_policy *policy, const struct tlsp_proxies *proxies,
		enum tlsp_role role)
{
	const struct tlsp_host *told =
			verdict->proxy.octets ? &verdict->proxy : &verdict->matched;

	if(!verdict->accepted || verdict->match == TLSP_MATCH_REMOTE_SUBJECT_NAME)
		return;
	assert_true(tlsp_identity_host_is_proxy(told, proxies)
				|| tlsp_proxies_find(proxies, told));
	if(verdict->matched.kind == TLSP_HOST_WILDCARD && role == TLSP_ROLE_CLIENT
			&& tlsp_names_bound(policy, role))
		assert_true(tlsp_hostname_equal(told,
				peer.facts.dialled_name_known ? &peer.facts.dialled_name
											  : &peer.facts.peer_address));
}

static void judge(const struct row *row, const struct tlsp_policy *policy,
		const struct tlsp_proxies *proxies, enum tlsp_role role)
{
	struct tlsp_verdict verdict;
	char text[300];
	const char *got;

	read_connection(row, policy, role);
	peer.facts.chain = TLSP_CHAIN_VERIFIED;
	tlsp_verdict_judge(policy, proxies, role, &peer.facts, &verdict);
	got = outcome(&verdict, text, sizeof(text));
	if(strcmp(got, row->expected) != 0)
		fail_msg("as %s: %s, expected %s",
				role == TLSP_ROLE_SERVER ? "server" : "client", got,
				row->expected);
	check_text(&verdict);
	check_proxy(&verdict, policy, proxies, role);
}

static void judge_in_each_role(const struct row *row,
		const struct tlsp_policy *policy, const struct tlsp_proxies *proxies)
{
	X509 *certificate = decoded(row);

	if(!certificate) {
		assert_string_equal("undecodable", row->expected);
		return;
	}
	for(int i = 0; i < 2; i++) {
		enum tlsp_role role = i ? TLSP_ROLE_CLIENT : TLSP_ROLE_SERVER;

		if(has_word(row, i ? "server" : "client"))
			continue;
		tlsp_peer_cert_read(&peer, certificate);
		judge(row, policy, proxies, role);
		tlsp_peer_cert_cleanup(&peer);
	}
	X509_free(certificate);
}

static void a_row_comes_out(void **state)
{
	const struct row *row = *state;
	struct tlsp_proxies *proxies = index_of(row->proxies);
	struct tlsp_policy policy;
	char error[512];

	if(!proxies) {
		assert_string_equal("bad-proxy", row->expected);
		return;
	}
	read_policy(&policy, row);
	if(!tlsp_identity_check_proxies(
			   proxies, policy.wildcard_proxies, error, sizeof(error))) {
		assert_string_equal("not-permitted", row->expected);
		assert_non_null(strstr(error, "wildcard_proxies=1"));
	} else {
		judge_in_each_role(row, &policy, proxies);
	}
	free(proxies);
}

/* Every host that is a proxy of a row, and a list of it alone. */
enum
{
	LEAST_HOSTS = 40
};
static struct
{
	struct tlsp_host host;
	struct tlsp_proxies *alone;
} hosts[COUNT(rows)];
static size_t host_count;

static void collect(const char *list)
{
	while(*list) {
		size_t octets = strcspn(list, " ");
		struct tlsp_host host;
		char text[512];
		bool known = false;

		snprintf(text, sizeof(text), "%.*s", (int)octets, list);
		list += octets + strspn(list + octets, " ");
		if(tlsp_hostname_from_operator(&host, text, octets) != TLSP_HOST_OK
				|| host.kind == TLSP_HOST_WILDCARD)
			continue;
		for(size_t i = 0; i < host_count && !known; i++)
			known = tlsp_hostname_equal(&hosts[i].host, &host);
		if(known)
			continue;
		assert_true(host_count < COUNT(hosts));
		hosts[host_count].host = host;
		hosts[host_count++].alone = index_of(text);
	}
}

static void stands_for_whom_it_is_accepted_as(const struct row *row)
{
	static union
	{
		struct tlsp_vouched vouched;
		char octets[TLSP_VOUCHED_MAX_OCTETS];
	} block;
	struct tlsp_vouching from = {.facts = &peer.facts};
	struct tlsp_verdict verdict;
	struct tlsp_policy policy;

	read_policy(&policy, row);
	policy.bind_to_peer = 0;
	policy.expect[0] = policy.tls_remote_subject_name[0] = '\0';
	from.policy = &policy;
	tlsp_vouched_write(&block.vouched, NULL, &from);
	assert_int_equal(block.vouched.left_out, 0);
	for(size_t i = 0; i < host_count; i++) {
		char text[256];

		tlsp_verdict_judge(&policy, hosts[i].alone, TLSP_ROLE_SERVER,
				&peer.facts, &verdict);
		if(tlsp_vouched_stands_for(&block.vouched, &hosts[i].host)
				!= verdict.accepted)
			fail_msg("\"%s\", of %s: accepted %d, names %s", row->label,
					tlsp_hostname_print(&hosts[i].host, text, sizeof(text)),
					verdict.accepted, tlsp_vouched_names(&block.vouched));
	}
}

static void whom_a_certificate_stands_for(void **state)
{
	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++)
		collect(rows[i].proxies);
	assert_true(host_count >= LEAST_HOSTS);
	for(size_t i = 0; i < COUNT(rows); i++) {
		X509 *certificate = decoded(&rows[i]);

		if(!certificate)
			continue;
		tlsp_peer_cert_read(&peer, certificate);
		peer.facts.chain = TLSP_CHAIN_VERIFIED;
		if(!peer.facts.malformed)
			stands_for_whom_it_is_accepted_as(&rows[i]);
		tlsp_peer_cert_cleanup(&peer);
		X509_free(certificate);
	}
	for(size_t i = 0; i < host_count; i++)
		free(hosts[i].alone);
}

static void there_are_enough_rows_and_no_two_alike(void **state)
{
	(void)state;
	assert_true(COUNT(rows) >= LEAST_ROWS);
	for(size_t i = 0; i < COUNT(rows); i++)
		for(size_t j = 0; j < i; j++)
			assert_string_not_equal(rows[i].label, rows[j].label);
}

static int setup(void **state)
{
	(void)state;
	key = EVP_EC_gen("P-256");
	return key ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	EVP_PKEY_free(key);
	return 0;
}

int main(void)
{
	static struct CMUnitTest tests[COUNT(rows) + 2];

	for(size_t i = 0; i < COUNT(rows); i++) {
		tests[i].name = rows[i].label;
		tests[i].test_func = a_row_comes_out;
		tests[i].initial_state = (void *)&rows[i];
	}
	tests[COUNT(rows)].name = "there are 400 rows or more, no two alike";
	tests[COUNT(rows)].test_func = there_are_enough_rows_and_no_two_alike;
	tests[COUNT(rows) + 1].name =
			"a certificate stands for whom it would be accepted as";
	tests[COUNT(rows) + 1].test_func = whom_a_certificate_stands_for;
	return _cmocka_run_group_tests(
			"names_cases", tests, COUNT(tests), setup, teardown);
}
