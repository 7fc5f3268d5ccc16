/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * entries - see entries.h.
 */
#include "entries.h"

/* With the table's lock held, whatever comes of it. */
static struct tlsp_connection *lock_entry(int id)
{
	tlsp_connections_lock();
	return tlsp_connections_find(id);
}

bool tlsp_entries_view(int id, struct tlsp_connection *out)
{
	const struct tlsp_connection *connection = lock_entry(id);

	if(connection)
		*out = *connection;
	tlsp_connections_unlock();
	return connection != NULL;
}

bool tlsp_entries_is_due(int id, uint64_t now_ms, struct tlsp_connection *out)
{
	return tlsp_entries_view(id, out) && !out->recheck
		   && tlsp_schedule_has(&out->schedule)
		   && out->schedule.due_ms <= now_ms;
}

void tlsp_entries_enter(
		int id, enum tlsp_phase phase, uint64_t now_ms, uint64_t due_ms)
{
	struct tlsp_connection *connection = lock_entry(id);

	if(connection)
		tlsp_connections_enter(connection, phase, now_ms, due_ms);
	tlsp_connections_unlock();
}

void tlsp_entries_wait(
		const struct tlsp_connection *view, uint64_t now_ms, uint64_t due_ms)
{
	struct tlsp_connection *connection = lock_entry(view->id);

	if(connection && !connection->running) {
		tlsp_connections_enter(connection, TLSP_PHASE_WAITING, now_ms, due_ms);
		connection->ours = false;
		if(view->phase == TLSP_PHASE_WAITING)
			connection->phase_ms = view->phase_ms;
	}
	tlsp_connections_unlock();
}

void tlsp_entries_ask(int id, uint64_t now_ms, uint64_t due_ms)
{
	struct tlsp_connection *connection = lock_entry(id);

	if(connection) {
		connection->ours = true;
		tlsp_connections_enter(
				connection, TLSP_PHASE_RENEGOTIATING, now_ms, due_ms);
	}
	tlsp_connections_unlock();
}

void tlsp_entries_next(int id, uint64_t now_ms)
{
	struct tlsp_connection *connection = lock_entry(id);

	if(connection && !connection->running)
		tlsp_connections_plan_next(connection, now_ms);
	tlsp_connections_unlock();
}

void tlsp_entries_over(int id, uint64_t now_ms)
{
	struct tlsp_connection *connection = lock_entry(id);

	if(connection)
		tlsp_connections_plan_next(connection, now_ms);
	tlsp_connections_unlock();
}

void tlsp_entries_completed(int id, enum tlsp_plan_step kind, uint64_t now_ms)
{
	struct tlsp_connection *connection = lock_entry(id);

	if(connection)
		tlsp_connections_completed(connection, kind, now_ms);
	tlsp_connections_unlock();
}

void tlsp_entries_note_plan(int id, const struct tlsp_plan *plan)
{
	struct tlsp_connection *connection = lock_entry(id);

	if(connection) {
		connection->planned = plan->step;
		connection->why = plan->why;
	}
	tlsp_connections_unlock();
}

void tlsp_entries_touch(int id)
{
	struct tlsp_connection *connection = lock_entry(id);

	if(connection)
		connection->revived = true;
	tlsp_connections_unlock();
}
