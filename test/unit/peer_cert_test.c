/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer_cert_test - what is read from a certificate, hostile ones included.
 * Every certificate is made in memory and, unless it cannot be encoded, read
 * back from DER as a peer's would be. OpenSSL's allocations are counted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "openssl/certificate/peer_cert.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define OCTETS(literal) (literal), sizeof(literal) - 1

/* Tags of GeneralName, RFC 5280, 4.2.1.6. */
enum
{
	OTHER_NAME = 0xa0,
	RFC822_NAME = 0x81,
	DNS_NAME = 0x82,
	DIRECTORY_NAME = 0xa4,
	URI = 0x86,
	IP_ADDRESS = 0x87,
	REGISTERED_ID = 0x88
};

struct entry
{
	int tag; /* 0 = no more entries */
	const char *data;
	size_t octets;
};

/* A SAN from |entries|, |times| over (0 = once), or from |raw| octets. */
struct san
{
	struct entry entries[7];
	int times;
	const char *raw; /* NULL: |entries| */
	size_t raw_octets;
	int copies; /* of the extension; 0 = one */
	bool critical;
};

/* |type| is a V_ASN1_* as it will lie in the certificate. */
struct text
{
	int type; /* 0 = none */
	const char *data;
	size_t octets;
};

static EVP_PKEY *key;
static struct tlsp_peer_cert peer;
static long allocations; /* of OpenSSL, that live */
static long allocated;	 /* of OpenSSL, since it was set to 0 */

static void *count_malloc(size_t octets, const char *file, int line)
{
	void *memory = malloc(octets);

	(void)file, (void)line;
	allocations += memory != NULL;
	allocated++;
	return memory;
}

static void count_free(void *memory, const char *file, int line)
{
	(void)file, (void)line;
	allocations -= memory != NULL;
	free(memory);
}

static void *count_realloc(
		void *memory, size_t octets, const char *file, int line)
{
	if(memory && octets == 0) {
		count_free(memory, file, line);
		return NULL;
	}
	allocations += memory == NULL;
	allocated++;
	return realloc(memory, octets);
}

static unsigned char *put_header(unsigned char *out, int tag, size_t octets)
{
	int count = octets > 0xffff ? 3 : octets > 0xff ? 2 : 1;

	*out++ = (unsigned char)tag;
	if(octets > 0x7f)
		*out++ = (unsigned char)(0x80 | count);
	while(count-- > 0)
		*out++ = (unsigned char)(octets >> (8 * count));
	return out;
}

static ASN1_OCTET_STRING *encode_san(const struct san *san)
{
	static unsigned char body[1 << 20], whole[(1 << 20) + 8];
	ASN1_OCTET_STRING *out = ASN1_OCTET_STRING_new();
	unsigned char *end = body, *start;
	size_t octets;

	assert_non_null(out);
	if(san->raw) {
		ASN1_OCTET_STRING_set(
				out, (const unsigned char *)san->raw, (int)san->raw_octets);
		return out;
	}
	for(int i = 0; i < (san->times ? san->times : 1); i++)
		for(const struct entry *entry = san->entries; entry->tag; entry++) {
			end = put_header(end, entry->tag, entry->octets);
			memcpy(end, entry->data, entry->octets);
			end += entry->octets;
		}
	octets = (size_t)(end - body);
	start = put_header(whole, 0x30, octets);
	memcpy(start, body, octets);
	ASN1_OCTET_STRING_set(out, whole, (int)(start + octets - whole));
	return out;
}

static void add_san(X509 *certificate, const struct san *san)
{
	ASN1_OCTET_STRING *value = encode_san(san);
	X509_EXTENSION *extension = X509_EXTENSION_create_by_NID(
			NULL, NID_subject_alt_name, san->critical, value);

	assert_non_null(extension);
	for(int i = 0; i < (san->copies ? san->copies : 1); i++)
		assert_true(X509_add_ext(certificate, extension, -1));
	X509_EXTENSION_free(extension);
	ASN1_OCTET_STRING_free(value);
}

/* Set in place: to add an entry OpenSSL would decode it first. */
static void add_common_name(X509_NAME *subject, const struct text *name)
{
	X509_NAME_ENTRY *entry;

	assert_true(X509_NAME_add_entry_by_NID(subject, NID_commonName,
			V_ASN1_UTF8STRING, (const unsigned char *)"x", 1, -1, 0));
	entry = X509_NAME_get_entry(subject, X509_NAME_entry_count(subject) - 1);
	assert_true(X509_NAME_ENTRY_set_data(entry, name->type,
			(const unsigned char *)name->data, (int)name->octets));
}

