/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rehandshake_test - renegotiation up to TLS 1.2 (tls_link.h): what we start and
 * what the peer starts, in both roles and every version.
 */
#include <stdlib.h>
#include <string.h>

#include "tls_link.h"

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
		assert_int_equal(link.record->renegotiation,
				role == TLSP_ROLE_SERVER ? TLSP_RENEGOTIATION_ASKED
										 : TLSP_RENEGOTIATION_RUNNING);
		assert_int_equal(link.record->handshakes, i + 1);
		pump(&link);
		assert_false(tlsp_rehandshake_holds(link.record));
		assert_int_equal(link.record->renegotiation, TLSP_RENEGOTIATION_NONE);
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
	policy.session_tickets = TLSP_TICKETS_SHARED;
	set_up(&link, TLSP_ROLE_SERVER, TLS1_2_VERSION, &trusted);
	assert_int_equal(peer_received[SSL3_MT_NEWSESSION_TICKET], 1);
	tear_down(&link);
	policy.tls_rehandshake_method = TLSP_METHOD_RENEGOTIATE;
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

/* OpenSSL would look for ServerHello there as client, and put HelloRequest off
 * as server. */
static void an_unread_record_puts_it_off(enum tlsp_role role, int version)
{
	struct link link;
	char octet;

	set_up(&link, role, version, &trusted);
	SSL_set_read_ahead(link.ends.ours, 1);
	assert_true(writes(link.ends.peer, "one; ") && writes(link.ends.peer, "2"));
	open_gate();
	assert_int_equal(SSL_read(link.ends.ours, &octet, 1), 1);
	close_gate();
	while(tlsp_rehandshake_must_wait(link.ends.ours)) {
		assert_int_equal(renegotiate(&link), 0);
		assert_int_equal(link.record->renegotiation, TLSP_RENEGOTIATION_NONE);
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

enum
{
	LEAST_RECORD_OCTETS = 30 /* no sealed record is shorter */
};

/* |octets| of the peer's next record were read, the rest is still on its way. */
static void renegotiate_in_a_record(
		enum tlsp_role role, int version, size_t octets)
{
	struct link link;
	char record[TEXT_OCTETS];
	BIO *wire, *in;
	int all;

	set_up(&link, role, version, &trusted);
	wire = cut_wire(&link.ends);
	in = SSL_get_rbio(link.ends.ours);
	assert_true(writes(link.ends.peer, "a request"));
	all = BIO_read(wire, record, sizeof(record));
	assert_true(all >= LEAST_RECORD_OCTETS);
	BIO_write(in, record, (int)octets);
	ours_reads(&link);
	if(tlsp_rehandshake_must_wait(link.ends.ours)) {
		assert_int_equal(renegotiate(&link), 0);
		assert_int_equal(link.record->renegotiation, TLSP_RENEGOTIATION_NONE);
		assert_true(ours_writes(&link, "meanwhile"));
		BIO_write(in, record + octets, all - (int)octets);
		ours_reads(&link);
		assert_string_equal(link.ours_got, "a request");
		assert_true(renegotiate(&link) > 0);
	} else {
		/* a head alone is in nobody's way */
		assert_int_equal(octets, SSL3_RT_HEADER_LENGTH);
		assert_true(ours_writes(&link, "meanwhile"));
		assert_true(renegotiate(&link) > 0);
		BIO_write(in, record + octets, all - (int)octets);
	}
	for(int i = 0; i < ROUNDS; i++) {
		read_into(link.ends.peer, link.peer_got);
		do
			ours_reads(&link);
		while(feed_record(&link.ends, wire));
	}
	assert_string_equal(link.ours_got, "a request");
	assert_string_equal(link.peer_got, "meanwhile");
	assert_int_equal(link.record->handshakes, 2);
	assert_true(tlsp_record_passes(tlsp_record_of(link.ends.ours)));
	tear_down(&link);
}

static void half_a_record_puts_it_off(enum tlsp_role role, int version)
{
	for(size_t octets = 1; octets < LEAST_RECORD_OCTETS; octets++)
		renegotiate_in_a_record(role, version, octets);
}

static void what_is_not_read_yet_puts_it_off(void **state)
{
	(void)state;
	in_each_old_version(an_unread_record_puts_it_off);
	in_each_old_version(half_a_record_puts_it_off);
}

/* OpenSSL puts its Hello off, too, while a record of ours is not written: then
 * nobody knows when it will be sent. */
static void one_that_begins_unseen_is_refused(enum tlsp_role role, int version)
{
	static const char block[1 << 14];
	struct link link;
	size_t octets;

	set_up(&link, role, version, &trusted);
	open_gate();
	while(SSL_write_ex(link.ends.ours, block, sizeof(block), &octets))
		;
	close_gate();
	assert_true(SSL_want_write(link.ends.ours));
	assert_false(tlsp_rehandshake_must_wait(link.ends.ours));
	assert_int_equal(renegotiate(&link), 0);
	assert_true(gate.refused);
	assert_non_null(strstr(gate.refusal.why, "after it had begun"));
	assert_false(tlsp_record_passes(tlsp_record_of(link.ends.ours)));
	tear_down(&link);
}

static void what_is_not_written_yet_costs_the_connection(void **state)
{
	(void)state;
	in_each_old_version(one_that_begins_unseen_is_refused);
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
	assert_int_equal(link.record->renegotiation, TLSP_RENEGOTIATION_NONE);
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
	assert_int_equal(link.record->renegotiation, TLSP_RENEGOTIATION_RUNNING);
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
		{"another certificate of the same proxy", true, NULL, 0, false, false,
				&renewed, true, 0, NULL},
		{"the certificate of another proxy", true, NULL, 0, false, false,
				&other, false, SSL_AD_BAD_CERTIFICATE, "peer-identity-changed"},
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
				NULL, 0, true, false, &other, false, SSL_AD_BAD_CERTIFICATE,
				"peer-identity-changed"},
		{"a stranger, and names do not matter any more", true,
				"peer_host_name_verification_mode", 0, false, false, &stranger,
				false, SSL_AD_BAD_CERTIFICATE, "peer-identity-changed"},
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

/* ---- no session is resumed ---- */

/* What forbids it to OpenSSL is taken away in the middle of the ClientHello. */
static SSL_CTX *allow_resumption(SSL *ssl, const char *server_name)
{
	(void)server_name;
	SSL_clear_options(ssl,
			SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION | SSL_OP_NO_TICKET);
	return NULL;
}

/* By its ticket, or by its id. An OpenSSL that is asked to renegotiate offers
 * its session. */
static void a_session_is_not_resumed_in_a_renegotiation(void **state)
{
	static const struct
	{
		bool ticket, allowed, refused;
	} ways[] = {{false, false, false}, {true, false, false},
			{true, true, false}, {false, true, true}};

	(void)state;
	policy.session_tickets = TLSP_TICKETS_SHARED;
	for(size_t i = 0; i < COUNT(ways); i++) {
		struct link link;

		prepare(&link, TLSP_ROLE_SERVER, TLS1_2_VERSION, &trusted);
		if(!ways[i].ticket)
			SSL_CTX_set_options(link.peer, SSL_OP_NO_TICKET);
		establish(&link);
		gate.context_for = ways[i].allowed ? allow_resumption : NULL;
		assert_true(renegotiate(&link) > 0);
		pump(&link);
		gate.context_for = NULL;
		assert_int_equal(gate.refused, ways[i].refused);
		assert_int_equal(talks(&link), !ways[i].refused);
		assert_int_equal(link.record->handshakes, ways[i].refused ? 1 : 2);
		assert_int_equal(SSL_session_reused(link.ends.ours), ways[i].refused);
		assert_true(!ways[i].refused
					|| strstr(gate.refusal.why, "a session was resumed"));
		tear_down(&link);
	}
}

static void without_extended_master_secret_nothing_is_renegotiated(void **state)
{
	struct link link;

	(void)state;
	for(size_t i = 0; i < COUNT(roles); i++)
		for(size_t j = 0; j < COUNT(old_versions); j++) {
			prepare(&link, roles[i], old_versions[j], &trusted);
			SSL_CTX_set_options(link.peer, SSL_OP_NO_EXTENDED_MASTER_SECRET);
			establish(&link);
			assert_int_equal(renegotiate(&link), 0);
			assert_true(talks(&link));
			tear_down(&link);
		}
}

/* ---- renegotiation that the peer starts ---- */

struct peer_case
{
	const char *label;
	const char *named; /* tls_rehandshake_peers */
	bool after_ours;   /* we have renegotiated with it before */
	const struct identity *shows;
};

static const struct peer_case peer_cases[] = {
		{"not named", "", false, &trusted},
		{"named", "trusted.example.com", false, &trusted},
		{"named, after one of ours", "trusted.example.com", true, &trusted},
		{"a stranger's certificate", "", false, &stranger},
};

static bool peer_case_holds(
		const struct peer_case *row, enum tlsp_role role, int version)
{
	struct link link;
	unsigned before;
	bool refused;

	setup_strict(NULL);
	strcpy(policy.tls_rehandshake_peers, row->named);
	set_up(&link, role, version, &trusted);
	if(row->after_ours) {
		assert_true(renegotiate(&link) > 0);
		pump(&link);
	}
	before = link.record->handshakes;
	peer_shows(&link, row->shows);
	peer_starts(&link);
	pump(&link);
	refused = !talks(&link) && link.record->handshakes == before;
	if(!refused)
		print_message("%s, as %s, %x: taken\n", row->label,
				role == TLSP_ROLE_SERVER ? "server" : "client", version);
	tear_down(&link);
	return refused;
}

static void a_renegotiation_of_the_peers_is_taken_from_nobody(void **state)
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

int main(void)
{
	/* clang-format off */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(we_renegotiate_with_a_full_handshake_as_often_as_we_like, setup_strict),
		cmocka_unit_test_setup(the_first_handshake_gives_a_ticket_where_nobody_renegotiates, setup_strict),
		cmocka_unit_test_setup(what_the_peer_sent_before_its_hello_is_still_read, setup_strict),
		cmocka_unit_test_setup(what_is_not_read_yet_puts_it_off, setup_strict),
		cmocka_unit_test_setup(what_is_not_written_yet_costs_the_connection, setup_strict),
		cmocka_unit_test_setup(a_second_one_while_one_goes_on_is_impossible, setup_strict),
		cmocka_unit_test_setup(renegotiation_does_not_exist_in_1_3_nor_key_update_in_1_2, setup_strict),
		cmocka_unit_test_setup(a_refusal_is_noticed_and_costs_the_connection, setup_strict),
		cmocka_unit_test_setup(as_server_we_can_go_on_without_an_answer_and_take_a_late_one, setup_strict),
		cmocka_unit_test_setup(nobody_gives_up_a_handshake_that_has_begun, setup_strict),
		cmocka_unit_test_setup(a_renegotiation_is_judged_by_the_policy_of_now, setup_strict),
		cmocka_unit_test_setup(a_certificate_that_is_required_now_is_asked_for, setup_strict),
		cmocka_unit_test_setup(a_domain_that_asks_only_once_asks_again, setup_strict),
		cmocka_unit_test_setup(a_session_is_not_resumed_in_a_renegotiation, setup_strict),
		cmocka_unit_test_setup(without_extended_master_secret_nothing_is_renegotiated, setup_strict),
		cmocka_unit_test_setup(a_renegotiation_of_the_peers_is_taken_from_nobody, setup_strict),
	};
	/* clang-format on */

	return cmocka_run_group_tests(tests, make_ends, free_ends);
}
