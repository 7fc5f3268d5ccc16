/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * soonest - a list of certificates, of fixed size: those that end first. Its
 * owner sees to it that one at a time uses it.
 */
#ifndef TLSP_SOONEST_H
#define TLSP_SOONEST_H

#include <stdbool.h>
#include <stddef.h>

#include "certificate.h"

enum
{
	TLSP_SOONEST_MAX = 256
};

/* Zeroed memory is an empty one. */
struct tlsp_soonest
{
	size_t count;
	size_t left_out; /* that last longer than any here */
	struct tlsp_certificate rows[TLSP_SOONEST_MAX];
};

/* tlsp_soonest_add: a copy of |certificate|, unless there are as many that end
 * before it; then the one that lasts longest goes. */
void tlsp_soonest_add(
		struct tlsp_soonest *list, const struct tlsp_certificate *certificate);

/* tlsp_soonest_has: is that certificate there? */
bool tlsp_soonest_has(const struct tlsp_soonest *list,
		enum tlsp_certificate_kind kind, uint64_t about);

/* tlsp_soonest_sort: |count| of |rows|, those that end first at first. */
void tlsp_soonest_sort(struct tlsp_certificate *rows, size_t count);

#endif
