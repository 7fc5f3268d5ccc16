/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vouched_test - the block of the names that a certificate stands for: order,
 * what counts, what does not fit. Whom it stands for is held against the
 * verdict in names_cases_test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "policy/host/hostname.h"
#include "policy/names/vouched.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define ENTRY(sort, literal)                                      \
	{                                                             \
		.type = (sort), .data = (const unsigned char *)(literal), \
		.octets = sizeof(literal) - 1                             \
	}
#define DNS(literal) ENTRY(TLSP_IDENTITY_DNS_NAME, literal)
#define IP(literal) ENTRY(TLSP_IDENTITY_IP_ADDRESS, literal)

enum
{
	NAMES_MAX = 6,
	FRAMED = TLSP_VOUCHED_MAX_OCTETS + 16
};

static struct tlsp_peer_facts facts; /* too large for the stack */
static union
{
	struct tlsp_vouched vouched;
	unsigned char octets[FRAMED]; /* the last 16 are not its own */
} block;

static struct tlsp_host host(const char *text)
{
	struct tlsp_host out;

	assert_int_equal(tlsp_hostname_from_operator(&out, text, strlen(text)),
			TLSP_HOST_OK);
	return out;
}

static void write_block(const char *identity, const struct tlsp_policy *policy,
		bool identity_alone)
{
	const struct tlsp_vouching from = {policy, &facts, identity_alone};
	struct tlsp_host accepted =
			identity ? host(identity) : (struct tlsp_host){0};

	memset(&block, 0xA5, sizeof(block));
	tlsp_vouched_write(&block.vouched, identity ? &accepted : NULL, &from);
	assert_true(block.vouched.octets <= TLSP_VOUCHED_MAX_OCTETS);
	for(size_t i = block.vouched.octets; i < FRAMED; i++)
		assert_int_equal(block.octets[i], 0xA5);
}

struct row
{
	const char *label;
	const char *given; /* words: critical, no-wildcards, uris, alone */
	const char *identity;
	struct tlsp_identity names[NAMES_MAX], uris[NAMES_MAX];
	const char *cn;
	bool cn_constrained;
	const char *expected; /* names, and "+N" left out */
};

/* clang-format off */
static const struct row rows[] = {
	{"the order of the certificate, the CN last", "", NULL,
		{DNS("b.example"), IP("\300\000\002\001"), DNS("A.example")}, {{0}}, "c.example", false,
		"b.example,192.0.2.1,a.example,c.example +0"},
	{"a CN that says what an entry says", "", NULL, {DNS("b.example"), DNS("a.example")}, {{0}}, "A.EXAMPLE.", false,
		"b.example,a.example +0"},
	{"a CN that is part of an entry", "", NULL, {DNS("b.example"), DNS("a.example")}, {{0}}, "example", false,
		"b.example,a.example,example +0"},
	{"a CN that is no host", "", NULL, {DNS("b.example")}, {{0}}, "John Doe", false, "b.example +0"},
	{"a CN beside a critical SubjectAltName", "critical", NULL, {DNS("b.example")}, {{0}}, "c.example", false, "b.example +0"},
	{"a CN that a CA may not vouch for", "", NULL, {DNS("b.example")}, {{0}}, "c.example", true, "b.example +0"},
	{"an entry that a CA may not vouch for", "", NULL,
		{DNS("b.example"), {TLSP_IDENTITY_DNS_NAME, (const unsigned char *)"c.example", 9, true}}, {{0}}, NULL, false, "b.example +0"},
	{"an entry that is no host", "", NULL, {DNS("a..b"), DNS("192.0.2.1"), DNS("b.example")}, {{0}}, NULL, false, "b.example +0"},
	{"a wildcard", "", NULL, {DNS("*.b.example")}, {{0}}, NULL, false, "*.b.example +0"},
	{"a wildcard where there are none", "no-wildcards", NULL, {DNS("*.b.example"), DNS("c.example")}, {{0}}, NULL, false,
		"c.example +0"},
	{"a URI that does not count", "", NULL, {DNS("b.example")}, {ENTRY(TLSP_IDENTITY_URI, "sip:u.example")}, "c.example", false,
		"b.example,c.example +0"},
	{"a URI that counts, alone but for addresses", "uris", NULL, {DNS("b.example"), IP("\300\000\002\001")},
		{ENTRY(TLSP_IDENTITY_URI, "https://w.example"), ENTRY(TLSP_IDENTITY_URI, "sip:u.example:5061")}, "c.example", false,
		"u.example,192.0.2.1 +0"},
	{"a URI that a CA may not vouch for still speaks against others", "uris", NULL, {DNS("b.example")},
		{{TLSP_IDENTITY_URI, (const unsigned char *)"sip:u.example", 13, true}}, "c.example", false, " +0"},
	{"URIs of other schemes do not", "uris", NULL, {DNS("b.example")}, {ENTRY(TLSP_IDENTITY_URI, "sips:u.example")}, NULL, false,
		"b.example +0"},
	{"the identity alone is known to pass", "alone", "b.example", {DNS("a.example"), DNS("b.example"), DNS("d.example")}, {{0}},
		"c.example", false, "b.example +3"},
	{"the identity alone, twice", "alone", "b.example", {DNS("b.example"), DNS("b.example")}, {{0}}, "b.example", false,
		"b.example,b.example +0"},
	{"nobody is known to pass", "alone", NULL, {DNS("a.example")}, {{0}}, NULL, false, " +1"},
};
/* clang-format on */

