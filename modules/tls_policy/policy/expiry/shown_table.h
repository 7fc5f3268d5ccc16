/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shown_table - the certificates that peers have shown lately, in a table of
 * fixed size that many processes share without a lock: who writes or reads a
 * place takes it for a moment, and nobody who writes waits for one. For each peer
 * and rule the newest; a place that is needed is taken from the one that lasts
 * longest. The caller knows the time and has the memory.
 */
#ifndef TLSP_SHOWN_TABLE_H
#define TLSP_SHOWN_TABLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "certificate.h"

enum
{
	TLSP_SHOWN_PLACES = 256,
	TLSP_SHOWN_ENDED_S =
			30 * TLSP_CERTIFICATE_S_PER_DAY /* then it is no news */
};

struct tlsp_shown_place
{
	atomic_bool taken;		/* by a process, for one copy */
	_Atomic uint64_t about; /* as that of |certificate|; 0: the place is free */
	_Atomic int64_t ends_s;
	_Atomic int64_t told_s; /* when it was told last that it ends; 0: never */
	struct tlsp_certificate certificate; /* of who has taken it */
};

/* Zeroed memory is an empty one. */
struct tlsp_shown_table
{
	struct tlsp_shown_place places[TLSP_SHOWN_PLACES];
};

/* tlsp_shown_table_put: |certificate|, whose |about| is made here of name, role
 * and rule, was shown at |now_s|. Never waits; false, in the rarest of cases, if
 * others were at the same places: then the table is as it was. */
bool tlsp_shown_table_put(struct tlsp_shown_table *table,
		const struct tlsp_certificate *certificate, int64_t now_s);

/* tlsp_shown_table_is_news: is there one at |place|, 0 to TLSP_SHOWN_PLACES - 1,
 * that has not ended long before |now_s|? */
bool tlsp_shown_table_is_news(
		const struct tlsp_shown_table *table, size_t place, int64_t now_s);

/* tlsp_shown_table_get: a copy of the certificate at |place|. False if
 * there is none that is news at |now_s|. Waits while another copies it. */
bool tlsp_shown_table_get(struct tlsp_shown_table *table, size_t place,
		int64_t now_s, struct tlsp_certificate *out);

/* tlsp_shown_table_list: copies of all that is news at |now_s|, into |rows|,
 * which has TLSP_SHOWN_PLACES; returns how many. Likewise. */
size_t tlsp_shown_table_list(struct tlsp_shown_table *table, int64_t now_s,
		struct tlsp_certificate *rows);

/*
 * tlsp_shown_table_is_due: does the certificate at |place| end within
 * |within_days|, and was that not told in the last |again_days|, or since it has
 * ended? Looks only. tlsp_shown_table_told: it is told at |now_s|.
 */
bool tlsp_shown_table_is_due(const struct tlsp_shown_table *table, size_t place,
		int64_t now_s, int within_days, int again_days);
void tlsp_shown_table_told(
		struct tlsp_shown_table *table, size_t place, int64_t now_s);

#endif
