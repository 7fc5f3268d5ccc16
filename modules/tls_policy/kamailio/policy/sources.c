/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sources - see sources.h. The texts of the parameters are kept in
 * the heap of the main process, so every process has them after the fork. A
 * list is built in the heap of the process that loads, then written once into
 * shared memory; the heap is given back.
 */
#include "sources.h"

#include <limits.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/dprint.h"
#include "core/globals.h"

#include "files/proxy_file.h"
#include "files/rules_file.h"
#include "book_files.h"
#include "database.h"
#include "live_policy.h"
#include "shared.h"

static struct tlsp_rule_sources params = {.dispatcher_set = -1};
static char *rules_file; /* `config`; NULL = none */

static void tell_no_memory(void)
{
	LM_ERR("no memory for the sources of proxies\n");
}

static char *copy(const char *text)
{
	char *kept = strdup(text);

	if(!kept)
		tell_no_memory();
	return kept;
}

static int keep(char ***texts, size_t *count, const char *text)
{
	if(tlsp_rules_add_text(texts, count, text))
		return 0;
	tell_no_memory();
	return -1;
}

/* proxy, repeatable: one host. A bad one is refused here, where the core adds
 * its file and line; whether a wildcard may be is not known yet. */
static int set_proxy(modparam_t type, void *value)
{
	struct tlsp_proxy_list list;
	const char *text = value;
	bool ok;

	(void)type;
	ok = tlsp_proxy_list_init(&list, true)
		 && tlsp_proxy_list_add(&list, "proxy", text, strlen(text));
	tlsp_proxy_list_cleanup(&list);
	if(ok)
		return keep(&params.proxies, &params.proxy_count, text);
	LM_ERR("%s\n", list.error);
	return -1;
}

/* proxy_file, repeatable: a path. */
static int set_file(modparam_t type, void *value)
{
	(void)type;
	if(*(const char *)value)
		return keep(&params.files, &params.file_count, value);
	LM_ERR("proxy_file is empty\n");
	return -1;
}

static int set_url(modparam_t type, void *value)
{
	const char *url = value, *why = tlsp_rule_url_objection(url);

	(void)type;
	if(!why)
		why = tlsp_rule_sources_url_fault(url, strlen(url));
	if(why) {
		LM_ERR("db_url %s\n", why);
		return -1;
	}
	params.db_url = copy(url);
	return params.db_url ? 0 : -1;
}

static int set_name(const char *parameter, char **out, const char *name)
{
	const char *why = tlsp_rule_sources_name_fault(name, strlen(name));

	if(why) {
		LM_ERR("%s %s\n", parameter, why);
		return -1;
	}
	*out = copy(name);
	return *out ? 0 : -1;
}

static int set_table(modparam_t type, void *value)
{
	(void)type;
	return set_name("db_table", &params.db_table, value);
}

static int set_column(modparam_t type, void *value)
{
	(void)type;
	return set_name("db_column", &params.db_column, value);
}

/* As tls.cfg: a relative one lies beside kamailio.cfg, wherever the processes
 * work. */
static char *beside_configuration(const char *name)
{
	char path[PATH_MAX] = "", *slash;

	if(cfg_file && !realpath(cfg_file, path))
		path[0] = '\0';
	slash = strrchr(path, '/');
	if(slash)
		slash[1] = '\0';
	return tlsp_rule_sources_resolve(path, name, strlen(name));
}

/* config: the rules file. */
static int set_config(modparam_t type, void *value)
{
	(void)type;
	if(rules_file || !*(const char *)value) {
		LM_ERR("config names one rules file\n");
		return -1;
	}
	rules_file = beside_configuration(value);
	if(rules_file)
		return 0;
	LM_ERR("no memory for the name of the rules file\n");
	return -1;
}

