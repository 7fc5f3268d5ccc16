/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * core_tcp - what the core's TCP layer can do for us beyond its header files,
 * and whatever differs in it between Kamailio's versions: the only file that
 * declares symbols of the core or knows its tables of connections. Any process
 * that may send, unless it is said otherwise.
 *
 * The core finds a connection by its id, or by an address of its peer's (an
 * alias; one connection has several). Its lock of both tables is taken inside
 * each function and never held at the return; none may be called with it or
 * with a connection's write_lock held.
 */
#ifndef TLSP_CORE_TCP_H
#define TLSP_CORE_TCP_H

#include <stdbool.h>

#include "core/ip_addr.h"

/* tlsp_core_tcp_exists: does the core still have connection |id|? */
bool tlsp_core_tcp_exists(int id);

/* tlsp_core_tcp_send: the core's tcp_send on the TLS connection |id| and no
 * other; its result: what was sent or queued, or negative. May wait for the
 * write_lock and for tcp_main. */
int tlsp_core_tcp_send(int id, const char *buffer, unsigned octets);

/*
 * tlsp_core_tcp_open: connects to |peer| from the address |local| for TLS
 * (without waiting where tcp_async is on) and hands the connection to tcp_main.
 * It is found by its id alone: the core would let it take the address over at
 * once (new_conn_alias_flags), before anybody has judged the peer. Its id, or
 * 0 and a log line. A process with a socket to tcp_main.
 */
int tlsp_core_tcp_open(union sockaddr_union *peer, union sockaddr_union *local);

/*
 * tlsp_core_tcp_move_addresses: from now on what is sent to an address by which
 * connection |from| was found goes over |to|; there is no moment without
 * either. |from| is found by its id alone, so replies still go over it. If it
 * has ended, |to| is found by |port| of its peer.
 */
void tlsp_core_tcp_move_addresses(int from, int to, unsigned short port);

/* tlsp_core_tls_runs_in_threads: does this core do TLS in threads of tcp_main
 * (tcp_main_threads, from 6.1 on), where no hook of ours runs? Main process,
 * mod_init. */
bool tlsp_core_tls_runs_in_threads(void);

/* tlsp_core_tls_cures_fork: does the tls module keep OpenSSL's state of a
 * thread from being shared over a fork? tls_threads_mode says so: 5.6 has none,
 * 5.7 and 5.8 have it off unless it is set, from 6.0 on it is on. Main process,
 * PROC_INIT: the tls module may set it in its mod_init. */
bool tlsp_core_tls_cures_fork(void);

#endif
