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
#include "core/tcp_conn.h"

/* tlsp_core_tcp_exists: does the core still have connection |id|? */
bool tlsp_core_tcp_exists(int id);

/* tlsp_core_tcp_send: the core's tcp_send on the TLS connection |id| and no
 * other; its result: what was sent or queued, or negative. May wait for the
 * write_lock and for tcp_main. */
int tlsp_core_tcp_send(int id, const char *buffer, unsigned octets);

/*
 * A connection of ours to a TLS server, opened step by step and without waiting,
 * whatever tcp_async says. It is found by its id alone: the core would let it
 * take the address over at once (new_conn_alias_flags), before anybody has
 * judged the peer. A process with a socket to tcp_main.
 *
 * tlsp_core_tcp_connect: begins to connect to |peer| from the address |local|;
 * a socket, or -1.
 * tlsp_core_tcp_is_connected: is |socket|? *|failed| if it never will be.
 * tlsp_core_tcp_enter: enters a connection with |peer| over |socket|, has
 * |first| encoded and sent by this process (so the ClientHello is out before
 * anybody reads), and hands it to tcp_main. With tcp_reuse_port the core looks
 * for |local_port|, which is noted as its own. Takes |socket|; its id, or 0 and
 * a log line.
 */
int tlsp_core_tcp_connect(
		const union sockaddr_union *peer, const union sockaddr_union *local);
bool tlsp_core_tcp_is_connected(int socket, bool *failed);
int tlsp_core_tcp_enter(int socket, union sockaddr_union *peer,
		unsigned short local_port, const char *first, unsigned octets);

/*
 * tlsp_core_tcp_move_addresses: from now on what is sent to an address by which
 * connection |from| was found goes over |to|; there is no moment without
 * either. |from| is found by its id alone, so replies still go over it. If it
 * has ended, |to| is found by |port| of its peer.
 */
void tlsp_core_tcp_move_addresses(int from, int to, unsigned short port);

/*
 * Which connection carries a message. |may| is asked for one connection, under
 * the core's lock of its tables, and must want no lock but one that is wanted
 * there by others too; |with| is handed through.
 */
typedef bool (*tlsp_core_tcp_may)(const struct tcp_connection *c, void *with);

/* tlsp_core_tcp_ask: does |may| say yes to connection |id|? False if it has
 * ended. */
bool tlsp_core_tcp_ask(int id, tlsp_core_tcp_may may, void *with);

/* tlsp_core_tcp_choose: the id of the first connection, in the order in which
 * tcp_send would look for one to |to| by address, to which |may| says yes; and
 * of |ids|, |count| of them, if there is none. 0: none. */
int tlsp_core_tcp_choose(const struct dest_info *to, const int *ids,
		size_t count, tlsp_core_tcp_may may, void *with);

/*
 * tlsp_core_tcp_make_none: makes a connection that is none: it has no socket,
 * no address and no end, and is marked as one to be closed. A destination with
 * its id makes tcp_send look for no address and open a new connection. Main
 * process, once, before any fork. Its id, or 0 without memory.
 */
int tlsp_core_tcp_make_none(void);

/* tlsp_core_tcp_read_no_message: what was just read on |c|, whose handshake is
 * over, belongs to no message: a KeyUpdate, a ticket, the end of a handshake.
 * From 5.7 on the core gives a message tcp_msg_read_timeout from the first octet
 * that was read, whatever that was, and then closes the connection. The
 * connection's reader. */
void tlsp_core_tcp_read_no_message(struct tcp_connection *c);

/* tlsp_core_tcp_mixes_protocols: does this core, asked for a connection by
 * address, find one of another protocol, too? Before 5.7 always, since then
 * unless tcp_connection_match=1: else its tcp_send asks for no protocol. */
bool tlsp_core_tcp_mixes_protocols(void);

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
