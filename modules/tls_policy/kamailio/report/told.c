/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * told - see told.h. One word for each place: what it is about in the upper half,
 * in which second it was told in the lower.
 */
#include "told.h"

#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include "core/dprint.h"
#include "core/mem/shm_mem.h"
#include "core/timer.h"

enum
{
	PLACES = 4096,
	EACH = 8, /* of them, for what has the same hash modulo PLACES / EACH */
	AGAIN_S = 600
};

static _Atomic uint64_t *places; /* shared */

int tlsp_told_init(void)
{
	places = shm_malloc(PLACES * sizeof(*places));
	if(!places) {
		SHM_MEM_ERROR;
		return -1;
	}
	for(int i = 0; i < PLACES; i++)
		atomic_init(&places[i], 0);
	return 0;
}

/* FNV-1a, 32 bits; never 0. */
static uint32_t hash(const struct ip_addr *peer, unsigned what)
{
	unsigned char octets[sizeof(peer->u) + sizeof(what)];
	uint32_t hash = 2166136261U;

	memset(octets, 0, sizeof(octets));
	memcpy(octets, peer->u.addr, peer->len);
	memcpy(octets + sizeof(peer->u), &what, sizeof(what));
	for(size_t i = 0; i < sizeof(octets); i++)
		hash = (hash ^ octets[i]) * 16777619U;
	return hash | 1;
}

/* That of |about|, or of its own the one that was written longest ago. */
static _Atomic uint64_t *place_of(uint32_t about)
{
	_Atomic uint64_t *own = &places[(about >> 1) % (PLACES / EACH) * EACH];
	int oldest = 0;

	for(int i = 0; i < EACH; i++) {
		uint64_t word = atomic_load(&own[i]);

		if((uint32_t)(word >> 32) == about)
			return &own[i];
		if((uint32_t)word < (uint32_t)atomic_load(&own[oldest]))
			oldest = i;
	}
	return &own[oldest];
}

bool tlsp_told_is_new(const struct ip_addr *peer, unsigned what)
{
	uint32_t about = hash(peer, what), now_s = (uint32_t)get_ticks();
	_Atomic uint64_t *place = place_of(about);
	uint64_t before = atomic_load(place);

	if((uint32_t)(before >> 32) == about && now_s - (uint32_t)before < AGAIN_S)
		return false;
	return atomic_compare_exchange_strong(
			place, &before, (uint64_t)about << 32 | now_s);
}
