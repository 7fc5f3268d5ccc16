/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rule_sources - see rule_sources.h.
 */
#include "rule_sources.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "policy/escape.h"
#include "policy/host/hostname.h"
#include "texts.h"

static const char no_memory[] = "finds no memory";

bool tlsp_rules_add_text(char ***texts, size_t *count, const char *text)
{
	return tlsp_texts_keep(texts, count, strdup(text));
}

char *tlsp_rule_sources_resolve(
		const char *directory, const char *name, size_t octets)
{
	size_t before = name[0] == '/' || name[0] == '.' ? 0 : strlen(directory);
	char *path = malloc(before + octets + 1);

	if(!path)
		return NULL;
	memcpy(path, directory, before);
	memcpy(path + before, name, octets);
	path[before + octets] = '\0';
	return path;
}

/* Below: |text| into |sources|; NULL, or half a sentence that follows it. */

static const char *add_proxy(struct tlsp_rule_sources *sources,
		const char *text, size_t octets, const char *directory)
{
	struct tlsp_host host;
	enum tlsp_host_error error =
			tlsp_hostname_from_operator(&host, text, octets);

	(void)directory;
	if(error != TLSP_HOST_OK)
		return tlsp_hostname_error_text(error);
	return tlsp_texts_keep(&sources->proxies, &sources->proxy_count,
				   strndup(text, octets))
				   ? NULL
				   : no_memory;
}

static const char *add_file(struct tlsp_rule_sources *sources, const char *text,
		size_t octets, const char *directory)
{
	if(octets == 0)
		return "is empty";
	return tlsp_texts_keep(&sources->files, &sources->file_count,
				   tlsp_rule_sources_resolve(directory, text, octets))
				   ? NULL
				   : no_memory;
}

static const char *keep(char **out, const char *text, size_t octets)
{
	if(*out)
		return "is named a second time";
	*out = strndup(text, octets);
	return *out ? NULL : no_memory;
}

const char *tlsp_rule_sources_url_fault(const char *text, size_t octets)
{
	return memchr(text, ':', octets) && text[0] != ':'
				   ? NULL
				   : "is no URL of a database (DRIVER://...)";
}

static const char *set_url(struct tlsp_rule_sources *sources, const char *text,
		size_t octets, const char *directory)
{
	const char *fault = tlsp_rule_sources_url_fault(text, octets);

	(void)directory;
	return fault ? fault : keep(&sources->db_url, text, octets);
}

/* Goes into a query as it is, so: a name and nothing else. */
const char *tlsp_rule_sources_name_fault(const char *text, size_t octets)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
								  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.$";

	if(octets == 0 || octets > TLSP_SOURCE_NAME_MAX_OCTETS
			|| strspn(text, allowed) < octets)
		return "is no name of letters, digits, '_', '.' and '$'";
	return NULL;
}

static const char *set_name(char **out, const char *text, size_t octets)
{
	const char *fault = tlsp_rule_sources_name_fault(text, octets);

	return fault ? fault : keep(out, text, octets);
}

static const char *set_table(struct tlsp_rule_sources *sources,
		const char *text, size_t octets, const char *directory)
{
	(void)directory;
	return set_name(&sources->db_table, text, octets);
}

static const char *set_column(struct tlsp_rule_sources *sources,
		const char *text, size_t octets, const char *directory)
{
	(void)directory;
	return set_name(&sources->db_column, text, octets);
}

static const char *set_set(struct tlsp_rule_sources *sources, const char *text,
		size_t octets, const char *directory)
{
	static const char no_set[] = "is not a number from 0 to 2147483647";
	long long set = 0;

	(void)directory;
	if(octets == 0 || octets > 10 || (octets > 1 && text[0] == '0'))
		return no_set;
	for(size_t i = 0; i < octets; i++) {
		if(text[i] < '0' || text[i] > '9')
			return no_set;
		set = set * 10 + (text[i] - '0');
	}
	if(set > INT_MAX)
		return no_set;
	if(sources->dispatcher_set >= 0)
		return "is named a second time";
	sources->dispatcher_set = (int)set;
	return NULL;
}

struct source
{
	const char *key;
	bool list;
	const char *(*add)(struct tlsp_rule_sources *sources, const char *text,
			size_t octets, const char *directory);
};

static const struct source *find(const char *key)
{
	static const struct source table[] = {
			{"proxy", true, add_proxy},
			{"proxy_file", true, add_file},
			{"db_url", false, set_url},
			{"db_table", false, set_table},
			{"db_column", false, set_column},
			{"dispatcher_set", false, set_set},
	};

	for(size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if(strcasecmp(table[i].key, key) == 0)
			return &table[i];
	return NULL;
}

bool tlsp_rule_sources_is_one(const char *key)
{
	return find(key) != NULL;
}

bool tlsp_rule_sources_add(struct tlsp_rule_sources *sources, const char *key,
		const char *text, const char *directory, char *error, size_t size)
{
	static const char blanks[] = " \t";
	const struct source *source = find(key);
	char shown[TLSP_ESCAPE_QUOTED_OCTETS];
	const char *why;
	size_t octets;

	if(!source) {
		snprintf(error, size, "unknown source of proxies");
		return false;
	}
	for(;;) {
		text += strspn(text, blanks);
		octets = source->list ? strcspn(text, ",") : strlen(text);
		while(octets && strchr(blanks, text[octets - 1]))
			octets--;
		why = source->add(sources, text, octets, directory);
		if(why)
			break;
		text += octets + strspn(text + octets, blanks);
		if(*text != ',')
			return true;
		text++;
	}
	if(source->add == set_url) /* may hold a password */
		snprintf(error, size, "%s: what is written %s", source->key, why);
	else
		snprintf(error, size, "%s: \"%s\" %s", source->key,
				tlsp_escape_written(text, octets, shown, sizeof(shown)), why);
	return false;
}

bool tlsp_rule_sources_has_wildcard(const struct tlsp_rule_sources *sources)
{
	struct tlsp_host host;

	for(size_t i = 0; i < sources->proxy_count; i++)
		if(tlsp_hostname_from_operator(
				   &host, sources->proxies[i], strlen(sources->proxies[i]))
						== TLSP_HOST_OK
				&& host.kind == TLSP_HOST_WILDCARD)
			return true;
	return false;
}

void tlsp_rule_sources_cleanup(struct tlsp_rule_sources *sources)
{
	tlsp_texts_free(sources->proxies, sources->proxy_count);
	tlsp_texts_free(sources->files, sources->file_count);
	free(sources->db_url);
	free(sources->db_table);
	free(sources->db_column);
	memset(sources, 0, sizeof(*sources));
	sources->dispatcher_set = -1;
}
