/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * connections - see connections.h. The entries hang in a table, and what is to
 * be done with each stands in the agenda.
 */
#include "connections.h"

#include <string.h>

#include "core/dprint.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"
#include "core/ut.h"

#include "alarm.h"
#include "clock.h"
#include "kamailio/report/statistics.h"
#include "openssl/peer_names.h"
#include "peer_outcomes.h"
#include "table.h"

enum
{
	KEY_UPDATE_MS = 500,  /* in which a peer that cannot bear one is gone */
	WALKED_AT_ONCE = 256, /* entries, until others may have the lock */
	WALK_AGAIN_US = 1000
};

struct connections
{
	gen_lock_t lock;
	struct tlsp_table table;
	struct tlsp_agenda agenda;
	uint64_t sleeps_until_ms; /* the timer, unless it rings; 0: it is awake */
	_Atomic bool replaced;	  /* ever; not under the lock */
};

static struct connections *all; /* shared */

int tlsp_connections_init(void)
{
	all = shm_malloc(sizeof(*all));
	if(!all) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(all, 0, sizeof(*all));
	if(!lock_init(&all->lock)) {
		shm_free(all);
		all = NULL;
		return -1;
	}
	tlsp_agenda_init(&all->agenda);
	return 0;
}

void tlsp_connections_destroy(void)
{
	struct connections *old = all;
	struct tlsp_connection *next;

	if(!old)
		return;
	all = NULL;
	for(struct tlsp_connection *c = old->table.first; c; c = next) {
		next = c->next;
		tlsp_hold_queue_clear(&c->held);
		tlsp_peer_names_free(c->vouched);
		shm_free(c);
	}
	lock_destroy(&old->lock);
	shm_free(old);
}

static void lock(void)
{
	lock_get(&all->lock);
}

static void unlock(void)
{
	lock_release(&all->lock);
}

/* Something may have come to be due earlier. */
static void unlock_and_wake(void)
{
	bool early = tlsp_agenda_next_ms(&all->agenda) < all->sleeps_until_ms;

	if(early)
		all->sleeps_until_ms = 0; /* nobody else needs to ring */
	unlock();
	if(early)
		tlsp_alarm_ring();
}

struct tlsp_connection *tlsp_connections_add(
		const struct tlsp_connection_facts *facts)
{
	uint64_t now_ms = tlsp_clock_ms();
	struct tlsp_connection *connection =
			all ? shm_malloc(sizeof(*connection)) : NULL;

	if(!connection)
		return NULL;
	tlsp_connection_fill(connection, facts, now_ms);
	lock();
	tlsp_table_add(&all->table, connection);
	connection->rechecks = all->agenda.rechecks;
	tlsp_agenda_enter(&all->agenda, connection, TLSP_PHASE_HANDSHAKE, now_ms,
			now_ms + facts->timeout_ms);
	unlock_and_wake();
	return connection;
}

void tlsp_connections_accepted(
		struct tlsp_connection *connection, const SSL *ssl, bool stale)
{
	uint64_t now_ms = tlsp_clock_ms();

	lock();
	tlsp_connection_refresh(connection, ssl);
	connection->established_ms = now_ms;
	if(tlsp_record_of(ssl)->successor)
		tlsp_agenda_enter(&all->agenda, connection, TLSP_PHASE_SUCCEEDING,
				now_ms, TLSP_SCHEDULE_NEVER);
	else
		tlsp_agenda_plan_next(&all->agenda, connection, now_ms);
	if(stale || connection->rechecks != all->agenda.rechecks)
		tlsp_agenda_recheck_one(&all->agenda, connection);
	connection->counted = true;
	unlock_and_wake();
	tlsp_statistics_connection(connection->role, 1);
}

/* Some stacks end the connection at a KeyUpdate, at once and without a word
 * (doc/rehandshake-stacks.md). */
static bool ended_by_key_update(const struct tlsp_connection *connection)
{
	uint64_t data_ms = tlsp_connection_data_ms(connection);

	return connection->phase == TLSP_PHASE_OPEN && connection->rehandshakes > 0
		   && connection->last_kind == TLSP_PLAN_KEY_UPDATE
		   && data_ms <= connection->last_ms
		   && tlsp_clock_ms() < connection->last_ms + KEY_UPDATE_MS;
}

