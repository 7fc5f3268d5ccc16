/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * variables - see variables.h. A value is a copy in one of the core's buffers
 * in turn, so that two of them can be compared.
 */
#include "variables.h"

#include <stdio.h>
#include <string.h>

#include "core/dprint.h"
#include "core/pvapi.h"
#include "core/sr_module.h"

#include "current.h"
#include "kamailio/report/events.h"
#include "peer_is.h"
#include "policy/explain.h"
#include "policy/host/hostname.h"

enum variable
{
	VARIABLE_RULE,
	VARIABLE_VERDICT,
	VARIABLE_IDENTITY,
	VARIABLE_MATCH,
	VARIABLE_NAMES,
	VARIABLE_NAME,
	VARIABLE_NAMES_LEFT_OUT,
	VARIABLE_REASONS,
	VARIABLE_RESUMED,
	VARIABLE_VERSION,
	VARIABLE_REHANDSHAKES,
	VARIABLES /* those of events follow */
};

static const char *const words[VARIABLES] = {
		[VARIABLE_RULE] = "rule",
		[VARIABLE_VERDICT] = "verdict",
		[VARIABLE_IDENTITY] = "identity",
		[VARIABLE_MATCH] = "match",
		[VARIABLE_NAMES] = "names",
		[VARIABLE_NAME] = "name",
		[VARIABLE_NAMES_LEFT_OUT] = "names_left_out",
		[VARIABLE_REASONS] = "reasons",
		[VARIABLE_RESUMED] = "resumed",
		[VARIABLE_VERSION] = "version",
		[VARIABLE_REHANDSHAKES] = "rehandshakes",
};

static bool named;	 /* the configuration asks for names */
static bool decided; /* want_names was asked: */
static bool kept;	 /* and that is so */

static int find(const str *name)
{
	int event;

	for(int i = 0; i < VARIABLES; i++)
		if(name->len == (int)strlen(words[i])
				&& memcmp(name->s, words[i], (size_t)name->len) == 0)
			return i;
	event = tlsp_events_find_variable(name);
	return event < 0 ? -1 : VARIABLES + event;
}

static bool is_about_names(int variable)
{
	return variable == VARIABLE_NAMES || variable == VARIABLE_NAME
		   || variable == VARIABLE_NAMES_LEFT_OUT;
}

static int parse_name(pv_spec_p specification, str *name)
{
	int variable = find(name);

	if(name->len == 4 && memcmp(name->s, "role", 4) == 0) {
		LM_ERR("$tlsp(role): write $tlsp(peer_role), the part that the peer "
			   "plays: client where $tlsp(role) was server, server where it "
			   "was client\n");
		return -1;
	}
	if(variable < 0) {
		LM_ERR("$tlsp(%.*s): the names are rule, verdict, identity, match, "
			   "names, name, names_left_out, reasons, resumed, version and "
			   "rehandshakes; in event routes of tls-policy reason, text, "
			   "peer, peer_role, sni, conid, time, kind, file, subject, days, "
			   "rule and identity\n",
				name->len, name->s);
		return -1;
	}
	if(is_about_names(variable) && decided && !kept) {
		LM_ERR("$tlsp(%.*s): the names of peers are kept only if the "
			   "configuration asks for them when Kamailio starts: add a route "
			   "that does\n",
				name->len, name->s);
		return -1;
	}
	named = named || is_about_names(variable);
	specification->pvp.pvn.type = PV_NAME_INTSTR;
	specification->pvp.pvn.u.isname.name.n = variable;
	return 0;
}

static int parse_index(pv_spec_p specification, str *index)
{
	if(specification->pvp.pvn.u.isname.name.n != VARIABLE_NAME
			|| (index->len == 1 && index->s[0] == '+')) {
		LM_ERR("$(tlsp(...)[%.*s]): write $(tlsp(name)[i]): only name has an "
			   "index, a number or *\n",
				index->len, index->s);
		return -1;
	}
	return pv_parse_index(specification, index);
}

/* A smaller pv_buffer_size than the core's own may be too small for names. */
static int give(sip_msg_t *msg, pv_param_t *param, pv_value_t *value,
		const char *text, size_t octets)
{
	char *buffer = pv_get_buffer();

	if(octets >= (size_t)pv_get_buffer_size()) {
		LM_ERR("$tlsp(...): a value of %zu octets: set pv_buffer_size above "
			   "that\n",
				octets);
		return -1;
	}
	memcpy(buffer, text, octets);
	buffer[octets] = '\0';
	return pv_get_strlval(msg, param, value, buffer, (int)octets);
}

static int give_names(sip_msg_t *msg, pv_param_t *param, pv_value_t *value,
		const struct tlsp_vouched *vouched)
{
	const char *names = tlsp_vouched_names(vouched);

	return vouched->count ? give(msg, param, value, names, strlen(names))
						  : pv_get_null(msg, param, value);
}