static void a_row_comes_out(void **state)
{
	const struct row *row = *state;
	struct tlsp_policy policy = {
			.wildcards = !strstr(row->given, "no-wildcards"),
			.sip_uri_identities = strstr(row->given, "uris") != NULL};
	char got[TLSP_VOUCHED_MAX_OCTETS + 16];
	const struct tlsp_host wildcard = host("*.b.example");

	memset(&facts, 0, sizeof(facts));
	facts.san_present = true;
	facts.san_critical = strstr(row->given, "critical") != NULL;
	for(; row->names[facts.identity_count].data; facts.identity_count++)
		facts.identities[facts.identity_count] =
				row->names[facts.identity_count];
	for(; row->uris[facts.uri_count].data; facts.uri_count++)
		facts.uris[facts.uri_count] = row->uris[facts.uri_count];
	facts.common_name_present = row->cn != NULL;
	facts.common_name = (struct tlsp_identity){TLSP_IDENTITY_COMMON_NAME,
			(const unsigned char *)row->cn, row->cn ? strlen(row->cn) : 0,
			row->cn_constrained};
	write_block(row->identity, &policy, strstr(row->given, "alone") != NULL);
	snprintf(got, sizeof(got), "%s +%d", tlsp_vouched_names(&block.vouched),
			block.vouched.left_out);
	assert_string_equal(got, row->expected);
	assert_false(tlsp_vouched_stands_for(&block.vouched, &wildcard));
	assert_int_equal(tlsp_vouched_is_empty(&block.vouched),
			!row->identity && strcmp(got, " +0") == 0);
}

/* |count| names of |octets| each, but for the last, which is short. */
static void many(size_t count, size_t octets)
{
	static char texts[TLSP_IDENTITIES_MAX][TLSP_HOSTNAME_MAX_OCTETS + 1];

	memset(&facts, 0, sizeof(facts));
	facts.san_present = true;
	facts.identity_count = count;
	for(size_t i = 0; i < count; i++) {
		size_t used = (size_t)snprintf(texts[i], sizeof(texts[i]), "n%04zu", i);

		while(used < octets) {
			texts[i][used] = used % 50 == 49 && used + 1 < octets ? '.' : 'x';
			used++;
		}
		texts[i][octets] = '\0';
		facts.identities[i] = (struct tlsp_identity){TLSP_IDENTITY_DNS_NAME,
				(const unsigned char *)texts[i], octets, false};
	}
	facts.identities[count - 1].data = (const unsigned char *)"a.b";
	facts.identities[count - 1].octets = 3;
}

