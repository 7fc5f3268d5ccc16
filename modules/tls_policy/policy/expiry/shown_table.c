/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shown_table - see shown_table.h.
 */
#include "shown_table.h"

#include <stdlib.h>
#include <string.h>

enum
{
	TRIES = 4,			/* places that others have taken just now */
	SPINS = 1000 * 1000 /* of who reads: then whoever has it is dead */
};

static uint64_t hash_on(uint64_t hash, const void *data, size_t octets)
{
	const unsigned char *at = data;

	for(size_t i = 0; i < octets; i++)
		hash = (hash ^ at[i]) * 1099511628211U;
	return hash;
}

/* FNV-1a, 64 bits; never 0. */
static uint64_t hash(const struct tlsp_certificate *certificate, unsigned salt)
{
	const unsigned char role = (unsigned char)certificate->role;
	uint64_t hash = 14695981039346656037U + salt;

	hash = hash_on(hash, certificate->name, strlen(certificate->name) + 1);
	hash = hash_on(hash, certificate->rule, strlen(certificate->rule) + 1);
	hash = hash_on(hash, &role, sizeof(role));
	return hash ? hash : 1;
}

static bool is_taken(const struct tlsp_shown_place *place)
{
	return atomic_load_explicit(&place->taken, memory_order_relaxed);
}

static bool take(struct tlsp_shown_place *place)
{
	return !atomic_exchange_explicit(&place->taken, true, memory_order_acquire);
}

static void let_go(struct tlsp_shown_place *place)
{
	atomic_store_explicit(&place->taken, false, memory_order_release);
}

/* When the place may be given away: the later, the rather. */
static int64_t lasts(const struct tlsp_shown_place *place, int64_t now_s)
{
	int64_t ends_s = atomic_load(&place->ends_s);

	if(atomic_load(&place->about) == 0)
		return INT64_MAX;
	return ends_s + TLSP_SHOWN_ENDED_S < now_s ? INT64_MAX - 1 : ends_s;
}

/* That of |about|; else one for it, which is of |before| now. NULL if all are
 * taken. */
static struct tlsp_shown_place *place_for(struct tlsp_shown_table *table,
		uint64_t about, int64_t now_s, uint64_t *before)
{
	struct tlsp_shown_place *found = NULL;
	int64_t most = INT64_MIN;

	for(size_t i = 0; i < TLSP_SHOWN_PLACES; i++) {
		struct tlsp_shown_place *place = &table->places[i];
		uint64_t whose = atomic_load(&place->about);
		int64_t until = lasts(place, now_s);

		if(whose != about && (is_taken(place) || until <= most))
			continue;
		*before = whose;
		found = place;
		most = until;
		if(whose == about)
			break;
	}
	return found;
}

static bool is_same_peer(
		const struct tlsp_certificate *a, const struct tlsp_certificate *b)
{
	return a->role == b->role && strcmp(a->name, b->name) == 0
		   && strcmp(a->rule, b->rule) == 0;
}

static void fill(struct tlsp_shown_place *place,
		const struct tlsp_certificate *certificate, uint64_t about,
		int64_t now_s)
{
	int64_t before_s = 0;

	if(atomic_load(&place->about) != about)
		atomic_store(&place->told_s, 0);
	else if(place->certificate.ends_s == certificate->ends_s)
		before_s = place->certificate.before_s;
	else
		before_s = place->certificate.ends_s;
	place->certificate = *certificate;
	place->certificate.before_s = before_s;
	place->certificate.about = about;
	place->certificate.shown_s = now_s;
	atomic_store(&place->ends_s, certificate->ends_s);
	atomic_store(&place->about, about);
}

enum written
{
	WRITTEN,
	CHANGED, /* somebody else has just found the place, too */
	COLLIDES /* nobody takes the place of another by a hash */
};

/* |place| is taken, and was of |before| when it was found. */
static enum written write_if(struct tlsp_shown_place *place, uint64_t before,
		const struct tlsp_certificate *certificate, uint64_t about,
		int64_t now_s)
{
	if(atomic_load(&place->about) != before)
		return CHANGED;
	if(before == about && !is_same_peer(&place->certificate, certificate))
		return COLLIDES;
	fill(place, certificate, about, now_s);
	return WRITTEN;
}

bool tlsp_shown_table_put(struct tlsp_shown_table *table,
		const struct tlsp_certificate *certificate, int64_t now_s)
{
	unsigned salt = 0;

	for(int i = 0; i < TRIES; i++) {
		uint64_t before = 0, about = hash(certificate, salt);
		struct tlsp_shown_place *place =
				place_for(table, about, now_s, &before);
		enum written result;

		if(!place || !take(place))
			continue;
		result = write_if(place, before, certificate, about, now_s);
		let_go(place);
		if(result == WRITTEN)
			return true;
		salt += result == COLLIDES;
	}
	return false;
}

bool tlsp_shown_table_is_news(
		const struct tlsp_shown_table *table, size_t number, int64_t now_s)
{
	return lasts(&table->places[number], now_s) < INT64_MAX - 1;
}

bool tlsp_shown_table_get(struct tlsp_shown_table *table, size_t number,
		int64_t now_s, struct tlsp_certificate *out)
{
	struct tlsp_shown_place *place = &table->places[number];
	int spins = 0;
	bool found;

	if(!tlsp_shown_table_is_news(table, number, now_s))
		return false;
	while(!take(place))
		if(++spins > SPINS)
			return false;
	found = tlsp_shown_table_is_news(table, number, now_s);
	if(found)
		*out = place->certificate;
	let_go(place);
	return found;
}

/* Two who came at once may have written the same peer twice. */
static bool replaces_one(struct tlsp_certificate *rows, size_t count,
		const struct tlsp_certificate *row)
{
	for(size_t i = 0; i < count; i++)
		if(rows[i].about == row->about) {
			if(rows[i].shown_s < row->shown_s)
				rows[i] = *row;
			return true;
		}
	return false;
}

size_t tlsp_shown_table_list(struct tlsp_shown_table *table, int64_t now_s,
		struct tlsp_certificate *rows)
{
	size_t count = 0;

	for(size_t i = 0; i < TLSP_SHOWN_PLACES; i++)
		if(tlsp_shown_table_get(table, i, now_s, &rows[count])
				&& !replaces_one(rows, count, &rows[count]))
			count++;
	return count;
}

bool tlsp_shown_table_is_due(const struct tlsp_shown_table *table,
		size_t number, int64_t now_s, int within_days, int again_days)
{
	const struct tlsp_shown_place *place = &table->places[number];
	int64_t ends_s = atomic_load(&place->ends_s);
	int64_t told_s = atomic_load(&place->told_s);

	if(!tlsp_shown_table_is_news(table, number, now_s)
			|| tlsp_certificate_days_left(ends_s, now_s) > within_days)
		return false;
	if(told_s == 0)
		return true;
	if(told_s >= ends_s && told_s <= now_s)
		return false; /* that it has ended */
	return llabs(now_s - told_s)
		   >= (int64_t)again_days * TLSP_CERTIFICATE_S_PER_DAY;
}

void tlsp_shown_table_told(
		struct tlsp_shown_table *table, size_t number, int64_t now_s)
{
	atomic_store(&table->places[number].told_s, now_s);
}
