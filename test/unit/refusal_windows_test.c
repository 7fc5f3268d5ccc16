/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * refusal_windows_test - of every refusal the log is told, or it is counted,
 * exactly; whose window it is, how much one window tells, and what happens when
 * there are more peers than places.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>

#include "policy/refusal_windows.h"

enum
{
	INTERVAL_S = 60,
	AT_ONCE = 64
};

static struct tlsp_refusal_windows *windows;
static unsigned long told, left_out, lines; /* lines: that tell of left out */
static struct tlsp_left_out last;

static int make_windows(void **state)
{
	void *block = malloc(tlsp_refusal_windows_octets());

	(void)state;
	if(!block)
		return -1;
	memset(block, 0x5a, tlsp_refusal_windows_octets());
	windows = tlsp_refusal_windows_init(block);
	told = left_out = lines = 0;
	return 0;
}

static int free_windows(void **state)
{
	(void)state;
	free(windows);
	return 0;
}

static struct tlsp_window_key key_of(const char *address)
{
	struct tlsp_window_key key;

	/* padding and unused octets must not matter */
	memset(&key, 0xa5 ^ (int)(random() & 0xff), sizeof(key));
	key.octets = strchr(address, ':') ? 16 : 4;
	key.shared = 0;
	key.testing = false;
	key.role = TLSP_ROLE_SERVER;
	key.reasons = 1;
	assert_int_equal(
			inet_pton(key.octets == 16 ? AF_INET6 : AF_INET, address, key.peer),
			1);
	return key;
}

static void add(const struct tlsp_left_out *ended)
{
	left_out += ended->count;
	lines++;
	last = *ended;
}

static bool note_key(const struct tlsp_window_key *key, uint64_t now_s)
{
	struct tlsp_left_out ended;
	bool is_told =
			tlsp_refusal_windows_note(windows, key, now_s, INTERVAL_S, &ended);

	if(is_told)
		told++;
	if(ended.count)
		add(&ended);
	return is_told;
}

static bool note(const char *address, uint64_t now_s)
{
	struct tlsp_window_key key = key_of(address);

	return note_key(&key, now_s);
}

static void take(uint64_t now_s, uint64_t interval_s)
{
	struct tlsp_left_out ended[AT_ONCE];

	for(int i = 0; i <= TLSP_WINDOWS / AT_ONCE; i++) {
		size_t count = tlsp_refusal_windows_take(
				windows, now_s, interval_s, ended, AT_ONCE);

		for(size_t j = 0; j < count; j++)
			add(&ended[j]);
	}
}

static void the_first_are_told_and_the_rest_counted(void **state)
{
	(void)state;
	for(int i = 0; i < 300; i++)
		assert_int_equal(
				note("192.0.2.1", 100 + i / 10), i < TLSP_WINDOW_LINES);
	take(100 + INTERVAL_S - 1, INTERVAL_S);
	assert_int_equal(lines, 0);
	take(100 + INTERVAL_S, INTERVAL_S);
	assert_int_equal(lines, 1);
	assert_int_equal(told + left_out, 300);
	assert_int_equal(last.count, 300 - TLSP_WINDOW_LINES);
	assert_int_equal(last.since_s, 100);
	assert_int_equal(last.of.shared, 0);
	assert_int_equal(last.of.reasons, 1);
	assert_int_equal(last.of.octets, 4);
	/* and then it begins anew, and nothing is told twice */
	take(1000, INTERVAL_S);
	assert_int_equal(lines, 1);
	assert_true(note("192.0.2.1", 1000));
	take(2000, INTERVAL_S);
	assert_int_equal(lines, 1);
}

static void the_next_one_tells_what_was_left_out_before(void **state)
{
	(void)state;
	for(int i = 0; i < 20; i++)
		note("192.0.2.1", 100 + i);
	assert_true(note("192.0.2.1", 100 + INTERVAL_S));
	assert_int_equal(lines, 1);
	assert_int_equal(last.count, 20 - TLSP_WINDOW_LINES);
	assert_int_equal(last.since_s, 100);
	take(1000, INTERVAL_S);
	assert_int_equal(lines, 1); /* the second window has left nothing out */
	assert_int_equal(told + left_out, 21);
}

static void in_testing_one_is_told(void **state)
{
	struct tlsp_window_key key = key_of("192.0.2.1");

	(void)state;
	key.testing = true;
	for(int i = 0; i < 20; i++)
		assert_int_equal(note_key(&key, 100), i < TLSP_WINDOW_LINES_IN_TESTING);
	take(1000, INTERVAL_S);
	assert_true(last.of.testing);
	assert_int_equal(told + left_out, 20);
}

