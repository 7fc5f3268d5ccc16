/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * change - a new policy, list of proxies or set of files is checked as a
 * whole and put in force, or nothing changes. Start-up, set and reload all come
 * through here.
 */
#ifndef TLSP_CHANGE_H
#define TLSP_CHANGE_H

#include "live_policy.h"

/*
 * tlsp_policy_change: under the lock of live_policy. Do |policy|, |proxies| and
 * |own_files| (see tlsp_live_policy_publish) fit each other and every TLS
 * domain? Then they are in force when this returns true; if not, false and one
 * sentence in |error|. Main process at PROC_INIT, or an RPC process.
 */
bool tlsp_policy_change(const struct tlsp_policy *policy,
		const struct tlsp_proxies *proxies,
		const struct tlsp_own_files *own_files, char *error, size_t size);

#endif
