/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * handshake_test - two real OpenSSL ends over memory BIOs; the one under test
 * is made inside the gate, the other is a plain peer. No network, no Kamailio.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "../../modules/tls_policy/openssl/handshake.h"
#include "../../modules/tls_policy/policy/versions.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

struct identity
{
	EVP_PKEY *key;
	X509 *certificate;
};

static struct identity ca, foreign_ca, gateway, trusted, stranger, foreign;
static struct tlsp_gate gate;
static struct tlsp_policy policy;
static struct tlsp_terms terms;
static struct tlsp_proxies *proxies;
static unsigned last_alert; /* that the plain peer received */

static const struct tlsp_terms *offer_terms(void)
{
	return &terms;
}

static void add_extension(X509 *certificate, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	assert_non_null(extension);
	assert_true(X509_add_ext(certificate, extension, -1));
	X509_EXTENSION_free(extension);
}

static void make_identity(struct identity *out, const char *common_name,
		const char *san, const struct identity *issuer)
{
	static long serial;
	X509_NAME *name;

	out->key = EVP_EC_gen("P-256");
	out->certificate = X509_new();
	assert_non_null(out->key);
	X509_set_version(out->certificate, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(out->certificate), ++serial);
	X509_gmtime_adj(X509_getm_notBefore(out->certificate), -60);
	X509_gmtime_adj(X509_getm_notAfter(out->certificate), 3600);
	X509_set_pubkey(out->certificate, out->key);
	name = X509_get_subject_name(out->certificate);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
			(const unsigned char *)common_name, -1, -1, 0);
	X509_set_issuer_name(out->certificate,
			issuer ? X509_get_subject_name(issuer->certificate) : name);
	if(!issuer)
		add_extension(
				out->certificate, NID_basic_constraints, "critical,CA:TRUE");
	if(san)
		add_extension(out->certificate, NID_subject_alt_name, san);
	assert_true(X509_sign(
			out->certificate, issuer ? issuer->key : out->key, EVP_sha256()));
}

static void free_identity(struct identity *identity)
{
	X509_free(identity->certificate);
	EVP_PKEY_free(identity->key);
}

static void note_alert(const SSL *ssl, int where, int ret)
{
	(void)ssl;
	if((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT)
		last_alert = (unsigned)ret & 0xff;
}

/* A context that speaks everything, as a TLS domain with SECLEVEL=0. */
static SSL_CTX *new_context(const struct identity *own)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_method());

	assert_non_null(ctx);
	SSL_CTX_set_security_level(ctx, 0);
	SSL_CTX_set_cipher_list(ctx, "ALL:@SECLEVEL=0");
	SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION);
	X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), ca.certificate);
	if(own) {
		assert_true(SSL_CTX_use_certificate(ctx, own->certificate));
		assert_true(SSL_CTX_use_PrivateKey(ctx, own->key));
	}
	return ctx;
}

/* Two ends of a connection; |ours| is guarded. */
struct pair
{
	SSL *ours, *peer;
};

static SSL *new_guarded(SSL_CTX *ctx)
{
	SSL *ssl;

	gate.open = gate.may_attach = true;
	ssl = SSL_new(ctx);
	gate.open = false;
	assert_non_null(ssl);
	return ssl;
}

static void new_pair(
		struct pair *out, SSL_CTX *ours, SSL_CTX *peer, enum tlsp_role role)
{
	BIO *a, *b;

	last_alert = 0;
	gate.refused = false;
	out->ours = new_guarded(ours);
	out->peer = SSL_new(peer);
	BIO_new_bio_pair(&a, 1 << 16, &b, 1 << 16);
	SSL_set_bio(out->ours, a, a);
	SSL_set_bio(out->peer, b, b);
	SSL_set_info_callback(out->peer, note_alert);
	if(role == TLSP_ROLE_SERVER) {
		SSL_set_accept_state(out->ours);
		SSL_set_connect_state(out->peer);
	} else {
		SSL_set_connect_state(out->ours);
		SSL_set_accept_state(out->peer);
	}
}

static void step_ours(SSL *ssl)
{
	gate.open = true;
	gate.terms = NULL;
	SSL_do_handshake(ssl);
	gate.open = false;
}