static void fill(const struct tlsp_window_key *key)
{
	for(int i = 0; i < TLSP_WINDOW_LINES; i++)
		assert_true(note_key(key, 100));
	assert_false(note_key(key, 100));
}

static void peers_roles_and_reasons_are_told_apart(void **state)
{
	static const char *const addresses[] = {
			"192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"};
	struct tlsp_window_key key;

	(void)state;
	for(size_t i = 0; i < sizeof(addresses) / sizeof(*addresses); i++) {
		key = key_of(addresses[i]);
		fill(&key);
	}
	key = key_of("192.0.2.1");
	key.role = TLSP_ROLE_CLIENT;
	fill(&key);
	key.reasons = 3;
	fill(&key);
	key.testing = true;
	assert_true(note_key(&key, 100));
	take(1000, INTERVAL_S);
	assert_int_equal(lines, 6);
	assert_int_equal(left_out, 6);
}

static void peers_whose_hashes_meet_are_told_apart(void **state)
{
	struct tlsp_window_key one = key_of("197.231.50.165");
	struct tlsp_window_key other = key_of("243.63.57.138");

	(void)state;
	fill(&one);
	fill(&other);
	take(1000, INTERVAL_S);
	assert_int_equal(lines, 2);
}

static const char *address_in(const char *format, int i)
{
	static char text[64];

	snprintf(text, sizeof(text), format, i);
	return text;
}

/* Whoever has one address of an IPv6 /64 has all of them. */
static void many_addresses_of_one_network_share_a_window(void **state)
{
	enum
	{
		OWN = TLSP_WINDOWS_PER_NETWORK,
		TOLD = OWN + TLSP_WINDOW_LINES
	};

	(void)state;
	for(int i = 0; i < 500; i++)
		assert_int_equal(
				note(address_in("2001:db8:0:1:5::%x", i + 1), 1), i < TOLD);
	assert_true(note("2001:db8:0:2::1", 1));   /* the neighbour */
	assert_true(note("2001:db8:0:1:5::1", 1)); /* has its own */
	take(1000, INTERVAL_S);
	assert_int_equal(lines, 1);
	assert_int_equal(last.count, 500 - TOLD);
	assert_int_equal(last.of.shared, 64);
	assert_int_equal(last.of.reasons, 0);
	assert_memory_equal(last.of.peer, key_of("2001:db8:0:1::").peer, 16);
	assert_true(note("2001:db8:0:1:5::ffff", 2000));
	take(9000, INTERVAL_S);
	assert_int_equal(lines, 1);
	assert_int_equal(told + left_out, 503);
}

/* |count| refusals of |key|, each for other reasons. */
static unsigned long tell_reasons(struct tlsp_window_key *key, unsigned count)
{
	unsigned long before = told;

	for(unsigned i = 0; i < count; i++) {
		key->reasons = i + 1;
		note_key(key, 1);
	}
	return told - before;
}

static void many_reasons_of_one_address_share_a_window(void **state)
{
	static const char *const addresses[] = {
			"192.0.2.1", "::1", "2001:db8::1", "2001:db8:1::1"};
	enum
	{
		COUNT = sizeof(addresses) / sizeof(*addresses),
		TOLD = TLSP_WINDOWS_PER_ADDRESS + TLSP_WINDOW_LINES
	};

	(void)state;
	for(size_t i = 0; i < COUNT; i++) {
		struct tlsp_window_key key = key_of(addresses[i]);

		assert_int_equal(tell_reasons(&key, 1000), TOLD);
	}
	assert_true(note("192.0.2.2", 1));
	take(1000, INTERVAL_S);
	assert_int_equal(lines, COUNT);
	assert_int_equal(last.count, 1000 - TOLD);
	assert_int_equal(last.of.shared, 8 * last.of.octets);
	assert_int_equal(last.of.reasons, 0);
	assert_int_equal(told + left_out, COUNT * 1000 + 1);
}

/* A home may have all /64s of a /56; its neighbour is told as if it had not. */
static void many_networks_of_one_line_share_a_window(void **state)
{
	char address[64];

	(void)state;
	for(int i = 0; i < 256; i++)
		for(int j = 0; j < 40; j++) {
			snprintf(address, sizeof(address), "2001:db8:0:1%02x:%x::1", i, j);
			note(address, 1);
		}
	/* three networks are full, each with one that is shared */
	assert_int_equal(told, TLSP_WINDOWS_PER_LINE - 3 + 4 * TLSP_WINDOW_LINES);
	for(int i = 0; i < 900; i++)
		assert_true(note(address_in("10.0.%d.1", i % 250), 1 + i / 250));
	take(1000, INTERVAL_S);
	assert_int_equal(left_out + told, 256 * 40 + 900);
	assert_int_equal(last.of.octets, 16);
	assert_int_equal(last.of.shared, 56);
	assert_memory_equal(last.of.peer, key_of("2001:db8:0:100::").peer, 16);
}

