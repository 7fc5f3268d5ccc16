/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rules - what a rules file says, in heap memory of the process that read it:
 * the default, and rules in the file's order, each with its conditions, its
 * parameters and the sources of its own proxies. libc only.
 */
#ifndef TLSP_RULES_H
#define TLSP_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conditions.h"
#include "policy/parameters.h"
#include "rule_sources.h"

enum
{
	TLSP_RULE_NAME_OCTETS = 65, /* [A-Za-z0-9_.-]{1,64} and NUL */
	TLSP_RULES_MAX = 65535
};

struct tlsp_rule
{
	char name[TLSP_RULE_NAME_OCTETS]; /* of rules->base: "default" */
	unsigned line;					  /* of its section; 0 = it has none */
	struct tlsp_conditions conditions;
	uint64_t own; /* bit i: row i of the table of parameters is said here */
	struct tlsp_policy policy; /* what it says, over what it inherits */
	struct tlsp_rule_sources sources;
};

struct tlsp_rules
{
	char *file;				/* as it was named; NULL = none */
	struct tlsp_rule *base; /* [default]: what every rule inherits */
	struct tlsp_rule **rules;
	size_t count;
	char **errors; /* sentences with FILE:LINE: it must not be put in force */
	size_t error_count;
	char **warnings; /* likewise: it may */
	size_t warning_count;
};

/* tlsp_rules_new: no file: only a base of |defaults|, of which |named| (bits of
 * rows) were said by modparams. NULL without memory. */
struct tlsp_rules *tlsp_rules_new(
		const struct tlsp_policy *defaults, uint64_t named);

/* tlsp_rules_free: accepts NULL. */
void tlsp_rules_free(struct tlsp_rules *rules);

/* tlsp_rules_make_rule, tlsp_rules_add: a rule without conditions and sources,
 * and its place behind the others, which owns it; for who reads or tests. NULL
 * or false without memory; then |rule|, which may be NULL, is freed. */
struct tlsp_rule *tlsp_rules_make_rule(
		const char *name, unsigned line, const struct tlsp_policy *policy);
bool tlsp_rules_add(struct tlsp_rules *rules, struct tlsp_rule *rule);

/* tlsp_rule_has_sources: does |rule| name any source of proxies? Else it has
 * the default's list. */
bool tlsp_rule_has_sources(const struct tlsp_rule *rule);

/* tlsp_rule_is_for_clients: is |rule| for no server? Then it inherits not whom
 * one must be (`expect`). */
bool tlsp_rule_is_for_clients(const struct tlsp_rule *rule);

/*
 * tlsp_rule_sources_in_force: where the proxies of |rule| come from, into
 * |out|, which owns nothing: what it names, completed from the default's: a
 * table without a database is one of the default's database, a set that stands
 * alone is chosen from the default's files and table. The default's, if it
 * names none.
 */
void tlsp_rule_sources_in_force(struct tlsp_rule_sources *out,
		const struct tlsp_rules *rules, const struct tlsp_rule *rule);

/*
 * tlsp_rule_print_conditions, tlsp_rule_print_sources: as lines of a rules file
 * ("peer = 192.0.2.0/24, 2001:db8::/32\n"), cut at |size|; return how many
 * octets there are in all, like snprintf(3). The password in db_url is shown as
 * "***".
 */
size_t tlsp_rule_print_conditions(
		const struct tlsp_rule *rule, char *buffer, size_t size);
size_t tlsp_rule_print_sources(
		const struct tlsp_rule *rule, char *buffer, size_t size);

/* tlsp_rule_url_objection: half a sentence about a db_url as it was printed,
 * without its password; NULL if it is whole. */
const char *tlsp_rule_url_objection(const char *url);

#endif
