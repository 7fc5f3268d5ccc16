/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * steps - see steps.h.
 */
#include "steps.h"

#include "core/dprint.h"

#include "kamailio/connection/peer_outcomes.h"
#include "jobs.h"
#include "kamailio/report/statistics.h"

enum
{
	GONE_SOON_MS = 1000,		 /* for the core to end a connection */
	LATE_AGAIN_MS = 1000,		 /* what a peer has sent may be read by then */
	LONGEST_WAIT_MS = 60 * 1000, /* tls_rehandshake_quiet_wait_ms at most */
	LONGEST_DRAIN = 10			 /* times the drain */
};

static enum tlsp_job_result run(int id, struct tlsp_job *job)
{
	tlsp_connections_touch(id);
	return tlsp_jobs_run(id, job);
}

void tlsp_steps_close(
		const struct tlsp_connection *view, unsigned quiet_ms, uint64_t now_ms)
{
	struct tlsp_job job = {.kind = TLSP_JOB_CLOSE, .quiet_ms = quiet_ms};
	bool busy =
			quiet_ms > 0 && now_ms < tlsp_connection_data_ms(view) + quiet_ms;

	if(!busy && run(view->id, &job) != TLSP_JOB_BUSY) {
		if(job.result == TLSP_JOB_DONE)
			tlsp_statistics_count(TLSP_STATISTIC_CLOSED_WHEN_QUIET);
		tlsp_connections_enter(
				view->id, TLSP_PHASE_CLOSING, now_ms, now_ms + GONE_SOON_MS);
	} else if(view->phase == TLSP_PHASE_DRAINING) {
		tlsp_connections_enter(
				view->id, TLSP_PHASE_DRAINING, now_ms, now_ms + TLSP_AGAIN_MS);
	} else {
		tlsp_connections_wait(view, now_ms, now_ms + TLSP_AGAIN_MS);
	}
}

/* Unless its lifetime has been prolonged since the last job. */
void tlsp_steps_close_idle(const struct tlsp_connection *view, uint64_t now_ms)
{
	struct tlsp_job job = {.kind = TLSP_JOB_CLOSE, .idle = true};

	if(run(view->id, &job) == TLSP_JOB_BUSY)
		tlsp_connections_enter(
				view->id, TLSP_PHASE_OPEN, now_ms, now_ms + GONE_SOON_MS);
	else
		tlsp_connections_enter(
				view->id, TLSP_PHASE_CLOSING, now_ms, now_ms + GONE_SOON_MS);
	if(job.result == TLSP_JOB_DONE)
		tlsp_statistics_count(TLSP_STATISTIC_CLOSED_WHEN_QUIET);
}

static enum tlsp_job_result judge(
		const struct tlsp_connection *view, struct tlsp_job *job)
{
	run(view->id, job);
	if(job->result != TLSP_JOB_GONE && job->result != TLSP_JOB_WAIT)
		tlsp_statistics_count(TLSP_STATISTIC_JUDGED_ANEW);
	if(job->result == TLSP_JOB_REFUSED)
		tlsp_statistics_count(TLSP_STATISTIC_CLOSED_BY_JUDGEMENT);
	if(job->result == TLSP_JOB_BROKEN)
		tlsp_statistics_count(TLSP_STATISTIC_REHANDSHAKES_BROKEN);
	if(job->result == TLSP_JOB_UNVERIFIABLE) {
		tlsp_statistics_count(TLSP_STATISTIC_CLOSED_UNVERIFIABLE);
		LM_INFO("connection %d: what verifies its peer has changed, and a "
				"resumed session has no chain: closing it\n",
				view->id);
	}
	if(job->result == TLSP_JOB_UNASKED && job->close_unasked) {
		tlsp_statistics_count(TLSP_STATISTIC_CLOSED_UNASKED);
		LM_INFO("connection %d: its peer was never asked for the certificate "
				"that is required now: closing it\n",
				view->id);
	}
	if(job->result == TLSP_JOB_WAIT)
		tlsp_connections_recheck_one(view->id);
	return job->result;
}

void tlsp_steps_judge(const struct tlsp_connection *view, uint64_t now_ms)
{
	struct tlsp_job job = {.kind = TLSP_JOB_JUDGE};

	judge(view, &job);
	tlsp_connections_next(view->id, now_ms);
}

