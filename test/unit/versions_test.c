/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * versions_test - every TLSVersion against every range of a TLS domain: what
 * is left is exact, gaps included, and what cannot be is said in words.
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

#include "policy/versions.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* The manual's table, written out: the text, and the ends as wire values. */
static const struct
{
	int tls_version;
	unsigned set;
	const char *text;
	int lowest, highest;
} masks[] = {
		{0, 15, "TLS 1.0, 1.1, 1.2, 1.3", 0x0301, 0x0304},
		{1, 1, "TLS 1.0", 0x0301, 0x0301},
		{2, 2, "TLS 1.1", 0x0302, 0x0302},
		{3, 3, "TLS 1.0, 1.1", 0x0301, 0x0302},
		{4, 4, "TLS 1.2", 0x0303, 0x0303},
		{5, 5, "TLS 1.0, 1.2", 0x0301, 0x0303},
		{6, 6, "TLS 1.1, 1.2", 0x0302, 0x0303},
		{7, 7, "TLS 1.0, 1.1, 1.2", 0x0301, 0x0303},
		{8, 8, "TLS 1.3", 0x0304, 0x0304},
		{9, 9, "TLS 1.0, 1.3", 0x0301, 0x0304},
		{10, 10, "TLS 1.1, 1.3", 0x0302, 0x0304},
		{11, 11, "TLS 1.0, 1.1, 1.3", 0x0301, 0x0304},
		{12, 12, "TLS 1.2, 1.3", 0x0303, 0x0304},
		{13, 13, "TLS 1.0, 1.2, 1.3", 0x0301, 0x0304},
		{14, 14, "TLS 1.1, 1.2, 1.3", 0x0302, 0x0304},
		{15, 15, "TLS 1.0, 1.1, 1.2, 1.3", 0x0301, 0x0304},
		{-1, 0, "none", 0, 0},
		{16, 0, "none", 0, 0},
};

static void every_tls_version_is_its_set(void **state)
{
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(masks); i++) {
		unsigned set = tlsp_versions_from_parameter(masks[i].tls_version);
		char text[32];

		tlsp_versions_print(set, text, sizeof(text));
		if(set != masks[i].set || strcmp(text, masks[i].text) != 0
				|| tlsp_versions_lowest(set) != masks[i].lowest
				|| tlsp_versions_highest(set) != masks[i].highest) {
			print_message("FAIL TLSVersion %d is %s: got 0x%x %s\n",
					masks[i].tls_version, masks[i].text, set, text);
			failures++;
		}
	}
	assert_int_equal(failures, 0);
}

static void a_hello_of_ssl_2_0_comes_with_0_only(void **state)
{
	int failures = 0;

	(void)state;
	for(int tls_version = -1; tls_version <= 16; tls_version++)
		if(tlsp_versions_allow_ssl2_hello(tls_version) != (tls_version == 0)) {
			print_message("FAIL TLSVersion %d and SSL 2.0\n", tls_version);
			failures++;
		}
	assert_int_equal(failures, 0);
}

static const struct
{
	const char *label;
	int min, max;
	unsigned set;
} ranges[] = {
		{"no limits", 0, 0, 15},
		{"from TLS 1.0", 0x0301, 0, 15},
		{"from TLS 1.1", 0x0302, 0, 14},
		{"from TLS 1.2", 0x0303, 0, 12},
		{"from TLS 1.3", 0x0304, 0, 8},
		{"up to TLS 1.0", 0, 0x0301, 1},
		{"up to TLS 1.1", 0, 0x0302, 3},
		{"up to TLS 1.2", 0, 0x0303, 7},
		{"up to TLS 1.3", 0, 0x0304, 15},
		{"TLS 1.0 alone", 0x0301, 0x0301, 1},
		{"TLS 1.1 alone", 0x0302, 0x0302, 2},
		{"TLS 1.2 alone", 0x0303, 0x0303, 4},
		{"TLS 1.3 alone", 0x0304, 0x0304, 8},
		{"TLS 1.0 to 1.1", 0x0301, 0x0302, 3},
		{"TLS 1.0 to 1.2", 0x0301, 0x0303, 7},
		{"TLS 1.0 to 1.3", 0x0301, 0x0304, 15},
		{"TLS 1.1 to 1.2", 0x0302, 0x0303, 6},
		{"TLS 1.1 to 1.3", 0x0302, 0x0304, 14},
		{"TLS 1.2 to 1.3", 0x0303, 0x0304, 12},
		{"from SSL 3.0", 0x0300, 0, 15},
		{"up to SSL 3.0", 0, 0x0300, 0},
		{"ends in the wrong order", 0x0304, 0x0301, 0},
		{"a version of the future", 0x0305, 0, 0},
		{"up to a version of the future", 0, 0x0305, 15},
};

