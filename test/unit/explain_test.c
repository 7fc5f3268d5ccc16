/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explain_test - the words and sentences of a verdict: every reason has them;
 * of a chain that does not verify, dates in words, the certificate that it is
 * about, safe and bounded. verdict_test has the verdict on one line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "policy/explain.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define DATE "2026-11-21 10:00:00 UTC"

enum
{
	WORD_OCTETS = 40 /* and more than any */
};

static struct tlsp_peer_facts facts;

static void a_reason_has_a_word(void **state)
{
	static const struct
	{
		enum tlsp_reason reason;
		const char *word;
	} rows[] = {
			{TLSP_REASON_NO_CERTIFICATE, "no-certificate"},
			{TLSP_REASON_MALFORMED, "certificate-malformed"},
			{TLSP_REASON_EXPIRED, "certificate-expired"},
			{TLSP_REASON_NOT_YET_VALID, "certificate-not-yet-valid"},
			{TLSP_REASON_REVOKED, "certificate-revoked"},
			{TLSP_REASON_NOT_TRUSTED, "certificate-not-trusted"},
			{TLSP_REASON_NOT_VERIFIED, "certificate-not-verified"},
			{TLSP_REASON_SAN_CRITICAL, "subject-alt-name-critical"},
			{TLSP_REASON_HOST_MISMATCH, "certificate-host-mismatch"},
			{TLSP_REASON_PEER_NOT_DIALLED, "peer-not-dialled"},
			{TLSP_REASON_ADDRESS_MISMATCH, "peer-address-mismatch"},
			{TLSP_REASON_REVOCATION_UNKNOWN, "certificate-revocation-unknown"},
			{TLSP_REASON_KEY_USAGE, "certificate-key-usage"},
			{TLSP_REASON_EXTENDED_KEY_USAGE, "certificate-extended-key-usage"},
			{TLSP_REASON_BASIC_CONSTRAINTS, "certificate-basic-constraints"},
			{TLSP_REASON_CHAIN_UNKNOWN, "certificate-chain-unknown"},
	};
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++) {
		struct tlsp_verdict verdict = {.accepted = false};
		char text[512];
		size_t octets = strlen(rows[i].word);

		memset(&facts, 0, sizeof(facts));
		facts.certificate_presented = true;
		facts.chain = TLSP_CHAIN_VERIFIED;
		memset(&verdict.usage, 0xff, sizeof(verdict.usage)); /* every fault */
		tlsp_explain_reason(
				rows[i].reason, &verdict, &facts, text, sizeof(text));
		if(strcmp(tlsp_explain_word(rows[i].reason), rows[i].word) != 0
				|| strncmp(text, rows[i].word, octets) != 0
				|| strncmp(text + octets, ": ", 2) != 0
				|| strlen(text) < octets + 6) {
			print_message("FAIL %s: [%s]\n", rows[i].word, text);
			failures++;
		}
	}
	assert_int_equal(failures, 0);
}

/* "WORD: " is looked for and passed over. */
static const char *chain_sentence(char *buffer, size_t size)
{
	static const enum tlsp_reason reasons[] = {
			[TLSP_CHAIN_EXPIRED] = TLSP_REASON_EXPIRED,
			[TLSP_CHAIN_NOT_YET_VALID] = TLSP_REASON_NOT_YET_VALID,
			[TLSP_CHAIN_REVOKED] = TLSP_REASON_REVOKED,
			[TLSP_CHAIN_REVOCATION_UNKNOWN] = TLSP_REASON_REVOCATION_UNKNOWN,
			[TLSP_CHAIN_NOT_TRUSTED] = TLSP_REASON_NOT_TRUSTED,
	};
	static const struct tlsp_verdict verdict;
	enum tlsp_reason reason = reasons[facts.chain];
	const char *word = tlsp_explain_word(reason);

	tlsp_explain_reason(reason, &verdict, &facts, buffer, size);
	assert_non_null(word);
	assert_memory_equal(buffer, word, strlen(word));
	assert_memory_equal(buffer + strlen(word), ": ", 2);
	return buffer + strlen(word) + 2;
}

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
		char buffer[WORD_OCTETS + 448];
		const char *text;

		memset(&facts.chain_place, 0, sizeof(facts.chain_place));
		facts.chain = rows[i].chain;
		facts.chain_error = rows[i].error;
		facts.chain_place.depth = rows[i].depth;
		facts.chain_place.seconds = rows[i].seconds;
		strcpy(facts.chain_place.date, rows[i].date);
		strcpy(facts.chain_place.subject, rows[i].subject);
		text = chain_sentence(buffer, sizeof(buffer));
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
	char buffer[sizeof("certificate-expired: ") - 1 + 448], small[61];
	const char *text;

	(void)state;
	facts.chain = TLSP_CHAIN_EXPIRED;
	memset(place->subject, 0xff, sizeof(place->subject) - 1);
	place->subject[sizeof(place->subject) - 1] = '\0';
	place->depth = SIZE_MAX;
	place->seconds = INT64_MAX;
	strcpy(place->date, DATE);
	text = chain_sentence(buffer, sizeof(buffer));
	assert_non_null(strstr(text, "of the chain"));
	for(const char *at = text; *at; at++)
		assert_in_range(*at, 0x20, 0x7e);
	text = chain_sentence(small, sizeof(small));
	assert_int_equal(strlen(text), 39);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(a_reason_has_a_word),
			cmocka_unit_test(the_sentence_says_what_which_and_when),
			cmocka_unit_test(the_longest_subject_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
