/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hold_queue - clear text of ours that is kept back while a renegotiation goes
 * on, in order. In shared memory; under the write_lock of the connection; any
 * process that writes to it.
 */
#ifndef TLSP_HOLD_QUEUE_H
#define TLSP_HOLD_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/ip_addr.h"

/* One write of the core's. */
struct tlsp_held
{
	struct tlsp_held *next;
	unsigned octets; /* of data */
	unsigned sent;	 /* of these */
	snd_flags_t flags;
	char data[];
};

/* Zeroed memory is an empty queue. */
struct tlsp_hold_queue
{
	struct tlsp_held *first, *last;
	size_t octets;
	unsigned messages;
};

/* tlsp_hold_queue_add copies |data|. False without shared memory, and the
 * queue is as it was. */
bool tlsp_hold_queue_add(struct tlsp_hold_queue *queue, const char *data,
		unsigned octets, snd_flags_t flags);

/* tlsp_hold_queue_drop_first: the first write was sent. */
void tlsp_hold_queue_drop_first(struct tlsp_hold_queue *queue);

/* tlsp_hold_queue_clear frees what is left; returns how many writes. */
unsigned tlsp_hold_queue_clear(struct tlsp_hold_queue *queue);

#endif
