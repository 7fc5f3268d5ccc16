/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpc - see rpc.h. A command that reads takes no lock: it copies, or keeps the
 * generation that it reads for its answer. One that changes goes through
 * policy/change; handshakes never wait for it.
 */
#include "rpc.h"

#include <stdlib.h>
#include <string.h>

#include "core/str.h"

#include "policy/escape.h"
#include "policy/explain.h"
#include "policy/parameters.h"
#include "policy/proxies/proxies.h"
#include "kamailio/policy/live_policy.h"
#include "kamailio/report/peer_text.h"
#include "kamailio/policy/change.h"
#include "kamailio/policy/modparams.h"
#include "kamailio/report/rejections.h"
#include "rpc_check.h"
#include "rpc_connections.h"
#include "rpc_fault.h"

enum
{
	VALUE_OCTETS = 1100, /* of the longest text row, and some */
	ERROR_OCTETS = 2048,
	LISTED_PROXIES = 1000 /* of a million; count says how many there are */
};

static const char no_policy[] = "no policy is in force";

/* clang-format off */
static const char *show_doc[] = {
	"Shows every parameter: both names, value, default and unit", NULL};
static const char *set_doc[] = {
	"Sets one parameter (either name) for every connection set up from now on: "
	"NAME VALUE", NULL};
static const char *proxies_doc[] = {
	"Lists the configured proxies, or tells whether NAME is one: [NAME]", NULL};
static const char *rejections_doc[] = {
	"Lists the last refused peers, newest first: [N]", NULL};
static const char *reload_doc[] = {
	"Loads all proxies anew from the configuration's proxy, proxy_file and "
	"db_url; on any error the old list stays", NULL};
/* clang-format on */

static void rpc_show(rpc_t *rpc, void *ctx)
{
	char value[VALUE_OCTETS], preset[VALUE_OCTETS];
	struct tlsp_policy policy;
	void *row;

	if(!tlsp_live_policy_copy("default", &policy)) {
		rpc->fault(ctx, 500, "%s", no_policy);
		return;
	}
	for(size_t i = 0; i < tlsp_parameters_count(); i++) {
		const struct tlsp_parameter *parameter = tlsp_parameters_at(i);
		const char *manual = parameter->manual_name;

		if(rpc->add(ctx, "{", &row) < 0)
			return;
		tlsp_parameters_print(parameter, &policy, value, sizeof(value));
		tlsp_parameters_default_text(parameter, preset, sizeof(preset));
		rpc->struct_add(row, "sssss", "name", parameter->name, "manual_name",
				manual ? manual : "", "value", value, "default", preset, "unit",
				parameter->unit);
	}
}

static void rpc_set(rpc_t *rpc, void *ctx)
{
	char error[ERROR_OCTETS];
	char name_text[64], value_text[VALUE_OCTETS];
	struct tlsp_change change = {.name = name_text, .value = value_text};
	str name, value;

	if(rpc->scan(ctx, ".S.S", &name, &value) < 2) {
		rpc->fault(ctx, 400, "usage: tls_policy.set NAME VALUE");
		return;
	}
	if(name.len >= (int)sizeof(name_text)
			|| value.len >= (int)sizeof(value_text)
			|| memchr(name.s, 0, (size_t)name.len)
			|| memchr(value.s, 0, (size_t)value.len)) {
		rpc->fault(ctx, 400, "the name or the value is too long or has a NUL");
		return;
	}
	snprintf(name_text, sizeof(name_text), "%.*s", name.len, name.s);
	snprintf(value_text, sizeof(value_text), "%.*s", value.len, value.s);
	if(!tlsp_policy_change(&change, error, sizeof(error)))
		tlsp_rpc_fault(rpc, ctx, 400, error);
}

static void list_proxies(
		rpc_t *rpc, void *ctx, const struct tlsp_proxies *proxies)
{
	size_t count = tlsp_proxies_count(proxies);
	char text[TLSP_HOSTNAME_MAX_OCTETS + 8];
	struct tlsp_host host;
	void *answer, *list;

	if(rpc->add(ctx, "{", &answer) < 0
			|| rpc->struct_add(
					   answer, "d[", "count", (int)count, "proxies", &list)
					   < 0)
		return;
	for(size_t i = 0; i < count && i < LISTED_PROXIES; i++) {
		tlsp_proxies_at(proxies, i, &host);
		rpc->array_add(
				list, "s", tlsp_hostname_print(&host, text, sizeof(text)));
	}
}

