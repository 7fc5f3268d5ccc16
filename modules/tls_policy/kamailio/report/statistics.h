/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * statistics - the module's counters, in the group tls_policy of Kamailio's
 * counters API (kamcmd stats.fetch tls_policy:, cnt.help). Owns the one table
 * of them. Each process counts in a row of its own: no lock.
 */
#ifndef TLSP_STATISTICS_H
#define TLSP_STATISTICS_H

#include <stdbool.h>

/* A row of the table in statistics.c. */
enum tlsp_statistic
{
	TLSP_STATISTIC_ACCEPTED,
	TLSP_STATISTIC_REFUSED,
	TLSP_STATISTIC_WOULD_REFUSE,
	TLSP_STATISTIC_EVENTS_LOST,
	TLSP_STATISTIC_KEY_UPDATES,
	TLSP_STATISTIC_RENEGOTIATIONS,
	TLSP_STATISTIC_RECONNECTS,
	TLSP_STATISTIC_REHANDSHAKES_FAILED,
	TLSP_STATISTIC_REHANDSHAKES_BROKEN,
	TLSP_STATISTIC_REHANDSHAKES_POSTPONED,
	TLSP_STATISTIC_REHANDSHAKES_LEFT_DUE,
	TLSP_STATISTIC_MESSAGES_HELD,
	TLSP_STATISTIC_MESSAGES_LOST,
	TLSP_STATISTIC_JUDGED_ANEW,
	TLSP_STATISTIC_CLOSED_BY_JUDGEMENT,
	TLSP_STATISTIC_CLOSED_UNVERIFIABLE,
	TLSP_STATISTIC_CLOSED_UNASKED,
	TLSP_STATISTIC_CLOSED_WHEN_QUIET,
	TLSP_STATISTIC_HANDSHAKES_TIMED_OUT,
	TLSP_STATISTIC_REQUESTS_KEPT_BACK,
	TLSP_STATISTIC_RELOADS,
	TLSP_STATISTIC_RELOADS_FAILED,
	TLSP_STATISTIC_TLS_RELOAD_PENDING,
	TLSP_STATISTICS_COUNT
};

/* tlsp_statistics_init: main process, mod_init (the core takes no counter
 * later). 0, or -1 and a log line. */
int tlsp_statistics_init(void);

/* tlsp_statistics_count adds one; any process. */
void tlsp_statistics_count(enum tlsp_statistic statistic);

/* tlsp_statistics_add adds |number|; any process. */
void tlsp_statistics_add(enum tlsp_statistic statistic, int number);

/* tlsp_statistics_count_refusal: one peer refused for |reasons| (enum
 * tlsp_reason, any number of them), or, in |testing|, one that would have been;
 * any process. */
void tlsp_statistics_count_refusal(unsigned reasons, bool testing);

#endif
