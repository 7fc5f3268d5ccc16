/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rehandshake_timer - see rehandshake_timer.h. A connection is looked at
 * through a copy of its entry; what is done to it goes by the core's id, since
 * it may end at any moment.
 */
#include "rehandshake_timer.h"

#include "core/dprint.h"
#include "core/sr_module.h"
#include "core/timer_proc.h"

#include "../policy/rehandshake_peers.h"
#include "clock.h"
#include "connections.h"
#include "jobs.h"
#include "live_policy.h"
#include "reconnect.h"
#include "statistics.h"

enum
{
	TICK_US = 20 * 1000,
	LOOKED_AT_PER_TICK = 64,
	AGAIN_MS = 20,			  /* while something is awaited */
	PROVEN_MS = 300,		  /* a successor that lives so long stays */
	SUCCESSOR_MS = 10 * 1000, /* to be accepted in */
	LONGEST_DRAIN = 10		  /* times tls_rehandshake_drain */
};

/* Of this process: a copy of the policy in force. */
static struct tlsp_policy policy;
static unsigned long generation;

/* Lock-free but for the moment after a change. */
static void follow_policy(uint64_t now_ms)
{
	const struct tlsp_terms *terms = tlsp_live_policy_acquire();
	bool changed = terms && terms->generation != generation;

	if(changed) {
		policy = *terms->policy;
		generation = terms->generation;
	}
	tlsp_live_policy_release();
	if(!changed)
		return;
	tlsp_connections_lock();
	tlsp_connections_set_interval(
			tlsp_rehandshake_plan_interval_ms(&policy), now_ms);
	tlsp_connections_unlock();
}

/* What is done to the entry of connection |id|, if it is still there. */
static void next_in_an_interval(int id, uint64_t now_ms)
{
	struct tlsp_connection *connection;

	tlsp_connections_lock();
	connection = tlsp_connections_find(id);
	if(connection)
		tlsp_connections_plan_next(connection, now_ms);
	tlsp_connections_unlock();
}

static void enter(
		int id, enum tlsp_phase phase, uint64_t now_ms, uint64_t due_ms)
{
	struct tlsp_connection *connection;

	tlsp_connections_lock();
	connection = tlsp_connections_find(id);
	if(connection)
		tlsp_connections_enter(connection, phase, now_ms, due_ms);
	tlsp_connections_unlock();
}

static void completed(int id, enum tlsp_plan_step kind, uint64_t now_ms)
{
	struct tlsp_connection *connection;

	tlsp_connections_lock();
	connection = tlsp_connections_find(id);
	if(connection)
		tlsp_connections_completed(connection, kind, now_ms);
	tlsp_connections_unlock();
}

static void remember(
		const struct tlsp_connection *view, enum tlsp_peer_outcome outcome)
{
	struct tlsp_peer_key peer = tlsp_connections_peer(view);

	tlsp_connections_lock();
	tlsp_peer_memory_note(tlsp_connections_memory(), &peer, outcome,
			tlsp_clock_ms(), TLSP_PEER_MEMORY_LIFETIME_MS);
	tlsp_connections_unlock();
	tlsp_statistics_count(TLSP_STATISTIC_REHANDSHAKES_FAILED);
}

static uint64_t data_ms_of(const struct tlsp_connection *connection)
{
	return atomic_load_explicit(&connection->data_ms, memory_order_relaxed);
}

static void close_connection(
		const struct tlsp_connection *view, unsigned quiet_ms, uint64_t now_ms)
{
	struct tlsp_job job = {.kind = TLSP_JOB_CLOSE, .quiet_ms = quiet_ms};

	switch(tlsp_jobs_run(view->id, &job)) {
		case TLSP_JOB_BUSY:
			enter(view->id,
					view->phase == TLSP_PHASE_DRAINING ? TLSP_PHASE_DRAINING
													   : TLSP_PHASE_WAITING,
					now_ms, now_ms + AGAIN_MS);
			return;
		case TLSP_JOB_DONE:
			tlsp_statistics_count(TLSP_STATISTIC_CLOSED_WHEN_QUIET);
			break;
		default:
			break;
	}
	enter(view->id, TLSP_PHASE_CLOSING, now_ms, now_ms + 1000);
}

/* True if the connection lives on. */
static bool judged(const struct tlsp_connection *view, struct tlsp_job *job)
{
	enum tlsp_job_result result = tlsp_jobs_run(view->id, job);

	if(result != TLSP_JOB_GONE)
		tlsp_statistics_count(TLSP_STATISTIC_JUDGED_ANEW);
	if(result == TLSP_JOB_REFUSED)
		tlsp_statistics_count(TLSP_STATISTIC_CLOSED_BY_JUDGEMENT);
	return result != TLSP_JOB_GONE && result != TLSP_JOB_REFUSED;
}

