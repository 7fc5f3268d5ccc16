/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rehandshake_test - handshakes after the first one between two real ends
 * (tls_ends.h): what we start and what the peer starts, in both roles and every
 * version; and the verdict of now on a connection that is open.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>

#include "../../modules/tls_policy/openssl/judgement.h"
#include "../../modules/tls_policy/openssl/rehandshake.h"
#include "tls_ends.h"

enum
{
	ROUNDS = 8, /* of both ends, enough for any handshake */
	TEXT_OCTETS = 256
};

/* A connection under test with all that belongs to it. */
struct link
{
	enum tlsp_role role; /* ours */
	SSL_CTX *ours, *peer;
	struct pair ends;
	struct tlsp_record *record;
	char ours_got[TEXT_OCTETS], peer_got[TEXT_OCTETS]; /* clear text */
};

/* Handshake messages that the plain peer has seen, by type and direction. */
static unsigned peer_received[256], peer_sent[256];

static void count_message(int written, int version, int content_type,
		const void *buffer, size_t octets, SSL *ssl, void *unused)
{
	unsigned *count = written ? peer_sent : peer_received;

	(void)version, (void)ssl, (void)unused;
	if(content_type == SSL3_RT_HANDSHAKE && octets > 0)
		count[*(const unsigned char *)buffer]++;
}

static void forget_messages(void)
{
	memset(peer_received, 0, sizeof(peer_received));
	memset(peer_sent, 0, sizeof(peer_sent));
}

/* Everything that we can ask of a peer, in both roles. */
static int setup_strict(void **state)
{
	setup_policy(state);
	policy.sips_require_client_certificate = 1;
	policy.verify_server_certificate = 1;
	policy.peer_host_name_verification_mode = TLSP_VERIFY_NAMES_BOTH;
	return 0;
}

static void prepare(struct link *link, enum tlsp_role role, int version,
		const struct identity *shown)
{
	memset(link, 0, sizeof(*link));
	link->role = role;
	link->ours = new_context(&gateway);
	link->peer = new_context(shown);
	SSL_CTX_set_min_proto_version(link->peer, version);
	SSL_CTX_set_max_proto_version(link->peer, version);
	SSL_CTX_set_options(link->peer, SSL_OP_ALLOW_CLIENT_RENEGOTIATION);
}

static void establish(struct link *link)
{
	forget_messages();
	new_pair(&link->ends, link->ours, link->peer, link->role);
	SSL_set_msg_callback(link->ends.peer, count_message);
	SSL_set_post_handshake_auth(link->ends.peer, 1);
	link->record = tlsp_handshake_record(link->ends.ours);
	assert_true(shake_hands(&link->ends));
}

static void set_up(struct link *link, enum tlsp_role role, int version,
		const struct identity *shown)
{
	prepare(link, role, version, shown);
	establish(link);
}

static void tear_down(struct link *link)
{
	free_pair(&link->ends);
	SSL_CTX_free(link->ours);
	SSL_CTX_free(link->peer);
}

static void read_into(SSL *ssl, char *text)
{
	size_t used = strlen(text), octets;

	ERR_clear_error();
	if(SSL_read_ex(ssl, text + used, TEXT_OCTETS - 1 - used, &octets))
		text[used + octets] = '\0';
}

static void ours_reads(struct link *link)
{
	open_gate();
	read_into(link->ends.ours, link->ours_got);
	close_gate();
}

static void pump(struct link *link)
{
	for(int i = 0; i < ROUNDS; i++) {
		read_into(link->ends.peer, link->peer_got);
		ours_reads(link);
	}
}

static bool writes(SSL *ssl, const char *text)
{
	size_t octets;

	ERR_clear_error();
	return SSL_write_ex(ssl, text, strlen(text), &octets);
}

static bool ours_writes(struct link *link, const char *text)
{
	bool done;

	open_gate();
	done = writes(link->ends.ours, text);
	close_gate();
	return done;
}

/* Do octets still pass, both ways? */
static bool talks(struct link *link)
{
	link->ours_got[0] = link->peer_got[0] = '\0';
	if(!tlsp_handshake_passes(link->ends.ours)
			|| tlsp_rehandshake_holds(link->record)
			|| !ours_writes(link, "INVITE") || !writes(link->ends.peer, "BYE"))
		return false;
	pump(link);
	return strcmp(link->ours_got, "BYE") == 0
		   && strcmp(link->peer_got, "INVITE") == 0
		   && tlsp_handshake_passes(link->ends.ours);
}

