/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * agenda - what goes on with each connection (its phase) and when it is looked
 * at next: for its next re-handshake, or to be judged anew. Part of the table
 * of connections: all of it under the table's lock, called by connections.c
 * alone; no lock, clock or memory of its own.
 */
#ifndef TLSP_AGENDA_H
#define TLSP_AGENDA_H

#include "entry.h"

/* How far a recheck of all connections has come. */
struct tlsp_recheck
{
	unsigned connections;  /* that it is about */
	unsigned left;		   /* to be judged */
	unsigned refused;	   /* and being closed */
	unsigned unverifiable; /* closed too, but nobody was refused */
	unsigned unasked;	   /* never asked for a certificate; and closed: */
	bool close_unasked;
};

struct tlsp_agenda
{
	struct tlsp_schedule schedule;
	uint64_t interval_since_ms;
	struct tlsp_connection *following; /* next to follow a new interval */
	struct tlsp_recheck recheck;
	unsigned rechecks; /* so far, of all connections: the last one's number */
};

/* tlsp_agenda_init: of zeroed memory. */
void tlsp_agenda_init(struct tlsp_agenda *agenda);

/* tlsp_agenda_drop: |connection| has ended, and is still in its list. */
void tlsp_agenda_drop(
		struct tlsp_agenda *agenda, struct tlsp_connection *connection);

/* tlsp_agenda_plan_next: puts |connection| back to OPEN, due for its next
 * re-handshake one interval after |last_ms|. */
void tlsp_agenda_plan_next(struct tlsp_agenda *agenda,
		struct tlsp_connection *connection, uint64_t last_ms);

/* tlsp_agenda_enter: |connection| is in |phase| from |now_ms|, and to be looked
 * at again at |due_ms|. */
void tlsp_agenda_enter(struct tlsp_agenda *agenda,
		struct tlsp_connection *connection, enum tlsp_phase phase,
		uint64_t now_ms, uint64_t due_ms);

/* tlsp_agenda_completed: a re-handshake of |kind| is done. */
void tlsp_agenda_completed(struct tlsp_agenda *agenda,
		struct tlsp_connection *connection, enum tlsp_plan_step kind,
		uint64_t now_ms);

/* tlsp_agenda_request: an operator wants a re-handshake now. False if one goes
 * on, or it is being closed. */
bool tlsp_agenda_request(
		struct tlsp_agenda *agenda, struct tlsp_connection *connection);

/* tlsp_agenda_change: at |now_ms| the interval between re-handshakes may have
 * changed for |first| and all behind it, which follow by tlsp_agenda_follow,
 * |most| at each call: |interval_ms| tells that of a rule (0 = none). */
void tlsp_agenda_change(struct tlsp_agenda *agenda,
		struct tlsp_connection *first, uint64_t now_ms);
void tlsp_agenda_follow(struct tlsp_agenda *agenda, size_t most,
		uint64_t (*interval_ms)(const char *rule));

/* tlsp_agenda_recheck: all connections that are accepted are going to be judged
 * by the policy of now, and |close_unasked|: those closed who were never asked
 * for a certificate; returns its number. The caller goes through all that are
 * there, and of each says so by _recheck_each; false if another recheck has
 * begun. _recheck_one: |connection| is to be judged, too. */
unsigned tlsp_agenda_recheck(struct tlsp_agenda *agenda, bool close_unasked);
bool tlsp_agenda_recheck_each(struct tlsp_agenda *agenda,
		struct tlsp_connection *connection, unsigned number);
void tlsp_agenda_recheck_one(
		struct tlsp_agenda *agenda, struct tlsp_connection *connection);

/* tlsp_agenda_tried: a job that came to nothing was run on |connection|, which
 * the core takes for life: it is looked at when it would have ended. */
void tlsp_agenda_tried(
		struct tlsp_agenda *agenda, struct tlsp_connection *connection);

/* How the judgement of one went. */
enum tlsp_rechecked
{
	TLSP_RECHECKED_STAYS, /* or has ended by itself */
	TLSP_RECHECKED_REFUSED,
	TLSP_RECHECKED_UNVERIFIABLE,
	TLSP_RECHECKED_UNASKED
};

/* tlsp_agenda_rechecked: |connection|, NULL if it has ended, was. _wait: it
 * cannot be judged yet, and is looked at again at |due_ms|. */
void tlsp_agenda_rechecked(struct tlsp_agenda *agenda,
		struct tlsp_connection *connection, enum tlsp_rechecked result);
void tlsp_agenda_wait(struct tlsp_agenda *agenda,
		struct tlsp_connection *connection, uint64_t now_ms, uint64_t due_ms);

/* tlsp_agenda_next_ms: when something is to be done next, at the earliest;
 * TLSP_SCHEDULE_NEVER if nothing is. */
uint64_t tlsp_agenda_next_ms(const struct tlsp_agenda *agenda);

/* tlsp_agenda_take_due: up to |max| ids of connections that are due at
 * |now_ms|, into |ids|; returns how many. */
size_t tlsp_agenda_take_due(
		struct tlsp_agenda *agenda, uint64_t now_ms, int *ids, size_t max);

#endif
