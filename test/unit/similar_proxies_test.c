/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * similar_proxies_test - which proxies are told as the closest to what a
 * refused peer presents.
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

#include "policy/names/similar_proxies.h"
#include "policy/outcome.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define MANY "a.far b.far c.far d.far "
#define DNS TLSP_IDENTITY_DNS_NAME
#define IP TLSP_IDENTITY_IP_ADDRESS
#define CN TLSP_IDENTITY_COMMON_NAME
#define URI TLSP_IDENTITY_URI

#define A61 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffg"

static struct tlsp_peer_facts facts; /* too large for the stack */

static const struct row
{
	const char *label;
	const char *proxies;
	enum tlsp_identity_type type;
	const char *presented; /* separated by blanks */
	const char *closest;
} rows[] = {
		{"a sibling", MANY "sip.carrier.example", DNS, "gw.carrier.example",
				"sip.carrier.example"},
		{"a sibling of a wildcard", MANY "a.b.carrier.example", DNS,
				"*.b.carrier.example", "a.b.carrier.example"},
		{"one below", MANY "x.sip.carrier.example", DNS, "sip.carrier.example",
				"x.sip.carrier.example"},
		{"one above", MANY "carrier.example", DNS, "sip.carrier.example",
				"carrier.example"},
		{"the nearest comes first",
				MANY "carrier.example b.sip.carrier.example", DNS,
				"a.sip.carrier.example",
				"b.sip.carrier.example, carrier.example"},
		{"a wildcard proxy above", MANY "*.carrier.example", DNS,
				"a.b.carrier.example", "*.carrier.example"},
		{"no more than three",
				MANY
				"a.example.org b.a.example.org example.org c.x.example.org",
				DNS, "x.a.example.org x.example.org",
				"b.a.example.org, a.example.org, example.org"},
		{"a top level alone is nothing in common", MANY "sip.example", DNS,
				"evil.example", ""},
		{"the address that a dNSName spells", MANY "192.0.2.1", DNS,
				"192.0.2.1", "192.0.2.1"},
		{"the IPv6 address that a dNSName spells", MANY "2001:db8::1", DNS,
				"2001:DB8:0::1", "2001:db8::1"},
		{"an iPAddress is like no other", MANY "192.0.2.1", IP,
				"\300\001\002\002", ""},
		{"the host of a URI", MANY "sip.carrier.example", URI,
				"sip:gw.carrier.example;lr", "sip.carrier.example"},
		{"a CN", MANY "sip.carrier.example", CN, "gw.carrier.example",
				"sip.carrier.example"},
		{"text that is no host", MANY "sip.carrier.example", CN, "a..b", ""},
		{"a name beyond ASCII is not looked at", MANY "sip.carrier.example", CN,
				"g\303\274.carrier.example", ""},
		{"up to three proxies are all there are", "a.far 192.0.2.1", DNS,
				"evil.org", "a.far, 192.0.2.1"},
		{"of four that are far none is told", MANY, DNS, "evil.org", ""},
		{"no proxy at all", "", DNS, "evil.org", ""},
		{"a name that does not fit is left out whole",
				A61 "." A61 "." A61 ".far b.far", DNS, "evil.org", "b.far"},
};

static struct tlsp_proxies *index_of(const char *list)
{
	struct tlsp_proxies_builder *builder = tlsp_proxies_builder_new();
	struct tlsp_proxies *index;

	assert_non_null(builder);
	while(*list) {
		size_t octets = strcspn(list, " ");
		struct tlsp_host host;

		assert_int_equal(
				tlsp_hostname_from_operator(&host, list, octets), TLSP_HOST_OK);
		assert_true(tlsp_proxies_builder_add(builder, &host));
		list += octets + strspn(list + octets, " ");
	}
	index = tlsp_proxies_builder_write(
			builder, malloc(tlsp_proxies_builder_octets(builder)));
	tlsp_proxies_builder_free(builder);
	return index;
}

static void present(const struct row *row)
{
	const char *text = row->presented;

	memset(&facts, 0, sizeof(facts));
	while(*text) {
		struct tlsp_identity identity = {.type = row->type,
				.data = (const unsigned char *)text,
				.octets = strcspn(text, " ")};

		if(row->type == CN) {
			facts.common_name_present = true;
			facts.common_name = identity;
		} else if(row->type == URI) {
			facts.uris[facts.uri_count++] = identity;
		} else {
			facts.identities[facts.identity_count++] = identity;
		}
		text += identity.octets + strspn(text + identity.octets, " ");
	}
}

static void the_closest_are_told(void **state)
{
	char text[TLSP_SIMILAR_PROXIES_OCTETS];
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++) {
		struct tlsp_proxies *proxies = index_of(rows[i].proxies);

		present(&rows[i]);
		memset(text, 'Z', sizeof(text));
		tlsp_similar_proxies_find(proxies, &facts, true, text, sizeof(text));
		free(proxies);
		if(strcmp(text, rows[i].closest) == 0)
			continue;
		print_message("FAIL %s: [%s]\n", rows[i].label, text);
		failures++;
	}
	assert_int_equal(failures, 0);
}

static void uris_that_do_not_count_are_not_looked_at(void **state)
{
	struct tlsp_proxies *proxies = index_of(MANY "sip.carrier.example");
	const struct row row = {.type = URI, .presented = "sip:a.carrier.example"};
	char text[TLSP_SIMILAR_PROXIES_OCTETS];

	(void)state;
	present(&row);
	tlsp_similar_proxies_find(proxies, &facts, false, text, sizeof(text));
	assert_string_equal(text, "");
	free(proxies);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(the_closest_are_told),
			cmocka_unit_test(uris_that_do_not_count_are_not_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
