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

static void digest_of(
		const struct held *held, unsigned char out[TLSP_DIGEST_OCTETS])
{
	SSL_CTX *ctx = new_context(held->own);
	X509_STORE *store = X509_STORE_new();

	SSL_CTX_set_cert_store(ctx, store);
	for(int i = 0; i < PARTS && held->anchors[i]; i++)
		assert_true(X509_STORE_add_cert(store, held->anchors[i]->certificate));
	if(held->crl)
		add_crl(store, held->crl);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test_setup(test_anchors, setup_policy),
	};

	return cmocka_run_group_tests(tests, make_ends, free_ends);
}