static void judge_only(const struct tlsp_connection *view, uint64_t now_ms)
{
	struct tlsp_job job = {.kind = TLSP_JOB_JUDGE};

	if(judged(view, &job))
		next_in_an_interval(view->id, now_ms);
}

static void update_keys(const struct tlsp_connection *view,
		bool ask_certificate, uint64_t now_ms)
{
	struct tlsp_job job = {
			.kind = TLSP_JOB_KEY_UPDATE, .ask_certificate = ask_certificate};

	if(!judged(view, &job))
		return;
	if(job.result != TLSP_JOB_DONE) {
		next_in_an_interval(view->id, now_ms);
		return;
	}
	tlsp_statistics_count(TLSP_STATISTIC_KEY_UPDATES);
	completed(view->id, TLSP_PLAN_KEY_UPDATE, now_ms);
}

static void ask_for_it(int id, uint64_t now_ms)
{
	struct tlsp_connection *connection;

	tlsp_connections_lock();
	connection = tlsp_connections_find(id);
	if(connection) {
		connection->ours = true;
		tlsp_connections_enter(connection, TLSP_PHASE_RENEGOTIATING, now_ms,
				now_ms + (uint64_t)policy.tls_rehandshake_hold_timeout_ms);
	}
	tlsp_connections_unlock();
}

/* The phase is entered first: the peer may have answered before this process
 * runs again. */
static void renegotiate(
		const struct tlsp_connection *view, unsigned quiet_ms, uint64_t now_ms)
{
	struct tlsp_job job = {.kind = TLSP_JOB_RENEGOTIATE, .quiet_ms = quiet_ms};

	ask_for_it(view->id, now_ms);
	switch(tlsp_jobs_run(view->id, &job)) {
		case TLSP_JOB_BUSY:
			enter(view->id, TLSP_PHASE_WAITING, now_ms, now_ms + AGAIN_MS);
			break;
		case TLSP_JOB_IMPOSSIBLE:
			tlsp_statistics_count(TLSP_STATISTIC_REHANDSHAKES_LEFT_DUE);
			next_in_an_interval(view->id, now_ms);
			break;
		default:
			break;
	}
}

static void give_up(const struct tlsp_connection *view, uint64_t now_ms)
{
	struct tlsp_job job = {.kind = TLSP_JOB_GIVE_UP};

	switch(tlsp_jobs_run(view->id, &job)) {
		case TLSP_JOB_DONE:
			remember(view, TLSP_PEER_IGNORED);
			next_in_an_interval(view->id, now_ms);
			break;
		case TLSP_JOB_IMPOSSIBLE: /* it is being closed */
			enter(view->id, TLSP_PHASE_CLOSING, now_ms, now_ms + 1000);
			remember(view, TLSP_PEER_IGNORED);
			break;
		default:
			next_in_an_interval(view->id, now_ms);
			break;
	}
}

static void replacement_failed(
		const struct tlsp_connection *view, uint64_t now_ms)
{
	LM_WARN("connection %d: no accepted successor, so it stays\n", view->id);
	tlsp_statistics_count(TLSP_STATISTIC_REHANDSHAKES_FAILED);
	next_in_an_interval(view->id, now_ms);
}

static void replace(const struct tlsp_connection *view, uint64_t now_ms)
{
	struct tlsp_connection *connection;
	int successor = tlsp_reconnect_open(view->id);

	if(!successor) {
		replacement_failed(view, now_ms);
		return;
	}
	tlsp_connections_lock();
	connection = tlsp_connections_find(view->id);
	if(connection) {
		connection->successor = successor;
		tlsp_connections_enter(
				connection, TLSP_PHASE_REPLACING, now_ms, now_ms + AGAIN_MS);
	}
	tlsp_connections_unlock();
}

/* In the table it is accepted by us. In TLS 1.3 the server judges us after
 * that: it must have sent something, or live for a moment. */
static bool successor_is_proven(
		const struct tlsp_connection *view, uint64_t now_ms)
{
	const struct tlsp_connection *successor;
	bool proven;

	tlsp_connections_lock();
	successor = tlsp_connections_find(view->successor);
	proven = successor && now_ms >= successor->established_ms + PROVEN_MS;
	tlsp_connections_unlock();
	return proven && tlsp_jobs_exists(view->successor);
}