static void send_made(
		struct link *link, const unsigned char *octets, size_t made)
{
	assert_int_equal(
			BIO_write(SSL_get_wbio(link->ends.ours), octets, (int)made),
			(int)made);
}

static size_t renegotiate(struct link *link)
{
	unsigned char octets[TLSP_REHANDSHAKE_MAX_OCTETS];
	size_t made;

	open_gate();
	made = tlsp_rehandshake_renegotiate(link->ends.ours, link->record, octets);
	close_gate();
	send_made(link, octets, made);
	return made;
}

static size_t key_update(struct link *link, bool ask_certificate)
{
	unsigned char octets[TLSP_REHANDSHAKE_MAX_OCTETS];
	size_t made;

	open_gate();
	made = tlsp_rehandshake_key_update(
			link->ends.ours, link->record, ask_certificate, octets);
	close_gate();
	send_made(link, octets, made);
	return made;
}

static void peer_starts(struct link *link)
{
	ERR_clear_error();
	assert_int_equal(SSL_renegotiate(link->ends.peer), 1);
	SSL_do_handshake(link->ends.peer);
}

static void peer_shows(struct link *link, const struct identity *shown)
{
	SSL_certs_clear(link->ends.peer);
	if(!shown)
		return;
	assert_true(SSL_use_certificate(link->ends.peer, shown->certificate));
	assert_true(SSL_use_PrivateKey(link->ends.peer, shown->key));
}

static const enum tlsp_role roles[] = {TLSP_ROLE_SERVER, TLSP_ROLE_CLIENT};
static const int old_versions[] = {
		TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION};

/* |check| in both roles, in every version that knows renegotiation. */
static void in_each_old_version(void (*check)(enum tlsp_role role, int version))
{
	for(size_t i = 0; i < COUNT(roles); i++)
		for(size_t j = 0; j < COUNT(old_versions); j++)
			check(roles[i], old_versions[j]);
}

/* ---- renegotiation that we start ---- */

static void five_in_a_row(enum tlsp_role role, int version)
{
	struct link link;

	set_up(&link, role, version, &trusted);
	assert_int_equal(link.record->handshakes, 1);
	for(unsigned i = 0; i < 5; i++) {
		X509 *before = SSL_get1_peer_certificate(link.ends.ours), *after;

		forget_messages();
		assert_true(renegotiate(&link) > 0);
		assert_true(tlsp_rehandshake_holds(link.record));
		assert_int_equal(link.record->rehandshake,
				role == TLSP_ROLE_SERVER ? TLSP_REHANDSHAKE_ASKED
										 : TLSP_REHANDSHAKE_RUNNING);
		assert_int_equal(link.record->handshakes, i + 1);
		pump(&link);
		assert_false(tlsp_rehandshake_holds(link.record));
		assert_int_equal(link.record->rehandshake, TLSP_REHANDSHAKE_NONE);
		assert_int_equal(link.record->handshakes, i + 2);
		assert_false(SSL_session_reused(link.ends.ours));
		assert_false(SSL_session_reused(link.ends.peer));
		after = SSL_get1_peer_certificate(link.ends.ours);
		assert_ptr_not_equal(before, after); /* shown again */
		assert_int_equal(X509_cmp(before, after), 0);
		assert_int_equal(peer_sent[SSL3_MT_CERTIFICATE], 1);
		assert_int_equal(peer_received[SSL3_MT_NEWSESSION_TICKET], 0);
		assert_true(talks(&link));
		X509_free(before);
		X509_free(after);
	}
	assert_false(gate.refused);
	assert_int_equal(last_alert, 0);
	tear_down(&link);
}

static void we_renegotiate_with_a_full_handshake_as_often_as_we_like(
		void **state)
{
	(void)state;
	in_each_old_version(five_in_a_row);
}

/* So that the count of tickets above could have come out otherwise. */
static void the_first_handshake_gives_a_ticket_where_nobody_renegotiates(
		void **state)
{
	struct link link;

	(void)state;
	set_up(&link, TLSP_ROLE_SERVER, TLS1_2_VERSION, &trusted);
	assert_int_equal(peer_received[SSL3_MT_NEWSESSION_TICKET], 1);
	tear_down(&link);
	policy.tls_rehandshake_method = TLSP_REHANDSHAKE_RENEGOTIATE;
	set_up(&link, TLSP_ROLE_SERVER, TLS1_2_VERSION, &trusted);
	assert_int_equal(peer_received[SSL3_MT_NEWSESSION_TICKET], 0);
	tear_down(&link);
}

