/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * held_writes - see held_writes.h.
 */
#include "held_writes.h"

#include "core/dprint.h"
#include "core/tcp_int_send.h"

#include "openssl/rehandshake.h"
#include "kamailio/report/statistics.h"

static tlsp_encode encode; /* the tls module's */
static const char more[] = "tls_policy: more of what was held back";

void tlsp_held_writes_init(tlsp_encode tls_encode)
{
	encode = tls_encode;
}

bool tlsp_held_writes_must_wait(const struct tlsp_connection *connection,
		const struct tlsp_record *record)
{
	return tlsp_rehandshake_holds(record) || connection->held.first;
}

bool tlsp_held_writes_is_more(const char *buffer)
{
	return buffer == more;
}

/* The core must not close a connection on which something waits. */
static int nothing_now(const struct tlsp_encode_call *call)
{
	*call->octets = 0;
	*call->rest = NULL;
	*call->rest_octets = 0;
	call->flags->f &= (unsigned char)~SND_F_CON_CLOSE;
	return 0;
}

int tlsp_held_writes_keep(struct tcp_connection *c,
		struct tlsp_connection *connection, struct tlsp_record *record,
		size_t limit, const struct tlsp_encode_call *call)
{
	struct tlsp_hold_queue *held = &connection->held;

	if(held->octets + *call->octets > limit
			&& !tlsp_rehandshake_give_up(record)) {
		LM_WARN("connection %d: %zu octets wait for a renegotiation, over "
				"tls_rehandshake_hold_octets: closing it\n",
				connection->id, held->octets + *call->octets);
		tlsp_connections_not_ours(connection); /* it is our limit */
		return -1;
	}
	if(!tlsp_hold_queue_add(held, *call->buffer, *call->octets, *call->flags))
		return -1;
	tlsp_statistics_add(TLSP_STATISTIC_MESSAGES_HELD, 1);
	if(tlsp_rehandshake_holds(record))
		return nothing_now(call);
	return tlsp_held_writes_next(c, connection, call);
}

int tlsp_held_writes_next(struct tcp_connection *c,
		struct tlsp_connection *connection, const struct tlsp_encode_call *call)
{
	struct tlsp_hold_queue *held = &connection->held;
	struct tlsp_held *first = held->first;
	const char *rest;
	unsigned rest_octets;
	int encoded;

	if(!first)
		return nothing_now(call);
	*call->buffer = first->data + first->sent;
	*call->octets = first->octets - first->sent;
	*call->flags = first->flags;
	encoded = encode(
			c, call->buffer, call->octets, &rest, &rest_octets, call->flags);
	if(encoded < 0)
		return -1;
	if(rest_octets > 0)
		first->sent = first->octets - rest_octets;
	else
		tlsp_hold_queue_drop_first(held);
	if(held->first && (call->flags->f & SND_F_CON_CLOSE)) {
		held->first->flags.f |= SND_F_CON_CLOSE; /* after the last one */
		call->flags->f &= (unsigned char)~SND_F_CON_CLOSE;
	}
	*call->rest = held->first ? more : NULL;
	*call->rest_octets = held->first ? sizeof(more) : 0;
	return encoded;
}

bool tlsp_held_writes_send(
		struct tcp_connection *c, struct tlsp_connection *connection)
{
	while(connection->held.first) {
		const char *buffer, *rest;
		unsigned octets, rest_octets;
		snd_flags_t flags;
		struct tlsp_encode_call call = {
				&buffer, &octets, &rest, &rest_octets, &flags};
		int encoded = tlsp_held_writes_next(c, connection, &call);

		if(encoded < 0
				|| (encoded > 0
						&& tcpconn_send_unsafe(c->fd, c, buffer, octets, flags)
								   < 0))
			return false;
	}
	return true;
}