/* True if both ends finished and our end lets bytes pass. */
static bool shake_hands(struct pair *pair)
{
	char octet;

	for(int i = 0; i < 6; i++) {
		SSL_do_handshake(pair->peer);
		step_ours(pair->ours);
	}
	SSL_read(pair->peer, &octet, 1); /* an alert after TLS 1.3's Finished */
	return SSL_is_init_finished(pair->ours) && SSL_is_init_finished(pair->peer)
		   && tlsp_handshake_passes(pair->ours);
}

static void free_pair(struct pair *pair)
{
	SSL_free(pair->ours);
	SSL_free(pair->peer);
}

static int setup_policy(void **state)
{
	static unsigned long generation;

	(void)state;
	tlsp_parameters_defaults(&policy);
	terms.policy = &policy;
	terms.proxies = proxies;
	terms.generation = ++generation;
	memcpy(terms.digest, &generation, sizeof(generation));
	return 0;
}

static void one_version_each(enum tlsp_role role)
{
	SSL_CTX *ours = new_context(&gateway), *peer = new_context(&trusted);
	unsigned failures = 0;

	for(int mask = 0; mask <= 15; mask++)
		for(int version = TLS1_VERSION; version <= TLS1_3_VERSION; version++) {
			bool expected =
					mask == 0
					|| ((unsigned)mask & tlsp_versions_of_wire(version));
			struct pair pair;
			bool got;

			policy.tls_version = mask;
			new_pair(&pair, ours, peer, role);
			SSL_set_min_proto_version(pair.peer, version);
			SSL_set_max_proto_version(pair.peer, version);
			got = shake_hands(&pair)
				  && (!expected || SSL_version(pair.ours) == version);
			if(got != expected) {
				print_message("mask %d, version %x: %s\n", mask, version,
						got ? "accepted" : "refused");
				failures++;
			}
			free_pair(&pair);
		}
	SSL_CTX_free(ours);
	SSL_CTX_free(peer);
	assert_int_equal(failures, 0);
}

static void every_mask_comes_out_exactly_as_server(void **state)
{
	(void)state;
	one_version_each(TLSP_ROLE_SERVER);
}

static void every_mask_comes_out_exactly_as_client(void **state)
{
	(void)state;
	one_version_each(TLSP_ROLE_CLIENT);
}

static void a_policy_never_widens_the_range_of_the_domain(void **state)
{
	SSL_CTX *ours = new_context(&gateway), *peer = new_context(NULL);
	struct pair pair;

	(void)state;
	policy.tls_version = 15;
	SSL_CTX_set_min_proto_version(ours, TLS1_2_VERSION);
	SSL_CTX_set_max_proto_version(peer, TLS1_1_VERSION);
	new_pair(&pair, ours, peer, TLSP_ROLE_SERVER);
	assert_false(shake_hands(&pair));
	assert_int_equal(last_alert, SSL_AD_PROTOCOL_VERSION);
	free_pair(&pair);
	SSL_CTX_free(ours);
	SSL_CTX_free(peer);
}

static void a_range_with_nothing_left_refuses_with_protocol_version(
		void **state)
{
	SSL_CTX *ours = new_context(&gateway), *peer = new_context(NULL);
	struct pair pair;

	(void)state;
	policy.tls_version = TLSP_TLS_1_0;
	SSL_CTX_set_min_proto_version(ours, TLS1_2_VERSION);
	new_pair(&pair, ours, peer, TLSP_ROLE_SERVER);
	assert_false(shake_hands(&pair));
	assert_true(gate.refused);
	free_pair(&pair);
	SSL_CTX_free(ours);
	SSL_CTX_free(peer);
}

struct certificate_case
{
	const char *label;
	enum tlsp_role role;
	int required, mode, verify_server;
	const struct identity *shown; /* by the peer */
	bool accepted;
	unsigned alert_1_2, alert_1_3;
};