/* Whatever their size, the names that fit come first; the identity always. */
static void what_does_not_fit_is_left_out_but_the_identity(void **state)
{
	const struct tlsp_policy policy = {.wildcards = 1};
	const size_t sizes[] = {5, 6, 11, 64, 100, 127, 200, 253};

	(void)state;
	for(size_t s = 0; s < COUNT(sizes); s++)
		for(int with = 0; with < 2; with++) {
			const struct tlsp_vouched *vouched = &block.vouched;
			const char *last;
			char identity[TLSP_HOSTNAME_MAX_OCTETS + 1];
			struct tlsp_host read;
			size_t octets;

			many(TLSP_IDENTITIES_MAX, sizes[s]);
			snprintf(identity, sizeof(identity), "%s",
					(const char *)facts.identities[1000].data);
			write_block(with ? identity : NULL, &policy, false);
			assert_int_equal(
					vouched->count + vouched->left_out, TLSP_IDENTITIES_MAX);
			assert_true(vouched->octets + 2 * (sizes[s] + 1)
						>= TLSP_VOUCHED_MAX_OCTETS);
			for(size_t i = 0; i + 1 < vouched->count; i++) {
				const char *name = tlsp_vouched_name(vouched, i, &octets);

				assert_int_equal(octets, sizes[s]);
				assert_memory_equal(name, facts.identities[i].data, octets);
			}
			last = tlsp_vouched_name(vouched, vouched->count - 1U, &octets);
			assert_int_equal(octets, sizes[s]);
			assert_memory_equal(last,
					with ? identity
						 : (const char *)facts.identities[vouched->count - 1U]
									.data,
					octets);
			assert_null(tlsp_vouched_name(vouched, vouched->count, &octets));
			assert_int_equal(tlsp_vouched_identity(vouched, &read), with);
			if(with) {
				struct tlsp_host wanted = host(identity);

				assert_true(tlsp_hostname_equal(&read, &wanted));
				assert_true(tlsp_vouched_stands_for(vouched, &wanted));
			}
		}
}

static void identities_come_back_as_they_were(void **state)
{
	static const char *const texts[] = {"a.example", "*.carrier.example",
			"192.0.2.1", "2001:db8::1", "_sip.a_b.example"};
	const struct tlsp_vouching nothing = {0};

	(void)state;
	for(size_t i = 0; i < COUNT(texts); i++) {
		struct tlsp_host wanted = host(texts[i]), read;

		tlsp_vouched_write(&block.vouched, &wanted, &nothing);
		assert_false(tlsp_vouched_is_empty(&block.vouched));
		assert_true(tlsp_vouched_identity(&block.vouched, &read));
		assert_true(tlsp_hostname_equal(&read, &wanted));
		assert_string_equal(tlsp_vouched_names(&block.vouched), "");
		assert_false(tlsp_vouched_stands_for(&block.vouched, &wanted));
	}
	tlsp_vouched_write(&block.vouched, NULL, &nothing);
	assert_true(tlsp_vouched_is_empty(&block.vouched));
}

int main(void)
{
	static struct CMUnitTest tests[COUNT(rows) + 2];

	for(size_t i = 0; i < COUNT(rows); i++) {
		tests[i].name = rows[i].label;
		tests[i].test_func = a_row_comes_out;
		tests[i].initial_state = (void *)&rows[i];
	}
	tests[COUNT(rows)] = (struct CMUnitTest)cmocka_unit_test(
			what_does_not_fit_is_left_out_but_the_identity);
	tests[COUNT(rows) + 1] = (struct CMUnitTest)cmocka_unit_test(
			identities_come_back_as_they_were);
	return _cmocka_run_group_tests("vouched", tests, COUNT(tests), NULL, NULL);
}
