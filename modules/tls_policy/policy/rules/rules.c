/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rules - see rules.h.
 */
#include "rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "condition_values.h"
#include "policy/host/hostname.h"
#include "texts.h"

static void free_rule(struct tlsp_rule *rule)
{
	if(!rule)
		return;
	tlsp_conditions_cleanup(&rule->conditions);
	tlsp_rule_sources_cleanup(&rule->sources);
	free(rule);
}

struct tlsp_rule *tlsp_rules_make_rule(
		const char *name, unsigned line, const struct tlsp_policy *policy)
{
	struct tlsp_rule *rule = calloc(1, sizeof(*rule));

	if(!rule)
		return NULL;
	snprintf(rule->name, sizeof(rule->name), "%s", name);
	rule->line = line;
	rule->policy = *policy;
	rule->sources.dispatcher_set = -1;
	return rule;
}

bool tlsp_rules_add(struct tlsp_rules *rules, struct tlsp_rule *rule)
{
	struct tlsp_rule **array = rules->rules;
	bool full = (rules->count & (rules->count - 1)) == 0;

	if(!rule)
		return false;
	if(full) {
		array = realloc(
				array, (rules->count ? rules->count * 2 : 1) * sizeof(void *));
		if(!array) {
			free_rule(rule);
			return false;
		}
		rules->rules = array;
	}
	array[rules->count++] = rule;
	return true;
}

struct tlsp_rules *tlsp_rules_new(
		const struct tlsp_policy *defaults, uint64_t named)
{
	struct tlsp_rules *rules = calloc(1, sizeof(*rules));

	if(!rules)
		return NULL;
	rules->base = tlsp_rules_make_rule("default", 0, defaults);
	if(!rules->base) {
		free(rules);
		return NULL;
	}
	rules->base->own = named;
	return rules;
}

void tlsp_rules_free(struct tlsp_rules *rules)
{
	if(!rules)
		return;
	free_rule(rules->base);
	for(size_t i = 0; i < rules->count; i++)
		free_rule(rules->rules[i]);
	free(rules->rules);
	tlsp_texts_free(rules->errors, rules->error_count);
	tlsp_texts_free(rules->warnings, rules->warning_count);
	free(rules->file);
	free(rules);
}

bool tlsp_rule_is_for_clients(const struct tlsp_rule *rule)
{
	return tlsp_conditions_peer_role(&rule->conditions)
		   == TLSP_PEER_ROLE_CLIENT;
}

bool tlsp_rule_has_sources(const struct tlsp_rule *rule)
{
	const struct tlsp_rule_sources *sources = &rule->sources;

	return sources->proxy_count || sources->file_count || sources->db_url
		   || sources->db_table || sources->db_column
		   || sources->dispatcher_set >= 0;
}

static const char *either(const char *text, const char *other)
{
	return text ? text : other;
}

void tlsp_rule_sources_in_force(struct tlsp_rule_sources *out,
		const struct tlsp_rules *rules, const struct tlsp_rule *rule)
{
	const struct tlsp_rule_sources *base = &rules->base->sources;
	bool database = rule->sources.db_url || rule->sources.db_table
					|| rule->sources.db_column;

	*out = tlsp_rule_has_sources(rule) ? rule->sources : *base;
	if(!tlsp_rule_has_sources(rule) || rule == rules->base)
		return;
	if(out->dispatcher_set >= 0 && out->file_count == 0 && !database) {
		out->files = base->files;
		out->file_count = base->file_count;
		database = true;
	}
	if(database) {
		out->db_url = (char *)either(out->db_url, base->db_url);
		out->db_table = (char *)either(out->db_table, base->db_table);
		out->db_column = (char *)either(out->db_column, base->db_column);
	}
}

/* A text that is written piece by piece and may be cut. */
struct print
{
	char *buffer;
	size_t size, used;
};

