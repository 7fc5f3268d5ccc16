/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * statistics - the module's counters and gauges, in the group tls_policy of
 * Kamailio's counters API (kamcmd stats.fetch tls_policy:, cnt.help). Owns the
 * one table of them. Each process counts in a row of its own: no lock. A gauge
 * is counted up and down, or read when it is asked for.
 */
#ifndef TLSP_STATISTICS_H
#define TLSP_STATISTICS_H

#include <stdbool.h>

#include "policy/peer_facts.h"

/* A row of the table in statistics.c. */
enum tlsp_statistic
{
	TLSP_STATISTIC_ACCEPTED,
	TLSP_STATISTIC_ACCEPTED_CLIENTS, /* each of these before its servers */
	TLSP_STATISTIC_ACCEPTED_SERVERS,
	TLSP_STATISTIC_SERVER_AUTH_CLIENTS,
	TLSP_STATISTIC_REFUSED,
	TLSP_STATISTIC_REFUSED_CLIENTS,
	TLSP_STATISTIC_REFUSED_SERVERS,
	TLSP_STATISTIC_WOULD_REFUSE,
	TLSP_STATISTIC_WOULD_REFUSE_CLIENTS,
	TLSP_STATISTIC_WOULD_REFUSE_SERVERS,
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
	TLSP_STATISTIC_CONNECTIONS_CLIENTS,
	TLSP_STATISTIC_CONNECTIONS_SERVERS,
	TLSP_STATISTIC_HELD_OCTETS,
	TLSP_STATISTIC_RULES,
	TLSP_STATISTIC_PROXIES,
	TLSP_STATISTIC_GENERATION,
	TLSP_STATISTIC_DAYS_LEFT_OWN,
	TLSP_STATISTIC_DAYS_LEFT_ANCHORS,
	TLSP_STATISTIC_DAYS_LEFT_PEERS,
	TLSP_STATISTICS_COUNT
};

/* tlsp_statistics_init: main process, mod_init (the core takes no counter
 * later). 0, or -1 and a log line. */
int tlsp_statistics_init(void);

/* tlsp_statistics_count adds one; any process. */
void tlsp_statistics_count(enum tlsp_statistic statistic);

/* tlsp_statistics_add adds |number|, of a gauge also less than 0; any process. */
void tlsp_statistics_add(enum tlsp_statistic statistic, int number);

/* tlsp_statistics_count_accepted: one peer accepted when we act as |role|;
 * |by_server_auth|: only by accept_server_auth_clients. Any process. */
void tlsp_statistics_count_accepted(enum tlsp_role role, bool by_server_auth);

/* tlsp_statistics_count_refusal: one peer refused for |reasons| (enum
 * tlsp_reason, any number of them) when we act as |role|, or, in |testing|, one
 * that would have been; any process. */
void tlsp_statistics_count_refusal(
		enum tlsp_role role, unsigned reasons, bool testing);

enum
{
	TLSP_STATISTICS_REASON_BITS = 31
};

/* tlsp_statistics_reason: how many were refused for the reason that is |bit|, or
 * in testing would have been, and its word, which is static. False if no reason
 * is. Any process. */
bool tlsp_statistics_reason(
		int bit, const char **word, long *refused, long *would_refuse);

/* tlsp_statistics_connection: one more, or one less (|change| 1 or -1), to
 * which we act as |role|; any process. */
void tlsp_statistics_connection(enum tlsp_role role, int change);

#endif
