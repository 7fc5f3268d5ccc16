/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * statistics - see statistics.h. Beside the rows of the table there is one
 * counter for each word that a refusal can give as its reason.
 */
#include "statistics.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/counters.h"
#include "core/dprint.h"

#include "certificates.h"
#include "kamailio/policy/live_policy.h"
#include "policy/explain.h"
#include "policy/verdict.h"

enum
{
	NO_END = 99999
};

enum figure
{
	COUNTER,
	GAUGE
};

static counter_val_t read_policy(counter_handle_t handle, void *statistic);
static counter_val_t read_days_left(counter_handle_t handle, void *kind);

/* clang-format off */
static const struct
{
	const char *name;
	enum figure figure;
	const char *doc;
	counter_cbk_f read; /* instead of counting; may be NULL */
} table[TLSP_STATISTICS_COUNT] = {
	[TLSP_STATISTIC_ACCEPTED] = {"accepted", COUNTER,
		"TLS handshakes that the policy accepted, in both roles", NULL},
	[TLSP_STATISTIC_ACCEPTED_CLIENTS] = {"accepted_clients", COUNTER,
		"TLS handshakes with clients that the policy accepted", NULL},
	[TLSP_STATISTIC_ACCEPTED_SERVERS] = {"accepted_servers", COUNTER,
		"TLS handshakes with servers that the policy accepted", NULL},
	[TLSP_STATISTIC_SERVER_AUTH_CLIENTS] = {"accepted_server_auth_clients",
		COUNTER,
		"clients that only accept_server_auth_clients lets in: their "
		"certificates have no clientAuth", NULL},
	[TLSP_STATISTIC_REFUSED] = {"refused", COUNTER,
		"peers that were refused, in both roles, by the policy or by TLS "
		"itself", NULL},
	[TLSP_STATISTIC_REFUSED_CLIENTS] = {"refused_clients", COUNTER,
		"clients that were refused, by the policy or by TLS itself", NULL},
	[TLSP_STATISTIC_REFUSED_SERVERS] = {"refused_servers", COUNTER,
		"servers that were refused, by the policy or by TLS itself", NULL},
	[TLSP_STATISTIC_WOULD_REFUSE] = {"would_refuse", COUNTER,
		"peers of rules in testing that would have been refused, at each "
		"judgement", NULL},
	[TLSP_STATISTIC_WOULD_REFUSE_CLIENTS] = {"would_refuse_clients", COUNTER,
		"clients of rules in testing that would have been refused, at each "
		"judgement", NULL},
	[TLSP_STATISTIC_WOULD_REFUSE_SERVERS] = {"would_refuse_servers", COUNTER,
		"servers of rules in testing that would have been refused, at each "
		"judgement", NULL},
	[TLSP_STATISTIC_EVENTS_LOST] = {"events_lost", COUNTER,
		"refused peers for which event_route[tls-policy:rejected] could not be "
		"run, because too many came at once", NULL},
	[TLSP_STATISTIC_KEY_UPDATES] = {"key_updates", COUNTER,
		"re-handshakes by KeyUpdate (TLS 1.3)", NULL},
	[TLSP_STATISTIC_RENEGOTIATIONS] = {"renegotiations", COUNTER,
		"renegotiations that were completed (TLS 1.2 and below)", NULL},
	[TLSP_STATISTIC_RECONNECTS] = {"reconnects", COUNTER,
		"connections as client that a new one has replaced", NULL},
	[TLSP_STATISTIC_REHANDSHAKES_FAILED] = {"rehandshakes_failed", COUNTER,
		"re-handshakes that were refused, not answered or cost the "
		"connection", NULL},
	[TLSP_STATISTIC_REHANDSHAKES_BROKEN] = {"rehandshakes_broken", COUNTER,
		"connections that were ended because a re-handshake failed on our side "
		"after it had begun: their peers would have missed octets", NULL},
	[TLSP_STATISTIC_REHANDSHAKES_POSTPONED] = {"rehandshakes_postponed", COUNTER,
		"re-handshakes put off to the next interval", NULL},
	[TLSP_STATISTIC_REHANDSHAKES_LEFT_DUE] = {"rehandshakes_left_due", COUNTER,
		"times a connection was due and left alone, since its peer would "
		"not survive", NULL},
	[TLSP_STATISTIC_MESSAGES_HELD] = {"messages_held", COUNTER,
		"writes that waited for the end of a renegotiation", NULL},
	[TLSP_STATISTIC_MESSAGES_LOST] = {"messages_lost", COUNTER,
		"writes that waited when the connection ended", NULL},
	[TLSP_STATISTIC_JUDGED_ANEW] = {"judged_anew", COUNTER,
		"verdicts on established connections", NULL},
	[TLSP_STATISTIC_CLOSED_BY_JUDGEMENT] = {"closed_by_judgement", COUNTER,
		"established connections whose peer was refused anew", NULL},
	[TLSP_STATISTIC_CLOSED_UNVERIFIABLE] = {"closed_unverifiable", COUNTER,
		"resumed connections that were closed because what verifies their "
		"peers has changed and their chain is not known; nobody was refused",
		NULL},
	[TLSP_STATISTIC_CLOSED_UNASKED] = {"closed_unasked", COUNTER,
		"connections that tls_policy.recheck unasked closed, because their "
		"peers were never asked for the certificate that is required now",
		NULL},
	[TLSP_STATISTIC_HANDSHAKES_TIMED_OUT] = {"handshakes_timed_out", COUNTER,
		"first handshakes that took longer than handshake_timeout", NULL},
	[TLSP_STATISTIC_REQUESTS_KEPT_BACK] = {"requests_kept_back", COUNTER,
		"requests that did not go over a connection that their peer had "
		"opened (reuse_accepted_connections)", NULL},
	[TLSP_STATISTIC_RELOADS] = {"reloads", COUNTER,
		"reloads of rules, proxies and files that were put in force", NULL},
	[TLSP_STATISTIC_RELOADS_FAILED] = {"reloads_failed", COUNTER,
		"reloads that were refused; everything stayed as it was", NULL},
	[TLSP_STATISTIC_TLS_RELOAD_PENDING] = {"tls_reload_pending", GAUGE,
		"files of tls.cfg that have changed since the tls module loaded them "
		"(watch)", NULL},
	[TLSP_STATISTIC_CLOSED_WHEN_QUIET] = {"closed_when_quiet", COUNTER,
		"connections closed to be re-handshaken, replaced or idle", NULL},
	[TLSP_STATISTIC_CONNECTIONS_CLIENTS] = {"connections_clients", GAUGE,
		"connections after their first handshake whose peers are clients",
		NULL},
	[TLSP_STATISTIC_CONNECTIONS_SERVERS] = {"connections_servers", GAUGE,
		"connections after their first handshake whose peers are servers",
		NULL},
	[TLSP_STATISTIC_HELD_OCTETS] = {"held_octets", GAUGE,
		"octets that wait for the end of a renegotiation", NULL},
	[TLSP_STATISTIC_RULES] = {"rules", GAUGE,
		"rules in force, without the default", read_policy},
	[TLSP_STATISTIC_PROXIES] = {"proxies", GAUGE,
		"proxies in all lists that are in force", read_policy},
	[TLSP_STATISTIC_GENERATION] = {"generation", GAUGE,
		"how many times something was put in force since the start", read_policy},
	[TLSP_STATISTIC_DAYS_LEFT_OWN] = {"days_left_own", GAUGE,
		"whole days that the first of our own certificates to end still lasts; 0 "
		"if it has ended, 99999 if there is none", read_days_left},
	[TLSP_STATISTIC_DAYS_LEFT_ANCHORS] = {"days_left_anchors", GAUGE,
		"whole days that the first of the trust anchors in use to end still "
		"lasts; 0 if it has ended, 99999 if there is none", read_days_left},
	[TLSP_STATISTIC_DAYS_LEFT_PEERS] = {"days_left_peers", GAUGE,
		"whole days that the first of the certificates that peers have shown "
		"lately still lasts; 0 if it has ended, 99999 if there is none", read_days_left},
};
/* clang-format on */