static X509 *new_certificate(
		const struct san *san, const struct text *names, size_t count)
{
	X509 *certificate = X509_new();
	X509_NAME *subject;

	assert_non_null(certificate);
	X509_set_version(certificate, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
	X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
	X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
	X509_set_pubkey(certificate, key);
	subject = X509_get_subject_name(certificate);
	for(size_t i = 0; i < count && names[i].type; i++)
		add_common_name(subject, &names[i]);
	if(san)
		add_san(certificate, san);
	return certificate;
}

/* Signed, and as a peer's certificate comes. Takes |certificate|. */
static X509 *through_der(X509 *certificate)
{
	unsigned char *der = NULL;
	const unsigned char *place;
	int octets;

	assert_true(X509_sign(certificate, key, EVP_sha256()));
	octets = i2d_X509(certificate, &der);
	assert_true(octets > 0);
	X509_free(certificate);
	place = der;
	certificate = d2i_X509(NULL, &place, octets);
	assert_non_null(certificate);
	OPENSSL_free(der);
	return certificate;
}

/* Reads into a struct full of rubbish. False if OpenSSL's queue, which holds
 * one error of somebody else, is not as before. */
static bool read_quietly(X509 *certificate)
{
	unsigned long other;
	bool quiet;

	memset(&peer, 0xa5, sizeof(peer));
	ERR_clear_error();
	ERR_raise(ERR_LIB_USER, 7);
	tlsp_peer_cert_read(&peer, certificate);
	other = ERR_get_error();
	quiet = ERR_GET_LIB(other) == ERR_LIB_USER && ERR_peek_error() == 0;
	ERR_clear_error();
	return quiet;
}

static bool same_word(const char *sentence, const char *word)
{
	return word ? sentence && strstr(sentence, word) : sentence == NULL;
}

static unsigned failed(bool wrong, const char *label)
{
	if(wrong)
		print_message("FAILED: %s (malformed: %s, %zu identities)\n", label,
				peer.facts.malformed ? peer.facts.malformed : "no",
				peer.facts.identity_count);
	return wrong;
}

struct san_row
{
	const char *label;
	struct san san;
	const char *malformed; /* NULL: well-formed */
	size_t count;
	int first_tag; /* of the first identity; 0: there is none */
	const char *first;
	size_t first_octets;
};

#define DNS(name)              \
	{                          \
		DNS_NAME, OCTETS(name) \
	}
#define IP(address)                 \
	{                               \
		IP_ADDRESS, OCTETS(address) \
	}
#define RAW(octets) .raw = (octets), .raw_octets = sizeof(octets) - 1
#define V6 "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"
#define OTHERS                                                 \
	{OTHER_NAME, OCTETS("\x06\x03\x2a\x03\x04\xa0\x03\x0c\x01" \
						"a")},                                 \
			{RFC822_NAME, OCTETS("a@a.example")},              \
			{DIRECTORY_NAME, OCTETS("\x30\0")},                \
	{                                                          \
		URI, OCTETS("sip:a.example")                           \
	}

/* clang-format off */
static const struct san_row san_rows[] = {
	{"one dNSName", {.entries = {DNS("a.example")}}, NULL, 1, DNS_NAME, OCTETS("a.example")},
	{"the order is kept", {.entries = {DNS("b.example"), DNS("a.example")}}, NULL, 2, DNS_NAME, OCTETS("b.example")},
	{"a dNSName is taken as it is written", {.entries = {DNS("*.A.Example.")}}, NULL, 1, DNS_NAME, OCTETS("*.A.Example.")},
	{"a critical SAN", {.entries = {DNS("a.example")}, .critical = true}, NULL, 1, DNS_NAME, OCTETS("a.example")},
	{"an empty dNSName has zero octets", {.entries = {DNS("")}}, NULL, 1, DNS_NAME, OCTETS("")},
	{"a dNSName of 300 octets", {.entries = {DNS(
		"1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"
		"1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"
		"1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890")}},
		NULL, 1, DNS_NAME, OCTETS(
		"1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"
		"1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"
		"1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890")},
	{"a control octet is left to the matcher", {.entries = {DNS("a\nb.example")}}, NULL, 1, DNS_NAME, OCTETS("a\nb.example")},
	{"0x7f is still ASCII", {.entries = {DNS("a\x7f.example")}}, NULL, 1, DNS_NAME, OCTETS("a\x7f.example")},
	{"NUL inside a dNSName", {.entries = {DNS("sip.carrier.example\0.evil.example")}}, "NUL octet", 0, 0, NULL, 0},
	{"NUL at the end of a dNSName", {.entries = {DNS("a.example\0")}}, "NUL octet", 0, 0, NULL, 0},
	{"a dNSName of one NUL", {.entries = {DNS("\0")}}, "NUL octet", 0, 0, NULL, 0},
	{"NUL in a later dNSName takes the good ones with it", {.entries = {DNS("a.example"), DNS("b\0c")}, }, "NUL octet", 0, 0, NULL, 0},
	{"NUL in the first dNSName", {.entries = {DNS("b\0c"), DNS("a.example")}}, "NUL octet", 0, 0, NULL, 0},
	{"a dNSName in UTF-8", {.entries = {DNS("b\xc3\xbc" "cher.example")}}, "not ASCII", 0, 0, NULL, 0},
	{"a dNSName in Latin-1", {.entries = {DNS("b\xfc" "cher.example")}}, "not ASCII", 0, 0, NULL, 0},
	{"0x80 in a dNSName", {.entries = {DNS("a.example\x80")}}, "not ASCII", 0, 0, NULL, 0},
	{"an iPAddress of 4 octets", {.entries = {IP("\xc0\0\x02\x0a")}}, NULL, 1, IP_ADDRESS, OCTETS("\xc0\0\x02\x0a")},
	{"an iPAddress of 16 octets", {.entries = {IP(V6)}}, NULL, 1, IP_ADDRESS, OCTETS(V6)},
	{"an iPAddress of zeros is no NUL in a name", {.entries = {IP("\0\0\0\0")}}, NULL, 1, IP_ADDRESS, OCTETS("\0\0\0\0")},
	{"an iPAddress of 5 octets", {.entries = {IP("\xc0\0\x02\x0a\x01")}}, "neither 4 nor 16", 0, 0, NULL, 0},
	{"an iPAddress of 3 octets", {.entries = {IP("\xc0\0\x02")}}, "neither 4 nor 16", 0, 0, NULL, 0},
	{"an iPAddress of no octets", {.entries = {IP("")}}, "neither 4 nor 16", 0, 0, NULL, 0},
	{"an iPAddress with a mask (8 octets)", {.entries = {IP("\xc0\0\x02\0\xff\xff\xff\0")}}, "neither 4 nor 16", 0, 0, NULL, 0},
	{"an iPAddress of 17 octets", {.entries = {IP(V6 "\x01")}}, "neither 4 nor 16", 0, 0, NULL, 0},
	{"an iPAddress as text", {.entries = {IP("192.0.2.10")}}, "neither 4 nor 16", 0, 0, NULL, 0},
	{"a bad iPAddress takes the good dNSName with it", {.entries = {DNS("a.example"), IP("\x01")}}, "neither 4 nor 16", 0, 0, NULL, 0},
	{"other types alone give no identity", {.entries = {OTHERS}}, NULL, 0, 0, NULL, 0},
	{"a dNSName behind four other types counts", {.entries = {OTHERS, DNS("a.example")}}, NULL, 1, DNS_NAME, OCTETS("a.example")},
	{"a dNSName behind a URI counts", {.entries = {{URI, OCTETS("sip:x.example")}, DNS("a.example")}}, NULL, 1, DNS_NAME, OCTETS("a.example")},
	{"an iPAddress behind a registeredID counts", {.entries = {{REGISTERED_ID, OCTETS("\x2a\x03\x04")}, IP("\x7f\0\0\x01")}}, NULL, 1, IP_ADDRESS, OCTETS("\x7f\0\0\x01")},
	{"NUL and Latin-1 in a URI are nobody's business", {.entries = {{URI, OCTETS("a\0\xfc")}, DNS("a.example")}}, NULL, 1, DNS_NAME, OCTETS("a.example")},
	{"1024 entries are all read", {.entries = {DNS("a.example")}, .times = 1024}, NULL, 1024, DNS_NAME, OCTETS("a.example")},
	{"1025 entries are too many", {.entries = {DNS("a.example")}, .times = 1025}, "more than 1024", 0, 0, NULL, 0},
	{"10,000 entries are too many", {.entries = {DNS("a.example")}, .times = 10000}, "more than 1024", 0, 0, NULL, 0},
	{"1024 entries of which half are URIs", {.entries = {{URI, OCTETS("sip:a")}, DNS("a.example")}, .times = 512}, NULL, 512, DNS_NAME, OCTETS("a.example")},
	{"1025 URIs are too many entries too", {.entries = {{URI, OCTETS("sip:a")}}, .times = 1025}, "more than 1024", 0, 0, NULL, 0},
	{"an empty SAN", {RAW("\x30\0")}, "is empty", 0, 0, NULL, 0},
	{"a SAN of no octets", {RAW("")}, "does not decode", 0, 0, NULL, 0},
	{"a SAN cut off inside a dNSName", {RAW("\x30\x0b\x82\x09" "a.ex")}, "does not decode", 0, 0, NULL, 0},
	{"a dNSName longer than its SAN", {RAW("\x30\x05\x82\x09" "abc")}, "does not decode", 0, 0, NULL, 0},
	{"a SAN cut off behind its tag", {RAW("\x30")}, "does not decode", 0, 0, NULL, 0},
	{"a length of 4 GB", {RAW("\x30\x84\xff\xff\xff\xff\x82\x01" "a")}, "does not decode", 0, 0, NULL, 0},
	{"a length without its octets", {RAW("\x30\x82")}, "does not decode", 0, 0, NULL, 0},
	{"an OCTET STRING instead of a SEQUENCE", {RAW("\x04\x0b\x82\x09" "a.example")}, "does not decode", 0, 0, NULL, 0},
	{"a SET instead of a SEQUENCE", {RAW("\x31\x0b\x82\x09" "a.example")}, "does not decode", 0, 0, NULL, 0},
	{"a dNSName without its SEQUENCE", {RAW("\x82\x09" "a.example")}, "does not decode", 0, 0, NULL, 0},
	{"an IA5String instead of a GeneralName", {RAW("\x30\x0b\x16\x09" "a.example")}, "does not decode", 0, 0, NULL, 0},
	{"an unknown choice [9]", {RAW("\x30\x0b\x89\x09" "a.example")}, "does not decode", 0, 0, NULL, 0},
	{"text", {RAW("DNS:a.example")}, "does not decode", 0, 0, NULL, 0},
	{"a good dNSName, then rubbish inside", {RAW("\x30\x0d\x82\x09" "a.example" "\xff\xff")}, "does not decode", 0, 0, NULL, 0},
	{"one octet behind the end", {RAW("\x30\x0b\x82\x09" "a.example" "\0")}, "behind its end", 0, 0, NULL, 0},
	{"a second SEQUENCE behind the end", {RAW("\x30\x0b\x82\x09" "a.example" "\x30\x0b\x82\x09" "b.example")}, "behind its end", 0, 0, NULL, 0},
	{"BER: a long length of the sequence", {RAW("\x30\x81\x0b\x82\x09" "a.example")}, "not in DER", 0, 0, NULL, 0},
	{"BER: a long length of an entry", {RAW("\x30\x0c\x82\x81\x09" "a.example")}, "not in DER", 0, 0, NULL, 0},
	{"BER: a longer length of an entry", {RAW("\x30\x0d\x82\x82\0\x09" "a.example")}, "not in DER", 0, 0, NULL, 0},
	{"BER: an indefinite length", {RAW("\x30\x80\x82\x09" "a.example" "\0\0")}, "not in DER", 0, 0, NULL, 0},
	{"BER: a constructed dNSName", {RAW("\x30\x0d\xa2\x0b\x16\x09" "a.example")}, "Name ", 0, 0, NULL, 0},
	{"BER: a dNSName in two pieces", {RAW("\x30\x0f\xa2\x0d\x04\x02" "a." "\x04\x07" "example")}, "not in DER", 0, 0, NULL, 0},
	{"BER: a constructed iPAddress", {RAW("\x30\x08\xa7\x06\x04\x04\xc0\0\x02\x01")}, "not in DER", 0, 0, NULL, 0},
	{"BER: a long length beside a good entry", {RAW("\x30\x17\x82\x09" "a.example" "\x82\x81\x09" "b.example")}, "not in DER", 0, 0, NULL, 0},
	{"BER: an indefinite length of an entry", {RAW("\x30\x11\xa2\x80\x04\x09" "a.example" "\0\0\0\0")}, "not in DER", 0, 0, NULL, 0},
	{"an entry whose part is longer than itself", {RAW("\x30\x0d\xa4\x02\x30\x07\x82\x05" "abcde")}, "does not decode", 0, 0, NULL, 0},
	{"parts in an entry are no entries", {.entries = {{DIRECTORY_NAME, OCTETS("\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01" "a")}, DNS("a.example")}, .times = 512}, NULL, 512, DNS_NAME, OCTETS("a.example")},
	{"the SAN twice", {.entries = {DNS("a.example")}, .copies = 2}, "appears twice", 0, 0, NULL, 0},
	{"the SAN twice and critical", {.entries = {DNS("a.example")}, .copies = 2, .critical = true}, "appears twice", 0, 0, NULL, 0},
	{"the SAN three times", {.entries = {DNS("a.example")}, .copies = 3}, "appears twice", 0, 0, NULL, 0},
	{"an undecodable SAN twice", {RAW("\x30"), .copies = 2}, "appears twice", 0, 0, NULL, 0},
	{"an undecodable critical SAN", {RAW("\x30"), .critical = true}, "does not decode", 0, 0, NULL, 0},
};
/* clang-format on */

static const struct text carrier = {
		V_ASN1_UTF8STRING, OCTETS("sip.carrier.example")};

static bool right_identity(const struct san_row *row, size_t i)
{
	const struct tlsp_identity *got = &peer.facts.identities[i];

	return got->type
				   == (row->first_tag == DNS_NAME ? TLSP_IDENTITY_DNS_NAME
												  : TLSP_IDENTITY_IP_ADDRESS)
		   && got->data && got->octets == row->first_octets
		   && memcmp(got->data, row->first, got->octets) == 0;
}

static bool right_san(const struct san_row *row)
{
	const struct tlsp_peer_facts *facts = &peer.facts;

	return facts->certificate_presented
		   && facts->chain == TLSP_CHAIN_NOT_CHECKED && !facts->chain_error
		   && facts->san_present && facts->san_critical == row->san.critical
		   && same_word(facts->malformed, row->malformed)
		   && facts->identity_count == row->count
		   && facts->common_name_present == !row->malformed
		   && (row->count == 0 || right_identity(row, 0))
		   && (row->san.times < 2 || row->count == 0
				   || right_identity(row, row->count - 1));
}

static void a_subject_alt_name_is_read(void **state)
{
	unsigned failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(san_rows); i++) {
		const struct san_row *row = &san_rows[i];
		X509 *certificate =
				through_der(new_certificate(&row->san, &carrier, 1));
		bool quiet = read_quietly(certificate);

		failures += failed(!quiet || !right_san(row), row->label);
		tlsp_peer_cert_cleanup(&peer);
		X509_free(certificate);
	}
	assert_int_equal(failures, 0);
}

