/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gauges - see gauges.h. xhttp_prom has no interface for modules before 6.1; its
 * functions for KEMI are one that stays.
 */
#include "gauges.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/dprint.h"
#include "core/kemi.h"
#include "core/modparam.h"
#include "core/sr_module.h"

#include "kamailio/connection/rule_connections.h"
#include "kamailio/policy/live_policy.h"
#include "kamailio/report/certificates.h"
#include "kamailio/report/peer_text.h"
#include "kamailio/report/statistics.h"

enum gauge
{
	GAUGE_CONNECTIONS,
	GAUGE_JUDGED,
	GAUGE_REASONS,
	GAUGE_RULE_PROXIES,
	GAUGE_DAYS_LEFT,
	GAUGE_PEER_DAYS_LEFT,
	GAUGES
};

enum
{
	LABELS_MAX = 3,
	SPEC_OCTETS = 128
};

/* clang-format off */
static const struct
{
	const char *name;
	const char *labels;
	int count;
} table[GAUGES] = {
	[GAUGE_CONNECTIONS] = {"tls_policy_connections", "rule:peer_role", 2},
	[GAUGE_JUDGED] = {"tls_policy_judged_total", "rule:peer_role:verdict", 3},
	[GAUGE_REASONS] = {"tls_policy_reasons_total", "verdict:reason", 2},
	[GAUGE_RULE_PROXIES] = {"tls_policy_rule_proxies", "rule", 1},
	[GAUGE_DAYS_LEFT] = {"tls_policy_days_left", "kind:file", 2},
	[GAUGE_PEER_DAYS_LEFT] = {"tls_policy_peer_days_left",
		"rule:peer_role:identity", 3},
};
/* clang-format on */

static sr_kemi_t *setters[LABELS_MAX + 1]; /* of xhttp_prom, by labels */

int tlsp_gauges_declare(void)
{
	static char specs[GAUGES][SPEC_OCTETS]; /* xhttp_prom may keep them */

	if(!find_module_by_name("xhttp_prom"))
		return 0;
	for(int i = 0; i < GAUGES; i++) {
		snprintf(specs[i], sizeof(specs[i]), "name=%s; label=%s", table[i].name,
				table[i].labels);
		if(set_mod_param_regex(
				   "xhttp_prom", "prom_gauge", PARAM_STRING, specs[i])
				< 0) {
			LM_ERR("xhttp_prom takes no gauge %s\n", table[i].name);
			return -1;
		}
	}
	return 0;
}

static sr_kemi_t *find_setter(int labels)
{
	const sr_kemi_module_t *modules = sr_kemi_modules_get();
	char name[16];
	str function = {
			name, snprintf(name, sizeof(name), "gauge_set_l%d", labels)};

	for(int i = 1; i < sr_kemi_modules_size_get(); i++)
		if(modules[i].mname.len == 10
				&& strncmp(modules[i].mname.s, "xhttp_prom", 10) == 0)
			return sr_kemi_lookup((str *)&modules[i].mname, i, &function);
	return NULL;
}

static bool find_setters(void)
{
	for(int i = 1; i <= LABELS_MAX; i++)
		if(!setters[i] && !(setters[i] = find_setter(i)))
			return false;
	return true;
}

static bool set(
		sip_msg_t *msg, enum gauge gauge, long value, const char *const *labels)
{
	sr_kemi_t *setter = setters[table[gauge].count];
	char number[24];
	str name = {(char *)table[gauge].name, (int)strlen(table[gauge].name)};
	str text = {number, snprintf(number, sizeof(number), "%ld", value)};
	str label[LABELS_MAX];

	for(int i = 0; i < table[gauge].count; i++)
		label[i] = (str){(char *)labels[i], (int)strlen(labels[i])};
	switch(table[gauge].count) {
		case 1:
			return ((sr_kemi_fmsss_f)setter->func)(msg, &name, &text, &label[0])
				   > 0;
		case 2:
			return ((sr_kemi_fmssss_f)setter->func)(
						   msg, &name, &text, &label[0], &label[1])
				   > 0;
		default:
			return ((sr_kemi_fmsssss_f)setter->func)(
						   msg, &name, &text, &label[0], &label[1], &label[2])
				   > 0;
	}
}

/* What stands between quotes in the answer; xhttp_prom writes it as it is. */
static const char *escape(const char *text, char *buffer, size_t size)
{
	size_t used = 0;

	for(; *text && used + 2 < size; text++) {
		if(*text == '\\')
			buffer[used++] = '\\';
		buffer[used++] = *text;
	}
	buffer[used] = '\0';
	return used ? buffer : "-";
}

static const char *const verdicts[TLSP_RULE_COUNTS] = {
		[TLSP_RULE_ACCEPTED] = "accepted",
		[TLSP_RULE_REFUSED] = "refused",
		[TLSP_RULE_WOULD_REFUSE] = "would-be-refused"};

