/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * connections - the table of the accepted TLS connections of all processes, in
 * shared memory: facts about each by value, what goes on with it, and when it
 * is due for a re-handshake. One lock guards all of it; it is taken when a
 * connection comes, goes or changes its phase, never for a message, and never
 * while the core's lock of its TCP table is wanted (a connection goes under
 * that lock).
 */
#ifndef TLSP_CONNECTIONS_H
#define TLSP_CONNECTIONS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/ip_addr.h"

#include "openssl/record.h"
#include "policy/rehandshake/peer_memory.h"
#include "policy/rehandshake/plan.h"
#include "policy/rehandshake/schedule.h"
#include "hold_queue.h"

enum tlsp_phase
{
	TLSP_PHASE_OPEN,		  /* nothing goes on */
	TLSP_PHASE_WAITING,		  /* due, and waiting for a quiet moment */
	TLSP_PHASE_RENEGOTIATING, /* until the peer's Finished or the timeout */
	TLSP_PHASE_REPLACING,	  /* its successor is being opened */
	TLSP_PHASE_SUCCEEDING,	  /* a successor that is not proven yet */
	TLSP_PHASE_DRAINING,	  /* replaced; closed when quiet for long */
	TLSP_PHASE_CLOSING		  /* by us; the core ends it */
};

struct tlsp_connection
{
	struct tlsp_schedule_entry schedule; /* under the table's lock */
	struct tlsp_connection *next, *prev; /* of all */
	struct tlsp_connection *next_in_bucket;
	int id; /* the core's */
	enum tlsp_role role;
	int version;	 /* as SSL_version(3) */
	char cipher[40]; /* OpenSSL's name */
	struct ip_addr peer;
	unsigned short peer_port;
	bool secure_renegotiation; /* RFC 5746: the peer can renegotiate */
	enum tlsp_match match;
	struct tlsp_host identity; /* accepted; if match is not NONE */
	uint64_t established_ms;
	uint64_t last_ms; /* of the last re-handshake; 0 = none */
	uint64_t last_renegotiation_ms;
	enum tlsp_plan_step last_kind; /* if |rehandshakes| is not 0 */
	enum tlsp_plan_step planned;   /* if |why| is not NULL */
	const char *why;	   /* static: of the last plan; NULL before the first */
	unsigned rehandshakes; /* completed */
	unsigned key_updates;
	enum tlsp_phase phase;
	uint64_t phase_ms; /* when it began */
	bool by_operator;  /* the re-handshake that goes on */
	bool ours;		   /* RENEGOTIATING: we asked for it */
	bool running;	   /* the peer has begun one, and it is not over */
	bool recheck;	   /* to be judged anew, now; and then: */
	uint64_t look_again_ms;
	bool revived;	 /* our own octets have put off the core's idle timeout */
	uint64_t due_ms; /* of the next re-handshake */
	/* Without the table's lock: */
	_Atomic uint64_t data_ms;	  /* last clear text in either direction */
	_Atomic uint64_t lifetime_ms; /* the core's idle timeout; 0 = none; as the
									 last job found it */
	struct tlsp_hold_queue held;  /* under the connection's write_lock */
};

/* What an accepted connection is entered with. */
struct tlsp_connection_facts
{
	int id;
	const struct ip_addr *peer;
	unsigned short peer_port;
	uint64_t lifetime_ms;
	const SSL *ssl; /* accepted; only read */
};

/* tlsp_connections_init: main process, mod_init. 0, or -1 without memory. */
int tlsp_connections_init(void);

/* tlsp_connections_destroy: main process, at the end. What the core closes
 * after that is not in the table any more. */
void tlsp_connections_destroy(void);

/* tlsp_connections_add: the connection of |facts|; under its write_lock. NULL
 * without memory or after destroy. The table owns the result. */
struct tlsp_connection *tlsp_connections_add(
		const struct tlsp_connection_facts *facts);

/*
 * tlsp_connections_remove: |connection| is gone: frees it and what is still
 * held back. If a renegotiation was going on, |outcome| of it is remembered
 * of the peer, unless that is UNKNOWN; DIED also just after a KeyUpdate. Any
 * process, when nobody else uses the connection.
 */
