/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shown_table_test - the certificates that peers have shown: the newest of each
 * peer, in a table that never grows, written and read at once; which of them
 * are to be told; and the list of those that end first.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/expiry/shown_table.h"
#include "policy/expiry/soonest.h"

enum
{
	WRITERS = 4,
	ROUNDS = 20000
};

static const int64_t DAY = TLSP_CERTIFICATE_S_PER_DAY;
static const int64_t NOW = 20000LL * TLSP_CERTIFICATE_S_PER_DAY;
static struct tlsp_shown_table table;
static struct tlsp_certificate rows[TLSP_SHOWN_PLACES];
static struct tlsp_soonest list;

static int setup(void **state)
{
	(void)state;
	memset(&table, 0, sizeof(table));
	memset(&list, 0, sizeof(list));
	return 0;
}

static struct tlsp_certificate certificate(
		const char *name, const char *rule, int64_t ends_s)
{
	struct tlsp_certificate out = {
			.kind = TLSP_CERTIFICATE_PEER, .ends_s = ends_s};

	snprintf(out.name, sizeof(out.name), "%s", name);
	snprintf(out.rule, sizeof(out.rule), "%s", rule);
	return out;
}

static void put(
		const char *name, const char *rule, int64_t ends_s, int64_t now_s)
{
	struct tlsp_certificate row = certificate(name, rule, ends_s);

	assert_true(tlsp_shown_table_put(&table, &row, now_s));
}

