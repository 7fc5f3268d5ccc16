/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * terms - see terms.h. The table of parameters says what each decides about.
 */
#include "terms.h"

#include <string.h>

#include "policy/verdict.h"

enum
{
	PARTS_MAX = 64 /* parameters, and some */
};

struct parts
{
	struct tlsp_part parts[PARTS_MAX];
	size_t count;
};

static void add(struct parts *list, const void *data, size_t octets)
{
	if(list->count < PARTS_MAX)
		list->parts[list->count] = (struct tlsp_part){data, octets};
	list->count++;
}

static void add_parameters(struct parts *list, const struct tlsp_policy *policy,
		enum tlsp_decides decides)
{
	for(size_t i = 0; i < tlsp_parameters_count(); i++) {
		const struct tlsp_parameter *parameter = tlsp_parameters_at(i);
		size_t octets;
		const void *value = tlsp_parameters_value(parameter, policy, &octets);

		if(parameter->decides == decides)
			add(list, value, octets);
	}
}

static bool finish(struct tlsp_digest *out, const struct parts *list)
{
	return list->count <= PARTS_MAX
		   && tlsp_digest(out, list->parts, list->count);
}

size_t tlsp_terms_number(
		const struct tlsp_in_force *all, const struct tlsp_rule_facts *facts)
{
	size_t number =
			all->selection ? tlsp_selection_find(all->selection, facts) : 0;

	return number <= all->rules ? number : 0;
}

struct tlsp_reference tlsp_terms_reference(const struct tlsp_terms *terms,
		const struct tlsp_digest *asked, bool named)
{
	return (struct tlsp_reference){named, named ? *asked : terms->expected};
}

bool tlsp_reference_serves(const struct tlsp_reference *reference,
		const struct tlsp_reference *wanted)
{
	return reference->named == wanted->named
		   && tlsp_digest_equal(&reference->name, &wanted->name);
}

static bool digest_own(
		struct tlsp_digest *out, const struct tlsp_own_files *files)
{
	const struct tlsp_part all = {
			files, files ? tlsp_own_files_octets(files) : 0};

	return tlsp_digest(out, &all, 1);
}

bool tlsp_terms_digest(
		struct tlsp_terms *terms, const struct tlsp_digest *proxies)
{
	const struct tlsp_policy *policy = terms->policy;
	const unsigned char asks[] = {
			tlsp_verdict_asks_certificate(policy, TLSP_ROLE_SERVER),
			tlsp_verdict_asks_certificate(policy, TLSP_ROLE_CLIENT)};
	const struct tlsp_part expected = {policy->expect, strlen(policy->expect)};
	struct parts chain = {.count = 0}, leaf = {.count = 0};

	if(!digest_own(&terms->own, terms->own_files)
			|| !tlsp_digest(&terms->expected, &expected, 1))
		return false;
	add(&chain, terms->rule, strlen(terms->rule) + 1);
	add_parameters(&chain, policy, TLSP_DECIDES_CHAIN);
	add(&chain, asks, sizeof(asks));
	add(&chain, terms->own.octets, sizeof(terms->own.octets));
	add_parameters(&leaf, policy, TLSP_DECIDES_LEAF);
	add(&leaf, proxies->octets, sizeof(proxies->octets));
	return finish(&terms->chain, &chain) && finish(&terms->leaf, &leaf);
}
