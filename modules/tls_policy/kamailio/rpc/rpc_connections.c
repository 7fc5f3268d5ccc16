/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpc_connections - see rpc_connections.h. What is listed is copied, entry by
 * entry, and answered without a lock.
 */
#include "rpc_connections.h"

#include <limits.h>
#include <stdio.h>
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
#include "rpc_rows.h"

enum
{
	HOST_OCTETS = TLSP_HOSTNAME_MAX_OCTETS + 8
};

/* clang-format off */
const char *tlsp_rpc_connections_doc[] = {
	"Lists the accepted TLS connections, newest first, with their peers and "
	"re-handshakes: [N] [from=ID] [rule=RULE] [peer=ADDRESS]", NULL};
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

static void add_times(struct tlsp_rpc_row *row,
		const struct tlsp_connection *connection, uint64_t now_ms)
{
	uint64_t data_ms = tlsp_connection_data_ms(connection);

	tlsp_rpc_row_number(
			row, "age", seconds_since(connection->established_ms, now_ms));
	tlsp_rpc_row_number(row, "idle", seconds_since(data_ms, now_ms));
	if(connection->last_ms)
		tlsp_rpc_row_number(row, "last_rehandshake",
				seconds_since(connection->last_ms, now_ms));
	else
		tlsp_rpc_row_text(row, "last_rehandshake", "never");
	tlsp_rpc_row_text(row, "last_kind",
			connection->last_ms
					? tlsp_rehandshake_plan_word(connection->last_kind)
					: "none");
	if(connection->due_ms != TLSP_SCHEDULE_NEVER)
		tlsp_rpc_row_number(row, "next_rehandshake",
				seconds_since(now_ms, connection->due_ms));
	else
		tlsp_rpc_row_text(row, "next_rehandshake", "never");
	tlsp_rpc_row_text(row, "last_plan",
			connection->why ? tlsp_rehandshake_plan_word(connection->planned)
							: "none");
	tlsp_rpc_row_text(row, "why", connection->why ? connection->why : "");
}

static void answer_connection(struct tlsp_rpc_rows *rows,
		const struct tlsp_connection *connection, uint64_t now_ms)
{
	char identity[HOST_OCTETS] = "", peer[TLSP_PEER_TEXT_OCTETS], reasons[512];
	struct tlsp_rpc_row row = {.count = 0};
	struct tlsp_peer_key key;

	if(connection->standing == TLSP_STANDING_ACCEPTED
			&& tlsp_connections_peer(connection->id, &key) && key.accepted)
		tlsp_hostname_print(&key.host, identity, sizeof(identity));
	tlsp_rpc_row_number(&row, "id", connection->id);
	tlsp_rpc_row_text(&row, "peer",
			tlsp_peer_text(&connection->peer, connection->peer_port, peer));
	tlsp_rpc_row_text(&row, "peer_role", tlsp_peer_role_word(connection->role));
	tlsp_rpc_row_text(
			&row, "version", tlsp_connection_version_word(connection));
	tlsp_rpc_row_text(&row, "cipher", connection->cipher);
	tlsp_rpc_row_text(&row, "identity", identity);
	tlsp_rpc_row_text(&row, "state", phase_word(connection->phase));
	tlsp_rpc_row_text(&row, "rule", connection->rule);
	tlsp_rpc_row_text(
			&row, "verdict", tlsp_connection_standing_word(connection));
	tlsp_rpc_row_text(&row, "reasons",
			tlsp_explain_words(connection->reasons, reasons, sizeof(reasons)));
	tlsp_rpc_row_number(&row, "rehandshakes", (int)connection->rehandshakes);
	tlsp_rpc_row_number(&row, "key_updates", (int)connection->key_updates);
	tlsp_rpc_row_number(&row, "held", (int)connection->held.messages);
	add_times(&row, connection, now_ms);
	tlsp_rpc_rows_add(rows, &row);
}

/* Which connections are asked for. */
struct asked
{
	int from;		  /* id: it and older ones; 0: all */
	const char *rule; /* NULL: all */
	bool by_peer;
	struct tlsp_host peer; /* an address */
};

/* One that came over IPv4 to a socket of IPv6 is asked for by either form. */
static bool is_at(const struct ip_addr *address, const struct tlsp_host *asked)
{
	struct tlsp_host host;

	return tlsp_hostname_from_ip_address(&host, address->u.addr, address->len)
				   == TLSP_HOST_OK
		   && tlsp_hostname_equal(&host, asked);
}