/* The parameter of a read gauge is its row. */
static counter_val_t read_policy(counter_handle_t handle, void *statistic)
{
	const struct tlsp_in_force *all = tlsp_live_policy_acquire();
	counter_val_t value = 0;

	(void)handle;
	if(all)
		switch((enum tlsp_statistic)(uintptr_t)statistic) {
			case TLSP_STATISTIC_RULES:
				value = (counter_val_t)all->rules;
				break;
			case TLSP_STATISTIC_PROXIES:
				value = (counter_val_t)tlsp_book_count_proxies(
						tlsp_live_policy_book(all));
				break;
			default:
				value = (counter_val_t)all->terms->generation;
				break;
		}
	tlsp_live_policy_release(all);
	return value;
}

/* Readers print a value without its sign. */
static counter_val_t read_days_left(counter_handle_t handle, void *statistic)
{
	enum tlsp_certificate_kind kind = (enum tlsp_certificate_kind)(
			(uintptr_t)statistic - TLSP_STATISTIC_DAYS_LEFT_OWN);
	int days;

	(void)handle;
	if(!tlsp_certificates_days_left(kind, &days))
		return NO_END;
	return days > 0 ? days : 0;
}

static const char counter_group[] = "tls_policy";
static counter_handle_t handles[TLSP_STATISTICS_COUNT];
static counter_handle_t refused_for[TLSP_STATISTICS_REASON_BITS],
		would_refuse_for[TLSP_STATISTICS_REASON_BITS];

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
		if(counter_register(&handles[i], counter_group, table[i].name,
				   table[i].figure == GAUGE ? CNT_F_NO_RESET : 0, table[i].read,
				   (void *)(uintptr_t)i, table[i].doc, 0)
				< 0)
			return complain(table[i].name);
	for(int bit = 0; bit < TLSP_STATISTICS_REASON_BITS; bit++)
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

