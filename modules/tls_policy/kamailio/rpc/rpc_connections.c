/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpc_connections - see rpc_connections.h. What is listed is copied under
 * the table's lock, entry by entry, and answered without it.
 */
#include "rpc_connections.h"

#include <stdlib.h>
#include <string.h>

#include "core/ip_addr.h"
#include "core/str.h"
#include "core/ut.h"

#include "kamailio/connection/clock.h"
#include "kamailio/connection/connections.h"
#include "kamailio/connection/entries.h"
#include "kamailio/report/peer_text.h"

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
	"peers are refused; tells how many", NULL};
const char *tlsp_rpc_rehandshake_peers_doc[] = {
	"Lists how peers took a re-handshake; \"forget\" and a host, or \"all\", "
	"lets that be tried again: [forget HOST|all]", NULL};
/* clang-format on */

static const char *phase_word(enum tlsp_phase phase)
{
	static const char *const words[] = {
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

static const char *version_word(int version)
{
	switch(version) {
		case TLS1_VERSION:
			return "TLSv1";
		case TLS1_1_VERSION:
			return "TLSv1.1";
		case TLS1_2_VERSION:
			return "TLSv1.2";
		case TLS1_3_VERSION:
			return "TLSv1.3";
		default:
			return "unknown";
	}
}

/* Seconds from |then_ms| to |now_ms|; 0 if it has not come. */
static int seconds_since(uint64_t then_ms, uint64_t now_ms)
{
	return now_ms > then_ms ? (int)((now_ms - then_ms) / 1000) : 0;
}

/* All ids, oldest last; the caller frees them. NULL without memory. */
static int *copy_ids(size_t *count)
{
	size_t room, used = 0;
	int *ids;

	tlsp_connections_lock();
	room = tlsp_connections_count();
	tlsp_connections_unlock();
	ids = malloc((room + 1) * sizeof(*ids));
	if(!ids)
		return NULL;
	tlsp_connections_lock();
	for(struct tlsp_connection *c = tlsp_connections_first(); c && used < room;
			c = c->next)
		ids[used++] = c->id;
	tlsp_connections_unlock();
	*count = used;
	return ids;
}

static void add_times(rpc_t *rpc, void *row,
		const struct tlsp_connection *connection, uint64_t now_ms)
{
	uint64_t data_ms = tlsp_connections_data_ms(connection);

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
	char identity[HOST_OCTETS] = "", peer[TLSP_PEER_TEXT_OCTETS];
	void *row;

	if(rpc->add(ctx, "{", &row) < 0)
		return;
	if(connection->match != TLSP_MATCH_NONE)
		tlsp_hostname_print(&connection->identity, identity, sizeof(identity));
	rpc->struct_add(row, "dssssss", "id", connection->id, "peer",
			tlsp_peer_text(&connection->peer, connection->peer_port, peer),
			"role", connection->role == TLSP_ROLE_SERVER ? "server" : "client",
			"version", version_word(connection->version), "cipher",
			connection->cipher, "identity", identity, "state",
			phase_word(connection->phase));
	rpc->struct_add(row, "ddd", "rehandshakes", (int)connection->rehandshakes,
			"key_updates", (int)connection->key_updates, "held",
			(int)connection->held.messages);
	add_times(rpc, row, connection, now_ms);
}

void tlsp_rpc_connections(rpc_t *rpc, void *ctx)
{
	struct tlsp_connection view;
	size_t count = 0;
	int *ids = copy_ids(&count);

	if(!ids) {
		rpc->fault(ctx, 500, "no memory for the list");
		return;
	}
	for(size_t i = 0; i < count; i++)
		if(tlsp_entries_view(ids[i], &view))
			answer_connection(rpc, ctx, &view, tlsp_clock_ms());
	free(ids);
}

/* All, or the one of |id|. */
static int ask(bool all, int id, bool *found)
{
	struct tlsp_connection *connection;
	int asked = 0;

	tlsp_connections_lock();
	connection = all ? tlsp_connections_first() : tlsp_connections_find(id);
	*found = connection != NULL;
	for(; connection; connection = all ? connection->next : NULL)
		asked += tlsp_connections_ask(connection);
	tlsp_connections_unlock();
	return asked;
}

void tlsp_rpc_rehandshake(rpc_t *rpc, void *ctx)
{
	str text;
	int id = 0, asked;
	bool all, found;
	void *answer;

	if(rpc->scan(ctx, ".S", &text) < 1) {
		rpc->fault(ctx, 400, "usage: tls_policy.rehandshake CONID|all");
		return;
	}
	all = text.len == 3 && strncmp(text.s, "all", 3) == 0;
	if(!all && (str2sint(&text, &id) < 0 || id <= 0)) {
		rpc->fault(ctx, 400, "\"%.*s\" is no connection id and not \"all\"",
				text.len > 32 ? 32 : text.len, text.s);
		return;
	}
	asked = ask(all, id, &found);
	if(!all && !found) {
		rpc->fault(ctx, 404, "there is no TLS connection %d", id);
		return;
	}
	if(!all && !asked) {
		rpc->fault(ctx, 409,
				"connection %d is in a re-handshake already, or being closed",
				id);
		return;
	}
	if(rpc->add(ctx, "{", &answer) >= 0)
		rpc->struct_add(answer, "d", "requested", asked);
}

/* The re-handshake timer judges some at each of its ticks; this process only
 * waits for it. */
void tlsp_rpc_recheck(rpc_t *rpc, void *ctx)
{
	uint64_t until_ms = tlsp_clock_ms() + RECHECK_WAIT_MS;
	struct tlsp_recheck state;
	void *answer;

	tlsp_connections_lock();
	tlsp_connections_recheck();
	state = tlsp_connections_recheck_state();
	tlsp_connections_unlock();
	while(state.left > 0 && tlsp_clock_ms() < until_ms) {
		sleep_us(10 * 1000);
		tlsp_connections_lock();
		state = tlsp_connections_recheck_state();
		tlsp_connections_unlock();
	}
	if(rpc->add(ctx, "{", &answer) >= 0)
		rpc->struct_add(answer, "dddd", "connections", (int)state.connections,
				"judged", (int)(state.connections - state.left), "closed",
				(int)state.refused, "left", (int)state.left);
}

static void list_peers(rpc_t *rpc, void *ctx)
{
	const struct tlsp_peer_memory *memory = tlsp_connections_memory();
	uint64_t now_ms = tlsp_clock_ms();
	struct tlsp_peer_note notes[64];
	size_t next = 0, capacity = tlsp_peer_memory_capacity(memory);

	while(next < capacity) {
		size_t count = 0;

		tlsp_connections_lock();
		for(; next < capacity && count < sizeof(notes) / sizeof(*notes);
				next++) {
			const struct tlsp_peer_note *note =
					tlsp_peer_memory_at(memory, next, now_ms);

			if(note)
				notes[count++] = *note;
		}
		tlsp_connections_unlock();
		for(size_t i = 0; i < count; i++) {
			char host[HOST_OCTETS];
			void *row;

			if(rpc->add(ctx, "{", &row) < 0)
				return;
			rpc->struct_add(row, "sssddd", "peer",
					tlsp_hostname_print(&notes[i].key.host, host, sizeof(host)),
					"kind", tlsp_peer_memory_kind_word(notes[i].key.kind),
					"outcome", tlsp_peer_memory_outcome_word(notes[i].outcome),
					"times", (int)notes[i].times, "age",
					seconds_since(notes[i].noted_ms, now_ms), "expires",
					seconds_since(now_ms, notes[i].expires_ms));
		}
	}
}

static void forget_peers(rpc_t *rpc, void *ctx, const str *name)
{
	bool all = name->len == 3 && strncmp(name->s, "all", 3) == 0;
	struct tlsp_host host;
	enum tlsp_host_error error = TLSP_HOST_OK;
	size_t forgotten;
	void *answer;

	if(!all)
		error = tlsp_hostname_from_operator(&host, name->s, (size_t)name->len);
	if(error != TLSP_HOST_OK) {
		rpc->fault(ctx, 400, "\"%.*s\" %s", name->len > 255 ? 255 : name->len,
				name->s, tlsp_hostname_error_text(error));
		return;
	}
	tlsp_connections_lock();
	forgotten = tlsp_peer_memory_forget(
			tlsp_connections_memory(), all ? NULL : &host);
	tlsp_connections_unlock();
	if(rpc->add(ctx, "{", &answer) >= 0)
		rpc->struct_add(answer, "d", "forgotten", (int)forgotten);
}

void tlsp_rpc_rehandshake_peers(rpc_t *rpc, void *ctx)
{
	str verb, name;
	int given = rpc->scan(ctx, "*.S.S", &verb, &name);

	if(given <= 0)
		list_peers(rpc, ctx);
	else if(given == 2 && verb.len == 6 && strncmp(verb.s, "forget", 6) == 0)
		forget_peers(rpc, ctx, &name);
	else
		rpc->fault(ctx, 400,
				"usage: tls_policy.rehandshake_peers [forget HOST|all]");
}
