/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hostname_test - what an operator or a certificate writes, and the canonical
 * host or the refusal that it gives. Every input lies in a heap block of
 * exactly its size, so that a read past its end is found.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/host/hostname.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define IN(text) text, sizeof(text) - 1
#define NAME(text) TLSP_HOST_OK, TLSP_HOST_NAME, text
#define WILDCARD(text) TLSP_HOST_OK, TLSP_HOST_WILDCARD, text
#define IPV4(text) TLSP_HOST_OK, TLSP_HOST_IPV4, text
#define IPV6(text) TLSP_HOST_OK, TLSP_HOST_IPV6, text
#define REFUSED(why) TLSP_HOST_##why, TLSP_HOST_NAME, NULL

#define A10 "aaaaaaaaaa"
#define A50 A10 A10 A10 A10 A10
#define A61 A50 A10 "a"
#define A63 A61 "aa"
#define OCTETS192 A63 "." A63 "." A63 "." /* with its last dot */
#define NAME253 OCTETS192 A61
#define NAME254 OCTETS192 A61 "a"
#define NAME251 OCTETS192 A50 "aaaaaaaaa"
#define NAME252 OCTETS192 A50 A10
#define UE "\xc3\xbc" /* u with diaeresis, NFC */
#define UE10 UE UE UE UE UE UE UE UE UE UE
#define UE60 UE10 UE10 UE10 UE10 UE10 UE10
#define BUECHER "b" UE "cher.example"
#define BUECHER_A "xn--bcher-kva.example"
/* under 63 octets each label, over 253 octets the name, as A-labels */
#define UE_NAME UE A50 "." UE A50 "." UE A50 "." UE A50 "." UE A50 ".example"

struct row
{
	const char *label;
	const char *text;
	size_t octets;
	enum tlsp_host_error error;
	enum tlsp_host_kind kind;
	const char *printed;
};

