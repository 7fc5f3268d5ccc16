/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sources - see sources.h. The texts of the parameters are kept in
 * the heap of the main process, so every process has them after the fork. A
 * list is built in the heap of the process that loads, then written once into
 * shared memory; the heap is given back.
 */
#include "sources.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/dprint.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"

#include "files/proxy_file.h"
#include "live_policy.h"
#include "change.h"
#include "database.h"

enum
{
	NAME_MAX_OCTETS = 128, /* of a table or column */
	COLLECT_TRIES = 200,   /* for readers of the old list ... */
	COLLECT_WAIT_US = 5000 /* ... to end their step of a handshake */
};

struct texts
{
	char **items;
	size_t count;
};

static struct texts proxies, files;
static struct tlsp_proxy_table table = {NULL, "dispatcher", "destination"};
static gen_lock_t *reloading; /* shared; held through a reload */

static char *copy(const char *text)
{
	char *kept = strdup(text);

	if(!kept)
		LM_ERR("no memory for the sources of proxies\n");
	return kept;
}

static int keep(struct texts *texts, const char *text)
{
	char **items = realloc(texts->items, (texts->count + 1) * sizeof(*items));
	char *kept = copy(text);

	if(items)
		texts->items = items;
	if(!items || !kept) {
		free(kept);
		return -1;
	}
	items[texts->count++] = kept;
	return 0;
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
		return keep(&proxies, text);
	LM_ERR("%s\n", list.error);
	return -1;
}

/* proxy_file, repeatable: a path. */
static int set_file(modparam_t type, void *value)
{
	(void)type;
	if(*(const char *)value)
		return keep(&files, value);
	LM_ERR("proxy_file is empty\n");
	return -1;
}

static int set_url(modparam_t type, void *value)
{
	const char *url = value;

	(void)type;
	if(!strchr(url, ':') || url[0] == ':') {
		LM_ERR("db_url is no URL of a database (DRIVER://...)\n");
		return -1;
	}
	table.url = copy(url);
	return table.url ? 0 : -1;
}

/* Goes into a query as it is, so: a name and nothing else. */
static int set_name(const char *parameter, const char **out, const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
								  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.$";
	size_t octets = strlen(name);

	if(octets == 0 || octets > NAME_MAX_OCTETS
			|| strspn(name, allowed) != octets) {
		LM_ERR("%s is no name of letters, digits, '_', '.' and '$'\n",
				parameter);
		return -1;
	}
	*out = copy(name);
	return *out ? 0 : -1;
}

static int set_table(modparam_t type, void *value)
{
	(void)type;
	return set_name("db_table", &table.table, value);
}

static int set_column(modparam_t type, void *value)
{
	(void)type;
	return set_name("db_column", &table.column, value);
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
	};
	/* clang-format on */
	return rows;
}

int tlsp_proxy_sources_init(void)
{
	reloading = shm_malloc(sizeof(*reloading));
	if(!reloading || !lock_init(reloading)) {
		SHM_MEM_ERROR;
		return -1;
	}
	return table.url ? tlsp_proxy_database_bind(table.url) : 0;
}

static bool read_sources(struct tlsp_proxy_list *list)
{
	for(size_t i = 0; i < proxies.count; i++)
		if(!tlsp_proxy_list_add(
				   list, "proxy", proxies.items[i], strlen(proxies.items[i])))
			return false;
	for(size_t i = 0; i < files.count; i++)
		if(!tlsp_proxy_file_add(list, files.items[i]))
			return false;
	return !table.url || tlsp_proxy_database_add(list, &table);
}

const struct tlsp_proxies *tlsp_proxy_sources_load(
		const struct tlsp_policy *policy, char *error, size_t size)
{
	const struct tlsp_proxies *index = NULL;
	struct tlsp_proxy_list list;

	if(!tlsp_proxy_list_init(&list, policy->wildcard_proxies)
			|| !read_sources(&list)) {
		snprintf(error, size, "%s", list.error);
	} else {
		index = tlsp_live_policy_write_index(list.builder);
		if(!index)
			snprintf(error, size,
					"no shared memory for an index of %zu octets: start "
					"Kamailio with a larger -m",
					tlsp_proxies_builder_octets(list.builder));
	}
	tlsp_proxy_list_cleanup(&list);
	malloc_trim(0);
	return index;
}

/* A policy that compares names keeps at least one proxy. Files that are named
 * are read anew too. */
static bool reload(size_t *count, char *error, size_t size)
{
	struct tlsp_change change = {.own_files = true};
	struct tlsp_policy policy;

	tlsp_live_policy_collect();
	if(!tlsp_live_policy_copy(&policy)) {
		snprintf(error, size, "no policy is in force");
		return false;
	}
	change.proxies = tlsp_proxy_sources_load(&policy, error, size);
	if(!change.proxies)
		return false;
	*count = tlsp_proxies_count(change.proxies);
	if(!tlsp_policy_change(&change, error, size)) {
		tlsp_live_policy_drop_index(change.proxies);
		return false;
	}
	for(int i = 0; i < COLLECT_TRIES && !tlsp_live_policy_collect(); i++)
		usleep(COLLECT_WAIT_US);
	return true;
}

bool tlsp_proxy_sources_reload(size_t *count, char *error, size_t size)
{
	bool done;

	if(lock_try(reloading) != 0) {
		snprintf(error, size, "another reload is running");
		return false;
	}
	done = reload(count, error, size);
	lock_release(reloading);
	return done;
}
