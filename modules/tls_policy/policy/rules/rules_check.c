/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rules_check - see rules_check.h.
 */
#include "rules_check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/escape.h"
#include "selection.h"

enum
{
	SENTENCE_OCTETS = 2048,
	SHOWN_FILE_OCTETS = 300
};

/* |rule| is the name of a rule, or "". */
static bool keep(char ***texts, size_t *count, const char *file, unsigned line,
		const char *rule, const char *sentence)
{
	char shown[SHOWN_FILE_OCTETS], place[16] = "";
	char text[2 * SHOWN_FILE_OCTETS + SENTENCE_OCTETS];
	bool named = *rule && line, base = strcmp(rule, "default") == 0;

	tlsp_escape_written(file, strlen(file), shown, sizeof(shown));
	if(line)
		snprintf(place, sizeof(place), ":%u", line);
	snprintf(text, sizeof(text), "%s%s: %s%s%s%s", shown, place,
			!named ? ""
			: base ? "["
				   : "[rule:",
			named ? rule : "", named ? "] " : "", sentence);
	return tlsp_rules_add_text(texts, count, text);
}

#define PRINT(sentence, format)                                   \
	do {                                                          \
		va_list arguments;                                        \
		va_start(arguments, format);                              \
		vsnprintf(sentence, sizeof(sentence), format, arguments); \
		va_end(arguments);                                        \
	} while(0)

bool tlsp_rules_complain(
		struct tlsp_rules *rules, unsigned line, const char *format, ...)
{
	char sentence[SENTENCE_OCTETS];

	PRINT(sentence, format);
	return keep(&rules->errors, &rules->error_count, rules->file, line, "",
			sentence);
}

bool tlsp_rules_complain_of(struct tlsp_rules *rules,
		const struct tlsp_rule *rule, const char *format, ...)
{
	char sentence[SENTENCE_OCTETS];

	PRINT(sentence, format);
	return keep(&rules->errors, &rules->error_count, rules->file, rule->line,
			rule->name, sentence);
}

bool tlsp_rules_warn_of(struct tlsp_rules *rules, const struct tlsp_rule *rule,
		const char *format, ...)
{
	char sentence[SENTENCE_OCTETS];

	PRINT(sentence, format);
	return keep(&rules->warnings, &rules->warning_count, rules->file,
			rule->line, rule->name, sentence);
}

static bool says(const struct tlsp_rule *rule, const char *name)
{
	size_t row = (size_t)(tlsp_parameters_find(name) - tlsp_parameters_at(0));

	return rule->own >> row & 1;
}

static void inherit(struct tlsp_rule *rule, const struct tlsp_rule *base)
{
	struct tlsp_policy policy = base->policy;

	for(size_t i = 0; i < tlsp_parameters_count(); i++) {
		const struct tlsp_parameter *row = tlsp_parameters_at(i);
		size_t octets;
		const void *value = tlsp_parameters_value(row, &rule->policy, &octets);

		if(rule->own >> i & 1)
			memcpy((char *)&policy + row->offset, value, octets);
	}
	if(says(rule, "tls_rehandshake_interval")
			&& !says(rule, "tls_rehandshake_interval_seconds"))
		policy.tls_rehandshake_interval_seconds = 0;
	if(tlsp_rule_is_for_clients(rule) && !says(rule, "expect"))
		memset(policy.expect, 0, sizeof(policy.expect));
	rule->policy = policy;
}

static bool check_values(struct tlsp_rules *rules, const struct tlsp_rule *rule)
{
	const struct tlsp_policy *policy = &rule->policy;
	const char *why = tlsp_conditions_impossible(&rule->conditions);
	bool kept = true;

	if(why)
		kept = tlsp_rules_complain_of(rules, rule, "%s", why);
	if(kept && policy->crl_file_name[0] && !policy->https_root_file_name[0])
		kept = tlsp_rules_complain_of(rules, rule,
				"crl_file_name%s needs https_root_file_name beside it: without "
				"one tls.cfg's trust anchors and its crl count",
				says(rule, "crl_file_name") ? "" : ", which is inherited,");
	if(kept && policy->expect[0] && tlsp_rule_is_for_clients(rule))
		kept = tlsp_rules_complain_of(rules, rule,
				"expect says who a server must be, and this rule is for "
				"clients alone: by peer_role, or a port in each listen");
	if(kept && !policy->wildcard_proxies
			&& tlsp_rule_sources_has_wildcard(&rule->sources))
		kept = tlsp_rules_complain_of(rules, rule,
				"a proxy stands for every name below it, which "
				"wildcard_proxies = 1 has to permit");
	return kept;
}

