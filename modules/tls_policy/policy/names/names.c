/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * names - see names.h.
 */
#include "names.h"

#include <string.h>

#include "identity.h"
#include "policy/host/hostname.h"
#include "similar_proxies.h"

enum
{
	FETCHED_AHEAD = 4
};

/* Everything that one judgement is about. */
struct judging
{
	const struct tlsp_policy *policy;
	const struct tlsp_proxies *proxies;
	enum tlsp_role role;
	const struct tlsp_peer_facts *facts;
	struct tlsp_verdict *out;
};

/* As client: the host that the connection is to be with, as far as known. */
static const struct tlsp_host *dialled(const struct tlsp_peer_facts *facts)
{
	if(facts->dialled_name_known)
		return &facts->dialled_name;
	return facts->peer_address_known ? &facts->peer_address : NULL;
}

static bool is_address(const struct tlsp_host *host)
{
	return host->kind == TLSP_HOST_IPV4 || host->kind == TLSP_HOST_IPV6;
}

/* Is what matched the one that was dialled? TLSRemoteSubjectName names a peer
 * of its own, which then has to be the dialled one. */
static bool is_dialled(const struct judging *j,
		const struct tlsp_identity *identity, enum tlsp_match match)
{
	const struct tlsp_host *host = dialled(j->facts);

	if(!host || !tlsp_identity_stands_for(identity, host, j->policy->wildcards))
		return false;
	if(match != TLSP_MATCH_REMOTE_SUBJECT_NAME)
		return tlsp_identity_host_is_proxy(host, j->proxies);
	return tlsp_identity_is_subject_host(
			j->policy->tls_remote_subject_name, host);
}

/* A reason why what matched does not hold for the peer of this connection. */
static unsigned unbound(const struct judging *j,
		const struct tlsp_identity *identity, enum tlsp_match match,
		const struct tlsp_host *matched)
{
	if(!tlsp_names_bound(j->policy, j->role))
		return 0;
	if(j->role == TLSP_ROLE_CLIENT)
		return is_dialled(j, identity, match) ? 0
											  : TLSP_REASON_PEER_NOT_DIALLED;
	if(is_address(matched)
			&& !(j->facts->peer_address_known
					&& tlsp_hostname_equal(matched, &j->facts->peer_address)))
		return TLSP_REASON_ADDRESS_MISMATCH;
	return 0;
}

/* A peer that was accepted stays who it was, wherever its certificate says it:
 * a renewed one may have the host in another place. */
static bool is_accepted(const struct tlsp_peer_facts *facts,
		enum tlsp_match match, const struct tlsp_host *matched)
{
	return !facts->accepted_known
		   || (tlsp_hostname_equal(matched, &facts->accepted)
				   && (matched->octets > 0 || match == facts->accepted_match));
}

/* The identity matched as |match|: accepted, or a reason against it is kept. */
static bool accepts(const struct judging *j,
		const struct tlsp_identity *identity, enum tlsp_match match,
		const struct tlsp_host *matched)
{
	unsigned reason;

	if(!is_accepted(j->facts, match, matched)) {
		j->out->reasons |= TLSP_REASON_IDENTITY_CHANGED;
		return false;
	}
	reason = unbound(j, identity, match, matched);
	if(!reason) {
		j->out->match = match;
		j->out->matched = *matched;
		j->out->reasons &= ~(unsigned)(TLSP_REASON_PEER_NOT_DIALLED
									   | TLSP_REASON_ADDRESS_MISMATCH
									   | TLSP_REASON_IDENTITY_CHANGED);
		return true;
	}
	if(!(j->out->reasons & reason))
		j->out->matched = *matched;
	j->out->reasons |= reason;
	return false;
}

static bool accept_proxy(const struct judging *j,
		const struct tlsp_identity *identity, enum tlsp_match match)
{
	const struct tlsp_host *host = dialled(j->facts);
	struct tlsp_host matched;

	if(!tlsp_identity_is_proxy(
			   identity, j->proxies, j->policy->wildcards, &matched)
			|| !accepts(j, identity, match, &matched))
		return false;
	if(j->role == TLSP_ROLE_CLIENT && tlsp_names_bound(j->policy, j->role)
			&& host && matched.kind == TLSP_HOST_WILDCARD)
		j->out->proxy = *host;
	else
		tlsp_identity_proxy_of(&matched, j->proxies, &j->out->proxy);
	return true;
}

