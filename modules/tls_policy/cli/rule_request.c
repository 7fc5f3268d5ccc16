/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rule_request - see rule_request.h.
 */
#include "rule_request.h"

#include <stdio.h>
#include <string.h>

#include "files/rules_file.h"
#include "policy/escape.h"

static const struct tlsp_rule *find(
		const struct tlsp_rules *rules, const char *name)
{
	if(strcmp(name, rules->base->name) == 0)
		return rules->base;
	for(size_t i = 0; i < rules->count; i++)
		if(strcmp(name, rules->rules[i]->name) == 0)
			return rules->rules[i];
	return NULL;
}

static bool take_proxies(const struct rule_request *request,
		struct tlsp_proxy_list *list, bool given, char *error, size_t size)
{
	struct tlsp_rule_sources sources;

	tlsp_rule_sources_in_force(&sources, request->rules, request->rule);
	if(given && !sources.db_url)
		snprintf(error, size,
				"--proxy and --proxies contradict --config: the rule says "
				"which "
				"proxies it has");
	else if(!given && sources.db_url)
		snprintf(error, size,
				"the rule has proxies in a database, which is not asked here: "
				"name them by --proxy or --proxies");
	else if(tlsp_rules_file_add_proxies(list, &sources))
		return true;
	else
		snprintf(error, size, "%s", list->error);
	return false;
}

bool rule_request_read(struct rule_request *out, const char *config,
		const char *name, struct tlsp_proxy_list *list, bool proxies_given,
		char *error, size_t size)
{
	struct tlsp_policy defaults;
	char shown[TLSP_ESCAPE_QUOTED_OCTETS], file[300];

	memset(out, 0, sizeof(*out));
	tlsp_parameters_defaults(&defaults);
	out->rules = tlsp_rules_file_read(config, &defaults, 0, error, size);
	if(!out->rules)
		return false;
	out->rule = find(out->rules, name);
	if(out->rule)
		return take_proxies(out, list, proxies_given, error, size);
	snprintf(error, size, "%s has no rule \"%s\"",
			tlsp_escape_written(config, strlen(config), file, sizeof(file)),
			tlsp_escape_written(name, strlen(name), shown, sizeof(shown)));
	return false;
}

void rule_request_cleanup(struct rule_request *request)
{
	tlsp_rules_free(request->rules);
	memset(request, 0, sizeof(*request));
}
