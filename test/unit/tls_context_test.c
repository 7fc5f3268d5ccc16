/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What two contexts trust is the same or not; whatever else they hold.
 */
#include "tls_ends.h"

#include <string.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test_setup(test_anchors, setup_policy),
			cmocka_unit_test_setup(test_all, setup_policy),
	};

	return cmocka_run_group_tests(tests, make_ends, free_ends);
}
