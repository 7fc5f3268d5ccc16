/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tickets_test - how a session comes back (session_tickets), between two real
 * ends (tls_ends.h): to a context of another process, as long as its keys live,
 * and in no other way than it was given.
 */
#define _GNU_SOURCE /* memmem(3) */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "openssl/tls_context.h"
#include "tls_ends.h"

static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
static const enum tlsp_session_tickets ways[] = {
		TLSP_TICKETS_SHARED, TLSP_TICKETS_CACHE};

#define EACH(variable, array) \
	for(size_t variable = 0; variable < COUNT(array); variable++)

/* The clock of the code under test (ld --wrap=time); OpenSSL keeps its own. */
static time_t now_s;
time_t __real_time(time_t *out);
time_t __wrap_time(time_t *out);

time_t __wrap_time(time_t *out)
{
	time_t now = now_s ? now_s : __real_time(NULL);

	if(out)
		*out = now;
	return now;
}

/* ---- a client ---- */

static SSL_SESSION *given; /* the newest that it got, and how many that were: */
static unsigned given_count;

static int keep_session(SSL *ssl, SSL_SESSION *session)
{
	(void)ssl;
	SSL_SESSION_free(given);
	given = session;
	given_count++;
	return 1;
}

static SSL_CTX *new_peer(const struct identity *shown, int version)
{
	SSL_CTX *peer = new_context(shown);

	SSL_CTX_set_min_proto_version(peer, version);
	SSL_CTX_set_max_proto_version(peer, version);
	SSL_CTX_set_session_cache_mode(
			peer, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(peer, keep_session);
	return peer;
}

enum outcome
{
	REFUSED,
	FULL,
	RESUMED
};

static bool breaks_later; /* a fatal alert ends the connection */

static void end(struct pair *pair)
{
	static const char text[] = "no TLS";

	if(breaks_later) {
		BIO_write(SSL_get_wbio(pair->peer), text, sizeof(text));
		open_gate();
		SSL_read(pair->ours, (char[1]){0}, 1);
		close_gate();
	}
	SSL_set_shutdown(pair->peer, SSL_SENT_SHUTDOWN);
	free_pair(pair); /* ours as Kamailio does it: without close_notify */
}

static enum outcome connects(SSL_CTX *ours, SSL_CTX *peer, SSL_SESSION *session)
{
	enum outcome outcome = REFUSED;
	SSL_SESSION *offered = session ? SSL_SESSION_dup(session) : NULL;
	struct pair pair;

	SSL_SESSION_free(given);
	given = NULL;
	given_count = 0;
	new_pair(&pair, ours, peer, TLSP_ROLE_SERVER);
	if(offered)
		SSL_set_session(pair.peer, offered);
	SSL_SESSION_free(offered);
	if(shake_hands(&pair))
		outcome = SSL_session_reused(pair.ours) ? RESUMED : FULL;
	if(outcome != REFUSED && !given)
		given = SSL_get1_session(pair.peer);
	end(&pair);
	return outcome;
}

static SSL_SESSION *session_of(SSL_CTX *ours, SSL_CTX *peer)
{
	SSL_SESSION *session;

	assert_int_equal(connects(ours, peer, NULL), FULL);
	session = given;
	given = NULL;
	assert_non_null(session);
	return session;
}

static int setup(void **state)
{
	setup_policy(state);
	policy.sips_require_client_certificate = 1;
	policy.peer_host_name_verification_mode = TLSP_VERIFY_NAMES_SERVER;
	policy.session_tickets = TLSP_TICKETS_SHARED;
	breaks_later = false;
	now_s = 0;
	return 0;
}

static void set_way(enum tlsp_session_tickets way)
{
	policy.session_tickets = (int)way;
	terms.generation++;
}

/* ---- from one process to another ---- */

static void a_session_comes_back_to_every_process(void **state)
{
	(void)state;
	EACH(w, ways)
	EACH(v, versions)
	{
		SSL_CTX *one = new_context(&gateway), *another = new_context(&gateway),
				*peer = new_peer(&trusted, versions[v]);
		SSL_SESSION *session;

		set_way(ways[w]);
		session = session_of(one, peer);
		for(int i = 0; i < 6; i++) {
			assert_int_equal(
					connects(i % 2 ? one : another, peer, session), RESUMED);
			SSL_SESSION_free(session);
			session = given;
			given = NULL;
		}
		SSL_SESSION_free(session);
		SSL_CTX_free(peer);
		SSL_CTX_free(another);
		SSL_CTX_free(one);
	}
}

static void with_off_nobody_is_resumed_nor_told_that_it_might(void **state)
{
	(void)state;
	EACH(w, ways)
	EACH(v, versions)
	{
		SSL_CTX *ours = new_context(&gateway),
				*peer = new_peer(&trusted, versions[v]);
		SSL_SESSION *session, *unable;

		set_way(ways[w]);
		session = session_of(ours, peer);
		set_way(TLSP_TICKETS_OFF);
		assert_int_equal(connects(ours, peer, session), FULL);
		assert_int_equal(given_count, 0);
		unable = given;
		given = NULL;
		assert_false(SSL_SESSION_is_resumable(unable));
		set_way(ways[w]); /* what was given before is as good as it was */
		assert_int_equal(connects(ours, peer, session), RESUMED);
		SSL_SESSION_free(unable);
		SSL_SESSION_free(session);
		SSL_CTX_free(peer);
		SSL_CTX_free(ours);
	}
}

static void a_change_of_the_way_costs_one_full_handshake(void **state)
{
	(void)state;
	EACH(w, ways)
	EACH(v, versions)
	{
		SSL_CTX *ours = new_context(&gateway),
				*peer = new_peer(&trusted, versions[v]);
		SSL_SESSION *session;

		set_way(ways[w]);
		session = session_of(ours, peer);
		set_way(ways[1 - w]);
		assert_int_equal(connects(ours, peer, session), FULL);
		SSL_SESSION_free(session);
		session = given;
		given = NULL;
		assert_int_equal(connects(ours, peer, session), RESUMED);
		SSL_SESSION_free(session);
		SSL_CTX_free(peer);
		SSL_CTX_free(ours);
	}
}

static void a_handshake_gives_one_ticket(void **state)
{
	SSL_CTX *ours = new_context(&gateway),
			*peer = new_peer(&trusted, TLS1_3_VERSION);

	(void)state;
	EACH(w, ways)
	{
		set_way(ways[w]);
		assert_int_equal(connects(ours, peer, NULL), FULL);
		assert_int_equal(given_count, 1);
	}
	SSL_CTX_free(peer);
	SSL_CTX_free(ours);
}

/* ---- which context takes it ---- */

static void another_context_takes_it_only_if_it_trusts_and_permits_the_same(
		void **state)
{
	(void)state;
	EACH(w, ways)
	EACH(v, versions)
	for(int which = 0; which < 3; which++) {
		SSL_CTX *one = new_context(&gateway), *another = new_context(&gateway),
				*peer = new_peer(&trusted, versions[v]);
		SSL_SESSION *session;

		if(which == 1)
			X509_STORE_add_cert(
					SSL_CTX_get_cert_store(another), foreign_ca.certificate);
		if(which == 2)
			SSL_CTX_set_cipher_list(another, "ECDHE-ECDSA-AES128-GCM-SHA256");
		set_way(ways[w]);
		session = session_of(one, peer);
		assert_int_equal(
				connects(another, peer, session), which ? FULL : RESUMED);
		SSL_SESSION_free(session);
		SSL_CTX_free(peer);
		SSL_CTX_free(another);
		SSL_CTX_free(one);
	}
}

/* Where the policy does not decide, nothing of it is on the SSL; but what one
 * TLS domain verified is no proof in another. */
static void also_where_the_policy_decides_nothing(void **state)
{
	static const enum tlsp_enforcement enforcements[] = {
			TLSP_ENFORCE_TESTING, TLSP_ENFORCE_NONE};
	static const enum tlsp_session_tickets all[] = {
			TLSP_TICKETS_SHARED, TLSP_TICKETS_CACHE, TLSP_TICKETS_OFF};

	(void)state;
	EACH(w, all)
	EACH(e, enforcements)
	EACH(v, versions)
	{
		SSL_CTX *one = new_context(&gateway), *same = new_context(&gateway),
				*other_trust = new_context(&gateway),
				*peer = new_peer(&trusted, versions[v]);
		SSL_SESSION *session;

		X509_STORE_add_cert(
				SSL_CTX_get_cert_store(other_trust), foreign_ca.certificate);
		SSL_CTX_set_verify(one, SSL_VERIFY_PEER, NULL);
		SSL_CTX_set_verify(same, SSL_VERIFY_PEER, NULL);
		SSL_CTX_set_verify(other_trust, SSL_VERIFY_PEER, NULL);
		set_way(all[w]);
		policy.enforcement = (int)enforcements[e];
		session = session_of(one, peer);
		if(versions[v] == TLS1_3_VERSION)
			assert_int_equal(given_count, 2); /* as tls.cfg has it */
		assert_int_equal(connects(same, peer, session), RESUMED);
		assert_int_equal(connects(other_trust, peer, session), FULL);
		policy.enforcement = TLSP_ENFORCE;
		terms.generation++;
		assert_int_equal(connects(one, peer, session), FULL);
		SSL_SESSION_free(session);
		SSL_CTX_free(peer);
		SSL_CTX_free(other_trust);
		SSL_CTX_free(same);
		SSL_CTX_free(one);
	}
}

/* ---- how long its keys live ---- */

/* Later each time. */
static time_t start_of_a_period(void)
{
	static time_t next;

	if(!next)
		next = __real_time(NULL) / TLSP_TICKET_KEYS_PERIOD_S + 1;
	next += 10;
	return next * TLSP_TICKET_KEYS_PERIOD_S;
}

static void a_ticket_of_the_period_before_is_renewed(void **state)
{
	(void)state;
	EACH(v, versions)
	{
		SSL_CTX *ours = new_context(&gateway),
				*peer = new_peer(&trusted, versions[v]);
		time_t start = start_of_a_period();
		SSL_SESSION *session;
		const unsigned char *ticket, *renewed;
		size_t octets, octets_renewed;

		now_s = start + 200;
		session = session_of(ours, peer);
		now_s = start + TLSP_TICKET_KEYS_PERIOD_S + 100;
		assert_int_equal(connects(ours, peer, session), RESUMED);
		SSL_SESSION_get0_ticket(session, &ticket, &octets);
		SSL_SESSION_get0_ticket(given, &renewed, &octets_renewed);
		assert_memory_not_equal(ticket, renewed, TLSP_TICKET_NAME_OCTETS);
		now_s = start + 200 + TLSP_SESSION_LIFETIME_S;
		assert_int_equal(connects(ours, peer, session), RESUMED);
		now_s++;
		assert_int_equal(connects(ours, peer, session), FULL);
		SSL_SESSION_free(session);
		SSL_CTX_free(peer);
		SSL_CTX_free(ours);
	}
}

/* Also if something made it look young. */
static void a_ticket_of_the_period_before_that_is_none(void **state)
{
	(void)state;
	EACH(v, versions)
	{
		SSL_CTX *ours = new_context(&gateway),
				*peer = new_peer(&trusted, versions[v]);
		time_t start = start_of_a_period();
		SSL_SESSION *session;

		now_s = start;
		policy.enforcement = TLSP_ENFORCE_TESTING; /* any is taken there */
		terms.generation++;
		session = session_of(ours, peer);
		now_s = start + 2 * TLSP_TICKET_KEYS_PERIOD_S - 1;
		assert_int_equal(connects(ours, peer, session), RESUMED);
		now_s = start + 2 * TLSP_TICKET_KEYS_PERIOD_S;
		assert_int_equal(connects(ours, peer, session), FULL);
		policy.enforcement = TLSP_ENFORCE;
		SSL_SESSION_free(session);
		SSL_CTX_free(peer);
		SSL_CTX_free(ours);
	}
}

/* Somebody is changing them (the second word counts that), for too long. */
static void without_keys_a_handshake_goes_on(void **state)
{
	_Atomic uint64_t *changes = (_Atomic uint64_t *)(void *)keys + 1;

	(void)state;
	EACH(v, versions)
	{
		SSL_CTX *ours = new_context(&gateway),
				*peer = new_peer(&trusted, versions[v]);
		SSL_SESSION *session = session_of(ours, peer);
		struct pair pair;
		char text[4] = "";

		*changes += 1;
		assert_int_equal(connects(ours, peer, session), FULL);
		new_pair(&pair, ours, peer, TLSP_ROLE_SERVER);
		assert_true(shake_hands(&pair));
		assert_int_equal(SSL_write(pair.peer, "SIP", 3), 3);
		open_gate();
		assert_int_equal(SSL_read(pair.ours, text, sizeof(text)), 3);
		close_gate();
		end(&pair);
		*changes += 1;
		assert_int_equal(connects(ours, peer, given), FULL);
		assert_int_equal(connects(ours, peer, session), RESUMED);
		SSL_SESSION_free(session);
		SSL_CTX_free(peer);
		SSL_CTX_free(ours);
	}
}

/* ---- what was not given ---- */

/* |session| with another ticket. */
static SSL_SESSION *with_ticket(
		SSL_SESSION *session, const unsigned char *ticket, size_t octets)
{
	unsigned char *encoded = NULL, *found;
	const unsigned char *begin, *was;
	size_t had;
	int count = i2d_SSL_SESSION(session, &encoded);
	SSL_SESSION *made;

	assert_true(count > 0);
	SSL_SESSION_get0_ticket(session, &was, &had);
	assert_true(had == octets);
	found = memmem(encoded, (size_t)count, was, had);
	assert_non_null(found);
	memcpy(found, ticket, octets);
	begin = encoded;
	made = d2i_SSL_SESSION(NULL, &begin, count);
	assert_non_null(made);
	OPENSSL_free(encoded);
	return made;
}

static void a_ticket_that_was_touched_is_none(void **state)
{
	(void)state;
	EACH(w, ways)
	EACH(v, versions)
	{
		SSL_CTX *ours = new_context(&gateway),
				*peer = new_peer(&trusted, versions[v]);
		SSL_SESSION *session, *touched;
		unsigned char ticket[4096];
		const unsigned char *was;
		size_t octets, step;

		set_way(ways[w]);
		session = session_of(ours, peer);
		SSL_SESSION_get0_ticket(session, &was, &octets);
		if(octets == 0) { /* by id */
			assert_int_equal(ways[w], TLSP_TICKETS_CACHE);
			was = SSL_SESSION_get_id(session, &(unsigned){0});
			octets = TLSP_SESSION_ID_OCTETS;
		}
		assert_in_range(octets, 32, sizeof(ticket));
		memcpy(ticket, was, octets);
		step = octets > 64 ? octets / 40 : 1;
		for(size_t i = 0; i < octets; i += i < 34 ? 1 : step) {
			ticket[i] ^= (unsigned char)(1U << i % 8);
			if(SSL_SESSION_has_ticket(session)) {
				touched = with_ticket(session, ticket, octets);
			} else {
				touched = SSL_SESSION_dup(session);
				SSL_SESSION_set1_id(touched, ticket, (unsigned)octets);
			}
			assert_int_equal(connects(ours, peer, touched), FULL);
			ticket[i] ^= (unsigned char)(1U << i % 8);
			SSL_SESSION_free(touched);
		}
		assert_int_equal(connects(ours, peer, session), RESUMED);
		SSL_SESSION_free(session);
		SSL_CTX_free(peer);
		SSL_CTX_free(ours);
	}
}

/* |session| with a ticket that lacks its last |missing| octets; all lengths
 * around it take two octets. */
static SSL_SESSION *with_cut_ticket(SSL_SESSION *session, size_t missing)
{
	unsigned char *encoded = NULL, *found, *lengths[3];
	const unsigned char *begin, *ticket;
	size_t octets;
	int count = i2d_SSL_SESSION(session, &encoded);
	SSL_SESSION *made;

	SSL_SESSION_get0_ticket(session, &ticket, &octets);
	found = memmem(encoded, (size_t)count, ticket, octets);
	assert_non_null(found);
	lengths[0] = encoded + 2; /* SEQUENCE, [10], OCTET STRING */
	lengths[1] = found - 6;
	lengths[2] = found - 2;
	for(size_t i = 0; i < COUNT(lengths); i++) {
		size_t was = (size_t)lengths[i][0] << 8 | lengths[i][1];

		assert_int_equal(lengths[i][-1], 0x82);
		lengths[i][0] = (unsigned char)((was - missing) >> 8);
		lengths[i][1] = (unsigned char)(was - missing);
	}
	memmove(found + octets - missing, found + octets,
			(size_t)(encoded + count - (found + octets)));
	begin = encoded;
	made = d2i_SSL_SESSION(NULL, &begin, count - (long)missing);
	assert_non_null(made);
	OPENSSL_free(encoded);
	return made;
}

static void a_ticket_that_was_cut_is_none(void **state)
{
	(void)state;
	EACH(v, versions)
	{
		SSL_CTX *ours = new_context(&gateway),
				*peer = new_peer(&trusted, versions[v]);
		SSL_SESSION *session = session_of(ours, peer), *cut;
		const unsigned char *unused;
		size_t octets;

		SSL_SESSION_get0_ticket(session, &unused, &octets);
		assert_true(octets > 600);
		for(size_t missing = 1; octets - missing > 260; missing += 37) {
			cut = with_cut_ticket(session, missing);
			assert_int_equal(connects(ours, peer, cut), FULL);
			SSL_SESSION_free(cut);
		}
		SSL_SESSION_free(session);
		SSL_CTX_free(peer);
		SSL_CTX_free(ours);
	}
}

/* ---- what somebody else has heard ---- */

/* What the client sent on a connection that was resumed, and its text. */
struct heard
{
	unsigned char octets[1 << 15];
	size_t count;
};

static void listen_to(
		SSL_CTX *ours, SSL_CTX *peer, SSL_SESSION *session, struct heard *heard)
{
	struct pair pair;
	BIO *to_ours = BIO_new(BIO_s_mem()), *to_peer = BIO_new(BIO_s_mem());
	SSL_SESSION *offered = SSL_SESSION_dup(session);
	char *octets, text[16] = "";
	long count;

	new_pair(&pair, ours, peer, TLSP_ROLE_SERVER);
	BIO_up_ref(to_ours);
	BIO_up_ref(to_peer);
	SSL_set_bio(pair.ours, to_ours, to_peer);
	SSL_set_bio(pair.peer, to_peer, to_ours);
	SSL_set_session(pair.peer, offered);
	heard->count = 0;
	for(int i = 0; i < 6; i++) {
		if(SSL_do_handshake(pair.peer) == 1 && !text[0])
			text[0] = (char)SSL_write(pair.peer, "SIP", 3);
		count = BIO_get_mem_data(to_ours, &octets);
		assert_true(heard->count + (size_t)count < sizeof(heard->octets));
		memcpy(heard->octets + heard->count, octets, (size_t)count);
		heard->count += (size_t)count;
		step_ours(pair.ours);
		open_gate();
		if(SSL_read(pair.ours, text, sizeof(text)) == 3)
			i = 6;
		close_gate();
	}
	assert_string_equal(text, "SIP");
	assert_true(SSL_session_reused(pair.ours));
	SSL_SESSION_free(offered);
	end(&pair);
}

/* True if anything of it is read. */
static bool is_taken_again(SSL_CTX *ours, const struct heard *heard)
{
	struct pair pair;
	BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
	char text[16];
	bool taken;

	new_pair(&pair, ours, ours, TLSP_ROLE_SERVER);
	SSL_set_bio(pair.ours, in, out);
	BIO_write(in, heard->octets, (int)heard->count);
	for(int i = 0; i < 6; i++)
		step_ours(pair.ours);
	open_gate();
	taken = SSL_read(pair.ours, text, sizeof(text)) > 0;
	close_gate();
	taken = taken || SSL_is_init_finished(pair.ours);
	end(&pair);
	return taken;
}

static void what_was_heard_and_is_sent_again_is_no_connection(void **state)
{
	static struct heard heard;

	(void)state;
	EACH(w, ways)
	EACH(v, versions)
	{
		SSL_CTX *ours = new_context(&gateway),
				*peer = new_peer(&trusted, versions[v]);
		SSL_SESSION *session;

		set_way(ways[w]);
		session = session_of(ours, peer);
		listen_to(ours, peer, session, &heard);
		assert_false(is_taken_again(ours, &heard));
		SSL_SESSION_free(session);
		SSL_CTX_free(peer);
		SSL_CTX_free(ours);
	}
}

/* By which the cache knows |session|. */
static const unsigned char *cached_id(SSL_SESSION *session)
{
	const unsigned char *ticket;
	unsigned id_octets;
	size_t octets;

	if(SSL_SESSION_get_protocol_version(session) < TLS1_3_VERSION)
		return SSL_SESSION_get_id(session, &id_octets);
	SSL_SESSION_get0_ticket(session, &ticket, &octets);
	return ticket;
}

/* Evidence that holds nowhere, and none, in a cache and behind keys that
 * somebody got hold of. */
static void a_session_with_other_evidence_is_none(void **state)
{
	(void)state;
	EACH(v, versions)
	{
		SSL_CTX *ours = new_context(&gateway),
				*peer = new_peer(&trusted, versions[v]);
		unsigned char encoded[TLSP_SESSION_MAX_OCTETS];
		const unsigned char *id, *begin = encoded;
		unsigned char *end_of, *data;
		size_t octets, data_octets;
		SSL_SESSION *session, *kept;
		void *appdata;

		set_way(TLSP_TICKETS_CACHE);
		session = session_of(ours, peer);
		id = cached_id(session);
		octets = tlsp_session_cache_get(cache, id, encoded, time(NULL));
		kept = d2i_SSL_SESSION(NULL, &begin, (long)octets);
		assert_true(
				SSL_SESSION_get0_ticket_appdata(kept, &appdata, &data_octets));
		data = malloc(data_octets);
		memcpy(data, appdata, data_octets);
		for(size_t i = 0; i <= data_octets; i++) {
			if(i < data_octets)
				data[i] ^= 0x40;
			assert_true(SSL_SESSION_set1_ticket_appdata(
					kept, data, i < data_octets ? data_octets : 0));
			end_of = encoded;
			octets = (size_t)i2d_SSL_SESSION(kept, &end_of);
			assert_true(tlsp_session_cache_put(
					cache, id, encoded, octets, time(NULL) + 300));
			/* octet 10: a minute older */
			if(i != 10)
				assert_int_equal(connects(ours, peer, session), FULL);
			if(i < data_octets)
				data[i] ^= 0x40;
		}
		free(data);
		SSL_SESSION_free(kept);
		SSL_SESSION_free(session);
		SSL_CTX_free(peer);
		SSL_CTX_free(ours);
	}
}

/* Under another id than its own. */
static void a_session_of_another_id_is_none(void **state)
{
	(void)state;
	EACH(v, versions)
	{
		SSL_CTX *ours = new_context(&gateway),
				*peer = new_peer(&trusted, versions[v]),
				*second = new_peer(&other, versions[v]);
		unsigned char encoded[TLSP_SESSION_MAX_OCTETS];
		SSL_SESSION *sessions[2];
		size_t octets;

		set_way(TLSP_TICKETS_CACHE);
		sessions[0] = session_of(ours, peer);
		sessions[1] = session_of(ours, second);
		octets = tlsp_session_cache_get(
				cache, cached_id(sessions[0]), encoded, time(NULL));
		assert_true(tlsp_session_cache_put(cache, cached_id(sessions[1]),
				encoded, octets, time(NULL) + 300));
		assert_int_equal(connects(ours, second, sessions[1]), FULL);
		assert_int_equal(connects(ours, peer, sessions[0]), RESUMED);
		for(int i = 0; i < 2; i++)
			SSL_SESSION_free(sessions[i]);
		SSL_CTX_free(second);
		SSL_CTX_free(peer);
		SSL_CTX_free(ours);
	}
}

/* TLS 1.3 lets a client name as many sessions as a ClientHello holds; what is
 * found costs work each time. */
static void who_names_many_sessions_has_a_few_looked_at(void **state)
{
	SSL_CTX *ours = new_context(&gateway),
			*peer = new_peer(&trusted, TLS1_2_VERSION);
	SSL_SESSION *session, *found;
	const unsigned char *id;
	unsigned octets, count = 0;
	struct pair pair;
	int refers;

	(void)state;
	set_way(TLSP_TICKETS_CACHE);
	session = session_of(ours, peer);
	id = SSL_SESSION_get_id(session, &octets);
	new_pair(&pair, ours, peer, TLSP_ROLE_SERVER);
	SSL_do_handshake(pair.peer);
	step_ours(pair.ours); /* its ClientHello */
	open_gate();
	for(int i = 0; i < 1000; i++) {
		found = SSL_CTX_sess_get_get_cb(ours)(
				pair.ours, id, (int)octets, &refers);
		count += found != NULL;
		SSL_SESSION_free(found);
	}
	close_gate();
	assert_int_equal(count, 4);
	end(&pair);
	SSL_SESSION_free(session);
	SSL_CTX_free(peer);
	SSL_CTX_free(ours);
}

/* ---- what the cache keeps ---- */

static void who_is_refused_leaves_no_session(void **state)
{
	(void)state;
	set_way(TLSP_TICKETS_CACHE);
	EACH(v, versions)
	{
		SSL_CTX *ours = new_context(&gateway),
				*peer = new_peer(&stranger, versions[v]),
				*accepted = new_peer(&trusted, versions[v]);
		size_t before = tlsp_session_cache_count(cache);

		assert_int_equal(connects(ours, peer, NULL), REFUSED);
		assert_int_equal(tlsp_session_cache_count(cache), before);
		assert_int_equal(connects(ours, accepted, NULL), FULL);
		assert_int_equal(tlsp_session_cache_count(cache), before + 1);
		SSL_CTX_free(accepted);
		SSL_CTX_free(peer);
		SSL_CTX_free(ours);
	}
}

static void after_a_fatal_alert_a_session_is_not_resumed(void **state)
{
	(void)state;
	set_way(TLSP_TICKETS_CACHE);
	EACH(v, versions)
	{
		SSL_CTX *ours = new_context(&gateway),
				*peer = new_peer(&trusted, versions[v]);
		SSL_SESSION *session;

		breaks_later = true;
		session = session_of(ours, peer);
		breaks_later = false;
		assert_int_equal(connects(ours, peer, session), FULL);
		SSL_SESSION_free(session);
		SSL_CTX_free(peer);
		SSL_CTX_free(ours);
	}
}

/* As client ours is none of this. */
static void as_client_nothing_is_kept(void **state)
{
	(void)state;
	set_way(TLSP_TICKETS_CACHE);
	policy.verify_server_certificate = 1;
	EACH(v, versions)
	{
		SSL_CTX *ours = new_context(&gateway),
				*peer = new_peer(&trusted, versions[v]);
		size_t before = tlsp_session_cache_count(cache);
		struct pair pair;

		new_pair(&pair, ours, peer, TLSP_ROLE_CLIENT);
		assert_true(shake_hands(&pair));
		assert_int_equal(tlsp_session_cache_count(cache), before);
		free_pair(&pair);
		SSL_CTX_free(peer);
		SSL_CTX_free(ours);
	}
}

/* The tls module's own cache is put back. */
static void the_mode_of_the_context_is_put_back(void **state)
{
	static const long modes[] = {SSL_SESS_CACHE_OFF, SSL_SESS_CACHE_SERVER};

	(void)state;
	EACH(m, modes)
	{
		SSL_CTX *ours = new_context(&gateway),
				*peer = new_peer(&trusted, TLS1_2_VERSION);

		SSL_CTX_set_session_cache_mode(ours, modes[m]);
		set_way(TLSP_TICKETS_CACHE);
		assert_int_equal(connects(ours, peer, NULL), FULL);
		assert_int_not_equal(SSL_CTX_get_session_cache_mode(ours)
									 & SSL_SESS_CACHE_NO_INTERNAL,
				0);
		set_way(TLSP_TICKETS_SHARED);
		assert_int_equal(connects(ours, peer, NULL), FULL);
		assert_int_equal(SSL_CTX_get_session_cache_mode(ours), modes[m]);
		assert_null(SSL_CTX_sess_get_get_cb(ours));
		SSL_CTX_free(peer);
		SSL_CTX_free(ours);
	}
}

/* An SSL was made, the way is changed, its ClientHello comes and chooses another
 * context: OpenSSL goes on to ask the first one. */
static void the_context_it_was_made_in_hears_of_a_change(void **state)
{
	SSL_CTX *ours = new_context(&gateway), *another = new_context(&gateway),
			*peer = new_peer(&trusted, TLS1_2_VERSION);
	struct pair pair;

	(void)state;
	SSL_CTX_set_session_cache_mode(ours, SSL_SESS_CACHE_SERVER);
	new_pair(&pair, ours, peer, TLSP_ROLE_SERVER);
	step_ours(pair.ours);
	assert_int_equal(
			SSL_CTX_get_session_cache_mode(ours), SSL_SESS_CACHE_SERVER);
	set_way(TLSP_TICKETS_OFF);
	context_now = another;
	shake_hands(&pair);
	assert_int_not_equal(
			SSL_CTX_get_session_cache_mode(ours) & SSL_SESS_CACHE_NO_INTERNAL,
			0);
	end(&pair);
	SSL_CTX_free(peer);
	SSL_CTX_free(another);
	SSL_CTX_free(ours);
}

static int end_all(void **state)
{
	SSL_SESSION_free(given);
	return free_ends(state);
}

int main(void)
{
	/* clang-format off */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_session_comes_back_to_every_process, setup),
		cmocka_unit_test_setup(with_off_nobody_is_resumed_nor_told_that_it_might, setup),
		cmocka_unit_test_setup(a_change_of_the_way_costs_one_full_handshake, setup),
		cmocka_unit_test_setup(a_handshake_gives_one_ticket, setup),
		cmocka_unit_test_setup(another_context_takes_it_only_if_it_trusts_and_permits_the_same, setup),
		cmocka_unit_test_setup(also_where_the_policy_decides_nothing, setup),
		cmocka_unit_test_setup(a_ticket_of_the_period_before_is_renewed, setup),
		cmocka_unit_test_setup(a_ticket_of_the_period_before_that_is_none, setup),
		cmocka_unit_test_setup(without_keys_a_handshake_goes_on, setup),
		cmocka_unit_test_setup(a_ticket_that_was_touched_is_none, setup),
		cmocka_unit_test_setup(a_ticket_that_was_cut_is_none, setup),
		cmocka_unit_test_setup(what_was_heard_and_is_sent_again_is_no_connection, setup),
		cmocka_unit_test_setup(a_session_with_other_evidence_is_none, setup),
		cmocka_unit_test_setup(a_session_of_another_id_is_none, setup),
		cmocka_unit_test_setup(who_names_many_sessions_has_a_few_looked_at, setup),
		cmocka_unit_test_setup(who_is_refused_leaves_no_session, setup),
		cmocka_unit_test_setup(after_a_fatal_alert_a_session_is_not_resumed, setup),
		cmocka_unit_test_setup(as_client_nothing_is_kept, setup),
		cmocka_unit_test_setup(the_mode_of_the_context_is_put_back, setup),
		cmocka_unit_test_setup(the_context_it_was_made_in_hears_of_a_change, setup),
	};
	/* clang-format on */

	return cmocka_run_group_tests(tests, make_ends, end_all);
}
