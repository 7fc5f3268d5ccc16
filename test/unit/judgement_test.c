/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * judgement_test - the verdict of now on a connection that is open
 * (tls_link.h), without an octet on the wire.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>

#include "openssl/judgement.h"
#include "openssl/reverse.h"
#include "tls_link.h"

static const char *const other_name[] = {"other.example.com"};

static enum tlsp_again judge_again(struct link *link, SSL_CTX *trust)
{
	enum tlsp_again result;

	ERR_clear_error();
	gate.refused = false;
	context_now = trust;
	open_gate();
	result = tlsp_judgement_again(link->ends.ours, link->record);
	close_gate();
	context_now = NULL;
	assert_int_equal(result != TLSP_AGAIN_REFUSED,
			tlsp_record_passes(tlsp_record_of(link->ends.ours)));
	assert_int_equal(result == TLSP_AGAIN_REFUSED, gate.refused);
	assert_int_equal(ERR_peek_error(), 0); /* nothing for others to find */
	return result;
}

static bool judged_again(struct link *link, SSL_CTX *trust)
{
	return judge_again(link, trust) == TLSP_AGAIN_ACCEPTED;
}

static void add_crl(SSL_CTX *ctx, const struct identity *revoked)
{
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *now = X509_gmtime_adj(NULL, -60),
			  *next = X509_gmtime_adj(NULL, 3600);

	X509_CRL_set_version(crl, X509_CRL_VERSION_2);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(ca.certificate));
	X509_CRL_set1_lastUpdate(crl, now);
	X509_CRL_set1_nextUpdate(crl, next);
	if(revoked) {
		X509_REVOKED *entry = X509_REVOKED_new();

		X509_REVOKED_set_serialNumber(
				entry, X509_get_serialNumber(revoked->certificate));
		X509_REVOKED_set_revocationDate(entry, now);
		assert_true(X509_CRL_add0_revoked(crl, entry));
	}
	assert_true(X509_CRL_sign(crl, ca.key, EVP_sha256()));
	assert_true(X509_STORE_add_crl(SSL_CTX_get_cert_store(ctx), crl));
	X509_STORE_set_flags(SSL_CTX_get_cert_store(ctx), X509_V_FLAG_CRL_CHECK);
	X509_CRL_free(crl);
	ASN1_TIME_free(now);
	ASN1_TIME_free(next);
}

static void judge_each(enum tlsp_role role, int version)
{
	SSL_CTX *revoking = new_context(NULL), *revoking_others = new_context(NULL),
			*foreign_only = SSL_CTX_new(TLS_method());
	const struct tlsp_proxies *before = terms.proxies;
	struct tlsp_proxies *fewer = make_proxies(other_name, 1);
	struct link link;

	add_crl(revoking, &trusted);
	add_crl(revoking_others, &stranger);
	X509_STORE_add_cert(
			SSL_CTX_get_cert_store(foreign_only), foreign_ca.certificate);
	setup_strict(NULL);

	set_up(&link, role, version, &trusted); /* as it was; a clean CRL */
	assert_true(judged_again(&link, NULL));
	assert_true(judged_again(&link, revoking_others));
	assert_true(talks(&link));
	assert_false(judged_again(&link, revoking));
	assert_non_null(strstr(gate.refusal.why, "certificate-revoked"));
	assert_false(talks(&link));
	tear_down(&link);

	set_up(&link, role, version, &trusted);
	assert_false(judged_again(&link, foreign_only));
	assert_non_null(strstr(gate.refusal.why, "certificate-not-trusted"));
	tear_down(&link);

	set_up(&link, role, version, &trusted);
	terms.proxies = fewer;
	terms.generation++;
	assert_false(judged_again(&link, NULL));
	assert_non_null(strstr(gate.refusal.why, "certificate-host-mismatch"));
	terms.proxies = before;
	assert_false(tlsp_record_passes(
			tlsp_record_of(link.ends.ours))); /* it stays so */
	tear_down(&link);

	set_up(&link, role, version, &trusted);
	policy.tls_version = version == TLS1_3_VERSION ? 4 : 8;
	terms.generation++;
	assert_false(judged_again(&link, NULL));
	assert_non_null(strstr(gate.refusal.why, "forbids the version"));
	tear_down(&link);

	SSL_CTX_free(revoking);
	SSL_CTX_free(revoking_others);
	SSL_CTX_free(foreign_only);
	free(fewer);
}

