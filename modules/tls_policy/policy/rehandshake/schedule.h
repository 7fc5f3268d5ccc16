/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * schedule - which connections are due for a re-handshake now. A hierarchical
 * timing wheel (Varghese and Lauck, 1987) of entries that lie in the caller's
 * own records; doc/decisions says why. Owns nothing, allocates nothing, reads
 * no clock: times are milliseconds of one monotonic clock. A schedule and its
 * entries may lie in shared memory that is mapped at one address; the caller's
 * lock guards both. libc only; any process.
 */
#ifndef TLSP_SCHEDULE_H
#define TLSP_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TLSP_SCHEDULE_NEVER UINT64_MAX

enum
{
	TLSP_SCHEDULE_LEVELS = 11,			/* 6 bits of a time each: all 64 */
	TLSP_SCHEDULE_SLOTS = 64,			/* of one level */
	TLSP_SCHEDULE_STEPS_PER_ENTRY = 11, /* down every level, and out */
	TLSP_SCHEDULE_STEPS_PER_CALL = 1024 /* on top: about 1 ms */
};

/* One connection's place. Zeroed memory is an entry that is not scheduled. */
struct tlsp_schedule_entry
{
	struct tlsp_schedule_entry *next, *prev; /* a ring; NULL: not scheduled */
	uint64_t due_ms;
	uint16_t slot;
};

/* All of it. To be read by nobody but schedule.c, |count| and |steps| apart. */
struct tlsp_schedule
{
	size_t count;		/* of entries that are scheduled */
	uint64_t steps;		/* of work that take_due did so far */
	uint64_t cursor_ms; /* the time that slots are counted from */
	uint16_t levels;	/* bits: which have an entry */
	uint16_t unfolding; /* the slot that is being spread over finer ones */
	uint64_t occupied[TLSP_SCHEDULE_LEVELS]; /* bits: which slots have one */
	struct tlsp_schedule_entry
			*slots[TLSP_SCHEDULE_LEVELS * TLSP_SCHEDULE_SLOTS];
};

/* tlsp_schedule_init: an empty schedule. */
void tlsp_schedule_init(struct tlsp_schedule *schedule);

/*
 * tlsp_schedule_add: |entry| is due at |due_ms|; an entry that is scheduled
 * already is moved. TLSP_SCHEDULE_NEVER takes it out. Constant time.
 */
void tlsp_schedule_add(struct tlsp_schedule *schedule,
		struct tlsp_schedule_entry *entry, uint64_t due_ms);

/* tlsp_schedule_remove: takes |entry| out; nothing to do if it is not in.
 * Constant time. To be called before the memory of an entry is freed. */
void tlsp_schedule_remove(
		struct tlsp_schedule *schedule, struct tlsp_schedule_entry *entry);

/* tlsp_schedule_has: is |entry| scheduled? */
bool tlsp_schedule_has(const struct tlsp_schedule_entry *entry);

/*
 * tlsp_schedule_take_due takes out up to |max| entries whose time is not after
 * |now_ms|, earliest first, writes them to |due| and returns how many. It does
 * at most TLSP_SCHEDULE_STEPS_PER_CALL + |max| * TLSP_SCHEDULE_STEPS_PER_ENTRY
 * steps of constant time, one if nothing is due, whatever the number of
 * entries. What is left is taken by the next call. A call that has to spread a
 * large slot first may return fewer than |max| though more are due, but no
 * entry ever costs more than its 11 steps. An entry that was added with a time
 * before that of others taken already counts as due at theirs. |now_ms| may
 * jump ahead at will. When it goes back, nothing is due until it has come to
 * where an entry is; an empty schedule forgets the time it saw.
 */
size_t tlsp_schedule_take_due(struct tlsp_schedule *schedule, uint64_t now_ms,
		struct tlsp_schedule_entry **due, size_t max);

/* tlsp_schedule_earliest: when tlsp_schedule_take_due has to be called next: no
 * entry is due before that. The time of a coarse slot comes before those of its
 * entries, and each call then spreads it over finer ones: so an entry costs a
 * call for each of its digits at most. TLSP_SCHEDULE_NEVER if none is
 * scheduled. */
uint64_t tlsp_schedule_earliest(const struct tlsp_schedule *schedule);

/*
 * tlsp_schedule_next: when a connection is due that was re-handshaken (or
 * established) at |last_ms|: |interval_ms| later, or up to a tenth of that
 * earlier, never later. How much earlier is a function of |seed|, the
 * connection's id: consecutive ids come out evenly spread (Knuth, The Art of
 * Computer Programming 3, 6.4: Fibonacci hashing), and each connection keeps
 * its own period, so that those opened together drift apart. An interval of 0
 * is TLSP_SCHEDULE_NEVER; so is what does not fit.
 */
uint64_t tlsp_schedule_next(
		uint64_t last_ms, uint64_t interval_ms, uint64_t seed);

/*
 * tlsp_schedule_changed: likewise when the interval became |interval_ms| at
 * |now_ms|, for a connection that is open. Where the new interval is over
 * already, connections are spread evenly over one whole interval from now, so
 * that a shorter one does not make all of them due at once. For the change the
 * caller walks all its connections, in portions if it likes, and gives the
 * result to tlsp_schedule_add.
 */
uint64_t tlsp_schedule_changed(
		uint64_t now_ms, uint64_t last_ms, uint64_t interval_ms, uint64_t seed);

#endif