/* A peer that keeps a handshake open for longer keeps its verdict no longer. */
static void wait_or_close(const struct tlsp_connection *view,
		unsigned timeout_ms, uint64_t now_ms)
{
	struct tlsp_job close_it = {.kind = TLSP_JOB_CLOSE};

	if(view->waits_ms == 0 || now_ms < view->waits_ms + timeout_ms) {
		tlsp_connections_recheck_wait(view->id, now_ms, now_ms + TLSP_AGAIN_MS);
		return;
	}
	LM_WARN("connection %d: its peer cannot be judged, because a handshake "
			"does not end: closing it\n",
			view->id);
	tlsp_statistics_count(TLSP_STATISTIC_CLOSED_BY_JUDGEMENT);
	run(view->id, &close_it);
	tlsp_connections_rechecked(view->id, TLSP_RECHECKED_REFUSED);
	tlsp_connections_enter(
			view->id, TLSP_PHASE_CLOSING, now_ms, now_ms + GONE_SOON_MS);
}

void tlsp_steps_recheck(const struct tlsp_connection *view, unsigned timeout_ms,
		uint64_t now_ms)
{
	struct tlsp_job job = {
			.kind = TLSP_JOB_JUDGE, .close_unasked = view->close_unasked};

	switch(judge(view, &job)) {
		case TLSP_JOB_WAIT:
			wait_or_close(view, timeout_ms, now_ms);
			break;
		case TLSP_JOB_REFUSED:
			tlsp_connections_rechecked(view->id, TLSP_RECHECKED_REFUSED);
			break;
		case TLSP_JOB_UNVERIFIABLE:
			tlsp_connections_rechecked(view->id, TLSP_RECHECKED_UNVERIFIABLE);
			break;
		case TLSP_JOB_UNASKED:
			tlsp_connections_rechecked(view->id, TLSP_RECHECKED_UNASKED);
			break;
		default:
			tlsp_connections_rechecked(view->id, TLSP_RECHECKED_STAYS);
			break;
	}
}

void tlsp_steps_time_out(const struct tlsp_connection *view, uint64_t now_ms)
{
	struct tlsp_job job = {.kind = TLSP_JOB_TIME_OUT};

	switch(tlsp_jobs_run(view->id, &job)) {
		case TLSP_JOB_BUSY: /* accepted just now */
			return;
		case TLSP_JOB_WAIT:
			tlsp_connections_enter(view->id, TLSP_PHASE_HANDSHAKE, now_ms,
					now_ms + LATE_AGAIN_MS);
			return;
		case TLSP_JOB_DONE:
			tlsp_statistics_count(TLSP_STATISTIC_HANDSHAKES_TIMED_OUT);
			LM_INFO("connection %d: the handshake took longer than "
					"handshake_timeout: closing it\n",
					view->id);
			break;
		default:
			break;
	}
	tlsp_connections_enter(
			view->id, TLSP_PHASE_CLOSING, now_ms, now_ms + GONE_SOON_MS);
}

/* So long that it will not come: a peer that sent half a record, say. */
static bool has_waited(const struct tlsp_connection *view, unsigned timeout_ms,
		uint64_t now_ms)
{
	return view->phase == TLSP_PHASE_WAITING
		   && now_ms >= view->phase_ms + LONGEST_WAIT_MS + timeout_ms;
}

/* What an operator has asked for is not forgotten. */
static void wait_or_say(const struct tlsp_connection *view, unsigned timeout_ms,
		uint64_t now_ms)
{
	if(!has_waited(view, timeout_ms, now_ms)) {
		tlsp_connections_wait(view, now_ms, now_ms + TLSP_AGAIN_MS);
		return;
	}
	LM_WARN("connection %d: no re-handshake, although one was requested: "
			"another handshake does not end\n",
			view->id);
	tlsp_statistics_count(TLSP_STATISTIC_REHANDSHAKES_POSTPONED);
	tlsp_connections_over(view->id, now_ms);
}

