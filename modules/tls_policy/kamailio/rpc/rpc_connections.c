/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpc_connections - see rpc_connections.h. What is listed is copied, entry by
 * entry, and answered without a lock.
 */
#include "rpc_connections.h"

#include <stdlib.h>
#include <string.h>

#include "core/ip_addr.h"
#include "core/str.h"
#include "core/ut.h"

#include "kamailio/connection/clock.h"
#include "kamailio/connection/connections.h"
#include "kamailio/connection/peer_outcomes.h"
#include "kamailio/report/peer_text.h"
#include "policy/escape.h"
#include "policy/explain.h"
#include "kamailio/rehandshake/jobs.h"
#include "rpc_arguments.h"

enum
{
	RECHECK_WAIT_MS = 1000, /* for an answer with the final number */
	HOST_OCTETS = TLSP_HOSTNAME_MAX_OCTETS + 8
};

/* clang-format off */
const char *tlsp_rpc_connections_doc[] = {
	"Lists the accepted TLS connections, with their peers and re-handshakes",
	NULL};
const char *tlsp_rpc_rehandshake_doc[] = {
	"Starts a re-handshake now, by the method in force: CONID|all", NULL};
const char *tlsp_rpc_recheck_doc[] = {
	"Judges every open connection by the policy of now and closes those whose "
	"peers are refused; unasked: and those who were never asked for the "
	"certificate that is required now; dry: only tells whom: [dry] [unasked]",
	NULL};
const char *tlsp_rpc_rehandshake_peers_doc[] = {
	"Lists how peers took a re-handshake; \"forget\" and a host, or \"all\", "
	"lets that be tried again: [forget HOST|all]", NULL};
/* clang-format on */

static const char *phase_word(enum tlsp_phase phase)
{
	static const char *const words[] = {
			[TLSP_PHASE_HANDSHAKE] = "handshake",
			[TLSP_PHASE_OPEN] = "open",
			[TLSP_PHASE_WAITING] = "waiting",
			[TLSP_PHASE_RENEGOTIATING] = "renegotiating",
			[TLSP_PHASE_REPLACING] = "replacing",
			[TLSP_PHASE_SUCCEEDING] = "succeeding",
			[TLSP_PHASE_DRAINING] = "draining",
			[TLSP_PHASE_CLOSING] = "closing",
	};

	return words[phase];
}

/* Seconds from |then_ms| to |now_ms|; 0 if it has not come. */
static int seconds_since(uint64_t then_ms, uint64_t now_ms)
{
	return now_ms > then_ms ? (int)((now_ms - then_ms) / 1000) : 0;
}

/* All ids, oldest last; the caller frees them. NULL without memory. */
static int *copy_ids(size_t *count)
{
	size_t room = tlsp_connections_ids(NULL, 0);
	int *ids = malloc((room + 1) * sizeof(*ids));

	if(!ids)
		return NULL;
	*count = tlsp_connections_ids(ids, room);
	if(*count > room)
		*count = room; /* more have come since */
	return ids;
}

static void add_times(rpc_t *rpc, void *row,
		const struct tlsp_connection *connection, uint64_t now_ms)
{
	uint64_t data_ms = tlsp_connection_data_ms(connection);

	rpc->struct_add(row, "dd", "age",
			seconds_since(connection->established_ms, now_ms), "idle",
			seconds_since(data_ms, now_ms));
	if(connection->last_ms)
		rpc->struct_add(row, "ds", "last_rehandshake",
				seconds_since(connection->last_ms, now_ms), "last_kind",
				tlsp_rehandshake_plan_word(connection->last_kind));
	else
		rpc->struct_add(
				row, "ss", "last_rehandshake", "never", "last_kind", "none");
	if(connection->due_ms != TLSP_SCHEDULE_NEVER)
		rpc->struct_add(row, "d", "next_rehandshake",
				seconds_since(now_ms, connection->due_ms));
	else
		rpc->struct_add(row, "s", "next_rehandshake", "never");
	rpc->struct_add(row, "ss", "last_plan",
			connection->why ? tlsp_rehandshake_plan_word(connection->planned)
							: "none",
			"why", connection->why ? connection->why : "");
}

