/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer_outcomes - see peer_outcomes.h.
 */
#include "peer_outcomes.h"

#include "core/dprint.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"

#include "clock.h"

static struct tlsp_peer_memory *memory; /* shared, like its lock */
static gen_lock_t *lock;

int tlsp_peer_outcomes_init(void)
{
	memory = shm_malloc(tlsp_peer_memory_octets(TLSP_PEER_MEMORY_ENTRIES));
	lock = lock_alloc();
	if(!memory || !lock || !lock_init(lock)) {
		SHM_MEM_ERROR;
		return -1; /* destroy frees what there is */
	}
	tlsp_peer_memory_init(memory, TLSP_PEER_MEMORY_ENTRIES);
	return 0;
}

void tlsp_peer_outcomes_destroy(void)
{
	if(memory)
		shm_free(memory);
	if(lock)
		lock_dealloc(lock);
	memory = NULL;
	lock = NULL;
}

void tlsp_peer_outcomes_note(
		const struct tlsp_peer_key *peer, enum tlsp_peer_outcome outcome)
{
	uint64_t now_ms = tlsp_clock_ms();

	lock_get(lock);
	tlsp_peer_memory_note(
			memory, peer, outcome, now_ms, TLSP_PEER_MEMORY_LIFETIME_MS);
	lock_release(lock);
}

enum tlsp_peer_outcome tlsp_peer_outcomes_find(
		const struct tlsp_peer_key *peer, uint64_t now_ms)
{
	enum tlsp_peer_outcome outcome;

	lock_get(lock);
	outcome = tlsp_peer_memory_find(memory, peer, now_ms);
	lock_release(lock);
	return outcome;
}

size_t tlsp_peer_outcomes_copy(
		size_t *place, uint64_t now_ms, struct tlsp_peer_note *out, size_t max)
{
	size_t capacity = tlsp_peer_memory_capacity(memory), count = 0;

	lock_get(lock);
	for(; *place < capacity && count < max; ++*place) {
		const struct tlsp_peer_note *note =
				tlsp_peer_memory_at(memory, *place, now_ms);

		if(note)
			out[count++] = *note;
	}
	lock_release(lock);
	return count;
}

size_t tlsp_peer_outcomes_forget(const struct tlsp_host *host)
{
	size_t forgotten;

	lock_get(lock);
	forgotten = tlsp_peer_memory_forget(memory, host);
	lock_release(lock);
	return forgotten;
}
