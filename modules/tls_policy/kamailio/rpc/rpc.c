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
#include "policy/versions.h"
#include "kamailio/connection/alarm.h"
#include "kamailio/policy/change.h"
#include "kamailio/policy/live_policy.h"
#include "kamailio/policy/modparams.h"
#include "kamailio/report/reloads.h"
#include "rpc_arguments.h"
#include "rpc_check.h"
#include "rpc_connections.h"
#include "rpc_dump.h"
#include "rpc_expiry.h"
#include "rpc_fault.h"
#include "rpc_lists.h"
#include "rpc_recheck.h"
#include "rpc_rules.h"

enum
{
	ERROR_OCTETS = 2048
};

/* clang-format off */
static const char *show_doc[] = {
	"Shows every parameter, or one, of the default or of a rule: both names, "
	"value and its word, default, unit, range, from where it is, and whether it "
	"is other than it is configured: [name=NAME] [rule=RULE]", NULL};
static const char *set_doc[] = {
	"Sets one parameter (either name) for every connection set up from now on, "
	"until Kamailio ends: NAME VALUE [rule=RULE]", NULL};
static const char *reload_doc[] = {
	"Reads rules, proxies and files anew; on any error everything stays as it "
	"was", NULL};
/* clang-format on */

/* What a number stands for, as text; "" if it is nothing but a number. */
static const char *word_of(const struct tlsp_parameter *parameter,
		const char *value, char versions[32])
{
	int number = parameter->type == TLSP_PARAMETER_NUMBER ? atoi(value) : 0;

	if(parameter->words)
		return parameter->words[number - parameter->min];
	if(strcmp(parameter->name, "tls_version") != 0)
		return "";
	if(number == 0)
		return "as tls.cfg allows";
	return tlsp_versions_print(
			tlsp_versions_from_parameter(number), versions, 32);
}

static void range_of(
		const struct tlsp_parameter *parameter, char *text, size_t size)
{
	if(parameter->type == TLSP_PARAMETER_NUMBER)
		snprintf(text, size, "%d..%d", parameter->min, parameter->max);
	else
		snprintf(text, size, "up to %d octets", parameter->max);
}

/* Who says so: a command, the rule's own section, kamailio.cfg or [default];
 * or nobody. */
static const char *from_of(const struct tlsp_parameter *parameter,
		const struct tlsp_book_rule *rule)
{
	uint64_t row = (uint64_t)1 << tlsp_parameters_row(parameter);
	bool is_default = strcmp(rule->name, "default") == 0;

	if(rule->set & row)
		return "set";
	if(rule->own & row)
		return is_default ? "configured" : "rule";
	return is_default ? "preset" : "inherited";
}

static bool show_one(rpc_t *rpc, void *ctx,
		const struct tlsp_parameter *parameter,
		const struct tlsp_book_rule *rule)
{
	char value[TLSP_RPC_TEXT_OCTETS], preset[TLSP_RPC_TEXT_OCTETS];
	char configured[TLSP_RPC_TEXT_OCTETS], range[64], versions[32];
	const char *manual = parameter->manual_name;
	void *answer;

	if(rpc->add(ctx, "{", &answer) < 0)
		return false;
	tlsp_parameters_print(parameter, rule->policy, value, sizeof(value));
	tlsp_parameters_print(
			parameter, rule->configured, configured, sizeof(configured));
	tlsp_parameters_default_text(parameter, preset, sizeof(preset));
	range_of(parameter, range, sizeof(range));
	rpc->struct_add(answer, "sssss", "name", parameter->name, "manual_name",
			manual ? manual : "", "value", value, "default", preset, "unit",
			parameter->unit);
	rpc->struct_add(answer, "ssss", "word", word_of(parameter, value, versions),
			"range", range, "scope",
			parameter->scope == TLSP_SCOPE_GLOBAL ? "server" : "rule", "from",
			from_of(parameter, rule));
	rpc->struct_add(answer, "ss", "changed",
			strcmp(value, configured) == 0 ? "no" : "yes", "configured",
			configured);
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
				tlsp_escape_written(
						name, strlen(name), quoted, sizeof(quoted)));
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