static void a_range_of_the_domain_is_a_set(void **state)
{
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(ranges); i++) {
		unsigned set = tlsp_versions_of_range(ranges[i].min, ranges[i].max);

		if(set != ranges[i].set) {
			print_message("FAIL %s: got 0x%x\n", ranges[i].label, set);
			failures++;
		}
	}
	assert_int_equal(failures, 0);
}

static void a_wire_value_is_one_version_or_none(void **state)
{
	static const struct
	{
		const char *label;
		int wire;
		unsigned bit;
	} rows[] = {
			{"TLS 1.0", 0x0301, 1},
			{"TLS 1.1", 0x0302, 2},
			{"TLS 1.2", 0x0303, 4},
			{"TLS 1.3", 0x0304, 8},
			{"SSL 2.0", 0x0002, 0},
			{"SSL 3.0", 0x0300, 0},
			{"TLS 1.4", 0x0305, 0},
			{"DTLS 1.2", 0xfefd, 0},
			{"no version", 0, 0},
			{"a negative value", -1, 0},
	};
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++)
		if(tlsp_versions_of_wire(rows[i].wire) != rows[i].bit) {
			print_message("FAIL %s\n", rows[i].label);
			failures++;
		}
	assert_int_equal(failures, 0);
}

/* The rule in the manual's words: nothing left refuses; else TLS 1.0 or 1.1
 * by name, and left, refuses above level 0; else it fits. */
static enum tlsp_versions_fit expected_fit(
		unsigned policy, bool by_name, unsigned domain, int level)
{
	bool old = (policy & domain & 1) || (policy & domain & 2);

	if((policy & domain) == 0)
		return TLSP_VERSIONS_EMPTY;
	return by_name && old && level > 0 ? TLSP_VERSIONS_SECURITY_LEVEL
									   : TLSP_VERSIONS_FIT;
}

static bool sentence_is_complete(enum tlsp_versions_fit fit,
		const char *sentence, const char *value, const char *policy,
		const char *domain)
{
	if(fit == TLSP_VERSIONS_FIT)
		return strcmp(sentence, "untouched") == 0;
	return strstr(sentence, "server[192.0.2.1:5061]") && strstr(sentence, value)
		   && strstr(sentence, policy) && strstr(sentence, domain)
		   && !strchr(sentence, '\n')
		   && (strstr(sentence, "@SECLEVEL=0") != NULL)
					  == (fit == TLSP_VERSIONS_SECURITY_LEVEL)
		   && (strstr(sentence, "cipher_list") != NULL)
					  == (fit == TLSP_VERSIONS_SECURITY_LEVEL);
}

static void every_tls_version_is_held_against_every_range(void **state)
{
	static const int levels[] = {0, 1, 2, 5};
	int failures = 0, checked = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(masks); i++)
		for(unsigned domain = 0; domain <= TLSP_TLS_ALL; domain++)
			for(size_t j = 0; j < COUNT(levels); j++) {
				int tls_version = masks[i].tls_version;
				enum tlsp_versions_fit fit,
						wanted = expected_fit(masks[i].set, tls_version != 0,
								domain, levels[j]);
				char sentence[512] = "untouched", value[32], text[32];

				fit = tlsp_versions_check(tls_version, domain, levels[j],
						"server[192.0.2.1:5061]", sentence, sizeof(sentence));
				snprintf(value, sizeof(value), "tls_version=%d ", tls_version);
				tlsp_versions_print(domain, text, sizeof(text));
				checked++;
				if(fit == wanted
						&& sentence_is_complete(
								fit, sentence, value, masks[i].text, text))
					continue;
				print_message("FAIL TLSVersion %d, domain %s, level %d: got "
							  "%d [%s]\n",
						tls_version, text, levels[j], (int)fit, sentence);
				failures++;
			}
	assert_int_equal(checked, 18 * 16 * 4);
	assert_int_equal(failures, 0);
}

