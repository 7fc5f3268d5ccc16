/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rejections - see rejections.h. The lock is taken with nothing else wanted
 * while it is held, and for one copy only.
 */
#include "rejections.h"

#include <string.h>

#include "core/dprint.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"

struct ring
{
	gen_lock_t lock;
	unsigned long written; /* number of the newest; 0 = none yet */
	struct tlsp_rejection kept[TLSP_REJECTIONS_KEPT]; /* at number % KEPT */
};

static struct ring *ring; /* shared */

int tlsp_rejections_init(void)
{
	ring = shm_malloc(sizeof(*ring));
	if(!ring) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(ring, 0, sizeof(*ring));
	if(!lock_init(&ring->lock)) {
		shm_free(ring);
		ring = NULL;
		return -1;
	}
	return 0;
}

void tlsp_rejections_destroy(void)
{
	if(!ring)
		return;
	lock_destroy(&ring->lock);
	shm_free(ring);
	ring = NULL;
}

void tlsp_rejections_add(
		const struct tcp_connection *c, const struct tlsp_refusal *refusal)
{
	time_t now = time(NULL);
	struct tlsp_rejection *next;

	lock_get(&ring->lock);
	ring->written++;
	next = &ring->kept[ring->written % TLSP_REJECTIONS_KEPT];
	next->number = ring->written;
	next->at = now;
	next->connection = c->id;
	next->address = c->rcv.src_ip;
	next->port = c->rcv.src_port;
	next->refusal = *refusal;
	lock_release(&ring->lock);
}

size_t tlsp_rejections_last(struct tlsp_rejection *out, size_t max)
{
	size_t count = 0;

	lock_get(&ring->lock);
	for(unsigned long number = ring->written;
			number > 0 && count < max && count < TLSP_REJECTIONS_KEPT; number--)
		out[count++] = ring->kept[number % TLSP_REJECTIONS_KEPT];
	lock_release(&ring->lock);
	return count;
}

bool tlsp_rejections_next(unsigned long number, struct tlsp_rejection *out)
{
	bool found;

	lock_get(&ring->lock);
	found = number < ring->written;
	if(found && ring->written - number > TLSP_REJECTIONS_KEPT)
		number = ring->written - TLSP_REJECTIONS_KEPT;
	if(found)
		*out = ring->kept[(number + 1) % TLSP_REJECTIONS_KEPT];
	lock_release(&ring->lock);
	return found;
}
