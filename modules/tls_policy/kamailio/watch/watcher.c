/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watcher - see watcher.h.
 */
#include "watcher.h"

#include "core/dprint.h"
#include "core/sr_module.h"
#include "core/timer_proc.h"

#include "kamailio/connection/alarm.h"
#include "kamailio/connection/clock.h"
#include "policy_files.h"
#include "tls_files.h"

enum
{
	PAUSE_US =
			500 * 1000 /* `watch` is of seconds; tls.reload is seen so late */
};

static void tick(unsigned int unused_ticks, void *unused)
{
	(void)unused_ticks, (void)unused;
	tlsp_tls_files_tick(tlsp_clock_ms());
	if(tlsp_policy_files_tick(tlsp_clock_ms()))
		tlsp_alarm_ring(); /* who is due may have changed */
}

void tlsp_watcher_register(void)
{
	register_basic_timers(1);
}

int tlsp_watcher_start(void)
{
	if(fork_basic_utimer(
			   PROC_TIMER, "TLS POLICY WATCH", 1, tick, NULL, PAUSE_US)
			< 0) {
		LM_ERR("the process that looks at files cannot be forked\n");
		return -1;
	}
	return 0;
}
