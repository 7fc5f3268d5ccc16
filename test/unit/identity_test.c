/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * identity_test - what a certificate presents against configured proxies and
 * against TLSRemoteSubjectName: the manual's rules about names, addresses,
 * wildcards and the CN, row by row.
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

#include "policy/names/identity.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define TEXT(literal) literal, sizeof(literal) - 1
#define DNS TLSP_IDENTITY_DNS_NAME
#define IP TLSP_IDENTITY_IP_ADDRESS
#define CN TLSP_IDENTITY_COMMON_NAME

static struct tlsp_proxies *proxies, *no_proxies;

static struct tlsp_proxies *index_of(const char *const *names, size_t count)
{
	struct tlsp_proxies_builder *builder = tlsp_proxies_builder_new();
	struct tlsp_proxies *index;
	struct tlsp_host host;

	assert_non_null(builder);
	for(size_t i = 0; i < count; i++) {
		assert_int_equal(
				tlsp_hostname_from_operator(&host, names[i], strlen(names[i])),
				TLSP_HOST_OK);
		assert_true(tlsp_proxies_builder_add(builder, &host));
	}
	index = tlsp_proxies_builder_write(
			builder, malloc(tlsp_proxies_builder_octets(builder)));
	tlsp_proxies_builder_free(builder);
	return index;
}

