/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proxy_line_test - what one line of a file of proxies says: a host, a SIP
 * URI, a line of a dispatcher.list, nothing, or a mistake that is named.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/proxies/proxy_line.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

struct row
{
	const char *label;
	const char *line;
	const char *expected; /* canonical text; NULL where |error| is expected */
	enum tlsp_host_error error;
};

static bool holds(const struct row *row)
{
	char *line = strdup(row->line); /* exactly as long as the line */
	struct tlsp_host host, before;
	char text[256] = "";
	enum tlsp_host_error error;
	bool held;

	assert_non_null(line);
	memset(&host, 0x5a, sizeof(host));
	before = host;
	error = tlsp_proxy_line_read(&host, line);
	free(line);
	if(error == TLSP_HOST_OK)
		tlsp_hostname_print(&host, text, sizeof(text));
	if(row->expected)
		held = error == TLSP_HOST_OK && strcmp(text, row->expected) == 0;
	else
		held = error == row->error && memcmp(&host, &before, sizeof(host)) == 0;
	if(!held)
		print_message("FAIL %s: error %d (%s), host [%s]\n", row->label,
				(int)error, tlsp_hostname_error_text(error), text);
	return held;
}

static void assert_all_hold(const struct row *rows, size_t count)
{
	int failures = 0;

	for(size_t i = 0; i < count; i++)
		failures += !holds(&rows[i]);
	assert_int_equal(failures, 0);
}

static void a_line_holds_one_host(void **state)
{
	static const struct row rows[] = {
			{"a name", "sip.example.com", "sip.example.com", 0},
			{"a name with its newline", "sip.example.com\n", "sip.example.com",
					0},
			{"a name with CR LF", "sip.example.com\r\n", "sip.example.com", 0},
			{"blanks around a name", " \t sip.example.com \t \n",
					"sip.example.com", 0},
			{"letters become lower case", "SIP.Example.COM", "sip.example.com",
					0},
			{"one trailing dot is dropped", "sip.example.com.",
					"sip.example.com", 0},
			{"a single label", "pbx", "pbx", 0},
			{"an underscore", "_sip.example.com", "_sip.example.com", 0},
			{"an internationalized name",
					"b\xc3\xbc"
					"cher.example",
					"xn--bcher-kva.example", 0},
			{"a wildcard proxy", "*.carrier.net", "*.carrier.net", 0},
			{"a name with a port", "sip.example.com:5061", "sip.example.com",
					0},
			{"an IPv4 address", "192.0.2.1", "192.0.2.1", 0},
			{"an IPv4 address with a port", "192.0.2.1:5061", "192.0.2.1", 0},
			{"an IPv6 address", "2001:DB8::1", "2001:db8::1", 0},
			{"an IPv6 address in brackets", "[2001:db8:0::1]", "2001:db8::1",
					0},
			{"an IPv6 address with a port", "[2001:db8::1]:5061", "2001:db8::1",
					0},
			{"an IPv4-mapped IPv6 address", "::ffff:192.0.2.1", "192.0.2.1", 0},
			{"port 1", "a.example:1", "a.example", 0},
			{"port 65535", "a.example:65535", "a.example", 0},
	};

	(void)state;
	assert_all_hold(rows, COUNT(rows));
}

static void a_line_holds_one_uri(void **state)
{
	static const struct row rows[] = {
			{"a SIP URI", "sip:sip.example.com", "sip.example.com", 0},
			{"a SIPS URI", "sips:sip.example.com", "sip.example.com", 0},
			{"a scheme in capitals", "SIPS:sip.example.com", "sip.example.com",
					0},
			{"a URI with a user", "sip:alice@sip.example.com",
					"sip.example.com", 0},
			{"a URI with user and password", "sip:alice:pw@sip.example.com",
					"sip.example.com", 0},
			{"a URI with a ';' in the user", "sip:+1;ext=2@sip.example.com",
					"sip.example.com", 0},
			{"a URI with a port", "sip:sip.example.com:5061", "sip.example.com",
					0},
			{"a URI with parameters",
					"sip:sip.example.com:5061;transport=tls;lr",
					"sip.example.com", 0},
			{"a URI with headers", "sip:sip.example.com?subject=x",
					"sip.example.com", 0},
			{"a URI with an IPv4 address", "sip:192.0.2.1;transport=tls",
					"192.0.2.1", 0},
			{"a URI with an IPv6 address", "sip:[2001:db8::1]:5061;lr",
					"2001:db8::1", 0},
			{"a URI in angle brackets", "<sip:sip.example.com;lr>",
					"sip.example.com", 0},
	};

	(void)state;
	assert_all_hold(rows, COUNT(rows));
}