static const struct certificate_case certificate_cases[] = {
		{"server, nothing asked: no certificate", TLSP_ROLE_SERVER, 0, 0, 0,
				NULL, true, 0, 0},
		{"server, nothing asked: a stranger", TLSP_ROLE_SERVER, 0, 0, 0,
				&stranger, true, 0, 0},
		{"server, required: none", TLSP_ROLE_SERVER, 1, 0, 0, NULL, false,
				SSL_AD_HANDSHAKE_FAILURE, SSL_AD_CERTIFICATE_REQUIRED},
		{"server, required: any name of our CA", TLSP_ROLE_SERVER, 1, 0, 0,
				&stranger, true, 0, 0},
		{"server, required: foreign CA", TLSP_ROLE_SERVER, 1, 0, 0, &foreign,
				false, SSL_AD_UNKNOWN_CA, SSL_AD_UNKNOWN_CA},
		{"server, required and named: a proxy", TLSP_ROLE_SERVER, 1, 1, 0,
				&trusted, true, 0, 0},
		{"server, required and named: a stranger", TLSP_ROLE_SERVER, 1, 1, 0,
				&stranger, false, SSL_AD_BAD_CERTIFICATE,
				SSL_AD_BAD_CERTIFICATE},
		{"server, named only: none", TLSP_ROLE_SERVER, 0, 1, 0, NULL, true, 0,
				0},
		{"server, named only: a stranger", TLSP_ROLE_SERVER, 0, 1, 0, &stranger,
				false, SSL_AD_BAD_CERTIFICATE, SSL_AD_BAD_CERTIFICATE},
		{"server, named as client only: a stranger", TLSP_ROLE_SERVER, 0, 3, 0,
				&stranger, true, 0, 0},
		{"client, nothing asked: foreign CA", TLSP_ROLE_CLIENT, 0, 0, 0,
				&foreign, true, 0, 0},
		{"client, required is for servers: foreign CA", TLSP_ROLE_CLIENT, 1, 0,
				0, &foreign, true, 0, 0},
		{"client, verify: foreign CA", TLSP_ROLE_CLIENT, 0, 0, 1, &foreign,
				false, SSL_AD_UNKNOWN_CA, SSL_AD_UNKNOWN_CA},
		{"client, verify: a stranger of our CA", TLSP_ROLE_CLIENT, 0, 0, 1,
				&stranger, true, 0, 0},
		{"client, named: a proxy", TLSP_ROLE_CLIENT, 0, 2, 0, &trusted, true, 0,
				0},
		{"client, named: a stranger", TLSP_ROLE_CLIENT, 0, 2, 0, &stranger,
				false, SSL_AD_BAD_CERTIFICATE, SSL_AD_BAD_CERTIFICATE},
		{"client, named: foreign CA", TLSP_ROLE_CLIENT, 0, 3, 0, &foreign,
				false, SSL_AD_UNKNOWN_CA, SSL_AD_UNKNOWN_CA},
		{"client, named as server only: a stranger", TLSP_ROLE_CLIENT, 0, 1, 0,
				&stranger, true, 0, 0},
};

static bool certificate_case_holds(
		const struct certificate_case *row, int version)
{
	SSL_CTX *ours = new_context(&gateway), *peer = new_context(row->shown);
	unsigned alert =
			version == TLS1_3_VERSION ? row->alert_1_3 : row->alert_1_2;
	struct pair pair;
	bool accepted, holds;

	policy.sips_require_client_certificate = row->required;
	policy.peer_host_name_verification_mode = row->mode;
	policy.verify_server_certificate = row->verify_server;
	SSL_CTX_set_max_proto_version(peer, version);
	new_pair(&pair, ours, peer, row->role);
	accepted = shake_hands(&pair);
	holds = accepted == row->accepted && last_alert == alert
			&& gate.refused == !row->accepted;
	if(!holds)
		print_message("%s, %x: %s, alert %u, %s\n", row->label, version,
				accepted ? "accepted" : "refused", last_alert,
				gate.refusal.why);
	free_pair(&pair);
	SSL_CTX_free(ours);
	SSL_CTX_free(peer);
	return holds;
}

static void certificates_and_names_are_judged_in_both_roles(void **state)
{
	unsigned failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(certificate_cases); i++) {
		failures +=
				!certificate_case_holds(&certificate_cases[i], TLS1_2_VERSION);
		failures +=
				!certificate_case_holds(&certificate_cases[i], TLS1_3_VERSION);
	}
	assert_int_equal(failures, 0);
}

/* A suite without certificates: as server OpenSSL asks for one all the same
 * and the peer gives up; as client only our last word stands in the way. */
