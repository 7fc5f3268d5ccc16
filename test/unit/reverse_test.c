/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reverse_test - would a client that was accepted (tls_link.h) be accepted as a
 * server, too? What its handshake has verified already is not verified again,
 * and whatever may differ is.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "openssl/reverse.h"
#include "tls_link.h"

static SSL_CTX *as_client; /* the TLS domain in which we are client */
static unsigned verified;  /* signatures, while it was asked */
static struct identity same_name, same_key, client_only, short_lived;

static SSL_CTX *offer_as_client(SSL *ssl)
{
	(void)ssl;
	return as_client;
}

/* What OpenSSL does where nobody has set anything (X509_STORE_set_verify(3)). */
static int verify_all(X509_STORE_CTX *store)
{
	STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(store);
	X509_STORE_CTX_verify_cb go_on = X509_STORE_CTX_get_verify_cb(store);
	int last = sk_X509_num(chain) - 1;

	for(int i = last; i >= 0; i--) {
		X509 *issuer = sk_X509_value(chain, i < last ? i + 1 : last);

		X509_STORE_CTX_set_error_depth(store, i);
		X509_STORE_CTX_set_current_cert(store, sk_X509_value(chain, i));
		verified++;
		if(X509_verify(sk_X509_value(chain, i), X509_get0_pubkey(issuer)) != 1
				|| X509_cmp_timeframe(X509_STORE_CTX_get0_param(store),
						   X509_get0_notBefore(sk_X509_value(chain, i)),
						   X509_get0_notAfter(sk_X509_value(chain, i)))
						   != 0
				|| !go_on(1, store))
			return 0;
	}
	return 1;
}

static SSL_CTX *new_client(const struct identity *anchor)
{
	SSL_CTX *context = SSL_CTX_new(TLS_method());
	X509_STORE *store = SSL_CTX_get_cert_store(context);

	SSL_CTX_set_security_level(context, 0);
	if(anchor)
		X509_STORE_add_cert(store, anchor->certificate);
	X509_STORE_set_verify(store, verify_all);
	return context;
}

static void make_purpose(struct identity *out)
{
	X509_EXTENSION *purpose =
			X509V3_EXT_conf_nid(NULL, NULL, NID_ext_key_usage, "clientAuth");

	make_identity(out, "client", "DNS:trusted.example.com", &ca);
	X509_add_ext(out->certificate, purpose, -1);
	X509_EXTENSION_free(purpose);
	X509_sign(out->certificate, ca.key, EVP_sha256());
}

/* Of |ca| another certificate: with the same name, and the same key or not. */
static void make_ca_again(struct identity *out, bool same)
{
	char name[256] = "";

	X509_NAME_get_text_by_NID(X509_get_subject_name(ca.certificate),
			NID_commonName, name, sizeof(name));
	make_identity(out, name, NULL, NULL);
	if(!same)
		return;
	EVP_PKEY_free(out->key);
	EVP_PKEY_up_ref(ca.key);
	out->key = ca.key;
	X509_set_pubkey(out->certificate, ca.key);
	X509_sign(out->certificate, ca.key, EVP_sha256());
}

static int make(void **state)
{
	int made = make_ends(state);

	make_ca_again(&same_name, false);
	make_ca_again(&same_key, true);
	make_purpose(&client_only);
	gate.context_as_client = offer_as_client;
	return made;
}

static int free_all(void **state)
{
	free_identity(&same_name);
	free_identity(&same_key);
	free_identity(&client_only);
	gate.context_as_client = NULL;
	return free_ends(state);
}

static void judge(struct link *link)
{
	open_gate();
	tlsp_reverse_judge(link->ends.ours, link->record, false);
	close_gate();
}

/* What an accepted client is as a server, by |anchor|. */
static bool is_server(const struct identity *shown,
		const struct identity *anchor, unsigned long flags)
{
	struct link link;
	bool accepted;

	as_client = new_client(anchor);
	X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(as_client), flags);
	verified = 0;
	set_up(&link, TLSP_ROLE_SERVER, TLS1_3_VERSION, shown);
	accepted = link.record->as_server.accepted;
	assert_true(!accepted
				|| tlsp_reverse_holds(&link.record->as_server, &terms, 1));
	tear_down(&link);
	SSL_CTX_free(as_client);
	return accepted;
}

