/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * live_policy - the policy and proxies in force, in shared memory. Owns the
 * generations: immutable once published, read by any process without a lock,
 * whatever locks it holds, and freed when no process reads them any more. Only
 * policy/change publishes; that, and freeing what is old, is under a lock that
 * readers never want.
 */
#ifndef TLSP_LIVE_POLICY_H
#define TLSP_LIVE_POLICY_H

#include "book.h"
#include "openssl/gate.h"

/* tlsp_live_policy_init: main process, mod_init. 0, or -1 without memory. */
int tlsp_live_policy_init(void);

/* tlsp_live_policy_init_readers: main process before any fork, when the number
 * of processes is known (PROC_INIT). 0, or -1 without memory. */
int tlsp_live_policy_init_readers(void);

/* tlsp_live_policy_destroy: main process, at the very end. */
void tlsp_live_policy_destroy(void);

/*
 * tlsp_live_policy_acquire: what this process judges by until it calls
 * tlsp_live_policy_release (of NULL: nothing); one at a time for each process.
 * Lock-free. NULL if nothing was published, the process is unknown, or it has
 * acquired and not released.
 */
const struct tlsp_in_force *tlsp_live_policy_acquire(void);
void tlsp_live_policy_release(const struct tlsp_in_force *in_force);

/* tlsp_live_policy_book: |in_force| as an operator wrote it; acquired, or under
 * the lock. */
const struct tlsp_book *tlsp_live_policy_book(
		const struct tlsp_in_force *in_force);

/* tlsp_live_policy_find: the number of the rule |name|; false if there is none.
 * Likewise. */
bool tlsp_live_policy_find(
		const struct tlsp_in_force *in_force, const char *name, size_t *number);

/* tlsp_live_policy_count: one more, of the rule of that number, when we act as
 * |role|. Lock-free. */
void tlsp_live_policy_count(const struct tlsp_in_force *in_force, size_t rule,
		enum tlsp_rule_count what, enum tlsp_role role);

/* tlsp_live_policy_asks_servers: may any rule in force ask anything of a
 * server? Without acquiring, and without a write: for each message. */
bool tlsp_live_policy_asks_servers(void);

/* tlsp_live_policy_copy: the parameters of the rule |rule| ("default"), into
 * |out|; acquires and releases. False if there is none, or where
 * tlsp_live_policy_acquire gives NULL. */
bool tlsp_live_policy_copy(const char *rule, struct tlsp_policy *out);

/*
 * tlsp_live_policy_lock: for policy/change alone, which holds this lock from
 * reading the current generation to publishing the next. A process
 * that changes the policy. Readers never wait.
 */
void tlsp_live_policy_lock(void);
void tlsp_live_policy_unlock(void);

/* tlsp_live_policy_current: under the lock, for policy/change alone; NULL
 * before the first. */
const struct tlsp_book *tlsp_live_policy_current(void);

/*
 * tlsp_live_policy_publish: under the lock, for policy/change alone; |book| as
 * a new generation. What it has in shared memory belongs to the generations
 * from now on. Every handshake started after this call is held to it. 0, or -1
 * without memory, when the old one stays.
 */
int tlsp_live_policy_publish(struct tlsp_book *book);

/* tlsp_live_policy_collect: takes the lock; frees what no process reads any
 * more. True if nothing is left but the current generation. */
bool tlsp_live_policy_collect(void);

#endif