static void an_open_connection_is_held_against_names_anchors_and_crls(
		void **state)
{
	(void)state;
	for(size_t i = 0; i < COUNT(roles); i++) {
		judge_each(roles[i], TLS1_2_VERSION);
		judge_each(roles[i], TLS1_3_VERSION);
	}
}

static void hold_against_whom_is_expected(int version)
{
	struct link link;

	setup_strict(NULL);
	set_up(&link, TLSP_ROLE_CLIENT, version, &trusted);
	assert_true(tlsp_reverse_holds(&link.record->as_server, &terms, 1));
	strcpy(policy.expect, "trusted.example.com");
	terms.generation++;
	assert_true(judged_again(&link, NULL));
	assert_true(tlsp_reverse_holds(&link.record->as_server, &terms, 1));
	assert_true(
			tlsp_digest_equal(&link.record->reference.name, &terms.expected));
	strcpy(policy.expect, "other.example.com");
	terms.generation++;
	assert_false(judged_again(&link, NULL));
	assert_non_null(
			strstr(gate.refusal.why, "the rule expects other.example.com"));
	assert_false(talks(&link));
	tear_down(&link);
}

/* A server that nobody has judged, or that would have been refused, has proven
 * nothing to anybody who asks for it later. */
static void hold_what_was_not_enforced(int version, int enforcement)
{
	struct link link;

	setup_strict(NULL);
	policy.enforcement = enforcement;
	strcpy(policy.expect, "other.example.com");
	set_up(&link, TLSP_ROLE_CLIENT, version, &trusted);
	assert_int_equal(link.record->stage, TLSP_STAGE_ACCEPTED);
	assert_false(tlsp_reverse_holds(&link.record->as_server, &terms, 1));
	tear_down(&link);
}

static void what_was_not_enforced_proves_nothing(void **state)
{
	(void)state;
	for(size_t i = 0; i < 2; i++) {
		int version = i ? TLS1_3_VERSION : TLS1_2_VERSION;

		hold_what_was_not_enforced(version, TLSP_ENFORCE_TESTING);
		hold_what_was_not_enforced(version, TLSP_ENFORCE_NONE);
	}
}

/* Nor by a version that is not permitted any more. */
static void a_version_that_is_forbidden_now_proves_nothing(void **state)
{
	struct link link;

	(void)state;
	setup_strict(NULL);
	set_up(&link, TLSP_ROLE_CLIENT, TLS1_2_VERSION, &trusted);
	assert_true(tlsp_reverse_holds(&link.record->as_server, &terms, 1));
	policy.tls_version = 8;
	assert_false(tlsp_reverse_holds(&link.record->as_server, &terms, 1));
	tear_down(&link);
}

/* What the TLS domains trust in which we are client, as a tls.reload finds it. */
static uint64_t trust_now;
static bool loaded_anew;

static uint64_t tell_trust(enum tlsp_role role)
{
	(void)role;
	return trust_now;
}

static bool tell_loaded(SSL *ssl)
{
	(void)ssl;
	return loaded_anew;
}