static void data_in_flight(enum tlsp_role role, int version)
{
	struct link link;

	set_up(&link, role, version, &trusted);
	assert_true(ours_writes(&link, "before; "));
	assert_true(writes(link.ends.peer, "one; "));
	assert_true(renegotiate(&link) > 0);
	assert_true(writes(link.ends.peer, "two; "));
	ours_reads(&link);
	ours_reads(&link);
	assert_string_equal(link.ours_got, "one; two; ");
	assert_true(tlsp_rehandshake_holds(link.record));
	pump(&link);
	assert_string_equal(link.peer_got, "before; ");
	assert_int_equal(link.record->handshakes, 2);
	assert_true(talks(&link));
	tear_down(&link);
}

static void what_the_peer_sent_before_its_hello_is_still_read(void **state)
{
	(void)state;
	in_each_old_version(data_in_flight);
}

/* As client OpenSSL would look for ServerHello there. */
static void a_record_that_is_half_read_puts_it_off(int version)
{
	struct link link;
	char octet;

	set_up(&link, TLSP_ROLE_CLIENT, version, &trusted);
	SSL_set_read_ahead(link.ends.ours, 1);
	assert_true(writes(link.ends.peer, "one; ") && writes(link.ends.peer, "2"));
	open_gate();
	assert_int_equal(SSL_read(link.ends.ours, &octet, 1), 1);
	close_gate();
	while(tlsp_rehandshake_must_wait(link.ends.ours, link.record)) {
		assert_int_equal(renegotiate(&link), 0);
		assert_true(strlen(link.ours_got) < strlen("ne; 2"));
		ours_reads(&link);
	}
	assert_string_equal(link.ours_got, "ne; 2");
	assert_true(renegotiate(&link) > 0);
	pump(&link);
	assert_int_equal(link.record->handshakes, 2);
	assert_true(talks(&link));
	tear_down(&link);
}

static void what_is_not_read_yet_puts_it_off_as_client(void **state)
{
	(void)state;
	for(size_t i = 0; i < COUNT(old_versions); i++)
		a_record_that_is_half_read_puts_it_off(old_versions[i]);
}

static void a_second_one_while_one_goes_on_is_impossible(void **state)
{
	struct link link;

	(void)state;
	for(size_t i = 0; i < COUNT(roles); i++) {
		set_up(&link, roles[i], TLS1_2_VERSION, &trusted);
		assert_true(renegotiate(&link) > 0);
		assert_int_equal(renegotiate(&link), 0);
		pump(&link);
		assert_int_equal(link.record->handshakes, 2);
		assert_true(talks(&link));
		tear_down(&link);
	}
}

static void renegotiation_does_not_exist_in_1_3_nor_key_update_in_1_2(
		void **state)
{
	struct link link;

	(void)state;
	for(size_t i = 0; i < COUNT(roles); i++) {
		set_up(&link, roles[i], TLS1_3_VERSION, &trusted);
		assert_int_equal(renegotiate(&link), 0);
		assert_true(talks(&link));
		tear_down(&link);
		set_up(&link, roles[i], TLS1_2_VERSION, &trusted);
		assert_int_equal(key_update(&link, true), 0);
		assert_true(talks(&link));
		tear_down(&link);
	}
}

/* ---- peers that do not go along ---- */

static void peer_declines(enum tlsp_role role, int version)
{
	struct link link;

	set_up(&link, role, version, &trusted);
	SSL_clear_options(link.ends.peer, SSL_OP_ALLOW_CLIENT_RENEGOTIATION);
	SSL_set_options(link.ends.peer, SSL_OP_NO_RENEGOTIATION);
	assert_true(renegotiate(&link) > 0);
	assert_false(link.record->peer_declined);
	pump(&link);
	assert_true(link.record->peer_declined);
	assert_false(gate.refused); /* it is the peer that does not want to */
	assert_int_equal(link.record->handshakes, 1);
	assert_false(talks(&link));
	tear_down(&link);
}

static void a_refusal_is_noticed_and_costs_the_connection(void **state)
{
	(void)state;
	in_each_old_version(peer_declines);
}