static void a_policy_and_a_domain_fit_or_the_reason_is_said(void **state)
{
	static const struct
	{
		const char *label;
		int tls_version, min, max, level;
		enum tlsp_versions_fit fit;
	} rows[] = {
			{"0 fits any domain", 0, 0, 0, 1, TLSP_VERSIONS_FIT},
			{"0 fits TLS 1.0 alone at level 2: it asks for nothing by name", 0,
					0x0301, 0x0301, 2, TLSP_VERSIONS_FIT},
			{"0 does not fit a domain without any version", 0, 0x0304, 0x0301,
					0, TLSP_VERSIONS_EMPTY},
			{"1 fits at level 0", 1, 0, 0, 0, TLSP_VERSIONS_FIT},
			{"1 does not fit at level 1", 1, 0, 0, 1,
					TLSP_VERSIONS_SECURITY_LEVEL},
			{"1 has nothing left from TLS 1.2", 1, 0x0303, 0, 0,
					TLSP_VERSIONS_EMPTY},
			{"nothing left is told before the level", 1, 0x0303, 0, 1,
					TLSP_VERSIONS_EMPTY},
			{"2 does not fit at level 1", 2, 0, 0, 1,
					TLSP_VERSIONS_SECURITY_LEVEL},
			{"4 fits at any level", 4, 0, 0, 5, TLSP_VERSIONS_FIT},
			{"5 falls into the gap of a domain of TLS 1.1", 5, 0x0302, 0x0302,
					0, TLSP_VERSIONS_EMPTY},
			{"5 fits all at level 0", 5, 0, 0, 0, TLSP_VERSIONS_FIT},
			{"5 does not fit all at level 1", 5, 0, 0, 1,
					TLSP_VERSIONS_SECURITY_LEVEL},
			{"9 falls into the gap of TLS 1.1 to 1.2", 9, 0x0302, 0x0303, 0,
					TLSP_VERSIONS_EMPTY},
			{"11 falls into the gap of TLS 1.2", 11, 0x0303, 0x0303, 0,
					TLSP_VERSIONS_EMPTY},
			{"12 fits from TLS 1.2 at level 2", 12, 0x0303, 0, 2,
					TLSP_VERSIONS_FIT},
			{"8 has nothing left up to TLS 1.2", 8, 0, 0x0303, 0,
					TLSP_VERSIONS_EMPTY},
			{"-1 is no policy", -1, 0, 0, 0, TLSP_VERSIONS_EMPTY},
			{"16 is no policy", 16, 0, 0, 0, TLSP_VERSIONS_EMPTY},
	};
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++) {
		char sentence[512] = "";
		enum tlsp_versions_fit fit = tlsp_versions_check(rows[i].tls_version,
				tlsp_versions_of_range(rows[i].min, rows[i].max), rows[i].level,
				"default", sentence, sizeof(sentence));

		if(fit != rows[i].fit) {
			print_message("FAIL %s: got %d\n", rows[i].label, (int)fit);
			failures++;
		}
	}
	assert_int_equal(failures, 0);
}

static void a_text_is_cut_at_any_size(void **state)
{
	int failures = 0;

	(void)state;
	for(size_t size = 1; size <= 32; size++) {
		char *text = malloc(size), *sentence = malloc(size);

		assert_non_null(text);
		assert_non_null(sentence);
		tlsp_versions_print(TLSP_TLS_ALL, text, size);
		tlsp_versions_check(1, 8, 0, "default", sentence, size);
		if(strnlen(text, size) != (size > 22 ? 22 : size - 1)
				|| strnlen(sentence, size) != size - 1) {
			print_message("FAIL a buffer of %zu octets\n", size);
			failures++;
		}
		free(text);
		free(sentence);
	}
	assert_int_equal(failures, 0);
}

int main(void)
{
	/* clang-format off */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_tls_version_is_its_set),
		cmocka_unit_test(a_hello_of_ssl_2_0_comes_with_0_only),
		cmocka_unit_test(a_range_of_the_domain_is_a_set),
		cmocka_unit_test(a_wire_value_is_one_version_or_none),
		cmocka_unit_test(every_tls_version_is_held_against_every_range),
		cmocka_unit_test(a_policy_and_a_domain_fit_or_the_reason_is_said),
		cmocka_unit_test(a_text_is_cut_at_any_size),
	};
	/* clang-format on */

	return cmocka_run_group_tests(tests, NULL, NULL);
}
