/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * held_writes - keeps clear text of ours back while a renegotiation goes on
 * and sends it afterwards, in order. All of it under the write_lock of the
 * connection, in the process that writes or reads.
 */
#ifndef TLSP_HELD_WRITES_H
#define TLSP_HELD_WRITES_H

#include "core/tcp_conn.h"

#include "kamailio/connection/connections.h"

/* The arguments of the encode hook (core/tls_hooks.h) but the connection. */
struct tlsp_encode_call
{
	const char **buffer;
	unsigned int *octets;
	const char **rest;
	unsigned int *rest_octets;
	snd_flags_t *flags;
};

/* The tls module's encode hook. */
typedef int (*tlsp_encode)(struct tcp_connection *c, const char **buffer,
		unsigned int *octets, const char **rest, unsigned int *rest_octets,
		snd_flags_t *flags);

/* tlsp_held_writes_init: main process, mod_init. */
void tlsp_held_writes_init(tlsp_encode encode);

/* tlsp_held_writes_must_wait: must this write wait, or follow others that do?
 * */
bool tlsp_held_writes_must_wait(const struct tlsp_connection *connection,
		const struct tlsp_record *record);

/*
 * tlsp_held_writes_keep: the write of |call| waits. The result is that of the
 * encode hook. At most |limit| octets wait. Over it, as server before the peer
 * has begun, the renegotiation is given up and all is sent now; otherwise -1,
 * and the core closes the connection.
 */
int tlsp_held_writes_keep(struct tcp_connection *c,
		struct tlsp_connection *connection, struct tlsp_record *record,
		size_t limit, const struct tlsp_encode_call *call);

/* tlsp_held_writes_is_more: is |buffer| the rest that
 * tlsp_held_writes_next asked to be called for? */
bool tlsp_held_writes_is_more(const char *buffer);

/* tlsp_held_writes_next: the next waiting write, encrypted, as the result of
 * |call|, whose rest is set if more is waiting. 0 if nothing is waiting. */
int tlsp_held_writes_next(struct tcp_connection *c,
		struct tlsp_connection *connection,
		const struct tlsp_encode_call *call);

/* tlsp_held_writes_send: sends all that is waiting; in the process that reads
 * |c| and has its socket, which holds the write_lock. False if the connection
 * is broken. */
bool tlsp_held_writes_send(
		struct tcp_connection *c, struct tlsp_connection *connection);

#endif
