/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * schedule_test - who is due, against a list that is searched; how many steps
 * it takes, counted; how connections are spread.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/rehandshake/schedule.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define HOUR_MS UINT64_C(3600000)

enum
{
	MANY = 100000,
	FEW = 100,
	MODEL_ENTRIES = 8000, /* more than one call can spread */
	TAKE = 64,
	STEPS = TLSP_SCHEDULE_STEPS_PER_CALL + TAKE * TLSP_SCHEDULE_STEPS_PER_ENTRY
};

static struct tlsp_schedule schedule;
static struct tlsp_schedule_entry entries[MANY];

static void start_anew(void)
{
	memset(&schedule, 0x5a, sizeof(schedule));
	tlsp_schedule_init(&schedule);
	memset(entries, 0, sizeof(entries));
}

static uint64_t random_state = 1;

/* xorshift (Marsaglia, 2003): the same in every run. */
static uint64_t random_number(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

/* Of a random number of bits, so that every level is met. */
static uint64_t random_span(unsigned most_bits)
{
	return random_number() >> (64 - (1 + random_number() % most_bits));
}

/* What the model believes: the time at which an entry counts as due. */
static struct
{
	bool in;
	uint64_t key;
} model[MODEL_ENTRIES];
static size_t model_entries;

static void model_add(size_t i, uint64_t due_ms)
{
	uint64_t cursor;

	tlsp_schedule_add(&schedule, &entries[i], due_ms);
	cursor = schedule.cursor_ms;
	model[i].in = due_ms != TLSP_SCHEDULE_NEVER;
	model[i].key = due_ms > cursor ? due_ms : cursor;
}

static size_t model_count(void)
{
	size_t count = 0;

	for(size_t i = 0; i < model_entries; i++)
		count += model[i].in;
	return count;
}

static uint64_t model_earliest(void)
{
	uint64_t earliest = TLSP_SCHEDULE_NEVER;

	for(size_t i = 0; i < model_entries; i++)
		if(model[i].in && model[i].key < earliest)
			earliest = model[i].key;
	return earliest;
}

/* Those who come out are due, in order, and none that is left is earlier; if
 * not |max| came, none is left that is due, or the steps of the call are used
 * up. */
static void model_take(uint64_t now_ms, size_t max)
{
	struct tlsp_schedule_entry *due[TAKE];
	uint64_t steps = schedule.steps, last = 0;
	uint64_t earliest = tlsp_schedule_earliest(&schedule);
	size_t taken;

	assert_true(earliest <= model_earliest());
	assert_int_equal(earliest == TLSP_SCHEDULE_NEVER, schedule.count == 0);
	taken = tlsp_schedule_take_due(&schedule, now_ms, due, max);
	assert_true(taken <= max);
	assert_true(taken == 0 || earliest <= now_ms);
	assert_true(schedule.steps - steps <= STEPS);
	for(size_t i = 0; i < taken; i++) {
		size_t which = (size_t)(due[i] - entries);

		assert_true(which < model_entries && model[which].in);
		assert_false(tlsp_schedule_has(due[i]));
		assert_true(model[which].key >= last && model[which].key <= now_ms);
		last = model[which].key;
		model[which].in = false;
	}
	assert_true(model_earliest() >= last);
	if(taken < max
			&& schedule.steps - steps
					   < TLSP_SCHEDULE_STEPS_PER_CALL
								 + max * TLSP_SCHEDULE_STEPS_PER_ENTRY)
		assert_true(
				model_earliest() > now_ms || model_earliest() == UINT64_MAX);
}

static void model_round(uint64_t *now_ms, unsigned bits)
{
	size_t i = random_number() % model_entries;

	switch(random_number() % 8) {
		case 0:
		case 1:
		case 2:
			model_add(i, *now_ms + random_span(bits));
			break;
		case 3: /* overdue */
			model_add(i, *now_ms - random_span(bits) % (*now_ms + 1));
			break;
		case 4:
			tlsp_schedule_remove(&schedule, &entries[i]);
			model[i].in = false;
			break;
		case 5:
			*now_ms += random_span(bits);
			break;
		case 6: /* the clock goes back */
			model_take(*now_ms - random_span(bits) % (*now_ms + 1), TAKE);
			break;
		default:
			model_take(*now_ms, random_number() % (TAKE + 1));
	}
	assert_int_equal(schedule.count, model_count());
}

static void run_model(size_t count, size_t rounds, unsigned bits)
{
	struct tlsp_schedule_entry *due[TAKE];
	uint64_t now_ms = random_span(50);

	start_anew();
	model_entries = count;
	memset(model, 0, sizeof(model));
	for(size_t i = 0; i < count; i++)
		model_add(i, now_ms + random_span(bits));
	for(size_t i = 0; i < rounds; i++)
		model_round(&now_ms, bits);
	for(size_t i = 0; i < count; i++)
		model_take(UINT64_MAX, TAKE);
	assert_int_equal(schedule.count, 0);
	assert_int_equal(model_count(), 0);
	assert_int_equal(
			tlsp_schedule_take_due(&schedule, UINT64_MAX, due, TAKE), 0);
}

static void it_does_what_a_list_that_is_searched_does(void **state)
{
	static const unsigned spans[] = {4, 8, 13, 20, 28, 44};

	(void)state;
	for(size_t s = 0; s < COUNT(spans); s++)
		run_model(300, 40000, spans[s]);
	/* so many that a call leaves a slot half spread */
	for(size_t i = 0; i < 12; i++)
		run_model(MODEL_ENTRIES, 200, 30);
}

/* |connections| opened within a minute; nothing is due. Steps of |ticks|. */
static uint64_t steps_of_idle_ticks(size_t connections, size_t ticks)
{
	struct tlsp_schedule_entry *due[TAKE];
	uint64_t start = 987654321, steps;

	start_anew();
	for(size_t i = 0; i < connections; i++)
		tlsp_schedule_add(&schedule, &entries[i],
				tlsp_schedule_next(start + i % 60000, HOUR_MS, i));
	steps = schedule.steps;
	for(size_t i = 0; i < ticks; i++)
		assert_int_equal(
				tlsp_schedule_take_due(&schedule, start + 60000 + i, due, TAKE),
				0);
	return schedule.steps - steps;
}

static void an_idle_tick_of_100000_costs_what_one_of_100_costs(void **state)
{
	enum
	{
		TICKS = 1000,
		ONCE = TLSP_SCHEDULE_STEPS_PER_ENTRY /* none of it for each entry */
	};
	uint64_t few = steps_of_idle_ticks(FEW, TICKS);
	uint64_t many = steps_of_idle_ticks(MANY, TICKS);

	(void)state;
	assert_true(few <= TICKS + ONCE);
	assert_true(many <= TICKS + ONCE);
	assert_int_equal(few, many);
}

/* An hour of ticks: everything comes once, not late, at a bounded price. */
static void an_hour_of_100000_costs_at_most_11_steps_each(void **state)
{
	struct tlsp_schedule_entry *due[TAKE];
	uint64_t start = 987654321, last = 0;
	size_t total = 0, ticks = 0;

	(void)state;
	start_anew();
	for(size_t i = 0; i < MANY; i++)
		tlsp_schedule_add(
				&schedule, &entries[i], tlsp_schedule_next(start, HOUR_MS, i));
	for(uint64_t now = start; now <= start + HOUR_MS; now += 100, ticks++) {
		size_t taken = tlsp_schedule_take_due(&schedule, now, due, TAKE);

		for(size_t i = 0; i < taken; i++) {
			assert_true(due[i]->due_ms >= last && due[i]->due_ms <= now);
			last = due[i]->due_ms;
		}
		total += taken;
	}
	assert_int_equal(total, MANY);
	assert_int_equal(schedule.count, 0);
	assert_true(schedule.steps <= ticks + MANY * TLSP_SCHEDULE_STEPS_PER_ENTRY);
}

/* Who sleeps until the earliest is late for nobody, and wakes a few times for
 * each. */
static void who_wakes_for_the_earliest_wakes_seldom(void **state)
{
	struct tlsp_schedule_entry *due[TAKE];
	uint64_t now = 987654321;
	size_t total = 0, wakes = 0;

	(void)state;
	start_anew();
	for(size_t i = 0; i < FEW; i++)
		tlsp_schedule_add(
				&schedule, &entries[i], tlsp_schedule_next(now, HOUR_MS, i));
	for(; schedule.count > 0 && wakes <= FEW * 3; wakes++) {
		size_t taken;

		if(tlsp_schedule_earliest(&schedule) > now)
			now = tlsp_schedule_earliest(&schedule);
		taken = tlsp_schedule_take_due(&schedule, now, due, TAKE);
		for(size_t i = 0; i < taken; i++)
			assert_int_equal(due[i]->due_ms, now);
		total += taken;
	}
	assert_int_equal(total, FEW);
	assert_true(wakes <= FEW * 3);
	assert_true(tlsp_schedule_earliest(&schedule) == TLSP_SCHEDULE_NEVER);
}

static void many_due_at_once_are_taken_in_bounded_portions(void **state)
{
	struct tlsp_schedule_entry *due[TAKE];
	size_t total = 0, calls = 0;

	(void)state;
	start_anew();
	for(size_t i = 0; i < MANY; i++)
		tlsp_schedule_add(&schedule, &entries[i], HOUR_MS + i % 2);
	while(schedule.count > 0) {
		uint64_t steps = schedule.steps;
		size_t taken =
				tlsp_schedule_take_due(&schedule, 2 * HOUR_MS, due, TAKE);

		assert_true(schedule.steps - steps <= STEPS);
		for(size_t i = 0; i < taken; i++)
			assert_true(due[i]->due_ms == HOUR_MS + (total + i >= MANY / 2));
		total += taken;
		calls++;
	}
	assert_int_equal(total, MANY);
	assert_true(
			calls
			<= MANY / TAKE + 1 + MANY * TLSP_SCHEDULE_STEPS_PER_ENTRY / STEPS);
}

/* While one call leaves a slot half spread, entries come and go. */
static void an_entry_removed_or_added_between_portions_is_right(void **state)
{
	enum
	{
		LOT = 6000 /* more than one call spreads */
	};
	struct tlsp_schedule_entry *due[TAKE];
	size_t total;

	(void)state;
	start_anew();
	for(size_t i = 0; i < LOT; i++)
		tlsp_schedule_add(&schedule, &entries[i], HOUR_MS + i % 1000);
	total = tlsp_schedule_take_due(&schedule, HOUR_MS + 999, due, TAKE);
	assert_int_equal(total, 0);
	for(size_t i = 0; i < LOT; i++)
		if(i % 2)
			tlsp_schedule_remove(&schedule, &entries[i]);
	tlsp_schedule_add(&schedule, &entries[1], HOUR_MS + 500);
	tlsp_schedule_add(&schedule, &entries[3], HOUR_MS + 5000);
	tlsp_schedule_add(&schedule, &entries[5], 1);
	for(size_t i = 0; i < LOT; i++)
		total += tlsp_schedule_take_due(&schedule, HOUR_MS + 999, due, TAKE);
	assert_int_equal(total, LOT / 2 + 2);
	assert_int_equal(schedule.count, 1);
	assert_true(tlsp_schedule_has(&entries[3]));
	for(size_t i = 0; i < LOT; i++)
		tlsp_schedule_remove(&schedule, &entries[i]);
	assert_int_equal(schedule.count, 0);
}

static void never_is_not_scheduled_and_removing_twice_is_nothing(void **state)
{
	struct tlsp_schedule_entry *due[1];

	(void)state;
	start_anew();
	tlsp_schedule_remove(&schedule, &entries[0]);
	tlsp_schedule_add(&schedule, &entries[0], TLSP_SCHEDULE_NEVER);
	assert_false(tlsp_schedule_has(&entries[0]));
	tlsp_schedule_add(&schedule, &entries[0], 5);
	tlsp_schedule_add(&schedule, &entries[0], 7);
	assert_int_equal(schedule.count, 1);
	assert_int_equal(tlsp_schedule_take_due(&schedule, 6, due, 1), 0);
	assert_int_equal(tlsp_schedule_take_due(&schedule, 7, due, 0), 0);
	tlsp_schedule_add(&schedule, &entries[0], TLSP_SCHEDULE_NEVER);
	tlsp_schedule_remove(&schedule, &entries[0]);
	assert_int_equal(schedule.count, 0);
	assert_int_equal(tlsp_schedule_take_due(&schedule, 9, due, 1), 0);
}

/* One wrong reading of the clock, then the right one again. */
static void a_clock_that_jumps_neither_hangs_nor_starves(void **state)
{
	struct tlsp_schedule_entry *due[4];
	uint64_t now = 1000000;
	size_t total = 0;

	(void)state;
	start_anew();
	for(size_t i = 0; i < 3; i++)
		tlsp_schedule_add(&schedule, &entries[i], now + (i + 1) * HOUR_MS);
	assert_int_equal(tlsp_schedule_take_due(&schedule, 0, due, 4), 0);
	assert_int_equal(tlsp_schedule_take_due(&schedule, UINT64_MAX, due, 2), 2);
	/* the third is still there, and who comes back is due within an hour of
	 * the time that was jumped to, at the latest */
	tlsp_schedule_add(&schedule, due[0], now + 60000);
	assert_int_equal(tlsp_schedule_take_due(&schedule, now, due + 1, 3), 0);
	for(uint64_t t = now; t <= now + 3 * HOUR_MS; t += 1000)
		total += tlsp_schedule_take_due(&schedule, t, due, 4);
	assert_int_equal(total, 2);
	assert_int_equal(schedule.count, 0);
	/* empty again: nothing of the jump is left */
	tlsp_schedule_add(&schedule, &entries[0], now + 5);
	assert_int_equal(tlsp_schedule_take_due(&schedule, now + 4, due, 4), 0);
	assert_int_equal(tlsp_schedule_take_due(&schedule, now + 5, due, 4), 1);
	tlsp_schedule_add(&schedule, &entries[0], UINT64_MAX - 1);
	assert_int_equal(
			tlsp_schedule_take_due(&schedule, UINT64_MAX - 2, due, 4), 0);
	assert_int_equal(
			tlsp_schedule_take_due(&schedule, UINT64_MAX - 1, due, 4), 1);
}

static void the_next_time_is_up_to_a_tenth_early_and_never_late(void **state)
{
	static const uint64_t intervals[] = {
			1, 9, 10, 1000, 60000, HOUR_MS, 1500 * UINT64_C(60000)};

	(void)state;
	for(size_t i = 0; i < COUNT(intervals); i++)
		for(uint64_t seed = 0; seed < 1000; seed++) {
			uint64_t due = tlsp_schedule_next(7000, intervals[i], seed) - 7000;

			assert_true(due <= intervals[i]);
			assert_true(due >= intervals[i] - intervals[i] / 10);
			assert_true(
					tlsp_schedule_next(9000, intervals[i], seed) - 9000 == due);
		}
	assert_true(tlsp_schedule_next(7000, 0, 5) == TLSP_SCHEDULE_NEVER);
	assert_true(tlsp_schedule_changed(9000, 7000, 0, 5) == TLSP_SCHEDULE_NEVER);
	assert_true(tlsp_schedule_next(UINT64_MAX - 5, HOUR_MS, 5)
				== TLSP_SCHEDULE_NEVER);
	assert_true(tlsp_schedule_next(5, UINT64_MAX, 5) > UINT64_MAX / 2);
}

/* Of |connections| with ids in a row, the most in one of |parts| equal parts
 * of the times from |from| to |to|. */
static size_t fullest_part(
		size_t parts, uint64_t from, uint64_t to, const uint64_t *due)
{
	static size_t in_part[1000];
	size_t fullest = 0;

	memset(in_part, 0, sizeof(in_part));
	for(size_t i = 0; i < MANY; i++) {
		size_t part = (size_t)((due[i] - from) * parts / (to - from + 1));

		assert_true(due[i] >= from && due[i] <= to);
		if(++in_part[part] > fullest)
			fullest = in_part[part];
	}
	return fullest;
}

static void connections_opened_together_are_spread_evenly(void **state)
{
	static uint64_t due[MANY];
	uint64_t interval = HOUR_MS;

	(void)state;
	for(size_t i = 0; i < MANY; i++)
		due[i] = tlsp_schedule_next(1000, interval, 5000 + i);
	assert_true(fullest_part(360, 1000 + interval - interval / 10,
						1000 + interval, due)
				<= MANY / 360 * 11 / 10);
	/* the second time over twice as much */
	for(size_t i = 0; i < MANY; i++)
		due[i] = tlsp_schedule_next(due[i], interval, 5000 + i);
	assert_true(fullest_part(360, 1000 + 2 * (interval - interval / 10),
						1000 + 2 * interval, due)
				<= MANY / 360 * 11 / 10);
}

static void a_shorter_interval_spreads_over_one_interval(void **state)
{
	static uint64_t due[MANY];
	uint64_t now = 10 * HOUR_MS;

	(void)state;
	for(size_t i = 0; i < MANY; i++)
		due[i] = tlsp_schedule_changed(
				now, now - HOUR_MS / 2 - i % 1000, 60000, i);
	assert_true(fullest_part(600, now, now + 60000 - 1, due)
				<= MANY / 600 * 11 / 10);
	/* what is not over yet stays where the new interval puts it */
	for(uint64_t seed = 0; seed < 1000; seed++)
		assert_true(tlsp_schedule_changed(now, now - 1000, HOUR_MS, seed)
					== tlsp_schedule_next(now - 1000, HOUR_MS, seed));
}

int main(void)
{
	/* clang-format off */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_does_what_a_list_that_is_searched_does),
		cmocka_unit_test(an_idle_tick_of_100000_costs_what_one_of_100_costs),
		cmocka_unit_test(an_hour_of_100000_costs_at_most_11_steps_each),
		cmocka_unit_test(who_wakes_for_the_earliest_wakes_seldom),
		cmocka_unit_test(many_due_at_once_are_taken_in_bounded_portions),
		cmocka_unit_test(an_entry_removed_or_added_between_portions_is_right),
		cmocka_unit_test(never_is_not_scheduled_and_removing_twice_is_nothing),
		cmocka_unit_test(a_clock_that_jumps_neither_hangs_nor_starves),
		cmocka_unit_test(the_next_time_is_up_to_a_tenth_early_and_never_late),
		cmocka_unit_test(connections_opened_together_are_spread_evenly),
		cmocka_unit_test(a_shorter_interval_spreads_over_one_interval),
	};
	/* clang-format on */

	return cmocka_run_group_tests(tests, NULL, NULL);
}
