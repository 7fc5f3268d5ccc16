/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sip_text_test - what is sent is known by its first octets: which of it goes by
 * the connection that was asked on, and which has to be kept back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/sip_text.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define TEXT(literal) literal, sizeof(literal) - 1

enum kind
{
	NOTHING = 0,
	REQUEST = 1,
	ANSWER = 2,
	PING = 4,
	FOLLOWS = 8
};

/* clang-format off */
static const struct row
{
	const char *what;
	const char *text;
	size_t octets;
	unsigned is;
} rows[] = {
	{"a request", TEXT("OPTIONS sip:a@b SIP/2.0\r\nVia: x\r\n\r\n"), REQUEST},
	{"nothing but its first line", TEXT("OPTIONS sip:a@b SIP/2.0\r\n"), REQUEST},
	{"a version in lower case", TEXT("OPTIONS sip:a@b sip/2.0\r\n"), REQUEST},
	{"a line that ends in LF alone", TEXT("OPTIONS sip:a@b SIP/2.0\n"), REQUEST},
	{"a method of no standard", TEXT("x sip:a@b SIP/2.0\r\n"), REQUEST},
	{"a method that begins with a figure", TEXT("1X sip:a@b SIP/2.0\r\n"), REQUEST},
	{"a method that looks like HTTP", TEXT("HTTP/1.1 sip:a@b SIP/2.0\r\n"), REQUEST},
	{"a method that looks like a version", TEXT("SIP/2.0x sip:a@b SIP/2.0\r\n"), REQUEST},
	{"the shortest", TEXT("X x:x SIP/2.0\n"), REQUEST},
	{"an ACK", TEXT("ACK sip:a@b SIP/2.0\r\n"), REQUEST | FOLLOWS},
	{"a CANCEL", TEXT("CANCEL sip:a@b SIP/2.0\r\n"), REQUEST | FOLLOWS},
	{"a method that begins with ACK", TEXT("ACKS sip:a@b SIP/2.0\r\n"), REQUEST},
	{"CANCEL in lower case is another method", TEXT("cancel sip:a@b SIP/2.0\r\n"), REQUEST},
	{"a response", TEXT("SIP/2.0 200 OK\r\n"), ANSWER},
	{"one in lower case", TEXT("sip/2.0 200 OK\r\n"), ANSWER},
	{"one whose reason ends in the version", TEXT("SIP/2.0 200 SIP/2.0\r\n"), ANSWER},
	{"one of HTTP", TEXT("HTTP/1.1 101 Switching Protocols\r\n"), ANSWER},
	{"one of HTTP in lower case", TEXT("http/1.0 200 OK\r\n"), ANSWER},
	{"STUN, a response", TEXT("\x01\x01\x00\x00!\x12\xa4\x42"), ANSWER},
	{"STUN, its last class and method", TEXT("\x03\xff\x00\x00"), ANSWER},
	{"an octet that STUN never begins with", TEXT("\x04\x00\x00\x00"), NOTHING},
	{"another version", TEXT("OPTIONS sip:a@b SIP/2.1\r\n"), NOTHING},
	{"no blank before the version", TEXT("OPTIONS sip:a@bSIP/2.0\r\n"), NOTHING},
	{"the version in its second line", TEXT("x\r\nOPTIONS sip:a@b SIP/2.0\r\n"), NOTHING},
	{"no line end", TEXT("OPTIONS sip:a@b SIP/2.0"), NOTHING},
	{"a line end and nothing before", TEXT("\nOPTIONS sip:a@b SIP/2.0\n"), NOTHING},
	{"a frame of WebSocket", TEXT("\x81\x20OPTIONS sip:a@b SIP/2.0\r\n"), NOTHING},
	{"DEL is no method", TEXT("\x7f sip:a@b SIP/2.0\r\n"), NOTHING},
	{"a blank is none", TEXT("  sip:a@b SIP/2.0\r\n"), NOTHING},
	{"MSRP", TEXT("MSRP d93kswow SEND\r\nTo-Path: x\r\n"), NOTHING},
	{"half a response", TEXT("SIP/2.0"), NOTHING},
	{"a method and nothing more", TEXT("ACK "), NOTHING},
	{"nothing", TEXT(""), PING},
	{"a ping", TEXT("\r\n\r\n"), PING},
	{"half of one", TEXT("\r\n"), PING},
	{"one with NUL", "\0\0\0\0", 4, ANSWER | PING},
	{"one with a blank", TEXT("\r\n \r\n"), NOTHING},
};
/* clang-format on */

static unsigned kind_of(const char *text, size_t octets)
{
	return (tlsp_sip_text_is_request(text, octets) ? REQUEST : 0U)
		   | (tlsp_sip_text_is_answer(text, octets) ? ANSWER : 0U)
		   | (tlsp_sip_text_is_ping(text, octets) ? PING : 0U)
		   | (tlsp_sip_text_follows(text, octets) ? FOLLOWS : 0U);
}

/* The text lies in a heap block of its own size, so that one octet too many is
 * seen by the sanitizer. */
static void every_text_is_what_it_is(void **state)
{
	size_t wrong = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++) {
		char *copy = malloc(rows[i].octets ? rows[i].octets : 1);
		unsigned is;

		assert_non_null(copy);
		memcpy(copy, rows[i].text, rows[i].octets);
		is = kind_of(copy, rows[i].octets);
		free(copy);
		if(is == rows[i].is)
			continue;
		wrong++;
		print_message("  %s: %u, expected %u\n", rows[i].what, is, rows[i].is);
	}
	assert_int_equal(wrong, 0);
}

/* Whatever is cut off. */
static void no_text_is_read_beyond_its_end(void **state)
{
	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++)
		for(size_t octets = 1; octets <= rows[i].octets; octets++) {
			char *copy = malloc(octets);

			assert_non_null(copy);
			memcpy(copy, rows[i].text, octets);
			kind_of(copy, octets);
			free(copy);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(every_text_is_what_it_is),
			cmocka_unit_test(no_text_is_read_beyond_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
