/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * schedule - see schedule.h. A time is 11 digits of 6 bits. An entry lies in
 * the level of the highest digit in which its time differs from the cursor's,
 * in the slot of its own digit there: so every entry of a lower level is due
 * before any of a higher one, and the earliest slot is two bit scans away.
 * Only when the time of a slot above level 0 has come, the cursor moves there
 * and the slot's entries move to finer slots, one at each step.
 */
#include "schedule.h"

#include <string.h>

enum
{
	DIGIT_BITS = 6,
	NO_SLOT = UINT16_MAX
};

_Static_assert(sizeof(struct tlsp_schedule_entry) <= 32,
		"a connection's place in the schedule is small");

void tlsp_schedule_init(struct tlsp_schedule *schedule)
{
	memset(schedule, 0, sizeof(*schedule));
	schedule->unfolding = NO_SLOT;
}

bool tlsp_schedule_has(const struct tlsp_schedule_entry *entry)
{
	return entry->next != NULL;
}

/* The slot of |time_ms|, which is not before the cursor. */
static unsigned slot_of(const struct tlsp_schedule *schedule, uint64_t time_ms)
{
	uint64_t differs = time_ms ^ schedule->cursor_ms;
	unsigned level = 0;

	if(differs)
		level = (63U - (unsigned)__builtin_clzll(differs)) / DIGIT_BITS;
	return level * TLSP_SCHEDULE_SLOTS
		   + (unsigned)(time_ms >> (level * DIGIT_BITS)) % TLSP_SCHEDULE_SLOTS;
}

/* When the time of |slot| comes: the cursor's digits above, the slot's own. */
static uint64_t start_of(const struct tlsp_schedule *schedule, unsigned slot)
{
	unsigned level = slot / TLSP_SCHEDULE_SLOTS;
	unsigned shift = level * DIGIT_BITS;
	uint64_t above = 0;

	if(level + 1 < TLSP_SCHEDULE_LEVELS)
		above = schedule->cursor_ms & (UINT64_MAX << (shift + DIGIT_BITS));
	return above | ((uint64_t)(slot % TLSP_SCHEDULE_SLOTS) << shift);
}

static unsigned earliest_slot(const struct tlsp_schedule *schedule)
{
	unsigned level;

	if(schedule->unfolding != NO_SLOT)
		return schedule->unfolding;
	if(!schedule->levels)
		return NO_SLOT;
	level = (unsigned)__builtin_ctz(schedule->levels);
	return level * TLSP_SCHEDULE_SLOTS
		   + (unsigned)__builtin_ctzll(schedule->occupied[level]);
}

/* At the end of its slot's ring. */
static void put(
		struct tlsp_schedule *schedule, struct tlsp_schedule_entry *entry)
{
	unsigned slot = slot_of(schedule, entry->due_ms > schedule->cursor_ms
											  ? entry->due_ms
											  : schedule->cursor_ms);
	unsigned level = slot / TLSP_SCHEDULE_SLOTS;
	struct tlsp_schedule_entry *first = schedule->slots[slot];

	entry->slot = (uint16_t)slot;
	entry->next = first ? first : entry;
	entry->prev = first ? first->prev : entry;
	entry->prev->next = entry;
	entry->next->prev = entry;
	if(!first)
		schedule->slots[slot] = entry;
	schedule->occupied[level] |= UINT64_C(1) << (slot % TLSP_SCHEDULE_SLOTS);
	schedule->levels = (uint16_t)(schedule->levels | 1U << level);
	schedule->count++;
}

static void empty_slot(struct tlsp_schedule *schedule, unsigned slot)
{
	unsigned level = slot / TLSP_SCHEDULE_SLOTS;

	schedule->slots[slot] = NULL;
	schedule->occupied[level] &= ~(UINT64_C(1) << (slot % TLSP_SCHEDULE_SLOTS));
	if(!schedule->occupied[level])
		schedule->levels = (uint16_t)(schedule->levels & ~(1U << level));
	if(schedule->unfolding == slot)
		schedule->unfolding = NO_SLOT;
}

