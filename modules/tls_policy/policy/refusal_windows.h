/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * refusal_windows - which refusals the log is told of, and how many of each
 * peer it is not: a table of fixed size in the caller's memory (it may be
 * shared; the caller's lock guards it). Allocates nothing, reads no clock. libc
 * only; any process. Every refusal is either told or counted, exactly.
 *
 * A window is of one peer, its part and one set of reasons. The first
 * TLSP_WINDOW_LINES of it are told, in testing, where every connection of a
 * peer that works would be one, TLSP_WINDOW_LINES_IN_TESTING; the rest is
 * counted. Who can fill the table? Whoever is refused for many reasons: so an
 * address has at most TLSP_WINDOWS_PER_ADDRESS windows. And whoever has many
 * addresses, and everybody with IPv6 has 2^64 and mostly 256 times that: so an
 * IPv6 /64 has at most TLSP_WINDOWS_PER_NETWORK, and a /56
 * TLSP_WINDOWS_PER_LINE (RFC 4291, 2.5.1: all but those that begin with 000
 * have 64 bits of their own; RFC 6177: a home may get a /56). Further ones
 * share a window, whatever the reasons. Of those that find the table full
 * TLSP_WINDOW_LINES_OF_OTHERS are told, and the rest is counted for all such
 * peers together.
 */
#ifndef TLSP_REFUSAL_WINDOWS_H
#define TLSP_REFUSAL_WINDOWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "peer_facts.h"

enum
{
	TLSP_WINDOWS = 1024,
	TLSP_WINDOWS_PER_ADDRESS = 8,
	TLSP_WINDOWS_PER_NETWORK = 16,
	TLSP_WINDOWS_PER_LINE = 64,
	TLSP_WINDOW_LINES = 5,
	TLSP_WINDOW_LINES_IN_TESTING = 1,
	TLSP_WINDOW_LINES_OF_OTHERS = 64
};

/* Whose window, and of what. */
struct tlsp_window_key
{
	unsigned char peer[16]; /* in network order */
	unsigned char octets;	/* of |peer|: 4 or 16; 0: of all without a place */
	unsigned char shared;	/* by what begins with so many bits of |peer|, for
							 * whatever reasons; 0: by nobody */
	bool testing;			/* nobody was refused: it would have been */
	enum tlsp_role role;	/* ours */
	unsigned reasons;		/* enum tlsp_reason */
};

struct tlsp_left_out
{
	struct tlsp_window_key of;
	unsigned long count; /* 0: nothing was left out */
	uint64_t since_s;	 /* when the window began */
};

struct tlsp_refusal_windows; /* the caller's block */

/* tlsp_refusal_windows_octets: what a block takes (about 62 kB). */
size_t tlsp_refusal_windows_octets(void);

/* tlsp_refusal_windows_init: an empty table in |block|, aligned as malloc does.
 * Returns it. */
struct tlsp_refusal_windows *tlsp_refusal_windows_init(void *block);

/*
 * tlsp_refusal_windows_note: |key| (shared is not read) was refused at |now_s|:
 * is that to be told? If not it is counted. A window lasts
 * |interval_s|; one that has ended goes into |ended|, to be told with it, and
 * ended->count is 0 if there is none. Linear in the table (one to three
 * microseconds).
 */
bool tlsp_refusal_windows_note(struct tlsp_refusal_windows *windows,
		const struct tlsp_window_key *key, uint64_t now_s, uint64_t interval_s,
		struct tlsp_left_out *ended);

/*
 * tlsp_refusal_windows_take: of the next |max| places those whose window has
 * ended, and of them those that left something out into |out|; their places are
 * free. Returns how many; goes on where it stopped the last time.
 */
size_t tlsp_refusal_windows_take(struct tlsp_refusal_windows *windows,
		uint64_t now_s, uint64_t interval_s, struct tlsp_left_out *out,
		size_t max);

#endif