static void hold_after_reload(int version, bool in_handshake)
{
	struct tlsp_as_server *as_server;
	struct link link;

	setup_strict(NULL);
	trust_now = 7;
	loaded_anew = in_handshake;
	gate.client_trust = tell_trust;
	gate.changed = tell_loaded;
	set_up(&link, TLSP_ROLE_CLIENT, version, &trusted);
	as_server = &link.record->as_server;
	assert_int_equal(tlsp_reverse_holds(as_server, &terms, 7), !in_handshake);
	assert_int_equal(tlsp_reverse_is_stale(as_server, &terms, 7), in_handshake);
	assert_false(tlsp_reverse_holds(as_server, &terms, 0));
	loaded_anew = true;
	trust_now = 8;
	assert_false(tlsp_reverse_holds(as_server, &terms, 8));
	assert_true(tlsp_reverse_is_stale(as_server, &terms, 8));
	gate.open = true;
	tlsp_judgement_renew(link.ends.ours, link.record);
	assert_true(tlsp_reverse_holds(as_server, &terms, 8));
	assert_false(tlsp_reverse_is_stale(as_server, &terms, 8));
	trust_now = 9;
	assert_int_equal(tlsp_judgement_again(link.ends.ours, link.record),
			TLSP_AGAIN_ACCEPTED);
	assert_true(tlsp_reverse_holds(as_server, &terms, 9));
	trust_now = 10; /* and refused, once is enough */
	strcpy(policy.expect, "other.example.com");
	tlsp_judgement_renew(link.ends.ours, link.record);
	gate.open = false;
	assert_false(tlsp_reverse_holds(as_server, &terms, 10));
	assert_false(tlsp_reverse_is_stale(as_server, &terms, 10));
	gate.client_trust = NULL;
	gate.changed = NULL;
	tear_down(&link);
}

static bool moved;

static bool tell_moved(enum tlsp_role role)
{
	(void)role;
	return moved;
}

/* A tls.reload while a peer is judged: by which nobody knows. */
static void what_was_judged_meanwhile_proves_nothing(void **state)
{
	const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

	(void)state;
	gate.trust_moved = tell_moved;
	for(size_t v = 0; v < COUNT(versions); v++)
		for(size_t r = 0; r < COUNT(roles); r++) {
			struct tlsp_as_server *as_server;
			struct link link;

			moved = true;
			set_up(&link, roles[r], versions[v], &trusted);
			as_server = &link.record->as_server;
			assert_true(as_server->accepted);
			assert_false(tlsp_reverse_holds(as_server, &terms, 1));
			gate.open = true;
			tlsp_judgement_renew(link.ends.ours, link.record);
			assert_false(tlsp_reverse_holds(as_server, &terms, 1));
			moved = false;
			tlsp_judgement_renew(link.ends.ours, link.record);
			assert_true(tlsp_reverse_holds(as_server, &terms, 1));
			gate.open = false;
			tear_down(&link);
		}
	gate.trust_moved = NULL;
}

/* Which names a chain vouches for is known of the handshake's alone. */
static void the_names_of_a_chain_built_later_are_judged_with_that(void **state)
{
	struct link link;

	(void)state;
	set_up(&link, TLSP_ROLE_SERVER, TLS1_3_VERSION, &trusted);
	assert_int_equal(link.record->named_as_server, terms.generation);
	assert_true(judged_again(&link, NULL));
	assert_int_equal(link.record->named_as_server, 0);
	assert_true(link.record->as_server.accepted);
	tear_down(&link);
}

static void what_was_proven_by_other_anchors_proves_nothing(void **state)
{
	(void)state;
	for(size_t i = 0; i < 4; i++)
		hold_after_reload(i & 1 ? TLS1_3_VERSION : TLS1_2_VERSION, i & 2);
}

static void an_open_connection_is_held_against_whom_its_rule_expects(
		void **state)
{
	(void)state;
	hold_against_whom_is_expected(TLS1_2_VERSION);
	hold_against_whom_is_expected(TLS1_3_VERSION);
}

/* As after a tls.reload: SSL and context are the old ones. */
static void what_is_shown_later_is_held_against_anchors_and_crls_of_now(
		void **state)
{
	SSL_CTX *revoking = new_context(NULL), *revoking_others = new_context(NULL);
	struct link link;

	(void)state;
	add_crl(revoking, &trusted);
	add_crl(revoking_others, &stranger);
	for(size_t i = 0; i < COUNT(roles); i++) {
		set_up(&link, roles[i], TLS1_2_VERSION, &trusted);
		context_now = revoking_others;
		assert_true(renegotiate(&link) > 0);
		pump(&link);
		assert_true(talks(&link));
		context_now = revoking;
		assert_true(renegotiate(&link) > 0);
		pump(&link);
		assert_false(talks(&link));
		assert_int_equal(last_alert, SSL_AD_CERTIFICATE_REVOKED);
		context_now = NULL;
		tear_down(&link);
	}
	set_up(&link, TLSP_ROLE_SERVER, TLS1_3_VERSION, &trusted);
	context_now = revoking;
	assert_true(key_update(&link, true) > 0);
	pump(&link);
	assert_false(talks(&link));
	assert_int_equal(last_alert, SSL_AD_CERTIFICATE_REVOKED);
	tear_down(&link);
	SSL_CTX_free(revoking);
	SSL_CTX_free(revoking_others);
}

