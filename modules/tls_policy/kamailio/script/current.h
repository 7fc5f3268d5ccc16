/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * current - the TLS connection on which the message came that a script works
 * on, from our own table, by the id that the core gave it: the core's own
 * look-up would put off its idle timeout. Any process that runs a script; no
 * lock but the table's, for the copy.
 */
#ifndef TLSP_CURRENT_H
#define TLSP_CURRENT_H

#include "core/parser/msg_parser.h"

#include "kamailio/connection/entry.h"

/* By value, of one moment. |vouched| belongs to current.c, and stays until the
 * next call. */
struct tlsp_current
{
	struct tlsp_connection connection;
	const struct tlsp_vouched *vouched;
};

/* tlsp_current_find: of |msg|, in a request, reply, branch, failure or onsend
 * route. False anywhere else, if it came over anything but TLS and WSS, and if
 * the connection has ended. */
bool tlsp_current_find(const sip_msg_t *msg, struct tlsp_current *out);

#endif
