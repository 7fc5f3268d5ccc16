/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rejection_route - see rejection_route.h. The route gets a faked SIP message,
 * as other modules' event routes do, that comes from the refused peer: $si, $sp
 * and $proto are its own.
 */
#include "rejection_route.h"

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

#include "rejections.h"
#include "statistics.h"

enum
{
	TICK_US = 50 * 1000,
	EVENTS_PER_TICK = 32
};

static struct tlsp_rejection now; /* that the route is run for */
static bool in_route;
static unsigned long seen; /* number of the last one, of this process */

enum variable
{
	VARIABLE_REASON,
	VARIABLE_TEXT,
	VARIABLE_PEER,
	VARIABLE_ROLE,
	VARIABLE_SNI,
	VARIABLE_CONNECTION,
	VARIABLE_TIME,
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
	LM_ERR("$tlsp(%.*s): the names are reason, text, peer, role, sni, conid "
		   "and time\n",
			name->len, name->s);
	return -1;
}

static int get_text(struct sip_msg *msg, pv_param_t *param, pv_value_t *value,
		const char *text)
{
	return pv_get_strzval(msg, param, value, (char *)text);
}

static int get_variable(
		struct sip_msg *msg, pv_param_t *param, pv_value_t *value)
{
	static char text[512]; /* must outlive the call */

	if(!in_route)
		return pv_get_null(msg, param, value);
	switch((enum variable)param->pvn.u.isname.name.n) {
		case VARIABLE_REASON:
			return get_text(msg, param, value,
					tlsp_verdict_print_words(
							now.refusal.reasons, text, sizeof(text)));
		case VARIABLE_TEXT:
			return get_text(msg, param, value, now.refusal.why);
		case VARIABLE_PEER:
			return get_text(msg, param, value,
					tlsp_rejections_print_peer(&now, text, sizeof(text)));
		case VARIABLE_ROLE:
			return get_text(msg, param, value, tlsp_rejections_role(&now));
		case VARIABLE_SNI:
			return now.refusal.server_name[0] ? get_text(
						   msg, param, value, now.refusal.server_name)
											  : pv_get_null(msg, param, value);
		case VARIABLE_CONNECTION:
			return pv_get_sintval(msg, param, value, now.connection);
		case VARIABLE_TIME:
			return pv_get_sintval(msg, param, value, (long)now.at);
		case VARIABLES:
			break;
	}
	return pv_get_null(msg, param, value);
}

/* clang-format off */
pv_export_t tlsp_rejection_variables[] = {
	{STR_STATIC_INIT("tlsp"), PVT_OTHER, get_variable, NULL, parse_name,
		NULL, NULL, 0},
	{{NULL, 0}, 0, NULL, NULL, NULL, NULL, NULL, 0}
};
/* clang-format on */

/* The parser of the configuration takes no '_' in front of the ':' and reads
 * the module's own name as the last of these. */
static struct action *find_route(void)
{
	static char *const routes[] = {
			"tls-policy:rejected", "tls_policy:rejected", "policy:rejected"};

	for(size_t i = 0; i < sizeof(routes) / sizeof(*routes); i++) {
		int place = route_lookup(&event_rt, routes[i]);

		if(place >= 0 && event_rt.rlist[place])
			return event_rt.rlist[place];
	}
	return NULL;
}

static void run_route(struct action *route)
{
	int before = get_route_type();
	struct receive_info received;
	sip_msg_t *message;

	if(faked_msg_init() < 0)
		return;
	message = faked_msg_next();
	received = message->rcv;
	message->rcv.src_ip = now.address;
	message->rcv.src_port = now.port;
	message->rcv.proto = PROTO_TLS;
	set_route_type(EVENT_ROUTE);
	in_route = true;
	run_top_route(route, message, NULL);
	in_route = false;
	set_route_type(before);
	message->rcv = received;
	ksr_msg_env_reset();
}

static void tick(unsigned int unused_ticks, void *unused)
{
	struct action *route = find_route();

	(void)unused_ticks, (void)unused;
	for(int i = 0; route && i < EVENTS_PER_TICK; i++) {
		if(!tlsp_rejections_next(seen, &now))
			return;
		if(now.number > seen + 1)
			tlsp_statistics_add(
					TLSP_STATISTIC_EVENTS_LOST, (int)(now.number - seen - 1));
		seen = now.number;
		run_route(route);
	}
}

void tlsp_rejection_route_register(void)
{
	if(find_route())
		register_basic_timers(1);
}

int tlsp_rejection_route_start(void)
{
	if(!find_route())
		return 0;
	if(fork_basic_utimer(
			   PROC_TIMER, "TLS POLICY EVENTS", 1, tick, NULL, TICK_US)
			< 0) {
		LM_ERR("the process for event_route[tls-policy:rejected] cannot be "
			   "forked\n");
		return -1;
	}
	return 0;
}