static bool is_asked(
		const struct asked *asked, const struct tlsp_connection *view)
{
	return view->phase != TLSP_PHASE_HANDSHAKE
		   && (!asked->from || view->id <= asked->from)
		   && (!asked->rule || strcmp(view->rule, asked->rule) == 0)
		   && (!asked->by_peer || is_at(&view->peer, &asked->peer));
}

static int compare_ids(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return x > y ? -1 : x < y;
}

/* Newest first, so that the last one says where to go on. */
static void list_connections(
		struct tlsp_rpc_rows *rows, const struct asked *asked)
{
	struct tlsp_connection view;
	char more[64] = "";
	size_t count = 0;
	int *ids = tlsp_rpc_connection_ids(&count);

	if(!ids) {
		rows->rpc->fault(rows->ctx, 500, "no memory for the list");
		return;
	}
	qsort(ids, count, sizeof(*ids), compare_ids);
	for(size_t i = 0; i < count && !rows->broken; i++) {
		if(!tlsp_connections_view(ids[i], &view) || !is_asked(asked, &view))
			continue;
		answer_connection(rows, &view, tlsp_clock_ms());
		if(rows->left_out == 1)
			snprintf(more, sizeof(more), "from=%d", ids[i]);
	}
	tlsp_rpc_rows_end(rows, more);
	free(ids);
}

static bool read_address(
		struct tlsp_host *out, const struct tlsp_rpc_argument *argument)
{
	const char *text = argument->text;
	bool port;

	return tlsp_hostname_and_port_from_operator(out, &port, text, strlen(text))
				   == TLSP_HOST_OK
		   && !port
		   && (out->kind == TLSP_HOST_IPV4 || out->kind == TLSP_HOST_IPV6);
}

void tlsp_rpc_connections(rpc_t *rpc, void *ctx)
{
	static const char usage[] =
			"connections [N] [from=ID] [rule=RULE] [peer=ADDRESS]";
	static struct tlsp_rpc_argument arguments[] = {{TLSP_RPC_PLACE},
			{TLSP_RPC_KEY, "from"}, {TLSP_RPC_KEY, "rule"},
			{TLSP_RPC_KEY, "peer"}};
	struct asked asked = {.by_peer = false};
	struct tlsp_rpc_rows rows;

	if(!tlsp_rpc_arguments_read(rpc, ctx, arguments, 4, usage))
		return;
	tlsp_rpc_rows_init(&rows, rpc, ctx);
	if(arguments[0].given)
		rows.most = tlsp_rpc_count(&arguments[0], INT_MAX);
	if(arguments[1].given)
		asked.from = (int)tlsp_rpc_count(&arguments[1], INT_MAX);
	if(arguments[2].given)
		asked.rule = arguments[2].text;
	asked.by_peer =
			arguments[3].given && read_address(&asked.peer, &arguments[3]);
	if(rows.most == 0 || (arguments[1].given && !asked.from)
			|| (arguments[3].given && !asked.by_peer))
		tlsp_rpc_usage(rpc, ctx, usage);
	else
		list_connections(&rows, &asked);
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

static void add_peer(struct tlsp_rpc_rows *rows,
		const struct tlsp_peer_note *note, uint64_t now_ms)
{
	struct tlsp_rpc_row row = {.count = 0};
	char host[HOST_OCTETS];

	tlsp_rpc_row_text(&row, "peer",
			tlsp_hostname_print_peer(&note->key.host, host, sizeof(host)));
	tlsp_rpc_row_text(&row, "kind", tlsp_peer_memory_kind_word(note->key.kind));
	tlsp_rpc_row_text(
			&row, "outcome", tlsp_peer_memory_outcome_word(note->outcome));
	tlsp_rpc_row_number(&row, "times", (int)note->times);
	tlsp_rpc_row_number(&row, "age", seconds_since(note->noted_ms, now_ms));
	tlsp_rpc_row_number(
			&row, "expires", seconds_since(now_ms, note->expires_ms));
	tlsp_rpc_rows_add(rows, &row);
}

static void list_peers(rpc_t *rpc, void *ctx)
{
	uint64_t now_ms = tlsp_clock_ms();
	struct tlsp_peer_note notes[64];
	struct tlsp_rpc_rows rows;
	size_t place = 0, count;

	tlsp_rpc_rows_init(&rows, rpc, ctx);
	while((count = tlsp_peer_outcomes_copy(
				   &place, now_ms, notes, sizeof(notes) / sizeof(*notes)))
			> 0)
		for(size_t i = 0; i < count && !rows.broken; i++)
			add_peer(&rows, &notes[i], now_ms);
	tlsp_rpc_rows_end(&rows, "JSON-RPC lists all");
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
