/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * live_policy - the policy and proxies in force, in shared memory. Owns the
 * generations: immutable once published, read by any process without a lock,
 * whatever locks it holds, and freed when no process reads them any more. What
 * writes is for policy/change alone, under a lock that readers never want.
 */
#ifndef TLSP_LIVE_POLICY_H
#define TLSP_LIVE_POLICY_H

#include "openssl/gate.h"
#include "policy/proxies/proxies.h"

/* tlsp_live_policy_init: main process, mod_init. 0, or -1 without memory. */
int tlsp_live_policy_init(void);

/* tlsp_live_policy_init_readers: main process before any fork, when the number
 * of processes is known (PROC_INIT). 0, or -1 without memory. */
int tlsp_live_policy_init_readers(void);

/* tlsp_live_policy_destroy: main process, at the very end. */
void tlsp_live_policy_destroy(void);

/*
 * tlsp_live_policy_acquire: what this process judges by until it calls
 * tlsp_live_policy_release (of NULL: nothing); one at a time for each process. Lock-free. NULL
 * if nothing was published, the process is unknown, or it has acquired and not
 * released.
 */
const struct tlsp_terms *tlsp_live_policy_acquire(void);
void tlsp_live_policy_release(const struct tlsp_terms *terms);

/* tlsp_live_policy_copy: the parameters in force, into |out|; acquires and
 * releases. False where tlsp_live_policy_acquire gives NULL. */
bool tlsp_live_policy_copy(struct tlsp_policy *out);

/*
 * tlsp_live_policy_write_index: the finished list in shared memory, not in
 * force yet; any process, no lock (a list of a million takes its time). NULL
 * without shared memory. Belongs to the caller until it is published.
 */
const struct tlsp_proxies *tlsp_live_policy_write_index(
		const struct tlsp_proxies_builder *builder);

/* tlsp_live_policy_drop_index: of one that was never published; or NULL. */
void tlsp_live_policy_drop_index(const struct tlsp_proxies *proxies);

/*
 * tlsp_live_policy_lock: for policy/change alone, which holds this lock from
 * reading the current generation to publishing the next. Main process at
 * PROC_INIT, or an RPC process. Readers never wait.
 */
void tlsp_live_policy_lock(void);
void tlsp_live_policy_unlock(void);

/* tlsp_live_policy_current: under the lock, for policy/change alone; NULL
 * before the first. */
const struct tlsp_terms *tlsp_live_policy_current(void);

/*
 * tlsp_live_policy_publish: under the lock, for policy/change alone; a new
 * generation of a copy of |policy| and |own_files| and of |proxies|, which are
 * those of the current generation or come from tlsp_live_policy_write_index and
 * belong to the generations from now on. |own_files| are those that |policy|
 * names, freshly read or of the current generation (terms.own_files); NULL if
 * none are named. Every handshake started after this call is held to it. No
 * session from before can be resumed. 0, or -1 without shared memory, when the
 * old one stays (and |proxies| their owner's).
 */
int tlsp_live_policy_publish(const struct tlsp_policy *policy,
		const struct tlsp_proxies *proxies,
		const struct tlsp_own_files *own_files);

/* tlsp_live_policy_collect: takes the lock; frees what no process reads any
 * more. True if nothing is left but the current generation. */
bool tlsp_live_policy_collect(void);

#endif
