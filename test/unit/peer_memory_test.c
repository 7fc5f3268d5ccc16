/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer_memory_test - what is remembered of whom, for how long, and who gives
 * way to whom in a full table.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/rehandshake/peer_memory.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum
{
	ENTRIES = 256,
	HALF = ENTRIES / 2,
	LIFE_MS = 1000000
};

static struct tlsp_peer_memory *memory;

static int make_memory(void **state)
{
	void *block = malloc(tlsp_peer_memory_octets(ENTRIES));

	(void)state;
	if(!block)
		return -1;
	memset(block, 0x5a, tlsp_peer_memory_octets(ENTRIES));
	memory = tlsp_peer_memory_init(block, ENTRIES);
	return 0;
}

static int free_memory(void **state)
{
	(void)state;
	free(memory);
	return 0;
}

static struct tlsp_peer_key key_of(
		bool accepted, enum tlsp_rehandshake_kind kind, const char *host)
{
	struct tlsp_peer_key key;

	/* padding and unused octets must not matter */
	memset(&key, 0xa5 ^ (int)random(), sizeof(key));
	key.accepted = accepted;
	key.kind = kind;
	assert_int_equal(tlsp_hostname_from_operator(&key.host, host, strlen(host)),
			TLSP_HOST_OK);
	return key;
}

static void note(bool accepted, const char *host,
		enum tlsp_peer_outcome outcome, uint64_t now_ms)
{
	struct tlsp_peer_key key = key_of(accepted, TLSP_KIND_HELLO_REQUEST, host);

	tlsp_peer_memory_note(memory, &key, outcome, now_ms, LIFE_MS);
}

static enum tlsp_peer_outcome found(
		bool accepted, const char *host, uint64_t now_ms)
{
	struct tlsp_peer_key key = key_of(accepted, TLSP_KIND_HELLO_REQUEST, host);

	return tlsp_peer_memory_find(memory, &key, now_ms);
}

static size_t living(uint64_t now_ms)
{
	size_t count = 0;

	for(size_t i = 0; i < tlsp_peer_memory_capacity(memory); i++)
		count += tlsp_peer_memory_at(memory, i, now_ms) != NULL;
	return count;
}

static void nothing_is_known_at_first(void **state)
{
	(void)state;
	assert_int_equal(tlsp_peer_memory_capacity(memory), ENTRIES);
	assert_int_equal(living(0), 0);
	assert_int_equal(found(true, "a.example", 0), TLSP_PEER_UNKNOWN);
	note(true, "a.example", TLSP_PEER_UNKNOWN, 0);
	assert_int_equal(living(0), 0);
}

static void a_peer_is_known_by_what_it_proved_kind_and_host(void **state)
{
	struct tlsp_peer_key key;

	(void)state;
	note(true, "192.0.2.1", TLSP_PEER_DIED, 10);
	assert_int_equal(found(true, "192.0.2.1", 11), TLSP_PEER_DIED);
	/* the address is another thing than a certificate for it */
	assert_int_equal(found(false, "192.0.2.1", 11), TLSP_PEER_UNKNOWN);
	assert_int_equal(found(true, "192.0.2.2", 11), TLSP_PEER_UNKNOWN);
	key = key_of(true, TLSP_KIND_CLIENT_HELLO, "192.0.2.1");
	assert_int_equal(
			tlsp_peer_memory_find(memory, &key, 11), TLSP_PEER_UNKNOWN);
	key = key_of(true, TLSP_KIND_KEY_UPDATE, "192.0.2.1");
	tlsp_peer_memory_note(memory, &key, TLSP_PEER_TOOK, 11, LIFE_MS);
	assert_int_equal(tlsp_peer_memory_find(memory, &key, 11), TLSP_PEER_TOOK);
	assert_int_equal(found(true, "192.0.2.1", 11), TLSP_PEER_DIED);
}

static const struct tlsp_peer_note *only_note(uint64_t now_ms)
{
	const struct tlsp_peer_note *only = NULL;

	for(size_t i = 0; i < tlsp_peer_memory_capacity(memory); i++)
		if(tlsp_peer_memory_at(memory, i, now_ms)) {
			assert_null(only);
			only = tlsp_peer_memory_at(memory, i, now_ms);
		}
	return only;
}