static int setup(void **state)
{
	static const char *const names[] = {"sip.example.com", "a.b.example.net",
			"b\xc3\xbc"
			"cher.example",
			"*.carrier.net", "192.0.2.1", "2001:db8::1", "pbx", "x.single",
			"_sip.example.org"};

	(void)state;
	proxies = index_of(names, COUNT(names));
	no_proxies = index_of(names, 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(proxies);
	free(no_proxies);
	return 0;
}

/* The octets of a certificate in a block of exactly their size. */
static struct tlsp_identity identity_of(
		enum tlsp_identity_type type, const char *data, size_t octets)
{
	struct tlsp_identity identity = {type, NULL, octets, false};
	unsigned char *copy = malloc(octets ? octets : 1);

	assert_non_null(copy);
	memcpy(copy, data, octets);
	identity.data = copy;
	return identity;
}

enum
{
	NEVER = 0,
	WITH_WILDCARDS = 1,
	ALWAYS = 2
};

static void an_identity_is_a_proxy_or_not(void **state)
{
	static const struct
	{
		const char *label;
		enum tlsp_identity_type type;
		const char *data;
		size_t octets;
		int when;
		const char *matched;
	} rows[] = {
			{"dNSName equals a proxy", DNS, TEXT("sip.example.com"), ALWAYS,
					"sip.example.com"},
			{"dNSName in capitals", DNS, TEXT("SIP.EXAMPLE.COM"), ALWAYS,
					"sip.example.com"},
			{"dNSName with the root dot", DNS, TEXT("sip.example.com."), ALWAYS,
					"sip.example.com"},
			{"dNSName of one label", DNS, TEXT("pbx"), ALWAYS, "pbx"},
			{"dNSName with an underscore", DNS, TEXT("_sip.example.org"),
					ALWAYS, "_sip.example.org"},
			{"dNSName as A-label", DNS, TEXT("xn--bcher-kva.example"), ALWAYS,
					"xn--bcher-kva.example"},
			{"dNSName as U-label is no dNSName", DNS,
					TEXT("b\xc3\xbc"
						 "cher.example"),
					NEVER, NULL},
			{"dNSName that is no proxy", DNS, TEXT("evil.example.com"), NEVER,
					NULL},
			{"dNSName above a proxy", DNS, TEXT("example.com"), NEVER, NULL},
			{"dNSName below a proxy", DNS, TEXT("x.sip.example.com"), NEVER,
					NULL},
			{"dNSName that ends like a proxy", DNS, TEXT("xsip.example.com"),
					NEVER, NULL},
			{"dNSName that begins like a proxy", DNS,
					TEXT("sip.example.com.evil.org"), NEVER, NULL},
			{"dNSName with a NUL octet after a proxy", DNS,
					TEXT("sip.example.com\0.evil.org"), NEVER, NULL},
			{"dNSName with a NUL octet at the end", DNS,
					TEXT("sip.example.com\0"), NEVER, NULL},
			{"dNSName with a NUL octet before a proxy", DNS,
					TEXT("\0sip.example.com"), NEVER, NULL},
			{"dNSName with a blank before", DNS, TEXT(" sip.example.com"),
					NEVER, NULL},
			{"dNSName with a newline behind", DNS, TEXT("sip.example.com\n"),
					NEVER, NULL},
			{"dNSName with a port", DNS, TEXT("sip.example.com:5061"), NEVER,
					NULL},
			{"dNSName with a scheme", DNS, TEXT("sip:sip.example.com"), NEVER,
					NULL},
			{"dNSName with two root dots", DNS, TEXT("sip.example.com.."),
					NEVER, NULL},
			{"dNSName with an empty label", DNS, TEXT("sip..example.com"),
					NEVER, NULL},
			{"dNSName that begins with a dot", DNS, TEXT(".example.com"), NEVER,
					NULL},
			{"dNSName of nothing", DNS, TEXT(""), NEVER, NULL},
			{"dNSName that is a dot", DNS, TEXT("."), NEVER, NULL},
			{"dNSName with the text of an IPv4 proxy", DNS, TEXT("192.0.2.1"),
					NEVER, NULL},
			{"dNSName with the text of an IPv6 proxy", DNS, TEXT("2001:db8::1"),
					NEVER, NULL},
			{"dNSName with the octets of an IPv4 proxy", DNS,
					TEXT("\xc0\x00\x02\x01"), NEVER, NULL},

			{"wildcard for one label", DNS, TEXT("*.example.com"),
					WITH_WILDCARDS, "*.example.com"},
			{"wildcard in capitals", DNS, TEXT("*.EXAMPLE.Com"), WITH_WILDCARDS,
					"*.example.com"},
			{"wildcard below two labels", DNS, TEXT("*.b.example.net"),
					WITH_WILDCARDS, "*.b.example.net"},
			{"wildcard for two labels", DNS, TEXT("*.example.net"), NEVER,
					NULL},
			{"wildcard for no label", DNS, TEXT("*.sip.example.com"), NEVER,
					NULL},
			{"wildcard of another domain", DNS, TEXT("*.example.info"), NEVER,
					NULL},
			{"wildcard with one label after it", DNS, TEXT("*.single"), NEVER,
					NULL},
			{"wildcard with one label and the root dot", DNS, TEXT("*.single."),
					NEVER, NULL},
			{"wildcard alone", DNS, TEXT("*"), NEVER, NULL},
			{"wildcard and a dot", DNS, TEXT("*."), NEVER, NULL},
			{"wildcard before part of a label", DNS, TEXT("*ip.example.com"),
					NEVER, NULL},
			{"wildcard after part of a label", DNS, TEXT("s*.example.com"),
					NEVER, NULL},
			{"wildcard inside a label", DNS, TEXT("s*p.example.com"), NEVER,
					NULL},
			{"wildcard in the second label", DNS, TEXT("sip.*.com"), NEVER,
					NULL},
			{"wildcard twice", DNS, TEXT("*.*.com"), NEVER, NULL},
			{"wildcard for an IPv4 proxy", DNS, TEXT("*.0.2.1"), NEVER, NULL},
			{"wildcard as question mark", DNS, TEXT("?ip.example.com"), NEVER,
					NULL},
			{"wildcard with a NUL octet", DNS, TEXT("*.example.com\0"), NEVER,
					NULL},

			{"name one label below a wildcard proxy", DNS,
					TEXT("gw1.carrier.net"), ALWAYS, "gw1.carrier.net"},
			{"name in capitals below a wildcard proxy", DNS,
					TEXT("GW1.Carrier.NET"), ALWAYS, "gw1.carrier.net"},
			{"name two labels below a wildcard proxy", DNS,
					TEXT("x.gw1.carrier.net"), NEVER, NULL},
			{"name of a wildcard proxy's domain itself", DNS,
					TEXT("carrier.net"), NEVER, NULL},
			{"name that ends like a wildcard proxy", DNS,
					TEXT("gw1.xcarrier.net"), NEVER, NULL},
			{"wildcard equal to a wildcard proxy", DNS, TEXT("*.carrier.net"),
					WITH_WILDCARDS, "*.carrier.net"},
			{"wildcard below a wildcard proxy", DNS, TEXT("*.gw1.carrier.net"),
					NEVER, NULL},
			{"CN one label below a wildcard proxy", CN, TEXT("gw1.carrier.net"),
					ALWAYS, "gw1.carrier.net"},

			{"iPAddress equals an IPv4 proxy", IP, TEXT("\xc0\x00\x02\x01"),
					ALWAYS, "192.0.2.1"},
			{"iPAddress as IPv4-mapped IPv6 equals an IPv4 proxy", IP,
					TEXT("\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\x00\x02\x01"),
					ALWAYS, "192.0.2.1"},
			{"iPAddress equals an IPv6 proxy", IP,
					TEXT("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"), ALWAYS,
					"2001:db8::1"},
			{"iPAddress that is no proxy", IP, TEXT("\xc0\x00\x02\x02"), NEVER,
					NULL},
			{"iPAddress of IPv6 that is no proxy", IP,
					TEXT("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02"), NEVER,
					NULL},
			{"iPAddress with a mask, as in a name constraint", IP,
					TEXT("\xc0\x00\x02\x01\xff\xff\xff\xff"), NEVER, NULL},
			{"iPAddress of three octets", IP, TEXT("\xc0\x00\x02"), NEVER,
					NULL},
			{"iPAddress of five octets", IP, TEXT("\xc0\x00\x02\x01\x00"),
					NEVER, NULL},
			{"iPAddress of no octets", IP, TEXT(""), NEVER, NULL},
			{"iPAddress as text", IP, TEXT("192.0.2.1"), NEVER, NULL},
			{"iPAddress whose octets spell a proxy's name", IP, TEXT("pbx."),
					NEVER, NULL},

			{"CN equals a proxy", CN, TEXT("sip.example.com"), ALWAYS,
					"sip.example.com"},
			{"CN in capitals", CN, TEXT("Sip.Example.Com"), ALWAYS,
					"sip.example.com"},
			{"CN as U-label", CN,
					TEXT("b\xc3\xbc"
						 "cher.example"),
					ALWAYS, "xn--bcher-kva.example"},
			{"CN as U-label in capitals", CN,
					TEXT("B\xc3\x9c"
						 "CHER.example"),
					ALWAYS, "xn--bcher-kva.example"},
			{"CN as A-label", CN, TEXT("xn--bcher-kva.example"), ALWAYS,
					"xn--bcher-kva.example"},
			{"CN with the text of an IPv4 proxy", CN, TEXT("192.0.2.1"), ALWAYS,
					"192.0.2.1"},
			{"CN with the text of an IPv6 proxy", CN, TEXT("2001:DB8:0::1"),
					ALWAYS, "2001:db8::1"},
			{"CN with a wildcard", CN, TEXT("*.example.com"), WITH_WILDCARDS,
					"*.example.com"},
			{"CN with a partial wildcard", CN, TEXT("s*.example.com"), NEVER,
					NULL},
			{"CN with a full-width asterisk", CN,
					TEXT("\xef\xbc\x8a.example.com"), NEVER, NULL},
			{"CN with a wildcard before an ideographic dot", CN,
					TEXT("*\xe3\x80\x82"
						 "example.com"),
					NEVER, NULL},
			{"CN with a NUL octet after a proxy", CN,
					TEXT("sip.example.com\0.evil.org"), NEVER, NULL},
			{"CN that is no host", CN, TEXT("My Gateway"), NEVER, NULL},
			{"CN with a proxy inside", CN, TEXT("CN=sip.example.com"), NEVER,
					NULL},
			{"CN in broken UTF-8", CN, TEXT("sip\xff.example.com"), NEVER,
					NULL},
			{"CN with a Cyrillic letter", CN, TEXT("s\xd1\x96p.example.com"),
					NEVER, NULL},
			{"CN of nothing", CN, TEXT(""), NEVER, NULL},
	};
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++)
		for(int wildcards = 0; wildcards < 2; wildcards++) {
			struct tlsp_identity identity =
					identity_of(rows[i].type, rows[i].data, rows[i].octets);
			struct tlsp_host host, other;
			char text[256] = "";
			bool wanted = rows[i].when == ALWAYS
						  || (rows[i].when == WITH_WILDCARDS && wildcards);
			bool match, ghost;

			memset(&host, 0, sizeof(host));
			match = tlsp_identity_is_proxy(
					&identity, proxies, wildcards, &host);
			ghost = tlsp_identity_is_proxy(
					&identity, no_proxies, wildcards, &other);
			if(match)
				tlsp_hostname_print(&host, text, sizeof(text));
			/* a CA may not vouch for it: it matches nothing */
			identity.constrained = true;
			ghost = ghost
					|| tlsp_identity_is_proxy(
							&identity, proxies, wildcards, &other)
					|| (match && host.kind != TLSP_HOST_WILDCARD
							&& tlsp_identity_stands_for(
									&identity, &host, wildcards));
			free((void *)identity.data);
			if(match == wanted && !ghost
					&& (!match || strcmp(text, rows[i].matched) == 0))
				continue;
			print_message("FAIL %s, wildcards %s: got %s [%s]%s\n",
					rows[i].label, wildcards ? "on" : "off",
					match ? "match" : "no match", text,
					ghost ? ", and a match that may not be" : "");
			failures++;
		}
	assert_int_equal(failures, 0);
}

