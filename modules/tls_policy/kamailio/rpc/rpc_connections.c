/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpc_connections - see rpc_connections.h. What is listed is copied, entry by
 * entry, and answered without a lock.
 */
#include "rpc_connections.h"

#include <stdlib.h>
#include <string.h>

#include "core/dprint.h"
#include "core/ip_addr.h"
#include "core/str.h"
#include "core/ut.h"

#include "kamailio/connection/clock.h"
#include "kamailio/connection/connections.h"
#include "kamailio/connection/peer_outcomes.h"
#include "kamailio/report/peer_text.h"
#include "policy/escape.h"
#include "policy/explain.h"
#include "rpc_arguments.h"

enum
{
	HOST_OCTETS = TLSP_HOSTNAME_MAX_OCTETS + 8
};

/* clang-format off */
const char *tlsp_rpc_connections_doc[] = {
	"Lists the accepted TLS connections, with their peers and re-handshakes",
	NULL};
const char *tlsp_rpc_rehandshake_doc[] = {
	"Starts a re-handshake now, by the method in force: CONID|all", NULL};
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

int *tlsp_rpc_connection_ids(size_t *count)
{
	size_t room = tlsp_connections_ids(NULL, 0);
	int *ids = malloc((room + 1) * sizeof(*ids));

	if(!ids)
		return NULL;
	*count = room > 0 ? tlsp_connections_ids(ids, room) : 0;
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
			"peer_role", tlsp_peer_role_word(connection->role), "version",
			tlsp_connection_version_word(connection), "cipher",
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
	ids = tlsp_rpc_connection_ids(&count);
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

static bool add_peer(rpc_t *rpc, void *ctx, const struct tlsp_peer_note *note,
		uint64_t now_ms)
{
	char host[HOST_OCTETS];
	void *row;

	if(rpc->add(ctx, "{", &row) < 0)
		return false;
	rpc->struct_add(row, "sssddd", "peer",
			tlsp_hostname_print_peer(&note->key.host, host, sizeof(host)),
			"kind", tlsp_peer_memory_kind_word(note->key.kind), "outcome",
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
	char quoted[TLSP_ESCAPE_QUOTED_OCTETS], text[HOST_OCTETS];
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
	LM_WARN("RPC forgot how %s took a re-handshake: %zu %s\n",
			all ? "every peer"
				: tlsp_hostname_print_peer(&host, text, sizeof(text)),
			forgotten, forgotten == 1 ? "note" : "notes");
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
