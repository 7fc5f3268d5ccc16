/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lookup - decides, before the core looks for one, which connection carries a
 * message of ours: SREV_NET_DATA_OUT, in the process that sends, with the
 * destination that tcp_send will get. What is chosen is chosen by id. No lock
 * may be held by the sender; the core's of its TCP tables and, inside it, the
 * table of connections' are taken for a moment, and after a tls.reload that of
 * tls_domains, once.
 */
#ifndef TLSP_LOOKUP_H
#define TLSP_LOOKUP_H

#include <stdbool.h>

#include "core/tcp_conn.h"

/* Judges the connection |id| by what is in force now, once for each generation;
 * no lock is held, nothing is acquired, and nothing else comes of it. */
typedef void (*tlsp_lookup_renew)(int id);

/* tlsp_lookup_register: main process, mod_init. 0, or -1 and a log line. */
int tlsp_lookup_register(tlsp_lookup_renew renew);

/* tlsp_lookup_start: main process at PROC_INIT. 0, or -1 and a log line. */
int tlsp_lookup_start(void);

/* tlsp_lookup_follow: a change is in force: warns, when more rules judge than
 * before, of what that will cut off or cannot reach here. Any process of ours,
 * one at a time; nothing is acquired. */
void tlsp_lookup_follow(void);

/* tlsp_lookup_found: tcp_send has found or opened |c| for |text|, in the encode
 * hook. False if that is not what was chosen for it: it must not be sent.
 * *|decided| if it is, so that it needs no second line. With c->write_lock held. */
bool tlsp_lookup_found(const struct tcp_connection *c, const char *text,
		size_t octets, bool *decided);

/* tlsp_lookup_kept_back: a request was, meant for |peer|, by |rule|, from a
 * connection that the peer opened, or we did: counted, and told once in a while.
 * Any lock. */
void tlsp_lookup_kept_back(const struct ip_addr *peer, unsigned short port,
		const char *rule, bool peer_opened);

#endif