struct name_row
{
	const char *label;
	struct text names[3];
	bool memory_only; /* OpenSSL would not encode it */
	const char *malformed;
	const char *expected; /* UTF-8; NULL: no CN */
	size_t octets;
};

#define UTF8(text)                      \
	{                                   \
		V_ASN1_UTF8STRING, OCTETS(text) \
	}
#define CN(type, text)              \
	{                               \
		V_ASN1_##type, OCTETS(text) \
	}

/* clang-format off */
static const struct name_row name_rows[] = {
	{"no CN", {{0, NULL, 0}}, false, NULL, NULL, 0},
	{"UTF8String, ASCII", {UTF8("a.example")}, false, NULL, OCTETS("a.example")},
	{"UTF8String, beyond ASCII", {UTF8("b\xc3\xbc" "cher.example")}, false, NULL, OCTETS("b\xc3\xbc" "cher.example")},
	{"UTF8String of four octets a character", {UTF8("\xf0\x9f\x93\x9e")}, false, NULL, OCTETS("\xf0\x9f\x93\x9e")},
	{"PrintableString", {CN(PRINTABLESTRING, "a.example")}, false, NULL, OCTETS("a.example")},
	{"IA5String", {CN(IA5STRING, "a.example")}, false, NULL, OCTETS("a.example")},
	{"T61String is read as Latin-1", {CN(T61STRING, "b\xfc" "cher.example")}, false, NULL, OCTETS("b\xc3\xbc" "cher.example")},
	{"BMPString", {CN(BMPSTRING, "\0a\0.\0b")}, false, NULL, OCTETS("a.b")},
	{"BMPString, beyond ASCII", {CN(BMPSTRING, "\0b\0\xfc\0.\x01\x61")}, false, NULL, OCTETS("b\xc3\xbc.\xc5\xa1")},
	{"UniversalString", {CN(UNIVERSALSTRING, "\0\0\0a\0\0\0\xfc")}, false, NULL, OCTETS("a\xc3\xbc")},
	{"an empty CN", {UTF8("")}, false, NULL, OCTETS("")},
	{"two CNs: the last counts", {UTF8("first.example"), UTF8("last.example")}, false, NULL, OCTETS("last.example")},
	{"three CNs: the last counts", {UTF8("1.example"), UTF8("2.example"), UTF8("3.example")}, false, NULL, OCTETS("3.example")},
	{"two CNs: an earlier one is not looked at", {UTF8("a\0b"), UTF8("last.example")}, false, NULL, OCTETS("last.example")},
	{"two CNs: NUL in the last", {UTF8("first.example"), UTF8("a\0b")}, false, "CN has a NUL", NULL, 0},
	{"NUL inside a UTF8String", {UTF8("sip.carrier.example\0.evil.example")}, false, "CN has a NUL", NULL, 0},
	{"NUL at the end of a UTF8String", {UTF8("a.example\0")}, false, "CN has a NUL", NULL, 0},
	{"NUL alone", {UTF8("\0")}, false, "CN has a NUL", NULL, 0},
	{"NUL inside a T61String", {CN(T61STRING, "a\0b")}, false, "CN has a NUL", NULL, 0},
	{"U+0000 inside a BMPString", {CN(BMPSTRING, "\0a\0\0\0b")}, false, "CN has a NUL", NULL, 0},
	{"a BIT STRING", {CN(BIT_STRING, "a.example")}, false, "no text", NULL, 0},
	{"a BMPString of an odd number of octets", {CN(BMPSTRING, "\0a\0")}, true, "no text", NULL, 0},
	{"a UniversalString of five octets", {CN(UNIVERSALSTRING, "\0\0\0a\0")}, true, "no text", NULL, 0},
	{"a UTF8String that is Latin-1", {UTF8("b\xfc" "cher")}, true, "no text", NULL, 0},
	{"an OCTET STRING", {CN(OCTET_STRING, "a.example")}, true, "no text", NULL, 0},
	{"a UTF8String that is cut off", {UTF8("b\xc3")}, true, "no text", NULL, 0},
};
/* clang-format on */