static void peer_is_late_for_us_as_server(int version)
{
	struct link link;

	set_up(&link, TLSP_ROLE_SERVER, version, &trusted);
	assert_true(renegotiate(&link) > 0);
	assert_true(writes(link.ends.peer, "busy; "));
	ours_reads(&link);
	assert_string_equal(link.ours_got, "busy; ");
	assert_true(tlsp_rehandshake_give_up(link.record));
	assert_false(tlsp_rehandshake_holds(link.record));
	assert_int_equal(renegotiate(&link), 0); /* the question still stands */
	assert_true(ours_writes(&link, "meanwhile; "));
	pump(&link); /* and now it answers */
	assert_string_equal(link.peer_got, "meanwhile; ");
	assert_int_equal(link.record->rehandshake, TLSP_REHANDSHAKE_NONE);
	assert_int_equal(link.record->handshakes, 2);
	assert_true(talks(&link));
	tear_down(&link);
}

static void as_server_we_can_go_on_without_an_answer_and_take_a_late_one(
		void **state)
{
	(void)state;
	for(size_t i = 0; i < COUNT(old_versions); i++)
		peer_is_late_for_us_as_server(old_versions[i]);
}

static void nobody_gives_up_a_handshake_that_has_begun(void **state)
{
	struct link link;

	(void)state;
	set_up(&link, TLSP_ROLE_CLIENT, TLS1_2_VERSION, &trusted);
	assert_true(renegotiate(&link) > 0);
	assert_false(tlsp_rehandshake_give_up(link.record));
	assert_true(tlsp_rehandshake_holds(link.record));
	tear_down(&link);
	set_up(&link, TLSP_ROLE_SERVER, TLS1_2_VERSION, &trusted);
	assert_true(renegotiate(&link) > 0);
	read_into(link.ends.peer, link.peer_got);
	ours_reads(&link);
	assert_int_equal(link.record->rehandshake, TLSP_REHANDSHAKE_RUNNING);
	assert_false(tlsp_rehandshake_give_up(link.record));
	assert_true(tlsp_rehandshake_holds(link.record));
	tear_down(&link);
}

/* ---- another certificate, or another policy ---- */

/* What the peer shows or policy says when a connection is renegotiated that
 * |trusted| opened. */
struct change_case
{
	const char *label;
	bool as_client;		   /* can it happen there? */
	const char *parameter; /* that is set before; or NULL */
	int value;
	bool proxies; /* the list has only another name now */
	bool shows_nothing;
	const struct identity *shows; /* NULL: as before */
	bool accepted;
	unsigned alert;
	const char *why; /* in the sentence of the refusal */
};

static const char *const other_name[] = {"other.example.com"};

static const struct change_case change_cases[] = {
		{"nothing has changed", true, NULL, 0, false, false, NULL, true, 0,
				NULL},
		{"the certificate of another proxy", true, NULL, 0, false, false,
				&other, true, 0, NULL},
		{"the certificate of a stranger", true, NULL, 0, false, false,
				&stranger, false, SSL_AD_BAD_CERTIFICATE,
				"certificate-host-mismatch"},
		{"the name of a proxy by a foreign CA", true, NULL, 0, false, false,
				&foreign, false, SSL_AD_UNKNOWN_CA, "certificate-not-trusted"},
		{"no certificate where one is required", false, NULL, 0, false, true,
				NULL, false, SSL_AD_HANDSHAKE_FAILURE, "no-certificate"},
		{"the proxy was taken from the list", true, NULL, 0, true, false, NULL,
				false, SSL_AD_BAD_CERTIFICATE, "certificate-host-mismatch"},
		{"taken from the list, with the certificate of one that is on it", true,
				NULL, 0, true, false, &other, true, 0, NULL},
		{"a stranger, and names do not matter any more", true,
				"peer_host_name_verification_mode", 0, false, false, &stranger,
				true, 0, NULL},
		{"the version is forbidden now", true, "tls_version", 8, false, false,
				NULL, false, 0, "forbids the version"},
		{"the version is allowed by name now", true, "tls_version", 7, false,
				false, NULL, true, 0, NULL},
};

