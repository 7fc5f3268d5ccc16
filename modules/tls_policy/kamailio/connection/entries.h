/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * entries - what the re-handshake timer changes in the table of connections,
 * by the core's id: each takes the table's lock for a moment and does nothing
 * if the connection has ended. That process, and RPC to look; no lock held.
 */
#ifndef TLSP_ENTRIES_H
#define TLSP_ENTRIES_H

#include "connections.h"

/* tlsp_entries_view: a copy of the entry; false if there is none. */
bool tlsp_entries_view(int id, struct tlsp_connection *out);

/* tlsp_entries_is_due: likewise, and true only if it is to be looked at now. */
bool tlsp_entries_is_due(int id, uint64_t now_ms, struct tlsp_connection *out);

/* tlsp_entries_enter: as tlsp_connections_enter. */
void tlsp_entries_enter(
		int id, enum tlsp_phase phase, uint64_t now_ms, uint64_t due_ms);

/* tlsp_entries_wait: |view| goes on waiting for a quiet moment, since when it
 * did or since now. */
void tlsp_entries_wait(
		const struct tlsp_connection *view, uint64_t now_ms, uint64_t due_ms);

/* tlsp_entries_ask: a renegotiation is going to be asked for. */
void tlsp_entries_ask(int id, uint64_t now_ms, uint64_t due_ms);

/* tlsp_entries_next: nothing was done, or in vain: again in an interval. */
void tlsp_entries_next(int id, uint64_t now_ms);

/* tlsp_entries_over: what went on is over, even if whoever reads has not
 * noticed it yet: OPEN. */
void tlsp_entries_over(int id, uint64_t now_ms);

/* tlsp_entries_completed: as tlsp_connections_completed. */
void tlsp_entries_completed(int id, enum tlsp_plan_step kind, uint64_t now_ms);

/* tlsp_entries_note_plan: what was planned, for RPC. */
void tlsp_entries_note_plan(int id, const struct tlsp_plan *plan);

/* tlsp_entries_touch: a job is going to be run on it, and the core will take
 * that for life. */
void tlsp_entries_touch(int id);

#endif