static void ipv4_and_what_begins_with_000_share_none(void **state)
{
	(void)state;
	for(int i = 0; i < 100; i++) {
		assert_true(note(address_in("192.0.2.%d", i + 1), 1));
		assert_true(note(address_in("::%x", i + 1), 1));
		assert_true(note(address_in("64:ff9b::192.0.2.%d", i + 1), 1));
	}
}

static void a_full_table_tells_some_others_and_counts_the_rest(void **state)
{
	enum
	{
		TOLD = TLSP_WINDOWS + TLSP_WINDOW_LINES_OF_OTHERS
	};

	(void)state;
	for(int i = 0; i < 3000; i++) {
		char address[64];

		snprintf(address, sizeof(address), "10.0.%d.%d", i / 250, i % 250 + 1);
		assert_int_equal(note(address, 100 + i / 100), i < TOLD);
	}
	take(100 + INTERVAL_S + 10, INTERVAL_S); /* they came in 10 s and later */
	assert_int_equal(lines, 1);
	assert_int_equal(last.of.octets, 0);
	assert_int_equal(last.count, 3000 - TOLD);
	assert_int_equal(last.since_s, 100 + TLSP_WINDOWS / 100);
	assert_int_equal(told + left_out, 3000);
	/* there is room again */
	assert_true(note("10.1.1.1", 100 + INTERVAL_S + 10));
}

static unsigned long note_others(int count, uint64_t now_s)
{
	unsigned long before = told;

	for(int i = 0; i < count; i++)
		note(address_in("11.1.0.%d", i % 250), now_s);
	return told - before;
}

/* Those of the table go on, each for another interval. */
static void others_have_lines_in_each_interval(void **state)
{
	char address[64];

	(void)state;
	for(int i = 0; i < TLSP_WINDOWS; i++) {
		snprintf(address, sizeof(address), "10.0.%d.%d", i / 250, i % 250 + 1);
		assert_true(note(address, 1050));
	}
	assert_int_equal(note_others(100, 1000), TLSP_WINDOW_LINES_OF_OTHERS);
	assert_int_equal(note_others(100, 1000 + INTERVAL_S - 1), 0);
	assert_int_equal(lines, 0);
	assert_int_equal(note_others(10, 1000 + INTERVAL_S), 10);
	assert_int_equal(lines, 1); /* with the first of them */
	assert_int_equal(last.count, 200 - TLSP_WINDOW_LINES_OF_OTHERS);
	assert_int_equal(last.since_s, 1000);
	take(1000 + 3 * INTERVAL_S, INTERVAL_S);
	assert_int_equal(lines, 1); /* the second left nothing out */
	assert_int_equal(told + left_out, TLSP_WINDOWS + 210);
}

/* Whatever comes, whenever it is looked at: none is missing and none double. */
static void none_is_missing_and_none_double(void **state)
{
	unsigned long noted = 0;
	uint64_t now_s = 0;

	(void)state;
	srandom(20);
	for(int round = 0; round < 60000; round++) {
		const char *format = random() % 2 ? "10.0.0.%d" : "2001:db8::%x";
		struct tlsp_window_key key =
				key_of(address_in(format, (int)(random() % 250)));

		if(random() % 4 == 0) /* of more peers than there are places */
			key = key_of(address_in("11.0.%d.1", (int)(random() % 250)));
		if(key.peer[0] == 11)
			key.peer[3] = (unsigned char)random();
		key.reasons = 1U << random() % 3;
		key.testing = random() % 2;
		note_key(&key, now_s);
		noted++;
		now_s += random() % 100 == 0;
		if(random() % 7 == 0)
			take(now_s, INTERVAL_S);
	}
	take(now_s, 0);
	assert_int_equal(told + left_out, noted);
	assert_true(told < noted);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, make_windows, free_windows)
	const struct CMUnitTest tests[] = {
			TEST(the_first_are_told_and_the_rest_counted),
			TEST(the_next_one_tells_what_was_left_out_before),
			TEST(in_testing_one_is_told),
			TEST(peers_roles_and_reasons_are_told_apart),
			TEST(peers_whose_hashes_meet_are_told_apart),
			TEST(many_addresses_of_one_network_share_a_window),
			TEST(many_reasons_of_one_address_share_a_window),
			TEST(many_networks_of_one_line_share_a_window),
			TEST(ipv4_and_what_begins_with_000_share_none),
			TEST(a_full_table_tells_some_others_and_counts_the_rest),
			TEST(others_have_lines_in_each_interval),
			TEST(none_is_missing_and_none_double),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