static void a_line_of_a_dispatcher_list_gives_its_destination(void **state)
{
	static const struct row rows[] = {
			{"set and destination", "1 sip:gw.example.com", "gw.example.com",
					0},
			{"flags and priority follow", "1 sip:gw.example.com:5060 0 10",
					"gw.example.com", 0},
			{"attributes follow",
					"2 sip:192.0.2.7:5061;transport=tls 8 5 "
					"weight=50;duid=abc;socket=tls:192.0.2.1:5061",
					"192.0.2.7", 0},
			{"set 0", "0 sip:gw.example.com", "gw.example.com", 0},
			{"a large set", "2147483647 sip:gw.example.com", "gw.example.com",
					0},
			{"tabs between the fields", "1\tsip:gw.example.com\t0\n",
					"gw.example.com", 0},
			{"many blanks between the fields", "  1   sips:gw.example.com   0",
					"gw.example.com", 0},
			{"a destination in IPv6", "3 sip:[2001:db8::7]:5061 0",
					"2001:db8::7", 0},
			{"a comment follows", "1 sip:gw.example.com # the carrier",
					"gw.example.com", 0},
			{"a destination without a scheme", "1 gw.example.com",
					"gw.example.com", 0},
			{"a URI that holds blanks is a mistake", "1 sip: gw.example.com",
					NULL, TLSP_HOST_BAD_URI},
			{"a negative set is no set", "-1 sip:gw.example.com", NULL,
					TLSP_HOST_BAD_CHARACTER},
			{"two numbers are no destination", "1 2 sip:gw.example.com", NULL,
					TLSP_HOST_BAD_ADDRESS},
			{"a set alone is no proxy", "1", NULL, TLSP_HOST_BAD_ADDRESS},
			{"a set whose destination is a comment is no proxy",
					"1 # sip:gw.example.com", NULL, TLSP_HOST_BAD_ADDRESS},
	};

	(void)state;
	assert_all_hold(rows, COUNT(rows));
}

static void comments_and_blank_lines_hold_nothing(void **state)
{
	static const struct row rows[] = {
			{"an empty line", "", NULL, TLSP_HOST_EMPTY},
			{"a newline", "\n", NULL, TLSP_HOST_EMPTY},
			{"CR LF", "\r\n", NULL, TLSP_HOST_EMPTY},
			{"blanks", " \t \n", NULL, TLSP_HOST_EMPTY},
			{"a comment", "# sip.example.com", NULL, TLSP_HOST_EMPTY},
			{"a comment without a blank", "#sip.example.com\n", NULL,
					TLSP_HOST_EMPTY},
			{"a comment after blanks", " \t# sip.example.com", NULL,
					TLSP_HOST_EMPTY},
			{"a commented line of a dispatcher.list", "#1 sip:gw.example.com 0",
					NULL, TLSP_HOST_EMPTY},
			{"a lone '#'", "#", NULL, TLSP_HOST_EMPTY},
			{"a host, then a comment", "sip.example.com # main\n",
					"sip.example.com", 0},
			{"a host, then a comment without a blank after '#'",
					"sip.example.com #main", "sip.example.com", 0},
			{"a host, then an empty comment", "sip.example.com #",
					"sip.example.com", 0},
			{"a comment may hold hosts", "a.example # b.example c.example",
					"a.example", 0},
			{"'#' inside a host is no comment", "sip.example.com#main", NULL,
					TLSP_HOST_BAD_CHARACTER},
			{"'#' inside a user is no comment", "sip:a#b@sip.example.com",
					"sip.example.com", 0},
	};

	(void)state;
	assert_all_hold(rows, COUNT(rows));
}

