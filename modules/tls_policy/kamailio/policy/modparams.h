/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * modparams - what kamailio.cfg says: parameters of the table in both
 * spellings, and where rules and proxies come from; put in force at start-up
 * (main process, when there is no other yet) and at a reload.
 */
#ifndef TLSP_MODPARAMS_H
#define TLSP_MODPARAMS_H

#include <stdbool.h>

#include "core/sr_module.h"

#include "files/seen_files.h"

/* tlsp_modparams_table: the rows for module_exports, made from the table of
 * parameters, and |count| |others|, few; NULL name at the end. Static. */
param_export_t *tlsp_modparams_table(
		const param_export_t *others, size_t count);

/* tlsp_modparams_init: mod_init. 0, or -1 without memory. */
int tlsp_modparams_init(void);

/*
 * tlsp_modparams_publish: at PROC_INIT, when the TLS domains are there: checks
 * the whole and publishes generation 1. 0, or -1 and one log line.
 */
int tlsp_modparams_publish(void);

enum tlsp_reloaded
{
	TLSP_RELOADED,
	TLSP_RELOAD_REFUSED, /* something is wrong with what was read */
	TLSP_RELOAD_BUSY	 /* another one is running: whose, since when */
};

/*
 * tlsp_modparams_reload: RPC processes or that of watch/watcher, one at a
 * time by a lock that nothing else wants, no lock held; as long as it takes:
 * rules, lists and files anew; what was set by command stays. The log line says
 * it was |by|. Unless it was done the old ones stay, and |error| has one
 * sentence. |seen| (may be NULL) gets the files that were read, as they were
 * before, in either case.
 */
enum tlsp_reloaded tlsp_modparams_reload(
		const char *by, struct tlsp_seen_files *seen, char *error, size_t size);

#endif