/* Where it has seen no peer of the role, nothing is said, but of the default. */
static bool set_role(sip_msg_t *msg, const struct tlsp_book_rule *rule,
		bool always, enum tlsp_role role, unsigned connections, bool *any)
{
	const char *labels[LABELS_MAX] = {rule->name, tlsp_peer_role_word(role)};
	bool done = true, seen = always || connections > 0;

	for(int i = 0; done && i < TLSP_RULE_COUNTS; i++) {
		unsigned long count =
				tlsp_book_counted(rule, (enum tlsp_rule_count)i, role);

		labels[2] = verdicts[i];
		if(count > 0 || always)
			done = set(msg, GAUGE_JUDGED, (long)count, labels);
		seen = seen || count > 0;
	}
	*any = *any || seen;
	return done
		   && (!seen || set(msg, GAUGE_CONNECTIONS, (long)connections, labels));
}

static bool set_rule(sip_msg_t *msg, const struct tlsp_book_rule *rule,
		bool always, const struct tlsp_rule_connections *connections)
{
	const char *labels[] = {rule->name};
	bool any = false;

	for(int role = TLSP_ROLE_SERVER; role <= TLSP_ROLE_CLIENT; role++)
		if(!set_role(msg, rule, always, (enum tlsp_role)role,
				   connections->of[role], &any))
			return false;
	return !any
		   || set(msg, GAUGE_RULE_PROXIES,
				   (long)tlsp_proxies_count(rule->proxies), labels);
}

/* Always, so that the figure ends when they do. */
static bool set_gone(
		sip_msg_t *msg, const struct tlsp_rule_connections *connections)
{
	bool done = true;

	for(int role = TLSP_ROLE_SERVER; done && role <= TLSP_ROLE_CLIENT; role++)
		done = set(msg, GAUGE_CONNECTIONS, (long)connections->of[role],
				(const char *[]){TLSP_RULE_GONE,
						tlsp_peer_role_word((enum tlsp_role)role)});
	return done;
}

static bool set_rules(sip_msg_t *msg, const struct tlsp_in_force *all)
{
	const struct tlsp_book *book = tlsp_live_policy_book(all);
	struct tlsp_rule_connections *connections = tlsp_rule_connections(all);
	bool done = connections != NULL;

	for(size_t i = 0; done && i <= book->count; i++)
		done = set_rule(msg, &book->rules[i], i == 0, &connections[i]);
	done = done && set_gone(msg, &connections[book->count + 1]);
	free(connections);
	return done;
}

static bool set_reasons(sip_msg_t *msg)
{
	const char *word;
	long refused, would_refuse;
	bool done = true;

	for(int bit = 0; done && bit < TLSP_STATISTICS_REASON_BITS; bit++)
		if(tlsp_statistics_reason(bit, &word, &refused, &would_refuse))
			done = set(msg, GAUGE_REASONS, refused,
						   (const char *[]){verdicts[TLSP_RULE_REFUSED], word})
				   && set(msg, GAUGE_REASONS, would_refuse,
						   (const char *[]){
								   verdicts[TLSP_RULE_WOULD_REFUSE], word});
	return done;
}

/* That of a peer who has shown a later one since: else its figure would stay. */
static bool is_soon(const struct tlsp_certificate *this, int days, int start)
{
	return days <= start
		   || (this->before_s != 0
				   && tlsp_certificate_days_left(
							  this->before_s, (int64_t)time(NULL))
							  <= start);
}

/* The first of its file to end is told, and of peers those that end soon. */
static bool set_certificate(sip_msg_t *msg, const struct tlsp_certificate *rows,
		size_t row, int start_days)
{
	const struct tlsp_certificate *this = &rows[row];
	int days = tlsp_certificate_days_left(this->ends_s, (int64_t)time(NULL));
	char name[2 * TLSP_CERTIFICATE_NAME_OCTETS];
	const char *labels[] = {tlsp_certificate_kind_word(this->kind),
			escape(this->name, name, sizeof(name))};
	const char *peer_labels[] = {
			this->rule, tlsp_peer_role_word(this->role), labels[1]};

	if(this->kind == TLSP_CERTIFICATE_PEER)
		return !is_soon(this, days, start_days)
			   || set(msg, GAUGE_PEER_DAYS_LEFT, days, peer_labels);
	for(size_t i = 0; i < row; i++)
		if(rows[i].kind == this->kind && strcmp(rows[i].name, this->name) == 0)
			return true;
	return set(msg, GAUGE_DAYS_LEFT, days, labels);
}

static bool set_certificates(sip_msg_t *msg, int start_days)
{
	struct tlsp_certificate *rows =
			calloc(TLSP_CERTIFICATES_MAX, sizeof(*rows));
	size_t count = rows ? tlsp_certificates_list(rows) : 0;
	bool done = rows != NULL;

	for(size_t i = 0; done && i < count; i++)
		done = set_certificate(msg, rows, i, start_days);
	free(rows);
	return done;
}

int tlsp_gauges_set(sip_msg_t *msg)
{
	const struct tlsp_in_force *all;
	int start_days = 0;
	bool done;

	if(!find_setters()) {
		LM_ERR("tls_policy_prom_gauges(): load xhttp_prom.so, which has the "
			   "gauges\n");
		return -1;
	}
	all = tlsp_live_policy_acquire();
	done = all && set_rules(msg, all);
	if(all)
		start_days = all->terms->policy->tls_expiry_check_start;
	tlsp_live_policy_release(all);
	done = done && set_reasons(msg) && set_certificates(msg, start_days);
	if(!done)
		LM_ERR("tls_policy_prom_gauges(): not all gauges are set\n");
	return done ? 1 : -1;
}