static const struct row operator_rows[] = {
		/* names */
		{"a name stays", IN("sip.example.com"), NAME("sip.example.com")},
		{"capitals become small", IN("SIP.Example.COM"),
				NAME("sip.example.com")},
		{"one label is a name", IN("localhost"), NAME("localhost")},
		{"one octet is a name", IN("a"), NAME("a")},
		{"one trailing dot is dropped", IN("sip.example.com."),
				NAME("sip.example.com")},
		{"two trailing dots are an empty label", IN("sip.example.com.."),
				REFUSED(EMPTY_LABEL)},
		{"a dot alone is an empty label", IN("."), REFUSED(EMPTY_LABEL)},
		{"two dots alone are an empty label", IN(".."), REFUSED(EMPTY_LABEL)},
		{"a..b has an empty label", IN("a..b"), REFUSED(EMPTY_LABEL)},
		{"a leading dot is an empty label", IN(".a"), REFUSED(EMPTY_LABEL)},
		{"nothing is empty", IN(""), REFUSED(EMPTY)},
		{"underscores are allowed", IN("_sips._tcp.example.com"),
				NAME("_sips._tcp.example.com")},
		{"an underscore may end a label", IN("a_.example.com"),
				NAME("a_.example.com")},
		{"hyphens inside a label are allowed", IN("a-b--c.example"),
				NAME("a-b--c.example")},
		{"no label begins with a hyphen", IN("a.-b.example"),
				REFUSED(BAD_HYPHEN)},
		{"no label ends with a hyphen", IN("a.b-.example"),
				REFUSED(BAD_HYPHEN)},
		{"a hyphen alone is no label", IN("-"), REFUSED(BAD_HYPHEN)},
		{"digits may begin a name", IN("3com.example"), NAME("3com.example")},
		{"digits only may be a label that is not the last",
				IN("192.0.2.1.example"), NAME("192.0.2.1.example")},

		/* lengths */
		{"a label of 63 octets", IN(A63 ".example"), NAME(A63 ".example")},
		{"no label of 64 octets", IN(A63 "a.example"), REFUSED(LABEL_TOO_LONG)},
		{"no last label of 64 octets", IN("example." A63 "a"),
				REFUSED(LABEL_TOO_LONG)},
		{"a name of 253 octets", IN(NAME253), NAME(NAME253)},
		{"a name of 253 octets and the trailing dot", IN(NAME253 "."),
				NAME(NAME253)},
		{"no name of 254 octets", IN(NAME254), REFUSED(NAME_TOO_LONG)},
		{"no name of 254 octets and the trailing dot", IN(NAME254 "."),
				REFUSED(NAME_TOO_LONG)},
		{"a name of 253 octets and a port", IN(NAME253 ":5061"), NAME(NAME253)},
		{"no name of 510 octets", IN(NAME253 "." OCTETS192 A63 ".a"),
				REFUSED(NAME_TOO_LONG)},

		/* what is no character of a host */
		{"no space inside", IN("sip example.com"), REFUSED(BAD_CHARACTER)},
		{"no space before", IN(" sip.example.com"), REFUSED(BAD_CHARACTER)},
		{"no space after", IN("sip.example.com "), REFUSED(BAD_CHARACTER)},
		{"a space alone is no host", IN(" "), REFUSED(BAD_CHARACTER)},
		{"no tab", IN("sip\t.example.com"), REFUSED(BAD_CHARACTER)},
		{"no line feed", IN("sip.example.com\n"), REFUSED(BAD_CHARACTER)},
		{"no DEL", IN("sip\x7f.example.com"), REFUSED(BAD_CHARACTER)},
		{"no slash", IN("sip.example.com/24"), REFUSED(BAD_CHARACTER)},
		{"no comma", IN("a.example,b.example"), REFUSED(BAD_CHARACTER)},
		{"no user without sip:", IN("user@example.com"),
				REFUSED(BAD_CHARACTER)},
		{"no per cent sign in a name", IN("sip%2eexample.com"),
				REFUSED(BAD_CHARACTER)},
		{"no NUL inside", IN("sip.example.com\0.evil.net"), REFUSED(NUL)},
		{"no NUL at the end", IN("sip.example.com\0"), REFUSED(NUL)},
		{"a NUL alone is no host", IN("\0"), REFUSED(NUL)},

		/* ports */
		{"a port is dropped", IN("sip.example.com:5061"),
				NAME("sip.example.com")},
		{"port 1", IN("a.example:1"), NAME("a.example")},
		{"port 65535", IN("a.example:65535"), NAME("a.example")},
		{"no port 0", IN("a.example:0"), REFUSED(BAD_PORT)},
		{"no port 65536", IN("a.example:65536"), REFUSED(BAD_PORT)},
		{"no port that wraps to 1", IN("a.example:4294967297"),
				REFUSED(BAD_PORT)},
		{"no empty port", IN("a.example:"), REFUSED(BAD_PORT)},
		{"no port in letters", IN("a.example:sips"), REFUSED(BAD_PORT)},
		{"no sign before a port", IN("a.example:+5061"), REFUSED(BAD_PORT)},
		{"a trailing dot before the port", IN("a.example.:5061"),
				NAME("a.example")},
		{"an IPv4 address and a port", IN("192.0.2.1:5061"), IPV4("192.0.2.1")},
		{"a port without a host is empty", IN(":5061"), REFUSED(EMPTY)},

		/* IPv4 */
		{"an IPv4 address", IN("192.0.2.1"), IPV4("192.0.2.1")},
		{"the lowest IPv4 address", IN("0.0.0.0"), IPV4("0.0.0.0")},
		{"the highest IPv4 address", IN("255.255.255.255"),
				IPV4("255.255.255.255")},
		{"no octet over 255", IN("192.0.2.256"), REFUSED(BAD_ADDRESS)},
		{"no IPv4 address of 3 numbers", IN("192.0.2"), REFUSED(BAD_ADDRESS)},
		{"no IPv4 address of 5 numbers", IN("192.0.2.1.1"),
				REFUSED(BAD_ADDRESS)},
		{"no IPv4 address of 1 number", IN("3221225985"), REFUSED(BAD_ADDRESS)},
		{"no octal number", IN("192.0.2.01"), REFUSED(BAD_ADDRESS)},
		{"no hexadecimal number", IN("0xc0000201"), REFUSED(BAD_ADDRESS)},
		{"no hexadecimal last number", IN("192.0.2.0X1"), REFUSED(BAD_ADDRESS)},
		{"an IPv4 address has no trailing dot", IN("192.0.2.1."),
				REFUSED(BAD_ADDRESS)},
		{"no name ends in a number", IN("sip.example.1"), REFUSED(BAD_ADDRESS)},
		{"0x before other letters is no number", IN("sip.0xyz"),
				NAME("sip.0xyz")},

		/* IPv6 */
		{"an IPv6 address", IN("2001:db8::1"), IPV6("2001:db8::1")},
		{"IPv6 in full", IN("2001:0db8:0000:0000:0000:0000:0000:0001"),
				IPV6("2001:db8::1")},
		{"IPv6 in capitals", IN("2001:DB8::A"), IPV6("2001:db8::a")},
		{"IPv6 with :: elsewhere", IN("2001:db8:0:0:0::1"),
				IPV6("2001:db8::1")},
		{"the unspecified IPv6 address", IN("::"), IPV6("::")},
		{"the IPv6 loopback", IN("::1"), IPV6("::1")},
		{"IPv6 that ends in IPv4 notation", IN("64:ff9b::192.0.2.1"),
				IPV6("64:ff9b::c000:201")},
		{"an IPv6 address in brackets", IN("[2001:db8::1]"),
				IPV6("2001:db8::1")},
		{"an IPv6 address in brackets and a port", IN("[2001:db8::1]:5061"),
				IPV6("2001:db8::1")},
		{"IPv4-mapped is IPv4", IN("::ffff:192.0.2.1"), IPV4("192.0.2.1")},
		{"IPv4-mapped in hexadecimal is IPv4", IN("::FFFF:c000:201"),
				IPV4("192.0.2.1")},
		{"no leading zeros in IPv4 notation", IN("::ffff:192.000.2.1"),
				REFUSED(BAD_ADDRESS)},
		{"the longest IPv4-mapped is IPv4",
				IN("0000:0000:0000:0000:0000:ffff:255.255.255.255"),
				IPV4("255.255.255.255")},
		{"IPv4-mapped in brackets and a port", IN("[::ffff:192.0.2.1]:5061"),
				IPV4("192.0.2.1")},
		{"IPv4-compatible stays IPv6", IN("::192.0.2.1"), IPV6("::192.0.2.1")},
		{"no second ::", IN("2001::db8::1"), REFUSED(BAD_ADDRESS)},
		{"no group of 5 digits", IN("2001:db8::10000"), REFUSED(BAD_ADDRESS)},
		{"no 7 groups", IN("1:2:3:4:5:6:7"), REFUSED(BAD_ADDRESS)},
		{"no 9 groups", IN("1:2:3:4:5:6:7:8:9"), REFUSED(BAD_ADDRESS)},
		{"no letter after f", IN("2001:db8::g"), REFUSED(BAD_ADDRESS)},
		{"no second port", IN("a.example:5061:5061"), REFUSED(BAD_ADDRESS)},
		{"no zone id", IN("fe80::1%eth0"), REFUSED(ZONE_ID)},
		{"no zone id in brackets", IN("[fe80::1%eth0]"), REFUSED(ZONE_ID)},
		{"no escaped zone id", IN("[fe80::1%25eth0]:5061"), REFUSED(ZONE_ID)},
		{"no empty zone id", IN("fe80::1%"), REFUSED(ZONE_ID)},
		{"a per cent sign in the port is no zone id", IN("[fe80::1]:5%1"),
				REFUSED(BAD_PORT)},

		/* brackets */
		{"no empty brackets", IN("[]"), REFUSED(BAD_BRACKETS)},
		{"no bracket that stays open", IN("[2001:db8::1"),
				REFUSED(BAD_BRACKETS)},
		{"no bracket that was not opened", IN("2001:db8::1]"),
				REFUSED(BAD_BRACKETS)},
		{"an open bracket alone is no host", IN("["), REFUSED(BAD_BRACKETS)},
		{"no IPv4 in brackets", IN("[192.0.2.1]"), REFUSED(BAD_BRACKETS)},
		{"no name in brackets", IN("[sip.example.com]"), REFUSED(BAD_BRACKETS)},
		{"no brackets twice", IN("[[::1]]"), REFUSED(BAD_BRACKETS)},
		{"nothing but a port after the bracket", IN("[::1]x"),
				REFUSED(BAD_BRACKETS)},
		{"no empty port after the bracket", IN("[::1]:"), REFUSED(BAD_PORT)},
		{"no port 0 after the bracket", IN("[::1]:0"), REFUSED(BAD_PORT)},

		/* URIs */
		{"a sip URI", IN("sip:sip.example.com"), NAME("sip.example.com")},
		{"a sips URI", IN("sips:sip.example.com"), NAME("sip.example.com")},
		{"a scheme in capitals", IN("SIPS:sip.example.com"),
				NAME("sip.example.com")},
		{"a URI with everything",
				IN("sip:user:pw@a.example:5061;transport=tls?Subject=x"),
				NAME("a.example")},
		{"a URI with parameters", IN("sip:a.example;transport=tls;lr"),
				NAME("a.example")},
		{"a URI with headers only", IN("sip:a.example?Subject=x"),
				NAME("a.example")},
		{"a user may hold ; and ?", IN("sip:u;x=b.example?y@a.example"),
				NAME("a.example")},
		{"a URI in angle brackets", IN("<sip:a.example>"), NAME("a.example")},
		{"a whole URI in angle brackets", IN("<sips:user@a.example:5061;lr>"),
				NAME("a.example")},
		{"a URI with IPv4", IN("sip:192.0.2.1:5061"), IPV4("192.0.2.1")},
		{"a URI with IPv6", IN("sip:user@[2001:db8::1]:5061;transport=tls"),
				IPV6("2001:db8::1")},
		{"a URI with IPv6 and no port", IN("sips:[2001:db8::1];lr"),
				IPV6("2001:db8::1")},
		{"a URI with a U-label", IN("sip:user@" BUECHER ":5061"),
				NAME(BUECHER_A)},
		{"no sip URI without anything", IN("sip:"), REFUSED(BAD_URI)},
		{"no sip URI without a host", IN("sip:user@"), REFUSED(BAD_URI)},
		{"no sip URI of parameters only", IN("sip:;transport=tls"),
				REFUSED(BAD_URI)},
		{"no sip URI of a user and a port", IN("sip:user@:5061"),
				REFUSED(BAD_URI)},
		{"no sip URI with a bad port", IN("sip:a.example:0;lr"),
				REFUSED(BAD_PORT)},
		{"no sip URI with an open bracket", IN("sip:[::1;lr"),
				REFUSED(BAD_BRACKETS)},
		{"no empty angle brackets", IN("<>"), REFUSED(BAD_URI)},
		{"no host in angle brackets", IN("<a.example>"), REFUSED(BAD_URI)},
		{"no tel URI", IN("tel:+15551234"), REFUSED(BAD_URI)},
		{"no http URI", IN("http://a.example/"), REFUSED(BAD_URI)},
		{"no https URI", IN("HTTPS://a.example/"), REFUSED(BAD_URI)},
		{"a name may begin with sip", IN("sip.a.example:5061"),
				NAME("sip.a.example")},

		/* wildcards */
		{"a wildcard", IN("*.carrier.net"), WILDCARD("*.carrier.net")},
		{"a wildcard in capitals with a trailing dot", IN("*.Carrier.NET."),
				WILDCARD("*.carrier.net")},
		{"a wildcard and a port", IN("*.carrier.net:5061"),
				WILDCARD("*.carrier.net")},
		{"a wildcard with U-labels", IN("*." BUECHER),
				WILDCARD("*." BUECHER_A)},
		{"no star alone", IN("*"), REFUSED(BAD_WILDCARD)},
		{"no star and a dot", IN("*."), REFUSED(BAD_WILDCARD)},
		{"no star and two dots", IN("*.."), REFUSED(BAD_WILDCARD)},
		{"no wildcard over a top level", IN("*.net"), REFUSED(BAD_WILDCARD)},
		{"no wildcard over a top level with a dot", IN("*.net."),
				REFUSED(BAD_WILDCARD)},
		{"no wildcard over one U-label", IN("*.b" UE "cher"),
				REFUSED(BAD_WILDCARD)},
		{"no star after letters", IN("a*.b.c"), REFUSED(BAD_WILDCARD)},
		{"no star before letters", IN("*a.b.c"), REFUSED(BAD_WILDCARD)},
		{"no star in a later label", IN("a.*.b.c"), REFUSED(BAD_WILDCARD)},
		{"no star as last label", IN("a.b.*"), REFUSED(BAD_WILDCARD)},
		{"no two stars", IN("*.*.b.c"), REFUSED(BAD_WILDCARD)},
		{"no double star", IN("**.b.c"), REFUSED(BAD_WILDCARD)},
		{"no star after letters before a U-label", IN("a*." BUECHER),
				REFUSED(BAD_WILDCARD)},
		{"no empty label below a star", IN("*..b.c"), REFUSED(EMPTY_LABEL)},
		{"no wildcard over an address", IN("*.192.0.2.1"),
				REFUSED(BAD_ADDRESS)},
		{"a wildcard of 253 octets", IN("*." NAME251), WILDCARD("*." NAME251)},
		{"no wildcard of 254 octets", IN("*." NAME252), REFUSED(NAME_TOO_LONG)},

		/* internationalized names */
		{"U-labels become A-labels", IN(BUECHER), NAME(BUECHER_A)},
		{"A-labels stay", IN(BUECHER_A), NAME(BUECHER_A)},
		{"A-labels become small", IN("XN--BCHER-KVA.Example"), NAME(BUECHER_A)},
		{"U-labels in capitals are mapped",
				IN("B\xc3\x9c"
				   "CHER.Example"),
				NAME(BUECHER_A)},
		{"decomposed U-labels are composed",
				IN("bu\xcc\x88"
				   "cher.example"),
				NAME(BUECHER_A)},
		{"U-labels and a port", IN(BUECHER ":5061"), NAME(BUECHER_A)},
		{"U-labels and a trailing dot", IN(BUECHER "."), NAME(BUECHER_A)},
		{"U-labels beside A-labels", IN("xn--bcher-kva." BUECHER),
				NAME("xn--bcher-kva." BUECHER_A)},
		{"sharp s is not transitional", IN("fa\xc3\x9f.example"),
				NAME("xn--fa-hia.example")},
		{"an ideographic full stop is a dot",
				IN("b" UE "cher\xe3\x80\x82"
				   "example"),
				NAME(BUECHER_A)},
		{"full-width letters are mapped", IN("\xef\xbd\x81.example"),
				NAME("a.example")},
		{"full-width digits are an address",
				IN("\xef\xbc\x91.\xef\xbc\x92.\xef\xbc\x93.\xef\xbc\x94"),
				IPV4("1.2.3.4")},
		{"Han labels",
				IN("\xe4\xbe\x8b\xe3\x81\x88.\xe3\x83\x86\xe3\x82\xb9"
				   "\xe3\x83\x88"),
				NAME("xn--r8jz45g.xn--zckzah")},
		{"underscores beside U-labels", IN("_sips." BUECHER),
				NAME("_sips." BUECHER_A)},
		{"no user before U-labels", IN("user@" BUECHER),
				REFUSED(BAD_CHARACTER)},
		{"no emoji", IN("\xf0\x9f\x98\x80.example"), REFUSED(BAD_IDN)},
		{"no leading combining mark",
				IN("\xcc\x88"
				   "a.example"),
				REFUSED(BAD_IDN)},
		{"no joiner without its context",
				IN("a\xe2\x80\x8d"
				   "b.example"),
				REFUSED(BAD_IDN)},
		{"no no-break space",
				IN("b" UE "\xc2\xa0"
				   "a.example"),
				REFUSED(BAD_IDN)},
		{"no full-width star", IN("\xef\xbc\x8a." BUECHER), REFUSED(BAD_IDN)},
		{"no A-label beside a U-label that does not decode",
				IN("xn--99999999." BUECHER), REFUSED(BAD_IDN)},
		{"no empty label among U-labels", IN("a.." BUECHER),
				REFUSED(EMPTY_LABEL)},
		{"no U-label over 63 octets as A-label", IN(UE60 "a.example"),
				REFUSED(LABEL_TOO_LONG)},
		{"no name over 253 octets as A-labels", IN(UE_NAME),
				REFUSED(NAME_TOO_LONG)},

		/* UTF-8 */
		{"no octet ff", IN("a\xff.example"), REFUSED(BAD_UTF8)},
		{"no lone continuation", IN("a\x80.example"), REFUSED(BAD_UTF8)},
		{"no sequence cut at the end", IN("a.example\xc3"), REFUSED(BAD_UTF8)},
		{"no sequence cut inside", IN("a\xe4\xbe.example"), REFUSED(BAD_UTF8)},
		{"no overlong dot",
				IN("a\xc0\xae"
				   "example"),
				REFUSED(BAD_UTF8)},
		{"no surrogate", IN("a\xed\xa0\x80.example"), REFUSED(BAD_UTF8)},
		{"nothing over U+10FFFF", IN("a\xf4\x90\x80\x80.example"),
				REFUSED(BAD_UTF8)},
		{"no Latin-1",
				IN("b\xfc"
				   "cher.example"),
				REFUSED(BAD_UTF8)},
		{"no bad UTF-8 below a star",
				IN("*.b\xfc"
				   "cher.example"),
				REFUSED(BAD_UTF8)},
};

