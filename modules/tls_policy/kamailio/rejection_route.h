/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rejection_route - runs event_route[tls-policy:rejected] once for each
 * refused peer, in a process of its own, never in one that serves connections;
 * and the variables $tlsp(NAME) that only this route has.
 */
#ifndef TLSP_REJECTION_ROUTE_H
#define TLSP_REJECTION_ROUTE_H

#include "core/pvar.h"

/* tlsp_rejection_route_register: main process, mod_init: if the configuration
 * has the route, announces the process that runs it. */
void tlsp_rejection_route_register(void);

/* tlsp_rejection_route_start: main process at PROC_MAIN: forks that process. It
 * may take as long as the route does: what the ring has overwritten before is
 * counted (events_lost). 0, or -1. */
int tlsp_rejection_route_start(void);

/* tlsp_rejection_variables: for module_exports. */
extern pv_export_t tlsp_rejection_variables[];

#endif
