/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rule_sources - the parameters that say where proxies come from (proxy,
 * proxy_file, db_url, db_table, db_column, dispatcher_set), read as an operator
 * writes them. Opens nothing. libc and policy/host only; any process.
 */
#ifndef TLSP_RULE_SOURCES_H
#define TLSP_RULE_SOURCES_H

#include <stdbool.h>
#include <stddef.h>

enum
{
	TLSP_SOURCE_NAME_MAX_OCTETS = 128 /* of a table or column */
};

/* Where the proxies of one list come from, as written; relative files are
 * resolved. NULL, 0 or -1: not named. */
struct tlsp_rule_sources
{
	char **proxies;
	size_t proxy_count;
	char **files;
	size_t file_count;
	char *db_url, *db_table, *db_column;
	int dispatcher_set; /* only this set of dispatcher lists and tables */
};

/* tlsp_rule_sources_url_fault, tlsp_rule_sources_name_fault: half a sentence that
 * follows |text| which cannot be a db_url, or a db_table or db_column; NULL if it
 * can. Static. */
const char *tlsp_rule_sources_url_fault(const char *text, size_t octets);
const char *tlsp_rule_sources_name_fault(const char *text, size_t octets);

/* tlsp_rule_sources_is_one: is |key| one of these parameters? */
bool tlsp_rule_sources_is_one(const char *key);

/*
 * tlsp_rule_sources_add: |text| for |key|; proxy and proxy_file take a list by
 * commas and add to what is there, any other is refused the second time. A
 * relative file is taken from |directory| (tlsp_rule_sources_resolve). False,
 * and "KEY: ..." in |error|.
 */
bool tlsp_rule_sources_add(struct tlsp_rule_sources *sources, const char *key,
		const char *text, const char *directory, char *error, size_t size);

/* tlsp_rule_sources_has_wildcard: is any `proxy` a "*.name"? */
bool tlsp_rule_sources_has_wildcard(const struct tlsp_rule_sources *sources);

/* tlsp_rule_sources_cleanup: frees what |sources| holds. */
void tlsp_rule_sources_cleanup(struct tlsp_rule_sources *sources);

/*
 * tlsp_rule_sources_resolve: the file |name| as tls.cfg has it: one that begins
 * with '/' or '.' as it is, any other in |directory|, which is a path up to its
 * last slash or "". From malloc; NULL without memory.
 */
char *tlsp_rule_sources_resolve(
		const char *directory, const char *name, size_t octets);

/* tlsp_rules_add_text: a copy of |text| behind the others of an array from
 * malloc; false without memory. */
bool tlsp_rules_add_text(char ***texts, size_t *count, const char *text);

#endif