void tlsp_connections_remove(
		struct tlsp_connection *connection, enum tlsp_peer_outcome outcome);

/* tlsp_connections_refresh: after another handshake on |ssl|, its facts;
 * under the connection's write_lock and the table's lock. */
void tlsp_connections_refresh(
		struct tlsp_connection *connection, const SSL *ssl);

/* The table's lock; everything below is called with it held. Short: nothing
 * may be sent, logged or waited for while it is. */
void tlsp_connections_lock(void);
void tlsp_connections_unlock(void);

/* tlsp_connections_count, _first (then ->next), _find (by the core's id). */
size_t tlsp_connections_count(void);
struct tlsp_connection *tlsp_connections_first(void);
struct tlsp_connection *tlsp_connections_find(int id);

/* tlsp_connections_memory: peers and how they took a re-handshake. */
struct tlsp_peer_memory *tlsp_connections_memory(void);

/* tlsp_connections_peer: what |connection|'s peer is remembered by. */
struct tlsp_peer_key tlsp_connections_peer(
		const struct tlsp_connection *connection);

/* tlsp_connections_remember: how the peer of |connection| (or of a copy) took
 * a re-handshake, not UNKNOWN. */
void tlsp_connections_remember(const struct tlsp_connection *connection,
		enum tlsp_peer_outcome outcome);

/* tlsp_connections_set_interval: |interval_ms| between re-handshakes (0 =
 * none) for all connections. Those that are open follow by
 * tlsp_connections_follow_interval, |most| at each call. */
void tlsp_connections_set_interval(uint64_t interval_ms, uint64_t now_ms);
void tlsp_connections_follow_interval(size_t most);

/* tlsp_connections_data_ms: when clear text last passed on |connection| (or a
 * copy), in either direction. With or without the lock. */
static inline uint64_t tlsp_connections_data_ms(
		const struct tlsp_connection *connection)
{
	return atomic_load_explicit(&connection->data_ms, memory_order_relaxed);
}

/* tlsp_connections_idle_ms: when |connection| (or a copy) would have ended at
 * the core's idle timeout, but for jobs of ours; or TLSP_SCHEDULE_NEVER. */
uint64_t tlsp_connections_idle_ms(const struct tlsp_connection *connection);

/* tlsp_connections_look_at: when an OPEN |connection| (or a copy) is to be
 * looked at: when it is due, or, if our own octets put off the core's idle
 * timeout, when that would have been. */
uint64_t tlsp_connections_look_at(const struct tlsp_connection *connection);

/* tlsp_connections_plan_next: puts |connection| back to OPEN, due for its next
 * re-handshake one interval after |last_ms|. */
void tlsp_connections_plan_next(
		struct tlsp_connection *connection, uint64_t last_ms);

/* tlsp_connections_enter: |connection| is in |phase| from |now_ms|, and to be
 * looked at again at |due_ms|. */
void tlsp_connections_enter(struct tlsp_connection *connection,
		enum tlsp_phase phase, uint64_t now_ms, uint64_t due_ms);

/* tlsp_connections_completed: a re-handshake of |kind| is done. */
void tlsp_connections_completed(struct tlsp_connection *connection,
		enum tlsp_plan_step kind, uint64_t now_ms);

/* tlsp_connections_ask: an operator wants a re-handshake of |connection| now.
 * False if one goes on, or it is being closed. */
bool tlsp_connections_ask(struct tlsp_connection *connection);

/* How far a recheck of all connections has come. */
struct tlsp_recheck
{
	unsigned connections; /* when it began */
	unsigned left;		  /* to be judged */
	unsigned refused;	  /* and being closed */
};

/* tlsp_connections_recheck: all are to be judged by the policy of now, by the
 * re-handshake timer; O(connections). _recheck_state: how far it has come;
 * _rechecked: the connection |id|, which may have ended, was judged. */
void tlsp_connections_recheck(void);
struct tlsp_recheck tlsp_connections_recheck_state(void);
void tlsp_connections_rechecked(int id, bool refused);

/* tlsp_connections_take_due: up to |max| ids of connections that are due at
 * |now_ms|, into |ids|; returns how many. */
size_t tlsp_connections_take_due(uint64_t now_ms, int *ids, size_t max);

#endif
