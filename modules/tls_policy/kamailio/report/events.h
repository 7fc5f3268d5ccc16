/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * events - runs event_route[tls-policy:rejected] once for each refused peer and
 * event_route[tls-policy:expiry] for each certificate of ours that is about to
 * expire, in a process of its own, never in one that serves connections, with
 * no lock held; and the variables $tlsp(NAME) that only these routes have.
 */
#ifndef TLSP_EVENTS_H
#define TLSP_EVENTS_H

#include <stdbool.h>

#include "core/pvar.h"

#include "expiry.h"

/* tlsp_events_register: main process, mod_init: if the configuration has one of
 * the routes, announces the process that runs them. */
void tlsp_events_register(void);

/* tlsp_events_start: main process at PROC_MAIN: forks that process. It may take
 * as long as a route does: refusals that the ring has overwritten before are
 * counted (events_lost). 0, or -1. */
int tlsp_events_start(void);

/* tlsp_events_wanted: does the configuration have any of the routes, so that
 * there is that process? Any process. */
bool tlsp_events_wanted(void);

/* tlsp_events_variables: for module_exports. */
extern pv_export_t tlsp_events_variables[];

#endif
