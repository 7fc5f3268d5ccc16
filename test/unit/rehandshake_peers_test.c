/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rehandshake_peers_test - which host a list names. What a list may say is
 * tested with the parameter (parameters_test).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/host/hostname.h"
#include "policy/rehandshake/peers.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void a_list_names_its_hosts_and_no_other(void **state)
{
	static const struct
	{
		const char *label, *list, *host;
		bool named;
	} rows[] = {
			{"an empty list", "", "gw.example.com", false},
			{"the only one", "gw.example.com", "gw.example.com", true},
			{"the last of three", "a.example, b.example c.example", "c.example",
					true},
			{"case and root dot", "GW.example.com", "gw.EXAMPLE.com.", true},
			{"another name", "gw.example.com", "gw2.example.com", false},
			{"a name below", "example.com", "gw.example.com", false},
			{"a name above", "gw.example.com", "example.com", false},
			{"an IPv4 address", "a.example 192.0.2.1", "192.0.2.1", true},
			{"an IPv4 address mapped", "192.0.2.1", "::ffff:192.0.2.1", true},
			{"an IPv6 address", "[2001:db8:0::1]:5061", "2001:db8::1", true},
			{"another address", "192.0.2.1", "192.0.2.10", false},
			{"one label below a wildcard", "*.example.com", "gw.example.com",
					true},
			{"two labels below a wildcard", "*.example.com", "a.b.example.com",
					false},
			{"no label below a wildcard", "*.example.com", "example.com",
					false},
			{"a certificate's wildcard", "*.example.com", "*.example.com",
					true},
			{"a certificate's wildcard, a name in the list", "gw.example.com",
					"*.example.com", false},
			{"an address is below no wildcard", "*.0.2.example", "192.0.2.1",
					false},
	};
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++) {
		char list[256] = "", error[256] = "";
		struct tlsp_host host;
		bool held;

		held = tlsp_rehandshake_peers_read(
					   list, sizeof(list), rows[i].list, error, sizeof(error))
			   && tlsp_hostname_from_operator(
						  &host, rows[i].host, strlen(rows[i].host))
						  == TLSP_HOST_OK
			   && tlsp_rehandshake_peers_name(list, &host) == rows[i].named;
		if(!held) {
			print_message("FAIL %s: %s\n", rows[i].label, error);
			failures++;
		}
	}
	assert_int_equal(failures, 0);
}

static void a_list_that_does_not_fit_leaves_the_old_one(void **state)
{
	char list[8] = "old", error[256] = "";

	(void)state;
	assert_false(tlsp_rehandshake_peers_read(
			list, sizeof(list), "abcd efg", error, sizeof(error)));
	assert_string_equal(list, "old");
	assert_non_null(strstr(error, "\"efg\" are more than 7 octets"));
	assert_false(tlsp_rehandshake_peers_read(
			list, sizeof(list), "ab a..b", error, sizeof(error)));
	assert_string_equal(list, "old");
	assert_true(tlsp_rehandshake_peers_read(
			list, sizeof(list), "abc,efg", error, sizeof(error)));
	assert_string_equal(list, "abc efg");
}

int main(void)
{
	/* clang-format off */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_names_its_hosts_and_no_other),
		cmocka_unit_test(a_list_that_does_not_fit_leaves_the_old_one),
	};
	/* clang-format on */

	return cmocka_run_group_tests(tests, NULL, NULL);
}