static bool right_name(const struct name_row *row, const struct san *san)
{
	const struct tlsp_peer_facts *facts = &peer.facts;
	const struct tlsp_identity *name = &facts->common_name;
	size_t identities = san && !row->malformed ? 1 : 0;

	if(!same_word(facts->malformed, row->malformed)
			|| facts->identity_count != identities
			|| facts->san_present != (san != NULL) || facts->san_critical
			|| facts->common_name_present != (row->expected != NULL))
		return false;
	return row->expected == NULL
		   || (name->type == TLSP_IDENTITY_COMMON_NAME && name->data
				   && name->octets == row->octets
				   && memcmp(name->data, row->expected, row->octets) == 0);
}

/* Without a SAN, and beside a good one, which a bad CN takes with it. */
static void a_common_name_is_read(void **state)
{
	static const struct san good = {.entries = {DNS("a.example")}};
	const struct san *sans[] = {NULL, &good};
	unsigned failures = 0;

	(void)state;
	for(size_t i = 0; i < 2 * COUNT(name_rows); i++) {
		const struct name_row *row = &name_rows[i / 2];
		const struct san *san = sans[i % 2];
		X509 *certificate = new_certificate(san, row->names, COUNT(row->names));
		bool quiet;

		if(!row->memory_only)
			certificate = through_der(certificate);
		quiet = read_quietly(certificate);
		failures += failed(!quiet || !right_name(row, san), row->label);
		tlsp_peer_cert_cleanup(&peer);
		X509_free(certificate);
	}
	assert_int_equal(failures, 0);
}

