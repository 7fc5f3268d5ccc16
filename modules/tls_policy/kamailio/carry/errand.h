/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * errand - what a message of ours asks of the connection that is to carry it,
 * and whether one may (doc/reuse.md). Any process that sends.
 */
#ifndef TLSP_ERRAND_H
#define TLSP_ERRAND_H

#include "core/ip_addr.h"
#include "core/tcp_conn.h"

#include "openssl/record.h"
#include "openssl/terms.h"

struct tlsp_errand
{
	int proto;			 /* of the connection */
	struct ip_addr peer; /* where it goes; with port 0 the address is all */
	unsigned short port;
	bool asked;	 /* is anything asked of servers? If so: */
	bool judged; /* not on a connection that the peer opened, unless it would be
					accepted as a server by these: */
	struct tlsp_digest chain, leaf; /* of the terms */
	bool bound; /* not on one that we opened to others than: */
	bool named;
	struct tlsp_digest server_name, server_id;
	bool replaced;		/* one was passed over because it is */
	bool other;			/* likewise, because it is of another protocol */
	unsigned kept_back; /* from how many connections that the peer opened */
};

/* tlsp_errand_read: for a message over |proto|, TLS, WSS or WS, that this process
 * sends now to |to|, with the server name and server_id that its script asks
 * for. Acquires the terms of now for a moment. False if there are none, or
 * without memory. */
bool tlsp_errand_read(
		struct tlsp_errand *out, int proto, const union sockaddr_union *to);

/* tlsp_errand_of: of a message over |proto| that the policy has no say in: any
 * connection of that protocol may carry it. */
struct tlsp_errand tlsp_errand_of(int proto);

/* tlsp_errand_is_free: may any connection carry it, whatever its protocol, but
 * those that are replaced? */
bool tlsp_errand_is_free(const struct tlsp_errand *errand);

/* tlsp_errand_may: may |c| carry |errand|, a struct tlsp_errand? See
 * tlsp_core_tcp_may; takes the lock of the table of connections. */
bool tlsp_errand_may(const struct tcp_connection *c, void *errand);

/* tlsp_errand_may_by_id: likewise, if |c| was not found by the address that the
 * errand goes to, but chosen by somebody else: it must have been opened from or
 * to that address, if we opened it also to that port. */
bool tlsp_errand_may_by_id(const struct tcp_connection *c, void *errand);

/*
 * tlsp_errand_is_forbidden: the second line, in the encode hook: does |text|
 * begin a request that |c| may not carry by |terms|? Whoever sends it has asked
 * nobody. |record| is c's, NULL if it has none yet. With c->write_lock held.
 */
bool tlsp_errand_is_forbidden(const struct tcp_connection *c,
		const struct tlsp_record *record, const struct tlsp_terms *terms,
		const char *text, size_t octets);

#endif
