/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * evidence_test - what a session carries comes out as it was put in, and what
 * is not ours is not evidence.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "openssl/evidence.h"

static const struct tlsp_evidence cases[] = {
		{TLSP_ROLE_SERVER, 0, {{0}}, false, {{0}}, false, {{0}}},
		{TLSP_ROLE_CLIENT, 1, {{1, 2}}, true, {{3, 4}}, false, {{5, 6}}},
		{TLSP_ROLE_SERVER, 0x0123456789abcdef, {{7}}, false, {{8}}, true,
				{{9}}},
		{TLSP_ROLE_CLIENT, -1, {{0xff}}, true, {{0xfe}}, true, {{0xfd}}},
};

static void assert_same(
		const struct tlsp_evidence *a, const struct tlsp_evidence *b)
{
	assert_int_equal(a->role, b->role);
	assert_true(a->verified_s == b->verified_s);
	assert_int_equal(a->named, b->named);
	assert_int_equal(a->constrained, b->constrained);
	assert_true(tlsp_digest_equal(&a->chain, &b->chain));
	assert_true(tlsp_digest_equal(&a->identity, &b->identity));
	assert_true(tlsp_digest_equal(&a->server_name, &b->server_name));
}

static void what_is_put_in_comes_out(void **state)
{
	SSL_SESSION *session = SSL_SESSION_new();
	struct tlsp_evidence got;

	(void)state;
	for(size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		memset(&got, 0xaa, sizeof(got));
		assert_true(tlsp_evidence_put(session, &cases[i]));
		assert_true(tlsp_evidence_get(session, &got));
		assert_same(&cases[i], &got);
	}
	SSL_SESSION_free(session);
}

/* The last octet of each digest counts, too. */
static void every_octet_of_a_digest_comes_out(void **state)
{
	SSL_SESSION *session = SSL_SESSION_new();
	struct tlsp_evidence sent = {.role = TLSP_ROLE_SERVER}, got;

	(void)state;
	for(size_t i = 0; i < TLSP_DIGEST_OCTETS; i++) {
		sent.chain.octets[i] = (unsigned char)(i + 1);
		sent.identity.octets[i] = (unsigned char)(i + 0x41);
		sent.server_name.octets[i] = (unsigned char)(i + 0x81);
	}
	assert_true(tlsp_evidence_put(session, &sent));
	assert_true(tlsp_evidence_get(session, &got));
	assert_same(&sent, &got);
	SSL_SESSION_free(session);
}

static bool reads(const unsigned char *octets, size_t count)
{
	SSL_SESSION *session = SSL_SESSION_new();
	struct tlsp_evidence got;
	bool read;

	assert_true(SSL_SESSION_set1_ticket_appdata(session, octets, count));
	read = tlsp_evidence_get(session, &got);
	SSL_SESSION_free(session);
	return read;
}

/* Of every length, with our first octet; and of our length, with another. */
static void what_is_cut_longer_or_foreign_is_none(void **state)
{
	SSL_SESSION *session = SSL_SESSION_new();
	unsigned char octets[256] = {0};
	struct tlsp_evidence got;
	void *data;
	size_t count;

	(void)state;
	assert_false(tlsp_evidence_get(NULL, &got));
	assert_false(tlsp_evidence_get(session, &got));
	assert_true(tlsp_evidence_put(session, &cases[1]));
	assert_true(SSL_SESSION_get0_ticket_appdata(session, &data, &count));
	assert_in_range(count, 1, sizeof(octets) - 1);
	memcpy(octets, data, count);
	for(size_t i = 0; i <= sizeof(octets); i++)
		assert_int_equal(reads(octets, i), i == count);
	for(int format = 0; format <= 0xff; format++) {
		bool ours = format == ((unsigned char *)data)[0];

		octets[0] = (unsigned char)format;
		assert_int_equal(reads(octets, count), ours);
	}
	SSL_SESSION_free(session);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(what_is_put_in_comes_out),
			cmocka_unit_test(every_octet_of_a_digest_comes_out),
			cmocka_unit_test(what_is_cut_longer_or_foreign_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
