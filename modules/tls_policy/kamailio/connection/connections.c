/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * connections - see connections.h.
 */
#include "connections.h"

#include <stdio.h>
#include <string.h>

#include "core/dprint.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"

#include "clock.h"
#include "kamailio/report/statistics.h"

enum
{
	BUCKETS = 4096,
	KEY_UPDATE_MS = 500 /* in which a peer that cannot bear one is gone */
};

struct table
{
	gen_lock_t lock;
	struct tlsp_schedule schedule;
	uint64_t interval_ms, interval_since_ms;
	struct tlsp_connection *following; /* next to follow a new interval */
	size_t count;
	struct tlsp_connection *first;
	struct tlsp_connection *buckets[BUCKETS];
	struct tlsp_peer_memory *memory;
	struct tlsp_recheck recheck;
};

static struct table *table; /* shared */

int tlsp_connections_init(void)
{
	table = shm_malloc(sizeof(*table));
	if(!table) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(table, 0, sizeof(*table));
	table->memory =
			shm_malloc(tlsp_peer_memory_octets(TLSP_PEER_MEMORY_ENTRIES));
	if(!table->memory || !lock_init(&table->lock)) {
		SHM_MEM_ERROR;
		if(table->memory)
			shm_free(table->memory);
		shm_free(table);
		table = NULL;
		return -1;
	}
	tlsp_peer_memory_init(table->memory, TLSP_PEER_MEMORY_ENTRIES);
	tlsp_schedule_init(&table->schedule);
	return 0;
}

void tlsp_connections_destroy(void)
{
	struct table *old = table;
	struct tlsp_connection *next;

	if(!old)
		return;
	table = NULL;
	for(struct tlsp_connection *c = old->first; c; c = next) {
		next = c->next;
		tlsp_hold_queue_clear(&c->held);
		shm_free(c);
	}
	shm_free(old->memory);
	lock_destroy(&old->lock);
	shm_free(old);
}

void tlsp_connections_lock(void)
{
	lock_get(&table->lock);
}

void tlsp_connections_unlock(void)
{
	lock_release(&table->lock);
}

static struct tlsp_connection **bucket_of(int id)
{
	return &table->buckets[(unsigned)id % BUCKETS];
}

static void link_in(struct tlsp_connection *connection)
{
	struct tlsp_connection **bucket = bucket_of(connection->id);

	connection->next_in_bucket = *bucket;
	*bucket = connection;
	connection->next = table->first;
	if(table->first)
		table->first->prev = connection;
	table->first = connection;
	table->count++;
}

static void unlink_from(struct tlsp_connection *connection)
{
	struct tlsp_connection **link = bucket_of(connection->id);

	while(*link != connection)
		link = &(*link)->next_in_bucket;
	*link = connection->next_in_bucket;
	if(connection->prev)
		connection->prev->next = connection->next;
	else
		table->first = connection->next;
	if(connection->next)
		connection->next->prev = connection->prev;
	if(table->following == connection)
		table->following = connection->next;
	table->count--;
}

void tlsp_connections_refresh(
		struct tlsp_connection *connection, const SSL *ssl)
{
	const struct tlsp_record *record = tlsp_record_of(ssl);

	connection->role = record->role;
	connection->version = SSL_version(ssl);
	snprintf(connection->cipher, sizeof(connection->cipher), "%s",
			SSL_get_cipher_name(ssl));
	connection->secure_renegotiation =
			SSL_get_secure_renegotiation_support((SSL *)ssl) != 0;
	connection->match = record->match;
	connection->identity = record->matched;
}

struct tlsp_connection *tlsp_connections_add(
		const struct tlsp_connection_facts *facts)
{
	struct tlsp_connection *connection =
			table ? shm_malloc(sizeof(*connection)) : NULL;

	if(!connection)
		return NULL;
	memset(connection, 0, sizeof(*connection));
	connection->id = facts->id;
	connection->peer = *facts->peer;
	connection->peer_port = facts->peer_port;
	connection->established_ms = tlsp_clock_ms();
	atomic_init(&connection->data_ms, connection->established_ms);
	atomic_init(&connection->lifetime_ms, facts->lifetime_ms);
	tlsp_connections_refresh(connection, facts->ssl);
	tlsp_connections_lock();
	link_in(connection);
	if(tlsp_record_of(facts->ssl)->successor)
		tlsp_connections_enter(connection, TLSP_PHASE_SUCCEEDING,
				connection->established_ms, TLSP_SCHEDULE_NEVER);
	else
		tlsp_connections_plan_next(connection, connection->established_ms);
	tlsp_connections_unlock();
	return connection;
}

