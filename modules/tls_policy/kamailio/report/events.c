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
#include "core/kemi.h"
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
static str callback;	   /* event_callback: a function of the KEMI script */
static unsigned long seen; /* number of the last refusal, of this process */

enum variable
{
	VARIABLE_REASON,
	VARIABLE_TEXT,
	VARIABLE_PEER,
	VARIABLE_PEER_ROLE,
	VARIABLE_SNI,
	VARIABLE_CONNECTION,
	VARIABLE_TIME,
	VARIABLE_FILE,
	VARIABLE_SUBJECT,
	VARIABLE_DAYS,
	VARIABLE_KIND,
	VARIABLE_RULE, /* these two have another value outside */
	VARIABLE_IDENTITY,
	VARIABLES
};

static const char *const names[VARIABLES] = {
		[VARIABLE_REASON] = "reason",
		[VARIABLE_TEXT] = "text",
		[VARIABLE_PEER] = "peer",
		[VARIABLE_PEER_ROLE] = "peer_role",
		[VARIABLE_SNI] = "sni",
		[VARIABLE_CONNECTION] = "conid",
		[VARIABLE_TIME] = "time",
		[VARIABLE_FILE] = "file",
		[VARIABLE_SUBJECT] = "subject",
		[VARIABLE_DAYS] = "days",
		[VARIABLE_KIND] = "kind",
		[VARIABLE_RULE] = "rule",
		[VARIABLE_IDENTITY] = "identity",
};

int tlsp_events_find_variable(const str *name)
{
	for(int i = 0; i < VARIABLES; i++)
		if(name->len == (int)strlen(names[i])
				&& strncmp(name->s, names[i], (size_t)name->len) == 0)
			return i;
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
		case VARIABLE_PEER_ROLE:
			return tlsp_peer_role_word(now.refusal.role);
		case VARIABLE_SNI:
			return now.refusal.server_name[0] ? now.refusal.server_name : NULL;
		case VARIABLE_RULE:
			return now.refusal.rule[0] ? now.refusal.rule : NULL;
		default:
			return NULL;
	}
}

static const char *expiry_text(enum variable variable)
{
	const struct tlsp_certificate *certificate = expiring->certificate;
	bool peer = certificate->kind == TLSP_CERTIFICATE_PEER;

	switch(variable) {
		case VARIABLE_TEXT:
			return expiring->text;
		case VARIABLE_KIND:
			return tlsp_certificate_kind_word(certificate->kind);
		case VARIABLE_FILE:
			return peer ? NULL : certificate->name;
		case VARIABLE_SUBJECT:
			return peer ? NULL : certificate->subject;
		case VARIABLE_IDENTITY:
			return peer ? certificate->name : NULL;
		case VARIABLE_PEER_ROLE:
			return peer ? tlsp_peer_role_word(certificate->role) : NULL;
		case VARIABLE_RULE:
			return certificate->rule[0] ? certificate->rule : NULL;
		default:
			return NULL;
	}
}

bool tlsp_events_is_running(void)
{
	return event != NO_EVENT;
}

int tlsp_events_get_variable(
		int number, sip_msg_t *msg, pv_param_t *param, pv_value_t *value)
{
	enum variable variable = (enum variable)number;
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

const param_export_t tlsp_events_params[TLSP_EVENTS_PARAMS] = {
		{"event_callback", PARAM_STR, &callback}};

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

/* What an event is told to: a route, or with event_callback the KEMI script. */
struct handler
{
	struct action *route;
	sr_kemi_eng_t *engine;
	str event; /* as the function is told */
};

static bool find_handler(struct handler *out, const char *name)
{
	static char event[64];

	memset(out, 0, sizeof(*out));
	if(callback.len == 0)
		return (out->route = find_route(name)) != NULL;
	out->event.len = snprintf(event, sizeof(event), "tls-policy:%s", name);
	out->event.s = event;
	out->engine = sr_kemi_eng_get();
	return out->engine != NULL;
}

static void run(struct handler *handler, sip_msg_t *message)
{
	int before = get_route_type();

	set_route_type(EVENT_ROUTE);
	if(handler->route)
		run_top_route(handler->route, message, NULL);
	else if(sr_kemi_route(handler->engine, message, EVENT_ROUTE, &callback,
					&handler->event)
			< 0)
		LM_ERR("event_callback \"%.*s\" failed for %.*s\n", callback.len,
				callback.s, handler->event.len, handler->event.s);
	set_route_type(before);
	ksr_msg_env_reset();
}

/* $si, $sp and $proto are the refused peer's. */
static void run_rejected(struct handler *handler)
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
	run(handler, message);
	event = NO_EVENT;
	message->rcv = received;
}

static void run_expiry(const struct tlsp_expiring *certificate)
{
	struct handler handler;

	if(!find_handler(&handler, "expiry") || faked_msg_init() < 0)
		return;
	expiring = certificate;
	event = CERTIFICATE_EXPIRES;
	run(&handler, faked_msg_next());
	event = NO_EVENT;
	expiring = NULL;
}

static void tick(unsigned int unused_ticks, void *unused)
{
	struct handler handler;
	bool found;

	(void)unused_ticks, (void)unused;
	tlsp_expiry_tick(run_expiry);
	found = find_handler(&handler, "rejected");
	for(int i = 0; found && i < EVENTS_PER_TICK; i++) {
		if(!tlsp_rejections_next(seen, &now))
			return;
		if(now.number > seen + 1)
			tlsp_statistics_add(
					TLSP_STATISTIC_EVENTS_LOST, (int)(now.number - seen - 1));
		seen = now.number;
		if(!now.refusal.testing)
			run_rejected(&handler);
	}
}

bool tlsp_events_wanted(void)
{
	return callback.len > 0 || find_route("rejected") || find_route("expiry");
}

int tlsp_events_register(void)
{
	if(callback.len > 0 && !sr_kemi_eng_get()) {
		LM_ERR("event_callback \"%.*s\" is a function of a KEMI script, and "
			   "there is none: load its language and name it by cfgengine, or "
			   "write event_route[tls-policy:...] instead\n",
				callback.len, callback.s);
		return -1;
	}
	if(tlsp_events_wanted())
		register_basic_timers(1);
	return 0;
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
