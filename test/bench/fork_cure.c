/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fork_cure - for the benchmarks: a module of Kamailio's that is tls_policy's
 * fork guard and nothing else, linked from its own source. Without it a
 * Kamailio 5.6 that has no tls_policy dies under parallel TLS load, so it could
 * not be compared.
 */
#include "core/sr_module.h"

#include "kamailio/connection/fork_guard.h"

MODULE_VERSION

static int child_init(int rank)
{
	return rank == PROC_INIT ? tlsp_fork_guard_install() : 0;
}

struct module_exports exports = {
		.name = "fork_cure",
		.dlflags = DEFAULT_DLFLAGS,
		.init_child_f = child_init,
};