void tlsp_schedule_remove(
		struct tlsp_schedule *schedule, struct tlsp_schedule_entry *entry)
{
	if(!tlsp_schedule_has(entry))
		return;
	if(entry->next == entry)
		empty_slot(schedule, entry->slot);
	else if(schedule->slots[entry->slot] == entry)
		schedule->slots[entry->slot] = entry->next;
	entry->prev->next = entry->next;
	entry->next->prev = entry->prev;
	entry->next = entry->prev = NULL;
	schedule->count--;
}

void tlsp_schedule_add(struct tlsp_schedule *schedule,
		struct tlsp_schedule_entry *entry, uint64_t due_ms)
{
	tlsp_schedule_remove(schedule, entry);
	if(due_ms == TLSP_SCHEDULE_NEVER)
		return;
	if(schedule->count == 0)
		schedule->cursor_ms = 0;
	entry->due_ms = due_ms;
	put(schedule, entry);
}

size_t tlsp_schedule_take_due(struct tlsp_schedule *schedule, uint64_t now_ms,
		struct tlsp_schedule_entry **due, size_t max)
{
	size_t taken = 0;

	for(size_t left = TLSP_SCHEDULE_STEPS_PER_CALL
					  + max * TLSP_SCHEDULE_STEPS_PER_ENTRY;
			left > 0 && taken < max; left--) {
		unsigned slot = earliest_slot(schedule);
		struct tlsp_schedule_entry *entry;

		schedule->steps++;
		if(slot == NO_SLOT || start_of(schedule, slot) > now_ms)
			break;
		entry = schedule->slots[slot];
		if(slot >= TLSP_SCHEDULE_SLOTS && schedule->unfolding == NO_SLOT) {
			schedule->cursor_ms = start_of(schedule, slot);
			schedule->unfolding = (uint16_t)slot;
		}
		tlsp_schedule_remove(schedule, entry);
		if(slot < TLSP_SCHEDULE_SLOTS)
			due[taken++] = entry;
		else
			put(schedule, entry);
	}
	return taken;
}

uint64_t tlsp_schedule_earliest(const struct tlsp_schedule *schedule)
{
	unsigned slot = earliest_slot(schedule);

	return slot == NO_SLOT ? TLSP_SCHEDULE_NEVER : start_of(schedule, slot);
}

/* 0 to |range| - 1, evenly for consecutive seeds. |range| is at most 2^32. */
static uint64_t spread(uint64_t seed, uint64_t range)
{
	/* 2^64 divided by the golden ratio */
	return ((seed * UINT64_C(0x9e3779b97f4a7c15)) >> 32) * range >> 32;
}

static uint64_t at_most_32_bits(uint64_t number)
{
	return number < UINT32_MAX ? number : UINT32_MAX;
}

static uint64_t later(uint64_t time_ms, uint64_t by_ms)
{
	return time_ms < UINT64_MAX - by_ms ? time_ms + by_ms : TLSP_SCHEDULE_NEVER;
}

uint64_t tlsp_schedule_next(
		uint64_t last_ms, uint64_t interval_ms, uint64_t seed)
{
	uint64_t earlier = spread(seed, at_most_32_bits(interval_ms / 10) + 1);

	if(interval_ms == 0)
		return TLSP_SCHEDULE_NEVER;
	return later(last_ms, interval_ms - earlier);
}

uint64_t tlsp_schedule_changed(
		uint64_t now_ms, uint64_t last_ms, uint64_t interval_ms, uint64_t seed)
{
	uint64_t due_ms = tlsp_schedule_next(last_ms, interval_ms, seed);

	if(due_ms > now_ms)
		return due_ms;
	return later(now_ms, spread(seed, at_most_32_bits(interval_ms)));
}