static void an_anonymous_cipher_suite_needs_a_certificate_too(void **state)
{
	const enum tlsp_role roles[] = {TLSP_ROLE_SERVER, TLSP_ROLE_CLIENT};

	(void)state;
	for(size_t i = 0; i < COUNT(roles); i++) {
		SSL_CTX *ours = new_context(&gateway), *peer = new_context(&trusted);
		struct pair pair;

		SSL_CTX_set_dh_auto(ours, 1);
		SSL_CTX_set_dh_auto(peer, 1);
		SSL_CTX_set_cipher_list(peer, "aNULL:@SECLEVEL=0");
		SSL_CTX_set_max_proto_version(peer, TLS1_2_VERSION);
		new_pair(&pair, ours, peer, roles[i]);
		assert_true(shake_hands(&pair)); /* the suite works at all */
		free_pair(&pair);
		policy.sips_require_client_certificate = 1;
		policy.verify_server_certificate = 1;
		new_pair(&pair, ours, peer, roles[i]);
		assert_false(shake_hands(&pair));
		assert_int_equal(gate.refused, roles[i] == TLSP_ROLE_CLIENT);
		free_pair(&pair);
		setup_policy(NULL);
		SSL_CTX_free(ours);
		SSL_CTX_free(peer);
	}
}

/* As the tls module's SNI callback does it. */
static int change_context(SSL *ssl, int *alert, void *other)
{
	(void)alert;
	SSL_set_SSL_CTX(ssl, other);
	SSL_set_options(ssl, SSL_CTX_get_options(other));
	SSL_set_verify(ssl, SSL_CTX_get_verify_mode(other),
			SSL_CTX_get_verify_callback(other));
	return SSL_TLSEXT_ERR_OK;
}

static int accept_everything(int ok, X509_STORE_CTX *store)
{
	(void)ok, (void)store;
	return 1;
}

static void an_sni_domain_cannot_loosen_the_policy(void **state)
{
	SSL_CTX *ours = new_context(&gateway), *other = new_context(&gateway),
			*peer = new_context(&foreign);
	struct pair pair;

	(void)state;
	policy.sips_require_client_certificate = 1;
	SSL_CTX_set_verify(other, SSL_VERIFY_PEER, accept_everything);
	SSL_CTX_set_tlsext_servername_callback(ours, change_context);
	SSL_CTX_set_tlsext_servername_arg(ours, other);
	for(int version = TLS1_2_VERSION; version <= TLS1_3_VERSION; version++) {
		SSL_CTX_set_max_proto_version(peer, version);
		new_pair(&pair, ours, peer, TLSP_ROLE_SERVER);
		SSL_set_tlsext_host_name(pair.peer, "other.example");
		assert_false(shake_hands(&pair));
		assert_ptr_equal(SSL_get_SSL_CTX(pair.ours), other);
		assert_int_equal(last_alert, SSL_AD_UNKNOWN_CA);
		free_pair(&pair);
	}
	SSL_CTX_free(ours);
	SSL_CTX_free(other);
	SSL_CTX_free(peer);
}

static SSL_SESSION *kept_session;

static int keep_session(SSL *ssl, SSL_SESSION *session)
{
	(void)ssl;
	SSL_SESSION_free(kept_session);
	kept_session = session;
	return 1;
}

/* One handshake that offers |session| for |server_name|; was it resumed? */
static bool resumes(SSL_CTX *ours, SSL_CTX *peer, SSL_SESSION *session,
		const char *server_name)
{
	struct pair pair;
	bool resumed;

	new_pair(&pair, ours, peer, TLSP_ROLE_SERVER);
	SSL_set_tlsext_host_name(pair.peer, server_name);
	if(session)
		SSL_set_session(pair.peer, session);
	assert_true(shake_hands(&pair));
	resumed = SSL_session_reused(pair.peer);
	SSL_set_shutdown(pair.peer, SSL_SENT_SHUTDOWN);
	free_pair(&pair);
	return resumed;
}