static void answer_connection(rpc_t *rpc, void *ctx,
		const struct tlsp_connection *connection, uint64_t now_ms)
{
	char identity[HOST_OCTETS] = "", peer[TLSP_PEER_TEXT_OCTETS], reasons[512];
	struct tlsp_peer_key key;
	void *row;

	if(rpc->add(ctx, "{", &row) < 0)
		return;
	if(tlsp_connections_peer(connection->id, &key) && key.accepted)
		tlsp_hostname_print(&key.host, identity, sizeof(identity));
	rpc->struct_add(row, "dssssss", "id", connection->id, "peer",
			tlsp_peer_text(&connection->peer, connection->peer_port, peer),
			"peer_role",
			connection->role == TLSP_ROLE_SERVER ? "client" : "server",
			"version", tlsp_connection_version_word(connection), "cipher",
			connection->cipher, "identity", identity, "state",
			phase_word(connection->phase));
	rpc->struct_add(row, "sss", "rule", connection->rule, "verdict",
			tlsp_connection_standing_word(connection), "reasons",
			tlsp_explain_words(connection->reasons, reasons, sizeof(reasons)));
	rpc->struct_add(row, "ddd", "rehandshakes", (int)connection->rehandshakes,
			"key_updates", (int)connection->key_updates, "held",
			(int)connection->held.messages);
	add_times(rpc, row, connection, now_ms);
}

void tlsp_rpc_connections(rpc_t *rpc, void *ctx)
{
	struct tlsp_connection view;
	size_t count = 0;
	int *ids;

	if(!tlsp_rpc_arguments_read(rpc, ctx, NULL, 0, "connections"))
		return;
	ids = copy_ids(&count);
	if(!ids) {
		rpc->fault(ctx, 500, "no memory for the list");
		return;
	}
	for(size_t i = 0; i < count; i++)
		if(tlsp_connections_view(ids[i], &view)
				&& view.phase != TLSP_PHASE_HANDSHAKE)
			answer_connection(rpc, ctx, &view, tlsp_clock_ms());
	free(ids);
}

/* Why |id| cannot be re-handshaken now. */
static void refuse_request(rpc_t *rpc, void *ctx, int id)
{
	struct tlsp_connection view;

	if(tlsp_connections_view(id, &view) && view.enforcement != TLSP_ENFORCE)
		rpc->fault(ctx, 409,
				"connection %d is left alone: its rule %s is not enforced", id,
				view.rule);
	else
		rpc->fault(ctx, 409,
				"connection %d is in a re-handshake already, or being closed",
				id);
}

void tlsp_rpc_rehandshake(rpc_t *rpc, void *ctx)
{
	static const char usage[] = "rehandshake CONID|all";
	static struct tlsp_rpc_argument argument = {TLSP_RPC_PLACE};
	char quoted[TLSP_ESCAPE_QUOTED_OCTETS];
	int id = 0, asked;
	bool all, found = false;
	void *answer;
	str text = {argument.text, 0};

	if(!tlsp_rpc_arguments_read(rpc, ctx, &argument, 1, usage))
		return;
	if(!argument.given) {
		tlsp_rpc_usage(rpc, ctx, usage);
		return;
	}
	text.len = (int)strlen(argument.text);
	all = strcmp(argument.text, "all") == 0;
	if(!all && (str2sint(&text, &id) < 0 || id <= 0)) {
		rpc->fault(ctx, 400, "\"%s\" is no connection id and not \"all\"",
				tlsp_escape(text.s, (size_t)text.len, quoted, sizeof(quoted)));
		return;
	}
	asked = all ? (int)tlsp_connections_request_all()
				: tlsp_connections_request(id, &found);
	if(!all && !found)
		rpc->fault(ctx, 404, "there is no TLS connection %d", id);
	else if(!all && !asked)
		refuse_request(rpc, ctx, id);
	else if(rpc->add(ctx, "{", &answer) >= 0)
		rpc->struct_add(answer, "d", "requested", asked);
}

/* The re-handshake timer judges some at each of its ticks; this process only
 * waits for it. */
static void recheck(rpc_t *rpc, void *ctx, bool close_unasked)
{
	uint64_t until_ms = tlsp_clock_ms() + RECHECK_WAIT_MS;
	struct tlsp_recheck state = tlsp_connections_recheck(close_unasked);
	void *answer;

	while(state.left > 0 && tlsp_clock_ms() < until_ms) {
		sleep_us(10 * 1000);
		state = tlsp_connections_recheck_state();
	}
	if(rpc->add(ctx, "{", &answer) >= 0)
		rpc->struct_add(answer, "dddddd", "connections", (int)state.connections,
				"judged", (int)(state.connections - state.left), "closed",
				(int)(state.refused + state.unverifiable
						+ (state.close_unasked ? state.unasked : 0)),
				"unverifiable", (int)state.unverifiable, "unasked",
				(int)state.unasked, "left", (int)state.left);
}

/* What recheck would do to |view|; false if it stays. */
static bool would_end(const struct tlsp_connection *view, bool close_unasked,
		const char **what, struct tlsp_job *job)
{
	*what = "closed";
	switch(tlsp_jobs_run(view->id, job)) {
		case TLSP_JOB_REFUSED:
			*what = job->refusal.testing ? "would-be-refused" : "closed";
			return true;
		case TLSP_JOB_UNVERIFIABLE:
			snprintf(job->refusal.why, sizeof(job->refusal.why),
					"resumed, and what verifies its chain has changed");
			return true;
		case TLSP_JOB_UNASKED:
			*what = close_unasked ? "closed" : "not-asked";
			snprintf(job->refusal.why, sizeof(job->refusal.why),
					"its peer was never asked for the certificate that is "
					"required now");
			return true;
		default:
			return false;
	}
}