void tlsp_connections_remember(const struct tlsp_connection *connection,
		enum tlsp_peer_outcome outcome)
{
	struct tlsp_peer_key peer = tlsp_connections_peer(connection);

	tlsp_peer_memory_note(table->memory, &peer, outcome, tlsp_clock_ms(),
			TLSP_PEER_MEMORY_LIFETIME_MS);
}

static void note_failure(const struct tlsp_connection *connection,
		enum tlsp_peer_outcome outcome)
{
	if(outcome != TLSP_PEER_UNKNOWN)
		tlsp_connections_remember(connection, outcome);
	tlsp_statistics_add(TLSP_STATISTIC_REHANDSHAKES_FAILED, 1);
}

/* Some stacks end the connection at a KeyUpdate, at once and without a word
 * (doc/rehandshake-stacks.md). */
static bool ended_by_key_update(const struct tlsp_connection *connection)
{
	uint64_t data_ms = tlsp_connections_data_ms(connection);

	return connection->phase == TLSP_PHASE_OPEN && connection->rehandshakes > 0
		   && connection->last_kind == TLSP_PLAN_KEY_UPDATE
		   && data_ms <= connection->last_ms
		   && tlsp_clock_ms() < connection->last_ms + KEY_UPDATE_MS;
}

void tlsp_connections_remove(
		struct tlsp_connection *connection, enum tlsp_peer_outcome outcome)
{
	if(!table)
		return; /* destroy has freed it */
	tlsp_connections_lock();
	if(connection->phase == TLSP_PHASE_RENEGOTIATING)
		note_failure(
				connection, connection->ours ? outcome : TLSP_PEER_UNKNOWN);
	else if(outcome == TLSP_PEER_DIED && ended_by_key_update(connection))
		note_failure(connection, outcome);
	if(connection->recheck)
		table->recheck.left--;
	tlsp_schedule_remove(&table->schedule, &connection->schedule);
	unlink_from(connection);
	tlsp_connections_unlock();
	tlsp_statistics_add(TLSP_STATISTIC_MESSAGES_LOST,
			(int)tlsp_hold_queue_clear(&connection->held));
	shm_free(connection);
}

size_t tlsp_connections_count(void)
{
	return table->count;
}

struct tlsp_connection *tlsp_connections_first(void)
{
	return table->first;
}

struct tlsp_connection *tlsp_connections_find(int id)
{
	struct tlsp_connection *connection = *bucket_of(id);

	while(connection && connection->id != id)
		connection = connection->next_in_bucket;
	return connection;
}

struct tlsp_peer_memory *tlsp_connections_memory(void)
{
	return table->memory;
}

struct tlsp_peer_key tlsp_connections_peer(
		const struct tlsp_connection *connection)
{
	struct tlsp_peer_key key = {
			.accepted = connection->match != TLSP_MATCH_NONE,
			.kind = tlsp_rehandshake_plan_kind(
					connection->role, connection->version)};

	if(key.accepted)
		key.host = connection->identity;
	else
		tlsp_hostname_from_ip_address(
				&key.host, connection->peer.u.addr, connection->peer.len);
	return key;
}

uint64_t tlsp_connections_idle_ms(const struct tlsp_connection *connection)
{
	uint64_t lifetime_ms = atomic_load_explicit(
			&connection->lifetime_ms, memory_order_relaxed);

	if(!connection->revived || lifetime_ms == 0)
		return TLSP_SCHEDULE_NEVER;
	return tlsp_connections_data_ms(connection) + lifetime_ms;
}

uint64_t tlsp_connections_look_at(const struct tlsp_connection *connection)
{
	uint64_t idle_ms = tlsp_connections_idle_ms(connection);

	if(connection->by_operator)
		return 0;
	return idle_ms < connection->due_ms ? idle_ms : connection->due_ms;
}