/* The rows of clients and servers follow each other. */
static void count_by_role(
		enum tlsp_statistic of_clients, enum tlsp_role role, int number)
{
	counter_add(handles[of_clients + (role == TLSP_ROLE_CLIENT)], number);
}

void tlsp_statistics_count_accepted(enum tlsp_role role, bool by_server_auth)
{
	counter_inc(handles[TLSP_STATISTIC_ACCEPTED]);
	count_by_role(TLSP_STATISTIC_ACCEPTED_CLIENTS, role, 1);
	if(by_server_auth)
		counter_inc(handles[TLSP_STATISTIC_SERVER_AUTH_CLIENTS]);
}

void tlsp_statistics_connection(enum tlsp_role role, int change)
{
	count_by_role(TLSP_STATISTIC_CONNECTIONS_CLIENTS, role, change);
}

void tlsp_statistics_count_refusal(
		enum tlsp_role role, unsigned reasons, bool testing)
{
	const counter_handle_t *handle = testing ? would_refuse_for : refused_for;

	counter_inc(handles[testing ? TLSP_STATISTIC_WOULD_REFUSE
								: TLSP_STATISTIC_REFUSED]);
	count_by_role(testing ? TLSP_STATISTIC_WOULD_REFUSE_CLIENTS
						  : TLSP_STATISTIC_REFUSED_CLIENTS,
			role, 1);
	for(int bit = 0; bit < TLSP_STATISTICS_REASON_BITS; bit++)
		if(reasons & (1U << bit))
			counter_inc(handle[bit]);
}

bool tlsp_statistics_reason(
		int bit, const char **word, long *refused, long *would_refuse)
{
	*word = tlsp_explain_word((enum tlsp_reason)(1U << bit));
	if(!*word)
		return false;
	*refused = counter_get_val(refused_for[bit]);
	*would_refuse = counter_get_val(would_refuse_for[bit]);
	return true;
}
