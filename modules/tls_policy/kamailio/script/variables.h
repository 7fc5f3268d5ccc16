/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * variables - $tlsp(NAME) of scripts: the one place that reads the names. About
 * the connection on which the current message came (current.h), by value; or
 * about what an event route is run for (report/events.h). Any process that runs
 * a script.
 */
#ifndef TLSP_VARIABLES_H
#define TLSP_VARIABLES_H

#include <stdbool.h>

#include "core/pvar.h"

/* tlsp_variables: for module_exports. */
extern pv_export_t tlsp_variables[];

/*
 * tlsp_variables_want_names: may a script ask for the names of peers? Main
 * process, once the configuration was read and before anything is forked: what
 * it does not say then is not kept, and cannot be asked for later.
 */
bool tlsp_variables_want_names(void);

#endif
