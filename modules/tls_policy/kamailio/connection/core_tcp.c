/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * core_tcp - see core_tcp.h. Declared here is what core/tcp_main.c defines and
 * no header of the core's names. VERSIONVAL is Kamailio's own number of its
 * version: 5.6.3 is 5006003.
 */
#include "core_tcp.h"

#include <dlfcn.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/dprint.h"
#include "core/globals.h"
#include "core/locking.h"
#include "core/cfg/cfg.h"
#include "core/pass_fd.h"
#include "core/socket_info.h"
#include "core/tcp_conn.h"
#include "core/tcp_options.h"
#include "core/tcp_server.h"
#include "core/tls_hooks.h"

#ifndef VERSIONVAL
#error "without -DVERSIONVAL, which scripts/kamailio-flags finds"
#endif

/* By id, and the lock of this table and of that by address; a connection that
 * is found under it is not freed before it is released. */
extern struct tcp_connection **tcpconn_id_hash;
extern struct tcp_conn_alias **tcpconn_aliases_hash;
extern gen_lock_t *tcpconn_lock;

/* Under the lock. By |id|, or if that is 0 by addresses. */
#if VERSIONVAL >= 5007000
struct tcp_connection *_tcpconn_find(int id, struct ip_addr *ip, int port,
		struct ip_addr *local_ip, int local_port, sip_protos_t proto);
#define FIND_BY_ID(id) _tcpconn_find(id, NULL, 0, NULL, 0, PROTO_NONE)
#else
struct tcp_connection *_tcpconn_find(int id, struct ip_addr *ip, int port,
		struct ip_addr *local_ip, int local_port);
#define FIND_BY_ID(id) _tcpconn_find(id, NULL, 0, NULL, 0)
#endif

/* Makes one that is in no table; its socket is |socket|. */
struct tcp_connection *tcpconn_new(int socket, union sockaddr_union *peer,
		union sockaddr_union *local, struct socket_info *listens, int type,
		int state);

/* Under the lock: out of the tables, and freed. */
void _tcpconn_rm(struct tcp_connection *c);

