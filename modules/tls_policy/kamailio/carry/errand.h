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
#include "kamailio/policy/tls_domains.h"

struct tlsp_errand
{
	int proto;			 /* of the connection */
	struct ip_addr peer; /* where it goes; with port 0 the address is all */
	unsigned short port;
	const struct tlsp_in_force *in_force; /* acquired; NULL: none */
	struct tlsp_rule_facts facts;		  /* of it, as whoever connects there */
	const struct tlsp_terms *terms;		  /* those, from where it is sent */
	struct tlsp_client_trust trust;		  /* of now */
	bool asked; /* is anything asked of servers, here or from elsewhere? If so,
				   whom is it for: */
	bool named;
	struct tlsp_digest server_name, server_id;
	bool follows;  /* an ACK or CANCEL for which no name is asked */
	bool unproven; /* the last one that may carry it has still to prove whose it
					  is */
	bool settled;  /* nothing is judged anew for it any more; else: */
	int stale;	   /* one was passed over that was judged before what is in
						   force now; 0: none */
	bool replaced; /* one was passed over because it is */
	bool other;	   /* likewise, because it is of another protocol */
	unsigned kept_back; /* from how many connections that the peer opened */
	const char *rule;	/* by which, of the last; NULL: they are unknown yet */
};

/* tlsp_errand_begin: for a message over TLS, WSS or WS that this process sends
 * now |to|, with the server name and server_id that its script asks for.
 * Acquires what is in force until tlsp_errand_end, which is to be called in
 * either case. False if there is nothing, or without memory. */
bool tlsp_errand_begin(struct tlsp_errand *out, const struct dest_info *to);
void tlsp_errand_end(struct tlsp_errand *errand);

/* tlsp_errand_count_judged: how many rules, the default included, ask something
 * of a server before a connection that it opened carries our requests? Acquires
 * and releases. */
size_t tlsp_errand_count_judged(void);

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
 * to that address, if we opened it also to that port. An errand that follows
 * may go where its INVITE went, whatever name that asked for. */
bool tlsp_errand_may_by_id(const struct tcp_connection *c, void *errand);

/*
 * tlsp_errand_is_forbidden: the second line, in the encode hook, in an open
 * gate: does |text| begin a request that |c| may not carry, whomever it is for?
 * Whoever sends it has asked nobody. |record| is c's, NULL if it has none yet.
 * With c->write_lock held. Then |rule|, if it is not NULL, is the name of the
 * rule that says so; borrowed from what is in force.
 */
bool tlsp_errand_is_forbidden(const struct tcp_connection *c,
		struct tlsp_record *record, const char *text, size_t octets,
		const char **rule);

#endif