static void take_over(const struct tlsp_connection *view, uint64_t now_ms)
{
	struct tlsp_connection *successor;

	tlsp_reconnect_replace(view->id, view->successor);
	tlsp_connections_lock();
	successor = tlsp_connections_find(view->successor);
	if(successor) {
		successor->rehandshakes = view->rehandshakes;
		tlsp_connections_completed(successor, TLSP_PLAN_RECONNECT, now_ms);
	}
	tlsp_connections_unlock();
	enter(view->id, TLSP_PHASE_DRAINING, now_ms, now_ms + AGAIN_MS);
	tlsp_statistics_count(TLSP_STATISTIC_RECONNECTS);
}

static void look_at_successor(
		const struct tlsp_connection *view, uint64_t now_ms)
{
	if(successor_is_proven(view, now_ms))
		take_over(view, now_ms);
	else if(!tlsp_jobs_exists(view->successor)
			|| now_ms >= view->phase_ms + SUCCESSOR_MS)
		replacement_failed(view, now_ms);
	else
		enter(view->id, TLSP_PHASE_REPLACING, now_ms, now_ms + AGAIN_MS);
}

static void drain(const struct tlsp_connection *view, uint64_t now_ms)
{
	uint64_t drain_ms = (uint64_t)policy.tls_rehandshake_drain * 1000;
	uint64_t quiet_at_ms = data_ms_of(view) + drain_ms;

	if(quiet_at_ms < view->phase_ms + drain_ms)
		quiet_at_ms = view->phase_ms + drain_ms;
	if(now_ms >= view->phase_ms + LONGEST_DRAIN * drain_ms)
		close_connection(
				view, (unsigned)policy.tls_rehandshake_quiet_ms, now_ms);
	else if(now_ms >= quiet_at_ms)
		close_connection(view, (unsigned)drain_ms, now_ms);
	else
		enter(view->id, TLSP_PHASE_DRAINING, now_ms, quiet_at_ms);
}

static bool is_named(const struct tlsp_connection *view)
{
	struct tlsp_host address;

	if(view->match != TLSP_MATCH_NONE
			&& tlsp_rehandshake_peers_name(
					policy.tls_rehandshake_peers, &view->identity))
		return true;
	return tlsp_hostname_from_ip_address(
				   &address, view->peer.u.addr, view->peer.len)
				   == TLSP_HOST_OK
		   && tlsp_rehandshake_peers_name(
				   policy.tls_rehandshake_peers, &address);
}

static enum tlsp_peer_outcome remembered(
		const struct tlsp_connection *view, uint64_t now_ms)
{
	struct tlsp_peer_key peer = tlsp_connections_peer(view);
	enum tlsp_peer_outcome outcome;

	tlsp_connections_lock();
	outcome = tlsp_peer_memory_find(tlsp_connections_memory(), &peer, now_ms);
	tlsp_connections_unlock();
	return outcome;
}

/* Asking for post-handshake authentication is free, and OpenSSL knows whether
 * it was offered or done. */
static struct tlsp_plan plan_for(
		const struct tlsp_connection *view, uint64_t now_ms)
{
	uint64_t data_ms = data_ms_of(view);
	struct tlsp_rehandshake_facts facts = {
			.method =
					(enum tlsp_rehandshake_method)policy.tls_rehandshake_method,
			.role = view->role,
			.version = view->version,
			.by_operator = view->by_operator,
			.named = is_named(view),
			.remembered = remembered(view, now_ms),
			.secure_renegotiation = view->secure_renegotiation,
			.data_since_last = view->last_ms == 0 || data_ms > view->last_ms,
			.key_updates = view->key_updates,
			.renegotiated = view->last_renegotiation_ms != 0,
			.since_renegotiation_ms = now_ms - view->last_renegotiation_ms,
			.min_spacing_ms =
					(uint64_t)policy.tls_rehandshake_min_spacing * 1000,
			.quiet_for_ms = now_ms > data_ms ? now_ms - data_ms : 0,
			.quiet_ms = (uint64_t)policy.tls_rehandshake_quiet_ms,
			.waited_ms = view->phase == TLSP_PHASE_WAITING
								 ? now_ms - view->phase_ms
								 : 0,
			.quiet_wait_ms = (uint64_t)policy.tls_rehandshake_quiet_wait_ms,
			.certificate_required =
					tlsp_verdict_requires_certificate(&policy, view->role),
			.authentication_offered = true,
	};

	return tlsp_rehandshake_plan(&facts);
}

static void note_plan(int id, const struct tlsp_plan *plan)
{
	struct tlsp_connection *connection;

	tlsp_connections_lock();
	connection = tlsp_connections_find(id);
	if(connection) {
		connection->planned = plan->step;
		connection->why = plan->why;
	}
	tlsp_connections_unlock();
}