const param_export_t *tlsp_proxy_sources_params(void)
{
	/* clang-format off */
	static const param_export_t rows[TLSP_PROXY_SOURCES_PARAMS] = {
		{"proxy",      PARAM_STRING | PARAM_USE_FUNC, (void *)set_proxy},
		{"proxy_file", PARAM_STRING | PARAM_USE_FUNC, (void *)set_file},
		{"db_url",     PARAM_STRING | PARAM_USE_FUNC, (void *)set_url},
		{"db_table",   PARAM_STRING | PARAM_USE_FUNC, (void *)set_table},
		{"db_column",  PARAM_STRING | PARAM_USE_FUNC, (void *)set_column},
		{"config",     PARAM_STRING | PARAM_USE_FUNC, (void *)set_config},
	};
	/* clang-format on */
	return rows;
}

int tlsp_proxy_sources_init(void)
{
	char error[256];

	if(!params.db_url
			|| tlsp_proxy_database_bind(params.db_url, error, sizeof(error)))
		return 0;
	LM_ERR("%s\n", error);
	return -1;
}

static bool read_sources(struct tlsp_proxy_list *list,
		const struct tlsp_rule_sources *from, struct tlsp_seen_files *seen)
{
	const struct tlsp_proxy_table table = {from->db_url,
			from->db_table ? from->db_table : "dispatcher",
			from->db_column ? from->db_column : "destination",
			from->dispatcher_set};

	list->dispatcher_set = from->dispatcher_set;
	for(size_t i = 0; i < from->proxy_count; i++)
		if(!tlsp_proxy_list_add(
				   list, "proxy", from->proxies[i], strlen(from->proxies[i])))
			return false;
	for(size_t i = 0; i < from->file_count; i++) {
		tlsp_seen_files_note(seen, from->files[i]); /* before: it may change */
		if(!tlsp_proxy_file_add(list, from->files[i]))
			return false;
	}
	return !table.url || tlsp_proxy_database_add(list, &table);
}

static bool add_name(char **to, const char *name)
{
	if(*to || !name)
		return true;
	*to = copy(name);
	return *to != NULL;
}

/* What kamailio.cfg names is the default's, in front of what the file says. */
static bool add_params(struct tlsp_rule_sources *base)
{
	bool done = true;

	for(size_t i = 0; done && i < params.proxy_count; i++)
		done = tlsp_rules_add_text(
				&base->proxies, &base->proxy_count, params.proxies[i]);
	for(size_t i = 0; done && i < params.file_count; i++)
		done = tlsp_rules_add_text(
				&base->files, &base->file_count, params.files[i]);
	return done && add_name(&base->db_url, params.db_url)
		   && add_name(&base->db_table, params.db_table)
		   && add_name(&base->db_column, params.db_column);
}

static const struct tlsp_proxies *write_index(struct tlsp_book *book,
		const struct tlsp_proxies_builder *builder, char *error, size_t size)
{
	size_t octets = tlsp_proxies_builder_octets(builder);
	void *index = tlsp_shared_new(octets, false);
	bool done;

	if(index)
		tlsp_proxies_builder_write(builder, index);
	done = index && tlsp_shared_seal(index);
	if(!done)
		tlsp_shared_drop(index);
	if(done && tlsp_book_keep_shared(book, index))
		return index;
	snprintf(error, size,
			"no shared memory for an index of %zu octets: start Kamailio with "
			"a larger -m",
			octets);
	return NULL;
}

/* What one reading of all lists needs. */
struct loading
{
	struct tlsp_book *book;
	const struct tlsp_rules *rules;
	struct tlsp_seen_files *seen;
	struct tlsp_proxy_faults faults;
	char *error;
	size_t size;
};

static void tell_fault(const char *sentence)
{
	LM_ERR("%s\n", sentence);
}

/* "rule carriers: ", or "" for the default. */
static const char *prefix_of(const struct tlsp_rules *rules,
		const struct tlsp_rule *rule, char text[TLSP_RULE_NAME_OCTETS + 8])
{
	snprintf(text, TLSP_RULE_NAME_OCTETS + 8,
			rule == rules->base ? "" : "rule %s: ", rule->name);
	return text;
}

/* The list of |rule|, as long as nothing has been at fault, into |out|. False if
 * nothing more can be read. */
static bool load(struct loading *loading, const struct tlsp_rule *rule,
		struct tlsp_book_rule *out)
{
	char prefix[TLSP_RULE_NAME_OCTETS + 8];
	struct tlsp_rule_sources from;
	struct tlsp_proxy_list list;
	bool done;

