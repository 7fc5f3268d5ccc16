/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sessions_test - what a session may carry over, between two real ends
 * (tls_ends.h): evidence, its age, the server name, also over a
 * HelloRetryRequest; the same whether its ticket holds it or the shared cache.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "openssl/sessions.h"
#include "openssl/tls_context.h"
#include "tls_ends.h"

static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
static const char name[] = "a.example";

static SSL_SESSION *given; /* the newest that the peer got */

static int keep_session(SSL *ssl, SSL_SESSION *session)
{
	(void)ssl;
	SSL_SESSION_free(given);
	given = session;
	return 1;
}

static SSL_SESSION *take(void)
{
	SSL_SESSION *session = given;

	given = NULL;
	assert_non_null(session);
	return session;
}

/* A server of ours and a client of one version that keeps its sessions. */
struct ends
{
	SSL_CTX *ours, *peer;
};

static struct ends make(const struct identity *shown, int version)
{
	struct ends ends = {new_context(&gateway), new_context(shown)};

	SSL_CTX_set_min_proto_version(ends.peer, version);
	SSL_CTX_set_max_proto_version(ends.peer, version);
	SSL_CTX_set_session_cache_mode(ends.peer,
			SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
	SSL_CTX_sess_set_new_cb(ends.peer, keep_session);
	return ends;
}

static void drop(struct ends *ends)
{
	SSL_SESSION_free(given);
	given = NULL;
	SSL_CTX_free(ends->ours);
	SSL_CTX_free(ends->peer);
}

enum outcome
{
	REFUSED,
	FULL,
	RESUMED
};

/* As after a tls.reload that comes behind the ClientHello, if not NULL. */
static SSL_CTX *context_later;

/* Or after a change there. */
static void (*change_later)(void);

/* |session| (NULL: none) is offered for |server_name|. */
static enum outcome connects(
		struct ends *ends, SSL_SESSION *session, const char *server_name)
{
	enum outcome outcome = REFUSED;
	struct pair pair;

	new_pair(&pair, ends->ours, ends->peer, TLSP_ROLE_SERVER);
	SSL_set_tlsext_host_name(pair.peer, server_name);
	if(session)
		SSL_set_session(pair.peer, session);
	SSL_do_handshake(pair.peer);
	step_ours(pair.ours);
	if(context_later)
		context_now = context_later;
	if(change_later)
		change_later();
	if(shake_hands(&pair))
		outcome = SSL_session_reused(pair.ours) ? RESUMED : FULL;
	if(outcome == RESUMED && !given)
		given = SSL_get1_session(pair.peer); /* its ticket may be renewed */
	SSL_set_shutdown(pair.peer, SSL_SENT_SHUTDOWN);
	SSL_set_shutdown(pair.ours, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	free_pair(&pair);
	return outcome;
}

/* In TLS 1.3 OpenSSL offers a session once only: the next one takes its place. */
static enum outcome comes_back(struct ends *ends, SSL_SESSION **session)
{
	enum outcome outcome = connects(ends, *session, name);

