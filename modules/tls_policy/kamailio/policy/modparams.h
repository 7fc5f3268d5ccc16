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

/*
 * tlsp_modparams_reload: RPC processes, one at a time by a lock that nothing
 * else wants, no lock held: rules, lists and files anew; what was set by command
 * stays. The log line says it was |by|. False and one sentence in |error|, and
 * the old ones stay.
 */
bool tlsp_modparams_reload(const char *by, char *error, size_t size);

#endif