static void it_counts_a_row_and_bad_news_outlasts_good(void **state)
{
	static const struct
	{
		enum tlsp_peer_outcome noted, remembered;
		unsigned times;
		uint64_t since_ms;
	} rows[] = {
			{TLSP_PEER_TOOK, TLSP_PEER_TOOK, 1, 0},
			{TLSP_PEER_TOOK, TLSP_PEER_TOOK, 2, 1},
			{TLSP_PEER_DIED, TLSP_PEER_DIED, 1, 2},
			{TLSP_PEER_TOOK, TLSP_PEER_DIED, 1, 2},
			{TLSP_PEER_DIED, TLSP_PEER_DIED, 2, 4},
			{TLSP_PEER_REFUSED, TLSP_PEER_REFUSED, 1, 5},
			{TLSP_PEER_IGNORED, TLSP_PEER_IGNORED, 1, 6},
			{TLSP_PEER_TOOK, TLSP_PEER_IGNORED, 1, 6},
	};

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++) {
		const struct tlsp_peer_note *only;

		note(true, "a.example", rows[i].noted, i);
		only = only_note(i);
		assert_non_null(only);
		assert_int_equal(only->outcome, rows[i].remembered);
		assert_int_equal(only->times, rows[i].times);
		assert_int_equal(only->noted_ms, rows[i].since_ms);
		assert_int_equal(only->expires_ms, rows[i].since_ms + LIFE_MS);
		assert_true(only->key.accepted);
	}
	/* when the bad news is over, good news counts, from one */
	note(true, "a.example", TLSP_PEER_TOOK, 6 + LIFE_MS);
	assert_int_equal(only_note(6 + LIFE_MS)->outcome, TLSP_PEER_TOOK);
	assert_int_equal(only_note(6 + LIFE_MS)->times, 1);
}

static void it_ends_with_its_lifetime(void **state)
{
	struct tlsp_peer_key key =
			key_of(true, TLSP_KIND_HELLO_REQUEST, "b.example");

	(void)state;
	note(true, "a.example", TLSP_PEER_REFUSED, 50);
	assert_int_equal(
			found(true, "a.example", 50 + LIFE_MS - 1), TLSP_PEER_REFUSED);
	assert_int_equal(living(50 + LIFE_MS - 1), 1);
	assert_int_equal(found(true, "a.example", 50 + LIFE_MS), TLSP_PEER_UNKNOWN);
	assert_int_equal(living(50 + LIFE_MS), 0);
	tlsp_peer_memory_note(
			memory, &key, TLSP_PEER_DIED, UINT64_MAX - 5, LIFE_MS);
	assert_int_equal(found(true, "b.example", UINT64_MAX - 1), TLSP_PEER_DIED);
}

/* Peers of |format| with two numbers, noted one after the other. */
static void note_many(
		bool accepted, const char *format, size_t count, uint64_t now_ms)
{
	char host[64];

	for(size_t i = 0; i < count; i++) {
		snprintf(host, sizeof(host), format, (unsigned)(i / 200),
				(unsigned)(i % 200));
		note(accepted, host, TLSP_PEER_REFUSED, now_ms + i);
	}
}

static void a_full_half_replaces_what_expires_first(void **state)
{
	(void)state;
	note(true, "early.example", TLSP_PEER_DIED, 0);
	note(true, "next.example", TLSP_PEER_DIED, 1);
	note_many(true, "h%u-%u.example", HALF - 2, 10);
	assert_int_equal(living(200), HALF);
	assert_int_equal(found(true, "early.example", 200), TLSP_PEER_DIED);
	note(true, "new.example", TLSP_PEER_TOOK, 300);
	assert_int_equal(living(300), HALF);
	assert_int_equal(found(true, "early.example", 300), TLSP_PEER_UNKNOWN);
	assert_int_equal(found(true, "next.example", 300), TLSP_PEER_DIED);
	assert_int_equal(found(true, "new.example", 300), TLSP_PEER_TOOK);
	/* one that is expired gives way before one that is not */
	note(true, "last.example", TLSP_PEER_TOOK, 1 + LIFE_MS);
	assert_int_equal(
			found(true, "h0-0.example", 1 + LIFE_MS), TLSP_PEER_REFUSED);
}

static void addresses_never_push_out_identities(void **state)
{
	(void)state;
	note(true, "carrier.example", TLSP_PEER_TOOK, 0);
	note_many(false, "2001:db8:%x:%x::1", 5000, 1);
	assert_int_equal(living(6000), HALF + 1);
	assert_int_equal(found(true, "carrier.example", 6000), TLSP_PEER_TOOK);
	note_many(true, "h%u-%u.example", 5000, 7000);
	assert_int_equal(living(13000), ENTRIES);
}