/* Under the lock. */
static struct tcp_connection *find(int id)
{
	return FIND_BY_ID(id);
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

/* 5.7 and later close what has received nothing for tcp_msg_data_timeout: ours
 * is to wait for none, or takes the place of one that has. */
static void exempt_from_data_timeout(struct tcp_connection *c)
{
#ifdef KSR_TCP_REQSTATE_DATARECV
	c->req.dxstate |= KSR_TCP_REQSTATE_DATARECV;
#else
	(void)c;
#endif
}

void tlsp_core_tcp_read_no_message(struct tcp_connection *c)
{
#ifdef KSR_TCP_REQSTATE_DATARECV
	if(c->req.pos == c->req.buf) /* no message has begun before */
		c->req.tvrstart.tv_sec = 0;
#else
	(void)c;
#endif
}

/* PENDING: what is written before tcp_main has the socket is queued. */
static void enter_by_id(struct tcp_connection *c)
{
	exempt_from_data_timeout(c);
	c->s = -1;
	c->flags |= F_CONN_PENDING | F_CONN_FD_CLOSED | F_CONN_HASHED;
	c->aliases = 0;
	c->id_hash = tcp_id_hash(c->id);
	atomic_set(&c->refcnt, 1); /* of the table by id */
	TCPCONN_LOCK;
	tcpconn_listadd(tcpconn_id_hash[c->id_hash], c, id_next, id_prev);
	TCPCONN_UNLOCK;
}

int tlsp_core_tcp_connect(
		const union sockaddr_union *peer, const union sockaddr_union *local)
{
	int on = 1;
	int made = socket(peer->s.sa_family,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);

	if(made < 0)
		return -1;
	setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(made, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	if(bind(made, &local->s, sockaddru_len(*local)) == 0
			&& (connect(made, &peer->s, sockaddru_len(*peer)) == 0
					|| errno == EINPROGRESS))
		return made;
	close(made);
	return -1;
}

bool tlsp_core_tcp_is_connected(int socket, bool *failed)
{
	struct pollfd wait = {.fd = socket, .events = POLLOUT};
	int error = 0;
	socklen_t octets = sizeof(error);

	*failed = false;
	if(poll(&wait, 1, 0) <= 0)
		return false;
	*failed = getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &octets) != 0
			  || error != 0;
	return !*failed;
}

/* Under its write_lock nobody else can write on it. */
static bool send_first(struct tcp_connection *c, int socket, const char *first,
		unsigned octets)
{
	const char *buffer = first, *rest = NULL;
	unsigned count = octets, rest_octets = 0;
	snd_flags_t flags = {0};
	int encoded;

	lock_get(&c->write_lock);
	encoded = tls_hook.encode(c, &buffer, &count, &rest, &rest_octets, &flags);
	encoded = encoded >= 0 && count > 0 && rest_octets == 0
			  && send(socket, buffer, count, MSG_NOSIGNAL) == (ssize_t)count;
	lock_release(&c->write_lock);
	return encoded;
}

static int hand_over(struct tcp_connection *c, int socket)
{
	long command[2] = {(long)c, CONN_NEW_COMPLETE};
	int id = c->id;

	return send_fd(unix_tcp_sock, command, sizeof(command), socket) > 0 ? id
																		: 0;
}

static struct tcp_connection *make(
		int socket, union sockaddr_union *peer, unsigned short local_port)
{
	union sockaddr_union local;
	socklen_t octets = sizeof(local);
	struct ip_addr address;
	struct tcp_connection *c;

	if(getsockname(socket, &local.s, &octets) != 0)
		return NULL;
	su2ip_addr(&address, &local);
	if(cfg_get(tcp, tcp_cfg, reuse_port))
		su_setport(&local, local_port);
	c = tcpconn_new(socket, peer, &local, find_si(&address, 0, PROTO_TLS),
			PROTO_TLS, S_CONN_OK);
	if(c && !c->rcv.bind_address)
		c->rcv.bind_address =
				address.af == AF_INET ? sendipv4_tls : sendipv6_tls;
	return c;
}

int tlsp_core_tcp_enter(int socket, union sockaddr_union *peer,
		unsigned short local_port, const char *first, unsigned octets)
{
	struct tcp_connection *c = make(socket, peer, local_port);
	int id = 0;

	if(c) {
		enter_by_id(c);
		if(send_first(c, socket, first, octets))
			id = hand_over(c, socket);
	}
	if(c && !id) {
		LM_ERR("a new connection cannot be handed to tcp_main\n");
		TCPCONN_LOCK;
		_tcpconn_rm(c);
		TCPCONN_UNLOCK;
	}
	close(socket);
	return id;
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

bool tlsp_core_tcp_ask(int id, tlsp_core_tcp_may may, void *with)
{
	struct tcp_connection *c;
	bool answer;

	TCPCONN_LOCK;
	c = find(id);
	answer = c && may(c, with);
	TCPCONN_UNLOCK;
	return answer;
}

/* What tcp_send looks for: an address of the peer's, and ours, if it matters. */
struct wanted
{
	struct ip_addr peer, local;
	unsigned short peer_port, local_port;
};

/* As msg_send_buffer (core/forward.h) and tcpconn_lookup do it. */
static struct wanted wanted_by(const struct dest_info *to)
{
	struct wanted wanted = {.local_port = 0};

	su2ip_addr(&wanted.peer, (union sockaddr_union *)&to->to);
	wanted.peer_port = su_getport(&to->to);
	if((to->send_flags.f & SND_F_FORCE_SOCKET) && to->send_sock) {
		wanted.local = to->send_sock->address;
		if(cfg_get(tcp, tcp_cfg, reuse_port))
			wanted.local_port = to->send_sock->port_no;
	} else {
		ip_addr_mk_any(wanted.peer.af, &wanted.local);
	}
	return wanted;
}

/* As _tcpconn_find. */
static bool is_wanted(
		struct wanted *wanted, struct tcp_connection *c, bool by_alias)
{
	return c->state != S_CONN_BAD
		   && (by_alias || c->rcv.src_port == wanted->peer_port)
		   && (wanted->local_port == 0 || wanted->local_port == c->rcv.dst_port)
		   && ip_addr_cmp(&wanted->peer, &c->rcv.src_ip)
		   && (ip_addr_any(&wanted->local)
				   || ip_addr_cmp(&wanted->local, &c->rcv.dst_ip)
				   || ip_addr_cmp(&wanted->local, &c->cinfo.dst_ip));
}

/* Under the lock. */
static int find_alias(struct wanted *wanted, tlsp_core_tcp_may may, void *with)
{
	unsigned hash = tcp_addr_hash(&wanted->peer, wanted->peer_port,
			&wanted->local, wanted->local_port);

	for(const struct tcp_conn_alias *a = tcpconn_aliases_hash[hash]; a;
			a = a->next)
		if(a->port == wanted->peer_port && is_wanted(wanted, a->parent, true)
				&& may(a->parent, with))
			return a->parent->id;
	return 0;
}

/* Under the lock. Where tcp_connection_match is strict, first what came to, or
 * from, the port of the sending socket. */
static int find_by_alias(const struct dest_info *to, struct wanted *wanted,
		tlsp_core_tcp_may may, void *with)
{
	struct wanted strict = *wanted;
	int id = 0;

	if(tcp_connection_match == TCPCONN_MATCH_STRICT && to->send_sock
			&& wanted->local_port == 0) {
		strict.local_port = to->send_sock->port_no;
		id = find_alias(&strict, may, with);
	}
	return id ? id : find_alias(wanted, may, with);
}

int tlsp_core_tcp_choose(const struct dest_info *to, const int *ids,
		size_t count, tlsp_core_tcp_may may, void *with)
{
	struct wanted wanted = wanted_by(to);
	struct tcp_connection *c;
	int id;

	TCPCONN_LOCK;
	id = find_by_alias(to, &wanted, may, with);
	for(size_t i = 0; !id && i < count; i++) {
		c = find(ids[i]);
		if(c && is_wanted(&wanted, c, false) && may(c, with))
			id = c->id;
	}
	TCPCONN_UNLOCK;
	return id;
}

int tlsp_core_tcp_make_none(void)
{
	union sockaddr_union nowhere = {.sin = {.sin_family = AF_INET}};
	struct tcp_connection *c =
			tcpconn_new(-1, &nowhere, &nowhere, NULL, PROTO_TCP, S_CONN_OK);

	if(!c)
		return 0;
	c->send_flags.f |= SND_F_CON_CLOSE;
	enter_by_id(c);
	return c->id;
}

bool tlsp_core_tcp_mixes_protocols(void)
{
	return VERSIONVAL < 5007000 || tcp_connection_match != TCPCONN_MATCH_STRICT;
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