#define RESULT(name, chain) \
	{                       \
#name, name, chain  \
	}
#define OTHER(name) RESULT(name, TLSP_CHAIN_NOT_TRUSTED)
#define CRL(name) RESULT(name, TLSP_CHAIN_REVOCATION_UNKNOWN)

/* clang-format off */
static const struct
{
	const char *label;
	int result;
	enum tlsp_chain expected;
} chain_rows[] = {
	RESULT(X509_V_OK, TLSP_CHAIN_VERIFIED),
	RESULT(X509_V_ERR_CERT_HAS_EXPIRED, TLSP_CHAIN_EXPIRED),
	RESULT(X509_V_ERR_CERT_NOT_YET_VALID, TLSP_CHAIN_NOT_YET_VALID),
	RESULT(X509_V_ERR_CERT_REVOKED, TLSP_CHAIN_REVOKED),
	OTHER(X509_V_ERR_UNSPECIFIED),
	OTHER(X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT),
	CRL(X509_V_ERR_UNABLE_TO_GET_CRL),
	OTHER(X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE),
	CRL(X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE),
	OTHER(X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY),
	OTHER(X509_V_ERR_CERT_SIGNATURE_FAILURE),
	CRL(X509_V_ERR_CRL_SIGNATURE_FAILURE),
	CRL(X509_V_ERR_CRL_NOT_YET_VALID),
	CRL(X509_V_ERR_CRL_HAS_EXPIRED),
	OTHER(X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD),
	OTHER(X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD),
	CRL(X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD),
	CRL(X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD),
	OTHER(X509_V_ERR_OUT_OF_MEM),
	OTHER(X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT),
	OTHER(X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN),
	OTHER(X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY),
	OTHER(X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE),
	OTHER(X509_V_ERR_CERT_CHAIN_TOO_LONG),
	OTHER(X509_V_ERR_NO_ISSUER_PUBLIC_KEY),
	OTHER(X509_V_ERR_PATH_LENGTH_EXCEEDED),
	OTHER(X509_V_ERR_INVALID_PURPOSE),
	OTHER(X509_V_ERR_CERT_UNTRUSTED),
	OTHER(X509_V_ERR_CERT_REJECTED),
	OTHER(X509_V_ERR_SUBJECT_ISSUER_MISMATCH),
	OTHER(X509_V_ERR_AKID_SKID_MISMATCH),
	OTHER(X509_V_ERR_AKID_ISSUER_SERIAL_MISMATCH),
	OTHER(X509_V_ERR_KEYUSAGE_NO_CERTSIGN),
	CRL(X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER),
	OTHER(X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION),
	CRL(X509_V_ERR_KEYUSAGE_NO_CRL_SIGN),
	CRL(X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION),
	OTHER(X509_V_ERR_INVALID_NON_CA),
	OTHER(X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED),
	OTHER(X509_V_ERR_KEYUSAGE_NO_DIGITAL_SIGNATURE),
	OTHER(X509_V_ERR_PROXY_CERTIFICATES_NOT_ALLOWED),
	OTHER(X509_V_ERR_INVALID_EXTENSION),
	OTHER(X509_V_ERR_INVALID_POLICY_EXTENSION),
	OTHER(X509_V_ERR_NO_EXPLICIT_POLICY),
	CRL(X509_V_ERR_DIFFERENT_CRL_SCOPE),
	OTHER(X509_V_ERR_UNSUPPORTED_EXTENSION_FEATURE),
	OTHER(X509_V_ERR_UNNESTED_RESOURCE),
	OTHER(X509_V_ERR_PERMITTED_VIOLATION),
	OTHER(X509_V_ERR_EXCLUDED_VIOLATION),
	OTHER(X509_V_ERR_SUBTREE_MINMAX),
	OTHER(X509_V_ERR_APPLICATION_VERIFICATION),
	OTHER(X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE),
	OTHER(X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX),
	OTHER(X509_V_ERR_UNSUPPORTED_NAME_SYNTAX),
	CRL(X509_V_ERR_CRL_PATH_VALIDATION_ERROR),
	OTHER(X509_V_ERR_PATH_LOOP),
	OTHER(X509_V_ERR_SUITE_B_INVALID_VERSION),
	OTHER(X509_V_ERR_SUITE_B_INVALID_ALGORITHM),
	OTHER(X509_V_ERR_SUITE_B_INVALID_CURVE),
	OTHER(X509_V_ERR_SUITE_B_INVALID_SIGNATURE_ALGORITHM),
	OTHER(X509_V_ERR_SUITE_B_LOS_NOT_ALLOWED),
	OTHER(X509_V_ERR_SUITE_B_CANNOT_SIGN_P_384_WITH_P_256),
	OTHER(X509_V_ERR_HOSTNAME_MISMATCH),
	OTHER(X509_V_ERR_EMAIL_MISMATCH),
	OTHER(X509_V_ERR_IP_ADDRESS_MISMATCH),
	OTHER(X509_V_ERR_DANE_NO_MATCH),
	OTHER(X509_V_ERR_EE_KEY_TOO_SMALL),
	OTHER(X509_V_ERR_CA_KEY_TOO_SMALL),
	OTHER(X509_V_ERR_CA_MD_TOO_WEAK),
	OTHER(X509_V_ERR_INVALID_CALL),
	OTHER(X509_V_ERR_STORE_LOOKUP),
	OTHER(X509_V_ERR_NO_VALID_SCTS),
	OTHER(X509_V_ERR_PROXY_SUBJECT_NAME_VIOLATION),
	OTHER(X509_V_ERR_OCSP_VERIFY_NEEDED),
	OTHER(X509_V_ERR_OCSP_VERIFY_FAILED),
	OTHER(X509_V_ERR_OCSP_CERT_UNKNOWN),
	OTHER(X509_V_ERR_UNSUPPORTED_SIGNATURE_ALGORITHM),
	OTHER(X509_V_ERR_SIGNATURE_ALGORITHM_MISMATCH),
	OTHER(X509_V_ERR_SIGNATURE_ALGORITHM_INCONSISTENCY),
	OTHER(X509_V_ERR_INVALID_CA),
	OTHER(X509_V_ERR_PATHLEN_INVALID_FOR_NON_CA),
	OTHER(X509_V_ERR_PATHLEN_WITHOUT_KU_KEY_CERT_SIGN),
	OTHER(X509_V_ERR_KU_KEY_CERT_SIGN_INVALID_FOR_NON_CA),
	OTHER(X509_V_ERR_ISSUER_NAME_EMPTY),
	OTHER(X509_V_ERR_SUBJECT_NAME_EMPTY),
	OTHER(X509_V_ERR_MISSING_AUTHORITY_KEY_IDENTIFIER),
	OTHER(X509_V_ERR_MISSING_SUBJECT_KEY_IDENTIFIER),
	OTHER(X509_V_ERR_EMPTY_SUBJECT_ALT_NAME),
	OTHER(X509_V_ERR_EMPTY_SUBJECT_SAN_NOT_CRITICAL),
	OTHER(X509_V_ERR_CA_BCONS_NOT_CRITICAL),
	OTHER(X509_V_ERR_AUTHORITY_KEY_IDENTIFIER_CRITICAL),
	OTHER(X509_V_ERR_SUBJECT_KEY_IDENTIFIER_CRITICAL),
	OTHER(X509_V_ERR_CA_CERT_MISSING_KEY_USAGE),
	OTHER(X509_V_ERR_EXTENSIONS_REQUIRE_VERSION_3),
	OTHER(X509_V_ERR_EC_KEY_EXPLICIT_PARAMS),
	{"a value below all", -1, TLSP_CHAIN_NOT_TRUSTED},
	{"a value that OpenSSL does not know", 9999, TLSP_CHAIN_NOT_TRUSTED},
};
/* clang-format on */

