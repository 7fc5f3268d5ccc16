/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * core_tcp - what the core's TCP layer (core/tcp_main.c of 5.6) offers to
 * modules without a header of its own.
 */
#ifndef TLSP_CORE_TCP_H
#define TLSP_CORE_TCP_H

#include "core/locking.h"
#include "core/tcp_conn.h"

/* By address and by id, and the lock of both; a connection that is found under
 * it is not freed before it is released. */
extern struct tcp_conn_alias **tcpconn_aliases_hash;
extern struct tcp_connection **tcpconn_id_hash;
extern gen_lock_t *tcpconn_lock;

/* This process' end of a socket to tcp_main. */
extern int unix_tcp_sock;

/* Under the lock. By |id|, or if that is 0 by addresses. */
struct tcp_connection *_tcpconn_find(int id, struct ip_addr *ip, int port,
		struct ip_addr *local_ip, int local_port);

/* Connects (without waiting where tcp_async is on) and makes a connection that
 * is in no table yet; its socket is |s|. */
struct tcp_connection *tcpconn_connect(union sockaddr_union *server,
		union sockaddr_union *from, int type, snd_flags_t *send_flags);


/* Under the lock: out of the tables, and freed. */
void _tcpconn_rm(struct tcp_connection *c);

#endif
