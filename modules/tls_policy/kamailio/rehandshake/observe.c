/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * observe - see observe.h. Nothing here is done for a message but to note
 * the time.
 */
#include "observe.h"

#include "core/dprint.h"
#include "core/timer_ticks.h"

#include "openssl/rehandshake.h"
#include "kamailio/connection/clock.h"
#include "kamailio/connection/connections.h"
#include "held_writes.h"
#include "kamailio/policy/live_policy.h"
#include "kamailio/policy/tls_domains.h"
#include "kamailio/report/statistics.h"

enum
{
	MS_PER_SECOND = 1000
};

/* A connection is entered when its first handshake begins, so that somebody
 * watches how long it takes. False without memory for that. */
static bool enter(struct tcp_connection *c, struct tlsp_record *record)
{
	const struct tlsp_in_force *all = tlsp_live_policy_acquire();
	struct tlsp_connection_facts facts = {.id = c->id,
			.peer = &c->rcv.src_ip,
			.peer_port = c->rcv.src_port,
			.accepted_socket = (c->flags & F_CONN_PASSIVE) != 0,
			.record = record,
			.lifetime_ms = TICKS_TO_MS((uint64_t)c->lifetime),
			.timeout_ms = all ? (unsigned)all->terms->policy->handshake_timeout
										  * MS_PER_SECOND
							  : 0};

	tlsp_live_policy_release(all);
	if(facts.accepted_socket || tlsp_tls_domains_asked_id(&facts.server_id))
		record->owner = tlsp_connections_add(&facts);
	return record->owner != NULL;
}

/* Policy may have changed since the last word of the handshake. */
static void accepted(struct tlsp_record *record)
{
	const struct tlsp_in_force *all = tlsp_live_policy_acquire();
	bool stale = !all || all->terms->generation != record->generation;

	tlsp_live_policy_release(all);
	tlsp_connections_accepted(record->owner, record->ssl, stale);
	record->noticed = record->handshakes;
}

/* Under the write_lock. False if the connection cannot go on. */
static bool follow_first(struct tcp_connection *c, struct tlsp_record *record)
{
	if(!record->owner && !enter(c, record)) {
		LM_ERR("connection %d: no shared memory to watch over it: closing "
			   "it\n",
				c->id);
		return false;
	}
	if(record->stage == TLSP_STAGE_ACCEPTED && record->noticed == 0)
		accepted(record);
	return true;
}

static void note_data(struct tlsp_connection *connection)
{
	atomic_store_explicit(
			&connection->data_ms, tlsp_clock_ms(), memory_order_relaxed);
}

static unsigned hold_timeout_ms(void)
{
	const struct tlsp_in_force *all = tlsp_live_policy_acquire();
	unsigned ms =
			all ? (unsigned)all->terms->policy->tls_rehandshake_hold_timeout_ms
				: 1000;

	tlsp_live_policy_release(all);
	return ms;
}

/* Under the write_lock. False if the connection is broken. */
static bool notice(struct tcp_connection *c, struct tlsp_record *record)
{
	struct tlsp_connection *connection = record->owner;

	if(record->renegotiation == TLSP_RENEGOTIATION_RUNNING)
		tlsp_connections_began(connection, hold_timeout_ms());
	if(record->handshakes == record->noticed)
		return true;
	record->noticed = record->handshakes;
	if(SSL_version(record->ssl) >= TLS1_3_VERSION) { /* shown once more */
		tlsp_connections_shown_again(connection, record->ssl);
		return true;
	}
	tlsp_connections_ended(connection, record->ssl);
	tlsp_statistics_count(TLSP_STATISTIC_RENEGOTIATIONS);
	return tlsp_held_writes_send(c, connection);
}

static bool changed(const struct tlsp_record *record)
{
	return !record->owner || record->handshakes != record->noticed
		   || record->renegotiation == TLSP_RENEGOTIATION_RUNNING;
}

bool tlsp_observe_read(
		struct tcp_connection *c, struct tlsp_record *record, int octets)
{
	bool works = true;

	if(!record)
		return true;
	if(changed(record)) {
		lock_get(&c->write_lock);
		works = follow_first(c, record) && notice(c, record);
		lock_release(&c->write_lock);
	}
	if(works && octets > 0)
		note_data(record->owner);
	return works;
}

bool tlsp_observe_write(
		struct tcp_connection *c, struct tlsp_record *record, unsigned octets)
{
	if(!record)
		return true;
	if((!record->owner || record->noticed == 0) && !follow_first(c, record))
		return false;
	if(octets > 0)
		note_data(record->owner);
	return true;
}

/* What the end of the connection says about a re-handshake of ours. */
static enum tlsp_peer_outcome outcome_of(const struct tlsp_record *record)
{
	bool polite = SSL_get_shutdown(record->ssl) & SSL_RECEIVED_SHUTDOWN;

	if(record->peer_declined)
		return TLSP_PEER_REFUSED;
	if(record->stage == TLSP_STAGE_REFUSED
			|| (polite && record->renegotiation == TLSP_RENEGOTIATION_NONE))
		return TLSP_PEER_UNKNOWN;
	return TLSP_PEER_DIED;
}

void tlsp_observe_end(struct tlsp_record *record)
{
	if(record && record->owner)
		tlsp_connections_remove(record->owner, outcome_of(record));
}
