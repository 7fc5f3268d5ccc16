/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * session_cache_test - the cache of sessions: whatever is put, found, forgotten
 * and grows old in it, in any order, against a plain list; that what left is
 * wiped, and that nobody waits.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <pthread.h>

#include <cmocka.h>

#include "openssl/store/session_cache.h"

enum
{
	MEMORY = 1 << 20, /* the least that can be asked for */
	IDS = 4096,
	MARK = 0xa5
};

static struct tlsp_session_cache *cache;
static unsigned char *memory;
static unsigned char out[TLSP_SESSION_MAX_OCTETS];

static int setup(void **state)
{
	(void)state;
	cache = tlsp_session_cache_init(malloc(tlsp_session_cache_octets()));
	memory = malloc(MEMORY);
	memset(memory, 0xee, MEMORY);
	assert_null(tlsp_session_cache_use(cache, memory, MEMORY));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(memory);
	free(cache);
	return 0;
}

/* Ids are random. */
static void make_id(unsigned char id[TLSP_SESSION_ID_OCTETS], unsigned number)
{
	uint64_t x = number + 1;

	for(size_t i = 0; i < TLSP_SESSION_ID_OCTETS; i++) {
		x = x * 6364136223846793005u + 1442695040888963407u;
		id[i] = (unsigned char)(x >> 56);
	}
}

static size_t octets_of(unsigned number)
{
	return 500 + number * 7919u % 3000;
}

static bool put(unsigned number, int64_t until_s)
{
	static unsigned char session[TLSP_SESSION_MAX_OCTETS];
	unsigned char id[TLSP_SESSION_ID_OCTETS];

	make_id(id, number);
	memset(session, (int)(number % 251), octets_of(number));
	return tlsp_session_cache_put(
			cache, id, session, octets_of(number), until_s);
}

static bool has(unsigned number, int64_t now_s)
{
	unsigned char id[TLSP_SESSION_ID_OCTETS];
	size_t octets;

	make_id(id, number);
	octets = tlsp_session_cache_get(cache, id, out, now_s);
	if(octets == 0)
		return false;
	assert_int_equal(octets, octets_of(number));
	for(size_t i = 0; i < octets; i++)
		assert_int_equal(out[i], number % 251);
	return true;
}

static void forget(unsigned number)
{
	unsigned char id[TLSP_SESSION_ID_OCTETS];

	make_id(id, number);
	tlsp_session_cache_forget(cache, id);
}

static void what_is_put_is_found_until_it_is_over(void **state)
{
	(void)state;
	assert_false(has(1, 100));
	assert_true(put(1, 400));
	assert_true(has(1, 100));
	assert_true(has(1, 400));
	assert_false(has(1, 401));
	assert_false(has(2, 100));
	forget(2);
	assert_true(has(1, 100));
	forget(1);
	assert_false(has(1, 100));
	forget(1);
	assert_int_equal(tlsp_session_cache_count(cache), 0);
}

static void the_same_id_is_kept_once(void **state)
{
	(void)state;
	assert_true(put(1, 400));
	assert_true(put(1, 500));
	assert_int_equal(tlsp_session_cache_count(cache), 1);
	assert_true(has(1, 450));
	forget(1);
	assert_false(has(1, 450));
}

static void the_oldest_make_room(void **state)
{
	size_t kept;

	(void)state;
	for(unsigned i = 0; i < IDS; i++)
		assert_true(put(i, 400));
	kept = tlsp_session_cache_count(cache);
	assert_in_range(kept, MEMORY / 3600 * 8 / 10, MEMORY / 500);
	assert_false(has(0, 100));
	for(unsigned i = IDS - 16; i < IDS; i++)
		assert_true(has(i, 100));
	for(unsigned i = 0, found = 0; i < IDS; i++)
		if(has(i, 100) && ++found == kept)
			assert_int_equal(i, IDS - 1);
}