static void a_network_pushes_out_itself_alone(void **state)
{
	static const char *const formats[] = {
			"2001:db8:0:1:%x:%x::7", "203.0.113.1%.0u%u"};

	(void)state;
	note(false, "192.0.2.1", TLSP_PEER_DIED, 0);
	note(false, "2001:db8:0:2::1", TLSP_PEER_DIED, 0);
	note_many(false, formats[0], 5000, 1);
	assert_int_equal(living(6000), 2 + TLSP_PEER_MEMORY_PER_NETWORK);
	note_many(false, formats[1], 50, 7000);
	assert_int_equal(living(8000), 2 + 2 * TLSP_PEER_MEMORY_PER_NETWORK);
	assert_int_equal(found(false, "192.0.2.1", 8000), TLSP_PEER_DIED);
	assert_int_equal(found(false, "2001:db8:0:2::1", 8000), TLSP_PEER_DIED);
	/* the last of the network, not the first ones */
	assert_int_equal(
			found(false, "2001:db8:0:1:18:c7::7", 8000), TLSP_PEER_REFUSED);
	assert_int_equal(
			found(false, "2001:db8:0:1:0:0::7", 8000), TLSP_PEER_UNKNOWN);
}

static void a_network_replaces_what_expires_first_in_it(void **state)
{
	(void)state;
	note(false, "198.51.100.1", TLSP_PEER_DIED, 0);
	note_many(false, "203.0.113.1%.0u%u", TLSP_PEER_MEMORY_PER_NETWORK, 1);
	note(false, "203.0.113.10", TLSP_PEER_REFUSED, 100); /* once more */
	note(false, "203.0.113.1", TLSP_PEER_DIED, 101);
	assert_int_equal(found(false, "203.0.113.10", 102), TLSP_PEER_REFUSED);
	assert_int_equal(found(false, "203.0.113.11", 102), TLSP_PEER_UNKNOWN);
	assert_int_equal(found(false, "203.0.113.12", 102), TLSP_PEER_REFUSED);
	assert_int_equal(living(102), 1 + TLSP_PEER_MEMORY_PER_NETWORK);
	/* the next /24 is another network */
	note_many(false, "203.0.112.1%.0u%u", TLSP_PEER_MEMORY_PER_NETWORK, 103);
	assert_int_equal(living(200), 1 + 2 * TLSP_PEER_MEMORY_PER_NETWORK);
}

static void accepted_addresses_have_no_quota(void **state)
{
	(void)state;
	note_many(true, "203.0.113.1%.0u%u", 50, 0);
	assert_int_equal(living(100), 50);
}

static void forgetting_takes_every_note_of_a_host_or_all(void **state)
{
	struct tlsp_peer_key key = key_of(true, TLSP_KIND_KEY_UPDATE, "192.0.2.1");

	(void)state;
	note(true, "192.0.2.1", TLSP_PEER_DIED, 0);
	note(false, "192.0.2.1", TLSP_PEER_DIED, 0);
	note(false, "192.0.2.2", TLSP_PEER_DIED, 0);
	tlsp_peer_memory_note(memory, &key, TLSP_PEER_TOOK, 0, LIFE_MS);
	assert_int_equal(tlsp_peer_memory_forget(memory, &key.host), 3);
	assert_int_equal(tlsp_peer_memory_forget(memory, &key.host), 0);
	assert_int_equal(found(false, "192.0.2.2", 1), TLSP_PEER_DIED);
	note(true, "192.0.2.1", TLSP_PEER_TOOK, 2);
	assert_int_equal(found(true, "192.0.2.1", 3), TLSP_PEER_TOOK);
	assert_int_equal(tlsp_peer_memory_forget(memory, NULL), 2);
	assert_int_equal(living(3), 0);
}

static void words_are_fixed(void **state)
{
	static const char *const outcomes[] = {
			"unknown", "took", "refused", "died", "ignored"};
	static const char *const kinds[] = {
			"hello-request", "client-hello", "key-update"};

	(void)state;
	assert_int_equal(COUNT(outcomes), TLSP_PEER_OUTCOMES);
	assert_int_equal(COUNT(kinds), TLSP_KINDS);
	for(unsigned i = 0; i < COUNT(outcomes); i++)
		assert_string_equal(
				tlsp_peer_memory_outcome_word((enum tlsp_peer_outcome)i),
				outcomes[i]);
	for(unsigned i = 0; i < COUNT(kinds); i++)
		assert_string_equal(
				tlsp_peer_memory_kind_word((enum tlsp_rehandshake_kind)i),
				kinds[i]);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_memory, free_memory)

int main(void)
{
	/* clang-format off */
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_known_at_first),
		TEST(a_peer_is_known_by_what_it_proved_kind_and_host),
		TEST(it_counts_a_row_and_bad_news_outlasts_good),
		TEST(it_ends_with_its_lifetime),
		TEST(a_full_half_replaces_what_expires_first),
		TEST(addresses_never_push_out_identities),
		TEST(a_network_pushes_out_itself_alone),
		TEST(a_network_replaces_what_expires_first_in_it),
		TEST(accepted_addresses_have_no_quota),
		TEST(forgetting_takes_every_note_of_a_host_or_all),
		TEST(words_are_fixed),
	};
	/* clang-format on */

	return cmocka_run_group_tests(tests, NULL, NULL);
}
