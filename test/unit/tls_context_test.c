/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What two contexts trust is the same or not; whatever else they hold. And
 * which certificates go with our own.
 */
#include "tls_ends.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/rsa.h>

#include "openssl/tls_context.h"

enum
{
	PARTS = 4
};

/* What a context holds: certificates in this order, and a CRL of |crl|. */
struct held
{
	const char *what;
	const struct identity *anchors[PARTS];
	const struct identity *crl, *own;
	bool as_first; /* trusts the same as the first row */
};

static void add_crl(X509_STORE *store, const struct identity *issuer)
{
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *now = X509_gmtime_adj(NULL, 0);

	assert_true(X509_CRL_set_issuer_name(
			crl, X509_get_subject_name(issuer->certificate)));
	X509_CRL_set1_lastUpdate(crl, now);
	assert_true(X509_CRL_sign(crl, issuer->key, EVP_sha256()));
	assert_true(X509_STORE_add_crl(store, crl));
	ASN1_TIME_free(now);
	X509_CRL_free(crl);
}

static SSL_CTX *context_of(const struct held *held)
{
	SSL_CTX *ctx = new_context(held->own);
	X509_STORE *store = X509_STORE_new();

	SSL_CTX_set_cert_store(ctx, store);
	for(int i = 0; i < PARTS && held->anchors[i]; i++)
		assert_true(X509_STORE_add_cert(store, held->anchors[i]->certificate));
	if(held->crl)
		add_crl(store, held->crl);
	return ctx;
}

static void digest_of(
		const struct held *held, unsigned char out[TLSP_DIGEST_OCTETS])
{
	SSL_CTX *ctx = context_of(held);

	assert_true(tlsp_tls_context_digest_anchors(ctx, out));
	SSL_CTX_free(ctx);
}

static void test_anchors(void **state)
{
	const struct held rows[] = {
			{"two CAs", {&ca, &foreign_ca}, NULL, &gateway, true},
			{"the other order", {&foreign_ca, &ca}, NULL, &gateway, true},
			{"one twice", {&ca, &foreign_ca, &ca}, NULL, &gateway, true},
			{"a CRL", {&ca, &foreign_ca}, &ca, &gateway, true},
			{"another certificate of our own", {&ca, &foreign_ca}, NULL,
					&trusted, true},
			{"the one alone", {&ca}, NULL, &gateway, false},
			{"the one, and a CRL of it", {&ca}, &ca, &gateway, false},
			{"the other alone", {&foreign_ca}, NULL, &gateway, false},
			{"one more", {&ca, &foreign_ca, &trusted}, NULL, &gateway, false},
			{"none", {NULL}, NULL, &gateway, false},
			{"only a CRL", {NULL}, &ca, &gateway, false},
	};
	unsigned char first[TLSP_DIGEST_OCTETS], digest[TLSP_DIGEST_OCTETS];

	(void)state;
	digest_of(&rows[0], first);
	for(size_t i = 0; i < COUNT(rows); i++) {
		digest_of(&rows[i], digest);
		if((memcmp(first, digest, sizeof(first)) == 0) != rows[i].as_first)
			fail_msg("%s", rows[i].what);
	}
}

/* All that a session depends on: a CRL, our own certificate and what is asked
 * of the peer count, too. */
static void test_all(void **state)
{
	const struct
	{
		struct held held;
		int mode, depth;
	} rows[] = {
			{{"two CAs", {&ca, &foreign_ca}, NULL, &gateway, true}, 0, 9},
			{{"the other order", {&foreign_ca, &ca}, NULL, &gateway, true}, 0,
					9},
			{{"one less", {&ca}, NULL, &gateway, false}, 0, 9},
			{{"a CRL", {&ca, &foreign_ca}, &ca, &gateway, false}, 0, 9},
			{{"of the other", {&ca, &foreign_ca}, &foreign_ca, &gateway, false},
					0, 9},
			{{"another own", {&ca, &foreign_ca}, NULL, &trusted, false}, 0, 9},
			{{"no own", {&ca, &foreign_ca}, NULL, NULL, false}, 0, 9},
			{{"verified", {&ca, &foreign_ca}, NULL, &gateway, false},
					SSL_VERIFY_PEER, 9},
			{{"less deep", {&ca, &foreign_ca}, NULL, &gateway, false}, 0, 1},
	};
	struct tlsp_digest digests[COUNT(rows)], again;

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++) {
		SSL_CTX *ctx = context_of(&rows[i].held);

		SSL_CTX_set_verify(ctx, rows[i].mode, NULL);
		SSL_CTX_set_verify_depth(ctx, rows[i].depth);
		assert_true(tlsp_tls_context_digest(ctx, &digests[i]));
		assert_true(tlsp_tls_context_digest(ctx, &again));
		assert_true(tlsp_digest_equal(&digests[i], &again));
		SSL_CTX_free(ctx);
	}
	for(size_t i = 0; i < COUNT(rows); i++)
		for(size_t j = 0; j < i; j++)
			if(tlsp_digest_equal(&digests[i], &digests[j])
					!= (rows[i].held.as_first && rows[j].held.as_first))
				fail_msg("%s, %s", rows[i].held.what, rows[j].held.what);
}

