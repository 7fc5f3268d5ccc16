/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * soonest - see soonest.h.
 */
#include "soonest.h"

#include <stdlib.h>
#include <string.h>

static struct tlsp_certificate *longest(struct tlsp_soonest *list)
{
	struct tlsp_certificate *found = &list->rows[0];

	for(size_t i = 1; i < list->count; i++)
		if(list->rows[i].ends_s > found->ends_s)
			found = &list->rows[i];
	return found;
}

void tlsp_soonest_add(
		struct tlsp_soonest *list, const struct tlsp_certificate *certificate)
{
	struct tlsp_certificate *last;

	if(list->count < TLSP_SOONEST_MAX) {
		list->rows[list->count++] = *certificate;
		return;
	}
	list->left_out++;
	last = longest(list);
	if(certificate->ends_s < last->ends_s)
		*last = *certificate;
}

bool tlsp_soonest_has(const struct tlsp_soonest *list,
		enum tlsp_certificate_kind kind, uint64_t about)
{
	for(size_t i = 0; i < list->count; i++)
		if(list->rows[i].kind == kind && list->rows[i].about == about)
			return true;
	return false;
}

static int compare(const void *a, const void *b)
{
	const struct tlsp_certificate *one = a, *other = b;

	if(one->ends_s != other->ends_s)
		return one->ends_s < other->ends_s ? -1 : 1;
	if(one->kind != other->kind)
		return one->kind < other->kind ? -1 : 1;
	return strcmp(one->name, other->name);
}

void tlsp_soonest_sort(struct tlsp_certificate *rows, size_t count)
{
	qsort(rows, count, sizeof(*rows), compare);
}
