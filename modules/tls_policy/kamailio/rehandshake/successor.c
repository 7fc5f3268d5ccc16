/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * successor - see successor.h.
 */
#include "successor.h"

#include "core/dprint.h"

#include "steps.h"
#include "kamailio/connection/entries.h"
#include "jobs.h"
#include "reconnect.h"
#include "kamailio/report/statistics.h"

enum
{
	AT_ONCE = 256,
	PROVEN_MS = 300,		 /* a successor that lives so long stays */
	SUCCESSOR_MS = 10 * 1000 /* to be accepted in */
};

struct replacement
{
	int id; /* of the old one */
	unsigned rehandshakes;
	struct tlsp_successor successor;
	uint64_t began_ms;
};

static struct replacement replacements[AT_ONCE];
static size_t count;

static void failed(int id, uint64_t now_ms)
{
	LM_WARN("connection %d: no accepted successor, so it stays\n", id);
	tlsp_statistics_count(TLSP_STATISTIC_REHANDSHAKES_FAILED);
	tlsp_entries_next(id, now_ms);
}

void tlsp_successor_begin(const struct tlsp_connection *view, uint64_t now_ms)
{
	struct replacement *replacement = &replacements[count];

	if(count == AT_ONCE) {
		tlsp_statistics_count(TLSP_STATISTIC_REHANDSHAKES_POSTPONED);
		tlsp_entries_next(view->id, now_ms);
		return;
	}
	tlsp_entries_enter(
			view->id, TLSP_PHASE_REPLACING, now_ms, now_ms + 2 * SUCCESSOR_MS);
	tlsp_entries_touch(view->id);
	if(!tlsp_reconnect_open(view->id, &replacement->successor)) {
		failed(view->id, now_ms);
		return;
	}
	replacement->id = view->id;
	replacement->rehandshakes = view->rehandshakes;
	replacement->began_ms = now_ms;
	count++;
}

/* In the table it is accepted by us. In TLS 1.3 the server judges us after
 * that, so it must live for a moment. */
static bool is_proven(const struct replacement *replacement, uint64_t now_ms)
{
	struct tlsp_connection successor;

	return tlsp_entries_view(replacement->successor.id, &successor)
		   && now_ms >= successor.established_ms + PROVEN_MS
		   && tlsp_jobs_exists(replacement->successor.id);
}

static void take_over(const struct replacement *replacement, uint64_t now_ms)
{
	struct tlsp_connection *successor;

	tlsp_reconnect_replace(replacement->id, &replacement->successor);
	tlsp_connections_lock();
	successor = tlsp_connections_find(replacement->successor.id);
	if(successor) {
		successor->rehandshakes = replacement->rehandshakes;
		tlsp_connections_completed(successor, TLSP_PLAN_RECONNECT, now_ms);
	}
	tlsp_connections_unlock();
	tlsp_entries_enter(replacement->id, TLSP_PHASE_DRAINING, now_ms,
			now_ms + TLSP_AGAIN_MS);
	tlsp_statistics_count(TLSP_STATISTIC_RECONNECTS);
}

static void give_up(const struct replacement *replacement, uint64_t now_ms)
{
	struct tlsp_job job = {.kind = TLSP_JOB_CLOSE};

	tlsp_jobs_run(replacement->successor.id, &job);
	failed(replacement->id, now_ms);
}

/* True when there is nothing more to do. */
static bool look_at(const struct replacement *replacement, uint64_t now_ms)
{
	if(is_proven(replacement, now_ms)) {
		take_over(replacement, now_ms);
		return true;
	}
	if(tlsp_jobs_exists(replacement->successor.id)
			&& now_ms < replacement->began_ms + SUCCESSOR_MS)
		return false;
	give_up(replacement, now_ms);
	return true;
}

void tlsp_successor_look(uint64_t now_ms)
{
	for(size_t i = count; i > 0; i--)
		if(look_at(&replacements[i - 1], now_ms))
			replacements[i - 1] = replacements[--count];
}
