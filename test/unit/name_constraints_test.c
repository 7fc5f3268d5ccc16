/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * name_constraints_test - hosts against the subtrees of RFC 5280, 4.2.1.10,
 * wildcards and addresses included.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "policy/names/name_constraints.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define IN TLSP_SUBTREE_INSIDE
#define OUT TLSP_SUBTREE_OUTSIDE
#define PART TLSP_SUBTREE_PARTLY
#define OTHER TLSP_SUBTREE_OTHER_KIND

static struct tlsp_host host_of(const char *text)
{
	struct tlsp_host host;

	assert_int_equal(tlsp_hostname_from_operator(&host, text, strlen(text)),
			TLSP_HOST_OK);
	return host;
}

static void a_name_and_a_subtree_of_names(void **state)
{
	static const struct
	{
		const char *label, *host, *base;
		enum tlsp_subtree expected;
	} rows[] = {
			{"the name itself", "example.com", "example.com", IN},
			{"a label before it", "www.example.com", "example.com", IN},
			{"labels before it", "a.b.example.com", "example.com", IN},
			{"case does not matter", "www.example.com", "EXAMPLE.Com", IN},
			{"the parent", "com", "example.com", OUT},
			{"another", "example.org", "example.com", OUT},
			{"not whole labels", "badexample.com", "example.com", OUT},
			{"not whole labels, base with a dot", "badexample.com",
					".example.com", OUT},
			{"base with a dot", "www.example.com", ".example.com", IN},
			{"the empty base has everything", "a.example", "", IN},
			{"base with a dot, the name itself: no label in front",
					"example.com", ".example.com", PART},
			{"the same, other case", "example.com", ".Example.COM", PART},
			{"base with a dot, labels in front", "a.b.example.com",
					".example.com", IN},
			{"base with a dot, the parent", "com", ".example.com", OUT},
			{"a dot alone permits nothing", "a.example", ".", PART},
			{"a dot alone, one label", "example", ".", PART},
			{"a dot alone, wildcard", "*.example.com", ".", PART},
			{"two dots", "a.example", "..", OUT},
			{"base with two dots", "www.example.com", "..example.com", OUT},
			{"base with a root dot", "www.example.com", "example.com.", OUT},
			{"a wildcard as base", "www.example.com", "*.example.com", OUT},
			{"a shorter base", "www.example.com", "xample.com", OUT},
			{"a longer base", "www.example.com", "www.example.com.au", OUT},
			{"wildcard inside", "*.example.com", "example.com", IN},
			{"wildcard inside, base with a dot", "*.example.com",
					".example.com", IN},
			{"wildcard that may become the base with a dot", "*.example.com",
					".www.example.com", PART},
			{"wildcard deep inside", "*.www.example.com", "example.com", IN},
			{"wildcard that may become the base", "*.example.com",
					"www.example.com", PART},
			{"the same, other case", "*.example.com", "WWW.Example.COM", PART},
			{"wildcard does not reach two labels", "*.example.com",
					"a.b.example.com", OUT},
			{"wildcard beside", "*.example.com", "www.example.org", OUT},
			{"wildcard beside, a longer parent", "*.example.com",
					"www.my.example.com", OUT},
			{"wildcard and a base of one label", "*.example.com", "com", IN},
			{"wildcard and another of one label", "*.example.com", "org", OUT},
			{"an IPv4 address", "192.0.2.1", "192.0.2.1", OTHER},
			{"an IPv6 address", "2001:db8::1", "", OTHER},
	};
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++) {
		struct tlsp_host host = host_of(rows[i].host);

		if(tlsp_name_constraints_of_name(&host,
				   (const unsigned char *)rows[i].base, strlen(rows[i].base))
				!= rows[i].expected) {
			print_message("FAIL %s\n", rows[i].label);
			failures++;
		}
	}
	assert_int_equal(failures, 0);
}

static void an_address_and_a_range(void **state)
{
#define V6 "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\0"
#define M6 "\xff\xff\xff\xff\0\0\0\0\0\0\0\0\0\0\0\0"
	static const struct
	{
		const char *label, *host, *base;
		size_t octets;
		enum tlsp_subtree expected;
	} rows[] = {
			{"in the range", "192.0.2.7", "\xc0\0\x02\0\xff\xff\xff\0", 8, IN},
			{"beside it", "192.0.3.7", "\xc0\0\x02\0\xff\xff\xff\0", 8, OUT},
			{"bits of the base that the mask leaves out", "192.0.2.7",
					"\xc0\0\x02\x09\xff\xff\xff\0", 8, IN},
			{"the mask of all", "203.0.113.1", "\0\0\0\0\0\0\0\0", 8, IN},
			{"the mask of one", "192.0.2.7", "\xc0\0\x02\x07\xff\xff\xff\xff",
					8, IN},
			{"a range of IPv6", "192.0.2.7", V6 M6, 32, OUT},
			{"IPv6 in the range", "2001:db8:1::1", V6 M6, 32, IN},
			{"IPv6 beside it", "2001:db9::1", V6 M6, 32, OUT},
			{"IPv6 and a range of IPv4", "2001:db8::1", "\0\0\0\0\0\0\0\0", 8,
					OUT},
			{"an address without mask", "192.0.2.7", "\xc0\0\x02\x07", 4, OUT},
			{"nothing", "192.0.2.7", "", 0, OUT},
			{"a name", "example.com", "\0\0\0\0\0\0\0\0", 8, OTHER},
			{"a wildcard", "*.example.com", "\0\0\0\0\0\0\0\0", 8, OTHER},
	};
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++) {
		struct tlsp_host host = host_of(rows[i].host);

		if(tlsp_name_constraints_of_address(
				   &host, (const unsigned char *)rows[i].base, rows[i].octets)
				!= rows[i].expected) {
			print_message("FAIL %s\n", rows[i].label);
			failures++;
		}
	}
	assert_int_equal(failures, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(a_name_and_a_subtree_of_names),
			cmocka_unit_test(an_address_and_a_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
