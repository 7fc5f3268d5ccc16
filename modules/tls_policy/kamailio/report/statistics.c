/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * statistics - see statistics.h. Beside the rows of the table there is one
 * counter for each word that a refusal can give as its reason.
 */
#include "statistics.h"

#include <stdio.h>
#include <string.h>

#include "core/counters.h"
#include "core/dprint.h"

#include "policy/explain.h"
#include "policy/verdict.h"

enum
{
	REASON_BITS = 31
};

/* clang-format off */
static const struct
{
	const char *name;
	const char *doc;
	counter_cbk_f read; /* instead of counting; may be NULL */
} table[TLSP_STATISTICS_COUNT] = {
	[TLSP_STATISTIC_ACCEPTED] = {"accepted",
		"TLS handshakes that the policy accepted, in both roles", NULL},
	[TLSP_STATISTIC_REFUSED] = {"refused",
		"peers that were refused, in both roles, by the policy or by TLS "
		"itself", NULL},
	[TLSP_STATISTIC_WOULD_REFUSE] = {"would_refuse",
		"peers of rules in testing that would have been refused, at each "
		"judgement", NULL},
	[TLSP_STATISTIC_EVENTS_LOST] = {"events_lost",
		"refused peers for which event_route[tls-policy:rejected] could not be "
		"run, because too many came at once", NULL},
	[TLSP_STATISTIC_KEY_UPDATES] = {"key_updates",
		"re-handshakes by KeyUpdate (TLS 1.3)", NULL},
	[TLSP_STATISTIC_RENEGOTIATIONS] = {"renegotiations",
		"renegotiations that were completed (TLS 1.2 and below)", NULL},
	[TLSP_STATISTIC_RECONNECTS] = {"reconnects",
		"connections as client that a new one has replaced", NULL},
	[TLSP_STATISTIC_REHANDSHAKES_FAILED] = {"rehandshakes_failed",
		"re-handshakes that were refused, not answered or cost the "
		"connection", NULL},
	[TLSP_STATISTIC_REHANDSHAKES_BROKEN] = {"rehandshakes_broken",
		"connections that were ended because a re-handshake failed on our side "
		"after it had begun: their peers would have missed octets", NULL},
	[TLSP_STATISTIC_REHANDSHAKES_POSTPONED] = {"rehandshakes_postponed",
		"re-handshakes put off to the next interval", NULL},
	[TLSP_STATISTIC_REHANDSHAKES_LEFT_DUE] = {"rehandshakes_left_due",
		"times a connection was due and left alone, since its peer would "
		"not survive", NULL},
	[TLSP_STATISTIC_MESSAGES_HELD] = {"messages_held",
		"writes that waited for the end of a renegotiation", NULL},
	[TLSP_STATISTIC_MESSAGES_LOST] = {"messages_lost",
		"writes that waited when the connection ended", NULL},
	[TLSP_STATISTIC_JUDGED_ANEW] = {"judged_anew",
		"verdicts on established connections", NULL},
	[TLSP_STATISTIC_CLOSED_BY_JUDGEMENT] = {"closed_by_judgement",
		"established connections whose peer was refused anew", NULL},
	[TLSP_STATISTIC_CLOSED_UNVERIFIABLE] = {"closed_unverifiable",
		"resumed connections that were closed because what verifies their "
		"peers has changed and their chain is not known; nobody was refused",
		NULL},
	[TLSP_STATISTIC_CLOSED_UNASKED] = {"closed_unasked",
		"connections that tls_policy.recheck unasked closed, because their "
		"peers were never asked for the certificate that is required now",
		NULL},
	[TLSP_STATISTIC_HANDSHAKES_TIMED_OUT] = {"handshakes_timed_out",
		"first handshakes that took longer than handshake_timeout", NULL},
	[TLSP_STATISTIC_REQUESTS_KEPT_BACK] = {"requests_kept_back",
		"requests that did not go over a connection that their peer had "
		"opened (reuse_accepted_connections)", NULL},
	[TLSP_STATISTIC_RELOADS] = {"reloads",
		"reloads of rules, proxies and files that were put in force", NULL},
	[TLSP_STATISTIC_RELOADS_FAILED] = {"reloads_failed",
		"reloads that were refused; everything stayed as it was", NULL},
	[TLSP_STATISTIC_TLS_RELOAD_PENDING] = {"tls_reload_pending",
		"files of tls.cfg that have changed since the tls module loaded them "
		"(watch)", NULL},
	[TLSP_STATISTIC_CLOSED_WHEN_QUIET] = {"closed_when_quiet",
		"connections closed to be re-handshaken, replaced or idle", NULL},
};
/* clang-format on */

static const char counter_group[] = "tls_policy";
static counter_handle_t handles[TLSP_STATISTICS_COUNT];
static counter_handle_t refused_for[REASON_BITS], would_refuse_for[REASON_BITS];

static int complain(const char *name)
{
	LM_ERR("the counter %s.%s cannot be registered\n", counter_group, name);
	return -1;
}

/* refused_certificate_expired for "certificate-expired". */
static int register_reason(counter_handle_t *handle, const char *prefix,
		const char *what, const char *word)
{
	char name[64], doc[128];

	snprintf(name, sizeof(name), "%s_%s", prefix, word);
	for(char *c = name; (c = strchr(c, '-'));)
		*c = '_';
	snprintf(doc, sizeof(doc), "%s with the reason %s", what, word);
	if(counter_register(handle, counter_group, name, 0, NULL, NULL, doc, 0) < 0)
		return complain(name);
	return 0;
}

static int register_reasons(int bit)
{
	const char *word = tlsp_explain_word((enum tlsp_reason)(1U << bit));

	if(!word)
		return 0;
	return register_reason(&refused_for[bit], "refused",
				   "peers that were refused",
				   word) < 0
						   || register_reason(&would_refuse_for[bit],
									  "would_refuse",
									  "peers that would have been refused",
									  word)
									  < 0
				   ? -1
				   : 0;
}

int tlsp_statistics_init(void)
{
	for(int i = 0; i < TLSP_STATISTICS_COUNT; i++)
		if(counter_register(&handles[i], counter_group, table[i].name, 0,
				   table[i].read, NULL, table[i].doc, 0)
				< 0)
			return complain(table[i].name);
	for(int bit = 0; bit < REASON_BITS; bit++)
		if(register_reasons(bit) < 0)
			return -1;
	return 0;
}

void tlsp_statistics_count(enum tlsp_statistic statistic)
{
	counter_inc(handles[statistic]);
}

void tlsp_statistics_add(enum tlsp_statistic statistic, int number)
{
	counter_add(handles[statistic], number);
}

void tlsp_statistics_count_refusal(unsigned reasons, bool testing)
{
	const counter_handle_t *handle = testing ? would_refuse_for : refused_for;

	counter_inc(handles[testing ? TLSP_STATISTIC_WOULD_REFUSE
								: TLSP_STATISTIC_REFUSED]);
	for(int bit = 0; bit < REASON_BITS; bit++)
		if(reasons & (1U << bit))
			counter_inc(handle[bit]);
}
