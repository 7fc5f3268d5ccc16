/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpc - see rpc.h. The commands about parameters. One that reads takes no lock:
 * it copies, or keeps the generation that it reads for its answer. One that
 * changes goes through policy/change; handshakes never wait for it.
 */
#include "rpc.h"

#include <string.h>

#include "policy/escape.h"
#include "policy/parameters.h"
#include "kamailio/policy/change.h"
#include "kamailio/policy/live_policy.h"
#include "kamailio/policy/modparams.h"
#include "rpc_arguments.h"
#include "rpc_check.h"
#include "rpc_connections.h"
#include "rpc_fault.h"
#include "rpc_lists.h"
#include "rpc_rules.h"

enum
{
	ERROR_OCTETS = 2048
};

/* clang-format off */
static const char *show_doc[] = {
	"Shows every parameter, or one: both names, value, default and unit: "
	"[name=NAME] [rule=RULE]", NULL};
static const char *set_doc[] = {
	"Sets one parameter (either name) for every connection set up from now on: "
	"NAME VALUE [rule=RULE]", NULL};
static const char *reload_doc[] = {
	"Reads rules, proxies and files anew; on any error everything stays as it "
	"was", NULL};
/* clang-format on */

/* "2 (both)", or the value as it is. */
static const char *word_of(
		const struct tlsp_parameter *parameter, const char *value)
{
	int number = parameter->words ? atoi(value) : 0;

	return parameter->words ? parameter->words[number - parameter->min] : "";
}

static void range_of(
		const struct tlsp_parameter *parameter, char *text, size_t size)
{
	if(parameter->type == TLSP_PARAMETER_NUMBER)
		snprintf(text, size, "%d..%d", parameter->min, parameter->max);
	else
		snprintf(text, size, "up to %d octets", parameter->max);
}

static bool show_one(rpc_t *rpc, void *ctx,
		const struct tlsp_parameter *parameter,
		const struct tlsp_book_rule *rule)
{
	char value[TLSP_RPC_TEXT_OCTETS], preset[TLSP_RPC_TEXT_OCTETS], range[64];
	const char *manual = parameter->manual_name;
	uint64_t row = (uint64_t)1 << tlsp_parameters_row(parameter);
	void *answer;

	if(rpc->add(ctx, "{", &answer) < 0)
		return false;
	tlsp_parameters_print(parameter, rule->policy, value, sizeof(value));
	tlsp_parameters_default_text(parameter, preset, sizeof(preset));
	range_of(parameter, range, sizeof(range));
	rpc->struct_add(answer, "sssss", "name", parameter->name, "manual_name",
			manual ? manual : "", "value", value, "default", preset, "unit",
			parameter->unit);
	rpc->struct_add(answer, "ssss", "word", word_of(parameter, value), "range",
			range, "scope",
			parameter->scope == TLSP_SCOPE_GLOBAL ? "global" : "rule", "from",
			(rule->set & row)	? "set"
			: (rule->own & row) ? rule->name
								: "inherited");
	return true;
}

static void show(rpc_t *rpc, void *ctx, const char *name,
		const struct tlsp_book_rule *rule)
{
	const struct tlsp_parameter *only =
			name ? tlsp_parameters_find(name) : NULL;
	char quoted[TLSP_ESCAPE_QUOTED_OCTETS];

	if(name && !only) {
		rpc->fault(ctx, 404, "unknown parameter \"%s\"",
				tlsp_escape(name, strlen(name), quoted, sizeof(quoted)));
		return;
	}
	for(size_t i = 0; i < tlsp_parameters_count(); i++)
		if((!only || only == tlsp_parameters_at(i))
				&& !show_one(rpc, ctx, tlsp_parameters_at(i), rule))
			return;
}

static void rpc_show(rpc_t *rpc, void *ctx)
{
	static struct tlsp_rpc_argument arguments[] = {
			{TLSP_RPC_KEY, "name"}, {TLSP_RPC_KEY, "rule"}};
	const struct tlsp_in_force *all;
	size_t number;

	if(!tlsp_rpc_arguments_read(
			   rpc, ctx, arguments, 2, "show [name=NAME] [rule=RULE]"))
		return;
	all = tlsp_live_policy_acquire();
	if(tlsp_rpc_find_rule(rpc, ctx, all, &arguments[1], &number))
		show(rpc, ctx, arguments[0].given ? arguments[0].text : NULL,
				&tlsp_live_policy_book(all)->rules[number]);
	tlsp_live_policy_release(all);
}

static void rpc_set(rpc_t *rpc, void *ctx)
{
	static const char usage[] = "set NAME VALUE [rule=RULE]";
	static struct tlsp_rpc_argument arguments[] = {
			{TLSP_RPC_PLACE}, {TLSP_RPC_PLACE}, {TLSP_RPC_KEY, "rule"}};
	struct tlsp_change change = {
			.name = arguments[0].text, .value = arguments[1].text};
	char error[ERROR_OCTETS];

	if(!tlsp_rpc_arguments_read(rpc, ctx, arguments, 3, usage))
		return;
	if(!arguments[1].given) {
		tlsp_rpc_usage(rpc, ctx, usage);
		return;
	}
	if(arguments[2].given)
		change.rule = arguments[2].text;
	if(!tlsp_policy_change(&change, error, sizeof(error)))
		tlsp_rpc_fault(rpc, ctx, 400, error);
}

static void rpc_reload(rpc_t *rpc, void *ctx)
{
	char error[ERROR_OCTETS];
	const struct tlsp_in_force *all;
	void *answer;

	if(!tlsp_rpc_arguments_read(rpc, ctx, NULL, 0, "reload"))
		return;
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
	{"tls_policy.proxies", tlsp_rpc_proxies, tlsp_rpc_proxies_doc, 0},
	{"tls_policy.rules",   tlsp_rpc_rules, tlsp_rpc_rules_doc, RET_ARRAY},
	{"tls_policy.explain", tlsp_rpc_explain, tlsp_rpc_explain_doc, 0},
	{"tls_policy.dump",    tlsp_rpc_dump, tlsp_rpc_dump_doc, 0},
	{"tls_policy.rejections", tlsp_rpc_rejections, tlsp_rpc_rejections_doc,
		RET_ARRAY},
	{"tls_policy.check", tlsp_rpc_check, tlsp_rpc_check_doc, 0},
	{"tls_policy.connections", tlsp_rpc_connections,
		tlsp_rpc_connections_doc, RET_ARRAY},
	{"tls_policy.rehandshake", tlsp_rpc_rehandshake,
		tlsp_rpc_rehandshake_doc, 0},
	{"tls_policy.recheck", tlsp_rpc_recheck, tlsp_rpc_recheck_doc, RET_ARRAY},
	{"tls_policy.rehandshake_peers", tlsp_rpc_rehandshake_peers,
		tlsp_rpc_rehandshake_peers_doc, RET_ARRAY},
	{"tls_policy.reload",  rpc_reload,  reload_doc,  0},
	{0, 0, 0, 0}
};
/* clang-format on */