/* Without an index the first; counted from the end if it is negative. */
static int give_name(sip_msg_t *msg, pv_param_t *param, pv_value_t *value,
		const struct tlsp_vouched *vouched)
{
	const char *name = NULL;
	size_t octets = 0;
	int i, flags;

	if(pv_get_spec_index(msg, param, &i, &flags) < 0)
		return -1;
	if(flags == PV_IDX_ALL)
		return give_names(msg, param, value, vouched);
	if(i < 0)
		i += vouched->count;
	if(i >= 0)
		name = tlsp_vouched_name(vouched, (size_t)i, &octets);
	return name ? give(msg, param, value, name, octets)
				: pv_get_null(msg, param, value);
}

static int give_identity(sip_msg_t *msg, pv_param_t *param, pv_value_t *value,
		const struct tlsp_vouched *vouched)
{
	char text[TLSP_HOSTNAME_MAX_OCTETS + 8];
	struct tlsp_host host;

	if(!tlsp_vouched_identity(vouched, &host) || host.octets == 0)
		return pv_get_null(msg, param, value);
	tlsp_hostname_print(&host, text, sizeof(text));
	return give(msg, param, value, text, strlen(text));
}

/* It must outlive the call. */
static const char *rule_of(const struct tlsp_current *current)
{
	static char rule[TLSP_RULE_NAME_OCTETS];

	memcpy(rule, current->connection.rule, sizeof(rule));
	return rule[0] ? rule : NULL;
}

/* The words, by blank; none: nothing. */
static const char *reasons_of(const struct tlsp_current *current)
{
	static char text[512];
	unsigned reasons = current->connection.reasons;
	size_t used = 0;

	for(int bit = 0; bit < 31; bit++) {
		const char *word = (reasons & (1U << bit)) ? tlsp_explain_word(
								   (enum tlsp_reason)(1U << bit))
												   : NULL;

		if(word && used < sizeof(text))
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s",
					used ? " " : "", word);
	}
	return used ? text : NULL;
}

static const char *word_of(
		enum variable variable, const struct tlsp_current *current)
{
	static const char *const matches[] = {[TLSP_MATCH_NONE] = NULL,
			[TLSP_MATCH_DNS_NAME] = "dNSName",
			[TLSP_MATCH_IP_ADDRESS] = "iPAddress",
			[TLSP_MATCH_COMMON_NAME] = "CN",
			[TLSP_MATCH_REMOTE_SUBJECT_NAME] = "TLSRemoteSubjectName",
			[TLSP_MATCH_SIP_URI] = "URI"};

	switch(variable) {
		case VARIABLE_RULE:
			return rule_of(current);
		case VARIABLE_VERDICT:
			return tlsp_connection_standing_word(&current->connection);
		case VARIABLE_REASONS:
			return reasons_of(current);
		case VARIABLE_MATCH:
			return matches[current->connection.match];
		case VARIABLE_VERSION:
			return tlsp_connection_version_word(&current->connection);
		default:
			return NULL;
	}
}

/* In an event route there is no connection, and what it is about may have a
 * value of that name. */
static int get_of_event(enum variable variable, sip_msg_t *msg,
		pv_param_t *param, pv_value_t *value)
{
	str name = {(char *)words[variable], (int)strlen(words[variable])};
	int number = tlsp_events_find_variable(&name);

	return number < 0 ? pv_get_null(msg, param, value)
					  : tlsp_events_get_variable(number, msg, param, value);
}

static int get_variable(sip_msg_t *msg, pv_param_t *param, pv_value_t *value)
{
	int variable = param->pvn.u.isname.name.n;
	struct tlsp_current current;
	const char *word;

	if(variable >= VARIABLES)
		return tlsp_events_get_variable(
				variable - VARIABLES, msg, param, value);
	if(tlsp_events_is_running())
		return get_of_event((enum variable)variable, msg, param, value);
	if(!tlsp_current_find(msg, &current))
		return pv_get_null(msg, param, value);
	switch(variable) {
		case VARIABLE_IDENTITY:
			return give_identity(msg, param, value, current.vouched);
		case VARIABLE_NAMES:
			return give_names(msg, param, value, current.vouched);
		case VARIABLE_NAME:
			return give_name(msg, param, value, current.vouched);
		case VARIABLE_NAMES_LEFT_OUT:
			return pv_get_sintval(msg, param, value, current.vouched->left_out);
		case VARIABLE_RESUMED:
			return pv_get_sintval(
					msg, param, value, current.connection.resumed);
		case VARIABLE_REHANDSHAKES:
			return pv_get_sintval(
					msg, param, value, (long)current.connection.rehandshakes);
		default:
			word = word_of((enum variable)variable, &current);
			return word ? pv_get_strzval(msg, param, value, (char *)word)
						: pv_get_null(msg, param, value);
	}
}

/* What a KEMI script asks for is not known before it runs. */
static bool has_kemi(void)
{
	for(const sr_module_t *m = get_loaded_modules(); m; m = m->next)
		if(strncmp(m->exports.name, "app_", 4) == 0)
			return true;
	return false;
}

bool tlsp_variables_want_names(void)
{
	decided = true;
	kept = named || tlsp_peer_is_used() || has_kemi();
	return kept;
}

/* clang-format off */
pv_export_t tlsp_variables[] = {
	{STR_STATIC_INIT("tlsp"), PVT_OTHER, get_variable, NULL, parse_name,
		parse_index, NULL, 0},
	{{NULL, 0}, 0, NULL, NULL, NULL, NULL, NULL, 0}
};
/* clang-format on */