static void resumption(int version)
{
	SSL_CTX *ours = new_context(&gateway), *peer = new_context(&trusted);
	SSL_SESSION *session;

	policy.sips_require_client_certificate = 1;
	policy.peer_host_name_verification_mode = TLSP_VERIFY_NAMES_SERVER;
	SSL_CTX_set_max_proto_version(peer, version);
	SSL_CTX_set_session_cache_mode(peer, SSL_SESS_CACHE_CLIENT);
	SSL_CTX_sess_set_new_cb(peer, keep_session);
	assert_false(resumes(ours, peer, NULL, "a.example"));
	session = kept_session;
	kept_session = NULL;
	assert_non_null(session);
	assert_true(SSL_SESSION_get_timeout(session) > 0);
	assert_true(resumes(ours, peer, session, "a.example"));
	assert_false(resumes(ours, peer, session, "b.example"));
	terms.digest[31] ^= 1; /* what every change of policy does */
	assert_false(resumes(ours, peer, session, "a.example"));
	SSL_SESSION_free(session);
	SSL_SESSION_free(kept_session);
	kept_session = NULL;
	SSL_CTX_free(ours);
	SSL_CTX_free(peer);
}

static void a_session_resumes_only_unchanged_1_2(void **state)
{
	(void)state;
	resumption(TLS1_2_VERSION);
}

static void a_session_resumes_only_unchanged_1_3(void **state)
{
	(void)state;
	resumption(TLS1_3_VERSION);
}

/* The policy changes after the first flight of a handshake. */
static void a_change_during_a_handshake_is_obeyed(void **state)
{
	SSL_CTX *ours = new_context(&gateway), *peer = new_context(NULL);
	struct pair pair;

	(void)state;
	new_pair(&pair, ours, peer, TLSP_ROLE_SERVER);
	SSL_do_handshake(pair.peer);
	step_ours(pair.ours);
	policy.sips_require_client_certificate = 1;
	terms.generation++;
	shake_hands(&pair);
	assert_false(tlsp_handshake_passes(pair.ours));
	assert_true(gate.refused);
	assert_int_equal(SSL_write(pair.ours, "x", 1), -1);
	assert_int_equal(SSL_read(pair.ours, gate.refusal.why, 1), 0);
	free_pair(&pair);
	SSL_CTX_free(ours);
	SSL_CTX_free(peer);
}

static void an_ssl_from_outside_the_gate_never_passes(void **state)
{
	SSL_CTX *ctx = new_context(&gateway);
	SSL *ssl = SSL_new(ctx);

	(void)state;
	assert_null(tlsp_handshake_record(ssl));
	assert_false(tlsp_handshake_passes(ssl));
	SSL_free(ssl);
	SSL_CTX_free(ctx);
}

static void a_second_ssl_in_one_gate_is_not_ours(void **state)
{
	SSL_CTX *ctx = new_context(&gateway);
	SSL *first, *second;

	(void)state;
	gate.open = gate.may_attach = true;
	first = SSL_new(ctx);
	second = SSL_new(ctx);
	gate.open = false;
	assert_non_null(tlsp_handshake_record(first));
	assert_null(tlsp_handshake_record(second));
	SSL_free(first);
	SSL_free(second);
	SSL_CTX_free(ctx);
}

static void a_handshake_outside_the_gate_is_refused(void **state)
{
	SSL_CTX *ours = new_context(&gateway), *peer = new_context(NULL);
	struct pair pair;

	(void)state;
	new_pair(&pair, ours, peer, TLSP_ROLE_SERVER);
	SSL_do_handshake(pair.peer);
	SSL_do_handshake(pair.ours);
	assert_false(tlsp_handshake_passes(pair.ours));
	free_pair(&pair);
	SSL_CTX_free(ours);
	SSL_CTX_free(peer);
}

static void a_context_digest_tells_trust_anchors_apart(void **state)
{
	SSL_CTX *one = new_context(&gateway), *same = new_context(&gateway),
			*more = new_context(&gateway);
	unsigned char a[TLSP_DIGEST_OCTETS], b[TLSP_DIGEST_OCTETS],
			c[TLSP_DIGEST_OCTETS];

	(void)state;
	X509_STORE_add_cert(SSL_CTX_get_cert_store(more), foreign_ca.certificate);
	assert_true(tlsp_context_digest(one, a));
	assert_true(tlsp_context_digest(same, b));
	assert_true(tlsp_context_digest(more, c));
	assert_memory_equal(a, b, sizeof(a));
	assert_memory_not_equal(a, c, sizeof(a));
	SSL_CTX_free(one);
	SSL_CTX_free(same);
	SSL_CTX_free(more);
}