static bool change_case_holds(
		const struct change_case *row, enum tlsp_role role, int version)
{
	struct tlsp_proxies *fewer = make_proxies(other_name, 1);
	const struct tlsp_proxies *before = terms.proxies;
	struct link link;
	char value[16], error[256];
	bool accepted, holds;

	setup_strict(NULL);
	set_up(&link, role, version, &trusted);
	if(row->parameter) {
		snprintf(value, sizeof(value), "%d", row->value);
		assert_true(tlsp_parameters_set(
				&policy, row->parameter, value, error, sizeof(error)));
	}
	if(row->proxies)
		terms.proxies = fewer;
	terms.generation++;
	if(row->shows || row->shows_nothing)
		peer_shows(&link, row->shows);
	assert_true(renegotiate(&link) > 0);
	pump(&link);
	accepted = talks(&link);
	holds = accepted == row->accepted && gate.refused == !row->accepted
			&& last_alert == row->alert
			&& (!row->why || strstr(gate.refusal.why, row->why))
			&& (accepted || !ours_writes(&link, "leak"))
			&& link.record->handshakes == (accepted ? 2U : 1U);
	if(!holds)
		print_message("%s, as %s, %x: %s, alert %u, %s\n", row->label,
				role == TLSP_ROLE_SERVER ? "server" : "client", version,
				accepted ? "accepted" : "refused", last_alert,
				gate.refusal.why);
	terms.proxies = before;
	free(fewer);
	tear_down(&link);
	return holds;
}

static void a_renegotiation_is_judged_by_the_policy_of_now(void **state)
{
	unsigned failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(change_cases); i++)
		for(size_t j = 0; j < COUNT(roles); j++)
			for(size_t k = 0; k < COUNT(old_versions); k++)
				if(roles[j] == TLSP_ROLE_SERVER || change_cases[i].as_client)
					failures += !change_case_holds(
							&change_cases[i], roles[j], old_versions[k]);
	assert_int_equal(failures, 0);
}

static void a_certificate_that_is_required_now_is_asked_for(void **state)
{
	const struct identity *const shown[] = {NULL, &trusted};
	struct link link;

	(void)state;
	for(size_t i = 0; i < COUNT(shown); i++) {
		setup_policy(NULL);
		set_up(&link, TLSP_ROLE_SERVER, TLS1_2_VERSION, shown[i]);
		assert_int_equal(peer_sent[SSL3_MT_CERTIFICATE], 0);
		policy.sips_require_client_certificate = 1;
		terms.generation++;
		assert_true(renegotiate(&link) > 0);
		pump(&link);
		assert_int_equal(talks(&link), shown[i] != NULL);
		assert_int_equal(last_alert, shown[i] ? 0 : SSL_AD_HANDSHAKE_FAILURE);
		tear_down(&link);
	}
}

static void a_domain_that_asks_only_once_asks_again(void **state)
{
	struct link link;

	(void)state;
	prepare(&link, TLSP_ROLE_SERVER, TLS1_2_VERSION, &trusted);
	SSL_CTX_set_verify(
			link.ours, SSL_VERIFY_PEER | SSL_VERIFY_CLIENT_ONCE, NULL);
	establish(&link);
	peer_shows(&link, &stranger);
	assert_true(renegotiate(&link) > 0);
	pump(&link);
	assert_int_equal(last_alert, SSL_AD_BAD_CERTIFICATE);
	assert_false(talks(&link));
	tear_down(&link);
}

/* ---- renegotiation that the peer starts ---- */

struct peer_case
{
	const char *label;
	int accept;
	const char *peers;
	bool after_ours; /* we have renegotiated with it before */
	const struct identity *shows;
	bool accepted;
};

static const struct peer_case peer_cases[] = {
		{"not allowed, not named", 0, "", false, &trusted, false},
		{"not allowed, named", 0, "trusted.example.com", false, &trusted,
				false},
		{"allowed, not named", 1, "other.example.com", false, &trusted, false},
		{"allowed and named", 1, "trusted.example.com", false, &trusted, true},
		{"not allowed, after one of ours", 0, "trusted.example.com", true,
				&trusted, false},
		{"allowed, not named, after one of ours", 1, "other.example.com", true,
				&trusted, false},
		{"allowed and named, after one of ours", 1, "trusted.example.com", true,
				&trusted, true},
		{"allowed and named, but shows a stranger's certificate", 1,
				"trusted.example.com", false, &stranger, false},
};