/* A plain list of what may be found; what was put last is never missing. */
static void any_order_of_things_is_survived(void **state)
{
	static int64_t until_s[IDS];
	unsigned random = 1;
	int64_t now_s = 1000;

	(void)state;
	memset(until_s, 0, sizeof(until_s));
	for(unsigned step = 0; step < 200000; step++) {
		unsigned number;

		random = random * 1103515245u + 12345u;
		number = (random >> 8) % IDS;
		switch((random >> 24) % 8) {
			case 0:
				forget(number);
				until_s[number] = 0;
				assert_false(has(number, now_s));
				break;
			case 1:
				now_s++;
				if(now_s % 16 == 0)
					tlsp_session_cache_expire(cache, now_s);
				break;
			case 2:
			case 3:
				until_s[number] = now_s + (random >> 16) % 300;
				assert_true(put(number, until_s[number]));
				assert_true(has(number, now_s));
				break;
			default:
				if(has(number, now_s))
					assert_true(until_s[number] >= now_s);
		}
	}
	tlsp_session_cache_expire(cache, now_s + 1000);
	assert_int_equal(tlsp_session_cache_count(cache), 0);
}

static bool is_somewhere(void)
{
	unsigned run = 0;

	for(size_t i = 0; i < MEMORY; i++) {
		run = memory[i] == MARK ? run + 1 : 0;
		if(run == 8)
			return true;
	}
	return false;
}

/* One whose octets and id are the mark. */
static void put_marked(int64_t until_s)
{
	unsigned char session[1000], id[TLSP_SESSION_ID_OCTETS];

	memset(session, MARK, sizeof(session));
	memset(id, MARK, sizeof(id));
	assert_true(tlsp_session_cache_put(
			cache, id, session, sizeof(session), until_s));
	assert_true(is_somewhere());
}

static void what_leaves_is_wiped(void **state)
{
	unsigned char id[TLSP_SESSION_ID_OCTETS];

	(void)state;
	memset(id, MARK, sizeof(id));
	put_marked(400);
	tlsp_session_cache_forget(cache, id);
	assert_false(is_somewhere());
	put_marked(400);
	tlsp_session_cache_expire(cache, 400);
	assert_true(is_somewhere());
	tlsp_session_cache_expire(cache, 401);
	assert_false(is_somewhere());
	put_marked(400);
	assert_ptr_equal(tlsp_session_cache_use(cache, NULL, 0), memory);
	assert_false(is_somewhere());
}

/* In the order in which they were put, so that no lock is held for long: each is
 * gone when what was put before it is over, too, which is 300 s later at most. */
static void no_session_stays_for_longer_than_it_may(void **state)
{
	(void)state;
	for(unsigned i = 0; i < IDS; i++)
		assert_true(put(i, 1000 + i % 300));
	tlsp_session_cache_expire(cache, 1299);
	assert_true(tlsp_session_cache_count(cache) > 0);
	tlsp_session_cache_expire(cache, 1300);
	assert_int_equal(tlsp_session_cache_count(cache), 0);
	for(unsigned i = 0; i < IDS; i++)
		assert_false(has(i, 1000));
}

/* The clock was set back: they are of no use, and hold up no other's end. */
static void what_is_of_a_time_to_come_is_over(void **state)
{
	(void)state;
	assert_true(put(1, 5000));
	assert_true(has(1, 4700));
	assert_false(has(1, 4699));
	put_marked(400);
	tlsp_session_cache_expire(cache, 401);
	assert_false(is_somewhere());
	assert_int_equal(tlsp_session_cache_count(cache), 0);
}

static void without_memory_nothing_is_kept(void **state)
{
	(void)state;
	assert_true(put(1, 400));
	assert_ptr_equal(tlsp_session_cache_use(cache, NULL, 0), memory);
	assert_false(put(2, 400));
	assert_false(has(1, 100));
	forget(1);
	tlsp_session_cache_expire(cache, 1000);
	assert_int_equal(tlsp_session_cache_count(cache), 0);
	assert_null(tlsp_session_cache_use(cache, memory, MEMORY));
	assert_false(has(1, 100));
	assert_true(put(1, 400));
	assert_true(has(1, 100));
}

static void what_is_too_long_is_not_kept(void **state)
{
	static unsigned char session[TLSP_SESSION_MAX_OCTETS + 1];
	unsigned char id[TLSP_SESSION_ID_OCTETS] = {0};

	(void)state;
	assert_false(tlsp_session_cache_put(cache, id, session, 0, 400));
	assert_false(
			tlsp_session_cache_put(cache, id, session, sizeof(session), 400));
	for(int i = 0; i < 100; i++) {
		assert_true(tlsp_session_cache_put(
				cache, id, session, sizeof(session) - 1, 400));
		assert_int_equal(
				tlsp_session_cache_get(cache, id, out, 100), sizeof(out));
		id[5]++;
	}
}

