/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * policy_files - looks every `watch` seconds at the files that the policy in
 * force was read from, and does what tls_policy.reload does when any has changed
 * and all are quiet. The process of watch/watcher; blocks on files and on the
 * database; no lock of ours may be held.
 */
#ifndef TLSP_POLICY_FILES_H
#define TLSP_POLICY_FILES_H

#include <stdbool.h>
#include <stdint.h>

/* tlsp_policy_files_tick: to be called often, by one process. A reload, and one
 * that is refused, leaves one line in the log and is counted once for the same
 * state of the files. True if something else is in force now. */
bool tlsp_policy_files_tick(uint64_t now_ms);

#endif