/* ---- as OpenSSL verifies in a handshake ---- */

static int accept_everything(int ok, X509_STORE_CTX *store)
{
	(void)ok, (void)store;
	return 1;
}

/* Issued anew with one more extension. */
static void extend(struct identity *identity, const struct identity *issuer,
		int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	assert_non_null(extension);
	assert_true(X509_add_ext(identity->certificate, extension, -1));
	X509_EXTENSION_free(extension);
	assert_true(X509_sign(identity->certificate, issuer->key, EVP_sha256()));
}

/* The keys of these tests have 128 bits of security. */
static void a_key_below_the_security_level_of_now_is_refused(void **state)
{
	const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
	struct link link;

	(void)state;
	for(size_t r = 0; r < COUNT(roles); r++)
		for(size_t v = 0; v < COUNT(versions); v++) {
			set_up(&link, roles[r], versions[v], &trusted);
			SSL_CTX_set_security_level(link.ours, 3);
			assert_true(judged_again(&link, NULL));
			SSL_CTX_set_security_level(link.ours, 4);
			assert_false(judged_again(&link, NULL));
			assert_non_null(strstr(gate.refusal.why, "key too weak"));
			tear_down(&link);
		}
}

/* By a CA between the peer and the trust anchor, which the peer has sent. */
static void the_chain_is_as_long_as_the_domain_allows(void **state)
{
	const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
	struct identity between, leaf;
	struct link link;

	(void)state;
	make_identity(&between, "CA between", NULL, &ca);
	extend(&between, &ca, NID_basic_constraints, "critical,CA:TRUE");
	make_identity(&leaf, "peer", "DNS:trusted.example.com", &between);
	for(size_t r = 0; r < COUNT(roles); r++)
		for(size_t v = 0; v < COUNT(versions); v++) {
			prepare(&link, roles[r], versions[v], &leaf);
			assert_true(
					SSL_CTX_add1_chain_cert(link.peer, between.certificate));
			establish(&link);
			assert_true(judged_again(&link, NULL));
			SSL_CTX_set_verify_depth(link.ours, 1);
			assert_true(judged_again(&link, NULL));
			SSL_CTX_set_verify_depth(link.ours, 0);
			assert_false(judged_again(&link, NULL));
			assert_non_null(strstr(gate.refusal.why, "chain too long"));
			tear_down(&link);
		}
	free_identity(&between);
	free_identity(&leaf);
}

/* nsCertType is OpenSSL's own to check: by the purpose of the peer's role. The
 * domain lets everybody in at first, and the policy asks for nothing. */
static void a_certificate_is_for_what_the_peer_does(void **state)
{
	static const char *const types[] = {"client", "server"};
	const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

	(void)state;
	for(size_t t = 0; t < COUNT(types); t++) {
		struct identity typed;

		make_identity(&typed, "peer", "DNS:trusted.example.com", &ca);
		extend(&typed, &ca, NID_netscape_cert_type, types[t]);
		for(size_t i = 0; i < COUNT(roles) * COUNT(versions); i++) {
			enum tlsp_role role = roles[i % 2];
			bool fits = role == (t == 0 ? TLSP_ROLE_SERVER : TLSP_ROLE_CLIENT);
			struct link link;

			setup_policy(NULL);
			prepare(&link, role, versions[i / 2], &typed);
			SSL_CTX_set_verify(link.ours, SSL_VERIFY_PEER, accept_everything);
			establish(&link);
			assert_true(judged_again(&link, NULL));
			setup_strict(NULL);
			assert_int_equal(judged_again(&link, NULL), fits);
			assert_true(fits || strstr(gate.refusal.why, "nsCertType"));
			tear_down(&link);
		}
		free_identity(&typed);
	}
}