static bool peer_case_holds(
		const struct peer_case *row, enum tlsp_role role, int version)
{
	struct link link;
	unsigned before;
	bool accepted, holds;

	setup_strict(NULL);
	policy.tls_rehandshake_accept = row->accept;
	strcpy(policy.tls_rehandshake_peers, row->peers);
	set_up(&link, role, version, &trusted);
	if(row->after_ours) {
		assert_true(renegotiate(&link) > 0);
		pump(&link);
	}
	before = link.record->handshakes;
	peer_shows(&link, row->shows);
	peer_starts(&link);
	pump(&link);
	accepted = talks(&link) && link.record->handshakes == before + 1;
	holds = accepted == row->accepted
			&& tlsp_handshake_passes(link.ends.ours) == row->accepted;
	if(!holds)
		print_message("%s, as %s, %x: %s, %u handshakes, alert %u, %s\n",
				row->label, role == TLSP_ROLE_SERVER ? "server" : "client",
				version, accepted ? "accepted" : "refused",
				link.record->handshakes - before, last_alert,
				gate.refused ? gate.refusal.why : "");
	tear_down(&link);
	return holds;
}

static void a_peer_may_renegotiate_only_where_allowed_and_named(void **state)
{
	unsigned failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(peer_cases); i++)
		for(size_t j = 0; j < COUNT(roles); j++)
			for(size_t k = 0; k < COUNT(old_versions); k++)
				failures += !peer_case_holds(
						&peer_cases[i], roles[j], old_versions[k]);
	assert_int_equal(failures, 0);
}

/* ---- TLS 1.3 ---- */

static void keys_change_in_both_directions(void **state)
{
	struct link link;

	(void)state;
	for(size_t i = 0; i < COUNT(roles); i++) {
		set_up(&link, roles[i], TLS1_3_VERSION, &trusted);
		for(unsigned n = 1; n <= 30; n++) {
			assert_true(key_update(&link, false) > 0);
			assert_false(tlsp_rehandshake_holds(link.record));
			assert_true(talks(&link)); /* the peer wrote before it read */
			assert_int_equal(peer_received[SSL3_MT_KEY_UPDATE], n);
			assert_int_equal(peer_sent[SSL3_MT_KEY_UPDATE], n - 1);
			assert_true(talks(&link));
			assert_int_equal(peer_sent[SSL3_MT_KEY_UPDATE], n);
		}
		assert_int_equal(link.record->handshakes, 1);
		tear_down(&link);
	}
}

static void a_key_update_that_the_peer_starts_is_taken(void **state)
{
	struct link link;

	(void)state;
	for(size_t i = 0; i < COUNT(roles); i++) {
		set_up(&link, roles[i], TLS1_3_VERSION, &trusted);
		assert_true(SSL_key_update(link.ends.peer, SSL_KEY_UPDATE_REQUESTED));
		assert_true(talks(&link));
		assert_int_equal(peer_sent[SSL3_MT_KEY_UPDATE], 1);
		assert_true(talks(&link));
		assert_int_equal(peer_received[SSL3_MT_KEY_UPDATE], 1);
		assert_int_equal(link.record->handshakes, 1);
		assert_false(gate.refused);
		tear_down(&link);
	}
}

struct authentication_case
{
	const char *label;
	bool offered, asks;
	bool shows_nothing;
	const struct identity *shows; /* NULL: as before */
	bool proxies;				  /* the list has only another name now */
	unsigned requests;
	bool accepted;
	unsigned alert;
};

static const struct authentication_case authentication_cases[] = {
		{"offered and asked for", true, true, false, NULL, false, 1, true, 0},
		{"offered, not asked for", true, false, false, NULL, false, 0, true, 0},
		{"not offered", false, true, false, NULL, false, 0, true, 0},
		{"the certificate of another proxy", true, true, false, &other, false,
				1, true, 0},
		{"the certificate of a stranger", true, true, false, &stranger, false,
				1, false, SSL_AD_BAD_CERTIFICATE},
		{"the name of a proxy by a foreign CA", true, true, false, &foreign,
				false, 1, false, SSL_AD_UNKNOWN_CA},
		{"no certificate", true, true, true, NULL, false, 1, false,
				SSL_AD_CERTIFICATE_REQUIRED},
		{"the proxy was taken from the list", true, true, false, NULL, true, 1,
				false, SSL_AD_BAD_CERTIFICATE},
};

