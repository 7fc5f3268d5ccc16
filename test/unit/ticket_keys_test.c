/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ticket_keys_test - the keys of tickets: who finds which, how long they live,
 * and that nothing of them stays.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* RAND_set_rand_method(3) */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <pthread.h>

#include <cmocka.h>
#include <openssl/rand.h>

#include "openssl/store/ticket_keys.h"

enum
{
	PERIOD = TLSP_TICKET_KEYS_PERIOD_S
};

static const unsigned char binding[TLSP_TICKET_BINDING_OCTETS] = "one context",
						   other_binding[TLSP_TICKET_BINDING_OCTETS] =
								   "another context";
static const int64_t start = (int64_t)PERIOD * 1000000;
static struct tlsp_ticket_keys *keys;

static int setup(void **state)
{
	(void)state;
	keys = tlsp_ticket_keys_init(malloc(tlsp_ticket_keys_octets()));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(keys);
	return 0;
}

static struct tlsp_ticket_key newest(int64_t now_s)
{
	struct tlsp_ticket_key key;

	assert_true(tlsp_ticket_keys_newest(keys, now_s, binding, &key));
	assert_true(key.newest);
	return key;
}

static bool finds(int64_t now_s, const struct tlsp_ticket_key *wanted,
		struct tlsp_ticket_key *out)
{
	return tlsp_ticket_keys_find(keys, now_s, wanted->name, binding, out)
		   && memcmp(out->cipher, wanted->cipher, sizeof(out->cipher)) == 0
		   && memcmp(out->mac, wanted->mac, sizeof(out->mac)) == 0;
}

static void a_key_is_found_by_its_name(void **state)
{
	struct tlsp_ticket_key key = newest(start), found, strange = key;

	(void)state;
	assert_true(finds(start + 1, &key, &found));
	assert_true(found.newest);
	assert_memory_not_equal(key.cipher, key.mac, sizeof(key.mac));
	strange.name[0] ^= 1;
	assert_false(finds(start + 1, &strange, &found));
	memset(strange.name, 0, sizeof(strange.name));
	assert_false(finds(start + 1, &strange, &found)); /* none was before */
}

static void each_context_has_keys_of_its_own(void **state)
{
	struct tlsp_ticket_key key = newest(start), other;

	(void)state;
	assert_true(tlsp_ticket_keys_find(
			keys, start, key.name, other_binding, &other));
	assert_memory_not_equal(key.cipher, other.cipher, sizeof(key.cipher));
	assert_memory_not_equal(key.mac, other.mac, sizeof(key.mac));
}

static void a_key_is_replaced_after_one_period_and_gone_after_two(void **state)
{
	struct tlsp_ticket_key first = newest(start), second, found;

	(void)state;
	second = newest(start + PERIOD - 1);
	assert_memory_equal(first.name, second.name, sizeof(first.name));
	second = newest(start + PERIOD);
	assert_memory_not_equal(first.name, second.name, sizeof(first.name));
	assert_memory_not_equal(first.cipher, second.cipher, sizeof(first.cipher));
	assert_true(finds(start + 2 * PERIOD - 1, &first, &found));
	assert_false(found.newest); /* to be renewed */
	assert_true(finds(start + 2 * PERIOD - 1, &second, &found));
	assert_true(found.newest);
	assert_false(finds(start + 2 * PERIOD, &first, &found));
	assert_true(finds(start + 2 * PERIOD, &second, &found));
	assert_false(found.newest);
}

/* Nobody came for a while: then the next one finds nothing either. */
static void an_idle_time_outlives_no_key(void **state)
{
	struct tlsp_ticket_key key = newest(start), found;

	(void)state;
	assert_false(finds(start + 2 * PERIOD, &key, &found));
	key = newest(start + 2 * PERIOD);
	assert_false(finds(start + 100 * PERIOD, &key, &found));
}

static void a_clock_that_is_a_moment_behind_changes_nothing(void **state)
{
	struct tlsp_ticket_key before = newest(start - 1), key = newest(start),
						   again = newest(start - 1), found;

	(void)state;
	assert_memory_equal(key.name, again.name, sizeof(key.name));
	assert_true(finds(start - 1, &before, &found));
	assert_true(finds(start - 1, &key, &found));
}

static void a_clock_that_is_set_back_voids_all(void **state)
{
	struct tlsp_ticket_key before = newest(start - 1), key = newest(start),
						   found;

	(void)state;
	assert_false(finds(start - 10 * PERIOD, &key, &found));
	assert_false(finds(start - 10 * PERIOD, &before, &found));
	assert_false(finds(start, &key, &found));
}

static int give_none(unsigned char *out, int octets)
{
	(void)out, (void)octets;
	return 0;
}

