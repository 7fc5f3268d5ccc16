/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * module - module_exports and the order of start-up; no logic, no lock. Runs in
 * the main process, which forks the module's own: those of rehandshake/timer,
 * of watch/watcher and, if the configuration has its routes, that of
 * report/events.
 */
#include "core/dprint.h"
#include "core/sr_module.h"

#include "kamailio/carry/lookup.h"
#include "kamailio/connection/alarm.h"
#include "kamailio/connection/connections.h"
#include "kamailio/report/certificates.h"
#include "kamailio/report/events.h"
#include "kamailio/connection/fork_guard.h"
#include "kamailio/connection/peer_outcomes.h"
#include "kamailio/connection/random_source.h"
#include "kamailio/policy/change.h"
#include "kamailio/policy/live_policy.h"
#include "kamailio/policy/modparams.h"
#include "kamailio/policy/session_memory.h"
#include "kamailio/policy/tls_domains.h"
#include "kamailio/policy/sources.h"
#include "kamailio/rehandshake/jobs.h"
#include "kamailio/rehandshake/timer.h"
#include "kamailio/report/refusals.h"
#include "kamailio/report/rejections.h"
#include "kamailio/rpc/rpc.h"
#include "kamailio/script/functions.h"
#include "kamailio/script/gauges.h"
#include "kamailio/script/variables.h"
#include "kamailio/watch/tls_files.h"
#include "kamailio/watch/watcher.h"
#include "kamailio/report/statistics.h"
#include "tls_hooks.h"

MODULE_VERSION

static int mod_init(void)
{
	if(tlsp_random_source_install() < 0 || tlsp_tls_hooks_install() < 0
			|| tlsp_live_policy_init() < 0 || tlsp_tls_domains_init() < 0
			|| tlsp_alarm_init() < 0 || tlsp_session_memory_init() < 0
			|| tlsp_connections_init() < 0 || tlsp_peer_outcomes_init() < 0
			|| tlsp_statistics_init() < 0 || tlsp_rejections_init() < 0
			|| tlsp_refusals_init() < 0 || tlsp_certificates_init() < 0
			|| tlsp_modparams_init() < 0 || tlsp_proxy_sources_init() < 0
			|| tlsp_lookup_register(tlsp_jobs_renew) < 0)
		return -1;
	if(tlsp_gauges_declare() < 0)
		return -1;
	tlsp_policy_change_follow(tlsp_lookup_follow);
	tlsp_rehandshake_timer_register();
	tlsp_watcher_register();
	return tlsp_events_register();
}

static int child_init(int rank)
{
	if(rank != PROC_INIT && rank != PROC_MAIN)
		return 0;
	if(tlsp_tls_hooks_check() < 0)
		return -1;
	if(rank == PROC_MAIN)
		return tlsp_rehandshake_timer_start() < 0 || tlsp_watcher_start() < 0
					   ? -1
					   : tlsp_events_start();
	tlsp_tls_hooks_keep_names(tlsp_variables_want_names());
	if(tlsp_fork_guard_install() < 0 || tlsp_live_policy_init_readers() < 0)
		return -1;
	if(tlsp_modparams_publish() < 0)
		return -1;
	tlsp_tls_files_start();
	return tlsp_lookup_start();
}

static void destroy(void)
{
	tlsp_connections_destroy();
	tlsp_peer_outcomes_destroy();
	tlsp_live_policy_destroy();
	tlsp_tls_domains_destroy();
	tlsp_refusals_destroy();
	tlsp_rejections_destroy();
	tlsp_certificates_destroy();
	tlsp_session_memory_destroy();
}

struct module_exports exports = {
		.name = "tls_policy",
		.dlflags = DEFAULT_DLFLAGS,
		.rpc_methods = tlsp_rpc_table,
		.init_mod_f = mod_init,
		.init_child_f = child_init,
		.cmds = tlsp_functions,
		.pv_items = tlsp_variables,
		.destroy_mod_f = destroy,
};

/* The core calls this right after dlopen, before it reads `exports`. */
int mod_register(char *path, int *dlflags, void *unused1, void *unused2)
{
	(void)path, (void)dlflags, (void)unused1, (void)unused2;
	exports.params =
			tlsp_modparams_table(tlsp_events_params, TLSP_EVENTS_PARAMS);
	return sr_kemi_modules_add(tlsp_functions_kemi);
}
