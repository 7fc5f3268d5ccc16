/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * handshake_test - first handshakes between two real ends (tls_ends.h): which
 * versions, certificates, names and sessions the policy lets through.
 */
#include <string.h>

#include "policy/versions.h"
#include "openssl/tls_context.h"
#include "tls_ends.h"

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

static SSL_CTX *named_context;

static SSL_CTX *offer_named(SSL *ssl, const char *server_name)
{
	return server_name ? named_context : SSL_get_SSL_CTX(ssl);
}

/* After a tls.reload: the SSL has the versions of the domain that it was made
 * in. */
static void an_sni_domain_without_a_version_of_the_policy_refuses(void **state)
{
	SSL_CTX *ours = new_context(&gateway), *peer = new_context(&trusted);
	struct pair pair;

	(void)state;
	named_context = new_context(&gateway);
	SSL_CTX_set_max_proto_version(named_context, TLS1_2_VERSION);
	gate.context_for = offer_named;
	for(int i = 0; i < 3; i++) {
		policy.tls_version = i == 2 ? 0 : 8;
		new_pair(&pair, ours, peer, TLSP_ROLE_SERVER);
		if(i > 0)
			SSL_set_tlsext_host_name(pair.peer, "other.example");
		assert_int_equal(shake_hands(&pair), i != 1);
		if(i == 1)
			assert_int_equal(last_alert, SSL_AD_PROTOCOL_VERSION);
		free_pair(&pair);
	}
	gate.context_for = NULL;
	SSL_CTX_free(named_context);
	SSL_CTX_free(ours);
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
	policy.accept_server_auth_clients = 1; /* as all that needs the chain */
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

static const unsigned char here[] = {192, 0, 2, 1}, there[] = {192, 0, 2, 2};

static void set_peer_address(const unsigned char address[4])
{
	gate.peer_address = address;
	gate.peer_address_octets = 4;
}

/* With bind_to_peer a proxy that is given by address comes from there: judged
 * anew when a session is resumed. */
static void bound_resumption(int version)
{
	const char *const addresses[] = {"192.0.2.1"};
	const struct tlsp_proxies *before = terms.proxies;
	struct tlsp_proxies *by_address = make_proxies(addresses, 1);
	struct identity addressed;
	SSL_CTX *ours = new_context(&gateway), *peer;
	SSL_SESSION *session;
	struct pair pair;

	make_identity(&addressed, "peer", "IP:192.0.2.1", &ca);
	peer = new_context(&addressed);
	terms.proxies = by_address;
	policy.sips_require_client_certificate = 1;
	policy.peer_host_name_verification_mode = TLSP_VERIFY_NAMES_SERVER;
	policy.bind_to_peer = 1;
	SSL_CTX_set_max_proto_version(peer, version);
	SSL_CTX_set_session_cache_mode(peer, SSL_SESS_CACHE_CLIENT);
	SSL_CTX_sess_set_new_cb(peer, keep_session);
	set_peer_address(here);
	assert_false(resumes(ours, peer, NULL, "a.example"));
	session = kept_session;
	kept_session = NULL;
	assert_non_null(session);
	assert_true(resumes(ours, peer, session, "a.example"));
	set_peer_address(there);
	new_pair(&pair, ours, peer, TLSP_ROLE_SERVER);
	SSL_set_tlsext_host_name(pair.peer, "a.example");
	SSL_set_session(pair.peer, session);
	assert_false(shake_hands(&pair));
	assert_int_equal(gate.refusal.reasons, TLSP_REASON_ADDRESS_MISMATCH);
	free_pair(&pair);
	terms.proxies = before;
	free(by_address);
	free_identity(&addressed);
	SSL_SESSION_free(session);
	SSL_SESSION_free(kept_session);
	kept_session = NULL;
	SSL_CTX_free(ours);
	SSL_CTX_free(peer);
}

static void a_bound_session_resumes_from_its_address_alone(void **state)
{
	(void)state;
	bound_resumption(TLS1_2_VERSION);
	bound_resumption(TLS1_3_VERSION);
}

static bool dial_resumed;

/* As client of |peer|. |session|, if there is one, is there to be resumed;
 * |dial_resumed| says whether it was. */
static bool dials(SSL_CTX *peer, const char *server_name, int version,
		SSL_SESSION *session)
{
	SSL_CTX *ours = new_context(&gateway);
	struct pair pair;
	bool accepted;

	policy.peer_host_name_verification_mode = TLSP_VERIFY_NAMES_CLIENT;
	policy.bind_to_peer = 1;
	SSL_CTX_set_max_proto_version(ours, version);
	SSL_CTX_set_session_cache_mode(
			ours, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(ours, keep_session);
	new_pair(&pair, ours, peer, TLSP_ROLE_CLIENT);
	if(server_name)
		SSL_set_tlsext_host_name(pair.ours, server_name);
	if(session)
		SSL_set_session(pair.ours, session);
	accepted = shake_hands(&pair);
	dial_resumed = SSL_session_reused(pair.ours);
	assert_int_equal(gate.refused, !accepted);
	SSL_set_shutdown(pair.ours, SSL_SENT_SHUTDOWN);
	free_pair(&pair);
	SSL_CTX_free(ours);
	return accepted;
}

/* Where no server name is asked for. */
static void accepts_the_expected_alone(int version)
{
	SSL_CTX *peer = new_context(&trusted);

	strcpy(policy.expect, "trusted.example.com");
	assert_true(dials(peer, NULL, version, NULL));
	assert_false(dials(peer, "other.example.com", version, NULL));
	strcpy(policy.expect, "other.example.com");
	assert_false(dials(peer, NULL, version, NULL));
	assert_int_equal(gate.refusal.reasons, TLSP_REASON_PEER_NOT_DIALLED);
	assert_int_equal(last_alert, SSL_AD_BAD_CERTIFICATE);
	assert_non_null(strstr(gate.refusal.why,
			"trusted.example.com is acceptable, but the rule expects "
			"other.example.com"));
	assert_true(dials(peer, "trusted.example.com", version, NULL));
	SSL_CTX_free(peer);
}

static void a_bound_client_accepts_whom_its_rule_expects_alone(void **state)
{
	(void)state;
	set_peer_address(here);
	accepts_the_expected_alone(TLS1_2_VERSION);
	accepts_the_expected_alone(TLS1_3_VERSION);
}

static void accepts_the_dialled_alone(int version)
{
	SSL_CTX *peer = new_context(&trusted), *other = new_context(&stranger);

	assert_true(dials(peer, "trusted.example.com", version, NULL));
	assert_false(dials(peer, "other.example.com", version, NULL));
	assert_int_equal(gate.refusal.reasons, TLSP_REASON_PEER_NOT_DIALLED);
	assert_int_equal(last_alert, SSL_AD_BAD_CERTIFICATE);
	assert_non_null(strstr(gate.refusal.why,
			"trusted.example.com is acceptable, but the connection was "
			"opened to other.example.com"));
	assert_false(dials(peer, NULL, version, NULL));
	assert_non_null(strstr(
			gate.refusal.why, "opened to 192.0.2.1 without a server name"));
	assert_false(dials(other, "trusted.example.com", version, NULL));
	assert_int_equal(gate.refusal.reasons, TLSP_REASON_HOST_MISMATCH);
	assert_non_null(strstr(gate.refusal.why, "(closest: trusted.example.com)"));
	SSL_CTX_free(peer);
	SSL_CTX_free(other);
}

static void a_bound_client_accepts_the_dialled_proxy_alone(void **state)
{
	(void)state;
	set_peer_address(here);
	accepts_the_dialled_alone(TLS1_2_VERSION);
	accepts_the_dialled_alone(TLS1_3_VERSION);
}

static void a_client_offers_a_session_for_its_server_name_alone(void **state)
{
	SSL_CTX *peer = new_context(&trusted);
	SSL_SESSION *session;

	(void)state;
	set_peer_address(here);
	SSL_SESSION_free(kept_session);
	kept_session = NULL;
	assert_true(dials(peer, "trusted.example.com", TLS1_2_VERSION, NULL));
	session = kept_session;
	kept_session = NULL;
	assert_non_null(session);
	assert_true(dials(peer, "trusted.example.com", TLS1_2_VERSION, session));
	assert_true(dial_resumed);
	assert_false(dials(peer, "other.example.com", TLS1_2_VERSION, session));
	assert_false(dial_resumed);
	SSL_SESSION_free(session);
	SSL_SESSION_free(kept_session);
	kept_session = NULL;
	SSL_CTX_free(peer);
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
	assert_false(tlsp_record_passes(tlsp_record_of(pair.ours)));
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
	assert_null(tlsp_record_of(ssl));
	assert_false(tlsp_record_passes(tlsp_record_of(ssl)));
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
	assert_non_null(tlsp_record_of(first));
	assert_null(tlsp_record_of(second));
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
	assert_false(tlsp_record_passes(tlsp_record_of(pair.ours)));
	free_pair(&pair);
	SSL_CTX_free(ours);
	SSL_CTX_free(peer);
}

static void a_context_digest_tells_trust_anchors_apart(void **state)
{
	SSL_CTX *one = new_context(&gateway), *same = new_context(&gateway),
			*more = new_context(&gateway);
	struct tlsp_digest a, b, c;

	(void)state;
	X509_STORE_add_cert(SSL_CTX_get_cert_store(more), foreign_ca.certificate);
	assert_true(tlsp_tls_context_digest(one, &a));
	assert_true(tlsp_tls_context_digest(same, &b));
	assert_true(tlsp_tls_context_digest(more, &c));
	assert_true(tlsp_digest_equal(&a, &b));
	assert_false(tlsp_digest_equal(&a, &c));
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
	assert_true(tlsp_tls_context_check(&policy, ctx, TLSP_ROLE_SERVER, false,
			"[server:default]", error, sizeof(error)));
	policy.tls_version = 3;
	assert_false(tlsp_tls_context_check(&policy, ctx, TLSP_ROLE_SERVER, false,
			"[server:default]", error, sizeof(error)));
	assert_non_null(strstr(error, "[server:default]"));
	policy.tls_version = 0;
	policy.sips_require_client_certificate = 1;
	assert_false(tlsp_tls_context_check(&policy, ctx, TLSP_ROLE_SERVER, false,
			"[server:default]", error, sizeof(error)));
	assert_non_null(strstr(error, "trust anchors"));
	assert_true(tlsp_tls_context_check(&policy, ctx, TLSP_ROLE_SERVER, true,
			"[server:default]", error, sizeof(error)));
	assert_true(tlsp_tls_context_check(&policy, ctx, TLSP_ROLE_CLIENT, false,
			"[client:default]", error, sizeof(error)));
	SSL_CTX_free(ctx);
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
		cmocka_unit_test_setup(an_sni_domain_without_a_version_of_the_policy_refuses, setup_policy),
		cmocka_unit_test_setup(a_session_resumes_only_unchanged_1_2, setup_policy),
		cmocka_unit_test_setup(a_session_resumes_only_unchanged_1_3, setup_policy),
		cmocka_unit_test_setup(a_bound_session_resumes_from_its_address_alone, setup_policy),
		cmocka_unit_test_setup(a_bound_client_accepts_the_dialled_proxy_alone, setup_policy),
		cmocka_unit_test_setup(a_bound_client_accepts_whom_its_rule_expects_alone, setup_policy),
		cmocka_unit_test_setup(a_client_offers_a_session_for_its_server_name_alone, setup_policy),
		cmocka_unit_test_setup(a_change_during_a_handshake_is_obeyed, setup_policy),
		cmocka_unit_test_setup(an_ssl_from_outside_the_gate_never_passes, setup_policy),
		cmocka_unit_test_setup(a_second_ssl_in_one_gate_is_not_ours, setup_policy),
		cmocka_unit_test_setup(a_handshake_outside_the_gate_is_refused, setup_policy),
		cmocka_unit_test_setup(a_context_digest_tells_trust_anchors_apart, setup_policy),
		cmocka_unit_test_setup(a_context_is_held_against_the_policy, setup_policy),
	};
	/* clang-format on */

	return cmocka_run_group_tests(tests, make_ends, free_ends);
}