/* One that is to be judged anew is looked at for that first. */
static void schedule(struct tlsp_connection *connection, uint64_t due_ms)
{
	if(connection->recheck)
		connection->look_again_ms = due_ms;
	else
		tlsp_schedule_add(&table->schedule, &connection->schedule, due_ms);
}

void tlsp_connections_plan_next(
		struct tlsp_connection *connection, uint64_t last_ms)
{
	connection->phase = TLSP_PHASE_OPEN;
	connection->by_operator = connection->ours = false;
	connection->due_ms = tlsp_schedule_next(
			last_ms, table->interval_ms, (uint64_t)connection->id);
	schedule(connection, tlsp_connections_look_at(connection));
}

void tlsp_connections_set_interval(uint64_t interval_ms, uint64_t now_ms)
{
	if(table->interval_ms == interval_ms)
		return;
	table->interval_ms = interval_ms;
	table->interval_since_ms = now_ms;
	table->following = table->first;
}

void tlsp_connections_follow_interval(size_t most)
{
	struct tlsp_connection *c = table->following;

	for(; c && most > 0; c = c->next, most--) {
		c->due_ms = tlsp_schedule_changed(table->interval_since_ms,
				c->last_ms ? c->last_ms : c->established_ms, table->interval_ms,
				(uint64_t)c->id);
		if(c->phase == TLSP_PHASE_OPEN)
			schedule(c, tlsp_connections_look_at(c));
	}
	table->following = c;
}

void tlsp_connections_enter(struct tlsp_connection *connection,
		enum tlsp_phase phase, uint64_t now_ms, uint64_t due_ms)
{
	if(connection->phase != phase) {
		connection->phase = phase;
		connection->phase_ms = now_ms;
	}
	schedule(connection, due_ms);
}

void tlsp_connections_completed(struct tlsp_connection *connection,
		enum tlsp_plan_step kind, uint64_t now_ms)
{
	connection->rehandshakes++;
	connection->last_kind = kind;
	connection->last_ms = now_ms;
	if(kind == TLSP_PLAN_KEY_UPDATE)
		connection->key_updates++;
	if(kind == TLSP_PLAN_RENEGOTIATE)
		connection->last_renegotiation_ms = now_ms;
	connection->revived = kind != TLSP_PLAN_RECONNECT;
	tlsp_connections_plan_next(connection, now_ms);
}

bool tlsp_connections_ask(struct tlsp_connection *connection)
{
	if(connection->phase != TLSP_PHASE_OPEN
			&& connection->phase != TLSP_PHASE_WAITING)
		return false;
	connection->by_operator = true;
	schedule(connection, 0);
	return true;
}

void tlsp_connections_recheck(void)
{
	table->recheck.connections = (unsigned)table->count;
	table->recheck.left = (unsigned)table->count;
	table->recheck.refused = 0;
	for(struct tlsp_connection *c = table->first; c; c = c->next) {
		/* One that is not in the schedule may just have been taken from it. */
		if(!c->recheck)
			c->look_again_ms =
					tlsp_schedule_has(&c->schedule) ? c->schedule.due_ms : 0;
		c->recheck = true;
		tlsp_schedule_add(&table->schedule, &c->schedule, 0);
	}
}

struct tlsp_recheck tlsp_connections_recheck_state(void)
{
	return table->recheck;
}

void tlsp_connections_rechecked(int id, bool refused)
{
	struct tlsp_connection *connection = tlsp_connections_find(id);

	table->recheck.refused += refused;
	if(!connection || !connection->recheck)
		return;
	connection->recheck = false;
	table->recheck.left--;
	schedule(connection, connection->phase == TLSP_PHASE_OPEN
								 ? tlsp_connections_look_at(connection)
								 : connection->look_again_ms);
}

/* The schedule entry is the first member. */
size_t tlsp_connections_take_due(uint64_t now_ms, int *ids, size_t max)
{
	struct tlsp_schedule_entry *due[64];
	size_t count = tlsp_schedule_take_due(&table->schedule, now_ms, due,
			max < sizeof(due) / sizeof(*due) ? max
											 : sizeof(due) / sizeof(*due));

	for(size_t i = 0; i < count; i++)
		ids[i] = ((struct tlsp_connection *)(void *)due[i])->id;
	return count;
}