static const struct row dns_name_rows[] = {
		{"a name stays", IN("sip.example.com"), NAME("sip.example.com")},
		{"capitals become small", IN("SIP.Example.COM"),
				NAME("sip.example.com")},
		{"one trailing dot is dropped", IN("sip.example.com."),
				NAME("sip.example.com")},
		{"A-labels become small", IN("xn--BCHER-kva.example"), NAME(BUECHER_A)},
		{"one label is a name", IN("localhost"), NAME("localhost")},
		{"underscores are allowed", IN("_sips.example.com"),
				NAME("_sips.example.com")},
		{"a name of 253 octets", IN(NAME253), NAME(NAME253)},
		{"no name of 254 octets", IN(NAME254), REFUSED(NAME_TOO_LONG)},
		{"no label of 64 octets", IN(A63 "a.example"), REFUSED(LABEL_TOO_LONG)},
		{"nothing is empty", IN(""), REFUSED(EMPTY)},
		{"no NUL inside", IN("sip.example.com\0.evil.net"), REFUSED(NUL)},
		{"no NUL at the end", IN("sip.example.com\0"), REFUSED(NUL)},
		{"a..b has an empty label", IN("a..b"), REFUSED(EMPTY_LABEL)},
		{"two trailing dots are an empty label", IN("a.b.."),
				REFUSED(EMPTY_LABEL)},
		{"a dot alone is an empty label", IN("."), REFUSED(EMPTY_LABEL)},
		{"no label begins with a hyphen", IN("-a.example"),
				REFUSED(BAD_HYPHEN)},
		{"no space", IN("sip.example.com "), REFUSED(BAD_CHARACTER)},
		{"a space alone is no name", IN(" "), REFUSED(BAD_CHARACTER)},
		{"no port", IN("sip.example.com:5061"), REFUSED(BAD_CHARACTER)},
		{"no URI", IN("sip:sip.example.com"), REFUSED(BAD_CHARACTER)},
		{"no U-labels", IN(BUECHER), REFUSED(BAD_CHARACTER)},
		{"no Latin-1",
				IN("b\xfc"
				   "cher.example"),
				REFUSED(BAD_CHARACTER)},
		{"no IPv4 address", IN("192.0.2.1"), REFUSED(BAD_ADDRESS)},
		{"no IPv4 address with a dot", IN("192.0.2.1."), REFUSED(BAD_ADDRESS)},
		{"no number", IN("3221225985"), REFUSED(BAD_ADDRESS)},
		{"no IPv6 address", IN("2001:db8::1"), REFUSED(BAD_CHARACTER)},
		{"no brackets", IN("[2001:db8::1]"), REFUSED(BAD_CHARACTER)},
		{"a wildcard", IN("*.a.b"), WILDCARD("*.a.b")},
		{"a wildcard with a trailing dot", IN("*.A.B."), WILDCARD("*.a.b")},
		{"a wildcard over A-labels", IN("*." BUECHER_A),
				WILDCARD("*." BUECHER_A)},
		{"no wildcard over a top level", IN("*.com"), REFUSED(BAD_WILDCARD)},
		{"no star alone", IN("*"), REFUSED(BAD_WILDCARD)},
		{"no star and a dot", IN("*."), REFUSED(BAD_WILDCARD)},
		{"no star and two dots", IN("*.."), REFUSED(BAD_WILDCARD)},
		{"no star after letters", IN("a*.b.c"), REFUSED(BAD_WILDCARD)},
		{"no star inside letters", IN("a*a.b.c"), REFUSED(BAD_WILDCARD)},
		{"no star inside an A-label", IN("xn--*-kva.b.c"),
				REFUSED(BAD_WILDCARD)},
		{"no star in the second label", IN("a.*.b.c"), REFUSED(BAD_WILDCARD)},
		{"no two stars", IN("*.*.b.c"), REFUSED(BAD_WILDCARD)},
		{"no wildcard over an address", IN("*.0.2.1"), REFUSED(BAD_ADDRESS)},
		{"a wildcard of 253 octets", IN("*." NAME251), WILDCARD("*." NAME251)},
		{"no wildcard of 254 octets", IN("*." NAME252), REFUSED(NAME_TOO_LONG)},
};

