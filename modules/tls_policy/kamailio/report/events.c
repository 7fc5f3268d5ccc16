/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * events - see events.h. A route gets a faked SIP message, as other modules'
 * event routes do.
 */
#include "events.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/action.h"
#include "core/dprint.h"
#include "core/fmsg.h"
#include "core/receive.h"
#include "core/route.h"
#include "core/sr_module.h"
#include "core/timer_proc.h"

#include "peer_text.h"
#include "rejections.h"
#include "statistics.h"
#include "policy/explain.h"

enum
{
	TICK_US = 50 * 1000,
	EVENTS_PER_TICK = 32
};

/* What a route is run for. */
static enum { NO_EVENT, PEER_REJECTED, CERTIFICATE_EXPIRES } event;
static struct tlsp_rejection now;			 /* if it is PEER_REJECTED */
static const struct tlsp_expiring *expiring; /* if CERTIFICATE_EXPIRES */
static unsigned long seen; /* number of the last refusal, of this process */

enum variable
{
	VARIABLE_REASON,
	VARIABLE_TEXT,
	VARIABLE_PEER,
	VARIABLE_ROLE,
	VARIABLE_SNI,
	VARIABLE_CONNECTION,
	VARIABLE_TIME,
	VARIABLE_FILE,
	VARIABLE_SUBJECT,
	VARIABLE_DAYS,
	VARIABLES
};

static const char *const names[VARIABLES] = {
		[VARIABLE_REASON] = "reason",
		[VARIABLE_TEXT] = "text",
		[VARIABLE_PEER] = "peer",
		[VARIABLE_ROLE] = "role",
		[VARIABLE_SNI] = "sni",
		[VARIABLE_CONNECTION] = "conid",
		[VARIABLE_TIME] = "time",
		[VARIABLE_FILE] = "file",
		[VARIABLE_SUBJECT] = "subject",
		[VARIABLE_DAYS] = "days",
};

static int parse_name(pv_spec_p specification, str *name)
{
	for(int i = 0; i < VARIABLES; i++)
		if(name->len == (int)strlen(names[i])
				&& strncmp(name->s, names[i], (size_t)name->len) == 0) {
			specification->pvp.pvn.type = PV_NAME_INTSTR;
			specification->pvp.pvn.u.isname.name.n = i;
			return 0;
		}
	LM_ERR("$tlsp(%.*s): the names are reason, text, peer, role, sni, conid, "
		   "time, file, subject and days\n",
			name->len, name->s);
	return -1;
}

/* Texts of a refusal that are made when they are asked for; NULL for others. */
static const char *rejection_text(enum variable variable)
{
	static char reasons[512],
			peer[TLSP_PEER_TEXT_OCTETS]; /* must outlive the call */

	switch(variable) {
		case VARIABLE_REASON:
			return tlsp_explain_words(
					now.refusal.reasons, reasons, sizeof(reasons));
		case VARIABLE_TEXT:
			return now.refusal.why;
		case VARIABLE_PEER:
			return tlsp_peer_text(&now.address, now.port, peer);
		case VARIABLE_ROLE:
			return tlsp_rejections_role(&now);
		case VARIABLE_SNI:
			return now.refusal.server_name[0] ? now.refusal.server_name : NULL;
		default:
			return NULL;
	}
}

static const char *expiry_text(enum variable variable)
{
	switch(variable) {
		case VARIABLE_TEXT:
			return expiring->text;
		case VARIABLE_FILE:
			return expiring->file;
		case VARIABLE_SUBJECT:
			return expiring->subject;
		default:
			return NULL;
	}
}

static int get_variable(
		struct sip_msg *msg, pv_param_t *param, pv_value_t *value)
{
	enum variable variable = (enum variable)param->pvn.u.isname.name.n;
	const char *text = NULL;

	if(event == PEER_REJECTED && variable == VARIABLE_CONNECTION)
		return pv_get_sintval(msg, param, value, now.connection);
	if(event == PEER_REJECTED && variable == VARIABLE_TIME)
		return pv_get_sintval(msg, param, value, (long)now.at);
	if(event == CERTIFICATE_EXPIRES && variable == VARIABLE_DAYS)
		return pv_get_sintval(msg, param, value, expiring->days);
	if(event == PEER_REJECTED)
		text = rejection_text(variable);
	if(event == CERTIFICATE_EXPIRES)
		text = expiry_text(variable);
	return text ? pv_get_strzval(msg, param, value, (char *)text)
				: pv_get_null(msg, param, value);
}

/* clang-format off */
pv_export_t tlsp_events_variables[] = {
	{STR_STATIC_INIT("tlsp"), PVT_OTHER, get_variable, NULL, parse_name,
		NULL, NULL, 0},
	{{NULL, 0}, 0, NULL, NULL, NULL, NULL, NULL, 0}
};
/* clang-format on */

/*
 * event_route[tls-policy:NAME]. The parser of the configuration takes no '_' in
 * front of the ':' and reads the module's own name as the last of these.
 */
static struct action *find_route(const char *name)
{
	static const char *const prefixes[] = {
			"tls-policy", "tls_policy", "policy"};
	char full[64];

	for(size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
		int place;

		snprintf(full, sizeof(full), "%s:%s", prefixes[i], name);
		place = route_lookup(&event_rt, full);
		if(place >= 0 && event_rt.rlist[place])
			return event_rt.rlist[place];
	}
	return NULL;
}

static void run_route(struct action *route, sip_msg_t *message)
{
	int before = get_route_type();

	set_route_type(EVENT_ROUTE);
	run_top_route(route, message, NULL);
	set_route_type(before);
	ksr_msg_env_reset();
}

/* $si, $sp and $proto are the refused peer's. */
static void run_rejected(struct action *route)
{
	struct receive_info received;
	sip_msg_t *message;

	if(faked_msg_init() < 0)
		return;
	message = faked_msg_next();
	received = message->rcv;
	message->rcv.src_ip = now.address;
	message->rcv.src_port = now.port;
	message->rcv.proto = PROTO_TLS;
	event = PEER_REJECTED;
	run_route(route, message);
	event = NO_EVENT;
	message->rcv = received;
}

static void run_expiry(const struct tlsp_expiring *certificate)
{
	struct action *route = find_route("expiry");

	if(!route || faked_msg_init() < 0)
		return;
	expiring = certificate;
	event = CERTIFICATE_EXPIRES;
	run_route(route, faked_msg_next());
	event = NO_EVENT;
	expiring = NULL;
}

static void tick(unsigned int unused_ticks, void *unused)
{
	struct action *route = find_route("rejected");

	(void)unused_ticks, (void)unused;
	tlsp_expiry_tick(run_expiry);
	for(int i = 0; route && i < EVENTS_PER_TICK; i++) {
		if(!tlsp_rejections_next(seen, &now))
			return;
		if(now.number > seen + 1)
			tlsp_statistics_add(
					TLSP_STATISTIC_EVENTS_LOST, (int)(now.number - seen - 1));
		seen = now.number;
		if(!now.refusal.testing)
			run_rejected(route);
	}
}

bool tlsp_events_wanted(void)
{
	return find_route("rejected") || find_route("expiry");
}

void tlsp_events_register(void)
{
	if(tlsp_events_wanted())
		register_basic_timers(1);
}

int tlsp_events_start(void)
{
	if(!tlsp_events_wanted())
		return 0;
	if(fork_basic_utimer(
			   PROC_TIMER, "TLS POLICY EVENTS", 1, tick, NULL, TICK_US)
			< 0) {
		LM_ERR("the process for event routes cannot be forked\n");
		return -1;
	}
	return 0;
}
