/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpc_rules - see rpc_rules.h.
 */
#include "rpc_rules.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/escape.h"
#include "kamailio/connection/rule_connections.h"
#include "kamailio/policy/live_policy.h"
#include "kamailio/report/peer_text.h"
#include "rpc_rows.h"

enum
{
	CONDITIONS_OCTETS = 2048 /* of a rule, as one line */
};

/* clang-format off */
const char *tlsp_rpc_rules_doc[] = {
	"Lists the rules in their order: conditions, enforcement, what became of "
	"their peers; the default is the last: [N] [from=RULE]", NULL};
const char *tlsp_rpc_explain_doc[] = {
	"Which rule is for a connection, which would be next, and every parameter in "
	"force for it: "
	"[listen=ADDRESS:PORT] [peer=ADDRESS] [server_name=NAME] "
	"[peer_role=client|server]", NULL};
/* clang-format on */

bool tlsp_rpc_find_rule(rpc_t *rpc, void *ctx, const struct tlsp_in_force *all,
		const struct tlsp_rpc_argument *argument, size_t *number)
{
	char quoted[TLSP_ESCAPE_QUOTED_OCTETS];

	*number = 0;
	if(!all) {
		rpc->fault(ctx, 500, "no policy is in force");
		return false;
	}
	if(!argument->given || tlsp_live_policy_find(all, argument->text, number))
		return true;
	rpc->fault(ctx, 404, "there is no rule \"%s\"",
			tlsp_escape_written(argument->text, strlen(argument->text), quoted,
					sizeof(quoted)));
	return false;
}

static const char *enforcement_word(const struct tlsp_policy *policy)
{
	return tlsp_parameters_find("enforcement")->words[policy->enforcement];
}

/* Lines of a rules file as one: "peer = 192.0.2.1; listen = :5061"; "..." where
 * there are more than |size| takes. */
static char *on_one_line(const char *lines, char *buffer, size_t size)
{
	static const char more[] = "...";
	size_t used = 0;

	for(; *lines && used + sizeof(more) + 2 < size; lines++)
		if(*lines != '\n')
			buffer[used++] = *lines;
		else if(lines[1]) {
			buffer[used++] = ';';
			buffer[used++] = ' ';
		}
	snprintf(buffer + used, size - used, "%s", *lines ? more : "");
	return buffer;
}

/* Of both roles. An int is what both transports show as a number. */
static int counted(const struct tlsp_book_rule *rule, enum tlsp_rule_count what)
{
	unsigned long count = tlsp_book_counted(rule, what, TLSP_ROLE_SERVER)
						  + tlsp_book_counted(rule, what, TLSP_ROLE_CLIENT);

	return count < INT_MAX ? (int)count : INT_MAX;
}

static void add_rule(struct tlsp_rpc_rows *rows,
		const struct tlsp_book_rule *rule,
		const struct tlsp_rule_connections *connections)
{
	struct tlsp_rpc_row row = {.count = 0};
	char conditions[CONDITIONS_OCTETS];

	tlsp_rpc_row_text(&row, "name", rule->name);
	tlsp_rpc_row_text(&row, "conditions",
			on_one_line(rule->conditions, conditions, sizeof(conditions)));
	tlsp_rpc_row_text(&row, "enforcement", enforcement_word(rule->policy));
	tlsp_rpc_row_number(&row, "line", (int)rule->line);
	tlsp_rpc_row_number(&row, "connections",
			(int)(connections->of[TLSP_ROLE_SERVER]
					+ connections->of[TLSP_ROLE_CLIENT]));
	tlsp_rpc_row_number(&row, "accepted", counted(rule, TLSP_RULE_ACCEPTED));
	tlsp_rpc_row_number(&row, "refused", counted(rule, TLSP_RULE_REFUSED));
	tlsp_rpc_row_number(
			&row, "would_refuse", counted(rule, TLSP_RULE_WOULD_REFUSE));
	tlsp_rpc_rows_add(rows, &row);
}

/* Those whose rule a reload took away, until they are judged anew. */
static void add_gone(struct tlsp_rpc_rows *rows,
		const struct tlsp_rule_connections *connections)
{
	struct tlsp_rpc_row row = {.count = 0};
	unsigned count = connections->of[TLSP_ROLE_SERVER]
					 + connections->of[TLSP_ROLE_CLIENT];

	if(count == 0)
		return;
	tlsp_rpc_row_text(&row, "name", TLSP_RULE_GONE);
	tlsp_rpc_row_number(&row, "connections", (int)count);
	tlsp_rpc_rows_add(rows, &row);
}