/* By a CA's own trust settings, the level and the flags it is trusted for less. */
static void test_what_a_ca_is_trusted_for(void **state)
{
	enum
	{
		AS_IT_IS,
		REJECTED,
		LEVEL,
		FLAGS,
		STORE_FLAGS,
		ALL
	};
	const struct held held = {"", {&ca, &foreign_ca}, NULL, &gateway, true};
	struct tlsp_digest all[ALL], trust[ALL], sessions[ALL];

	(void)state;
	for(int i = 0; i < ALL; i++) {
		struct identity lesser = {.certificate = X509_dup(ca.certificate)};
		const struct held less = {
				"", {&lesser, &foreign_ca}, NULL, &gateway, true};
		SSL_CTX *ctx = context_of(i == REJECTED ? &less : &held);

		assert_true(X509_add1_reject_object(
				lesser.certificate, OBJ_nid2obj(NID_server_auth)));
		if(i == LEVEL)
			SSL_CTX_set_security_level(ctx, 3);
		if(i == FLAGS)
			X509_VERIFY_PARAM_set_flags(
					SSL_CTX_get0_param(ctx), X509_V_FLAG_X509_STRICT);
		if(i == STORE_FLAGS)
			X509_STORE_set_flags(
					SSL_CTX_get_cert_store(ctx), X509_V_FLAG_CRL_CHECK);
		assert_true(tlsp_tls_context_digest(ctx, &all[i]));
		assert_true(tlsp_tls_context_digest_trust(ctx, &trust[i]));
		assert_true(tlsp_tls_context_digest_sessions(ctx, &sessions[i]));
		for(int j = 0; j < i; j++) {
			assert_false(tlsp_digest_equal(&all[i], &all[j]));
			assert_false(tlsp_digest_equal(&trust[i], &trust[j]));
			assert_false(tlsp_digest_equal(&sessions[i], &sessions[j]));
		}
		SSL_CTX_free(ctx);
		X509_free(lesser.certificate);
	}
}

/* The certificates that go with ours: NULL, where OpenSSL would look for them.
 */
static STACK_OF(X509) * chain_of(SSL_CTX *ctx)
{
	STACK_OF(X509) *chain = NULL;

	assert_true(SSL_CTX_get0_chain_certs(ctx, &chain));
	return chain;
}

static void count_kind(
		void *user, enum tlsp_certificate_kind kind, X509 *certificate)
{
	int *counts = user;

	(void)certificate;
	counts[kind == TLSP_CERTIFICATE_ANCHOR]++;
}

/* An ECDSA certificate, and one of another kind that is put beside it. */
static void add_rsa(SSL_CTX *ctx)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);
	X509 *certificate = X509_dup(gateway.certificate);

	assert_true(X509_set_pubkey(certificate, key));
	assert_true(X509_sign(certificate, ca.key, EVP_sha256()));
	assert_int_equal(SSL_CTX_use_certificate(ctx, certificate), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(ctx, key), 1);
	X509_free(certificate);
	EVP_PKEY_free(key);
}

static void test_found_chain(void **state)
{
	const struct held held = {
			"its own CA", {&ca, &foreign_ca}, NULL, &gateway, true};
	SSL_CTX *ctx = context_of(&held);
	int counts[2] = {0, 0};
	X509 *current;

	(void)state;
	add_rsa(ctx);
	current = SSL_CTX_get0_certificate(ctx);
	assert_null(chain_of(ctx));
	tlsp_tls_context_prepare(ctx);
	tlsp_tls_context_prepare(ctx);
	assert_ptr_equal(SSL_CTX_get0_certificate(ctx), current);
	for(long more = SSL_CTX_set_current_cert(ctx, SSL_CERT_SET_FIRST); more;
			more = SSL_CTX_set_current_cert(ctx, SSL_CERT_SET_NEXT)) {
		assert_int_equal(sk_X509_num(chain_of(ctx)), 1);
		assert_int_equal(
				X509_cmp(sk_X509_value(chain_of(ctx), 0), ca.certificate), 0);
		counts[0]--;
	}
	assert_int_equal(counts[0], -2);
	/* they are anchors, and not told of as ours */
	counts[0] = 0;
	tlsp_tls_context_each(ctx, count_kind, counts);
	assert_int_equal(counts[0], 1);
	assert_int_equal(counts[1], 2);
	SSL_CTX_free(ctx);
}

