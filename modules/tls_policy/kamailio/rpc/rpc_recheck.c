/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpc_recheck - see rpc_recheck.h. The re-handshake timer judges; a dry run
 * judges here, one connection after the other, and changes nothing.
 */
#include "rpc_recheck.h"

#include <stdlib.h>
#include <string.h>

#include "core/dprint.h"
#include "core/ut.h"

#include "kamailio/connection/clock.h"
#include "kamailio/connection/connections.h"
#include "kamailio/rehandshake/jobs.h"
#include "kamailio/report/peer_text.h"
#include "rpc_arguments.h"
#include "rpc_connections.h"
#include "rpc_rows.h"

enum
{
	WAIT_MS = 1000, /* for an answer with the final number */
	LOOK_AGAIN_US = 10 * 1000
};

/* clang-format off */
const char *tlsp_rpc_recheck_doc[] = {
	"Judges every open connection by the policy of now and closes those whose "
	"peers are refused; unasked: and those who were never asked for the "
	"certificate that is required now; dry: only tells whom: [dry] [unasked]",
	NULL};
/* clang-format on */

static unsigned closed_by(const struct tlsp_recheck *sum)
{
	return sum->refused + sum->unverifiable
		   + (sum->close_unasked ? sum->unasked : 0);
}

/* The first row, of both; |closed| are those that would be, if |dry|. */
static void answer_sum(
		struct tlsp_rpc_rows *rows, const struct tlsp_recheck *sum, bool dry)
{
	struct tlsp_rpc_row row = {.count = 0};

	tlsp_rpc_row_text(&row, "dry", dry ? "yes" : "no");
	tlsp_rpc_row_number(&row, "connections", (int)sum->connections);
	tlsp_rpc_row_number(&row, "judged", (int)(sum->connections - sum->left));
	tlsp_rpc_row_number(&row, "closed", (int)closed_by(sum));
	tlsp_rpc_row_number(&row, "unverifiable", (int)sum->unverifiable);
	tlsp_rpc_row_number(&row, "unasked", (int)sum->unasked);
	tlsp_rpc_row_number(&row, "left", (int)sum->left);
	tlsp_rpc_rows_add(rows, &row);
}

/* The timer judges some at each of its ticks; this process only waits for it. */
static void recheck(rpc_t *rpc, void *ctx, bool close_unasked)
{
	uint64_t until_ms = tlsp_clock_ms() + WAIT_MS;
	struct tlsp_recheck state = tlsp_connections_recheck(close_unasked);
	struct tlsp_rpc_rows rows;

	while(state.left > 0 && tlsp_clock_ms() < until_ms) {
		sleep_us(LOOK_AGAIN_US);
		state = tlsp_connections_recheck_state();
	}
	LM_WARN("RPC rechecked %u connections: %u closed, %u left to judge\n",
			state.connections, closed_by(&state), state.left);
	tlsp_rpc_rows_init(&rows, rpc, ctx);
	answer_sum(&rows, &state, false);
}

/* What was found of one connection that does not simply stay. */
struct finding
{
	struct tlsp_connection view;
	const char *outcome; /* static */
	char why[sizeof(((struct tlsp_refusal *)NULL)->why)];
};

static bool note(struct finding *finding, const char *outcome, const char *why)
{
	finding->outcome = outcome;
	snprintf(finding->why, sizeof(finding->why), "%s", why);
	return true;
}

/* What recheck would do to |finding->view|; false if it just stays. */
static bool try_one(struct finding *finding, struct tlsp_recheck *sum)
{
	static struct tlsp_job job; /* too large for a stack */

	memset(&job, 0, sizeof(job));
	job.kind = TLSP_JOB_TRY;
	tlsp_jobs_run(finding->view.id, &job);
	tlsp_connections_tried(finding->view.id);
	switch(job.result) {
		case TLSP_JOB_REFUSED:
			sum->refused += !job.refusal.testing;
			return note(finding,
					job.refusal.testing ? "would-be-refused" : "closed",
					job.refusal.why);
		case TLSP_JOB_UNVERIFIABLE:
			sum->unverifiable++;
			return note(finding, "closed",
					"resumed, and what verifies its chain has changed");
		case TLSP_JOB_UNASKED:
			sum->unasked++;
			return note(finding, sum->close_unasked ? "closed" : "not-asked",
					"its peer was never asked for the certificate that is "
					"required now");
		case TLSP_JOB_WAIT:
			sum->left++;
			return note(
					finding, "later", "its peer is showing a certificate anew");
		default:
			return false;
	}
}

static void answer_finding(
		struct tlsp_rpc_rows *rows, const struct finding *finding)
{
	const struct tlsp_connection *view = &finding->view;
	struct tlsp_rpc_row row = {.count = 0};
	char peer[TLSP_PEER_TEXT_OCTETS];

	tlsp_rpc_row_number(&row, "id", view->id);
	tlsp_rpc_row_text(
			&row, "peer", tlsp_peer_text(&view->peer, view->peer_port, peer));
	tlsp_rpc_row_text(&row, "peer_role", tlsp_peer_role_word(view->role));
	tlsp_rpc_row_text(&row, "rule", view->rule);
	tlsp_rpc_row_text(&row, "outcome", finding->outcome);
	tlsp_rpc_row_text(&row, "text", finding->why);
	tlsp_rpc_rows_add(rows, &row);
}

/* The findings of all, in |findings|, which holds as many as there are ids. */
static size_t try_all(const int *ids, size_t count, struct finding *findings,
		struct tlsp_recheck *sum)
{
	size_t found = 0;

	for(size_t i = 0; i < count; i++) {
		struct finding *next = &findings[found];

		if(!tlsp_connections_view(ids[i], &next->view)
				|| next->view.phase == TLSP_PHASE_HANDSHAKE)
			continue;
		sum->connections++;
		found += try_one(next, sum);
	}
	return found;
}

static void recheck_dry(rpc_t *rpc, void *ctx, bool close_unasked)
{
	struct tlsp_recheck sum = {.close_unasked = close_unasked};
	size_t count = 0, found;
	int *ids = tlsp_rpc_connection_ids(&count);
	struct finding *findings =
			ids ? calloc(count + 1, sizeof(*findings)) : NULL;
	struct tlsp_rpc_rows rows;

	tlsp_rpc_rows_init(&rows, rpc, ctx);
	if(findings) {
		found = try_all(ids, count, findings, &sum);
		answer_sum(&rows, &sum, true);
		for(size_t i = 0; i < found && !rows.broken; i++)
			answer_finding(&rows, &findings[i]);
		tlsp_rpc_rows_end(&rows, "JSON-RPC lists all");
	} else {
		rpc->fault(ctx, 500, "no memory for the list");
	}
	free(findings);
	free(ids);
}

void tlsp_rpc_recheck(rpc_t *rpc, void *ctx)
{
	static struct tlsp_rpc_argument arguments[] = {
			{TLSP_RPC_SWITCH, "dry"}, {TLSP_RPC_SWITCH, "unasked"}};

	if(!tlsp_rpc_arguments_read(
			   rpc, ctx, arguments, 2, "recheck [dry] [unasked]"))
		return;
	if(arguments[0].given)
		recheck_dry(rpc, ctx, arguments[1].given);
	else
		recheck(rpc, ctx, arguments[1].given);
}
