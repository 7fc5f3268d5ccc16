/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * current - see current.h.
 */
#include "current.h"

#include "core/route.h"

#include "kamailio/connection/connections.h"

enum
{
	ROUTES = REQUEST_ROUTE | ONREPLY_ROUTE | BRANCH_ROUTE | FAILURE_ROUTE
			 | BRANCH_FAILURE_ROUTE | ONSEND_ROUTE
};

static union
{
	struct tlsp_vouched vouched;
	char octets[TLSP_VOUCHED_MAX_OCTETS];
} copy; /* of this process */

/* An event route counts as a request route for the core, and more. */
static bool is_in_route(void)
{
	int type = get_route_type();

	return (type & ROUTES) && !(type & ONEVENT_ROUTE);
}

/* Of any other protocol proto_reserved1 is something else. */
bool tlsp_current_find(const sip_msg_t *msg, struct tlsp_current *out)
{
	out->vouched = &copy.vouched;
	return msg && is_in_route()
		   && (msg->rcv.proto == PROTO_TLS || msg->rcv.proto == PROTO_WSS)
		   && tlsp_connections_vouched(
				   msg->rcv.proto_reserved1, &out->connection, &copy.vouched);
}
