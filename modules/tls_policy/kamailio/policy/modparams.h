/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * modparams - what kamailio.cfg says: parameters of the table in both
 * spellings, and proxies. Main process, while the configuration is parsed and
 * at start-up, when there is no other yet.
 */
#ifndef TLSP_MODPARAMS_H
#define TLSP_MODPARAMS_H

#include "core/sr_module.h"

/* tlsp_modparams_table: the rows for module_exports, made from the table of
 * parameters, and |count| |others|, few; NULL name at the end. Static. */
param_export_t *tlsp_modparams_table(
		const param_export_t *others, size_t count);

/*
 * tlsp_modparams_publish: at PROC_INIT, when the TLS domains are there: checks
 * the whole and publishes generation 1. 0, or -1 and one log line.
 */
int tlsp_modparams_publish(void);

#endif
