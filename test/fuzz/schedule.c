/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * schedule - fuzz target: what is done to a timing wheel, an octet for each
 * step, against a list that is searched. Held: what is taken is due and comes
 * earliest first, nothing due is left behind, and no entry is lost.
 */
#include "fuzz.h"
#include "input.h"

#include "policy/rehandshake/schedule.h"

enum
{
	ENTRIES = 48, /* few enough for one call to spread all of them */
	TAKE = 16
};

static struct tlsp_schedule schedule;
static struct tlsp_schedule_entry entries[ENTRIES];
/* What the list believes: when an entry counts as due; NEVER: it is not in. */
static uint64_t due_ms[ENTRIES];

static void add(size_t i, uint64_t when_ms)
{
	tlsp_schedule_add(&schedule, &entries[i], when_ms);
	due_ms[i] = when_ms == TLSP_SCHEDULE_NEVER || when_ms > schedule.cursor_ms
						? when_ms
						: schedule.cursor_ms;
}

static void take_out(size_t i)
{
	tlsp_schedule_remove(&schedule, &entries[i]);
	due_ms[i] = TLSP_SCHEDULE_NEVER;
}

static void hold_taken(struct tlsp_schedule_entry *const *taken, size_t count,
		size_t most, uint64_t now_ms)
{
	uint64_t last_ms = 0;

	for(size_t i = 0; i < count; i++) {
		size_t number = (size_t)(taken[i] - entries);

		fuzz_hold(due_ms[number] != TLSP_SCHEDULE_NEVER);
		fuzz_hold(due_ms[number] <= now_ms && due_ms[number] >= last_ms);
		last_ms = due_ms[number];
		due_ms[number] = TLSP_SCHEDULE_NEVER;
	}
	for(size_t i = 0; i < ENTRIES && most > 0; i++)
		fuzz_hold(
				due_ms[i] >= last_ms && (count == most || due_ms[i] > now_ms));
}

static void take(uint64_t now_ms, size_t most)
{
	struct tlsp_schedule_entry *taken[TAKE];
	size_t count = tlsp_schedule_take_due(&schedule, now_ms, taken, most);

	fuzz_hold(count <= most);
	hold_taken(taken, count, most, now_ms);
}

static void hold_all(void)
{
	size_t count = 0;

	for(size_t i = 0; i < ENTRIES; i++) {
		fuzz_hold(tlsp_schedule_has(&entries[i])
				  == (due_ms[i] != TLSP_SCHEDULE_NEVER));
		count += due_ms[i] != TLSP_SCHEDULE_NEVER;
	}
	fuzz_hold(schedule.count == count);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t octets)
{
	struct input input = {data, octets};
	uint64_t now_ms = 1000;

	tlsp_schedule_init(&schedule);
	memset(entries, 0, sizeof(entries));
	memset(due_ms, 0xff, sizeof(due_ms));
	while(input.octets > 0) {
		unsigned step = next_octet(&input);
		size_t i = next_octet(&input) % ENTRIES;

		switch(step % 6) {
			case 0:
				add(i, now_ms + next_span(&input));
				break;
			case 1:
				add(i, next_span(&input));
				break;
			case 2:
				take_out(i);
				break;
			case 3:
				now_ms += next_span(&input) >> 1;
				take(now_ms, TAKE);
				break;
			case 4:
				take(now_ms, i % TAKE);
				break;
			default:
				now_ms -= now_ms >> (i % 8 + 1);
		}
		hold_all();
	}
	return 0;
}
