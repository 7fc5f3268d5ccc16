/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * errand - see errand.h.
 */
#include "errand.h"

#include <string.h>

#include "local_address.h"
#include "openssl/judgement.h"
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

/* Does |policy|, of a server, which asks something, hold its connections to the
 * name that is asked, or else expected? */
static bool binds(
		const struct tlsp_in_force *all, const struct tlsp_policy *policy)
{
	return tlsp_names_bound(policy, TLSP_ROLE_CLIENT) || all->by_server_name;
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
 * nobody knows. */
static const struct tlsp_terms *terms_from(
		const struct tlsp_errand *errand, const struct ip_addr *local)
{
	struct tlsp_rule_facts facts = errand->facts;

	if(local)
		facts.listen = rule_address(local);
	return &errand->in_force
					->terms[tlsp_terms_number(errand->in_force, &facts)];
}

/* Those by which |c| is judged if it was opened for |errand|. */
static const struct tlsp_terms *terms_of(
		const struct tlsp_errand *errand, const struct tcp_connection *c)
{
	return errand->in_force->by_local_address
				   ? terms_from(errand, &c->rcv.dst_ip)
				   : errand->terms;
}

/* What the sender knows of it is no more than a wish, unless it is forced. */
static const struct tlsp_terms *terms_now(
		const struct tlsp_errand *errand, const struct dest_info *to)
{
	struct ip_addr local;

	if(!errand->in_force->by_local_address)
		return terms_from(errand, NULL);
	return terms_from(
			errand, tlsp_local_address_for(&local, to) ? &local : NULL);
}

bool tlsp_errand_begin(struct tlsp_errand *out, const struct dest_info *to)
{
	const struct tlsp_in_force *all = tlsp_live_policy_acquire();

	*out = tlsp_errand_of(to->proto);
	out->in_force = all;
	if(!all)
		return false;
	read_name(out);
	su2ip_addr(&out->peer, (union sockaddr_union *)&to->to);
	out->port = su_getport(&to->to);
	out->facts.role = TLSP_ROLE_CLIENT;
	out->facts.peer = rule_address(&out->peer);
	out->terms = terms_now(out, to);
	out->trust = tlsp_tls_domains_client_trust();
	out->asked = asks(out->terms->policy) || all->by_local_address;
	return !(out->asked
				   && (binds(all, out->terms->policy) || all->by_local_address))
		   || digest_name(out);
}

void tlsp_errand_end(struct tlsp_errand *errand)
{
	tlsp_live_policy_release(errand->in_force);
	errand->in_force = NULL;
}

size_t tlsp_errand_count_judged(void)
{
	const struct tlsp_in_force *all = tlsp_live_policy_acquire();
	size_t count = 0;

	for(size_t i = 0; all && i <= all->rules; i++)
		count += judges(all->terms[i].policy);
	tlsp_live_policy_release(all);
	return count;
}

struct tlsp_errand tlsp_errand_of(int proto)
{
	return (struct tlsp_errand){.proto = proto};
}

bool tlsp_errand_is_free(const struct tlsp_errand *errand)
{
	return !errand->asked;
}

/* Is a connection that we opened one for whom |errand| is for, by |terms|? */
static bool is_for(const struct tlsp_connection *connection,
		const struct tlsp_terms *terms, const struct tlsp_errand *errand)
{
	const struct tlsp_reference wanted =
			tlsp_terms_reference(terms, &errand->server_name, errand->named);

	return !binds(errand->in_force, terms->policy)
		   || (tlsp_reference_serves(&connection->reference, &wanted)
				   && tlsp_digest_equal(
						   &connection->server_id, &errand->server_id));
}

/* Has the peer of a connection that we opened proven what |terms| ask of
 * servers? If something changed since it was judged, it may be again. */
static bool proves(const struct tlsp_connection *connection,
		const struct tlsp_terms *terms, struct tlsp_errand *errand)
{
	uint64_t trust = errand->trust.of_all;

	if(tlsp_reverse_holds(&connection->as_server, terms, trust))
		return true;
	if(!errand->settled && !errand->stale
			&& tlsp_reverse_is_stale(&connection->as_server, terms, trust))
		errand->stale = connection->id;
	return false;
}

/* Under |terms|, may a connection that we opened, and which is judged by |its|,
 * carry |errand|? One that is in its first handshake will have proven what
 * |its| terms ask for before it carries anything. |connection| is NULL if it is
 * not entered yet: it is when its first octets are made, and then says whom it
 * is for. */
static bool may_opened(const struct tlsp_connection *connection,
		const struct tlsp_terms *its, const struct tlsp_terms *terms,
		struct tlsp_errand *errand)
{
	if(!asks(terms->policy))
		return true;
	if(connection && !is_for(connection, terms, errand))
		return false;
	if(connection && connection->phase != TLSP_PHASE_HANDSHAKE)
		return proves(connection, terms, errand);
	errand->unproven = true;
	return terms == its
		   && (connection || !binds(errand->in_force, terms->policy));
}

/* Likewise one that the peer opened. Bound, it was judged as if no name was
 * asked. */
static bool may_accepted(const struct tlsp_connection *connection,
		const struct tlsp_terms *terms, struct tlsp_errand *errand)
{
	if(!judges(terms->policy)
			|| (connection
					&& tlsp_reverse_holds(&connection->as_server, terms,
							errand->trust.by_default)
					&& !(errand->named
							&& tlsp_names_bound(
									terms->policy, TLSP_ROLE_CLIENT))))
		return true;
	errand->rule = terms->rule;
	return false;
}

static bool may_by(const struct tcp_connection *c,
		const struct tlsp_connection *connection, const struct tlsp_terms *its,
		const struct tlsp_terms *terms, struct tlsp_errand *errand)
{
	return (c->flags & F_CONN_PASSIVE)
				   ? may_accepted(connection, terms, errand)
				   : may_opened(connection, its, terms, errand);
}

/* By the rule for a server there that we would reach from where the errand goes
 * out, and by the one from where |c| goes out, or has reached us. */
static bool may(const struct tcp_connection *c,
		const struct tlsp_connection *connection, struct tlsp_errand *errand)
{
	const struct tlsp_terms *its;

	errand->unproven = false;
	if(connection && tlsp_connection_is_replaced(connection)) {
		errand->replaced = true;
		return false;
	}
	if(!errand->asked)
		return true;
	its = terms_of(errand, c);
	return may_by(c, connection, its, its, errand)
		   && (its == errand->terms
				   || may_by(c, connection, its, errand->terms, errand));
}

/* Is |connection|, which we opened, of use for what it was opened for? Which
 * name that asks for is not known here, so its rule is found by its own name.
 */
static bool may_go_on(
		const struct tlsp_connection *connection, struct tlsp_errand *errand)
{
	const struct tlsp_in_force *all = errand->in_force;
	size_t number;

	if(connection->phase == TLSP_PHASE_HANDSHAKE)
		return !connection->successor;
	return connection->phase != TLSP_PHASE_SUCCEEDING
		   && connection->phase != TLSP_PHASE_CLOSING
		   && tlsp_live_policy_find(all, connection->rule, &number)
		   && (!asks(all->terms[number].policy)
				   || proves(connection, &all->terms[number], errand));
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
	answer = may(c, tlsp_connections_view(c->id, &view) ? &view : NULL, errand);
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

/* An ACK or CANCEL of tm's goes to the same destination as its INVITE, whose
 * connection tlsp_lookup_found has noted there; a replaced one ends it. */
static bool may_follow(
		const struct tcp_connection *c, struct tlsp_errand *errand)
{
	struct tlsp_connection view;

	return errand->follows && errand->in_force && c->type == PROTO_TLS
		   && !(c->flags & F_CONN_PASSIVE) && !tcpconn_close_after_send(c)
		   && tlsp_connections_view(c->id, &view) && may_go_on(&view, errand);
}

bool tlsp_errand_may_by_id(const struct tcp_connection *c, void *with)
{
	struct tlsp_errand *errand = with;

	if(!tlsp_errand_is_free(errand)
			&& (!ip_addr_cmp(&errand->peer, &c->rcv.src_ip)
					|| (!(c->flags & F_CONN_PASSIVE) && errand->port != 0
							&& !has_port(c, errand->port))))
		return false;
	return may_follow(c, errand) || tlsp_errand_may(c, errand);
}

/* As server: by the rule for a server there. As client: by its own, for
 * whatever name it has asked; in its first handshake that comes at its end. */
static const struct tlsp_terms *terms_against(
		const struct tcp_connection *c, struct tlsp_record *record)
{
	const struct tlsp_terms *terms;

	if(c->flags & F_CONN_PASSIVE) {
		terms = tlsp_rule_terms_of_server();
		return terms && judges(terms->policy) ? terms : NULL;
	}
	if(!record || record->stage != TLSP_STAGE_ACCEPTED)
		return NULL;
	terms = tlsp_rule_terms(record);
	return terms && asks(terms->policy) ? terms : NULL;
}

/* Here is the place to judge anew one that we opened. */
static bool holds_now(const struct tcp_connection *c,
		struct tlsp_record *record, const struct tlsp_terms *terms)
{
	uint64_t trust = tlsp_gate_client_trust(record->role);

	if(tlsp_reverse_holds(&record->as_server, terms, trust))
		return true;
	if((c->flags & F_CONN_PASSIVE) || !record->owner)
		return false;
	tlsp_judgement_renew(record->ssl, record);
	tlsp_connections_shown_again(record->owner, record->ssl);
	return tlsp_reverse_holds(&record->as_server, terms, trust);
}

bool tlsp_errand_is_forbidden(const struct tcp_connection *c,
		struct tlsp_record *record, const char *text, size_t octets,
		const char **rule)
{
	const struct tlsp_terms *terms;

	if(!tlsp_sip_text_is_request(text, octets))
		return false;
	terms = terms_against(c, record);
	if(!terms || (record && holds_now(c, record, terms)))
		return false;
	*rule = terms->rule;
	return true;
}