/* Our CA, renewed: of the same name and key, and valid at other times. */
static X509 *renewed_ca(void)
{
	X509 *renewed = X509_dup(ca.certificate);

	ASN1_INTEGER_set(X509_get_serialNumber(renewed), 77);
	X509_gmtime_adj(X509_getm_notAfter(renewed), 7200);
	assert_true(X509_sign(renewed, ca.key, EVP_sha256()));
	return renewed;
}

/* Which of both goes with our certificate is another question in an hour. */
static void test_two_of_a_name(void **state)
{
	const struct held held = {"its CA", {&ca}, NULL, &gateway, true};
	SSL_CTX *ctx = context_of(&held);
	X509 *renewed = renewed_ca();

	(void)state;
	assert_true(X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), renewed));
	tlsp_tls_context_prepare(ctx);
	assert_null(chain_of(ctx));
	X509_free(renewed);
	SSL_CTX_free(ctx);
}

/* As far as OpenSSL finds any (test/live/24-tls-domains.bats compares). */
static void test_other_chains(void **state)
{
	const struct held rows[] = {
			{"no CA of ours", {&foreign_ca}, NULL, &gateway, false},
			{"a CRL that is missing", {&ca}, &foreign_ca, &gateway, false},
			{"no certificate", {&ca}, NULL, NULL, false},
	};
	SSL_CTX *ctx = context_of(&rows[0]);

	(void)state;
	tlsp_tls_context_prepare(ctx);
	assert_int_equal(sk_X509_num(chain_of(ctx)), 0);
	assert_int_equal(ERR_peek_error(), 0);
	SSL_CTX_free(ctx);

	ctx = context_of(&rows[1]);
	X509_STORE_set_flags(SSL_CTX_get_cert_store(ctx), X509_V_FLAG_CRL_CHECK);
	tlsp_tls_context_prepare(ctx);
	assert_int_equal(sk_X509_num(chain_of(ctx)), 1);
	assert_int_equal(ERR_peek_error(), 0);
	SSL_CTX_free(ctx);

	ctx = context_of(&rows[2]);
	tlsp_tls_context_prepare(ctx);
	assert_int_equal(ERR_peek_error(), 0);
	SSL_CTX_free(ctx);
}

static void test_left_alone(void **state)
{
	const struct held held = {"its CA", {&ca}, NULL, &gateway, true};
	SSL_CTX *directory = context_of(&held), *configured = context_of(&held),
			*extra = context_of(&held), *alone = context_of(&held);

	(void)state;
	assert_true(tlsp_tls_context_mark_directory(directory));
	tlsp_tls_context_prepare(directory);
	assert_null(chain_of(directory));

	assert_true(SSL_CTX_add1_chain_cert(configured, foreign_ca.certificate));
	tlsp_tls_context_prepare(configured);
	assert_int_equal(sk_X509_num(chain_of(configured)), 1);
	assert_ptr_equal(
			sk_X509_value(chain_of(configured), 0), foreign_ca.certificate);

	assert_true(X509_up_ref(foreign_ca.certificate));
	assert_true(SSL_CTX_add_extra_chain_cert(extra, foreign_ca.certificate));
	tlsp_tls_context_prepare(extra);
	assert_null(chain_of(extra));

	SSL_CTX_set_mode(alone, SSL_MODE_NO_AUTO_CHAIN);
	tlsp_tls_context_prepare(alone);
	assert_null(chain_of(alone));

	SSL_CTX_free(directory);
	SSL_CTX_free(configured);
	SSL_CTX_free(extra);
	SSL_CTX_free(alone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test_setup(test_anchors, setup_policy),
			cmocka_unit_test_setup(test_all, setup_policy),
			cmocka_unit_test_setup(test_what_a_ca_is_trusted_for, setup_policy),
			cmocka_unit_test_setup(test_found_chain, setup_policy),
			cmocka_unit_test_setup(test_two_of_a_name, setup_policy),
			cmocka_unit_test_setup(test_other_chains, setup_policy),
			cmocka_unit_test_setup(test_left_alone, setup_policy),
	};

	return cmocka_run_group_tests(tests, make_ends, free_ends);
}
