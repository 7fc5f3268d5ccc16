/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * counted - for scripts/bench-message: a module of Kamailio's by which a script
 * says from where to where callgrind counts in its process; with hook=1 it looks
 * at what is sent, too, and does nothing, so that the core copies it.
 */
#include <valgrind/callgrind.h>

#include "core/events.h"
#include "core/sr_module.h"

MODULE_VERSION

static int hook;

static int nothing(sr_event_param_t *event)
{
	(void)event;
	return 0;
}

static int from_here(sip_msg_t *message, char *unused, char *unused_too)
{
	(void)message, (void)unused, (void)unused_too;
	CALLGRIND_START_INSTRUMENTATION;
	CALLGRIND_ZERO_STATS;
	return 1;
}

static int to_here(sip_msg_t *message, char *unused, char *unused_too)
{
	(void)message, (void)unused, (void)unused_too;
	CALLGRIND_DUMP_STATS_AT("counted");
	return 1;
}

static int mod_init(void)
{
	return hook ? sr_event_register_cb(SREV_NET_DATA_OUT, nothing) : 0;
}

/* clang-format off */
static cmd_export_t commands[] = {
	{"count_from_here", from_here, 0, 0, 0, REQUEST_ROUTE},
	{"count_to_here",   to_here,   0, 0, 0, REQUEST_ROUTE},
	{0, 0, 0, 0, 0, 0}
};

static param_export_t params[] = {
	{"hook", PARAM_INT, &hook},
	{0, 0, 0}
};
/* clang-format on */

struct module_exports exports = {
		.name = "counted",
		.dlflags = DEFAULT_DLFLAGS,
		.cmds = commands,
		.params = params,
		.init_mod_f = mod_init,
};
