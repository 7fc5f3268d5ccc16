/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * errand - see errand.h.
 */
#include "errand.h"

#include <string.h>

#include "openssl/reverse.h"
#include "policy/sip_text.h"
#include "policy/verdict.h"
#include "kamailio/connection/connections.h"
#include "kamailio/policy/live_policy.h"
#include "kamailio/policy/tls_domains.h"

static bool asks(const struct tlsp_policy *policy)
{
	return tlsp_verdict_asks_certificate(policy, TLSP_ROLE_CLIENT);
}

static bool judges(const struct tlsp_policy *policy)
{
	return asks(policy)
		   && policy->reuse_accepted_connections == TLSP_REUSE_JUDGED;
}

/* The digest of a name alone is what the record of an SSL has. */
static bool read_name(struct tlsp_errand *errand)
{
	struct tlsp_part name = {NULL, 0};

	name.data = tlsp_tls_domains_asked_name(&name.octets);
	errand->named = name.octets > 0;
	return tlsp_digest(&errand->server_name, &name, 1)
		   && tlsp_tls_domains_asked_id(&errand->server_id);
}

bool tlsp_errand_read(
		struct tlsp_errand *out, int proto, const union sockaddr_union *to)
{
	const struct tlsp_terms *terms = tlsp_live_policy_acquire();

	*out = tlsp_errand_of(proto);
	if(!terms)
		return false;
	su2ip_addr(&out->peer, (union sockaddr_union *)to);
	out->port = su_getport(to);
	out->asked = asks(terms->policy);
	out->judged = judges(terms->policy);
	out->bound = out->asked && terms->policy->bind_to_peer;
	out->chain = terms->chain;
	out->leaf = terms->leaf;
	tlsp_live_policy_release(terms);
	return !out->bound || read_name(out);
}

struct tlsp_errand tlsp_errand_of(int proto)
{
	return (struct tlsp_errand){.proto = proto};
}

bool tlsp_errand_is_free(const struct tlsp_errand *errand)
{
	return !errand->asked;
}

/* A connection of ours is entered when its first octets are made. */
static bool may_unknown(
		const struct tcp_connection *c, const struct tlsp_errand *errand)
{
	return (c->flags & F_CONN_PASSIVE) ? !errand->judged : !errand->bound;
}

/* Bound to the address that was dialled, one that the peer opened was judged by
 * that address, so it has no name. */
static bool may_accepted(const struct tlsp_connection *connection,
		const struct tlsp_errand *errand)
{
	const struct tlsp_reverse *reverse = &connection->reverse;

	if(!errand->judged)
		return true;
	return reverse->accepted && !(errand->bound && errand->named)
		   && tlsp_digest_equal(&reverse->chain, &errand->chain)
		   && tlsp_digest_equal(&reverse->leaf, &errand->leaf);
}

static bool may(const struct tcp_connection *c,
		const struct tlsp_connection *connection, struct tlsp_errand *errand)
{
	if(tlsp_connection_is_replaced(connection)) {
		errand->replaced = true;
		return false;
	}
	if(c->flags & F_CONN_PASSIVE)
		return may_accepted(connection, errand);
	return !errand->bound
		   || (tlsp_digest_equal(&connection->server_name, &errand->server_name)
				   && tlsp_digest_equal(
						   &connection->server_id, &errand->server_id));
}

/* The script says ws of both kinds of WebSocket. */
static bool is_of(const struct tcp_connection *c, int proto)
{
	return (int)c->type == proto || (proto == PROTO_WS && c->type == PROTO_WSS);
}

bool tlsp_errand_may(const struct tcp_connection *c, void *with)
{
	struct tlsp_errand *errand = with;
	struct tlsp_connection view;
	bool answer;

	if(tcpconn_close_after_send(c))
		return false;
	if(!is_of(c, errand->proto)) {
		errand->other = true;
		return false;
	}
	if(c->type == PROTO_TCP || c->type == PROTO_WS)
		return true; /* no TLS, and no say */
	if(tlsp_connections_view(c->id, &view))
		answer = may(c, &view, errand);
	else
		answer = may_unknown(c, errand);
	if(!answer && (c->flags & F_CONN_PASSIVE))
		errand->kept_back++;
	return answer;
}

static bool has_port(const struct tcp_connection *c, unsigned short port)
{
	for(int i = 0; i < c->aliases; i++)
		if(c->con_aliases[i].port == port)
			return true;
	return c->rcv.src_port == port;
}

bool tlsp_errand_may_by_id(const struct tcp_connection *c, void *with)
{
	struct tlsp_errand *errand = with;

	if(!tlsp_errand_is_free(errand)
			&& (!ip_addr_cmp(&errand->peer, &c->rcv.src_ip)
					|| (!(c->flags & F_CONN_PASSIVE) && errand->port != 0
							&& !has_port(c, errand->port))))
		return false;
	return tlsp_errand_may(c, errand);
}

bool tlsp_errand_is_forbidden(const struct tcp_connection *c,
		const struct tlsp_record *record, const struct tlsp_terms *terms,
		const char *text, size_t octets)
{
	return (c->flags & F_CONN_PASSIVE) && terms && judges(terms->policy)
		   && tlsp_sip_text_is_request(text, octets)
		   && !(record && tlsp_reverse_holds(&record->reverse, terms));
}