static void note_failure(const struct tlsp_connection *connection,
		enum tlsp_peer_outcome outcome)
{
	struct tlsp_peer_key peer = tlsp_connection_peer(connection);

	if(outcome != TLSP_PEER_UNKNOWN)
		tlsp_peer_outcomes_note(&peer, outcome);
	tlsp_statistics_count(TLSP_STATISTIC_REHANDSHAKES_FAILED);
}

void tlsp_connections_remove(
		struct tlsp_connection *connection, enum tlsp_peer_outcome outcome)
{
	if(!all)
		return; /* destroy has freed it */
	lock();
	if(connection->phase == TLSP_PHASE_RENEGOTIATING)
		note_failure(
				connection, connection->ours ? outcome : TLSP_PEER_UNKNOWN);
	else if(outcome == TLSP_PEER_DIED && ended_by_key_update(connection))
		note_failure(connection, outcome);
	tlsp_agenda_drop(&all->agenda, connection);
	tlsp_table_remove(&all->table, connection);
	unlock();
	if(connection->counted)
		tlsp_statistics_connection(connection->role, -1);
	tlsp_statistics_add(TLSP_STATISTIC_MESSAGES_LOST,
			(int)tlsp_hold_queue_clear(&connection->held));
	tlsp_peer_names_free(connection->vouched);
	shm_free(connection);
}

void tlsp_connections_shown_again(
		struct tlsp_connection *connection, const SSL *ssl)
{
	lock();
	tlsp_connection_refresh(connection, ssl);
	unlock();
}

/* One that is replaced or closed stays so. */
static bool is_ordinary(const struct tlsp_connection *connection)
{
	return connection->phase == TLSP_PHASE_OPEN
		   || connection->phase == TLSP_PHASE_WAITING
		   || connection->phase == TLSP_PHASE_RENEGOTIATING;
}

void tlsp_connections_began(
		struct tlsp_connection *connection, unsigned timeout_ms)
{
	uint64_t now_ms = tlsp_clock_ms();

	lock();
	if(!connection->running && is_ordinary(connection))
		tlsp_agenda_enter(&all->agenda, connection, TLSP_PHASE_RENEGOTIATING,
				now_ms, now_ms + timeout_ms);
	connection->running = true;
	unlock_and_wake();
}

void tlsp_connections_ended(struct tlsp_connection *connection, const SSL *ssl)
{
	uint64_t now_ms = tlsp_clock_ms();
	struct tlsp_peer_key asked;

	lock();
	asked = tlsp_connection_peer(connection); /* not as whom it answered */
	if(connection->ours)
		tlsp_peer_outcomes_note(&asked, TLSP_PEER_TOOK);
	tlsp_connection_refresh(connection, ssl);
	connection->running = false;
	if(is_ordinary(connection))
		tlsp_agenda_completed(
				&all->agenda, connection, TLSP_PLAN_RENEGOTIATE, now_ms);
	unlock_and_wake();
}

void tlsp_connections_not_ours(struct tlsp_connection *connection)
{
	lock();
	connection->ours = false;
	unlock();
}

/* Takes the lock. Whoever walks waits for nobody else but other walks. */
static struct tlsp_walk *begin_walk(void)
{
	struct tlsp_walk *walk;

	lock();
	while(!(walk = tlsp_table_walk(&all->table))) {
		unlock();
		sleep_us(WALK_AGAIN_US);
		lock();
	}
	return walk;
}

/* The next one, or NULL at the end, which ends |walk|. Now and then others get
 * the lock meanwhile. */
static struct tlsp_connection *walk_on(struct tlsp_walk *walk, size_t *steps)
{
	struct tlsp_connection *connection;

	if(++*steps % WALKED_AT_ONCE == 0) {
		unlock_and_wake();
		lock();
	}
	connection = tlsp_table_step(walk);
	walk->walks = connection != NULL;
	return connection;
}

size_t tlsp_connections_ids(int *ids, size_t max)
{
	struct tlsp_walk *walk = begin_walk();
	size_t used = 0, steps = 0, count = all->table.count;
	const struct tlsp_connection *c;

	while(used < max && (c = walk_on(walk, &steps)))
		ids[used++] = c->id;
	walk->walks = false;
	unlock();
	return max > 0 ? used : count;
}

/* With the lock held, whatever comes of it. */
static struct tlsp_connection *lock_entry(int id)
{
	lock();
	return tlsp_table_find(&all->table, id);
}