static void a_chain_result_becomes_a_fact(void **state)
{
	unsigned failures = 0;

	(void)state;
	read_quietly(NULL);
	for(size_t i = 0; i < COUNT(chain_rows); i++) {
		bool verified = chain_rows[i].expected == TLSP_CHAIN_VERIFIED;

		for(int before = 0; before < 2; before++) { /* nothing sticks */
			tlsp_peer_cert_set_chain(
					&peer, before ? X509_V_ERR_UNSPECIFIED : X509_V_OK);
			tlsp_peer_cert_set_chain(&peer, chain_rows[i].result);
			failures += failed(
					peer.facts.chain != chain_rows[i].expected
							|| (peer.facts.chain_error == NULL) != verified,
					chain_rows[i].label);
		}
	}
	for(int result = 0; result < 200; result++) {
		tlsp_peer_cert_set_chain(&peer, result);
		failures += failed((peer.facts.chain == TLSP_CHAIN_VERIFIED)
								   != (result == X509_V_OK),
				"only X509_V_OK is verified");
	}
	assert_int_equal(failures, 0);
}

/* What a caller finds in OpenSSL's queue, SSL_get_error(3) takes as its own. */
static void odd_extensions_leave_no_error_behind(void **state)
{
	static const int odd[] = {
			NID_ext_key_usage, NID_key_usage, NID_basic_constraints};
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	unsigned failures = 0;

	(void)state;
	ASN1_OCTET_STRING_set(value, (const unsigned char *)"\x30\x05\x01", 3);
	for(size_t i = 0; i < COUNT(odd); i++) {
		X509 *certificate = new_certificate(NULL, &carrier, 1);
		X509_EXTENSION *extension =
				X509_EXTENSION_create_by_NID(NULL, odd[i], 0, value);
		struct tlsp_cert_usage usage;

		assert_true(X509_add_ext(certificate, extension, -1));
		X509_EXTENSION_free(extension);
		certificate = through_der(certificate);
		ERR_clear_error();
		tlsp_peer_cert_read_usage(&usage, certificate);
		failures += failed(ERR_peek_error() != 0, OBJ_nid2sn(odd[i]));
		failures += failed(
				!read_quietly(certificate)
						|| !same_word(peer.facts.malformed, "does not decode"),
				OBJ_nid2sn(odd[i]));
		tlsp_peer_cert_cleanup(&peer);
		X509_free(certificate);
	}
	ASN1_OCTET_STRING_free(value);
	assert_int_equal(failures, 0);
}