static const struct row common_name_rows[] = {
		{"a name stays", IN("sip.example.com"), NAME("sip.example.com")},
		{"capitals become small", IN("SIP.Example.COM."),
				NAME("sip.example.com")},
		{"U-labels become A-labels", IN(BUECHER), NAME(BUECHER_A)},
		{"A-labels stay", IN(BUECHER_A), NAME(BUECHER_A)},
		{"decomposed U-labels are composed",
				IN("bu\xcc\x88"
				   "cher.example"),
				NAME(BUECHER_A)},
		{"a wildcard", IN("*.example.com"), WILDCARD("*.example.com")},
		{"a wildcard over U-labels", IN("*." BUECHER),
				WILDCARD("*." BUECHER_A)},
		{"no wildcard over a top level", IN("*.com"), REFUSED(BAD_WILDCARD)},
		{"no star after letters", IN("a*.b.c"), REFUSED(BAD_WILDCARD)},
		{"no star alone", IN("*"), REFUSED(BAD_WILDCARD)},
		{"an IPv4 address", IN("192.0.2.1"), IPV4("192.0.2.1")},
		{"an IPv6 address", IN("2001:DB8:0::1"), IPV6("2001:db8::1")},
		{"an IPv4-mapped address", IN("::ffff:192.0.2.1"), IPV4("192.0.2.1")},
		{"no address out of range", IN("192.0.2.256"), REFUSED(BAD_ADDRESS)},
		{"no brackets", IN("[2001:db8::1]"), REFUSED(BAD_CHARACTER)},
		{"no port", IN("sip.example.com:5061"), REFUSED(BAD_CHARACTER)},
		{"no URI", IN("sip:sip.example.com"), REFUSED(BAD_CHARACTER)},
		{"no person", IN("Alice Example"), REFUSED(BAD_CHARACTER)},
		{"nothing is empty", IN(""), REFUSED(EMPTY)},
		{"no NUL inside", IN("sip.example.com\0.evil.net"), REFUSED(NUL)},
		{"no NUL after an address", IN("192.0.2.1\0"), REFUSED(NUL)},
		{"no NUL among U-labels", IN(BUECHER "\0.evil.net"), REFUSED(NUL)},
		{"no space among U-labels", IN("sip " BUECHER), REFUSED(BAD_CHARACTER)},
		{"no space after U-labels", IN(BUECHER " "), REFUSED(BAD_CHARACTER)},
		{"no slash among U-labels", IN("sip/." BUECHER),
				REFUSED(BAD_CHARACTER)},
		{"no line feed among U-labels", IN("sip\n." BUECHER),
				REFUSED(BAD_CHARACTER)},
		{"no port after U-labels", IN(BUECHER ":5061"), REFUSED(BAD_CHARACTER)},
		{"no star after letters before U-labels", IN("a*." BUECHER),
				REFUSED(BAD_WILDCARD)},
		{"no second star before U-labels", IN("*.*." BUECHER),
				REFUSED(BAD_WILDCARD)},
		{"underscores beside U-labels", IN("_sips." BUECHER),
				NAME("_sips." BUECHER_A)},
		{"no bad UTF-8",
				IN("b\xfc"
				   "cher.example"),
				REFUSED(BAD_UTF8)},
		{"no overlong dot",
				IN("a\xc0\xae"
				   "example"),
				REFUSED(BAD_UTF8)},
		{"no leading combining mark",
				IN("\xcc\x88"
				   "a.example"),
				REFUSED(BAD_IDN)},
		{"a..b has an empty label", IN("a..b"), REFUSED(EMPTY_LABEL)},
		{"a name of 253 octets", IN(NAME253), NAME(NAME253)},
		{"no name of 254 octets", IN(NAME254), REFUSED(NAME_TOO_LONG)},
		{"no 1200 octets of UTF-8",
				IN(UE60 UE60 UE60 UE60 UE60 UE60 UE60 UE60 UE60 UE60),
				REFUSED(NAME_TOO_LONG)},
};

