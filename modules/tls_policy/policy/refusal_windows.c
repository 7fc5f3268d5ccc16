/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * refusal_windows - see refusal_windows.h. The hashes lie beside each other, so
 * that whoever looks for one reads 4 kB.
 */
#include "refusal_windows.h"

#include <string.h>

enum
{
	NETWORK_OCTETS = 8
};

struct window
{
	struct tlsp_left_out left_out; /* of this window */
	unsigned told;
};

struct tlsp_refusal_windows
{
	uint32_t hashes[TLSP_WINDOWS]; /* 0: the place is free */
	struct window places[TLSP_WINDOWS];
	struct tlsp_left_out others; /* without a place; count 0: none */
	size_t next;				 /* to be looked at by take */
};

size_t tlsp_refusal_windows_octets(void)
{
	return sizeof(struct tlsp_refusal_windows);
}

struct tlsp_refusal_windows *tlsp_refusal_windows_init(void *block)
{
	return memset(block, 0, tlsp_refusal_windows_octets());
}

/* FNV-1a, 32 bits, of octets and then of whole numbers; never 0. */
static uint32_t hash_key(const struct tlsp_window_key *key)
{
	const unsigned rest[] = {
			key->octets, key->network, key->testing, key->role, key->reasons};
	uint32_t hash = 2166136261U;

	for(size_t i = 0; i < key->octets; i++)
		hash = (hash ^ key->peer[i]) * 16777619U;
	for(size_t i = 0; i < sizeof(rest) / sizeof(*rest); i++)
		hash = (hash ^ rest[i]) * 16777619U;
	return hash ? hash : 1;
}

static bool same_key(
		const struct tlsp_window_key *a, const struct tlsp_window_key *b)
{
	return a->octets == b->octets && memcmp(a->peer, b->peer, a->octets) == 0
		   && a->network == b->network && a->testing == b->testing
		   && a->role == b->role && a->reasons == b->reasons;
}

/* The place of |key|; else the first free one, or TLSP_WINDOWS. */
static size_t find(const struct tlsp_refusal_windows *windows,
		const struct tlsp_window_key *key, uint32_t hashed)
{
	size_t unused = TLSP_WINDOWS;

	for(size_t i = 0; i < TLSP_WINDOWS; i++) {
		if(windows->hashes[i] == hashed
				&& same_key(&windows->places[i].left_out.of, key))
			return i;
		if(windows->hashes[i] == 0 && unused == TLSP_WINDOWS)
			unused = i;
	}
	return unused;
}

/* Does whoever has the address have many others beside it? */
static bool has_neighbours(const struct tlsp_window_key *key)
{
	return key->octets == 16 && key->peer[0] >> 5 != 0;
}

static bool network_is_full(const struct tlsp_refusal_windows *windows,
		const struct tlsp_window_key *key)
{
	size_t count = 0;

	for(size_t i = 0; i < TLSP_WINDOWS; i++) {
		const struct tlsp_window_key *of = &windows->places[i].left_out.of;

		if(windows->hashes[i] && !of->network && of->octets == 16
				&& memcmp(of->peer, key->peer, NETWORK_OCTETS) == 0)
			count++;
	}
	return count >= TLSP_WINDOWS_PER_NETWORK;
}

/* The place for |key|, which becomes its network's where that is full; or
 * TLSP_WINDOWS. */
static size_t find_or_choose(const struct tlsp_refusal_windows *windows,
		struct tlsp_window_key *key, uint32_t *hashed)
{
	size_t place = find(windows, key, *hashed);

	if((place < TLSP_WINDOWS && windows->hashes[place]) || !has_neighbours(key)
			|| !network_is_full(windows, key))
		return place;
	key->network = true;
	memset(key->peer + NETWORK_OCTETS, 0, sizeof(key->peer) - NETWORK_OCTETS);
	*hashed = hash_key(key);
	return find(windows, key, *hashed);
}

static bool tell_or_count(struct window *window)
{
	unsigned lines = window->left_out.of.testing ? TLSP_WINDOW_LINES_IN_TESTING
												 : TLSP_WINDOW_LINES;

	if(window->told < lines) {
		window->told++;
		return true;
	}
	window->left_out.count++;
	return false;
}

static bool has_ended(
		const struct tlsp_left_out *window, uint64_t now_s, uint64_t interval_s)
{
	return now_s < window->since_s || now_s - window->since_s >= interval_s;
}

static void count_other(struct tlsp_left_out *others, uint64_t now_s)
{
	if(others->count++ == 0)
		others->since_s = now_s;
}

bool tlsp_refusal_windows_note(struct tlsp_refusal_windows *windows,
		const struct tlsp_window_key *key, uint64_t now_s, uint64_t interval_s,
		struct tlsp_left_out *ended)
{
	struct tlsp_window_key of = *key;
	uint32_t hashed;
	struct window *window;
	size_t place;

	of.network = false;
	hashed = hash_key(&of);
	place = find_or_choose(windows, &of, &hashed);
	ended->count = 0;
	if(place == TLSP_WINDOWS) {
		count_other(&windows->others, now_s);
		return false;
	}
	window = &windows->places[place];
	if(windows->hashes[place] == 0
			|| has_ended(&window->left_out, now_s, interval_s)) {
		if(windows->hashes[place])
			*ended = window->left_out;
		memset(window, 0, sizeof(*window));
		window->left_out.of = of;
		window->left_out.since_s = now_s;
		windows->hashes[place] = hashed;
	}
	return tell_or_count(window);
}

static size_t take_others(struct tlsp_left_out *others, uint64_t now_s,
		uint64_t interval_s, struct tlsp_left_out *out)
{
	if(others->count == 0 || !has_ended(others, now_s, interval_s))
		return 0;
	*out = *others;
	others->count = 0;
	return 1;
}

size_t tlsp_refusal_windows_take(struct tlsp_refusal_windows *windows,
		uint64_t now_s, uint64_t interval_s, struct tlsp_left_out *out,
		size_t max)
{
	size_t taken =
			max ? take_others(&windows->others, now_s, interval_s, out) : 0;

	for(size_t looked = taken; looked < max; looked++) {
		size_t place = windows->next++ % TLSP_WINDOWS;
		const struct tlsp_left_out *left_out = &windows->places[place].left_out;

		if(windows->hashes[place] == 0
				|| !has_ended(left_out, now_s, interval_s))
			continue;
		if(left_out->count)
			out[taken++] = *left_out;
		windows->hashes[place] = 0;
	}
	return taken;
}
