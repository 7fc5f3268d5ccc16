/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shared - blocks in shared memory that one generation of the policy after the
 * other may refer to: lists of proxies, files, indexes, counters. Written once,
 * by whoever makes them, and freed with the last generation. Any process that
 * changes the policy (change.h); the counting is done under the lock of
 * live_policy.
 */
#ifndef TLSP_SHARED_H
#define TLSP_SHARED_H

#include <stdbool.h>
#include <stddef.h>

#include "openssl/digest.h"

/* tlsp_shared_new: |octets| of zeros, aligned to 8, in no generation yet; NULL
 * without shared memory. |secret|: cleared before it is freed. */
void *tlsp_shared_new(size_t octets, bool secret);

/* tlsp_shared_seal: what |block| holds will not change any more: its digest.
 * False without memory. */
bool tlsp_shared_seal(void *block);

/* tlsp_shared_digest: of a sealed one. */
const struct tlsp_digest *tlsp_shared_digest(const void *block);

/* tlsp_shared_hold, tlsp_shared_release: one generation more, or one less, which
 * frees the last. Under the lock of live_policy, or when nobody else is left.
 * NULL: nothing. */
void tlsp_shared_hold(const void *block);
void tlsp_shared_release(const void *block);

/* tlsp_shared_drop: frees one that no generation has. NULL: nothing. */
void tlsp_shared_drop(const void *block);

#endif
