/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * timer - see timer.h. A connection is looked at
 * through a copy of its entry; what is done to it goes by the core's id, since
 * it may end at any moment.
 */
#include "timer.h"

#include "core/dprint.h"
#include "core/sr_module.h"
#include "core/timer_proc.h"

#include "policy/rehandshake/peers.h"
#include "steps.h"
#include "kamailio/connection/alarm.h"
#include "kamailio/connection/clock.h"
#include "kamailio/connection/connections.h"
#include "kamailio/connection/peer_outcomes.h"
#include "kamailio/report/events.h"
#include "kamailio/policy/live_policy.h"
#include "successor.h"
#include "kamailio/report/refusals.h"
#include "kamailio/report/statistics.h"

enum
{
	PAUSE_US = 20 * 1000, /* from one look to the next, at least */
	LOOKED_AT_PER_TICK = 64,
	FOLLOWED_AT_ONCE = 256, /* entries, after a change, and so often: */
	FOLLOWED_PER_TICK = 8,
	NOBODY_RINGS_MS = 1000 /* for certificates, and what was refused */
};

/* Of this process: a copy of the policy of the rule that the connection which is
 * looked at has. */
static struct tlsp_policy policy;
static unsigned long generation;
static const struct tlsp_in_force *in_force; /* while intervals are followed */

/* A rule that is not there any more: as the default, until the connection is
 * judged anew. */
static void take_policy(const char *rule)
{
	if(!tlsp_live_policy_copy(rule, &policy))
		tlsp_live_policy_copy("default", &policy);
}

static uint64_t interval_ms(const char *rule)
{
	size_t number = 0;

	tlsp_live_policy_find(in_force, rule, &number);
	return tlsp_rehandshake_plan_interval_ms(in_force->terms[number].policy);
}

/* Lock-free but for the moment after a change. */
static void follow_policy(uint64_t now_ms)
{
	in_force = tlsp_live_policy_acquire();
	if(in_force && in_force->terms->generation != generation) {
		generation = in_force->terms->generation;
		tlsp_connections_change(now_ms);
	}
	for(int i = 0; in_force && i < FOLLOWED_PER_TICK; i++)
		tlsp_connections_follow(FOLLOWED_AT_ONCE, interval_ms);
	tlsp_live_policy_release(in_force);
}

static bool is_named(
		const struct tlsp_connection *view, const struct tlsp_peer_key *peer)
{
	struct tlsp_host address;
	bool known = tlsp_hostname_from_ip_address(
						 &address, view->peer.u.addr, view->peer.len)
				 == TLSP_HOST_OK;

	return tlsp_rehandshake_peers_name_either(policy.tls_rehandshake_peers,
			peer->accepted ? &peer->host : NULL, known ? &address : NULL);
}

static struct tlsp_plan plan_for(const struct tlsp_connection *view,
		const struct tlsp_peer_key *peer, uint64_t now_ms)
{
	uint64_t data_ms = tlsp_connection_data_ms(view);
	struct tlsp_rehandshake_facts facts = {
			.method =
					(enum tlsp_rehandshake_method)policy.tls_rehandshake_method,
			.role = view->role,
			.version = view->version,
			.by_operator = view->by_operator,
			.named = is_named(view, peer),
			.remembered = tlsp_peer_outcomes_find(peer, now_ms),
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
	};

	return tlsp_rehandshake_plan(&facts);
}

static void carry_out(const struct tlsp_connection *view, uint64_t now_ms)
{
	struct tlsp_peer_key peer;
	struct tlsp_plan plan;
	unsigned quiet_ms = (unsigned)policy.tls_rehandshake_quiet_ms;
	/* Whoever has waited in vain, or an operator, does not ask again. */
	bool at_once =
			view->by_operator
			|| (view->phase == TLSP_PHASE_WAITING
					&& now_ms - view->phase_ms
							   >= (uint64_t)
										  policy.tls_rehandshake_quiet_wait_ms);

	if(!tlsp_connections_peer(view->id, &peer))
		return; /* it has ended */
	plan = plan_for(view, &peer, now_ms);
	tlsp_connections_note_plan(view->id, &plan);
	switch(plan.step) {
		case TLSP_PLAN_KEY_UPDATE:
			tlsp_steps_update_keys(view, plan.authenticate,
					(unsigned)policy.tls_rehandshake_hold_timeout_ms, now_ms);
			break;
		case TLSP_PLAN_RENEGOTIATE:
			tlsp_steps_renegotiate(view, at_once ? 0 : quiet_ms,
					(unsigned)policy.tls_rehandshake_hold_timeout_ms, now_ms);
			break;
		case TLSP_PLAN_RECONNECT:
			tlsp_successor_begin(
					view, (unsigned)policy.handshake_timeout * 1000, now_ms);
			break;
		case TLSP_PLAN_CLOSE_WHEN_QUIET:
			tlsp_steps_close(view, quiet_ms, now_ms);
			break;
		case TLSP_PLAN_WAIT:
			tlsp_connections_wait(view, now_ms, now_ms + TLSP_AGAIN_MS);
			break;
		case TLSP_PLAN_POSTPONE:
			tlsp_statistics_count(TLSP_STATISTIC_REHANDSHAKES_POSTPONED);
			tlsp_steps_judge(view, now_ms);
			break;
		case TLSP_PLAN_LEAVE_DUE:
			tlsp_statistics_count(TLSP_STATISTIC_REHANDSHAKES_LEFT_DUE);
			tlsp_steps_judge(view, now_ms);
			break;
		case TLSP_PLAN_JUDGE_ONLY:
		case TLSP_PLAN_STEPS:
			tlsp_steps_judge(view, now_ms);
			break;
	}
}