bool tlsp_connections_view(int id, struct tlsp_connection *out)
{
	const struct tlsp_connection *connection = lock_entry(id);

	if(connection)
		tlsp_connection_copy(out, connection);
	unlock();
	return connection != NULL;
}

bool tlsp_connections_peer(int id, struct tlsp_peer_key *out)
{
	const struct tlsp_connection *connection = lock_entry(id);

	if(connection)
		*out = tlsp_connection_peer(connection);
	unlock();
	return connection != NULL;
}

bool tlsp_connections_vouched(
		int id, struct tlsp_connection *out, struct tlsp_vouched *vouched)
{
	const struct tlsp_vouching nobody = {0};
	const struct tlsp_connection *connection;
	bool accepted;

	tlsp_vouched_write(vouched, NULL, &nobody);
	connection = lock_entry(id);
	accepted = connection && connection->standing == TLSP_STANDING_ACCEPTED;
	if(connection)
		tlsp_connection_copy(out, connection);
	if(accepted && connection->vouched)
		memcpy(vouched, connection->vouched, connection->vouched->octets);
	unlock();
	if(connection && !accepted)
		out->match = TLSP_MATCH_NONE;
	return connection != NULL;
}

size_t tlsp_connections_at(const struct ip_addr *address, unsigned short port,
		int *ids, size_t max)
{
	size_t count = 0;

	lock();
	for(const struct tlsp_connection *c =
					tlsp_table_at(&all->table, address, port);
			c && count < max; c = tlsp_table_next_at(c))
		ids[count++] = c->id;
	unlock();
	return count;
}

bool tlsp_connections_any_replaced(void)
{
	return atomic_load_explicit(&all->replaced, memory_order_relaxed);
}

void tlsp_connections_replace(void)
{
	atomic_store_explicit(&all->replaced, true, memory_order_relaxed);
}

bool tlsp_connections_is_due(
		int id, uint64_t now_ms, struct tlsp_connection *out)
{
	return tlsp_connections_view(id, out) && !out->recheck
		   && tlsp_schedule_has(&out->schedule)
		   && out->schedule.due_ms <= now_ms;
}

bool tlsp_connections_request(int id, bool *found)
{
	struct tlsp_connection *connection = lock_entry(id);
	bool asked = connection && tlsp_agenda_request(&all->agenda, connection);

	unlock_and_wake();
	*found = connection != NULL;
	return asked;
}

size_t tlsp_connections_request_all(void)
{
	struct tlsp_walk *walk = begin_walk();
	struct tlsp_connection *c;
	size_t asked = 0, steps = 0;

	while((c = walk_on(walk, &steps)))
		asked += tlsp_agenda_request(&all->agenda, c);
	unlock_and_wake();
	return asked;
}

struct tlsp_recheck tlsp_connections_recheck(bool close_unasked)
{
	struct tlsp_walk *walk = begin_walk();
	unsigned number = tlsp_agenda_recheck(&all->agenda, close_unasked);
	struct tlsp_recheck state;
	struct tlsp_connection *c;
	size_t steps = 0;

	while((c = walk_on(walk, &steps))
			&& tlsp_agenda_recheck_each(&all->agenda, c, number))
		;
	walk->walks = false;
	state = all->agenda.recheck;
	unlock_and_wake();
	return state;
}

struct tlsp_recheck tlsp_connections_recheck_state(void)
{
	struct tlsp_recheck state;

	lock();
	state = all->agenda.recheck;
	unlock();
	return state;
}

struct tlsp_digest tlsp_connections_server_id(
		const struct tlsp_connection *connection)
{
	struct tlsp_digest server_id;

	lock();
	server_id = connection->server_id;
	unlock();
	return server_id;
}

void tlsp_connections_recheck_one(int id)
{
	struct tlsp_connection *connection = lock_entry(id);

	if(connection)
		tlsp_agenda_recheck_one(&all->agenda, connection);
	unlock_and_wake();
}

void tlsp_connections_rechecked(int id, enum tlsp_rechecked result)
{
	struct tlsp_connection *connection = lock_entry(id);

	tlsp_agenda_rechecked(&all->agenda, connection, result);
	unlock_and_wake();
}