static void without_a_certificate_policy_decides(void **state)
{
	struct link link;

	(void)state;
	policy.peer_host_name_verification_mode = TLSP_VERIFY_NAMES_SERVER;
	set_up(&link, TLSP_ROLE_SERVER, TLS1_2_VERSION, NULL);
	assert_true(judged_again(&link, NULL)); /* absence is accepted */
	policy.sips_require_client_certificate = 1;
	terms.generation++;
	assert_false(judged_again(&link, NULL));
	assert_non_null(strstr(gate.refusal.why, "no-certificate"));
	tear_down(&link);
}

/* It showed nothing because nobody asked; whether it is closed is the
 * operator's to say. */
static void one_that_was_never_asked_is_not_refused(void **state)
{
	struct link link;

	(void)state;
	set_up(&link, TLSP_ROLE_SERVER, TLS1_2_VERSION, NULL);
	assert_int_equal(link.record->standing, TLSP_STANDING_NOT_ASKED);
	policy.sips_require_client_certificate = 1;
	terms.generation++;
	assert_int_equal(judge_again(&link, NULL), TLSP_AGAIN_UNASKED);
	assert_true(tlsp_record_passes(tlsp_record_of(link.ends.ours)));
	assert_int_equal(link.record->standing, TLSP_STANDING_NOT_ASKED);
	policy.sips_require_client_certificate = 0;
	policy.peer_host_name_verification_mode = TLSP_VERIFY_NAMES_SERVER;
	terms.generation++;
	assert_true(judged_again(&link, NULL)); /* one is asked for, by now */
	assert_int_equal(link.record->standing, TLSP_STANDING_NOT_ASKED);
	tear_down(&link);
}

/* A server always shows a certificate. */
static void of_whom_policy_asks_nothing_is_not_asked(void **state)
{
	struct link link;

	(void)state;
	set_up(&link, TLSP_ROLE_CLIENT, TLS1_3_VERSION, &trusted);
	assert_int_equal(link.record->standing, TLSP_STANDING_NOT_ASKED);
	assert_true(judged_again(&link, NULL));
	assert_int_equal(link.record->standing, TLSP_STANDING_NOT_ASKED);
	tear_down(&link);
}

/* Who is refused in the middle may have a rule that is gone by then. */
static void the_rule_of_an_earlier_generation_has_no_number(void **state)
{
	struct link link;

	(void)state;
	set_up(&link, TLSP_ROLE_SERVER, TLS1_2_VERSION, NULL);
	link.record->rule = 7;
	link.record->ruled = terms.generation;
	open_gate();
	tlsp_record_refuse_always(link.record, "so");
	assert_true(gate.refusal.rule_known);
	close_gate();
	terms.generation++;
	open_gate();
	tlsp_record_refuse_always(link.record, "so");
	assert_false(gate.refusal.rule_known);
	assert_int_equal(gate.refusal.rule_number, 0);
	close_gate();
	tear_down(&link);
}

/* As client the server's certificate is there whether we asked or not. */
static void a_policy_that_does_not_ask_does_not_judge_until_it_does(
		void **state)
{
	struct link link;

	(void)state;
	set_up(&link, TLSP_ROLE_CLIENT, TLS1_2_VERSION, &foreign);
	assert_true(judged_again(&link, NULL));
	policy.verify_server_certificate = 1;
	terms.generation++;
	assert_false(judged_again(&link, NULL));
	assert_non_null(strstr(gate.refusal.why, "certificate-not-trusted"));
	tear_down(&link);
}

static SSL_SESSION *kept_session;

static int keep_session(SSL *ssl, SSL_SESSION *session)
{
	(void)ssl;
	SSL_SESSION_free(kept_session);
	kept_session = session;
	return 1;
}