void tlsp_steps_update_keys(const struct tlsp_connection *view,
		bool ask_certificate, unsigned timeout_ms, uint64_t now_ms)
{
	struct tlsp_job job = {
			.kind = TLSP_JOB_KEY_UPDATE, .ask_certificate = ask_certificate};

	switch(judge(view, &job)) {
		case TLSP_JOB_DONE:
			tlsp_statistics_count(TLSP_STATISTIC_KEY_UPDATES);
			tlsp_connections_completed(view->id, TLSP_PLAN_KEY_UPDATE, now_ms);
			break;
		case TLSP_JOB_WAIT:
		case TLSP_JOB_IMPOSSIBLE:
			if(view->by_operator)
				wait_or_say(view, timeout_ms, now_ms);
			else
				tlsp_connections_next(view->id, now_ms);
			break;
		default:
			tlsp_connections_next(view->id, now_ms);
			break;
	}
}

/* The phase is entered first: the peer may have answered before this process
 * runs again. */
void tlsp_steps_renegotiate(const struct tlsp_connection *view,
		unsigned quiet_ms, unsigned timeout_ms, uint64_t now_ms)
{
	struct tlsp_job job = {.kind = TLSP_JOB_RENEGOTIATE, .quiet_ms = quiet_ms};

	tlsp_connections_ask(view->id, now_ms, now_ms + timeout_ms);
	switch(run(view->id, &job)) {
		case TLSP_JOB_BUSY:
			if(has_waited(view, timeout_ms, now_ms)) {
				tlsp_statistics_count(TLSP_STATISTIC_REHANDSHAKES_POSTPONED);
				tlsp_connections_over(view->id, now_ms);
			} else {
				tlsp_connections_wait(view, now_ms, now_ms + TLSP_AGAIN_MS);
			}
			break;
		case TLSP_JOB_IMPOSSIBLE:
			tlsp_statistics_count(TLSP_STATISTIC_REHANDSHAKES_LEFT_DUE);
			tlsp_connections_next(view->id, now_ms);
			break;
		case TLSP_JOB_GONE:
			tlsp_connections_next(view->id, now_ms);
			break;
		case TLSP_JOB_BROKEN: /* it is being closed */
			tlsp_statistics_count(TLSP_STATISTIC_REHANDSHAKES_BROKEN);
			tlsp_connections_enter(view->id, TLSP_PHASE_CLOSING, now_ms,
					now_ms + GONE_SOON_MS);
			break;
		default:
			break;
	}
}

/* As closing first, so that its end is not taken for the peer's doing. */
void tlsp_steps_give_up(const struct tlsp_connection *view, uint64_t now_ms)
{
	struct tlsp_job job = {.kind = TLSP_JOB_GIVE_UP};
	struct tlsp_peer_key peer;
	bool ours = view->ours && tlsp_connections_peer(view->id, &peer);

	tlsp_connections_enter(
			view->id, TLSP_PHASE_CLOSING, now_ms, now_ms + GONE_SOON_MS);
	switch(run(view->id, &job)) {
		case TLSP_JOB_IMPOSSIBLE: /* it is being closed */
			LM_WARN("connection %d: the renegotiation is not answered: closing "
					"it\n",
					view->id);
			break;
		case TLSP_JOB_DONE:
			tlsp_connections_next(view->id, now_ms);
			break;
		default: /* it is over, or the connection is */
			tlsp_connections_over(view->id, now_ms);
			return;
	}
	tlsp_statistics_count(TLSP_STATISTIC_REHANDSHAKES_FAILED);
	if(ours)
		tlsp_peer_outcomes_note(&peer, TLSP_PEER_IGNORED);
}

void tlsp_steps_drain(const struct tlsp_connection *view, uint64_t drain_ms,
		unsigned quiet_ms, uint64_t now_ms)
{
	uint64_t data_ms = tlsp_connection_data_ms(view);
	uint64_t since_ms = data_ms > view->phase_ms ? data_ms : view->phase_ms;

	if(now_ms >= view->phase_ms + LONGEST_DRAIN * drain_ms)
		tlsp_steps_close(view, quiet_ms, now_ms);
	else if(now_ms >= since_ms + drain_ms)
		tlsp_steps_close(view, (unsigned)drain_ms, now_ms);
	else
		tlsp_connections_enter(
				view->id, TLSP_PHASE_DRAINING, now_ms, since_ms + drain_ms);
}
