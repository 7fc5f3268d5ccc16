/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * errand - see errand.h.
 */
#include "errand.h"

#include <string.h>
#include <strings.h>

#include "openssl/reverse.h"
#include "policy/verdict.h"
#include "kamailio/connection/connections.h"
#include "kamailio/policy/live_policy.h"
#include "kamailio/policy/tls_domains.h"

static const char version[] = "SIP/2.0";

enum
{
	VERSION_OCTETS = sizeof(version) - 1,
	SHORTEST_REQUEST = sizeof("X x:x SIP/2.0\r\n") - 1
};

static bool asks(const struct tlsp_policy *policy)
{
	return tlsp_verdict_asks_certificate(policy, TLSP_ROLE_CLIENT);
}

static bool judges(const struct tlsp_policy *policy)
{
	return asks(policy)
		   && policy->reuse_accepted_connections == TLSP_REUSE_JUDGED;
}

static bool read_name(struct tlsp_errand *errand)
{
	struct tlsp_part name = {NULL, 0};

	name.data = tlsp_tls_domains_asked_name(&name.octets);
	errand->named = name.octets > 0;
	return tlsp_digest(&errand->server_name, &name, 1);
}

bool tlsp_errand_read(struct tlsp_errand *out, int proto)
{
	const struct tlsp_in_force *all = tlsp_live_policy_acquire();
	const struct tlsp_terms *terms = all ? all->terms : NULL;

	memset(out, 0, sizeof(*out));
	if(!terms)
		return false;
	out->proto = proto;
	out->judged = judges(terms->policy);
	out->bound = asks(terms->policy) && terms->policy->bind_to_peer;
	out->chain = terms->chain;
	out->leaf = terms->leaf;
	tlsp_live_policy_release(all);
	return !out->bound || read_name(out);
}

bool tlsp_errand_is_free(const struct tlsp_errand *errand)
{
	return !errand->judged && !errand->bound;
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
		   || tlsp_digest_equal(&connection->server_name, &errand->server_name);
}

bool tlsp_errand_may(const struct tcp_connection *c, void *with)
{
	struct tlsp_errand *errand = with;
	struct tlsp_connection view;
	bool answer;

	if(tcpconn_close_after_send(c))
		return false;
	if((int)c->type != errand->proto)
		answer = false;
	else if(tlsp_connections_view(c->id, &view))
		answer = may(c, &view, errand);
	else
		answer = may_unknown(c, errand);
	if(!answer && (c->flags & F_CONN_PASSIVE))
		errand->kept_back++;
	return answer;
}

bool tlsp_errand_is_response(const char *text, size_t octets)
{
	return octets > VERSION_OCTETS && text[VERSION_OCTETS] == ' '
		   && strncasecmp(text, version, VERSION_OCTETS) == 0;
}

bool tlsp_errand_is_binary(const char *text, size_t octets)
{
	return octets > 0 && (unsigned char)text[0] < 4;
}

bool tlsp_errand_follows(const char *text, size_t octets)
{
	static const char ack[] = "ACK ", cancel[] = "CANCEL ";

	return (octets > sizeof(ack) && memcmp(text, ack, sizeof(ack) - 1) == 0)
		   || (octets > sizeof(cancel)
				   && memcmp(text, cancel, sizeof(cancel) - 1) == 0);
}

bool tlsp_errand_is_ping(const char *text, size_t octets)
{
	for(size_t i = 0; i < octets; i++)
		if(text[i] != '\r' && text[i] != '\n' && text[i] != '\0')
			return false;
	return true;
}

/* A first line that ends in the version (RFC 3261, 7.1). */
static bool is_request(const char *text, size_t octets)
{
	const char *end;

	if(octets < SHORTEST_REQUEST || text[0] < 'A' || text[0] > 'z')
		return false;
	end = memchr(text, '\n', octets);
	if(!end)
		return false;
	if(end[-1] == '\r')
		end--;
	return end - text > VERSION_OCTETS + 1 && end[-VERSION_OCTETS - 1] == ' '
		   && strncasecmp(end - VERSION_OCTETS, version, VERSION_OCTETS) == 0;
}

bool tlsp_errand_is_forbidden(const struct tcp_connection *c,
		const struct tlsp_record *record, const struct tlsp_terms *terms,
		const char *text, size_t octets)
{
	return (c->flags & F_CONN_PASSIVE) && terms && judges(terms->policy)
		   && is_request(text, octets)
		   && !(record && tlsp_reverse_holds(&record->reverse, terms));
}
