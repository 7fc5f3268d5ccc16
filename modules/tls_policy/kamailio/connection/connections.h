/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * connections - the table of the TLS connections of all processes, in
 * shared memory. One lock, private to connections.c, guards all of it; it is
 * taken inside each function, when a connection comes, goes, changes its phase
 * or is looked at, never for a message. Nothing is sent, logged or waited for
 * while it is held, and no lock is wanted but that of peer_outcomes. So these
 * may be called with any other lock held: the core's of its TCP table, under
 * which a connection goes, or a write_lock. Who goes through all connections
 * (_ids, _request_all, _recheck) has no other lock, and lets this one go now
 * and then. What is asked by id does nothing if the connection has ended.
 */
#ifndef TLSP_CONNECTIONS_H
#define TLSP_CONNECTIONS_H

#include "agenda.h"
#include "entry.h"

/* tlsp_connections_init: main process, mod_init. 0, or -1 without memory. */
int tlsp_connections_init(void);

/* tlsp_connections_destroy: main process, at the end. What the core closes
 * after that is not in the table any more. */
void tlsp_connections_destroy(void);

/*
 * By the owner of an SSL's record (entry.h), in the process that reads from or
 * writes to the connection; with its write_lock held, but for _remove.
 */

/* tlsp_connections_add: the connection of |facts| is in its first handshake.
 * The result, to be that owner, belongs to the table. NULL without memory or
 * after destroy. */
struct tlsp_connection *tlsp_connections_add(
		const struct tlsp_connection_facts *facts);

/* tlsp_connections_accepted: |connection| was, on |ssl|. If tls_policy.recheck
 * came in the middle of its handshake, or |stale|, it is judged again at
 * once. */
void tlsp_connections_accepted(
		struct tlsp_connection *connection, const SSL *ssl, bool stale);

/*
 * tlsp_connections_remove: |connection| is gone: frees it and what is still
 * held back. If a renegotiation was going on, |outcome| of it is remembered
 * of the peer, unless that is UNKNOWN; DIED also just after a KeyUpdate. Any
 * process, when nobody else uses the connection.
 */
void tlsp_connections_remove(
		struct tlsp_connection *connection, enum tlsp_peer_outcome outcome);

/* tlsp_connections_shown_again: the peer has shown its certificate once more on
 * |ssl|, or was judged anew: its facts. */
void tlsp_connections_shown_again(
		struct tlsp_connection *connection, const SSL *ssl);

/* tlsp_connections_began: the peer has begun a renegotiation, because we asked
 * it to, or late, or by itself; it must be over after |timeout_ms|. */
void tlsp_connections_began(
		struct tlsp_connection *connection, unsigned timeout_ms);

/* tlsp_connections_ended: that is over, and accepted on |ssl|. */
void tlsp_connections_ended(struct tlsp_connection *connection, const SSL *ssl);

/* tlsp_connections_not_ours: whatever comes of the renegotiation that goes on
 * is not the peer's doing. */
void tlsp_connections_not_ours(struct tlsp_connection *connection);

/*
 * By the core's id; any process.
 */

/* tlsp_connections_ids: the ids of all that are there when it begins, newest
 * first, at most |max|, into |ids|, those in their first handshake included;
 * returns how many. With a |max| of 0: how many there are. The one way to go
 * through them. */
size_t tlsp_connections_ids(int *ids, size_t max);

/* tlsp_connections_view: a copy of the entry; false if there is none. */
bool tlsp_connections_view(int id, struct tlsp_connection *out);

/* tlsp_connections_peer: what the peer is remembered by; false if there is no
 * entry. */
bool tlsp_connections_peer(int id, struct tlsp_peer_key *out);

/* tlsp_connections_vouched: likewise, with whom its peer's certificate vouches
 * for into |vouched|, which has TLSP_VOUCHED_MAX_OCTETS; of nobody, if there is
 * nothing to tell, or the peer is not one that is accepted by now. Both of one
 * moment. */
bool tlsp_connections_vouched(
		int id, struct tlsp_connection *out, struct tlsp_vouched *vouched);

/* tlsp_connections_at: the ids of those whose peer is at |address| and |port|,
 * newest first, at most |max|, into |ids|; returns how many. */
size_t tlsp_connections_at(const struct ip_addr *address, unsigned short port,
		int *ids, size_t max);

/* tlsp_connections_any_replaced: may there be one that is replaced
 * (tlsp_connection_is_replaced)? No lock; false for certain until the first is
 * opened to replace another. */