/* From number |from| on; the default, 0, is the last. */
static void list_rules(struct tlsp_rpc_rows *rows,
		const struct tlsp_in_force *all, size_t from)
{
	const struct tlsp_book *book = tlsp_live_policy_book(all);
	struct tlsp_rule_connections *counts = tlsp_rule_connections(all);
	char more[TLSP_RULE_NAME_OCTETS + 8] = "";

	if(!counts) {
		rows->rpc->fault(rows->ctx, 500, "no memory for the list");
		return;
	}
	for(size_t i = from ? from : book->count + 1; i <= book->count + 1; i++) {
		size_t number = i <= book->count ? i : 0;

		add_rule(rows, &book->rules[number], &counts[number]);
		if(rows->left_out == 1)
			snprintf(more, sizeof(more), "from=%s", book->rules[number].name);
	}
	add_gone(rows, &counts[book->count + 1]);
	tlsp_rpc_rows_end(rows, more);
	free(counts);
}

void tlsp_rpc_rules(rpc_t *rpc, void *ctx)
{
	static const char usage[] = "rules [N] [from=RULE]";
	static struct tlsp_rpc_argument arguments[] = {
			{TLSP_RPC_PLACE}, {TLSP_RPC_KEY, "from"}};
	const struct tlsp_in_force *all;
	struct tlsp_rpc_rows rows;
	size_t number;

	if(!tlsp_rpc_arguments_read(rpc, ctx, arguments, 2, usage))
		return;
	tlsp_rpc_rows_init(&rows, rpc, ctx);
	if(arguments[0].given)
		rows.most = tlsp_rpc_count(&arguments[0], INT_MAX);
	if(rows.most == 0) {
		tlsp_rpc_usage(rpc, ctx, usage);
		return;
	}
	all = tlsp_live_policy_acquire();
	if(tlsp_rpc_find_rule(rpc, ctx, all, &arguments[1], &number))
		list_rules(
				&rows, all, arguments[1].given ? number : (all->rules ? 1 : 0));
	tlsp_live_policy_release(all);
}

/* The number of the rule that |facts| would come to without rule |number|. */
static size_t next_rule(const struct tlsp_in_force *all,
		const struct tlsp_rule_facts *facts, size_t number)
{
	return number ? tlsp_selection_next(all->selection, facts, number) : 0;
}

static void answer_rule(rpc_t *rpc, void *ctx, const struct tlsp_in_force *all,
		const struct tlsp_rule_facts *facts)
{
	const struct tlsp_book_rule *rules = tlsp_live_policy_book(all)->rules;
	size_t number = tlsp_terms_number(all, facts);
	const struct tlsp_book_rule *rule = &rules[number];
	char value[TLSP_RPC_TEXT_OCTETS], conditions[CONDITIONS_OCTETS];
	void *answer, *parameters;

	if(rpc->add(ctx, "{", &answer) < 0
			|| rpc->struct_add(answer, "sdss", "rule", rule->name, "line",
					   (int)rule->line, "conditions",
					   on_one_line(rule->conditions, conditions,
							   sizeof(conditions)),
					   "next",
					   number ? rules[next_rule(all, facts, number)].name : "")
					   < 0
			|| rpc->struct_add(answer, "ssd{", "peer_role",
					   tlsp_peer_role_word(facts->role), "enforcement",
					   enforcement_word(rule->policy), "proxies",
					   (int)tlsp_proxies_count(rule->proxies), "parameters",
					   &parameters)
					   < 0)
		return;
	for(size_t i = 0; i < tlsp_parameters_count(); i++) {
		const struct tlsp_parameter *parameter = tlsp_parameters_at(i);

		rpc->struct_add(parameters, "s", (char *)parameter->name,
				tlsp_parameters_print(
						parameter, rule->policy, value, sizeof(value)));
	}
}

void tlsp_rpc_explain(rpc_t *rpc, void *ctx)
{
	static struct tlsp_rpc_argument arguments[] = {{TLSP_RPC_KEY, "listen"},
			{TLSP_RPC_KEY, "peer"}, {TLSP_RPC_KEY, "server_name"},
			{TLSP_RPC_KEY, "peer_role"}};
	struct tlsp_rule_facts facts = {.role = TLSP_ROLE_SERVER};
	const struct tlsp_in_force *all;
	struct tlsp_host name;
	char error[512];

	if(!tlsp_rpc_arguments_read(rpc, ctx, arguments, 4,
			   "explain [listen=ADDRESS:PORT] [peer=ADDRESS] "
			   "[server_name=NAME] [peer_role=client|server]"))
		return;
	for(size_t i = 0; i < 4; i++)
		if(arguments[i].given
				&& !tlsp_rule_facts_read(&facts, &name, arguments[i].name,
						arguments[i].text, error, sizeof(error))) {
			rpc->fault(ctx, 400, "%s: %s", arguments[i].name, error);
			return;
		}
	all = tlsp_live_policy_acquire();
	if(all)
		answer_rule(rpc, ctx, all, &facts);
	else
		rpc->fault(ctx, 500, "no policy is in force");
	tlsp_live_policy_release(all);
}
