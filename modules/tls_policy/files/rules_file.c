/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rules_file - see rules_file.h.
 */
#include "rules_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/escape.h"
#include "policy/rules/rules_check.h"
#include "text_file.h"

enum
{
	SHOWN_PATH_OCTETS = 300
};

static bool check_url(struct tlsp_rules *rules, const struct tlsp_rule *rule)
{
	const char *why = rule->sources.db_url
							  ? tlsp_rule_url_objection(rule->sources.db_url)
							  : NULL;

	return !why || tlsp_rules_complain_of(rules, rule, "db_url %s", why);
}

/* Of what was printed to be looked at, not to be loaded. */
static bool check_urls(struct tlsp_rules *rules)
{
	bool kept = check_url(rules, rules->base);

	for(size_t i = 0; kept && i < rules->count; i++)
		kept = check_url(rules, rules->rules[i]);
	return kept;
}

struct tlsp_rules *tlsp_rules_file_read_all(const char *path,
		const struct tlsp_policy *defaults, uint64_t named, char *error,
		size_t size)
{
	struct tlsp_rules *rules;
	size_t octets = 0;
	char *text = tlsp_text_file_read(
			path, TLSP_RULES_FILE_MAX_OCTETS, &octets, error, size);
	char shown[SHOWN_PATH_OCTETS];

	if(!text)
		return NULL;
	rules = tlsp_rules_text_read(path, text, octets, defaults, named);
	free(text);
	if(rules && !check_urls(rules)) {
		tlsp_rules_free(rules);
		rules = NULL;
	}
	if(!rules)
		snprintf(error, size, "%s: no memory for its rules",
				tlsp_escape_written(path, strlen(path), shown, sizeof(shown)));
	return rules;
}

struct tlsp_rules *tlsp_rules_file_read(const char *path,
		const struct tlsp_policy *defaults, uint64_t named, char *error,
		size_t size)
{
	struct tlsp_rules *rules =
			tlsp_rules_file_read_all(path, defaults, named, error, size);

	if(!rules || rules->error_count == 0)
		return rules;
	snprintf(error, size, "%s", rules->errors[0]);
	tlsp_rules_free(rules);
	return NULL;
}

bool tlsp_rules_file_add_proxies(
		struct tlsp_proxy_list *list, const struct tlsp_rule_sources *sources)
{
	list->dispatcher_set = sources->dispatcher_set;
	for(size_t i = 0; i < sources->proxy_count; i++)
		if(!tlsp_proxy_list_add(list, "proxy", sources->proxies[i],
				   strlen(sources->proxies[i])))
			return false;
	for(size_t i = 0; i < sources->file_count; i++)
		if(!tlsp_proxy_file_add(list, sources->files[i]))
			return false;
	return true;
}
