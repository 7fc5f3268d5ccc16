/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rejection_route - runs event_route[tls_policy:rejected] once for each
 * refused peer, in a process of the module's own, never in one that serves
 * connections; and the variables $tlsp(NAME) that only this route has.
 */
#ifndef TLSP_REJECTION_ROUTE_H
#define TLSP_REJECTION_ROUTE_H

#include "core/pvar.h"

/* tlsp_rejections_run_events: runs the route for what was refused since the
 * last call, for TLSP_EVENTS_PER_TICK at most; what the ring has overwritten
 * before is counted (events_lost). One process only, with no lock held; may
 * take as long as the route does. */
void tlsp_rejections_run_events(void);

enum
{
	TLSP_EVENTS_PER_TICK = 32
};

/* tlsp_rejection_variables: for module_exports. */
extern pv_export_t tlsp_rejection_variables[];

#endif
