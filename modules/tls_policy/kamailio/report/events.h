/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * events - runs event_route[tls-policy:rejected] once for each refused peer and
 * event_route[tls-policy:expiry] for each certificate of ours that is about to
 * expire, in a process of its own, never in one that serves connections, with
 * no lock held; or the function of a KEMI script that event_callback names. And
 * the variables $tlsp(NAME) that only these have.
 */
#ifndef TLSP_EVENTS_H
#define TLSP_EVENTS_H

#include <stdbool.h>

#include "core/pvar.h"
#include "core/sr_module.h"

#include "expiry.h"

enum
{
	TLSP_EVENTS_PARAMS = 1
};

/* tlsp_events_params: event_callback, for module_exports. */
extern const param_export_t tlsp_events_params[TLSP_EVENTS_PARAMS];

/* tlsp_events_register: main process, mod_init: if the configuration has one of
 * the routes or event_callback, announces the process that runs them. 0, or -1
 * and one log line if there is nothing that event_callback could be in. */
int tlsp_events_register(void);

/* tlsp_events_start: main process at PROC_MAIN: forks that process. It may take
 * as long as a route does: refusals that the ring has overwritten before are
 * counted (events_lost). 0, or -1. */
int tlsp_events_start(void);

/* tlsp_events_wanted: does the configuration have any of the routes, or
 * event_callback, so that there is that process? Any process. */
bool tlsp_events_wanted(void);

/* tlsp_events_is_running: does this process run one of the routes now? */
bool tlsp_events_is_running(void);

/* tlsp_events_find_variable: the number of the variable |name| of these routes;
 * -1 if it has none. */
int tlsp_events_find_variable(const str *name);

/* tlsp_events_get_variable: the value of that |variable|, as pv_getf_t; $null
 * outside of them. */
int tlsp_events_get_variable(
		int variable, sip_msg_t *msg, pv_param_t *param, pv_value_t *value);

#endif