static void put(struct print *print, const char *text)
{
	size_t octets = strlen(text);

	for(size_t i = 0; i < octets; i++, print->used++)
		if(print->used + 1 < print->size)
			print->buffer[print->used] = text[i];
}

static size_t end(struct print *print)
{
	if(print->size)
		print->buffer[print->used < print->size ? print->used
												: print->size - 1] = '\0';
	return print->used;
}

/* Value |i| of a list, which begins with |key|. */
static void put_item(
		struct print *print, const char *key, size_t i, const char *value)
{
	put(print, i ? ", " : key);
	put(print, i ? "" : " = ");
	put(print, value);
}

static void put_line(struct print *print, const char *key, const char *value)
{
	put_item(print, key, 0, value);
	put(print, "\n");
}

size_t tlsp_rule_print_conditions(
		const struct tlsp_rule *rule, char *buffer, size_t size)
{
	static const char *const roles[] = {"both", "client", "server"};
	const struct tlsp_conditions *conditions = &rule->conditions;
	struct print print = {buffer, size, 0};
	char value[TLSP_CONDITION_VALUE_OCTETS];

	for(size_t i = 0; i < conditions->listen_count; i++)
		put_item(&print, "listen", i,
				tlsp_listen_print(&conditions->listens[i], value));
	put(&print, conditions->listen_count ? "\n" : "");
	for(size_t i = 0; i < conditions->peer_count; i++)
		put_item(&print, "peer", i,
				tlsp_network_print(&conditions->peers[i], value));
	put(&print, conditions->peer_count ? "\n" : "");
	for(size_t i = 0; i < conditions->server_name_count; i++)
		put_item(&print, "server_name", i,
				tlsp_hostname_print(
						&conditions->server_names[i], value, sizeof(value)));
	put(&print, conditions->server_name_count ? "\n" : "");
	if(conditions->peer_role != TLSP_PEER_ROLE_BOTH)
		put_line(&print, "peer_role", roles[conditions->peer_role]);
	return end(&print);
}

/* DRIVER://USER:PASSWORD@HOST/... without the password, which may hold an '@';
 * of what looks otherwise the driver alone, but where nothing can be one. */
static void put_url(struct print *print, const char *url)
{
	const char *authority = strstr(url, "://");
	const char *user = authority ? authority + 3 : NULL;
	const char *host = user ? strrchr(user, '@') : NULL;
	const char *password =
			host ? memchr(user, ':', (size_t)(host - user)) : NULL;
	char text[1024];

	if(!user || (!host && strchr(user, ':')))
		snprintf(text, sizeof(text), "%.*s:***", (int)strcspn(url, ":"), url);
	else if(password)
		snprintf(text, sizeof(text), "%.*s:***%s", (int)(password - url), url,
				host);
	else
		snprintf(text, sizeof(text), "%s", url);
	put_line(print, "db_url", text);
}

const char *tlsp_rule_url_objection(const char *url)
{
	return strstr(url, "***")
				   ? "has *** where tls_policy.dump hides the password: write "
					 "the password itself"
				   : NULL;
}

size_t tlsp_rule_print_sources(
		const struct tlsp_rule *rule, char *buffer, size_t size)
{
	const struct tlsp_rule_sources *sources = &rule->sources;
	struct print print = {buffer, size, 0};
	char number[16];

	for(size_t i = 0; i < sources->proxy_count; i++)
		put_line(&print, "proxy", sources->proxies[i]);
	for(size_t i = 0; i < sources->file_count; i++)
		put_line(&print, "proxy_file", sources->files[i]);
	if(sources->db_url)
		put_url(&print, sources->db_url);
	if(sources->db_table)
		put_line(&print, "db_table", sources->db_table);
	if(sources->db_column)
		put_line(&print, "db_column", sources->db_column);
	if(sources->dispatcher_set >= 0) {
		snprintf(number, sizeof(number), "%d", sources->dispatcher_set);
		put_line(&print, "dispatcher_set", number);
	}
	return end(&print);
}
