/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sources - where the configuration says that proxies come from: `proxy`,
 * `proxy_file`, `db_url` with `db_table` and `db_column`; and their loading,
 * all or nothing. Main process at start-up, RPC processes at a reload, one at a
 * time by a lock that nothing else wants.
 */
#ifndef TLSP_SOURCES_H
#define TLSP_SOURCES_H

#include "core/sr_module.h"

#include "policy/parameters.h"
#include "policy/proxies/proxies.h"

enum
{
	TLSP_PROXY_SOURCES_PARAMS = 5
};

/* tlsp_proxy_sources_params: TLSP_PROXY_SOURCES_PARAMS rows for
 * module_exports. Static. */
const param_export_t *tlsp_proxy_sources_params(void);

/* tlsp_proxy_sources_init: mod_init. 0, or -1 and one log line. */
int tlsp_proxy_sources_init(void);

/*
 * tlsp_proxy_sources_load reads every source anew into an index in shared
 * memory that is not in force yet (live_policy.h), under no lock. NULL and one
 * sentence with the place in |error| if anything is wrong anywhere.
 */
const struct tlsp_proxies *tlsp_proxy_sources_load(
		const struct tlsp_policy *policy, char *error, size_t size);

/*
 * tlsp_proxy_sources_reload: RPC processes, no lock held; loads and puts the
 * list in force together with the policy of that moment. On failure, false,
 * one sentence in |error|, and the old list stays.
 */
bool tlsp_proxy_sources_reload(size_t *count, char *error, size_t size);

#endif