static void a_common_name_is_the_subject_name_or_not(void **state)
{
	static const struct
	{
		const char *label;
		const char *common_name;
		size_t octets;
		const char *subject_name;
		int when;
	} rows[] = {
			{"the same host", TEXT("gw.example.com"), "gw.example.com", ALWAYS},
			{"the CN in capitals", TEXT("GW.Example.com"), "gw.example.com",
					ALWAYS},
			{"the subject name in capitals", TEXT("gw.example.com"),
					"GW.EXAMPLE.COM", ALWAYS},
			{"the root dot in the CN", TEXT("gw.example.com."),
					"gw.example.com", ALWAYS},
			{"the root dot in the subject name", TEXT("gw.example.com"),
					"gw.example.com.", ALWAYS},
			{"A-label and U-label", TEXT("xn--bcher-kva.example"),
					"b\xc3\xbc"
					"cher.example",
					ALWAYS},
			{"U-label and A-label",
					TEXT("b\xc3\xbc"
						 "cher.example"),
					"xn--bcher-kva.example", ALWAYS},
			{"another host", TEXT("gw2.example.com"), "gw.example.com", NEVER},
			{"a host below", TEXT("x.gw.example.com"), "gw.example.com", NEVER},
			{"a host above", TEXT("example.com"), "gw.example.com", NEVER},
			{"the same IPv4 address", TEXT("192.0.2.9"), "192.0.2.9", ALWAYS},
			{"another IPv4 address", TEXT("192.0.2.8"), "192.0.2.9", NEVER},
			{"the same IPv6 address in two spellings", TEXT("2001:db8:0::9"),
					"2001:DB8::9", ALWAYS},
			{"a wildcard in the CN", TEXT("*.example.com"), "gw.example.com",
					WITH_WILDCARDS},
			{"a wildcard in capitals", TEXT("*.EXAMPLE.com"), "gw.Example.com",
					WITH_WILDCARDS},
			{"a wildcard in both", TEXT("*.example.com"), "*.example.com",
					WITH_WILDCARDS},
			{"a wildcard for two labels", TEXT("*.example.com"),
					"x.gw.example.com", NEVER},
			{"a wildcard for no label", TEXT("*.example.com"), "example.com",
					NEVER},
			{"a wildcard in the subject name covers nothing",
					TEXT("gw.example.com"), "*.example.com", NEVER},
			{"a wildcard with one label after it", TEXT("*.com"), "example.com",
					NEVER},
			{"a partial wildcard", TEXT("g*.example.com"), "gw.example.com",
					NEVER},
			{"a wildcard for an address", TEXT("*.0.2.9"), "192.0.2.9", NEVER},
			{"text that is no host", TEXT("My Gateway 01"), "My Gateway 01",
					ALWAYS},
			{"text in another case", TEXT("my gateway 01"), "My Gateway 01",
					NEVER},
			{"text that goes on", TEXT("My Gateway 012"), "My Gateway 01",
					NEVER},
			{"text that is cut", TEXT("My Gateway 0"), "My Gateway 01", NEVER},
			{"text with a NUL octet behind", TEXT("My Gateway 01\0"),
					"My Gateway 01", NEVER},
			{"a host with a NUL octet and more", TEXT("gw.example.com\0.evil"),
					"gw.example.com", NEVER},
			{"a host with a blank behind", TEXT("gw.example.com "),
					"gw.example.com", NEVER},
			{"a host against text", TEXT("gw.example.com"), "My Gateway 01",
					NEVER},
			{"text against a host", TEXT("My Gateway 01"), "gw.example.com",
					NEVER},
			{"nothing against nothing", TEXT(""), "", NEVER},
			{"a NUL octet against nothing", TEXT("\0"), "", NEVER},
			{"a host against nothing", TEXT("gw.example.com"), "", NEVER},
			{"nothing against a host", TEXT(""), "gw.example.com", NEVER},
	};
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++)
		for(int wildcards = 0; wildcards < 2; wildcards++) {
			struct tlsp_identity identity =
					identity_of(CN, rows[i].common_name, rows[i].octets);
			struct tlsp_host host;
			bool wanted = rows[i].when == ALWAYS
						  || (rows[i].when == WITH_WILDCARDS && wildcards);
			bool match = tlsp_identity_is_subject_name(
					&identity, rows[i].subject_name, wildcards, &host);

			identity.constrained = true;
			if(tlsp_identity_is_subject_name(
					   &identity, rows[i].subject_name, wildcards, &host))
				wanted = !match; /* which it never may */
			free((void *)identity.data);
			if(match == wanted)
				continue;
			print_message("FAIL %s, wildcards %s: got %s\n", rows[i].label,
					wildcards ? "on" : "off", match ? "match" : "no match");
			failures++;
		}
	assert_int_equal(failures, 0);
}

static void a_wildcard_stands_for_a_host_if_permitted(void **state)
{
	struct tlsp_identity wildcard =
			identity_of(TLSP_IDENTITY_DNS_NAME, TEXT("*.example.com"));
	struct tlsp_host host;

	(void)state;
	assert_int_equal(tlsp_hostname_from_operator(&host, TEXT("gw.example.com")),
			TLSP_HOST_OK);
	assert_true(tlsp_identity_stands_for(&wildcard, &host, true));
	assert_false(tlsp_identity_stands_for(&wildcard, &host, false));
	assert_int_equal(tlsp_hostname_from_operator(&host, TEXT("gw.example.org")),
			TLSP_HOST_OK);
	assert_false(tlsp_identity_stands_for(&wildcard, &host, true));
	free((void *)wildcard.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(an_identity_is_a_proxy_or_not),
			cmocka_unit_test(a_common_name_is_the_subject_name_or_not),
			cmocka_unit_test(a_wildcard_stands_for_a_host_if_permitted),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