static void establish_resumed(struct link *link)
{
	struct pair first;

	SSL_CTX_set_session_cache_mode(link->peer, SSL_SESS_CACHE_CLIENT);
	SSL_CTX_sess_set_new_cb(link->peer, keep_session);
	new_pair(&first, link->ours, link->peer, link->role);
	assert_true(shake_hands(&first));
	assert_non_null(kept_session);
	SSL_set_shutdown(first.peer, SSL_SENT_SHUTDOWN);
	free_pair(&first);
	forget_messages();
	new_pair(&link->ends, link->ours, link->peer, link->role);
	SSL_set_session(link->ends.peer, kept_session);
	link->record = tlsp_record_of(link->ends.ours);
	assert_true(shake_hands(&link->ends));
	assert_true(SSL_session_reused(link->ends.ours));
	SSL_SESSION_free(kept_session);
	kept_session = NULL;
}

static void wait_until_expired(const struct identity *identity)
{
	while(X509_cmp_current_time(X509_get0_notAfter(identity->certificate)) > 0)
		usleep(50 * 1000);
}

/* One wait for all of them. */
static void an_expired_certificate_ends_an_open_connection(void **state)
{
	const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
	struct link full[2][2], resumed[2];
	struct identity brief;

	(void)state;
	make_identity_for(&brief, "peer", "DNS:trusted.example.com", &ca, 8);
	for(size_t v = 0; v < COUNT(versions); v++) {
		for(size_t r = 0; r < COUNT(roles); r++) {
			set_up(&full[v][r], roles[r], versions[v], &brief);
			assert_true(judged_again(&full[v][r], NULL));
		}
		prepare(&resumed[v], TLSP_ROLE_SERVER, versions[v], &brief);
		establish_resumed(&resumed[v]);
		assert_true(judged_again(&resumed[v], NULL));
	}
	wait_until_expired(&brief);
	for(size_t v = 0; v < COUNT(versions); v++) {
		for(size_t r = 0; r < COUNT(roles); r++) {
			assert_false(judged_again(&full[v][r], NULL));
			assert_non_null(strstr(gate.refusal.why, "certificate-expired"));
			tear_down(&full[v][r]);
		}
		assert_false(judged_again(&resumed[v], NULL));
		assert_non_null(strstr(gate.refusal.why, "certificate-expired"));
		tear_down(&resumed[v]);
	}
	free_identity(&brief);
}

/* Its chain was judged long ago and is not there any more. */
static void of_a_resumed_session_names_and_dates_are_judged(void **state)
{
	const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
	const struct tlsp_proxies *before = terms.proxies;
	struct tlsp_proxies *fewer = make_proxies(other_name, 1);

	(void)state;
	for(size_t v = 0; v < COUNT(versions); v++) {
		struct link link;

		prepare(&link, TLSP_ROLE_SERVER, versions[v], &trusted);
		establish_resumed(&link);
		assert_true(judged_again(&link, NULL));
		assert_true(talks(&link));
		terms.proxies = fewer;
		terms.generation++;
		assert_false(judged_again(&link, NULL));
		assert_non_null(strstr(gate.refusal.why, "certificate-host-mismatch"));
		terms.proxies = before;
		terms.generation++;
		tear_down(&link);
	}
	free(fewer);
}

static void a_resumed_connection_renegotiates_in_full(void **state)
{
	struct link link;

	(void)state;
	prepare(&link, TLSP_ROLE_SERVER, TLS1_2_VERSION, &trusted);
	establish_resumed(&link);
	assert_true(renegotiate(&link) > 0);
	pump(&link);
	assert_int_equal(link.record->handshakes, 2);
	assert_false(SSL_session_reused(link.ends.ours));
	assert_false(link.record->resumed);
	assert_true(judged_again(&link, NULL));
	assert_true(talks(&link));
	tear_down(&link);
}

static void nobody_is_judged_while_it_runs(struct link *link)
{
	assert_int_equal(judge_again(link, NULL),
			link->record->renegotiation == TLSP_RENEGOTIATION_RUNNING
					? TLSP_AGAIN_WAIT
					: TLSP_AGAIN_ACCEPTED);
}

/* In the middle of a handshake the old certificate is gone and the new one not
 * there; the handshake itself ends with a verdict of that time. */
