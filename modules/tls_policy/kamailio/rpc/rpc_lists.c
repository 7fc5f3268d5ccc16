/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpc_lists - see rpc_lists.h.
 */
#include "rpc_lists.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "policy/escape.h"
#include "policy/explain.h"
#include "policy/proxies/proxies.h"
#include "kamailio/policy/live_policy.h"
#include "kamailio/report/peer_text.h"
#include "kamailio/report/rejections.h"
#include "rpc_arguments.h"
#include "rpc_room.h"
#include "rpc_rows.h"
#include "rpc_rules.h"

enum
{
	LISTED_PROXIES = 1000 /* of a million; count says how many there are */
};

/* clang-format off */
const char *tlsp_rpc_proxies_doc[] = {
	"Lists the proxies, or tells whether NAME is one: [name=NAME] [rule=RULE]",
	NULL};
const char *tlsp_rpc_rejections_doc[] = {
	"Lists the last refused peers, and those that would have been, newest "
	"first: [N]", NULL};
/* clang-format on */

/* As many as arrive; returns how many. */
static size_t add_proxies(
		rpc_t *rpc, void *list, const struct tlsp_proxies *proxies)
{
	size_t room = tlsp_rpc_room_of_list(rpc), octets, i;
	size_t count = tlsp_proxies_count(proxies);
	char text[TLSP_HOSTNAME_MAX_OCTETS + 8];
	struct tlsp_host host;

	for(i = 0; i < count && i < LISTED_PROXIES; i++) {
		tlsp_proxies_at(proxies, i, &host);
		tlsp_hostname_print(&host, text, sizeof(text));
		octets = tlsp_rpc_text_octets(strlen(text));
		if(octets > room || rpc->array_add(list, "s", text) < 0)
			break;
		room -= octets;
	}
	return i;
}

static void list_proxies(
		rpc_t *rpc, void *ctx, const struct tlsp_proxies *proxies)
{
	size_t count = tlsp_proxies_count(proxies), listed;
	void *answer, *list;

	if(rpc->add(ctx, "{", &answer) < 0
			|| rpc->struct_add(
					   answer, "d[", "count", (int)count, "proxies", &list)
					   < 0)
		return;
	listed = add_proxies(rpc, list, proxies);
	if(listed < count)
		rpc->struct_add(answer, "ds", "left_out", (int)(count - listed), "more",
				"name=NAME tells of one; JSON-RPC lists 1,000");
}

static void find_proxy(rpc_t *rpc, void *ctx,
		const struct tlsp_proxies *proxies, const char *name)
{
	char text[TLSP_HOSTNAME_MAX_OCTETS + 8], quoted[TLSP_ESCAPE_QUOTED_OCTETS];
	struct tlsp_host host;
	enum tlsp_host_error error;

	error = tlsp_hostname_from_operator(&host, name, strlen(name));
	if(error != TLSP_HOST_OK) {
		rpc->fault(ctx, 400, "\"%s\" %s",
				tlsp_escape_written(name, strlen(name), quoted, sizeof(quoted)),
				tlsp_hostname_error_text(error));
		return;
	}
	tlsp_hostname_print(&host, text, sizeof(text));
	if(tlsp_proxies_find(proxies, &host))
		rpc->add(ctx, "s", text);
	else
		rpc->fault(ctx, 404, "%s is not a configured proxy",
				tlsp_escape(text, strlen(text), quoted, sizeof(quoted)));
}

static void add_rejection(
		struct tlsp_rpc_rows *rows, const struct tlsp_rejection *rejection)
{
	char when[32], peer[TLSP_PEER_TEXT_OCTETS], reasons[512];
	const struct tlsp_refusal *refusal = &rejection->refusal;
	struct tlsp_rpc_row row = {.count = 0};
	struct tm utc;

	gmtime_r(&rejection->at, &utc);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &utc);
	tlsp_rpc_row_text(&row, "time", when);
	tlsp_rpc_row_number(&row, "conid", rejection->connection);
	tlsp_rpc_row_text(&row, "peer",
			tlsp_peer_text(&rejection->address, rejection->port, peer));
	tlsp_rpc_row_text(&row, "peer_role", tlsp_peer_role_word(refusal->role));
	tlsp_rpc_row_text(&row, "rule", refusal->rule);
	tlsp_rpc_row_text(&row, "sni", refusal->server_name);
	tlsp_rpc_row_text(&row, "reason",
			tlsp_explain_words(refusal->reasons, reasons, sizeof(reasons)));
	tlsp_rpc_row_text(&row, "text", refusal->why);
	tlsp_rpc_row_text(
			&row, "verdict", refusal->testing ? "would-be-refused" : "refused");
	tlsp_rpc_rows_add(rows, &row);
}

void tlsp_rpc_rejections(rpc_t *rpc, void *ctx)
{
	static const char usage[] = "rejections [1..64]";
	static struct tlsp_rpc_argument argument = {TLSP_RPC_PLACE};
	size_t max = TLSP_REJECTIONS_KEPT, count;
	struct tlsp_rejection *last;
	struct tlsp_rpc_rows rows;

	if(!tlsp_rpc_arguments_read(rpc, ctx, &argument, 1, usage))
		return;
	if(argument.given)
		max = tlsp_rpc_count(&argument, TLSP_REJECTIONS_KEPT);
	if(max == 0) {
		tlsp_rpc_usage(rpc, ctx, usage);
		return;
	}
	last = calloc(max, sizeof(*last));
	if(!last) {
		rpc->fault(ctx, 500, "no memory");
		return;
	}
	tlsp_rpc_rows_init(&rows, rpc, ctx);
	count = tlsp_rejections_last(last, max);
	for(size_t i = 0; i < count && !rows.broken; i++)
		add_rejection(&rows, &last[i]);
	tlsp_rpc_rows_end(&rows, "JSON-RPC lists all");
	free(last);
}

void tlsp_rpc_proxies(rpc_t *rpc, void *ctx)
{
	static struct tlsp_rpc_argument arguments[] = {
			{TLSP_RPC_KEY, "name"}, {TLSP_RPC_KEY, "rule"}};
	const struct tlsp_in_force *all;
	size_t number;

	if(!tlsp_rpc_arguments_read(
			   rpc, ctx, arguments, 2, "proxies [name=NAME] [rule=RULE]"))
		return;
	all = tlsp_live_policy_acquire();
	if(tlsp_rpc_find_rule(rpc, ctx, all, &arguments[1], &number)) {
		if(arguments[0].given)
			find_proxy(rpc, ctx, all->terms[number].proxies, arguments[0].text);
		else
			list_proxies(rpc, ctx, all->terms[number].proxies);
	}
	tlsp_live_policy_release(all);
}