static void a_bad_line_is_a_mistake_and_never_blank(void **state)
{
	static const struct row rows[] = {
			{"two hosts", "a.example.com b.example.com", NULL,
					TLSP_HOST_BAD_CHARACTER},
			{"hosts with commas", "a.example.com,b.example.com", NULL,
					TLSP_HOST_BAD_CHARACTER},
			{"an empty label", "a..example.com", NULL, TLSP_HOST_EMPTY_LABEL},
			{"a leading dot", ".example.com", NULL, TLSP_HOST_EMPTY_LABEL},
			{"a dot alone", ".", NULL, TLSP_HOST_EMPTY_LABEL},
			{"a label that begins with '-'", "-a.example.com", NULL,
					TLSP_HOST_BAD_HYPHEN},
			{"a label that ends with '-'", "a-.example.com", NULL,
					TLSP_HOST_BAD_HYPHEN},
			{"an IPv4 address with an octet too big", "192.0.2.256", NULL,
					TLSP_HOST_BAD_ADDRESS},
			{"an IPv4 address with three octets", "192.0.2", NULL,
					TLSP_HOST_BAD_ADDRESS},
			{"an IPv6 address with two gaps", "2001::db8::1", NULL,
					TLSP_HOST_BAD_ADDRESS},
			{"an open bracket", "[2001:db8::1", NULL, TLSP_HOST_BAD_BRACKETS},
			{"a name in brackets", "[sip.example.com]", NULL,
					TLSP_HOST_BAD_BRACKETS},
			{"empty brackets", "[]", NULL, TLSP_HOST_BAD_BRACKETS},
			{"a zone id", "fe80::1%eth0", NULL, TLSP_HOST_ZONE_ID},
			{"port 0", "a.example:0", NULL, TLSP_HOST_BAD_PORT},
			{"port 65536", "a.example:65536", NULL, TLSP_HOST_BAD_PORT},
			{"a colon without a port", "a.example:", NULL, TLSP_HOST_BAD_PORT},
			{"a port in letters", "a.example:sip", NULL, TLSP_HOST_BAD_PORT},
			{"a scheme without a host", "sip:", NULL, TLSP_HOST_BAD_URI},
			{"a user without a host", "sip:alice@", NULL, TLSP_HOST_BAD_URI},
			{"a tel URI", "tel:+123", NULL, TLSP_HOST_BAD_URI},
			{"a web address", "https://example.com", NULL, TLSP_HOST_BAD_URI},
			{"a name in angle brackets", "<sip.example.com>", NULL,
					TLSP_HOST_BAD_URI},
			{"a wildcard with one label after it", "*.net", NULL,
					TLSP_HOST_BAD_WILDCARD},
			{"a wildcard as part of a label", "sip*.example.com", NULL,
					TLSP_HOST_BAD_WILDCARD},
			{"a wildcard in the middle", "sip.*.example.com", NULL,
					TLSP_HOST_BAD_WILDCARD},
			{"broken UTF-8",
					"b\xfc"
					"cher.example",
					NULL, TLSP_HOST_BAD_UTF8},
			{"a control octet inside", "sip\x01.example.com", NULL,
					TLSP_HOST_BAD_CHARACTER},
	};
	/* A mistake, whatever its name is, must not pass for a blank line. */
	static const char *const never_blank[] = {":5061", "1 :5061", "sip::5061",
			"sip:alice@:5061", "1 sip::5061 0", "<>", "<sip:>", "\"\"", "\v"};
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++)
		failures += !holds(&rows[i]);
	for(size_t i = 0; i < COUNT(never_blank); i++) {
		struct tlsp_host host;
		enum tlsp_host_error error =
				tlsp_proxy_line_read(&host, never_blank[i]);

		if(error == TLSP_HOST_EMPTY || error == TLSP_HOST_OK) {
			print_message("FAIL [%s] is a mistake, not a blank line: error "
						  "%d\n",
					never_blank[i], (int)error);
			failures++;
		}
	}
	assert_int_equal(failures, 0);
}

int main(void)
{
	/* clang-format off */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_holds_one_host),
		cmocka_unit_test(a_line_holds_one_uri),
		cmocka_unit_test(a_line_of_a_dispatcher_list_gives_its_destination),
		cmocka_unit_test(comments_and_blank_lines_hold_nothing),
		cmocka_unit_test(a_bad_line_is_a_mistake_and_never_blank),
	};
	/* clang-format on */

	return cmocka_run_group_tests(tests, NULL, NULL);
}