static const struct tlsp_certificate *find(const char *name, int64_t now_s)
{
	size_t count = tlsp_shown_table_list(&table, now_s, rows);

	for(size_t i = 0; i < count; i++)
		if(strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

static void days_are_whole_and_negative_after_the_end(void **state)
{
	static const struct
	{
		int64_t s;
		int days;
	} cases[] = {{59, 0}, {0, 0}, {DAY, 1}, {DAY + 59, 1}, {-1, -1},
			{-DAY + 600, -1}, {-DAY, -1}, {-DAY - 1, -2}, {30 * DAY + 600, 30}};

	(void)state;
	for(size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(tlsp_certificate_days_left(NOW + cases[i].s, NOW),
				cases[i].days);
}

static void the_newest_of_a_peer_replaces_the_one_before(void **state)
{
	(void)state;
	put("a.example", "default", NOW + 5 * DAY, NOW);
	put("a.example", "carriers", NOW + 6 * DAY, NOW);
	assert_int_equal(tlsp_shown_table_list(&table, NOW, rows), 2);
	put("a.example", "default", NOW + 300 * DAY, NOW + 60);
	assert_int_equal(tlsp_shown_table_list(&table, NOW, rows), 2);
	assert_int_equal(rows[0].ends_s, NOW + 300 * DAY);
	assert_int_equal(rows[0].shown_s, NOW + 60);
	assert_int_equal(rows[1].ends_s, NOW + 6 * DAY);
}

static void the_roles_of_a_peer_are_two(void **state)
{
	struct tlsp_certificate row = certificate("a.example", "default", NOW);

	(void)state;
	assert_true(tlsp_shown_table_put(&table, &row, NOW));
	row.role = TLSP_ROLE_CLIENT;
	assert_true(tlsp_shown_table_put(&table, &row, NOW));
	assert_int_equal(tlsp_shown_table_list(&table, NOW, rows), 2);
}

static void the_one_that_lasts_longest_makes_room(void **state)
{
	char name[32];

	(void)state;
	for(int i = 0; i < TLSP_SHOWN_PLACES; i++) {
		snprintf(name, sizeof(name), "peer%d.example", i);
		put(name, "default", NOW + (i + 1) * DAY, NOW);
	}
	put("new.example", "default", NOW + 9000 * DAY, NOW);
	assert_int_equal(
			tlsp_shown_table_list(&table, NOW, rows), TLSP_SHOWN_PLACES);
	assert_non_null(find("new.example", NOW));
	assert_null(find("peer255.example", NOW));
	put("newer.example", "default", NOW + DAY, NOW);
	assert_non_null(find("newer.example", NOW));
	assert_null(find("new.example", NOW));
	assert_non_null(find("peer0.example", NOW));
}

static void what_ended_long_ago_is_no_news_and_makes_room(void **state)
{
	(void)state;
	put("a.example", "default", NOW, NOW);
	assert_non_null(find("a.example", NOW + 30 * DAY));
	assert_null(find("a.example", NOW + 30 * DAY + 1));
	put("b.example", "default", NOW + 90 * DAY, NOW + 31 * DAY);
	assert_string_equal(table.places[0].certificate.name, "a.example");
	for(int i = 0; i < TLSP_SHOWN_PLACES - 1; i++) {
		char name[32];

		snprintf(name, sizeof(name), "peer%d.example", i);
		put(name, "default", NOW + 90 * DAY, NOW + 31 * DAY);
	}
	assert_non_null(find("b.example", NOW + 31 * DAY));
	assert_string_not_equal(table.places[0].certificate.name, "a.example");
}

static bool is_due(int64_t now_s)
{
	return tlsp_shown_table_is_due(&table, 0, now_s, 60, 7);
}

static void each_is_told_once_in_a_period_and_once_after_its_end(void **state)
{
	(void)state;
	assert_false(is_due(NOW));
	put("a.example", "default", NOW + 61 * DAY, NOW);
	assert_false(is_due(NOW));
	assert_true(is_due(NOW + DAY));
	tlsp_shown_table_told(&table, 0, NOW + DAY);
	assert_false(is_due(NOW + 8 * DAY - 1));
	assert_true(is_due(NOW + 8 * DAY));
	tlsp_shown_table_told(&table, 0, NOW + 57 * DAY);
	assert_false(is_due(NOW + 62 * DAY));
	assert_true(is_due(NOW + 64 * DAY));
	tlsp_shown_table_told(&table, 0, NOW + 64 * DAY);
	assert_false(is_due(NOW + 80 * DAY));
}

/* Set back by hand or by NTP, after it was far ahead. */
static void a_clock_that_was_ahead_ends_no_warning(void **state)
{
	(void)state;
	put("a.example", "default", NOW + 30 * DAY, NOW);
	tlsp_shown_table_told(&table, 0, NOW + 400 * DAY);
	assert_true(is_due(NOW));
	tlsp_shown_table_told(&table, 0, NOW);
	assert_false(is_due(NOW + 7 * DAY - 1));
	assert_true(is_due(NOW + 7 * DAY));
	tlsp_shown_table_told(&table, 0, NOW + 8 * DAY);
	assert_false(is_due(NOW + 2 * DAY));
	put("a.example", "default", NOW + 40 * DAY, NOW);
	tlsp_shown_table_told(&table, 0, NOW + 400 * DAY);
	assert_true(is_due(NOW));
}

/* One name, two machines with a certificate each, in turn. */
static void who_shows_two_in_turn_is_not_told_each_time(void **state)
{
	(void)state;
	put("a.example", "default", NOW + DAY, NOW);
	assert_true(is_due(NOW));
	tlsp_shown_table_told(&table, 0, NOW);
	put("a.example", "default", NOW + 300 * DAY, NOW + 1);
	assert_false(is_due(NOW + 1));
	put("a.example", "default", NOW + DAY, NOW + 2);
	assert_false(is_due(NOW + 2));
}

/* The end tells which name it is of: nobody reads half of one and half of
 * another. */
static void *write_on(void *number)
{
	unsigned long first = (unsigned long)(uintptr_t)number;

	for(unsigned long i = 0; i < ROUNDS; i++) {
		unsigned long peer = (first * 7 + i) % (2 * TLSP_SHOWN_PLACES);
		char name[300];
		struct tlsp_certificate row;

		memset(name, 'a' + (int)(peer % 26), sizeof(name));
		snprintf(name + 200, 16, "%lu", peer);
		row = certificate(name, "default", NOW + (int64_t)(peer + 1) * DAY);
		tlsp_shown_table_put(&table, &row, NOW);
	}
	return NULL;
}

static void check_row(const struct tlsp_certificate *row)
{
	unsigned long peer = (unsigned long)((row->ends_s - NOW) / DAY) - 1;
	char expected[16];

	snprintf(expected, sizeof(expected), "%lu", peer);
	assert_string_equal(row->name + 200, expected);
	for(size_t i = 0; i < 200; i++)
		assert_int_equal(row->name[i], 'a' + (int)(peer % 26));
}

static void copies_are_whole_while_others_write(void **state)
{
	pthread_t writers[WRITERS];
	size_t count;

	(void)state;
	for(uintptr_t i = 0; i < WRITERS; i++)
		assert_int_equal(
				pthread_create(&writers[i], NULL, write_on, (void *)i), 0);
	for(int round = 0; round < 200; round++) {
		count = tlsp_shown_table_list(&table, NOW, rows);
		for(size_t i = 0; i < count; i++)
			check_row(&rows[i]);
	}
	for(size_t i = 0; i < WRITERS; i++)
		pthread_join(writers[i], NULL);
	count = tlsp_shown_table_list(&table, NOW, rows);
	assert_true(count > TLSP_SHOWN_PLACES - WRITERS);
	for(size_t i = 0; i < TLSP_SHOWN_PLACES; i++)
		assert_false(table.places[i].taken);
}

/* Somebody has found a name with the hash of another. */
static void a_collision_takes_nobodys_place(void **state)
{
	(void)state;
	put("a.example", "default", NOW + DAY, NOW);
	snprintf(table.places[0].certificate.name, 16, "b.example");
	put("a.example", "default", NOW + 2 * DAY, NOW);
	assert_int_equal(tlsp_shown_table_list(&table, NOW, rows), 2);
	assert_int_equal(find("b.example", NOW)->ends_s, NOW + DAY);
	assert_int_equal(find("a.example", NOW)->ends_s, NOW + 2 * DAY);
	put("a.example", "default", NOW + 3 * DAY, NOW);
	assert_int_equal(tlsp_shown_table_list(&table, NOW, rows), 2);
	assert_int_equal(find("a.example", NOW)->ends_s, NOW + 3 * DAY);
}

/* Whoever has died in the middle of a copy is not waited for. */
static void a_place_that_stays_taken_is_passed_over(void **state)
{
	struct tlsp_certificate row = certificate("a.example", "default", NOW);

	(void)state;
	put("a.example", "default", NOW, NOW);
	table.places[0].taken = true;
	assert_false(tlsp_shown_table_put(&table, &row, NOW));
	put("b.example", "default", NOW, NOW);
	assert_int_equal(tlsp_shown_table_list(&table, NOW, rows), 1);
	assert_string_equal(rows[0].name, "b.example");
}

static void a_list_keeps_those_that_end_first(void **state)
{
	struct tlsp_certificate row;

	(void)state;
	for(int i = 0; i < TLSP_SOONEST_MAX + 10; i++) {
		row = certificate("file", "", NOW + (i * 37 % 1000) * DAY);
		row.about = (uint64_t)i + 1;
		tlsp_soonest_add(&list, &row);
	}
	assert_int_equal(list.count, TLSP_SOONEST_MAX);
	assert_int_equal(list.left_out, 10);
	tlsp_soonest_sort(list.rows, list.count);
	assert_int_equal(list.rows[0].ends_s, NOW);
	for(size_t i = 1; i < list.count; i++)
		assert_true(list.rows[i - 1].ends_s <= list.rows[i].ends_s);
	assert_true(tlsp_soonest_has(&list, TLSP_CERTIFICATE_PEER, 1));
	assert_false(tlsp_soonest_has(&list, TLSP_CERTIFICATE_OWN, 1));
	assert_false(tlsp_soonest_has(&list, TLSP_CERTIFICATE_PEER, 1 + 27 * 10));
}

/* So that a figure of the old one can be replaced. */
static void the_end_before_is_kept(void **state)
{
	static const struct
	{
		int64_t ends, before;
	} rows_of[] = {{10, 0}, {10, 0}, {400, 10}, {400, 10}, {800, 400}};

	(void)state;
	for(size_t i = 0; i < sizeof(rows_of) / sizeof(*rows_of); i++) {
		put("a", "r", NOW + rows_of[i].ends * DAY, NOW);
		assert_int_equal(tlsp_shown_table_list(&table, NOW, rows), 1);
		assert_int_equal(rows[0].ends_s, NOW + rows_of[i].ends * DAY);
		assert_int_equal(rows[0].before_s,
				rows_of[i].before ? NOW + rows_of[i].before * DAY : 0);
	}
	put("a", "other", NOW + DAY, NOW);
	assert_int_equal(tlsp_shown_table_list(&table, NOW, rows), 2);
	assert_int_equal(rows[0].before_s + rows[1].before_s, NOW + 400 * DAY);
}

int main(void)
{
#define FRESH(test) cmocka_unit_test_setup(test, setup)
	const struct CMUnitTest tests[] = {
			FRESH(the_end_before_is_kept),
			FRESH(days_are_whole_and_negative_after_the_end),
			FRESH(the_newest_of_a_peer_replaces_the_one_before),
			FRESH(the_roles_of_a_peer_are_two),
			FRESH(the_one_that_lasts_longest_makes_room),
			FRESH(what_ended_long_ago_is_no_news_and_makes_room),
			FRESH(each_is_told_once_in_a_period_and_once_after_its_end),
			FRESH(a_clock_that_was_ahead_ends_no_warning),
			FRESH(who_shows_two_in_turn_is_not_told_each_time),
			FRESH(copies_are_whole_while_others_write),
			FRESH(a_collision_takes_nobodys_place),
			FRESH(a_place_that_stays_taken_is_passed_over),
			FRESH(a_list_keeps_those_that_end_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