static void no_certificate_has_no_facts(void **state)
{
	const struct tlsp_peer_facts *facts = &peer.facts;

	(void)state;
	assert_true(read_quietly(NULL));
	assert_false(facts->certificate_presented);
	assert_int_equal(facts->chain, TLSP_CHAIN_NOT_CHECKED);
	assert_null(facts->chain_error);
	assert_false(facts->san_present);
	assert_false(facts->san_critical);
	assert_null(facts->malformed);
	assert_int_equal(facts->identity_count, 0);
	assert_false(facts->common_name_present);
	assert_null(peer.names);
	assert_null(peer.common_name);
	tlsp_peer_cert_cleanup(&peer);
	tlsp_peer_cert_cleanup(&peer);
}

static void entries_of_other_types_are_counted(void **state)
{
	static const struct san san = {
			.entries = {OTHERS, DNS("a.example"), IP("\x7f\0\0\x01")}};
	X509 *certificate = through_der(new_certificate(&san, &carrier, 1));

	(void)state;
	assert_true(read_quietly(certificate));
	assert_int_equal(peer.facts.identity_count, 2);
	assert_int_equal(peer.facts.uri_count, 1);
	assert_int_equal(peer.facts.other_count, 3);
	tlsp_peer_cert_cleanup(&peer);
	assert_int_equal(peer.facts.other_count, 0);
	X509_free(certificate);
}