/* A warning that the default has too is said once. */
static bool warn(struct tlsp_rules *rules, const struct tlsp_rule *rule)
{
	char of_rule[512], of_base[512];
	const char *mine =
			tlsp_parameters_warning(&rule->policy, of_rule, sizeof(of_rule));
	const char *base = tlsp_parameters_warning(
			&rules->base->policy, of_base, sizeof(of_base));
	bool kept = true;

	if(rule->own == 0 && !tlsp_rule_has_sources(rule))
		kept = tlsp_rules_warn_of(rules, rule,
				"is without effect: it says nothing that [default] does not. "
				"If it is to except its connections from the rules behind it, "
				"write what they get, such as enforcement = enforce");
	if(kept && mine && rule->policy.enforcement != TLSP_ENFORCE_NONE
			&& (!base || strcmp(mine, base) != 0))
		kept = tlsp_rules_warn_of(rules, rule, "%s", mine);
	return kept;
}

static int compare_names(const void *a, const void *b)
{
	const struct tlsp_rule *x = *(struct tlsp_rule *const *)a;
	const struct tlsp_rule *y = *(struct tlsp_rule *const *)b;
	int order = strcmp(x->name, y->name);

	return order ? order : x->line < y->line ? -1 : x->line > y->line;
}

static bool check_names(struct tlsp_rules *rules)
{
	struct tlsp_rule **sorted = malloc((rules->count + 1) * sizeof(void *));
	bool kept = sorted != NULL;

	if(kept && rules->count) {
		memcpy(sorted, rules->rules, rules->count * sizeof(void *));
		qsort(sorted, rules->count, sizeof(void *), compare_names);
	}
	for(size_t i = 1; kept && i < rules->count; i++)
		if(strcmp(sorted[i]->name, sorted[i - 1]->name) == 0)
			kept = tlsp_rules_complain_of(rules, sorted[i],
					"stands twice: line %u has it already",
					sorted[i - 1]->line);
	free(sorted);
	return kept;
}

/* A connection for which |conditions| hold. |name| keeps its server name. */
static void sample(struct tlsp_rule_facts *facts, char name[260],
		const struct tlsp_conditions *conditions)
{
	memset(facts, 0, sizeof(*facts));
	if(conditions->peer_role == TLSP_PEER_ROLE_SERVER)
		facts->role = TLSP_ROLE_CLIENT;
	if(conditions->listen_count) {
		facts->listen = conditions->listens[0].address;
		facts->listen_port = conditions->listens[0].port;
	}
	if(conditions->peer_count)
		facts->peer = conditions->peers[0].address;
	if(conditions->server_name_count) {
		const struct tlsp_host *host = &conditions->server_names[0];

		facts->server_name_octets = (size_t)snprintf(name, 260, "%s%s",
				host->kind == TLSP_HOST_WILDCARD ? "x." : "", host->name);
		facts->server_name = name;
	}
}

/* Which rule before number |number| holds wherever it does; 0 = none. Whatever
 * hides a rule holds for each of its connections: so for one, of which the index
 * tells the few that do. */
static size_t find_cover(const struct tlsp_rules *rules,
		const struct tlsp_selection *selection, size_t number)
{
	const struct tlsp_conditions *conditions =
			&rules->rules[number - 1]->conditions;
	struct tlsp_rule_facts facts;
	char name[260];
	size_t other = 0;

	sample(&facts, name, conditions);
	while((other = tlsp_selection_next(selection, &facts, other)) != 0
			&& other < number)
		if(tlsp_conditions_cover(
				   &rules->rules[other - 1]->conditions, conditions))
			return other;
	return 0;
}

static bool warn_of_hidden(struct tlsp_rules *rules)
{
	size_t octets;
	struct tlsp_selection *selection = tlsp_selection_build(rules, &octets);
	bool kept = selection != NULL;

	for(size_t number = 1; kept && number <= rules->count; number++) {
		size_t cover = find_cover(rules, selection, number);

		if(cover)
			kept = tlsp_rules_warn_of(rules, rules->rules[number - 1],
					"is never reached: [rule:%s] of line %u, which stands "
					"before it, holds wherever it does",
					rules->rules[cover - 1]->name,
					rules->rules[cover - 1]->line);
	}
	free(selection);
	return kept;
}

bool tlsp_rules_finish(struct tlsp_rules *rules)
{
	bool kept = check_values(rules, rules->base);

	for(size_t i = 0; kept && i < rules->count; i++) {
		inherit(rules->rules[i], rules->base);
		kept = check_values(rules, rules->rules[i]);
	}
	kept = kept && check_names(rules);
	if(rules->error_count) /* what else is said may follow from one */
		return kept;
	for(size_t i = 0; kept && i < rules->count; i++)
		kept = warn(rules, rules->rules[i]);
	return kept && warn_of_hidden(rules);
}
