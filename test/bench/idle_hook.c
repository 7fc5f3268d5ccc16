/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * idle_hook - for scripts/bench-message: a module of Kamailio's that looks at
 * what is sent, and does nothing: what the core does for any such hook.
 */
#include "core/events.h"
#include "core/sr_module.h"

MODULE_VERSION

static int nothing(sr_event_param_t *event)
{
	(void)event;
	return 0;
}

static int mod_init(void)
{
	return sr_event_register_cb(SREV_NET_DATA_OUT, nothing);
}

struct module_exports exports = {
		.name = "idle_hook",
		.dlflags = DEFAULT_DLFLAGS,
		.init_mod_f = mod_init,
};