static void a_context_is_held_against_the_policy(void **state)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_method());
	char error[512];

	(void)state;
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_security_level(ctx, 2);
	policy.tls_version = 12;
	assert_true(tlsp_handshake_check_context(&policy, ctx, TLSP_ROLE_SERVER,
			false, "[server:default]", error, sizeof(error)));
	policy.tls_version = 3;
	assert_false(tlsp_handshake_check_context(&policy, ctx, TLSP_ROLE_SERVER,
			false, "[server:default]", error, sizeof(error)));
	assert_non_null(strstr(error, "[server:default]"));
	policy.tls_version = 0;
	policy.sips_require_client_certificate = 1;
	assert_false(tlsp_handshake_check_context(&policy, ctx, TLSP_ROLE_SERVER,
			false, "[server:default]", error, sizeof(error)));
	assert_non_null(strstr(error, "trust anchors"));
	assert_true(tlsp_handshake_check_context(&policy, ctx, TLSP_ROLE_SERVER,
			true, "[server:default]", error, sizeof(error)));
	assert_true(tlsp_handshake_check_context(&policy, ctx, TLSP_ROLE_CLIENT,
			false, "[client:default]", error, sizeof(error)));
	SSL_CTX_free(ctx);
}

static int setup(void **state)
{
	struct tlsp_proxies_builder *builder = tlsp_proxies_builder_new();
	struct tlsp_host host;
	const char name[] = "trusted.example.com";

	(void)state;
	make_identity(&ca, "Test CA", NULL, NULL);
	make_identity(&foreign_ca, "Foreign CA", NULL, NULL);
	make_identity(&gateway, "gateway", "DNS:gateway.example", &ca);
	make_identity(&trusted, "peer", "DNS:trusted.example.com", &ca);
	make_identity(&stranger, "peer", "DNS:stranger.example.com", &ca);
	make_identity(&foreign, "peer", "DNS:trusted.example.com", &foreign_ca);
	assert_int_equal(tlsp_hostname_from_operator(&host, name, strlen(name)),
			TLSP_HOST_OK);
	assert_true(tlsp_proxies_builder_add(builder, &host));
	proxies = tlsp_proxies_builder_write(
			builder, malloc(tlsp_proxies_builder_octets(builder)));
	tlsp_proxies_builder_free(builder);
	gate.acquire = offer_terms;
	return tlsp_handshake_init(&gate) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	free_identity(&ca);
	free_identity(&foreign_ca);
	free_identity(&gateway);
	free_identity(&trusted);
	free_identity(&stranger);
	free_identity(&foreign);
	free(proxies);
	return 0;
}

int main(void)
{
	/* clang-format off */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(every_mask_comes_out_exactly_as_server, setup_policy),
		cmocka_unit_test_setup(every_mask_comes_out_exactly_as_client, setup_policy),
		cmocka_unit_test_setup(a_policy_never_widens_the_range_of_the_domain, setup_policy),
		cmocka_unit_test_setup(a_range_with_nothing_left_refuses_with_protocol_version, setup_policy),
		cmocka_unit_test_setup(certificates_and_names_are_judged_in_both_roles, setup_policy),
		cmocka_unit_test_setup(an_anonymous_cipher_suite_needs_a_certificate_too, setup_policy),
		cmocka_unit_test_setup(an_sni_domain_cannot_loosen_the_policy, setup_policy),
		cmocka_unit_test_setup(a_session_resumes_only_unchanged_1_2, setup_policy),
		cmocka_unit_test_setup(a_session_resumes_only_unchanged_1_3, setup_policy),
		cmocka_unit_test_setup(a_change_during_a_handshake_is_obeyed, setup_policy),
		cmocka_unit_test_setup(an_ssl_from_outside_the_gate_never_passes, setup_policy),
		cmocka_unit_test_setup(a_second_ssl_in_one_gate_is_not_ours, setup_policy),
		cmocka_unit_test_setup(a_handshake_outside_the_gate_is_refused, setup_policy),
		cmocka_unit_test_setup(a_context_digest_tells_trust_anchors_apart, setup_policy),
		cmocka_unit_test_setup(a_context_is_held_against_the_policy, setup_policy),
	};
	/* clang-format on */

	return cmocka_run_group_tests(tests, setup, teardown);
}