static void carry_out(const struct tlsp_connection *view, uint64_t now_ms)
{
	struct tlsp_plan plan = plan_for(view, now_ms);
	unsigned quiet_ms = (unsigned)policy.tls_rehandshake_quiet_ms;
	/* Whoever has waited in vain, or an operator, does not ask again. */
	bool at_once =
			view->by_operator
			|| (view->phase == TLSP_PHASE_WAITING
					&& now_ms - view->phase_ms
							   >= (uint64_t)
										  policy.tls_rehandshake_quiet_wait_ms);

	note_plan(view->id, &plan);
	switch(plan.step) {
		case TLSP_PLAN_KEY_UPDATE:
			update_keys(view, plan.authenticate, now_ms);
			break;
		case TLSP_PLAN_RENEGOTIATE:
			renegotiate(view, at_once ? 0 : quiet_ms, now_ms);
			break;
		case TLSP_PLAN_RECONNECT:
			replace(view, now_ms);
			break;
		case TLSP_PLAN_CLOSE_WHEN_QUIET:
			close_connection(view, quiet_ms, now_ms);
			break;
		case TLSP_PLAN_WAIT:
			enter(view->id, TLSP_PHASE_WAITING, now_ms, now_ms + AGAIN_MS);
			break;
		case TLSP_PLAN_POSTPONE:
			tlsp_statistics_count(TLSP_STATISTIC_REHANDSHAKES_POSTPONED);
			judge_only(view, now_ms);
			break;
		case TLSP_PLAN_LEAVE_DUE:
			tlsp_statistics_count(TLSP_STATISTIC_REHANDSHAKES_LEFT_DUE);
			judge_only(view, now_ms);
			break;
		case TLSP_PLAN_JUDGE_ONLY:
		case TLSP_PLAN_STEPS:
			judge_only(view, now_ms);
			break;
	}
}

/* Our own octets put off the core's idle timeout; the data did not. */
static bool is_idle(const struct tlsp_connection *view, uint64_t now_ms)
{
	return view->revived && view->lifetime_ms > 0
		   && now_ms >= data_ms_of(view) + view->lifetime_ms;
}

static void look_at_open(const struct tlsp_connection *view, uint64_t now_ms)
{
	if(is_idle(view, now_ms))
		close_connection(view, 0, now_ms);
	else if(view->by_operator || now_ms >= view->due_ms)
		carry_out(view, now_ms);
	else
		enter(view->id, TLSP_PHASE_OPEN, now_ms,
				tlsp_connections_look_at(view));
}

static void recheck(const struct tlsp_connection *view)
{
	struct tlsp_job job = {.kind = TLSP_JOB_JUDGE};
	struct tlsp_connection *connection;
	bool lives = judged(view, &job);

	tlsp_connections_lock();
	connection = tlsp_connections_find(view->id);
	if(connection)
		tlsp_connections_rechecked(connection, lives);
	tlsp_connections_unlock();
}

static void look_at(int id)
{
	struct tlsp_connection view;
	struct tlsp_connection *connection;
	uint64_t now_ms = tlsp_clock_ms();

	tlsp_connections_lock();
	connection = tlsp_connections_find(id);
	if(connection)
		view = *connection;
	tlsp_connections_unlock();
	if(!connection)
		return;
	if(view.recheck) {
		recheck(&view);
		return;
	}
	switch(view.phase) {
		case TLSP_PHASE_OPEN:
			look_at_open(&view, now_ms);
			break;
		case TLSP_PHASE_WAITING:
			carry_out(&view, now_ms);
			break;
		case TLSP_PHASE_RENEGOTIATING:
			give_up(&view, now_ms);
			break;
		case TLSP_PHASE_REPLACING:
			look_at_successor(&view, now_ms);
			break;
		case TLSP_PHASE_DRAINING:
			drain(&view, now_ms);
			break;
		case TLSP_PHASE_CLOSING:
			close_connection(&view, 0, now_ms);
			break;
	}
}

static void tick(unsigned int unused_ticks, void *unused)
{
	int ids[LOOKED_AT_PER_TICK];
	size_t count;
	uint64_t now_ms = tlsp_clock_ms();

	(void)unused_ticks, (void)unused;
	follow_policy(now_ms);
	tlsp_connections_lock();
	count = tlsp_connections_take_due(now_ms, ids, LOOKED_AT_PER_TICK);
	tlsp_connections_unlock();
	for(size_t i = 0; i < count; i++)
		look_at(ids[i]);
}

void tlsp_rehandshake_timer_register(void)
{
	register_basic_timers(1);
}

int tlsp_rehandshake_timer_start(void)
{
	if(fork_basic_utimer(
			   PROC_TIMER, "TLS POLICY RE-HANDSHAKE", 1, tick, NULL, TICK_US)
			< 0) {
		LM_ERR("the process for re-handshakes cannot be forked\n");
		return -1;
	}
	return 0;
}
