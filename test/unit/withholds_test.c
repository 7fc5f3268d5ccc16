/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * withholds_test - record by record through the handshakes of an established
 * connection (tls_link.h): from the peer's first message to its Finished clear
 * text waits, and so does whoever would judge the peer.
 */
#include <string.h>

#include "openssl/judgement.h"
#include "tls_link.h"

enum
{
	SHORTEST_FRAGMENT_OCTETS = 512 /* that OpenSSL sends */
};

/* Handshake messages that our end has read, by type. */
static unsigned read_messages[256];

static void count_read(int written, int version, int content_type,
		const void *buffer, size_t octets, SSL *ssl, void *unused)
{
	(void)version, (void)ssl, (void)unused;
	if(!written && content_type == SSL3_RT_HANDSHAKE && octets > 0)
		read_messages[*(const unsigned char *)buffer]++;
}

/* A handshake that we ask for, on what began with |shown|. */
struct row
{
	const char *label;
	enum tlsp_role role;
	int version;
	int first; /* message of the peer */
	const struct identity *shows;
	bool accepted;
};

static const struct row rows[] = {
		{"renegotiation as server", TLSP_ROLE_SERVER, TLS1_2_VERSION,
				SSL3_MT_CLIENT_HELLO, &trusted, true},
		{"renegotiation as client", TLSP_ROLE_CLIENT, TLS1_2_VERSION,
				SSL3_MT_SERVER_HELLO, &trusted, true},
		{"post-handshake authentication", TLSP_ROLE_SERVER, TLS1_3_VERSION,
				SSL3_MT_CERTIFICATE, &trusted, true},
		{"renegotiation as server, another peer", TLSP_ROLE_SERVER,
				TLS1_2_VERSION, SSL3_MT_CLIENT_HELLO, &other, false},
		{"renegotiation as client, another peer", TLSP_ROLE_CLIENT,
				TLS1_2_VERSION, SSL3_MT_SERVER_HELLO, &other, false},
		{"authentication of another peer", TLSP_ROLE_SERVER, TLS1_3_VERSION,
				SSL3_MT_CERTIFICATE, &other, false},
};

static bool begun(const struct row *row)
{
	return read_messages[row->first] > 0
		   || (row->first == SSL3_MT_CERTIFICATE
				   && read_messages[COMPRESSED_CERTIFICATE] > 0);
}

static bool running(const struct row *row)
{
	return begun(row) && read_messages[SSL3_MT_FINISHED] == 0;
}

/* An open post-handshake authentication is waited for from the question on. */
static bool waited_for(const struct row *row)
{
	if(row->version == TLS1_3_VERSION)
		return read_messages[SSL3_MT_FINISHED] == 0;
	return row->role == TLSP_ROLE_CLIENT ? read_messages[SSL3_MT_FINISHED] == 0
										 : running(row);
}

static void check(const struct row *row, struct link *link)
{
	enum tlsp_again again;

	if(!tlsp_record_passes(tlsp_record_of(link->ends.ours))) {
		assert_false(row->accepted);
		assert_false(tlsp_rehandshake_withholds(link->ends.ours, link->record));
		return;
	}
	if(tlsp_rehandshake_withholds(link->ends.ours, link->record)
			!= running(row))
		fail_msg("%s: %s", row->label, SSL_state_string_long(link->ends.ours));
	open_gate();
	again = tlsp_judgement_again(link->ends.ours, link->record);
	close_gate();
	if(again != (waited_for(row) ? TLSP_AGAIN_WAIT : TLSP_AGAIN_ACCEPTED))
		fail_msg("%s: %s, again %d", row->label,
				SSL_state_string_long(link->ends.ours), again);
}