static void a_certificate_without_san_has_none(void **state)
{
	X509 *certificate = through_der(new_certificate(NULL, &carrier, 1));

	(void)state;
	assert_true(read_quietly(certificate));
	assert_true(peer.facts.certificate_presented);
	assert_false(peer.facts.san_present);
	assert_null(peer.facts.malformed);
	assert_int_equal(peer.facts.identity_count, 0);
	assert_true(peer.facts.common_name_present);
	tlsp_peer_cert_cleanup(&peer);
	X509_free(certificate);
}

/* Also for every certificate that is refused half way. */
static void reading_again_neither_leaks_nor_differs(void **state)
{
	unsigned failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(san_rows); i++) {
		const struct san_row *row = &san_rows[i];
		X509 *certificate =
				through_der(new_certificate(&row->san, &carrier, 1));
		long once = 0;

		for(int again = 0; again < 4; again++) {
			ERR_clear_error();
			tlsp_peer_cert_read(&peer, certificate);
			failures += failed(!right_san(row), row->label);
			tlsp_peer_cert_cleanup(&peer);
			failures += failed(peer.facts.certificate_presented || peer.names
									   || peer.common_name
									   || peer.facts.identity_count,
					row->label);
			if(again == 0) /* the error queue keeps its buffers */
				once = allocations;
		}
		failures += failed(allocations > once, row->label);
		X509_free(certificate);
	}
	assert_int_equal(failures, 0);
}

/* What a peer can send costs a look at it, and no object for each entry. */
static void what_is_too_large_is_not_decoded(void **state)
{
	static unsigned char body[100000];
	static const struct
	{
		const char *label, *one; /* over and over */
		size_t octets;
		int around[4]; /* tags of what lies around all of them, inside out */
		const char *malformed;
	} rows[] = {
			{"empty dNSNames", OCTETS("\x82\0"), {0x30}, "more than 1024"},
			{"empty directoryNames", OCTETS("\xa4\x02\x30\0"), {0x30},
					"more than 1024"},
			{"short URIs", OCTETS("\x86\x05sip:a"), {0x30}, "more than 1024"},
			{"a directoryName of many RDNs",
					OCTETS("\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01"
						   "a"),
					{0x30, DIRECTORY_NAME, 0x30}, "more than 4096 parts"},
			{"a directoryName with one RDN of many parts",
					OCTETS("\x30\x08\x06\x03\x55\x04\x03\x0c\x01"
						   "a"),
					{0x31, 0x30, DIRECTORY_NAME, 0x30}, "more than 4096 parts"},
			{"a dNSName in many pieces",
					OCTETS("\x04\x01"
						   "a"),
					{0xa2, 0x30}, "more than 4096 parts"},
	};
	unsigned failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++) {
		struct san san = {.raw = (const char *)body};
		X509 *certificate;
		size_t used = 0;

		while(used + rows[i].octets < 95000) {
			memcpy(body + used, rows[i].one, rows[i].octets);
			used += rows[i].octets;
		}
		for(int j = 0; j < 4 && rows[i].around[j]; j++) {
			unsigned char header[8];
			size_t more = (size_t)(put_header(header, rows[i].around[j], used)
								   - header);

			memmove(body + more, body, used);
			memcpy(body, header, more);
			used += more;
		}
		san.raw_octets = used;
		certificate = through_der(new_certificate(&san, &carrier, 1));
		allocated = 0;
		ERR_clear_error();
		tlsp_peer_cert_read(&peer, certificate);
		failures += failed(
				allocated > 20
						|| !same_word(peer.facts.malformed, rows[i].malformed),
				rows[i].label);
		tlsp_peer_cert_cleanup(&peer);
		X509_free(certificate);
	}
	assert_int_equal(failures, 0);
}

static int setup(void **state)
{
	(void)state;
	key = EVP_EC_gen("P-256");
	return key ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	EVP_PKEY_free(key);
	return 0;
}

int main(void)
{
	/* clang-format off */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_subject_alt_name_is_read),
		cmocka_unit_test(a_common_name_is_read),
		cmocka_unit_test(a_chain_result_becomes_a_fact),
		cmocka_unit_test(odd_extensions_leave_no_error_behind),
		cmocka_unit_test(no_certificate_has_no_facts),
		cmocka_unit_test(entries_of_other_types_are_counted),
		cmocka_unit_test(a_certificate_without_san_has_none),
		cmocka_unit_test(reading_again_neither_leaks_nor_differs),
		cmocka_unit_test(what_is_too_large_is_not_decoded),
	};
	/* clang-format on */

	if(!CRYPTO_set_mem_functions(count_malloc, count_realloc, count_free))
		return 1;
	return cmocka_run_group_tests(tests, setup, teardown);
}