static bool try_one(rpc_t *rpc, void *ctx, int id, bool close_unasked)
{
	static struct tlsp_job job; /* too large for a stack */
	char peer[TLSP_PEER_TEXT_OCTETS];
	struct tlsp_connection view;
	const char *what;
	void *row;

	memset(&job, 0, sizeof(job));
	job.kind = TLSP_JOB_TRY;
	if(!tlsp_connections_view(id, &view) || view.phase == TLSP_PHASE_HANDSHAKE
			|| !would_end(&view, close_unasked, &what, &job))
		return true;
	if(rpc->add(ctx, "{", &row) < 0)
		return false;
	rpc->struct_add(row, "dsssss", "id", id, "peer",
			tlsp_peer_text(&view.peer, view.peer_port, peer), "peer_role",
			view.role == TLSP_ROLE_SERVER ? "client" : "server", "rule",
			view.rule, "outcome", what, "text", job.refusal.why);
	return true;
}

static void try_all(rpc_t *rpc, void *ctx, bool close_unasked)
{
	size_t count = 0;
	int *ids = copy_ids(&count);
	bool goes_on = ids != NULL;

	if(!ids)
		rpc->fault(ctx, 500, "no memory for the list");
	for(size_t i = 0; goes_on && i < count; i++)
		goes_on = try_one(rpc, ctx, ids[i], close_unasked);
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
		try_all(rpc, ctx, arguments[1].given);
	else
		recheck(rpc, ctx, arguments[1].given);
}

static bool add_peer(rpc_t *rpc, void *ctx, const struct tlsp_peer_note *note,
		uint64_t now_ms)
{
	char host[HOST_OCTETS];
	void *row;

	if(rpc->add(ctx, "{", &row) < 0)
		return false;
	rpc->struct_add(row, "sssddd", "peer",
			tlsp_hostname_print(&note->key.host, host, sizeof(host)), "kind",
			tlsp_peer_memory_kind_word(note->key.kind), "outcome",
			tlsp_peer_memory_outcome_word(note->outcome), "times",
			(int)note->times, "age", seconds_since(note->noted_ms, now_ms),
			"expires", seconds_since(now_ms, note->expires_ms));
	return true;
}

static void list_peers(rpc_t *rpc, void *ctx)
{
	uint64_t now_ms = tlsp_clock_ms();
	struct tlsp_peer_note notes[64];
	size_t place = 0, count;

	while((count = tlsp_peer_outcomes_copy(
				   &place, now_ms, notes, sizeof(notes) / sizeof(*notes)))
			> 0)
		for(size_t i = 0; i < count; i++)
			if(!add_peer(rpc, ctx, &notes[i], now_ms))
				return;
}

static void forget_peers(rpc_t *rpc, void *ctx, const str *name)
{
	bool all = name->len == 3 && strncmp(name->s, "all", 3) == 0;
	char quoted[TLSP_ESCAPE_QUOTED_OCTETS];
	struct tlsp_host host;
	enum tlsp_host_error error = TLSP_HOST_OK;
	size_t forgotten;
	void *answer;

	if(!all)
		error = tlsp_hostname_from_operator(&host, name->s, (size_t)name->len);
	if(error != TLSP_HOST_OK) {
		rpc->fault(ctx, 400, "\"%s\" %s",
				tlsp_escape(name->s, (size_t)name->len, quoted, sizeof(quoted)),
				tlsp_hostname_error_text(error));
		return;
	}
	forgotten = tlsp_peer_outcomes_forget(all ? NULL : &host);
	if(rpc->add(ctx, "{", &answer) >= 0)
		rpc->struct_add(answer, "d", "forgotten", (int)forgotten);
}

void tlsp_rpc_rehandshake_peers(rpc_t *rpc, void *ctx)
{
	static const char usage[] = "rehandshake_peers [forget HOST|all]";
	static struct tlsp_rpc_argument arguments[] = {
			{TLSP_RPC_PLACE}, {TLSP_RPC_PLACE}};
	str name = {arguments[1].text, 0};

	if(!tlsp_rpc_arguments_read(rpc, ctx, arguments, 2, usage))
		return;
	name.len = (int)strlen(arguments[1].text);
	if(!arguments[0].given)
		list_peers(rpc, ctx);
	else if(arguments[1].given && strcmp(arguments[0].text, "forget") == 0)
		forget_peers(rpc, ctx, &name);
	else
		tlsp_rpc_usage(rpc, ctx, usage);
}