void tlsp_connections_recheck_wait(int id, uint64_t now_ms, uint64_t due_ms)
{
	struct tlsp_connection *connection = lock_entry(id);

	if(connection && connection->recheck)
		tlsp_agenda_wait(&all->agenda, connection, now_ms, due_ms);
	unlock_and_wake();
}

void tlsp_connections_change(uint64_t now_ms)
{
	lock();
	tlsp_agenda_change(&all->agenda, all->table.first, now_ms);
	unlock_and_wake();
}

void tlsp_connections_follow(
		size_t most, uint64_t (*interval_ms)(const char *rule))
{
	lock();
	tlsp_agenda_follow(&all->agenda, most, interval_ms);
	unlock();
}

uint64_t tlsp_connections_fall_asleep(uint64_t until_ms)
{
	uint64_t next_ms;

	lock();
	next_ms = tlsp_agenda_next_ms(&all->agenda);
	all->sleeps_until_ms = until_ms = next_ms < until_ms ? next_ms : until_ms;
	unlock();
	return until_ms;
}

size_t tlsp_connections_take_due(uint64_t now_ms, int *ids, size_t max)
{
	size_t count;

	lock();
	all->sleeps_until_ms = 0;
	count = tlsp_agenda_take_due(&all->agenda, now_ms, ids, max);
	unlock();
	return count;
}

void tlsp_connections_enter(
		int id, enum tlsp_phase phase, uint64_t now_ms, uint64_t due_ms)
{
	struct tlsp_connection *connection = lock_entry(id);

	if(connection)
		tlsp_agenda_enter(&all->agenda, connection, phase, now_ms, due_ms);
	unlock_and_wake();
}

void tlsp_connections_wait(
		const struct tlsp_connection *view, uint64_t now_ms, uint64_t due_ms)
{
	struct tlsp_connection *connection = lock_entry(view->id);

	if(connection && !connection->running) {
		tlsp_agenda_enter(
				&all->agenda, connection, TLSP_PHASE_WAITING, now_ms, due_ms);
		connection->ours = false;
		if(view->phase == TLSP_PHASE_WAITING)
			connection->phase_ms = view->phase_ms;
	}
	unlock_and_wake();
}

void tlsp_connections_ask(int id, uint64_t now_ms, uint64_t due_ms)
{
	struct tlsp_connection *connection = lock_entry(id);

	if(connection) {
		connection->ours = true;
		tlsp_agenda_enter(&all->agenda, connection, TLSP_PHASE_RENEGOTIATING,
				now_ms, due_ms);
	}
	unlock_and_wake();
}

void tlsp_connections_next(int id, uint64_t now_ms)
{
	struct tlsp_connection *connection = lock_entry(id);

	if(connection && !connection->running)
		tlsp_agenda_plan_next(&all->agenda, connection, now_ms);
	unlock_and_wake();
}

void tlsp_connections_over(int id, uint64_t now_ms)
{
	struct tlsp_connection *connection = lock_entry(id);

	if(connection)
		tlsp_agenda_plan_next(&all->agenda, connection, now_ms);
	unlock_and_wake();
}

void tlsp_connections_completed(
		int id, enum tlsp_plan_step kind, uint64_t now_ms)
{
	struct tlsp_connection *connection = lock_entry(id);

	if(connection)
		tlsp_agenda_completed(&all->agenda, connection, kind, now_ms);
	unlock_and_wake();
}

void tlsp_connections_succeeded(int id, unsigned rehandshakes,
		const struct tlsp_digest *server_id, uint64_t now_ms)
{
	struct tlsp_connection *connection = lock_entry(id);

	if(connection) {
		connection->rehandshakes = rehandshakes;
		connection->server_id = *server_id;
		tlsp_agenda_completed(
				&all->agenda, connection, TLSP_PLAN_RECONNECT, now_ms);
	}
	unlock_and_wake();
}

void tlsp_connections_note_plan(int id, const struct tlsp_plan *plan)
{
	struct tlsp_connection *connection = lock_entry(id);

	if(connection) {
		connection->planned = plan->step;
		connection->why = plan->why;
	}
	unlock();
}

void tlsp_connections_tried(int id)
{
	struct tlsp_connection *connection = lock_entry(id);

	if(connection)
		tlsp_agenda_tried(&all->agenda, connection);
	unlock_and_wake();
}

void tlsp_connections_touch(int id)
{
	struct tlsp_connection *connection = lock_entry(id);

	if(connection)
		connection->revived = true;
	unlock();
}
