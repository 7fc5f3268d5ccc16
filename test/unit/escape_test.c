/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * escape_test - text of strangers in one log line: nothing but printable
 * ASCII comes out, whole where it fits and marked where it is cut.
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

#include "policy/escape.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define TEXT(literal) literal, sizeof(literal) - 1

/* The result lies in a heap block of exactly |size|, so that one octet too
 * many is seen by the sanitizer. */
static bool escapes_to(
		const char *text, size_t octets, size_t size, const char *expected)
{
	char *buffer = malloc(size);
	bool same;

	assert_non_null(buffer);
	memset(buffer, 'Z', size);
	same = tlsp_escape(text, octets, buffer, size) == buffer
		   && strcmp(buffer, expected) == 0;
	if(!same)
		print_message("  got [%s], expected [%s]\n", buffer, expected);
	free(buffer);
	return same;
}

static void every_octet_is_printable_or_hexadecimal(void **state)
{
	int failures = 0;

	(void)state;
	for(int octet = 0; octet <= 0xff; octet++) {
		char text = (char)octet, expected[8];
		bool plain =
				octet >= 0x20 && octet <= 0x7e && octet != '"' && octet != '\\';

		snprintf(expected, sizeof(expected), plain ? "%c" : "\\x%02x", octet);
		if(!escapes_to(&text, 1, 64, expected)) {
			print_message("FAIL octet 0x%02x\n", octet);
			failures++;
		}
	}
	assert_int_equal(failures, 0);
}

static void text_is_whole_or_marked(void **state)
{
	static const struct
	{
		const char *label;
		const char *text;
		size_t octets, size;
		const char *expected;
	} rows[] = {
			{"nothing is the empty string", TEXT(""), 8, ""},
			{"a host is left alone", TEXT("sip.example.com"), 64,
					"sip.example.com"},
			{"a NUL octet does not end the text", TEXT("a\0b"), 64, "a\\x00b"},
			{"a line break cannot forge a second log line",
					TEXT("x\r\nERROR: y"), 64, "x\\x0d\\x0aERROR: y"},
			{"a terminal sequence is defused", TEXT("\x1b[2J"), 64, "\\x1b[2J"},
			{"a quote cannot end the quoted value", TEXT("a\" b"), 64,
					"a\\x22 b"},
			{"a backslash cannot imitate an escape", TEXT("\\x41"), 64,
					"\\x5cx41"},
			{"UTF-8 comes out octet by octet", TEXT("\xc3\xbc"), 64,
					"\\xc3\\xbc"},
			{"a percent sign is no format", TEXT("%s%n"), 64, "%s%n"},
			{"octets after the given count are not read", "abcdef", 3, 64,
					"abc"},
			{"text that fills the buffer to the last octet is whole",
					TEXT("1234567"), 8, "1234567"},
			{"short text fits the smallest buffer", TEXT("ab"), 8, "ab"},
			{"an escape that fits the rest exactly is whole", TEXT("abc\n"), 8,
					"abc\\x0a"},
			{"text of 15 octets fits a buffer of 16", TEXT("123456789012345"),
					16, "123456789012345"},
	};
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++)
		if(!escapes_to(rows[i].text, rows[i].octets, rows[i].size,
				   rows[i].expected)) {
			print_message("FAIL %s\n", rows[i].label);
			failures++;
		}
	assert_int_equal(failures, 0);
}

/* What an operator wrote, and what is shown of it. */
static void a_password_is_not_shown(void **state)
{
	static const struct
	{
		const char *written, *shown;
	} rows[] = {
			{"", ""},
			{"db_url", "db_url"},
			{"sip.example.com", "sip.example.com"},
			{"a = b c", "a = b c"},
			{"sip:u@h:5061;transport=tls", "sip:u@h:5061;transport=tls"},
			{"sip:u:secret@h", "sip ***"},
			{"db_url mysql://u:secret@h/d", "db_url ***"},
			{"\t DB_URL=odbc:secret", "\\x09 DB_URL ***"},
			{"db_urls secret", "db_urls ***"},
			{"db_ur odbc:secret", "db_ur odbc:secret"},
			{"mysql://u:secret@h/d", "mysql ***"},
			{"mysql:u:secret@h/d", "mysql ***"},
			{"x, mysql://secret", "x, ***"},
			{"u:secret@h://", "u ***"},
	};
	char shown[TLSP_ESCAPE_QUOTED_OCTETS], cut[8];

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(
				tlsp_escape_written(rows[i].written, strlen(rows[i].written),
						shown, sizeof(shown)),
				rows[i].shown);
	assert_string_equal(
			tlsp_escape_written(TEXT("db_url x"), cut, sizeof(cut)), "db_url ");
	assert_string_equal(
			tlsp_escape_written(TEXT("db_url\0x"), shown, sizeof(shown)),
			"db_url ***");
}

/* Of any long text: a whole prefix, no torn escape, "..." and the NUL. */
static bool is_cut_well(
		const char *unit, size_t unit_octets, size_t size, const char *escaped)
{
	char text[1024], *buffer = malloc(size);
	size_t escaped_octets = strlen(escaped), used, at = 0;
	bool well;

	assert_non_null(buffer);
	memset(buffer, 'Z', size);
	for(size_t i = 0; i + unit_octets <= sizeof(text); i += unit_octets)
		memcpy(text + i, unit, unit_octets);
	tlsp_escape(text, sizeof(text) / unit_octets * unit_octets, buffer, size);
	used = strnlen(buffer, size);
	well = used < size && used >= 3 && strcmp(buffer + used - 3, "...") == 0
		   && used + escaped_octets + 3 >= size / 2;
	while(well && at + 3 < used) {
		size_t left = used - 3 - at;

		if(escaped_octets > 4 && left < escaped_octets)
			break; /* cut between the octets of one unit */
		well = left >= escaped_octets
			   && memcmp(buffer + at, escaped, escaped_octets) == 0;
		at += escaped_octets;
	}
	free(buffer);
	return well;
}

static void a_cut_is_marked_and_tears_no_escape(void **state)
{
	static const struct
	{
		const char *label;
		const char *unit;
		size_t octets;
		const char *escaped;
	} rows[] = {
			{"plain text", TEXT("a"), "a"},
			{"NUL octets", TEXT("\0"), "\\x00"},
			{"line breaks", TEXT("\n"), "\\x0a"},
			{"octets above 0x7e", TEXT("\xff"), "\\xff"},
			{"quotes", TEXT("\""), "\\x22"},
	};
	static const size_t sizes[] = {8, 9, 10, 11, 12, 13, 15, 16, 72, 128, 256};
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++)
		for(size_t j = 0; j < COUNT(sizes); j++)
			if(!is_cut_well(rows[i].unit, rows[i].octets, sizes[j],
					   rows[i].escaped)) {
				print_message(
						"FAIL %s cut at %zu octets\n", rows[i].label, sizes[j]);
				failures++;
			}
	assert_int_equal(failures, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(every_octet_is_printable_or_hexadecimal),
			cmocka_unit_test(text_is_whole_or_marked),
			cmocka_unit_test(a_password_is_not_shown),
			cmocka_unit_test(a_cut_is_marked_and_tears_no_escape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
