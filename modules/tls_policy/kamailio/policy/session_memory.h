/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * session_memory - the shared memory behind session_tickets: the keys of
 * tickets, and what the cache keeps sessions in while it is asked for. In no
 * file, and wiped when it is given back. Main process before fork, the process
 * of Kamailio's timers, and policy/change.
 */
#ifndef TLSP_SESSION_MEMORY_H
#define TLSP_SESSION_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/parameters.h"

/* tlsp_session_memory_init: mod_init. 0, or -1 without shared memory. */
int tlsp_session_memory_init(void);

/* What a change needs. Zeroed: nothing. */
struct tlsp_session_room
{
	bool changes; /* the cache gets other memory: */
	void *memory; /* NULL = none */
	size_t octets;
};

/* tlsp_session_memory_reserve: for |policy|. False without shared memory, and
 * one sentence in |error|. Under the lock of live_policy, like the next: */
bool tlsp_session_memory_reserve(struct tlsp_session_room *out,
		const struct tlsp_policy *policy, char *error, size_t size);

/* tlsp_session_memory_settle: |room| is in force now (the sessions of before
 * are gone, if it changes anything), or nothing comes of it. */
void tlsp_session_memory_settle(struct tlsp_session_room *room, bool in_force);

/* tlsp_session_memory_destroy: main process, at the very end. */
void tlsp_session_memory_destroy(void);

#endif