static bool authentication_case_holds(const struct authentication_case *row)
{
	struct tlsp_proxies *fewer = make_proxies(other_name, 1);
	const struct tlsp_proxies *before = terms.proxies;
	struct link link;
	bool accepted, holds;

	setup_strict(NULL);
	prepare(&link, TLSP_ROLE_SERVER, TLS1_3_VERSION, &trusted);
	new_pair(&link.ends, link.ours, link.peer, link.role);
	SSL_set_msg_callback(link.ends.peer, count_message);
	SSL_set_post_handshake_auth(link.ends.peer, row->offered);
	link.record = tlsp_handshake_record(link.ends.ours);
	assert_true(shake_hands(&link.ends));
	forget_messages();
	if(row->shows || row->shows_nothing)
		peer_shows(&link, row->shows);
	if(row->proxies)
		terms.proxies = fewer;
	terms.generation++;
	assert_true(key_update(&link, row->asks) > 0);
	pump(&link);
	accepted = talks(&link);
	/* It is asked for once in the life of a connection. */
	holds = (!accepted || (key_update(&link, row->asks) > 0 && talks(&link)))
			&& accepted == row->accepted && gate.refused == !row->accepted
			&& last_alert == row->alert
			&& peer_received[SSL3_MT_CERTIFICATE_REQUEST] == row->requests
			&& link.record->handshakes == 1U + (row->requests && accepted);
	if(!holds)
		print_message("%s: %s, %u requests, %u handshakes, alert %u, %s\n",
				row->label, accepted ? "accepted" : "refused",
				peer_received[SSL3_MT_CERTIFICATE_REQUEST],
				link.record->handshakes, last_alert,
				gate.refused ? gate.refusal.why : "");
	terms.proxies = before;
	free(fewer);
	tear_down(&link);
	return holds;
}

static void post_handshake_authentication_is_judged_as_a_first_one(void **state)
{
	unsigned failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(authentication_cases); i++)
		failures += !authentication_case_holds(&authentication_cases[i]);
	assert_int_equal(failures, 0);
}

/* Names only: a certificate is asked for, and its absence accepted; until it
 * is required. */
static void post_handshake_authentication_obeys_a_change(void **state)
{
	struct link link;

	(void)state;
	policy.peer_host_name_verification_mode = TLSP_VERIFY_NAMES_SERVER;
	set_up(&link, TLSP_ROLE_SERVER, TLS1_3_VERSION, &trusted);
	policy.sips_require_client_certificate = 1;
	terms.generation++;
	peer_shows(&link, NULL);
	open_gate();
	assert_true(tlsp_judgement_again(
			link.ends.ours, link.record, SSL_get_SSL_CTX(link.ends.ours)));
	close_gate();
	assert_true(key_update(&link, true) > 0);
	pump(&link);
	assert_false(talks(&link));
	assert_true(gate.refused);
	tear_down(&link);
}

/* ---- the verdict of now ---- */

static bool judged_again(struct link *link, SSL_CTX *trust)
{
	bool accepted;

	ERR_clear_error();
	gate.refused = false;
	open_gate();
	accepted = tlsp_judgement_again(
			link->ends.ours, link->record, trust ? trust : link->ours);
	close_gate();
	assert_int_equal(accepted, tlsp_handshake_passes(link->ends.ours));
	assert_int_equal(accepted, !gate.refused);
	assert_int_equal(ERR_peek_error(), 0); /* nothing for others to find */
	return accepted;
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
	assert_false(tlsp_handshake_passes(link.ends.ours)); /* it stays so */
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

static void without_a_certificate_policy_decides(void **state)
{
	struct link link;

	(void)state;
	set_up(&link, TLSP_ROLE_SERVER, TLS1_2_VERSION, NULL);
	assert_true(judged_again(&link, NULL));
	policy.peer_host_name_verification_mode = TLSP_VERIFY_NAMES_SERVER;
	terms.generation++;
	assert_true(judged_again(&link, NULL)); /* absence is accepted */
	policy.sips_require_client_certificate = 1;
	terms.generation++;
	assert_false(judged_again(&link, NULL));
	assert_non_null(strstr(gate.refusal.why, "no-certificate"));
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
	link->record = tlsp_handshake_record(link->ends.ours);
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
	make_identity_for(&brief, "peer", "DNS:trusted.example.com", &ca, 3);
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
			assert_true(judged_again(&link, NULL));
			read_into(link.ends.peer, link.peer_got);
			assert_true(judged_again(&link, NULL));
			ours_reads(&link);
		}
		assert_int_equal(link.record->handshakes, 2);
		assert_true(judged_again(&link, NULL));
		assert_true(talks(&link));
		tear_down(&link);
	}
}

/* ---- the end ---- */

