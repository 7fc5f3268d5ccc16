/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explain_test - the sentence about a chain that does not verify: dates in
 * words, the certificate that it is about, safe and bounded.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "policy/chain_text.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define DATE "2026-11-21 10:00:00 UTC"

static struct tlsp_peer_facts facts;

static void the_sentence_says_what_which_and_when(void **state)
{
	/* clang-format off */
	static const struct
	{
		enum tlsp_chain chain;
		const char *error, *date;
		int64_t seconds;
		size_t depth;
		const char *subject, *expected;
	} rows[] = {
		{TLSP_CHAIN_EXPIRED, "x", DATE, 3 * 86400 + 5, 0, "/CN=e", "expired 3 days ago (notAfter " DATE ")"},
		{TLSP_CHAIN_EXPIRED, "x", DATE, 2 * 86400, 0, "", "expired 2 days ago (notAfter " DATE ")"},
		{TLSP_CHAIN_EXPIRED, "x", DATE, 2 * 86400 - 1, 0, "", "expired 47 hours ago (notAfter " DATE ")"},
		{TLSP_CHAIN_EXPIRED, "x", DATE, 7199, 0, "", "expired 119 minutes ago (notAfter " DATE ")"},
		{TLSP_CHAIN_EXPIRED, "x", DATE, 600, 0, "", "expired 10 minutes ago (notAfter " DATE ")"},
		{TLSP_CHAIN_EXPIRED, "x", DATE, 599, 0, "", "expired 9 minutes ago (notAfter " DATE "): is a clock wrong?"},
		{TLSP_CHAIN_EXPIRED, "x", DATE, 119, 0, "", "expired 119 s ago (notAfter " DATE "): is a clock wrong?"},
		{TLSP_CHAIN_EXPIRED, "x", DATE, 0, 0, "", "expired 0 s ago (notAfter " DATE "): is a clock wrong?"},
		{TLSP_CHAIN_EXPIRED, "certificate has expired", "", 0, 0, "", "certificate has expired"},
		{TLSP_CHAIN_EXPIRED, "x", DATE, 400 * 86400, 1, "/O=x/CN=An intermediate", "expired 400 days ago (notAfter " DATE "): the CA \"/O=x/CN=An intermediate\" at depth 1 of the chain"},
		{TLSP_CHAIN_NOT_YET_VALID, "x", DATE, 42, 0, "", "not yet valid for another 42 s (notBefore " DATE "): is a clock wrong?"},
		{TLSP_CHAIN_NOT_YET_VALID, "x", DATE, 86400 * 30, 0, "", "not yet valid for another 30 days (notBefore " DATE "): is a clock wrong?"},
		{TLSP_CHAIN_NOT_YET_VALID, "certificate is not yet valid", "", 0, 0, "", "certificate is not yet valid"},
		{TLSP_CHAIN_REVOKED, "certificate revoked", "", 0, 0, "/CN=e", "certificate revoked"},
		{TLSP_CHAIN_REVOKED, "certificate revoked", "", 0, 2, "/CN=a\"b\n", "certificate revoked: the CA \"/CN=a\\x22b\\x0a\" at depth 2 of the chain"},
		{TLSP_CHAIN_REVOCATION_UNKNOWN, "the issuer's CRL has expired", DATE, 3 * 86400, 0, "", "the issuer's CRL has expired (3 days ago, nextUpdate " DATE ")"},
		{TLSP_CHAIN_REVOCATION_UNKNOWN, "the issuer's CRL is missing", "", 0, 1, "/CN=i", "the issuer's CRL is missing: the CA \"/CN=i\" at depth 1 of the chain"},
		{TLSP_CHAIN_NOT_TRUSTED, "unable to get local issuer certificate", "", 0, 0, "", "unable to get local issuer certificate"},
		{TLSP_CHAIN_NOT_TRUSTED, NULL, "", 0, 0, "", "the chain does not verify"},
	};
	/* clang-format on */
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++) {
		char text[448];

		memset(&facts.chain_place, 0, sizeof(facts.chain_place));
		facts.chain = rows[i].chain;
		facts.chain_error = rows[i].error;
		facts.chain_place.depth = rows[i].depth;
		facts.chain_place.seconds = rows[i].seconds;
		strcpy(facts.chain_place.date, rows[i].date);
		strcpy(facts.chain_place.subject, rows[i].subject);
		tlsp_chain_text_print(&facts, text, sizeof(text));
		if(strcmp(text, rows[i].expected) != 0) {
			print_message("FAIL [%s], not [%s]\n", text, rows[i].expected);
			failures++;
		}
	}
	assert_int_equal(failures, 0);
}

static void the_longest_subject_fits(void **state)
{
	struct tlsp_chain_place *place = &facts.chain_place;
	char text[448], small[40];

	(void)state;
	facts.chain = TLSP_CHAIN_EXPIRED;
	memset(place->subject, 0xff, sizeof(place->subject) - 1);
	place->subject[sizeof(place->subject) - 1] = '\0';
	place->depth = SIZE_MAX;
	place->seconds = INT64_MAX;
	strcpy(place->date, DATE);
	tlsp_chain_text_print(&facts, text, sizeof(text));
	assert_non_null(strstr(text, "of the chain"));
	for(const char *at = text; *at; at++)
		assert_in_range(*at, 0x20, 0x7e);
	tlsp_chain_text_print(&facts, small, sizeof(small));
	assert_int_equal(strlen(small), sizeof(small) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(the_sentence_says_what_which_and_when),
			cmocka_unit_test(the_longest_subject_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
