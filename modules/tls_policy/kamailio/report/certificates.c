/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * certificates - see certificates.h. The lock is for the list of our own: for
 * one copy, and never taken for a handshake.
 */
#include "certificates.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/dprint.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"

struct certificates
{
	gen_lock_t lock;
	struct tlsp_soonest ours;
	struct tlsp_shown_table shown; /* not under the lock */
};

static struct certificates *all; /* shared */

int tlsp_certificates_init(void)
{
	all = shm_malloc(sizeof(*all));
	if(!all) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(all, 0, sizeof(*all));
	if(!lock_init(&all->lock)) {
		shm_free(all);
		all = NULL;
		return -1;
	}
	return 0;
}

void tlsp_certificates_destroy(void)
{
	if(!all)
		return;
	lock_destroy(&all->lock);
	shm_free(all);
	all = NULL;
}

void tlsp_certificates_shown(const struct tlsp_shown *shown)
{
	struct tlsp_certificate certificate = {.kind = TLSP_CERTIFICATE_PEER,
			.role = shown->role,
			.ends_s = shown->ends_s};

	snprintf(certificate.name, sizeof(certificate.name), "%s", shown->identity);
	memcpy(certificate.rule, shown->rule, sizeof(shown->rule));
	tlsp_shown_table_put(&all->shown, &certificate, (int64_t)time(NULL));
}

void tlsp_certificates_replace(const struct tlsp_soonest *list)
{
	lock_get(&all->lock);
	all->ours = *list;
	lock_release(&all->lock);
}

static size_t list_ours(struct tlsp_certificate *rows)
{
	size_t count;

	lock_get(&all->lock);
	count = all->ours.count;
	memcpy(rows, all->ours.rows, count * sizeof(*rows));
	lock_release(&all->lock);
	return count;
}

size_t tlsp_certificates_list(struct tlsp_certificate *rows)
{
	size_t count = list_ours(rows);

	count += tlsp_shown_table_list(
			&all->shown, (int64_t)time(NULL), rows + count);
	tlsp_soonest_sort(rows, count);
	return count;
}

static void take_first(int64_t ends_s, int64_t *first_s, bool *found)
{
	if(!*found || ends_s < *first_s)
		*first_s = ends_s;
	*found = true;
}

bool tlsp_certificates_days_left(enum tlsp_certificate_kind kind, int *days)
{
	int64_t now_s = (int64_t)time(NULL), first_s = 0;
	bool found = false;

	lock_get(&all->lock);
	for(size_t i = 0; i < all->ours.count; i++)
		if(all->ours.rows[i].kind == kind)
			take_first(all->ours.rows[i].ends_s, &first_s, &found);
	lock_release(&all->lock);
	for(size_t i = 0; i < TLSP_SHOWN_PLACES; i++)
		if(kind == TLSP_CERTIFICATE_PEER
				&& tlsp_shown_table_is_news(&all->shown, i, now_s))
			take_first(all->shown.places[i].ends_s, &first_s, &found);
	if(found)
		*days = tlsp_certificate_days_left(first_s, now_s);
	return found;
}

bool tlsp_certificates_due(size_t *place, int within_days, int again_days,
		struct tlsp_certificate *out)
{
	int64_t now_s = (int64_t)time(NULL);

	for(; *place < TLSP_SHOWN_PLACES; ++*place) {
		if(!tlsp_shown_table_is_due(
				   &all->shown, *place, now_s, within_days, again_days)
				|| !tlsp_shown_table_get(&all->shown, *place, now_s, out)
				|| tlsp_certificate_days_left(out->ends_s, now_s) > within_days)
			continue;
		tlsp_shown_table_told(&all->shown, *place, now_s);
		++*place;
		return true;
	}
	return false;
}