static bool accept_uris(const struct judging *j)
{
	bool found = false;

	if(!j->policy->sip_uri_identities)
		return false;
	for(size_t i = 0; i < j->facts->uri_count && !found; i++) {
		const struct tlsp_identity *uri = &j->facts->uris[i];

		if(!tlsp_hostname_is_sip_domain(uri->data, uri->octets))
			continue;
		j->out->sip_domain = true;
		found = accept_proxy(j, uri, TLSP_MATCH_SIP_URI);
	}
	return found;
}

/* The index is fetched for some identities at once while one is read. */
static bool accept_names(const struct judging *j)
{
	size_t count = j->facts->identity_count;

	for(size_t i = 0; i < count && i < FETCHED_AHEAD; i++)
		tlsp_identity_prefetch(&j->facts->identities[i], j->proxies);
	for(size_t i = 0; i < count; i++) {
		const struct tlsp_identity *identity = &j->facts->identities[i];
		bool dns_name = identity->type == TLSP_IDENTITY_DNS_NAME;

		if(count - i > FETCHED_AHEAD)
			tlsp_identity_prefetch(identity + FETCHED_AHEAD, j->proxies);
		if(dns_name && j->out->sip_domain)
			continue;
		if(accept_proxy(j, identity,
				   dns_name ? TLSP_MATCH_DNS_NAME : TLSP_MATCH_IP_ADDRESS))
			return true;
	}
	return false;
}

static bool accept_common_name(const struct judging *j)
{
	const struct tlsp_identity *name = &j->facts->common_name;
	struct tlsp_host matched = {.kind = TLSP_HOST_NAME};

	if(!j->facts->common_name_present || j->out->sip_domain)
		return false;
	if(tlsp_identity_is_subject_name(name, j->policy->tls_remote_subject_name,
			   j->policy->wildcards, &matched)
			&& accepts(j, name, TLSP_MATCH_REMOTE_SUBJECT_NAME, &matched))
		return true;
	return accept_proxy(j, name, TLSP_MATCH_COMMON_NAME);
}

void tlsp_names_judge(const struct tlsp_policy *policy,
		const struct tlsp_proxies *proxies, enum tlsp_role role,
		const struct tlsp_peer_facts *facts, struct tlsp_verdict *out)
{
	const struct judging j = {policy, proxies, role, facts, out};
	const unsigned bound = TLSP_REASON_PEER_NOT_DIALLED
						   | TLSP_REASON_ADDRESS_MISMATCH
						   | TLSP_REASON_IDENTITY_CHANGED;
	bool critical = facts->san_present && facts->san_critical;

	if(accept_uris(&j) || accept_names(&j))
		return;
	if(!critical && accept_common_name(&j))
		return;
	if(critical)
		out->reasons |= TLSP_REASON_SAN_CRITICAL;
	if(out->reasons & bound)
		return;
	out->reasons |= TLSP_REASON_HOST_MISMATCH;
	tlsp_similar_proxies_find(proxies, facts, out->sip_domain,
			out->similar_proxies, sizeof(out->similar_proxies));
}

bool tlsp_names_bound(const struct tlsp_policy *policy, enum tlsp_role role)
{
	return policy->bind_to_peer
		   || (role == TLSP_ROLE_CLIENT && policy->expect[0]);
}

/* The host of a SIP URI, as scripts have it, has an IPv6 address in brackets.
 */
static void read_dialled(struct tlsp_host *out, const char *name)
{
	size_t octets = strlen(name);
	bool bracketed = octets > 2 && name[0] == '[' && name[octets - 1] == ']';

	memset(out, 0, sizeof(*out));
	tlsp_hostname_from_common_name(out,
			(const unsigned char *)name + (bracketed ? 1 : 0),
			octets - (bracketed ? 2 : 0));
	if(bracketed && out->kind != TLSP_HOST_IPV6)
		memset(out, 0, sizeof(*out));
}

void tlsp_names_set_connection(struct tlsp_peer_facts *facts,
		const struct tlsp_policy *policy, enum tlsp_role role,
		const char *server_name, const struct tlsp_host *address)
{
	bool client = role == TLSP_ROLE_CLIENT;
	const char *name = server_name;

	facts->peer_address_known = address != NULL;
	if(address)
		facts->peer_address = *address;
	facts->dialled_name_expected = client && !server_name && policy->expect[0];
	if(facts->dialled_name_expected)
		name = policy->expect;
	facts->dialled_name_known = client && name;
	if(facts->dialled_name_known)
		read_dialled(&facts->dialled_name, name);
}