static void in_the_middle_of_a_renegotiation_nobody_is_judged(void **state)
{
	struct link link;

	(void)state;
	for(size_t i = 0; i < COUNT(roles); i++) {
		set_up(&link, roles[i], TLS1_2_VERSION, &trusted);
		assert_true(renegotiate(&link) > 0);
		for(int round = 0; tlsp_rehandshake_holds(link.record); round++) {
			assert_true(round < ROUNDS);
			nobody_is_judged_while_it_runs(&link);
			read_into(link.ends.peer, link.peer_got);
			nobody_is_judged_while_it_runs(&link);
			ours_reads(&link);
		}
		assert_int_equal(link.record->handshakes, 2);
		assert_true(judged_again(&link, NULL));
		assert_true(talks(&link));
		tear_down(&link);
	}
}

static void a_refused_peer_gets_close_notify_and_nothing_else(void **state)
{
	SSL_CTX *none = SSL_CTX_new(TLS_method());
	const unsigned char *octets;
	struct link link;

	(void)state;
	set_up(&link, TLSP_ROLE_SERVER, TLS1_2_VERSION, &trusted);
	assert_false(judged_again(&link, none));
	assert_int_equal(renegotiate(&link), 0);
	assert_true(tlsp_rehandshake_close(link.ends.ours, &octets) > 0);
	tear_down(&link);
	set_up(&link, TLSP_ROLE_SERVER, TLS1_3_VERSION, &trusted);
	assert_false(judged_again(&link, none));
	assert_int_equal(key_update(&link, true), 0);
	assert_true(tlsp_rehandshake_close(link.ends.ours, &octets) > 0);
	tear_down(&link);
	SSL_CTX_free(none);
}

int main(void)
{
	/* clang-format off */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(an_open_connection_is_held_against_names_anchors_and_crls, setup_strict),
		cmocka_unit_test_setup(an_open_connection_is_held_against_whom_its_rule_expects, setup_strict),
		cmocka_unit_test_setup(what_was_not_enforced_proves_nothing, setup_strict),
		cmocka_unit_test_setup(a_version_that_is_forbidden_now_proves_nothing, setup_strict),
		cmocka_unit_test_setup(what_was_proven_by_other_anchors_proves_nothing, setup_strict),
		cmocka_unit_test_setup(what_was_judged_meanwhile_proves_nothing, setup_strict),
		cmocka_unit_test_setup(the_names_of_a_chain_built_later_are_judged_with_that, setup_strict),
		cmocka_unit_test_setup(what_is_shown_later_is_held_against_anchors_and_crls_of_now, setup_strict),
		cmocka_unit_test_setup(a_key_below_the_security_level_of_now_is_refused, setup_strict),
		cmocka_unit_test_setup(the_chain_is_as_long_as_the_domain_allows, setup_strict),
		cmocka_unit_test_setup(a_certificate_is_for_what_the_peer_does, setup_strict),
		cmocka_unit_test_setup(without_a_certificate_policy_decides, setup_policy),
		cmocka_unit_test_setup(one_that_was_never_asked_is_not_refused, setup_policy),
		cmocka_unit_test_setup(of_whom_policy_asks_nothing_is_not_asked, setup_policy),
		cmocka_unit_test_setup(the_rule_of_an_earlier_generation_has_no_number, setup_policy),
		cmocka_unit_test_setup(a_policy_that_does_not_ask_does_not_judge_until_it_does, setup_policy),
		cmocka_unit_test_setup(an_expired_certificate_ends_an_open_connection, setup_strict),
		cmocka_unit_test_setup(of_a_resumed_session_names_and_dates_are_judged, setup_strict),
		cmocka_unit_test_setup(a_resumed_connection_renegotiates_in_full, setup_strict),
		cmocka_unit_test_setup(in_the_middle_of_a_renegotiation_nobody_is_judged, setup_strict),
		cmocka_unit_test_setup(a_refused_peer_gets_close_notify_and_nothing_else, setup_strict),
	};
	/* clang-format on */

	return cmocka_run_group_tests(tests, make_ends, free_ends);
}