static void find_proxy(rpc_t *rpc, void *ctx,
		const struct tlsp_proxies *proxies, const str *name)
{
	char text[TLSP_HOSTNAME_MAX_OCTETS + 8], quoted[TLSP_ESCAPE_QUOTED_OCTETS];
	struct tlsp_host host;
	enum tlsp_host_error error;

	error = tlsp_hostname_from_operator(&host, name->s, (size_t)name->len);
	if(error != TLSP_HOST_OK) {
		rpc->fault(ctx, 400, "\"%s\" %s",
				tlsp_escape(name->s, (size_t)name->len, quoted, sizeof(quoted)),
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
		rpc_t *rpc, void *ctx, const struct tlsp_rejection *rejection)
{
	char when[32], peer[TLSP_PEER_TEXT_OCTETS], reasons[512];
	struct tm utc;
	void *row;

	gmtime_r(&rejection->at, &utc);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &utc);
	if(rpc->add(ctx, "{", &row) < 0)
		return;
	rpc->struct_add(row, "sdsssss", "time", when, "conid",
			rejection->connection, "peer",
			tlsp_peer_text(&rejection->address, rejection->port, peer), "role",
			tlsp_rejections_role(rejection), "sni",
			rejection->refusal.server_name, "reason",
			tlsp_explain_words(
					rejection->refusal.reasons, reasons, sizeof(reasons)),
			"text", rejection->refusal.why);
}

/* |text| as a number from 1 to |max|; 0 if it is none. */
static size_t read_count(const str *text, size_t max)
{
	size_t number = 0;

	for(int i = 0; i < text->len; i++) {
		if(text->s[i] < '0' || text->s[i] > '9' || number > max)
			return 0;
		number = number * 10 + (size_t)(text->s[i] - '0');
	}
	return number <= max ? number : 0;
}

static void rpc_rejections(rpc_t *rpc, void *ctx)
{
	size_t max = TLSP_REJECTIONS_KEPT, count;
	struct tlsp_rejection *last;
	str text;

	if(rpc->scan(ctx, "*.S", &text) > 0)
		max = read_count(&text, TLSP_REJECTIONS_KEPT);
	if(max == 0) {
		rpc->fault(ctx, 400, "usage: tls_policy.rejections [1..%d]",
				TLSP_REJECTIONS_KEPT);
		return;
	}
	last = calloc(max, sizeof(*last));
	if(!last) {
		rpc->fault(ctx, 500, "no memory");
		return;
	}
	count = tlsp_rejections_last(last, max);
	for(size_t i = 0; i < count; i++)
		add_rejection(rpc, ctx, &last[i]);
	free(last);
}

static void rpc_proxies(rpc_t *rpc, void *ctx)
{
	str name;
	bool named = rpc->scan(ctx, "*.S", &name) > 0;
	const struct tlsp_in_force *all = tlsp_live_policy_acquire();
	const struct tlsp_terms *terms = all ? all->terms : NULL;

	if(!terms)
		rpc->fault(ctx, 500, "%s", no_policy);
	else if(named)
		find_proxy(rpc, ctx, terms->proxies, &name);
	else
		list_proxies(rpc, ctx, terms->proxies);
	tlsp_live_policy_release(all);
}

static void rpc_reload(rpc_t *rpc, void *ctx)
{
	char error[ERROR_OCTETS];
	const struct tlsp_in_force *all;
	void *answer;

	if(!tlsp_modparams_reload(error, sizeof(error))) {
		tlsp_rpc_fault(rpc, ctx, 500, error);
		return;
	}
	all = tlsp_live_policy_acquire();
	if(all && rpc->add(ctx, "{", &answer) >= 0)
		rpc->struct_add(answer, "dd", "proxies",
				(int)tlsp_proxies_count(all->terms->proxies), "rules",
				(int)all->rules);
	tlsp_live_policy_release(all);
}

/* clang-format off */
rpc_export_t tlsp_rpc_table[] = {
	{"tls_policy.show",    rpc_show,    show_doc,    RET_ARRAY},
	{"tls_policy.set",     rpc_set,     set_doc,     0},
	{"tls_policy.proxies", rpc_proxies, proxies_doc, 0},
	{"tls_policy.rejections", rpc_rejections, rejections_doc, RET_ARRAY},
	{"tls_policy.check", tlsp_rpc_check, tlsp_rpc_check_doc, 0},
	{"tls_policy.connections", tlsp_rpc_connections,
		tlsp_rpc_connections_doc, RET_ARRAY},
	{"tls_policy.rehandshake", tlsp_rpc_rehandshake,
		tlsp_rpc_rehandshake_doc, 0},
	{"tls_policy.recheck", tlsp_rpc_recheck, tlsp_rpc_recheck_doc, 0},
	{"tls_policy.rehandshake_peers", tlsp_rpc_rehandshake_peers,
		tlsp_rpc_rehandshake_peers_doc, RET_ARRAY},
	{"tls_policy.reload",  rpc_reload,  reload_doc,  0},
	{0, 0, 0, 0}
};
/* clang-format on */
