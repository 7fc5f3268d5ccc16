/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * server_name_test - the extension server_name of a ClientHello that is made
 * here, octet by octet: its bounds, and what is no name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "openssl/server_name.h"

enum
{
	HELLO_MAX_OCTETS = 1024,
	LIST_OCTETS = 5, /* of a server_name in front of its one name */
	NO_EXTENSION = -1
};

/* What the callback of the server found. */
static struct
{
	bool called, read;
	char name[TLSP_SERVER_NAME_OCTETS];
} found;

static int on_client_hello(SSL *ssl, int *alert, void *unused)
{
	(void)alert, (void)unused;
	found.called = true;
	memset(found.name, 'x', sizeof(found.name));
	found.read = tlsp_server_name_read(ssl, found.name);
	return SSL_CLIENT_HELLO_ERROR; /* there is nothing to go on with */
}

static size_t put16(unsigned char *out, size_t at, size_t value)
{
	out[at] = (unsigned char)(value >> 8);
	out[at + 1] = (unsigned char)value;
	return at + 2;
}

/* A ClientHello of TLS 1.2 in one record (RFC 5246, 7.4.1.2), with |extension|
 * of |octets|, or without. */
static size_t write_hello(
		unsigned char *out, const unsigned char *extension, int octets)
{
	static const unsigned char start[] = {0x16, 3, 1, 0, 0, 1, 0, 0, 0, 3, 3};
	size_t at = sizeof(start) + 32; /* the random octets */

	memset(out, 0, at);
	memcpy(out, start, sizeof(start));
	out[at++] = 0;				 /* no session id */
	at = put16(out, at, 2);		 /* one cipher suite: */
	at = put16(out, at, 0xc02b); /* ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 */
	out[at++] = 1;				 /* one compression: none */
	out[at++] = 0;
	if(octets >= 0) {
		at = put16(out, at, (size_t)octets + 4);
		at = put16(out, at, TLSEXT_TYPE_server_name);
		at = put16(out, at, (size_t)octets);
		memcpy(out + at, extension, (size_t)octets);
		at += (size_t)octets;
	}
	put16(out, 3, at - 5);
	put16(out, 7, at - 9);
	return at;
}

static void hello_arrives(const unsigned char *extension, int octets)
{
	unsigned char hello[HELLO_MAX_OCTETS];
	SSL_CTX *ctx = SSL_CTX_new(TLS_method());
	SSL *ssl;
	BIO *in = BIO_new(BIO_s_mem());
	size_t count = write_hello(hello, extension, octets);

	found.called = false;
	SSL_CTX_set_client_hello_cb(ctx, on_client_hello, NULL);
	ssl = SSL_new(ctx);
	assert_int_equal(BIO_write(in, hello, (int)count), (int)count);
	SSL_set_bio(ssl, in, BIO_new(BIO_s_mem()));
	assert_true(SSL_accept(ssl) <= 0);
	assert_true(found.called);
	SSL_free(ssl);
	SSL_CTX_free(ctx);
}

/* RFC 6066, 3: a list of one host_name. */
static void name_arrives(const char *name, size_t octets)
{
	unsigned char extension[HELLO_MAX_OCTETS / 2];
	size_t at = put16(extension, 0, octets + 3);

	extension[at++] = TLSEXT_NAMETYPE_host_name;
	at = put16(extension, at, octets);
	memcpy(extension + at, name, octets);
	hello_arrives(extension, (int)(at + octets));
}

static void without_a_name_there_is_none(void **state)
{
	static const unsigned char zeros[LIST_OCTETS];

	(void)state;
	hello_arrives(NULL, NO_EXTENSION);
	assert_true(found.read);
	assert_string_equal(found.name, "");
	for(int octets = 0; octets <= LIST_OCTETS; octets++) {
		hello_arrives(zeros, octets);
		assert_true(found.read);
		assert_string_equal(found.name, "");
	}
}

static void a_name_is_read_up_to_its_bound(void **state)
{
	char name[TLSP_SERVER_NAME_OCTETS + 2];

	(void)state;
	memset(name, 'a', sizeof(name));
	for(size_t octets = 1; octets <= TLSP_SERVER_NAME_OCTETS + 1; octets++) {
		name_arrives(name, octets);
		assert_int_equal(found.read, octets <= 255);
		if(!found.read)
			continue;
		assert_int_equal(strlen(found.name), octets);
		assert_memory_equal(found.name, name, octets);
	}
}

static void octets_that_no_host_has_are_refused_wherever_they_are(void **state)
{
	static const char hosts[] = "-.:_";
	char name[] = "abc";

	(void)state;
	for(size_t at = 0; at < 3; at++)
		for(int octet = 0; octet <= 0xff; octet++) {
			bool host = (octet >= '0' && octet <= '9')
						|| (octet >= 'A' && octet <= 'Z')
						|| (octet >= 'a' && octet <= 'z')
						|| (octet != 0 && strchr(hosts, octet));

			memcpy(name, "abc", 3);
			name[at] = (char)octet;
			name_arrives(name, 3);
			assert_int_equal(found.read, host);
			assert_true(!host || strcmp(found.name, name) == 0);
		}
}

/* The second would be read by whoever looks for the last. */
static void two_names_are_refused(void **state)
{
	static const unsigned char two[] = {0, 8, 0, 0, 1, 'a', 0, 0, 1, 'b'};

	(void)state;
	hello_arrives(two, sizeof(two));
	assert_false(found.read);
}

static void one_connection_has_one_name(void **state)
{
	static const char *const names[] = {"", "a.example", "b.example"};

	(void)state;
	for(size_t i = 0; i < 3; i++)
		for(size_t j = 0; j < 3; j++) {
			struct tlsp_record record = {.greeted = false};

			assert_true(tlsp_server_name_note(&record, names[i]));
			assert_int_equal(tlsp_server_name_note(&record, names[j]), i == j);
			assert_true(tlsp_server_name_note(&record, names[i]));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(without_a_name_there_is_none),
			cmocka_unit_test(a_name_is_read_up_to_its_bound),
			cmocka_unit_test(
					octets_that_no_host_has_are_refused_wherever_they_are),
			cmocka_unit_test(two_names_are_refused),
			cmocka_unit_test(one_connection_has_one_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