static const struct row ip_address_rows[] = {
		{"4 octets are IPv4", IN("\xc0\0\2\1"), IPV4("192.0.2.1")},
		{"4 zero octets are IPv4", IN("\0\0\0\0"), IPV4("0.0.0.0")},
		{"16 octets are IPv6", IN("\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"),
				IPV6("2001:db8::1")},
		{"16 zero octets are IPv6", IN("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
				IPV6("::")},
		{"16 octets that are IPv4-mapped are IPv4",
				IN("\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2\1"),
				IPV4("192.0.2.1")},
		{"one octet off IPv4-mapped is IPv6",
				IN("\0\0\0\0\0\0\0\0\0\1\xff\xff\xc0\0\2\1"),
				IPV6("::1:ffff:c000:201")},
		{"no 0 octets", IN(""), REFUSED(BAD_ADDRESS)},
		{"no 3 octets", IN("\xc0\0\2"), REFUSED(BAD_ADDRESS)},
		{"no 5 octets", IN("\xc0\0\2\1\1"), REFUSED(BAD_ADDRESS)},
		{"no 8 octets, a network of name constraints",
				IN("\xc0\0\2\0\xff\xff\xff\0"), REFUSED(BAD_ADDRESS)},
		{"no 15 octets", IN("aaaaaaaaaaaaaaa"), REFUSED(BAD_ADDRESS)},
		{"no 17 octets", IN("aaaaaaaaaaaaaaaaa"), REFUSED(BAD_ADDRESS)},
		{"no 32 octets", IN("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
				REFUSED(BAD_ADDRESS)},
		{"no text", IN("192.0.2.1"), REFUSED(BAD_ADDRESS)},
};

typedef enum tlsp_host_error reader(
		struct tlsp_host *out, const unsigned char *text, size_t octets);

static enum tlsp_host_error read_operator(
		struct tlsp_host *out, const unsigned char *text, size_t octets)
{
	return tlsp_hostname_from_operator(out, (const char *)text, octets);
}

static bool is_untouched(const struct tlsp_host *host)
{
	struct tlsp_host untouched;

	memset(&untouched, 0x5a, sizeof(untouched));
	return memcmp(host, &untouched, sizeof(untouched)) == 0;
}

static bool has_name(const struct tlsp_host *host, const char *name)
{
	return host->octets == strlen(name) && strcmp(host->name, name) == 0;
}

static bool is_expected(const struct row *row, const struct tlsp_host *host)
{
	char printed[256];

	if(host->kind != row->kind
			|| strcmp(tlsp_hostname_print(host, printed, sizeof(printed)),
					   row->printed)
					   != 0)
		return false;
	switch(host->kind) {
		case TLSP_HOST_NAME:
			return has_name(host, row->printed);
		case TLSP_HOST_WILDCARD:
			return has_name(host, row->printed + 2);
		case TLSP_HOST_IPV4:
			return host->octets == 4;
		case TLSP_HOST_IPV6:
			return host->octets == 16;
	}
	return false;
}

static bool run_row(const struct row *row, reader *read)
{
	unsigned char *text = malloc(row->octets ? row->octets : 1);
	struct tlsp_host host;
	enum tlsp_host_error error;
	char printed[256] = "";
	bool ok;

	assert_non_null(text);
	memcpy(text, row->text, row->octets);
	memset(&host, 0x5a, sizeof(host));
	error = read(&host, text, row->octets);
	free(text);
	ok = error == row->error
		 && (error == TLSP_HOST_OK ? is_expected(row, &host)
								   : is_untouched(&host));
	if(!ok)
		print_message("FAILED %s: it %s %s\n", row->label,
				tlsp_hostname_error_text(error),
				error == TLSP_HOST_OK
						? tlsp_hostname_print(&host, printed, sizeof(printed))
						: "");
	return ok;
}

static void run_rows(const struct row *rows, size_t count, reader *read)
{
	int failures = 0;

	for(size_t i = 0; i < count; i++)
		failures += !run_row(&rows[i], read);
	assert_int_equal(failures, 0);
}

static void test_operator(void **state)
{
	(void)state;
	run_rows(operator_rows, COUNT(operator_rows), read_operator);
}

static void test_dns_name(void **state)
{
	(void)state;
	run_rows(dns_name_rows, COUNT(dns_name_rows), tlsp_hostname_from_dns_name);
}

static void test_common_name(void **state)
{
	(void)state;
	run_rows(common_name_rows, COUNT(common_name_rows),
			tlsp_hostname_from_common_name);
}

static void test_ip_address(void **state)
{
	(void)state;
	run_rows(ip_address_rows, COUNT(ip_address_rows),
			tlsp_hostname_from_ip_address);
}

/* What |text| of an operator prints as in a buffer of |size| octets. */
static const struct print_row
{
	const char *label;
	const char *text;
	size_t size;
	const char *expected;
} print_rows[] = {
		{"a name that fits exactly", "a.example", 10, "a.example"},
		{"a name that is cut by one", "a.example", 9, "a.exampl"},
		{"a name in one octet", "a.example", 1, ""},
		{"a wildcard that fits exactly", "*.a.example", 12, "*.a.example"},
		{"a wildcard that is cut in its star", "*.a.example", 2, "*"},
		{"an IPv4 address that fits exactly", "192.0.2.1", 10, "192.0.2.1"},
		{"an IPv4 address that is cut", "192.0.2.1", 5, "192."},
		{"an IPv6 address that fits exactly", "2001:db8::1", 12, "2001:db8::1"},
		{"an IPv6 address that is cut", "2001:db8::1", 6, "2001:"},
		{"the longest IPv6 address", "2001:1db8:1111:1111:1111:1111:1111:1111",
				256, "2001:1db8:1111:1111:1111:1111:1111:1111"},
		{"the longest name", NAME253, 256, NAME253},
		{"the longest wildcard", "*." NAME251, 256, "*." NAME251},
};

static void test_print(void **state)
{
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(print_rows); i++) {
		const struct print_row *row = &print_rows[i];
		char *buffer = malloc(row->size);
		struct tlsp_host host;

		assert_non_null(buffer);
		assert_int_equal(tlsp_hostname_from_operator(
								 &host, row->text, strlen(row->text)),
				TLSP_HOST_OK);
		if(tlsp_hostname_print(&host, buffer, row->size) != buffer
				|| strcmp(buffer, row->expected) != 0) {
			print_message("FAILED %s: %s\n", row->label, buffer);
			failures++;
		}
		free(buffer);
	}
	assert_int_equal(failures, 0);
}

/* Two texts of an operator and whether they are the same host. */
static const struct equal_row
{
	const char *label;
	const char *a, *b;
	bool expected;
} equal_rows[] = {
		{"a name and its capitals", "a.example", "A.EXAMPLE.", true},
		{"a name and its URI", "a.example", "<sips:u@a.example:5061>", true},
		{"a U-label and its A-label", BUECHER, BUECHER_A, true},
		{"an IPv4 address and its mapping", "192.0.2.1", "::ffff:c000:201",
				true},
		{"two spellings of IPv6", "2001:db8::", "[2001:DB8:0::0:0]:1", true},
		{"two names", "a.example", "b.example", false},
		{"a name and the name below it", "a.example", "b.a.example", false},
		{"a name and its beginning", "a.example", "a.exampl", false},
		{"a name and the wildcard below it", "a.example", "*.a.example", false},
		{"an IPv4 address and a name of its octets", "97.46.98.99", "a.bc",
				false},
		{"IPv4 and IPv4-compatible", "192.0.2.1", "::192.0.2.1", false},
		{"sharp s and ss", "fa\xc3\x9f.example", "fass.example", false},
};

static void test_equal(void **state)
{
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(equal_rows); i++) {
		const struct equal_row *row = &equal_rows[i];
		struct tlsp_host a, b;

		assert_int_equal(
				tlsp_hostname_from_operator(&a, row->a, strlen(row->a)),
				TLSP_HOST_OK);
		assert_int_equal(
				tlsp_hostname_from_operator(&b, row->b, strlen(row->b)),
				TLSP_HOST_OK);
		if(tlsp_hostname_equal(&a, &b) != row->expected
				|| tlsp_hostname_equal(&b, &a) != row->expected) {
			print_message("FAILED %s\n", row->label);
			failures++;
		}
	}
	assert_int_equal(failures, 0);
}

static void test_every_error_has_its_own_text(void **state)
{
	(void)state;
	for(int i = 0; i < TLSP_HOST_ERRORS; i++) {
		assert_non_null(tlsp_hostname_error_text((enum tlsp_host_error)i));
		for(int j = 0; j < i; j++)
			assert_string_not_equal(
					tlsp_hostname_error_text((enum tlsp_host_error)i),
					tlsp_hostname_error_text((enum tlsp_host_error)j));
	}
	assert_non_null(tlsp_hostname_error_text(TLSP_HOST_ERRORS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_operator),
			cmocka_unit_test(test_dns_name),
			cmocka_unit_test(test_common_name),
			cmocka_unit_test(test_ip_address),
			cmocka_unit_test(test_print),
			cmocka_unit_test(test_equal),
			cmocka_unit_test(test_every_error_has_its_own_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
