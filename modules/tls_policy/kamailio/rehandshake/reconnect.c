/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reconnect - see reconnect.h. The core enters a connection by id and by its
 * peer's address (an alias) at once, and lets a new one take the address over
 * (new_conn_alias_flags), before anybody has judged the peer. So the successor
 * is entered here, by id only, and handed to tcp_main as tcp_send does it.
 */
#include "reconnect.h"

#include <unistd.h>

#include "core/dprint.h"
#include "core/pass_fd.h"
#include "core/tcp_conn.h"
#include "core/tcp_server.h"

#include "kamailio/connection/core_tcp.h"
#include "jobs.h"
#include "kamailio/policy/tls_domains.h"

/* RFC 5626, 4.4.1: a ping; ignored by whoever does not know it (RFC 3261,
 * 7.5). It makes the tls module begin the handshake. */
static const char ping[] = "\r\n\r\n";

/* PENDING: what is written before tcp_main has the socket is queued. */
static void enter_by_id(struct tcp_connection *c)
{
	c->s = -1;
	c->flags |= F_CONN_PENDING | F_CONN_FD_CLOSED | F_CONN_HASHED;
	c->aliases = 0;
	c->id_hash = tcp_id_hash(c->id);
	atomic_set(&c->refcnt, 1); /* of the table by id */
	TCPCONN_LOCK;
	tcpconn_listadd(tcpconn_id_hash[c->id_hash], c, id_next, id_prev);
	TCPCONN_UNLOCK;
}

/* Where a source address is asked for, the core does not look for the port. */
static void note_local_port(struct tcp_connection *c)
{
	union sockaddr_union local;
	socklen_t octets = sizeof(local);

	if(getsockname(c->s, &local.s, &octets) == 0)
		c->rcv.dst_port = su_getport(&local);
}

/* Takes |c|; its id, or 0. */
static int hand_over(struct tcp_connection *c)
{
	long command[2] = {(long)c, CONN_NEW_COMPLETE};
	int id = c->id, socket = c->s;

	note_local_port(c);
	enter_by_id(c);
	if(send_fd(unix_tcp_sock, command, sizeof(command), socket) <= 0) {
		LM_ERR("tcp_main does not take a new connection\n");
		TCPCONN_LOCK;
		_tcpconn_rm(c);
		TCPCONN_UNLOCK;
		id = 0;
	}
	close(socket);
	return id;
}

bool tlsp_reconnect_is_first(const char *buffer)
{
	return buffer == ping;
}

bool tlsp_reconnect_open(int id, struct tlsp_successor *out)
{
	struct tlsp_job addresses = {.kind = TLSP_JOB_ADDRESSES};
	struct tlsp_job close_it = {.kind = TLSP_JOB_CLOSE};
	snd_flags_t flags = {0};
	struct tcp_connection *c = NULL;
	bool opened = false;

	if(tlsp_jobs_run(id, &addresses) == TLSP_JOB_DONE)
		c = tcpconn_connect(
				&addresses.peer, &addresses.local, PROTO_TLS, &flags);
	if(c) {
		out->port = su_getport(&addresses.peer);
		out->id = hand_over(c);
		opened =
				out->id && tlsp_jobs_send(out->id, ping, sizeof(ping) - 1) >= 0;
		if(out->id && !opened)
			tlsp_jobs_run(out->id, &close_it);
	}
	tlsp_tls_domains_choose_default();
	return opened;
}

/* The old one may have ended; its peer's port is one that it was known by. */
static int ports_of(
		int id, unsigned short ports[TCP_CON_MAX_ALIASES], unsigned short port)
{
	struct tcp_connection *c;
	int count = 0;

	TCPCONN_LOCK;
	c = _tcpconn_find(id, NULL, 0, NULL, 0);
	for(int i = 0; c && i < c->aliases; i++)
		ports[count++] = c->con_aliases[i].port;
	TCPCONN_UNLOCK;
	if(count == 0)
		ports[count++] = port;
	return count;
}

void tlsp_reconnect_replace(int id, const struct tlsp_successor *successor)
{
	unsigned short ports[TCP_CON_MAX_ALIASES];
	int count = ports_of(id, ports, successor->port);
	struct tcp_connection *c;

	for(int i = 0; i < count; i++)
		if(ports[i] != 0)
			tcpconn_add_alias(successor->id, ports[i], PROTO_TLS);
	TCPCONN_LOCK;
	c = _tcpconn_find(id, NULL, 0, NULL, 0);
	for(int i = 0; c && i < c->aliases; i++)
		c->con_aliases[i].port = 0; /* found by no address any more */
	TCPCONN_UNLOCK;
	/* Where aliases may not point to two connections (tcp_connection alias
	 * flags), the successor gets them only now. */
	for(int i = 0; i < count; i++)
		if(ports[i] != 0)
			tcpconn_add_alias(successor->id, ports[i], PROTO_TLS);
}
