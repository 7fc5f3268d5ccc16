/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * told - whether the log has been told of one thing about one peer a short time
 * ago: a table of fixed size in shared memory, without a lock. Peers that share
 * a place in it are told of more often, never less. Any process.
 */
#ifndef TLSP_TOLD_H
#define TLSP_TOLD_H

#include <stdbool.h>

#include "core/ip_addr.h"

/* tlsp_told_init: main process, mod_init. 0, or -1 without memory. */
int tlsp_told_init(void);

/* tlsp_told_is_new: is |what| of |peer| to be told, because it was not in the
 * last ten minutes? Then it counts as told from now on. */
bool tlsp_told_is_new(const struct ip_addr *peer, unsigned what);

#endif