	if(outcome != REFUSED && given) {
		SSL_SESSION_free(*session);
		*session = take();
	}
	return outcome;
}

static enum tlsp_session_tickets mode; /* of the test that runs */

static int setup(void **state)
{
	setup_policy(state);
	policy.session_tickets = (int)mode;
	policy.sips_require_client_certificate = 1;
	policy.peer_host_name_verification_mode = TLSP_VERIFY_NAMES_SERVER;
	return 0;
}

static void a_new_proxy_voids_no_ticket_and_a_missing_one_refuses(void **state)
{
	const char *const more[] = {
			"other.example.com", "trusted.example.com", "new.example.com"};
	const char *const fewer[] = {"other.example.com"};
	const struct tlsp_proxies *before = terms.proxies;
	struct tlsp_proxies *added = make_proxies(more, 3),
						*removed = make_proxies(fewer, 1);

	(void)state;
	for(size_t v = 0; v < COUNT(versions); v++) {
		struct ends ends = make(&trusted, versions[v]);
		SSL_SESSION *session;

		assert_int_equal(connects(&ends, NULL, name), FULL);
		session = take();
		terms.proxies = added;
		terms.generation++;
		assert_int_equal(connects(&ends, session, name), RESUMED);
		terms.proxies = removed;
		terms.generation++;
		assert_int_equal(connects(&ends, session, name), REFUSED);
		assert_int_equal(gate.refusal.reasons, TLSP_REASON_HOST_MISMATCH);
		terms.proxies = before;
		SSL_SESSION_free(session);
		drop(&ends);
	}
	free(added);
	free(removed);
}

/* |renewed| holds another name before the one that it was accepted for. */
static void a_session_goes_on_as_whom_it_began(void **state)
{
	const char *const one[] = {"trusted.example.com"};
	const struct tlsp_proxies *before = terms.proxies;
	struct tlsp_proxies *alone = make_proxies(one, 1);

	(void)state;
	for(size_t v = 0; v < COUNT(versions); v++) {
		struct ends ends = make(&renewed, versions[v]);
		SSL_SESSION *session;

		terms.proxies = alone;
		terms.generation++;
		assert_int_equal(connects(&ends, NULL, name), FULL);
		session = take();
		terms.proxies = before; /* other.example.com is a proxy now, too */
		terms.generation++;
		assert_int_equal(comes_back(&ends, &session), RESUMED);
		policy.peer_host_name_verification_mode = TLSP_VERIFY_NAMES_OFF;
		terms.generation++;
		assert_int_equal(comes_back(&ends, &session), RESUMED);
		setup(NULL);
		SSL_SESSION_free(session);
		drop(&ends);
	}
	free(alone);
}

/* The clock of the code under test (ld --wrap=time); OpenSSL keeps its own. */
static time_t ahead_s;
time_t __real_time(time_t *out);
time_t __wrap_time(time_t *out);

time_t __wrap_time(time_t *out)
{
	time_t now = __real_time(NULL) + ahead_s;

	if(out)
		*out = now;
	return now;
}

/* By a ticket of a ticket the full handshake is still as old. */
static void no_chain_of_tickets_outlives_its_bound(void **state)
{
	(void)state;
	for(size_t v = 0; v < COUNT(versions); v++) {
		struct ends ends = make(&trusted, versions[v]);
		SSL_SESSION *session;

		assert_int_equal(connects(&ends, NULL, name), FULL);
		session = take();
		for(ahead_s = 100; ahead_s < TLSP_SESSION_LIFETIME_S; ahead_s += 100) {
			assert_int_equal(connects(&ends, session, name), RESUMED);
			SSL_SESSION_free(session);
			session = take();
		}
		ahead_s = TLSP_SESSION_LIFETIME_S + 2;
		assert_int_equal(connects(&ends, session, name), FULL);
		ahead_s = -60; /* the clock was set back */
		assert_int_equal(connects(&ends, session, name), FULL);
		ahead_s = 0;
		SSL_SESSION_free(session);
		drop(&ends);
	}
}

static void what_needs_the_chain_voids_a_session(void **state)
{
	(void)state;
	for(size_t v = 0; v < COUNT(versions); v++)
		for(int stateful = 0; stateful < 2; stateful++) {
			struct ends ends = make(&trusted, versions[v]);
			SSL_CTX *more = new_context(&gateway);
			SSL_SESSION *session;

			if(stateful)
				SSL_CTX_set_options(ends.ours, SSL_OP_NO_TICKET);
			X509_STORE_add_cert(
					SSL_CTX_get_cert_store(more), foreign_ca.certificate);
			assert_int_equal(connects(&ends, NULL, name), FULL);
			session = take();
			assert_int_equal(comes_back(&ends, &session), RESUMED);
			policy.accept_server_auth_clients = 1;
			terms.generation++;
			assert_int_equal(comes_back(&ends, &session), FULL);
			policy.accept_server_auth_clients = 0;
			terms.generation++;
			assert_int_equal(comes_back(&ends, &session), FULL);
			context_now = more; /* tls.cfg is loaded anew: before */
			assert_int_equal(comes_back(&ends, &session), FULL);
			context_now = NULL;
			assert_int_equal(comes_back(&ends, &session), FULL);
			context_later = more; /* and in the middle of a resumption */
			assert_int_equal(comes_back(&ends, &session), REFUSED);
			context_later = NULL;
			context_now = NULL;
			SSL_CTX_free(more);
			SSL_SESSION_free(session);
			drop(&ends);
		}
}

static void permit_server_auth(void)
{
	policy.accept_server_auth_clients = 1;
	terms.generation++;
}

/* Verified under a setting that came between ClientHello and Certificate, a
 * session vouches for nothing once that is gone. */
static void a_setting_of_a_moment_is_not_carried_on(void **state)
{
	(void)state;
	for(size_t v = 0; v < COUNT(versions); v++) {
		struct ends ends = make(&trusted, versions[v]);
		SSL_SESSION *session;

		change_later = permit_server_auth;
		assert_int_equal(connects(&ends, NULL, name), FULL);
		change_later = NULL;
		session = take();
		policy.accept_server_auth_clients = 0;
		terms.generation++;
		assert_int_equal(comes_back(&ends, &session), FULL);
		assert_int_equal(comes_back(&ends, &session), RESUMED);
		SSL_SESSION_free(session);
		drop(&ends);
	}
}

/* What a directory of CAs holds is not known before somebody looks. */
static void nothing_is_resumed_where_a_directory_is_trusted(void **state)
{
	(void)state;
	for(size_t v = 0; v < COUNT(versions); v++)
		for(int stateful = 0; stateful < 2; stateful++) {
			struct ends ends = make(&trusted, versions[v]);
			SSL_SESSION *session;

			if(stateful)
				SSL_CTX_set_options(ends.ours, SSL_OP_NO_TICKET);
			assert_true(tlsp_tls_context_mark_directory(ends.ours));
			assert_int_equal(connects(&ends, NULL, name), FULL);
			session = take();
			assert_int_equal(comes_back(&ends, &session), FULL);
			SSL_SESSION_free(session);
			drop(&ends);
		}
}

/* Issued anew by |ca| with one more extension. */
static void extend(struct identity *identity, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	assert_non_null(extension);
	assert_true(X509_add_ext(identity->certificate, extension, -1));
	X509_EXTENSION_free(extension);
	assert_true(X509_sign(identity->certificate, ca.key, EVP_sha256()));
}

/* The chain is not there any more; that it was fit when it was verified is what
 * the session vouches for. */
static void a_strict_judgement_of_the_chain_is_vouched_for(void **state)
{
	struct identity strict;
	const int extensions[] = {NID_key_usage, NID_ext_key_usage};
	const char *const values[] = {"critical,digitalSignature", "clientAuth"};

	(void)state;
	make_identity(&strict, "peer", "DNS:trusted.example.com", &ca);
	for(size_t i = 0; i < COUNT(extensions); i++)
		extend(&strict, extensions[i], values[i]);
	for(size_t v = 0; v < COUNT(versions); v++) {
		struct ends ends = make(&strict, versions[v]);
		SSL_SESSION *session;

		setup(NULL); /* not strict: nothing is vouched for */
		assert_int_equal(connects(&ends, NULL, name), FULL);
		session = take();
		policy.require_strict_cert = 1;
		terms.generation++;
		assert_int_equal(comes_back(&ends, &session), FULL);
		assert_int_equal(comes_back(&ends, &session), RESUMED);
		SSL_SESSION_free(session);
		drop(&ends);
	}
	free_identity(&strict);
}

/* The one that it was accepted for is no proxy any more, but another is. */
static void a_session_does_not_go_on_by_another_name(void **state)
{
	const char *const one[] = {"trusted.example.com"},
					  *const another[] = {"other.example.com"};
	const struct tlsp_proxies *before = terms.proxies;
	struct tlsp_proxies *first = make_proxies(one, 1),
						*second = make_proxies(another, 1);

	(void)state;
	for(size_t v = 0; v < COUNT(versions); v++) {
		struct ends ends = make(&renewed, versions[v]);
		SSL_SESSION *session;

		terms.proxies = first;
		terms.generation++;
		assert_int_equal(connects(&ends, NULL, name), FULL);
		session = take();
		terms.proxies = second;
		terms.generation++;
		assert_int_equal(comes_back(&ends, &session), FULL);
		assert_int_equal(comes_back(&ends, &session), RESUMED);
		SSL_SESSION_free(session);
		drop(&ends);
	}
	terms.proxies = before;
	free(first);
	free(second);
}

/* Accepted for a TLSRemoteSubjectName that is no host, and so is looked for among
 * the names in vain. */
static void a_session_of_a_text_does_not_go_on_by_a_host(void **state)
{
	const char *const one[] = {"other.example.com"};
	const struct tlsp_proxies *before = terms.proxies;
	struct tlsp_proxies *alone = make_proxies(one, 1);
	struct identity text;

	(void)state;
	make_identity(&text, "Alice & Bob", "DNS:trusted.example.com", &ca);
	strcpy(policy.tls_remote_subject_name, "Alice & Bob");
	for(size_t v = 0; v < COUNT(versions); v++) {
		struct ends ends = make(&text, versions[v]);
		SSL_SESSION *session;

		terms.proxies = alone;
		terms.generation++;
		assert_int_equal(connects(&ends, NULL, name), FULL);
		session = take();
		assert_int_equal(comes_back(&ends, &session), RESUMED);
		terms.proxies = before; /* trusted.example.com is a proxy now */
		terms.generation++;
		assert_int_equal(comes_back(&ends, &session), FULL);
		SSL_SESSION_free(session);
		drop(&ends);
	}
	free(alone);
	free_identity(&text);
}

/* Whether a chain with name constraints lets a name pass is not known from the
 * session, if no name was judged then. */
static void a_session_without_a_name_needs_a_chain_without_constraints(
		void **state)
{
	static const char *const constraints[] = {
			NULL, "permitted;DNS:example.com"};
	struct identity between, leaf;

	(void)state;
	for(size_t i = 0; i < COUNT(constraints) * COUNT(versions); i++) {
		const char *constraint = constraints[i % 2];
		struct ends ends;
		SSL_SESSION *session;

		make_identity(&between, "CA between", NULL, &ca);
		extend(&between, NID_basic_constraints, "critical,CA:TRUE");
		if(constraint)
			extend(&between, NID_name_constraints, constraint);
		make_identity(&leaf, "peer", "DNS:trusted.example.com", &between);
		ends = make(&leaf, versions[i / 2]);
		assert_true(SSL_CTX_add1_chain_cert(ends.peer, between.certificate));
		setup(NULL);
		policy.peer_host_name_verification_mode = TLSP_VERIFY_NAMES_OFF;
		assert_int_equal(connects(&ends, NULL, name), FULL);
		session = take();
		assert_int_equal(comes_back(&ends, &session), RESUMED);
		setup(NULL);
		assert_int_equal(
				comes_back(&ends, &session), constraint ? FULL : RESUMED);
		assert_int_equal(comes_back(&ends, &session), RESUMED);
		SSL_SESSION_free(session);
		drop(&ends);
		free_identity(&leaf);
		free_identity(&between);
	}
}

/* Accepted for its CN; then another of its names becomes a proxy. */
static void a_session_goes_on_for_its_common_name(void **state)
{
	const char *const one[] = {"trusted.example.com"};
	const struct tlsp_proxies *before = terms.proxies;
	struct tlsp_proxies *alone = make_proxies(one, 1);
	struct identity named;

	(void)state;
	make_identity(&named, one[0], "DNS:other.example.com", &ca);
	for(size_t v = 0; v < COUNT(versions); v++) {
		struct ends ends = make(&named, versions[v]);
		SSL_SESSION *session;

		terms.proxies = alone;
		terms.generation++;
		assert_int_equal(connects(&ends, NULL, name), FULL);
		session = take();
		assert_int_equal(comes_back(&ends, &session), RESUMED);
		terms.proxies = before;
		terms.generation++;
		assert_int_equal(comes_back(&ends, &session), RESUMED);
		SSL_SESSION_free(session);
		drop(&ends);
	}
	free(alone);
	free_identity(&named);
}

/* ---- the server name ---- */

static const char *later; /* server name of the ClientHello after a retry */

static void change_name(const SSL *ssl, int where, int ret)
{
	(void)ret;
	if(later && (where & SSL_CB_LOOP)
			&& SSL_get_state(ssl) == TLS_ST_CR_SRVR_HELLO) {
		SSL_set_tlsext_host_name((SSL *)ssl, later);
		later = NULL;
	}
}

static bool retried(struct ends *ends, const char *second)
{
	struct pair pair;
	bool passed;

	assert_true(SSL_CTX_set1_groups_list(ends->ours, "P-256"));
	assert_true(SSL_CTX_set1_groups_list(ends->peer, "X25519:P-256"));
	new_pair(&pair, ends->ours, ends->peer, TLSP_ROLE_SERVER);
	SSL_set_tlsext_host_name(pair.peer, name);
	SSL_set_info_callback(pair.peer, change_name);
	later = second;
	passed = shake_hands(&pair);
	assert_null(later); /* there was a HelloRetryRequest */
	free_pair(&pair);
	return passed;
}

static void a_second_hello_asks_for_the_same_name(void **state)
{
	struct ends ends = make(&trusted, TLS1_3_VERSION);

	(void)state;
	assert_true(retried(&ends, name));
	assert_false(retried(&ends, "b.example"));
	assert_non_null(strstr(gate.refusal.why, "another server_name"));
	drop(&ends);
}

static void a_name_with_octets_that_no_host_has_is_refused(void **state)
{
	static const struct
	{
		const char *name;
		enum outcome outcome;
	} rows[] = {{"sip.example.com", FULL}, {"SIP_1.example.com", FULL},
			{"192.0.2.1", FULL}, {"2001:db8::1", FULL}, {"a b", REFUSED},
			{"a\nFAKE", REFUSED}, {"a\x1b[2J", REFUSED}, {"\xc3\xa4", REFUSED},
			{"a/../b", REFUSED}, {"*", REFUSED}};

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++)
		for(size_t v = 0; v < COUNT(versions); v++) {
			struct ends ends = make(&trusted, versions[v]);

			assert_int_equal(
					connects(&ends, NULL, rows[i].name), rows[i].outcome);
			if(rows[i].outcome == REFUSED)
				assert_int_equal(last_alert, SSL_AD_ILLEGAL_PARAMETER);
			drop(&ends);
		}
}

static int setup_shared(void **state)
{
	mode = TLSP_TICKETS_SHARED;
	return setup(state);
}

static int setup_cache(void **state)
{
	mode = TLSP_TICKETS_CACHE;
	return setup(state);
}

#define EITHER_WAY(test)                                \
	{#test, test, setup_shared, NULL, NULL},            \
	{                                                   \
#test " (cache)", test, setup_cache, NULL, NULL \
	}

int main(void)
{
	/* clang-format off */
	const struct CMUnitTest tests[] = {
		EITHER_WAY(a_setting_of_a_moment_is_not_carried_on),
		EITHER_WAY(nothing_is_resumed_where_a_directory_is_trusted),
		EITHER_WAY(a_new_proxy_voids_no_ticket_and_a_missing_one_refuses),
		EITHER_WAY(a_session_goes_on_as_whom_it_began),
		EITHER_WAY(no_chain_of_tickets_outlives_its_bound),
		EITHER_WAY(what_needs_the_chain_voids_a_session),
		EITHER_WAY(a_strict_judgement_of_the_chain_is_vouched_for),
		EITHER_WAY(a_session_does_not_go_on_by_another_name),
		EITHER_WAY(a_session_of_a_text_does_not_go_on_by_a_host),
		EITHER_WAY(a_session_without_a_name_needs_a_chain_without_constraints),
		EITHER_WAY(a_session_goes_on_for_its_common_name),
		EITHER_WAY(a_second_hello_asks_for_the_same_name),
		EITHER_WAY(a_name_with_octets_that_no_host_has_is_refused),
	};
	/* clang-format on */

	return cmocka_run_group_tests(tests, make_ends, free_ends);
}