/* ---- many at once ---- */

static atomic_bool goes_on;
static atomic_ulong found_sessions, half_sessions;

static void *put_and_get(void *first)
{
	unsigned char found[TLSP_SESSION_MAX_OCTETS], session[2000],
			id[TLSP_SESSION_ID_OCTETS];
	unsigned number = *(unsigned *)first;

	for(unsigned i = 0; i < 20000; i++) {
		unsigned wanted = (number + i * 31) % 64;
		size_t octets = 500 + wanted;

		make_id(id, wanted);
		memset(session, (int)wanted, octets);
		if(i % 3 == 0)
			tlsp_session_cache_put(cache, id, session, octets, 400);
		if(i % 1000 == 0)
			tlsp_session_cache_expire(cache, 100);
		switch(tlsp_session_cache_get(cache, id, found, 100)) {
			case 0:
				break;
			default:
				found_sessions++;
				half_sessions += memcmp(found, session, octets) != 0;
		}
	}
	return NULL;
}

static void *use_and_use(void *unused)
{
	(void)unused;
	while(goes_on) {
		tlsp_session_cache_use(cache, NULL, 0);
		tlsp_session_cache_use(cache, memory, MEMORY);
	}
	return NULL;
}

static void run_threads(void)
{
	pthread_t threads[4];
	unsigned numbers[4];

	for(unsigned i = 0; i < 4; i++) {
		numbers[i] = i * 17;
		assert_int_equal(
				pthread_create(&threads[i], NULL, put_and_get, &numbers[i]), 0);
	}
	for(unsigned i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
}

static void threads_get_what_was_put_or_nothing(void **state)
{
	pthread_t user;

	(void)state;
	run_threads();
	assert_true(found_sessions > 20000);
	goes_on = true;
	assert_int_equal(pthread_create(&user, NULL, use_and_use, NULL), 0);
	run_threads();
	goes_on = false;
	pthread_join(user, NULL);
	assert_int_equal(half_sessions, 0);
}

/* As if a process stood still with every lock, the first of each shard. */
static void stand_still_with_all(bool with)
{
	size_t octets = tlsp_session_cache_octets() / 16;
	unsigned char *shards = (unsigned char *)cache;

	for(size_t i = 0; i < 16; i++) {
		atomic_flag *lock = (atomic_flag *)(void *)(shards + i * octets);

		if(with)
			assert_false(atomic_flag_test_and_set(lock));
		else
			atomic_flag_clear(lock);
	}
}

static void nobody_waits_for_a_lock(void **state)
{
	(void)state;
	assert_true(put(1, 400));
	stand_still_with_all(true);
	assert_false(put(1, 400));
	assert_false(has(1, 100));
	forget(1);
	tlsp_session_cache_expire(cache, 1000);
	stand_still_with_all(false);
	assert_true(has(1, 100));
}

/* Whose processes were ended in the middle. */
static void at_the_end_all_is_wiped_without_a_lock(void **state)
{
	(void)state;
	put_marked(400);
	stand_still_with_all(true);
	assert_ptr_equal(tlsp_session_cache_end(cache), memory);
	assert_false(is_somewhere());
	assert_null(tlsp_session_cache_end(cache));
}

int main(void)
{
	/* clang-format off */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_put_is_found_until_it_is_over, setup, teardown),
		cmocka_unit_test_setup_teardown(the_same_id_is_kept_once, setup, teardown),
		cmocka_unit_test_setup_teardown(the_oldest_make_room, setup, teardown),
		cmocka_unit_test_setup_teardown(any_order_of_things_is_survived, setup, teardown),
		cmocka_unit_test_setup_teardown(what_leaves_is_wiped, setup, teardown),
		cmocka_unit_test_setup_teardown(no_session_stays_for_longer_than_it_may, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_of_a_time_to_come_is_over, setup, teardown),
		cmocka_unit_test_setup_teardown(without_memory_nothing_is_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_too_long_is_not_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(threads_get_what_was_put_or_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(nobody_waits_for_a_lock, setup, teardown),
		cmocka_unit_test_setup_teardown(at_the_end_all_is_wiped_without_a_lock, setup, teardown),
	};
	/* clang-format on */

	return cmocka_run_group_tests(tests, NULL, NULL);
}
