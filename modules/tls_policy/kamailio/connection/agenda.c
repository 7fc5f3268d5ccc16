/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * agenda - see agenda.h.
 */
#include "agenda.h"

void tlsp_agenda_init(struct tlsp_agenda *agenda)
{
	tlsp_schedule_init(&agenda->schedule);
}

/* Is it still to be judged by the recheck that goes on, not by an earlier one? */
static bool is_counted(const struct tlsp_agenda *agenda,
		const struct tlsp_connection *connection)
{
	return connection->recheck && connection->rechecks == agenda->rechecks;
}

void tlsp_agenda_drop(
		struct tlsp_agenda *agenda, struct tlsp_connection *connection)
{
	if(is_counted(agenda, connection))
		agenda->recheck.left--;
	if(agenda->following == connection)
		agenda->following = connection->next;
	tlsp_schedule_remove(&agenda->schedule, &connection->schedule);
}

/* One that is to be judged anew is looked at for that first. */
static void schedule(struct tlsp_agenda *agenda,
		struct tlsp_connection *connection, uint64_t due_ms)
{
	if(connection->recheck)
		connection->look_again_ms = due_ms;
	else
		tlsp_schedule_add(&agenda->schedule, &connection->schedule, due_ms);
}

void tlsp_agenda_plan_next(struct tlsp_agenda *agenda,
		struct tlsp_connection *connection, uint64_t last_ms)
{
	connection->phase = TLSP_PHASE_OPEN;
	connection->by_operator = connection->ours = false;
	connection->due_ms = tlsp_schedule_next(
			last_ms, connection->interval_ms, (uint64_t)connection->id);
	schedule(agenda, connection, tlsp_connection_look_at(connection));
}

void tlsp_agenda_enter(struct tlsp_agenda *agenda,
		struct tlsp_connection *connection, enum tlsp_phase phase,
		uint64_t now_ms, uint64_t due_ms)
{
	if(connection->phase != phase) {
		connection->phase = phase;
		connection->phase_ms = now_ms;
	}
	schedule(agenda, connection, due_ms);
}

void tlsp_agenda_completed(struct tlsp_agenda *agenda,
		struct tlsp_connection *connection, enum tlsp_plan_step kind,
		uint64_t now_ms)
{
	connection->rehandshakes++;
	connection->last_kind = kind;
	connection->last_ms = now_ms;
	if(kind == TLSP_PLAN_KEY_UPDATE)
		connection->key_updates++;
	if(kind == TLSP_PLAN_RENEGOTIATE)
		connection->last_renegotiation_ms = now_ms;
	connection->revived = kind != TLSP_PLAN_RECONNECT;
	tlsp_agenda_plan_next(agenda, connection, now_ms);
}

bool tlsp_agenda_request(
		struct tlsp_agenda *agenda, struct tlsp_connection *connection)
{
	if(connection->enforcement != TLSP_ENFORCE
			|| (connection->phase != TLSP_PHASE_OPEN
					&& connection->phase != TLSP_PHASE_WAITING))
		return false;
	connection->by_operator = true;
	schedule(agenda, connection, 0);
	return true;
}

void tlsp_agenda_change(struct tlsp_agenda *agenda,
		struct tlsp_connection *first, uint64_t now_ms)
{
	agenda->interval_since_ms = now_ms;
	agenda->following = first;
}

static void follow(const struct tlsp_agenda *agenda,
		struct tlsp_connection *connection, uint64_t interval_ms)
{
	if(connection->interval_ms == interval_ms)
		return;
	connection->interval_ms = interval_ms;
	connection->due_ms = tlsp_schedule_changed(agenda->interval_since_ms,
			connection->last_ms ? connection->last_ms
								: connection->established_ms,
			interval_ms, (uint64_t)connection->id);
}

void tlsp_agenda_follow(struct tlsp_agenda *agenda, size_t most,
		uint64_t (*interval_ms)(const char *rule))
{
	struct tlsp_connection *c = agenda->following;

	for(; c && most > 0; c = c->next, most--) {
		if(c->phase == TLSP_PHASE_HANDSHAKE)
			continue; /* its last word decides */
		follow(agenda, c, interval_ms(c->rule));
		if(c->phase == TLSP_PHASE_OPEN)
			schedule(agenda, c, tlsp_connection_look_at(c));
	}
	agenda->following = c;
}