	tlsp_rule_sources_in_force(&from, loading->rules, rule);
	done = tlsp_proxy_list_init(&list, out->policy->wildcard_proxies);
	list.faults = &loading->faults;
	list.prefix = prefix_of(loading->rules, rule, prefix);
	done = done && read_sources(&list, &from, loading->seen);
	if(!done)
		snprintf(loading->error, loading->size, "%s", list.error);
	if(done && loading->faults.count == 0) {
		out->proxies = write_index(
				loading->book, list.builder, loading->error, loading->size);
		done = out->proxies != NULL;
	}
	tlsp_proxy_list_cleanup(&list);
	return done;
}

static bool load_each(struct loading *loading)
{
	struct tlsp_book_rule *rules = loading->book->rules;

	rules[0].own_proxies = true;
	for(size_t i = 0; i <= loading->book->count; i++) {
		const struct tlsp_rule *read =
				i == 0 ? loading->rules->base : loading->rules->rules[i - 1];

		if(!rules[i].own_proxies)
			rules[i].proxies = rules[0].proxies;
		else if(!load(loading, read, &rules[i]))
			return false;
	}
	return true;
}

/* All of them, so that whatever is at fault is told at once; if nothing more can
 * be read, that is told instead. */
static bool load_lists(struct tlsp_book *book, const struct tlsp_rules *rules,
		struct tlsp_seen_files *seen, char *error, size_t size)
{
	struct loading loading = {
			book, rules, seen, {.tell = tell_fault}, error, size};
	bool read = load_each(&loading);

	if(loading.faults.count == 0)
		return read;
	if(read || loading.faults.count == TLSP_PROXY_FAULTS_MAX)
		tlsp_proxy_faults_print(&loading.faults, error, size);
	else
		tell_fault(loading.faults.first);
	return false;
}

static struct tlsp_rules *read_rules(const struct tlsp_policy *defaults,
		uint64_t named, struct tlsp_seen_files *seen, char *error, size_t size)
{
	struct tlsp_rules *rules;

	if(rules_file)
		tlsp_seen_files_note(seen, rules_file); /* before: it may change */
	rules = rules_file ? tlsp_rules_file_read(
					rules_file, defaults, named, error, size)
					   : tlsp_rules_new(defaults, named);
	if(!rules && !rules_file)
		snprintf(error, size, "no memory for the rules");
	if(!rules || add_params(&rules->base->sources))
		return rules;
	snprintf(error, size, "no memory for the sources of proxies");
	tlsp_rules_free(rules);
	return NULL;
}

/* What was set by command decides how lists are read, too. */
static bool set_as_now(struct tlsp_book *out)
{
	const struct tlsp_in_force *now = tlsp_live_policy_acquire();
	bool done = !now || tlsp_book_set_as(out, tlsp_live_policy_book(now));

	tlsp_live_policy_release(now);
	return done;
}

static bool fill(struct tlsp_book *out, const struct tlsp_rules *rules,
		struct tlsp_seen_files *seen, char *error, size_t size)
{
	for(size_t i = 0; i < rules->warning_count; i++)
		LM_WARN("%s\n", rules->warnings[i]);
	if(tlsp_book_read(out, rules) && set_as_now(out))
		return load_lists(out, rules, seen, error, size);
	snprintf(error, size, "no memory for the rules");
	return false;
}

bool tlsp_sources_read(struct tlsp_book *out,
		const struct tlsp_policy *defaults, uint64_t named,
		struct tlsp_seen_files *seen, char *error, size_t size)
{
	struct tlsp_seen_files read = {NULL};
	struct tlsp_rules *rules = read_rules(defaults, named, &read, error, size);
	bool filled, done;

	memset(out, 0, sizeof(*out));
	filled = rules && fill(out, rules, &read, error, size);
	done = tlsp_book_keep_seen(out, &read, filled, &out->sources_seen, seen);
	if(filled && !done)
		snprintf(error, size, "no memory for the names of the files");
	done = done && tlsp_book_read_files(out, seen, error, size);
	tlsp_rules_free(rules);
	malloc_trim(0);
	return done;
}