static void walk(const struct row *row)
{
	struct link link;
	unsigned withheld = 0;
	BIO *wire;

	set_up(&link, row->role, row->version, &trusted);
	assert_false(tlsp_rehandshake_withholds(link.ends.ours, link.record));
	peer_shows(&link, row->shows);
	wire = cut_wire(&link.ends);
	memset(read_messages, 0, sizeof(read_messages));
	SSL_set_msg_callback(link.ends.ours, count_read);
	assert_true((row->version == TLS1_3_VERSION ? key_update(&link, true)
												: renegotiate(&link))
				> 0);
	check(row, &link);
	/* What was on its way when we asked is read, and does not wait. */
	assert_true(writes(link.ends.peer, "early"));
	for(int round = 0; round < ROUNDS; round++) {
		while(feed_record(&link.ends, wire)) {
			ours_reads(&link);
			check(row, &link);
			withheld += tlsp_rehandshake_withholds(link.ends.ours, link.record);
			assert_true(!begun(row) || strcmp(link.ours_got, "early") == 0);
		}
		read_into(link.ends.peer, link.peer_got);
	}
	assert_true(begun(row));
	assert_true(withheld > 0 || !row->accepted);
	assert_int_equal(
			tlsp_record_passes(tlsp_record_of(link.ends.ours)), row->accepted);
	assert_int_equal(link.record->handshakes, 1U + row->accepted);
	tear_down(&link);
}

static void from_the_first_message_to_finished_all_waits(void **state)
{
	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++)
		walk(&rows[i]);
}

/* In two records, so that the first octets of a message have come, and not it:
 * text waits already, and the certificate is still there to be judged. */
static void half_a_client_hello_postpones_no_judgement(void **state)
{
	char long_name[250 + 1];
	struct link link;
	BIO *wire;

	(void)state;
	memset(long_name, 'a', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	prepare(&link, TLSP_ROLE_SERVER, TLS1_2_VERSION, &trusted);
	SSL_CTX_set_max_send_fragment(link.peer, SHORTEST_FRAGMENT_OCTETS);
	new_pair(&link.ends, link.ours, link.peer, link.role);
	SSL_set_tlsext_host_name(link.ends.peer, long_name);
	link.record = tlsp_record_of(link.ends.ours);
	assert_true(shake_hands(&link.ends));
	wire = cut_wire(&link.ends);
	memset(read_messages, 0, sizeof(read_messages));
	SSL_set_msg_callback(link.ends.ours, count_read);
	assert_true(renegotiate(&link) > 0);
	read_into(link.ends.peer, link.peer_got);
	assert_true(feed_record(&link.ends, wire));
	ours_reads(&link);
	assert_int_equal(read_messages[SSL3_MT_CLIENT_HELLO], 0); /* half of it */
	assert_int_equal(link.record->renegotiation, TLSP_RENEGOTIATION_RUNNING);
	assert_true(tlsp_rehandshake_withholds(link.ends.ours, link.record));
	open_gate();
	assert_int_equal(tlsp_judgement_again(link.ends.ours, link.record),
			TLSP_AGAIN_ACCEPTED);
	close_gate();
	for(int round = 0; round < ROUNDS; round++) {
		while(feed_record(&link.ends, wire))
			ours_reads(&link);
		read_into(link.ends.peer, link.peer_got);
	}
	assert_int_equal(link.record->handshakes, 2);
	tear_down(&link);
}

/* In a first handshake there is nothing that could wait. */
static void in_a_first_handshake_nothing_is_withheld(void **state)
{
	const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

	(void)state;
	for(size_t r = 0; r < COUNT(roles); r++)
		for(size_t v = 0; v < COUNT(versions); v++) {
			struct link link;
			BIO *wire;

			prepare(&link, roles[r], versions[v], &trusted);
			new_pair(&link.ends, link.ours, link.peer, roles[r]);
			link.record = tlsp_record_of(link.ends.ours);
			wire = cut_wire(&link.ends);
			for(int round = 0; round < ROUNDS; round++) {
				SSL_do_handshake(link.ends.peer);
				do {
					step_ours(link.ends.ours);
					assert_false(link.record->between);
					assert_false(tlsp_rehandshake_withholds(
							link.ends.ours, link.record));
				} while(feed_record(&link.ends, wire));
			}
			assert_int_equal(link.record->handshakes, 1);
			tear_down(&link);
		}
}

int main(void)
{
	/* clang-format off */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(from_the_first_message_to_finished_all_waits, setup_strict),
		cmocka_unit_test_setup(half_a_client_hello_postpones_no_judgement, setup_strict),
		cmocka_unit_test_setup(in_a_first_handshake_nothing_is_withheld, setup_strict),
	};
	/* clang-format on */

	return cmocka_run_group_tests(tests, make_ends, free_ends);
}
