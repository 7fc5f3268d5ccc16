/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * errand - see errand.h.
 */
#include "errand.h"

#include <string.h>

#include "openssl/reverse.h"
#include "openssl/rule.h"
#include "openssl/server_name.h"
#include "policy/names/names.h"
#include "policy/sip_text.h"
#include "policy/verdict.h"
#include "kamailio/connection/connections.h"
#include "kamailio/policy/live_policy.h"
#include "kamailio/policy/tls_domains.h"

static bool asks(const struct tlsp_policy *policy)
{
	return policy->enforcement == TLSP_ENFORCE
		   && tlsp_verdict_asks_certificate(policy, TLSP_ROLE_CLIENT);
}

static bool judges(const struct tlsp_policy *policy)
{
	return asks(policy)
		   && policy->reuse_accepted_connections == TLSP_REUSE_JUDGED;
}

/* Does |policy|, of a server, hold its connections to the name that is asked, or
 * else expected? */
static bool binds(
		const struct tlsp_in_force *all, const struct tlsp_policy *policy)
{
	return asks(policy)
		   && (tlsp_names_bound(policy, TLSP_ROLE_CLIENT)
				   || all->by_server_name);
}

static void read_name(struct tlsp_errand *errand)
{
	errand->facts.server_name =
			tlsp_tls_domains_asked_name(&errand->facts.server_name_octets);
	errand->named = errand->facts.server_name_octets > 0;
}

/* The digest of a name alone is what the record of an SSL has. */
static bool digest_name(struct tlsp_errand *errand)
{
	return tlsp_server_name_digest(&errand->server_name,
				   errand->facts.server_name, errand->facts.server_name_octets)
		   && tlsp_tls_domains_asked_id(&errand->server_id);
}

static struct tlsp_rule_address rule_address(const struct ip_addr *address)
{
	struct tlsp_rule_address out = {.count = (unsigned char)address->len};

	memcpy(out.octets, address->u.addr, address->len);
	return out;
}

/* Those of a server there, if we connect to it from |local|; NULL: from where
 * the system will. */
static const struct tlsp_terms *terms_from(
		const struct tlsp_errand *errand, const struct ip_addr *local)
{
	struct tlsp_rule_facts facts = errand->facts;

	if(local)
		facts.listen = rule_address(local);
	return &errand->in_force
					->terms[tlsp_terms_number(errand->in_force, &facts)];
}

bool tlsp_errand_begin(struct tlsp_errand *out, const struct dest_info *to)
{
	const struct tlsp_in_force *all = tlsp_live_policy_acquire();
	const struct tlsp_policy *policy;

	*out = tlsp_errand_of(to->proto);
	out->in_force = all;
	if(!all)
		return false;
	read_name(out);
	su2ip_addr(&out->peer, (union sockaddr_union *)&to->to);
	out->port = su_getport(&to->to);
	out->facts.role = TLSP_ROLE_CLIENT;
	out->facts.peer = rule_address(&out->peer);
	policy = terms_from(out, to->send_sock ? &to->send_sock->address : NULL)
					 ->policy;
	out->asked = asks(policy) || all->by_local_address;
	out->judged = judges(policy) || all->by_local_address;
	out->bound = binds(all, policy) || all->by_local_address;
	return !out->bound || digest_name(out);
}

void tlsp_errand_end(struct tlsp_errand *errand)
{
	tlsp_live_policy_release(errand->in_force);
	errand->in_force = NULL;
}

bool tlsp_errand_any_judged(void)
{
	const struct tlsp_in_force *all = tlsp_live_policy_acquire();
	bool any = false;

	for(size_t i = 0; all && !any && i <= all->rules; i++)
		any = judges(all->terms[i].policy);
	tlsp_live_policy_release(all);
	return any;
}

struct tlsp_errand tlsp_errand_of(int proto)
{
	return (struct tlsp_errand){.proto = proto};
}

bool tlsp_errand_is_free(const struct tlsp_errand *errand)
{
	return !errand->asked;
}

/* By what |c|, which we opened, is held to a name: the rule for a server that we
 * reach from where it goes out. NULL if it is not. */
static const struct tlsp_terms *bound_by(
		const struct tcp_connection *c, const struct tlsp_errand *errand)
{
	const struct tlsp_terms *terms =
			errand->bound ? terms_from(errand, &c->rcv.dst_ip) : NULL;

	return terms && binds(errand->in_force, terms->policy) ? terms : NULL;
}

/* One that was judged for somebody else, or bound to nobody, is of use again once
 * it was judged anew. */
static bool is_for(const struct tlsp_connection *connection,
		const struct tlsp_terms *terms, const struct tlsp_errand *errand)
{
	const struct tlsp_reference wanted =
			tlsp_terms_reference(terms, &errand->server_name, errand->named);

	return tlsp_reference_serves(&connection->reference, &wanted)
		   && tlsp_digest_equal(&connection->server_id, &errand->server_id);
}

/* A connection of ours is entered when its first octets are made. */
static bool may_unknown(
		const struct tcp_connection *c, const struct tlsp_errand *errand)
{
	if(c->flags & F_CONN_PASSIVE)
		return !errand->judged
			   || !judges(terms_from(errand, &c->rcv.dst_ip)->policy);
	return !bound_by(c, errand);
}

/* By the rule for a server that we would reach from where |c| has reached us.
 * Bound, one that the peer opened was judged as if no name was asked. */
static bool may_accepted(const struct tcp_connection *c,
		const struct tlsp_connection *connection, struct tlsp_errand *errand)
{
	const struct tlsp_terms *terms;

	if(!errand->judged)
		return true;
	terms = terms_from(errand, &c->rcv.dst_ip);
	if(!judges(terms->policy)
			|| (tlsp_reverse_holds(&connection->reverse, terms)
					&& !(errand->named
							&& tlsp_names_bound(
									terms->policy, TLSP_ROLE_CLIENT))))
		return true;
	errand->rule = terms->rule;
	return false;
}

static bool may(const struct tcp_connection *c,
		const struct tlsp_connection *connection, struct tlsp_errand *errand)
{
	const struct tlsp_terms *terms;

	if(tlsp_connection_is_replaced(connection)) {
		errand->replaced = true;
		return false;
	}
	if(c->flags & F_CONN_PASSIVE)
		return may_accepted(c, connection, errand);
	terms = bound_by(c, errand);
	return !terms || is_for(connection, terms, errand);
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
		const struct tlsp_record *record, const char *text, size_t octets,
		const char **rule)
{
	const struct tlsp_terms *terms;

	if(!(c->flags & F_CONN_PASSIVE) || !tlsp_sip_text_is_request(text, octets))
		return false;
	terms = tlsp_rule_terms_of_server();
	if(!terms || !judges(terms->policy)
			|| (record && tlsp_reverse_holds(&record->reverse, terms)))
		return false;
	*rule = terms->rule;
	return true;
}