/* TLSVersion is no version number: 1.2 by mistake must not become something
 * else. In JSON 1.0 is 1. */
static bool is_a_version_number(const struct tlsp_rpc_argument *name,
		const struct tlsp_rpc_argument *value)
{
	const struct tlsp_parameter *parameter = tlsp_parameters_find(name->text);

	return parameter && strcmp(parameter->name, "tls_version") == 0
		   && (strchr(value->text, '.') || value->fraction == TLSP_RPC_FRACTION
				   || (value->fraction == TLSP_RPC_PERHAPS_FRACTION
						   && strcmp(value->text, "1") == 0));
}

static void set(
		rpc_t *rpc, void *ctx, const struct tlsp_rpc_argument *arguments)
{
	struct tlsp_change change = {
			.name = arguments[0].text, .value = arguments[1].text, .by = "RPC"};
	char error[ERROR_OCTETS];

	if(arguments[2].given)
		change.rule = arguments[2].text;
	if(tlsp_policy_change(&change, error, sizeof(error)))
		tlsp_alarm_ring(); /* who is due may have changed */
	else
		tlsp_rpc_fault(rpc, ctx, 400, error);
}

static void rpc_set(rpc_t *rpc, void *ctx)
{
	static const char usage[] = "set NAME VALUE [rule=RULE]";
	static struct tlsp_rpc_argument arguments[] = {{TLSP_RPC_PLACE},
			{TLSP_RPC_PLACE_OR_EMPTY}, {TLSP_RPC_KEY, "rule"}};

	if(!tlsp_rpc_arguments_read(rpc, ctx, arguments, 3, usage))
		return;
	if(!arguments[1].given) {
		tlsp_rpc_usage(rpc, ctx, usage);
		return;
	}
	if(is_a_version_number(&arguments[0], &arguments[1]))
		rpc->fault(ctx, 400,
				"tls_version is a sum: \"1\" = TLS 1.0, 2 = 1.1, 4 = 1.2, "
				"8 = 1.3; so 4 for 1.2 alone, 12 for 1.2 and 1.3, 0 = as "
				"tls.cfg");
	else
		set(rpc, ctx, arguments);
}

static void rpc_reload(rpc_t *rpc, void *ctx)
{
	char error[ERROR_OCTETS];
	const struct tlsp_in_force *all;
	void *answer;
	bool done;

	if(!tlsp_rpc_arguments_read(rpc, ctx, NULL, 0, "reload"))
		return;
	done = tlsp_modparams_reload("RPC", NULL, error, sizeof(error))
		   == TLSP_RELOADED;
	tlsp_reloads_tell("RPC", done, error);
	if(!done) {
		tlsp_rpc_fault(rpc, ctx, 500, error);
		return;
	}
	tlsp_alarm_ring();
	all = tlsp_live_policy_acquire();
	if(all && rpc->add(ctx, "{", &answer) >= 0)
		rpc->struct_add(answer, "dd", "proxies",
				(int)tlsp_book_count_proxies(tlsp_live_policy_book(all)),
				"rules", (int)all->rules);
	tlsp_live_policy_release(all);
}

/* clang-format off */
rpc_export_t tlsp_rpc_table[] = {
	{"tls_policy.show",    rpc_show,    show_doc,    RET_ARRAY},
	{"tls_policy.set",     rpc_set,     set_doc,     0},
	{"tls_policy.proxies", tlsp_rpc_proxies, tlsp_rpc_proxies_doc, 0},
	{"tls_policy.rules",   tlsp_rpc_rules, tlsp_rpc_rules_doc, RET_ARRAY},
	{"tls_policy.explain", tlsp_rpc_explain, tlsp_rpc_explain_doc, 0},
	{"tls_policy.dump",    tlsp_rpc_dump, tlsp_rpc_dump_doc, RET_ARRAY},
	{"tls_policy.rejections", tlsp_rpc_rejections, tlsp_rpc_rejections_doc,
		RET_ARRAY},
	{"tls_policy.expiry", tlsp_rpc_expiry, tlsp_rpc_expiry_doc, RET_ARRAY},
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
