/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * key_update_test - re-handshakes of TLS 1.3 (tls_link.h): KeyUpdate in both
 * directions and post-handshake authentication; and close_notify.
 */
#include <stdlib.h>
#include <string.h>

#include "openssl/judgement.h"
#include "tls_link.h"

static const char *const other_name[] = {"other.example.com"};

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

/* Until nothing passes any more, at most |most|; how many it were. */
static unsigned flooded_by(struct link *link, unsigned most)
{
	unsigned sent = 0;

	while(sent < most && tlsp_record_passes(tlsp_record_of(link->ends.ours))) {
		assert_true(SSL_key_update(link->ends.peer, SSL_KEY_UPDATE_REQUESTED));
		assert_true(writes(link->ends.peer, "BYE"));
		link->ours_got[0] = link->peer_got[0] = '\0';
		pump(link);
		sent++;
	}
	return sent;
}

static void a_flood_of_key_updates_is_refused(void **state)
{
	struct link link;
	unsigned sent;

	(void)state;
	for(size_t i = 0; i < COUNT(roles); i++) {
		set_up(&link, roles[i], TLS1_3_VERSION, &trusted);
		assert_int_equal(flooded_by(&link, 60), 60); /* one a second */
		sent = flooded_by(&link, 1000);
		assert_true(sent > 1 && sent < TLSP_REHANDSHAKE_HEARD_MAX);
		assert_true(gate.refused);
		assert_string_equal(gate.refusal.why,
				"refused: handshake-failed: too many KeyUpdates in a minute");
		assert_false(talks(&link));
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
				1, false, SSL_AD_BAD_CERTIFICATE},
		{"another certificate of the same proxy", true, true, false, &renewed,
				false, 1, true, 0},
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
	link.offers_authentication = row->offered;
	establish(&link);
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
	assert_int_equal(tlsp_judgement_again(link.ends.ours, link.record),
			TLSP_AGAIN_ACCEPTED);
	close_gate();
	assert_true(key_update(&link, true) > 0);
	pump(&link);
	assert_false(talks(&link));
	assert_true(gate.refused);
	tear_down(&link);
}

/* 400 trust anchors that the client may choose from: more than a record holds. */
static void a_certificate_request_of_any_size_is_sent(void **state)
{
	STACK_OF(X509_NAME) *names = sk_X509_NAME_new_null();
	struct link link;
	size_t made;

	(void)state;
	for(int i = 0; i < 400; i++) {
		X509_NAME *name = X509_NAME_new();
		char text[64];

		snprintf(text, sizeof(text),
				"a certification authority with a long name, number %d", i);
		X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_ASC,
				(const unsigned char *)text, -1, -1, 0);
		sk_X509_NAME_push(names, name);
	}
	prepare(&link, TLSP_ROLE_SERVER, TLS1_3_VERSION, &trusted);
	link.offers_authentication = true;
	establish(&link);
	forget_messages();
	SSL_set0_CA_list(link.ends.ours, names);
	made = key_update(&link, true);
	assert_true(made > 16384);
	pump(&link);
	assert_true(talks(&link));
	assert_int_equal(peer_received[SSL3_MT_CERTIFICATE_REQUEST], 1);
	assert_int_equal(link.record->handshakes, 2);
	tear_down(&link);
}

static void close_notify_is_made_once(void **state)
{
	const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
	const unsigned char *octets;
	struct link link;
	char octet;
	size_t made;

	(void)state;
	for(size_t v = 0; v < COUNT(versions); v++)
		for(size_t r = 0; r < COUNT(roles); r++) {
			set_up(&link, roles[r], versions[v], &trusted);
			made = tlsp_rehandshake_close(link.ends.ours, &octets);
			assert_true(made > 0);
			send_made(&link, octets, made);
			assert_int_equal(
					tlsp_rehandshake_close(link.ends.ours, &octets), 0);
			assert_int_equal(SSL_read(link.ends.peer, &octet, 1), 0);
			assert_int_equal(
					SSL_get_error(link.ends.peer, 0), SSL_ERROR_ZERO_RETURN);
			tear_down(&link);
		}
}

int main(void)
{
	/* clang-format off */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(keys_change_in_both_directions, setup_strict),
		cmocka_unit_test_setup(a_key_update_that_the_peer_starts_is_taken, setup_strict),
		cmocka_unit_test_setup(a_flood_of_key_updates_is_refused, setup_strict),
		cmocka_unit_test_setup(post_handshake_authentication_is_judged_as_a_first_one, setup_strict),
		cmocka_unit_test_setup(post_handshake_authentication_obeys_a_change, setup_policy),
		cmocka_unit_test_setup(a_certificate_request_of_any_size_is_sent, setup_strict),
		cmocka_unit_test_setup(close_notify_is_made_once, setup_strict),
	};
	/* clang-format on */

	return cmocka_run_group_tests(tests, make_ends, free_ends);
}
