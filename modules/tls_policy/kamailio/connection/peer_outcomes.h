/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer_outcomes - how peers took a re-handshake of ours: the one
 * policy/rehandshake/peer_memory of all processes, in shared memory. Its lock
 * is taken inside each function, for a moment, and nothing else is wanted
 * while it is held; so these may be called with any lock held.
 */
#ifndef TLSP_PEER_OUTCOMES_H
#define TLSP_PEER_OUTCOMES_H

#include "policy/rehandshake/peer_memory.h"

/* tlsp_peer_outcomes_init: main process, mod_init. 0, or -1 without memory. */
int tlsp_peer_outcomes_init(void);

/* tlsp_peer_outcomes_destroy: main process, at the end. */
void tlsp_peer_outcomes_destroy(void);

/* tlsp_peer_outcomes_note: |outcome|, not UNKNOWN, of a re-handshake with
 * |peer|, now. */
void tlsp_peer_outcomes_note(
		const struct tlsp_peer_key *peer, enum tlsp_peer_outcome outcome);

/* tlsp_peer_outcomes_find: what is remembered of |peer| at |now_ms|. */
enum tlsp_peer_outcome tlsp_peer_outcomes_find(
		const struct tlsp_peer_key *peer, uint64_t now_ms);

/* tlsp_peer_outcomes_copy: up to |max| of what is remembered at |now_ms|, from
 * |*place| on, which is 0 at first and is moved on. Returns how many; 0 at the
 * end. */
size_t tlsp_peer_outcomes_copy(
		size_t *place, uint64_t now_ms, struct tlsp_peer_note *out, size_t max);

/* tlsp_peer_outcomes_forget: all that is remembered of |host|, or of all if
 * that is NULL. Returns how many. */
size_t tlsp_peer_outcomes_forget(const struct tlsp_host *host);

#endif