bool tlsp_connections_any_replaced(void);

/* tlsp_connections_replace: one is going to be. */
void tlsp_connections_replace(void);

/* tlsp_connections_is_due: likewise, and true only if it is to be looked at
 * now. */
bool tlsp_connections_is_due(
		int id, uint64_t now_ms, struct tlsp_connection *out);

/* tlsp_connections_request: an operator wants a re-handshake of |id| now. False
 * if one goes on, or it is being closed, or is not |found|. _all: of all;
 * returns of how many. */
bool tlsp_connections_request(int id, bool *found);
size_t tlsp_connections_request_all(void);

/* tlsp_connections_recheck: all are to be judged by the policy of now, by the
 * re-handshake timer; O(connections). Returns how far it has come, like
 * tlsp_connections_recheck_state. _recheck_one: |id| alone. _rechecked: |id|
 * was judged. _recheck_wait: it could not be, and is looked at again at
 * |due_ms|. */
struct tlsp_recheck tlsp_connections_recheck(bool close_unasked);
struct tlsp_recheck tlsp_connections_recheck_state(void);
void tlsp_connections_recheck_one(int id);
void tlsp_connections_rechecked(int id, enum tlsp_rechecked result);
void tlsp_connections_recheck_wait(int id, uint64_t now_ms, uint64_t due_ms);

/* tlsp_connections_tried: TLSP_JOB_TRY was run on |id|. */
void tlsp_connections_tried(int id);

/*
 * The process of the re-handshake timer.
 */

/* tlsp_connections_change: the interval between re-handshakes may have changed
 * for all connections. Those that are open follow by tlsp_connections_follow,
 * |most| at each call: |interval_ms| tells that of a rule (0 = none), and takes
 * no lock. */
void tlsp_connections_change(uint64_t now_ms);
void tlsp_connections_follow(
		size_t most, uint64_t (*interval_ms)(const char *rule));

/* tlsp_connections_fall_asleep: the timer is going to sleep until |until_ms|,
 * or until something is due before that; returns until when. Whoever makes
 * anything due earlier rings (alarm.h), until tlsp_connections_take_due is
 * called. */
uint64_t tlsp_connections_fall_asleep(uint64_t until_ms);

/* tlsp_connections_take_due: up to |max| ids of connections that are due at
 * |now_ms|, into |ids|; returns how many. */
size_t tlsp_connections_take_due(uint64_t now_ms, int *ids, size_t max);

/* tlsp_connections_enter: |id| is in |phase| from |now_ms|, and to be looked at
 * again at |due_ms|. */
void tlsp_connections_enter(
		int id, enum tlsp_phase phase, uint64_t now_ms, uint64_t due_ms);

/* tlsp_connections_wait: |view| goes on waiting for a quiet moment, since when
 * it did or since now. */
void tlsp_connections_wait(
		const struct tlsp_connection *view, uint64_t now_ms, uint64_t due_ms);

/* tlsp_connections_ask: a renegotiation is going to be asked for. */
void tlsp_connections_ask(int id, uint64_t now_ms, uint64_t due_ms);

/* tlsp_connections_next: nothing was done, or in vain: again in an interval. */
void tlsp_connections_next(int id, uint64_t now_ms);

/* tlsp_connections_over: what went on is over, even if whoever reads has not
 * noticed it yet: OPEN. */
void tlsp_connections_over(int id, uint64_t now_ms);

/* tlsp_connections_completed: a re-handshake of |kind| is done. */
void tlsp_connections_completed(
		int id, enum tlsp_plan_step kind, uint64_t now_ms);

/* tlsp_connections_succeeded: |id| has taken the place of one that had been
 * re-handshaken |rehandshakes| times and was opened with |server_id|. */
void tlsp_connections_succeeded(int id, unsigned rehandshakes,
		const struct tlsp_digest *server_id, uint64_t now_ms);

/* tlsp_connections_server_id: that |connection| was opened with; zeros if none.
 * With its write_lock held. */
struct tlsp_digest tlsp_connections_server_id(
		const struct tlsp_connection *connection);

/* tlsp_connections_note_plan: what was planned, for RPC. */
void tlsp_connections_note_plan(int id, const struct tlsp_plan *plan);

/* tlsp_connections_touch: a job is going to be run on it, and the core will
 * take that for life. */
void tlsp_connections_touch(int id);

#endif