/* One that is not in the schedule may just have been taken from it. */
void tlsp_agenda_recheck_one(
		struct tlsp_agenda *agenda, struct tlsp_connection *connection)
{
	if(!connection->recheck) {
		connection->look_again_ms = tlsp_schedule_has(&connection->schedule)
											? connection->schedule.due_ms
											: 0;
		connection->waits_ms = 0;
	}
	if(!is_counted(agenda, connection)) {
		agenda->recheck.connections++;
		agenda->recheck.left++;
	}
	connection->recheck = true;
	connection->rechecks = agenda->rechecks;
	tlsp_schedule_add(&agenda->schedule, &connection->schedule, 0);
}

unsigned tlsp_agenda_recheck(struct tlsp_agenda *agenda, bool close_unasked)
{
	agenda->recheck = (struct tlsp_recheck){.close_unasked = close_unasked};
	return ++agenda->rechecks;
}

bool tlsp_agenda_recheck_each(struct tlsp_agenda *agenda,
		struct tlsp_connection *connection, unsigned number)
{
	if(number != agenda->rechecks)
		return false;
	if(connection->phase == TLSP_PHASE_HANDSHAKE)
		return true; /* its last word comes after this */
	tlsp_agenda_recheck_one(agenda, connection);
	connection->close_unasked = agenda->recheck.close_unasked;
	return true;
}

/* What is to come earlier stays, and so does a judgement that is still to come:
 * it will see to that. */
void tlsp_agenda_tried(
		struct tlsp_agenda *agenda, struct tlsp_connection *connection)
{
	uint64_t due_ms;

	connection->revived = true;
	due_ms = tlsp_connection_look_at(connection);
	if(connection->phase == TLSP_PHASE_OPEN && !connection->recheck
			&& (!tlsp_schedule_has(&connection->schedule)
					|| due_ms < connection->schedule.due_ms))
		schedule(agenda, connection, due_ms);
}

void tlsp_agenda_rechecked(struct tlsp_agenda *agenda,
		struct tlsp_connection *connection, enum tlsp_rechecked result)
{
	agenda->recheck.refused += result == TLSP_RECHECKED_REFUSED;
	agenda->recheck.unverifiable += result == TLSP_RECHECKED_UNVERIFIABLE;
	agenda->recheck.unasked += result == TLSP_RECHECKED_UNASKED;
	if(!connection || !connection->recheck)
		return;
	if(is_counted(agenda, connection))
		agenda->recheck.left--;
	connection->recheck = connection->close_unasked = false;
	connection->waits_ms = 0;
	schedule(agenda, connection,
			connection->phase == TLSP_PHASE_OPEN
					? tlsp_connection_look_at(connection)
					: connection->look_again_ms);
}

void tlsp_agenda_wait(struct tlsp_agenda *agenda,
		struct tlsp_connection *connection, uint64_t now_ms, uint64_t due_ms)
{
	if(connection->waits_ms == 0)
		connection->waits_ms = now_ms;
	tlsp_schedule_add(&agenda->schedule, &connection->schedule, due_ms);
}

uint64_t tlsp_agenda_next_ms(const struct tlsp_agenda *agenda)
{
	return agenda->following ? 0 : tlsp_schedule_earliest(&agenda->schedule);
}

/* The schedule's entry is the first member. */
size_t tlsp_agenda_take_due(
		struct tlsp_agenda *agenda, uint64_t now_ms, int *ids, size_t max)
{
	struct tlsp_schedule_entry *due[64];
	size_t count = tlsp_schedule_take_due(&agenda->schedule, now_ms, due,
			max < sizeof(due) / sizeof(*due) ? max
											 : sizeof(due) / sizeof(*due));

	for(size_t i = 0; i < count; i++)
		ids[i] = ((struct tlsp_connection *)(void *)due[i])->id;
	return count;
}
