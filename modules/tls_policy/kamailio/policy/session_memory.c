/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * session_memory - see session_memory.h.
 */
#include "session_memory.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/dprint.h"
#include "core/mem/shm_mem.h"
#include "core/timer.h"

#include "openssl/tickets.h"

enum
{
	TIMER_S = 30 /* what is over is wiped so often */
};

static struct tlsp_ticket_keys *keys;	 /* shared */
static struct tlsp_session_cache *cache; /* shared */
static struct tlsp_session_room *in_use; /* shared; under live_policy's lock */

/* In the process of Kamailio's timers. */
static void wipe_what_is_over(unsigned int ticks, void *unused)
{
	int64_t now_s = (int64_t)time(NULL);

	(void)ticks, (void)unused;
	tlsp_ticket_keys_turn(keys, now_s);
	tlsp_session_cache_expire(cache, now_s);
}

int tlsp_session_memory_init(void)
{
	void *for_keys = shm_malloc(tlsp_ticket_keys_octets());
	void *for_cache = shm_malloc(tlsp_session_cache_octets());

	in_use = shm_malloc(sizeof(*in_use));
	if(!for_keys || !for_cache || !in_use) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(in_use, 0, sizeof(*in_use));
	keys = tlsp_ticket_keys_init(for_keys);
	cache = tlsp_session_cache_init(for_cache);
	tlsp_tickets_share(keys, cache);
	return register_timer(wipe_what_is_over, NULL, TIMER_S);
}

bool tlsp_session_memory_reserve(struct tlsp_session_room *out,
		const struct tlsp_policy *policy, char *error, size_t size)
{
	memset(out, 0, sizeof(*out));
	if(policy->session_tickets == TLSP_TICKETS_CACHE)
		out->octets = (size_t)policy->session_cache_octets;
	out->changes = out->octets != in_use->octets;
	if(!out->changes || out->octets == 0)
		return true;
	out->memory = shm_malloc(out->octets);
	if(out->memory)
		return true;
	snprintf(error, size,
			"no shared memory for session_tickets=cache with "
			"session_cache_octets=%zu: give Kamailio more (-m), or the cache "
			"less",
			out->octets);
	return false;
}

void tlsp_session_memory_settle(struct tlsp_session_room *room, bool in_force)
{
	void *unused = room->memory;

	if(room->changes && in_force) {
		unused = tlsp_session_cache_use(cache, room->memory, room->octets);
		*in_use = *room;
	}
	if(room->changes && unused)
		shm_free(unused);
	memset(room, 0, sizeof(*room));
}

void tlsp_session_memory_destroy(void)
{
	void *memory = cache ? tlsp_session_cache_end(cache) : NULL;

	tlsp_tickets_share(NULL, NULL);
	if(memory)
		shm_free(memory);
	if(keys) {
		tlsp_ticket_keys_wipe(keys);
		shm_free(keys);
	}
	if(cache)
		shm_free(cache);
	if(in_use)
		shm_free(in_use);
	keys = NULL;
	cache = NULL;
	in_use = NULL;
}