static void look_at_open(const struct tlsp_connection *view, uint64_t now_ms)
{
	if(now_ms >= tlsp_connection_idle_ms(view))
		tlsp_steps_close_idle(view, now_ms);
	else if(view->by_operator || now_ms >= view->due_ms)
		carry_out(view, now_ms);
	else
		tlsp_connections_enter(view->id, TLSP_PHASE_OPEN, now_ms,
				tlsp_connection_look_at(view));
}

static void look_at(int id)
{
	struct tlsp_connection view;
	uint64_t now_ms = tlsp_clock_ms();

	if(!tlsp_connections_view(id, &view))
		return;
	take_policy(view.rule);
	if(view.recheck) {
		tlsp_steps_recheck(&view,
				(unsigned)policy.tls_rehandshake_hold_timeout_ms, now_ms);
		if(!tlsp_connections_is_due(id, now_ms, &view))
			return; /* else another recheck could come first for ever */
	}
	switch(view.phase) {
		case TLSP_PHASE_HANDSHAKE:
			tlsp_steps_time_out(&view, now_ms);
			break;
		case TLSP_PHASE_OPEN:
			look_at_open(&view, now_ms);
			break;
		case TLSP_PHASE_WAITING:
			carry_out(&view, now_ms);
			break;
		case TLSP_PHASE_RENEGOTIATING:
			tlsp_steps_give_up(&view, now_ms);
			break;
		case TLSP_PHASE_DRAINING:
			tlsp_steps_drain(&view,
					(uint64_t)policy.tls_rehandshake_drain * 1000,
					(unsigned)policy.tls_rehandshake_quiet_ms, now_ms);
			break;
		case TLSP_PHASE_CLOSING:
			tlsp_steps_close(&view, 0, now_ms);
			break;
		case TLSP_PHASE_REPLACING:
		case TLSP_PHASE_SUCCEEDING: /* successor looks after both */
			break;
	}
}

/* Until something is to be done; the first time at once. The pause that the core
 * makes before each tick is part of the pace: so much is done at a time, and no
 * more. */
static void sleep_until_due(void)
{
	static bool looked;
	uint64_t until_ms = tlsp_clock_ms() + NOBODY_RINGS_MS;

	if(looked && !tlsp_successor_any())
		tlsp_alarm_sleep(tlsp_connections_fall_asleep(until_ms));
	looked = true;
}

static void tick(unsigned int unused_ticks, void *unused)
{
	int ids[LOOKED_AT_PER_TICK];
	size_t count;
	uint64_t now_ms;

	(void)unused_ticks, (void)unused;
	sleep_until_due();
	now_ms = tlsp_clock_ms();
	if(!tlsp_events_wanted()) /* else that process does */
		tlsp_expiry_tick(NULL);
	tlsp_refusals_tick();
	follow_policy(now_ms);
	count = tlsp_connections_take_due(now_ms, ids, LOOKED_AT_PER_TICK);
	for(size_t i = 0; i < count; i++)
		look_at(ids[i]);
	tlsp_successor_look(now_ms);
}

void tlsp_rehandshake_timer_register(void)
{
	register_basic_timers(1);
}

int tlsp_rehandshake_timer_start(void)
{
	if(fork_basic_utimer(
			   PROC_TIMER, "TLS POLICY RE-HANDSHAKE", 1, tick, NULL, PAUSE_US)
			< 0) {
		LM_ERR("the process for re-handshakes cannot be forked\n");
		return -1;
	}
	return 0;
}
