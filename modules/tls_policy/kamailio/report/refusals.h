/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * refusals - what is told of a refused peer, after the decision: the counters,
 * the list of rejections, and one line of log, which is not repeated within
 * refusal_log_interval. Owns the table of what the log was told of, in shared
 * memory of fixed size, behind a private lock that is held for a look at it.
 */
#ifndef TLSP_REFUSALS_H
#define TLSP_REFUSALS_H

#include "core/tcp_conn.h"

#include "openssl/gate.h"

/* tlsp_refusals_init: main process, mod_init. 0, or -1 without memory. */
int tlsp_refusals_init(void);

/* tlsp_refusals_destroy: main process, at the very end, when there is no other:
 * tells what was not told yet. */
void tlsp_refusals_destroy(void);

/*
 * tlsp_refusals_report: the peer of |c| was refused, or in testing would have
 * been. Any process, once its alert is made; |c| is only read, whether its locks
 * are held or not. No terms may be acquired.
 */
void tlsp_refusals_report(
		const struct tcp_connection *c, const struct tlsp_refusal *refusal);

/* tlsp_refusals_tick: the process of rehandshake/timer, often, no lock held:
 * tells how many refusals were left out where that time is over. */
void tlsp_refusals_tick(void);

#endif