static void test_nothing_is_verified_twice(void **state)
{
	(void)state;
	assert_true(is_server(&trusted, &ca, 0));
	assert_int_equal(verified, 0);
}

static void test_another_chain_is_verified(void **state)
{
	(void)state;
	assert_true(is_server(&trusted, &same_key, 0));
	assert_int_equal(verified, 2);
	assert_false(is_server(&trusted, &same_name, 0));
	assert_false(is_server(&trusted, &foreign_ca, 0));
	assert_false(is_server(&trusted, NULL, 0));
}

static void test_flags_of_its_own_verify_all(void **state)
{
	(void)state;
	assert_true(is_server(&trusted, &ca, X509_V_FLAG_CHECK_SS_SIGNATURE));
	assert_int_equal(verified, 2);
	assert_true(is_server(&trusted, &ca, X509_V_FLAG_PARTIAL_CHAIN));
	assert_int_equal(verified, 2);
	assert_false(is_server(&trusted, &ca, X509_V_FLAG_CRL_CHECK));
}

static void test_a_client_only_is_no_server(void **state)
{
	(void)state;
	assert_false(is_server(&client_only, &ca, 0));
	policy.require_strict_cert = 0; /* OpenSSL alone asks for the purpose */
	assert_false(is_server(&client_only, &ca, 0));
	assert_true(is_server(&trusted, &ca, 0));
}

/* By names that were judged in the handshake, while they are the same. */
static void test_names_are_those_of_now(void **state)
{
	struct link link;
	struct tlsp_as_server before;
	struct tlsp_proxies *others;

	(void)state;
	as_client = new_client(&ca);
	set_up(&link, TLSP_ROLE_SERVER, TLS1_2_VERSION, &trusted);
	assert_int_equal(link.record->named_as_server, terms.generation);
	judge(&link);
	assert_true(link.record->as_server.accepted);
	before = link.record->as_server;
	terms.generation++;
	terms.proxies = others =
			make_proxies((const char *const[]){"other.example.com"}, 1);
	judge(&link);
	assert_false(tlsp_reverse_holds(&before, &terms, 1));
	assert_false(link.record->as_server.accepted);
	tear_down(&link);
	SSL_CTX_free(as_client);
	free(others);
}

/* Nobody asked for a name, and its address stands in no certificate. */
static void test_bound_to_its_address_it_is_judged_by_that(void **state)
{
	struct link link;

	(void)state;
	for(int bound_before = 0; bound_before < 2; bound_before++) {
		as_client = new_client(&ca);
		policy.bind_to_peer = bound_before;
		set_up(&link, TLSP_ROLE_SERVER, TLS1_3_VERSION, &trusted);
		assert_int_equal(link.record->as_server.accepted, !bound_before);
		policy.bind_to_peer = 1;
		terms.generation++;
		judge(&link);
		assert_false(link.record->as_server.accepted);
		tear_down(&link);
		SSL_CTX_free(as_client);
	}
}

/* The dates of a chain that was verified long ago are compared again. */
static void test_dates_are_those_of_now(void **state)
{
	struct link link;

	(void)state;
	make_identity_for(&short_lived, "short", "DNS:trusted.example.com", &ca, 4);
	as_client = new_client(&ca);
	set_up(&link, TLSP_ROLE_SERVER, TLS1_3_VERSION, &short_lived);
	assert_true(link.record->as_server.accepted);
	while(X509_cmp_current_time(X509_get0_notAfter(short_lived.certificate))
			> 0)
		usleep(100 * 1000);
	link.record->armed_s -= 3600;
	judge(&link);
	assert_false(link.record->as_server.accepted);
	tear_down(&link);
	SSL_CTX_free(as_client);
	free_identity(&short_lived);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test_setup(
					test_nothing_is_verified_twice, setup_strict),
			cmocka_unit_test_setup(
					test_another_chain_is_verified, setup_strict),
			cmocka_unit_test_setup(
					test_flags_of_its_own_verify_all, setup_strict),
			cmocka_unit_test_setup(
					test_a_client_only_is_no_server, setup_strict),
			cmocka_unit_test_setup(test_names_are_those_of_now, setup_strict),
			cmocka_unit_test_setup(
					test_bound_to_its_address_it_is_judged_by_that,
					setup_strict),
			cmocka_unit_test_setup(test_dates_are_those_of_now, setup_strict),
	};

	return cmocka_run_group_tests(tests, make, free_all);
}