/* No new keys: those of before grow old all the same. */
static void without_random_octets_there_are_no_tickets_before_long(void **state)
{
	static const RAND_METHOD nothing = {
			NULL, give_none, NULL, NULL, give_none, NULL};
	struct tlsp_ticket_key key = newest(start), found;

	(void)state;
	assert_true(RAND_set_rand_method(&nothing));
	assert_true(finds(start + PERIOD, &key, &found));
	assert_false(
			tlsp_ticket_keys_newest(keys, start + PERIOD, binding, &found));
	assert_false(finds(start + 2 * PERIOD, &key, &found));
	assert_true(RAND_set_rand_method(NULL));
	newest(start + 2 * PERIOD);
}

/* What is random in |then| is looked for in what is left. */
static void nothing_is_left_of(const unsigned char *then)
{
	size_t octets = tlsp_ticket_keys_octets();
	const unsigned char *now = (const unsigned char *)keys;
	uint64_t word;

	for(size_t i = 0; i + sizeof(word) <= octets; i += sizeof(word)) {
		memcpy(&word, then + i, sizeof(word));
		for(size_t at = 0; word > 1U << 30 && at + sizeof(word) <= octets; at++)
			assert_memory_not_equal(now + at, &word, sizeof(word));
	}
}

static void what_is_over_is_wiped(void **state)
{
	size_t octets = tlsp_ticket_keys_octets();
	unsigned char *then = malloc(octets);

	(void)state;
	newest(start);
	memcpy(then, keys, octets);
	tlsp_ticket_keys_turn(keys, start + PERIOD);
	tlsp_ticket_keys_turn(keys, start + 2 * PERIOD);
	nothing_is_left_of(then);
	memcpy(then, keys, octets); /* two keys */
	tlsp_ticket_keys_turn(keys, start + 10 * PERIOD);
	nothing_is_left_of(then);
	tlsp_ticket_keys_wipe(keys);
	for(size_t at = 0; at < octets; at++)
		assert_int_equal(((const unsigned char *)keys)[at], 0);
	free(then);
}

/* ---- changed while it is read ---- */

/* What counts the changes: two more for each. */
static _Atomic uint64_t *sequence(void)
{
	uint64_t *words = (uint64_t *)(void *)keys;
	size_t count = tlsp_ticket_keys_octets() / sizeof(*words);
	uint64_t *then = malloc(count * sizeof(*words));
	uint64_t *found = NULL;

	newest(start);
	memcpy(then, words, count * sizeof(*words));
	newest(start + PERIOD);
	for(size_t i = 0; i < count; i++)
		if(then[i] == 2 && words[i] == 4)
			found = &words[i];
	free(then);
	assert_non_null(found);
	return (_Atomic uint64_t *)(void *)found;
}

static void nobody_waits_for_one_who_writes(void **state)
{
	_Atomic uint64_t *changes = sequence();
	struct tlsp_ticket_key key = newest(start + PERIOD), found;

	(void)state;
	*changes += 1; /* in the middle of it */
	assert_false(
			tlsp_ticket_keys_newest(keys, start + PERIOD, binding, &found));
	assert_false(finds(start + PERIOD, &key, &found));
	*changes += 1;
	assert_true(finds(start + PERIOD, &key, &found));
}

static atomic_bool reads;

static void *change_and_change(void *changes)
{
	while(reads)
		*(_Atomic uint64_t *)changes += 2;
	return NULL;
}

/* Who is overtaken while it copies does without. */
static void what_was_changed_meanwhile_is_no_key(void **state)
{
	_Atomic uint64_t *changes = sequence();
	struct tlsp_ticket_key key;
	pthread_t thread;
	bool overtaken = false;

	(void)state;
	reads = true;
	assert_int_equal(
			pthread_create(&thread, NULL, change_and_change, changes), 0);
	/* on a busy machine the other one may not get a core for long */
	for(unsigned long i = 0; i < 3000000000 && !overtaken; i++)
		overtaken =
				!tlsp_ticket_keys_newest(keys, start + PERIOD, binding, &key);
	reads = false;
	pthread_join(thread, NULL);
	assert_true(overtaken);
}

int main(void)
{
	/* clang-format off */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_key_is_found_by_its_name, setup, teardown),
		cmocka_unit_test_setup_teardown(each_context_has_keys_of_its_own, setup, teardown),
		cmocka_unit_test_setup_teardown(a_key_is_replaced_after_one_period_and_gone_after_two, setup, teardown),
		cmocka_unit_test_setup_teardown(an_idle_time_outlives_no_key, setup, teardown),
		cmocka_unit_test_setup_teardown(a_clock_that_is_a_moment_behind_changes_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(a_clock_that_is_set_back_voids_all, setup, teardown),
		cmocka_unit_test_setup_teardown(without_random_octets_there_are_no_tickets_before_long, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_over_is_wiped, setup, teardown),
		cmocka_unit_test_setup_teardown(nobody_waits_for_one_who_writes, setup, teardown),
		cmocka_unit_test_setup_teardown(what_was_changed_meanwhile_is_no_key, setup, teardown),
	};
	/* clang-format on */

	return cmocka_run_group_tests(tests, NULL, NULL);
}
