/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sources - where the configuration says that rules and proxies come from:
 * `config`, `proxy`, `proxy_file`, `db_url` with `db_table` and `db_column`;
 * and their reading, all or nothing. Main process at start-up, an RPC process
 * or that of watch/watcher at a reload.
 */
#ifndef TLSP_SOURCES_H
#define TLSP_SOURCES_H

#include "core/sr_module.h"

#include "book.h"

enum
{
	TLSP_PROXY_SOURCES_PARAMS = 6
};

/* tlsp_proxy_sources_params: TLSP_PROXY_SOURCES_PARAMS rows for
 * module_exports. Static. */
const param_export_t *tlsp_proxy_sources_params(void);

/* tlsp_proxy_sources_init: mod_init. 0, or -1 and one log line. */
int tlsp_proxy_sources_init(void);

/*
 * tlsp_sources_read: everything anew, under no lock: the rules file (or none)
 * over |defaults|, of which kamailio.cfg says |named| (bits of rows), what was
 * set by command over that, every list of proxies and every file. False and one
 * sentence with the place in |error| if anything is wrong anywhere. Pair with
 * tlsp_book_cleanup in either case. |seen| (may be NULL) gets the files that
 * were read, as they were before, too.
 */
bool tlsp_sources_read(struct tlsp_book *out,
		const struct tlsp_policy *defaults, uint64_t named,
		struct tlsp_seen_files *seen, char *error, size_t size);

#endif
