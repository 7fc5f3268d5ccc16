/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * core_tcp - see core_tcp.h. Declared here is what core/tcp_main.c defines and
 * no header of the core's names. VERSIONVAL is Kamailio's own number of its
 * version: 5.6.3 is 5006003.
 */
#include "core_tcp.h"

#include <dlfcn.h>
#include <unistd.h>

#include "core/dprint.h"
#include "core/globals.h"
#include "core/locking.h"
#include "core/pass_fd.h"
#include "core/tcp_conn.h"
#include "core/tcp_server.h"

#ifndef VERSIONVAL
#error "without -DVERSIONVAL, which scripts/kamailio-flags finds"
#endif

/* By id, and the lock of this table and of that by address; a connection that
 * is found under it is not freed before it is released. */
extern struct tcp_connection **tcpconn_id_hash;
extern gen_lock_t *tcpconn_lock;

/* Under the lock. By |id|, or if that is 0 by addresses. */
#if VERSIONVAL >= 5007000
struct tcp_connection *_tcpconn_find(int id, struct ip_addr *ip, int port,
		struct ip_addr *local_ip, int local_port, sip_protos_t proto);
#else
struct tcp_connection *_tcpconn_find(int id, struct ip_addr *ip, int port,
		struct ip_addr *local_ip, int local_port);
#endif

/* Makes a connection that is in no table yet; its socket is |s|. */
struct tcp_connection *tcpconn_connect(union sockaddr_union *server,
		union sockaddr_union *from, int type, snd_flags_t *send_flags);

/* Under the lock: out of the tables, and freed. */
void _tcpconn_rm(struct tcp_connection *c);

/* Under the lock. */
static struct tcp_connection *find(int id)
{
#if VERSIONVAL >= 5007000
	return _tcpconn_find(id, NULL, 0, NULL, 0, PROTO_NONE);
#else
	return _tcpconn_find(id, NULL, 0, NULL, 0);
#endif
}

bool tlsp_core_tcp_exists(int id)
{
	bool found;

	TCPCONN_LOCK;
	found = find(id) != NULL;
	TCPCONN_UNLOCK;
	return found;
}

int tlsp_core_tcp_send(int id, const char *buffer, unsigned octets)
{
	struct dest_info to;

	init_dest_info(&to);
	to.proto = PROTO_TLS;
	to.id = id;
	to.to.s.sa_family = AF_INET; /* no address: by id or not at all */
	to.send_flags.f = SND_F_FORCE_CON_REUSE;
	return tcp_send(&to, NULL, buffer, octets);
}

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

/* As tcp_send does it. Takes |c|; its id, or 0. */
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

int tlsp_core_tcp_open(union sockaddr_union *peer, union sockaddr_union *local)
{
	snd_flags_t flags = {0};
	struct tcp_connection *c = tcpconn_connect(peer, local, PROTO_TLS, &flags);

	return c ? hand_over(c) : 0;
}

/* By which |id| is found; if it has ended, |port| is one that it was known
 * by. */
static int ports_of(
		int id, unsigned short ports[TCP_CON_MAX_ALIASES], unsigned short port)
{
	struct tcp_connection *c;
	int count = 0;

	TCPCONN_LOCK;
	c = find(id);
	for(int i = 0; c && i < c->aliases; i++)
		ports[count++] = c->con_aliases[i].port;
	TCPCONN_UNLOCK;
	if(count == 0)
		ports[count++] = port;
	return count;
}

static void show(int id, const unsigned short *ports, int count)
{
	for(int i = 0; i < count; i++)
		if(ports[i] != 0)
			tcpconn_add_alias(id, ports[i], PROTO_TLS);
}

/* The core compares the port under its lock; the hash is kept apart. */
static void hide(int id)
{
	struct tcp_connection *c;

	TCPCONN_LOCK;
	c = find(id);
	for(int i = 0; c && i < c->aliases; i++)
		c->con_aliases[i].port = 0;
	TCPCONN_UNLOCK;
}

void tlsp_core_tcp_move_addresses(int from, int to, unsigned short port)
{
	unsigned short ports[TCP_CON_MAX_ALIASES];
	int count = ports_of(from, ports, port);

	show(to, ports, count);
	hide(from);
	/* Where aliases may not point to two connections (tcp_connection alias
	 * flags), |to| gets them only now. */
	show(to, ports, count);
}

/* A symbol that the installed core has or not, whatever its headers say. */
bool tlsp_core_tls_runs_in_threads(void)
{
	const int *threads = dlsym(RTLD_DEFAULT, "ksr_tcp_main_threads");

	return threads && *threads != 0;
}

/* tls_threads_mode: 1 gives OpenSSL's state up in every child (5.7 and 5.8),
 * 2 at every fork. Any other number does nothing. */
bool tlsp_core_tls_cures_fork(void)
{
	const int *mode = dlsym(RTLD_DEFAULT, "ksr_tls_threads_mode");

	return mode && (*mode == 1 || *mode == 2);
}
