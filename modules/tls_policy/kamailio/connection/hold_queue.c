/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hold_queue - see hold_queue.h.
 */
#include "hold_queue.h"

#include <string.h>

#include "core/dprint.h"
#include "core/mem/shm_mem.h"

#include "kamailio/report/statistics.h"

bool tlsp_hold_queue_add(struct tlsp_hold_queue *queue, const char *data,
		unsigned octets, snd_flags_t flags)
{
	struct tlsp_held *held = shm_malloc(sizeof(*held) + octets);

	if(!held) {
		SHM_MEM_ERROR;
		return false;
	}
	held->next = NULL;
	held->octets = octets;
	held->sent = 0;
	held->flags = flags;
	memcpy(held->data, data, octets);
	if(queue->last)
		queue->last->next = held;
	else
		queue->first = held;
	queue->last = held;
	queue->octets += octets;
	tlsp_statistics_add(TLSP_STATISTIC_HELD_OCTETS, (int)octets);
	queue->messages++;
	return true;
}

void tlsp_hold_queue_drop_first(struct tlsp_hold_queue *queue)
{
	struct tlsp_held *first = queue->first;

	queue->first = first->next;
	if(!queue->first)
		queue->last = NULL;
	queue->octets -= first->octets;
	tlsp_statistics_add(TLSP_STATISTIC_HELD_OCTETS, -(int)first->octets);
	queue->messages--;
	shm_free(first);
}

unsigned tlsp_hold_queue_clear(struct tlsp_hold_queue *queue)
{
	unsigned messages = queue->messages;

	while(queue->first)
		tlsp_hold_queue_drop_first(queue);
	return messages;
}