static void close_notify_is_made_once(void **state)
{
	const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
	unsigned char octets[TLSP_REHANDSHAKE_MAX_OCTETS];
	struct link link;
	char octet;
	size_t made;

	(void)state;
	for(size_t v = 0; v < COUNT(versions); v++)
		for(size_t r = 0; r < COUNT(roles); r++) {
			set_up(&link, roles[r], versions[v], &trusted);
			made = tlsp_rehandshake_close(link.ends.ours, octets);
			assert_true(made > 0);
			send_made(&link, octets, made);
			assert_int_equal(tlsp_rehandshake_close(link.ends.ours, octets), 0);
			assert_int_equal(SSL_read(link.ends.peer, &octet, 1), 0);
			assert_int_equal(
					SSL_get_error(link.ends.peer, 0), SSL_ERROR_ZERO_RETURN);
			tear_down(&link);
		}
}

static void a_refused_peer_gets_close_notify_and_nothing_else(void **state)
{
	SSL_CTX *none = SSL_CTX_new(TLS_method());
	unsigned char octets[TLSP_REHANDSHAKE_MAX_OCTETS];
	struct link link;

	(void)state;
	set_up(&link, TLSP_ROLE_SERVER, TLS1_2_VERSION, &trusted);
	assert_false(judged_again(&link, none));
	assert_int_equal(renegotiate(&link), 0);
	assert_true(tlsp_rehandshake_close(link.ends.ours, octets) > 0);
	tear_down(&link);
	set_up(&link, TLSP_ROLE_SERVER, TLS1_3_VERSION, &trusted);
	assert_false(judged_again(&link, none));
	assert_int_equal(key_update(&link, true), 0);
	assert_true(tlsp_rehandshake_close(link.ends.ours, octets) > 0);
	tear_down(&link);
	SSL_CTX_free(none);
}

int main(void)
{
	/* clang-format off */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(we_renegotiate_with_a_full_handshake_as_often_as_we_like, setup_strict),
		cmocka_unit_test_setup(the_first_handshake_gives_a_ticket_where_nobody_renegotiates, setup_strict),
		cmocka_unit_test_setup(what_the_peer_sent_before_its_hello_is_still_read, setup_strict),
		cmocka_unit_test_setup(what_is_not_read_yet_puts_it_off_as_client, setup_strict),
		cmocka_unit_test_setup(a_second_one_while_one_goes_on_is_impossible, setup_strict),
		cmocka_unit_test_setup(renegotiation_does_not_exist_in_1_3_nor_key_update_in_1_2, setup_strict),
		cmocka_unit_test_setup(a_refusal_is_noticed_and_costs_the_connection, setup_strict),
		cmocka_unit_test_setup(as_server_we_can_go_on_without_an_answer_and_take_a_late_one, setup_strict),
		cmocka_unit_test_setup(nobody_gives_up_a_handshake_that_has_begun, setup_strict),
		cmocka_unit_test_setup(a_renegotiation_is_judged_by_the_policy_of_now, setup_strict),
		cmocka_unit_test_setup(a_certificate_that_is_required_now_is_asked_for, setup_strict),
		cmocka_unit_test_setup(a_domain_that_asks_only_once_asks_again, setup_strict),
		cmocka_unit_test_setup(a_peer_may_renegotiate_only_where_allowed_and_named, setup_strict),
		cmocka_unit_test_setup(keys_change_in_both_directions, setup_strict),
		cmocka_unit_test_setup(a_key_update_that_the_peer_starts_is_taken, setup_strict),
		cmocka_unit_test_setup(post_handshake_authentication_is_judged_as_a_first_one, setup_strict),
		cmocka_unit_test_setup(post_handshake_authentication_obeys_a_change, setup_policy),
		cmocka_unit_test_setup(an_open_connection_is_held_against_names_anchors_and_crls, setup_strict),
		cmocka_unit_test_setup(without_a_certificate_policy_decides, setup_policy),
		cmocka_unit_test_setup(a_policy_that_does_not_ask_does_not_judge_until_it_does, setup_policy),
		cmocka_unit_test_setup(an_expired_certificate_ends_an_open_connection, setup_strict),
		cmocka_unit_test_setup(of_a_resumed_session_names_and_dates_are_judged, setup_strict),
		cmocka_unit_test_setup(a_resumed_connection_renegotiates_in_full, setup_strict),
		cmocka_unit_test_setup(in_the_middle_of_a_renegotiation_nobody_is_judged, setup_strict),
		cmocka_unit_test_setup(close_notify_is_made_once, setup_strict),
		cmocka_unit_test_setup(a_refused_peer_gets_close_notify_and_nothing_else, setup_strict),
	};
	/* clang-format on */

	return cmocka_run_group_tests(tests, make_ends, free_ends);
}
