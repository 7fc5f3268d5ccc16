/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * refusal_windows - see refusal_windows.h. The hashes lie beside each other, so
 * that whoever looks for one reads 4 kB.
 */
#include "refusal_windows.h"

#include <string.h>

#include "fnv.h"

enum
{
	LEVELS = 3
};

/* What begins with so many bits has so many windows. */
static const struct level
{
	unsigned char bits;
	size_t room;
} levels[LEVELS] = {{128, TLSP_WINDOWS_PER_ADDRESS},
		{64, TLSP_WINDOWS_PER_NETWORK}, {56, TLSP_WINDOWS_PER_LINE}};

struct window
{
	struct tlsp_left_out left_out; /* of this window */
	unsigned told;
};

struct tlsp_refusal_windows
{
	uint32_t hashes[TLSP_WINDOWS]; /* 0: the place is free */
	struct window places[TLSP_WINDOWS];
	struct window others; /* without a place */
	bool has_others;
	size_t next; /* to be looked at by take */
};

size_t tlsp_refusal_windows_octets(void)
{
	return sizeof(struct tlsp_refusal_windows);
}

struct tlsp_refusal_windows *tlsp_refusal_windows_init(void *block)
{
	return memset(block, 0, tlsp_refusal_windows_octets());
}

/* Of octets and then of whole numbers; never 0. */
static uint32_t hash_key(const struct tlsp_window_key *key)
{
	const unsigned rest[] = {
			key->octets, key->shared, key->testing, key->role, key->reasons};
	uint32_t hash = tlsp_fnv_octets(TLSP_FNV_BEGIN, key->peer, key->octets);

	for(size_t i = 0; i < sizeof(rest) / sizeof(*rest); i++)
		hash = tlsp_fnv_word(hash, rest[i]);
	return hash ? hash : 1;
}

static bool same_key(
		const struct tlsp_window_key *a, const struct tlsp_window_key *b)
{
	return a->octets == b->octets && memcmp(a->peer, b->peer, a->octets) == 0
		   && a->shared == b->shared && a->testing == b->testing
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

static unsigned char bits_of(
		const struct level *level, const struct tlsp_window_key *key)
{
	return key->octets == 4 ? 32 : level->bits;
}

/* How many windows each of |count| levels of |key| has below it. */
static void count_windows(const struct tlsp_refusal_windows *windows,
		const struct tlsp_window_key *key, size_t count, size_t counts[LEVELS])
{
	for(size_t i = 0; i < TLSP_WINDOWS; i++) {
		const struct tlsp_window_key *of = &windows->places[i].left_out.of;

		if(!windows->hashes[i] || of->octets != key->octets
				|| memcmp(of->peer, key->peer, 4) != 0) /* most are elsewhere */
			continue;
		for(size_t j = count; j-- > 0;) {
			unsigned char bits = bits_of(&levels[j], key);

			if(memcmp(of->peer, key->peer, bits / 8U) != 0)
				break; /* then it is in no narrower one */
			if(!of->shared || of->shared > bits)
				counts[j]++;
		}
	}
}

/* |key| becomes that of what begins with |bits| of its peer. */
static void share(struct tlsp_window_key *key, unsigned char bits)
{
	key->shared = bits;
	key->reasons = 0;
	memset(key->peer + bits / 8, 0, key->octets - bits / 8U);
}

/* The place for |key|, which becomes a shared one where its address or network
 * is full; or TLSP_WINDOWS. */
static size_t find_or_choose(const struct tlsp_refusal_windows *windows,
		struct tlsp_window_key *key, uint32_t *hashed)
{
	size_t place = find(windows, key, *hashed), counts[LEVELS] = {0};
	size_t count = has_neighbours(key) ? LEVELS : 1;

	if(place < TLSP_WINDOWS && windows->hashes[place])
		return place;
	count_windows(windows, key, count, counts);
	for(size_t i = 0; i < count; i++) {
		if(counts[i] < levels[i].room)
			continue;
		share(key, bits_of(&levels[i], key));
		*hashed = hash_key(key);
		place = find(windows, key, *hashed);
		if(place < TLSP_WINDOWS && windows->hashes[place])
			break;
	}
	return place;
}

static unsigned lines_of(const struct tlsp_window_key *key)
{
	if(key->octets == 0)
		return TLSP_WINDOW_LINES_OF_OTHERS;
	return key->testing ? TLSP_WINDOW_LINES_IN_TESTING : TLSP_WINDOW_LINES;
}

static bool tell_or_count(struct window *window)
{
	unsigned lines = lines_of(&window->left_out.of);

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

/* |window| is of |key| from now on, if it |is_used| no longer; what it was goes
 * into |ended|. */
static void begin(struct window *window, bool is_used,
		const struct tlsp_window_key *key, uint64_t now_s, uint64_t interval_s,
		struct tlsp_left_out *ended)
{
	if(is_used && !has_ended(&window->left_out, now_s, interval_s))
		return;
	if(is_used)
		*ended = window->left_out;
	memset(window, 0, sizeof(*window));
	window->left_out.of = *key;
	window->left_out.since_s = now_s;
}

bool tlsp_refusal_windows_note(struct tlsp_refusal_windows *windows,
		const struct tlsp_window_key *key, uint64_t now_s, uint64_t interval_s,
		struct tlsp_left_out *ended)
{
	static const struct tlsp_window_key others; /* octets: 0 */
	struct tlsp_window_key of = *key;
	struct window *window = &windows->others;
	uint32_t hashed;
	size_t place;

	of.shared = 0;
	hashed = hash_key(&of);
	place = find_or_choose(windows, &of, &hashed);
	ended->count = 0;
	if(place == TLSP_WINDOWS) {
		begin(window, windows->has_others, &others, now_s, interval_s, ended);
		windows->has_others = true;
	} else {
		window = &windows->places[place];
		begin(window, windows->hashes[place] != 0, &of, now_s, interval_s,
				ended);
		windows->hashes[place] = hashed;
	}
	return tell_or_count(window);
}

static size_t take_others(struct tlsp_refusal_windows *windows, uint64_t now_s,
		uint64_t interval_s, struct tlsp_left_out *out)
{
	const struct tlsp_left_out *left_out = &windows->others.left_out;

	if(!windows->has_others || !has_ended(left_out, now_s, interval_s))
		return 0;
	windows->has_others = false;
	if(left_out->count == 0)
		return 0;
	*out = *left_out;
	return 1;
}

size_t tlsp_refusal_windows_take(struct tlsp_refusal_windows *windows,
		uint64_t now_s, uint64_t interval_s, struct tlsp_left_out *out,
		size_t max)
{
	size_t taken = max ? take_others(windows, now_s, interval_s, out) : 0;

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
