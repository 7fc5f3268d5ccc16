/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explain_names - see explain_names.h.
 */
#include "explain_names.h"

#include <stdio.h>
#include <string.h>

#include "escape.h"
#include "policy/host/hostname.h"

enum
{
	SHOWN_IDENTITIES = 4,
	SHOWN_OCTETS = 72 /* of one identity */
};

static const char *const sorts[] = {
		[TLSP_IDENTITY_DNS_NAME] = "dNSName",
		[TLSP_IDENTITY_IP_ADDRESS] = "iPAddress",
		[TLSP_IDENTITY_COMMON_NAME] = "CN",
		[TLSP_IDENTITY_URI] = "URI",
};

void tlsp_explain_append_identity(
		char *buffer, size_t size, const struct tlsp_identity *identity)
{
	char text[SHOWN_OCTETS], quoted[SHOWN_OCTETS + 16];
	struct tlsp_host host;

	if(identity->type == TLSP_IDENTITY_IP_ADDRESS
			&& tlsp_hostname_from_ip_address(
					   &host, identity->data, identity->octets)
					   == TLSP_HOST_OK)
		tlsp_hostname_print(&host, text, sizeof(text));
	else
		tlsp_escape((const char *)identity->data, identity->octets, text,
				sizeof(text));
	snprintf(quoted, sizeof(quoted), "%s \"%s\"", sorts[identity->type], text);
	tlsp_escape_append(buffer, size, quoted);
	if(identity->constrained)
		tlsp_escape_append(
				buffer, size, " (outside the name constraints of its CA)");
}

/* Up to four, and how many more there are; each with a comma behind it. */
static void append_some(char *buffer, size_t size,
		const struct tlsp_identity *identities, size_t count)
{
	char more[48];

	for(size_t i = 0; i < count && i < SHOWN_IDENTITIES; i++) {
		tlsp_explain_append_identity(buffer, size, &identities[i]);
		tlsp_escape_append(buffer, size, ", ");
	}
	if(count > SHOWN_IDENTITIES) {
		snprintf(more, sizeof(more), "%zu more, ", count - SHOWN_IDENTITIES);
		tlsp_escape_append(buffer, size, more);
	}
}

/* The URI that a parameter would count, else the first. */
static const struct tlsp_identity *passed_uri(
		const struct tlsp_peer_facts *facts, bool *out_counts)
{
	*out_counts = false;
	for(size_t i = 0; i < facts->uri_count; i++)
		if(tlsp_hostname_is_sip_domain(
				   facts->uris[i].data, facts->uris[i].octets)) {
			*out_counts = true;
			return &facts->uris[i];
		}
	return facts->uri_count ? &facts->uris[0] : NULL;
}

/* Entries that were not compared. Of a sip: URI that is so, the parameter is
 * off, else it would speak for the domain. */
static void append_passed_over(const struct tlsp_verdict *verdict,
		const struct tlsp_peer_facts *facts, char *buffer, size_t size)
{
	size_t count =
			facts->other_count + (verdict->sip_domain ? 0 : facts->uri_count);
	const struct tlsp_identity *uri = NULL;
	char rest[48];
	bool counts;

	if(count == 0)
		return;
	tlsp_escape_append(buffer, size, "; passed over: ");
	if(!verdict->sip_domain)
		uri = passed_uri(facts, &counts);
	if(!uri) {
		snprintf(rest, sizeof(rest), "%zu %s", count,
				count == 1 ? "entry of another type"
						   : "entries of other types");
		tlsp_escape_append(buffer, size, rest);
		return;
	}
	tlsp_explain_append_identity(buffer, size, uri);
	tlsp_escape_append(buffer, size,
			counts ? " (sip_uri_identities=1 would count it)"
				   : " (names no SIP domain)");
	if(count == 1)
		return;
	snprintf(rest, sizeof(rest), ", %zu more %s", count - 1,
			count == 2 ? "entry" : "entries");
	tlsp_escape_append(buffer, size, rest);
}

static void print_mismatch(const struct tlsp_verdict *verdict,
		const struct tlsp_peer_facts *facts, char *buffer, size_t size)
{
	snprintf(buffer, size, "no proxy matches ");
	if(verdict->sip_domain)
		append_some(buffer, size, facts->uris, facts->uri_count);
	append_some(buffer, size, facts->identities, facts->identity_count);
	if(facts->common_name_present)
		tlsp_explain_append_identity(buffer, size, &facts->common_name);
	else
		tlsp_escape_append(buffer, size, "no CN");
	if(verdict->sip_domain)
		tlsp_escape_append(buffer, size,
				"; beside a sip: URI neither dNSName nor CN count");
	if(verdict->similar_proxies[0]) {
		tlsp_escape_append(buffer, size, " (closest: ");
		tlsp_escape_append(buffer, size, verdict->similar_proxies);
		tlsp_escape_append(buffer, size, ")");
	}
	append_passed_over(verdict, facts, buffer, size);
}

/* Hosts are printed bounded: the name that was asked for may be any. */
static void print_host(const struct tlsp_host *host, char *buffer, size_t size)
{
	char text[TLSP_HOSTNAME_MAX_OCTETS + 1];

	tlsp_hostname_print_peer(host, text, sizeof(text));
	if(strlen(text) >= size)
		memcpy(text + size - 4, "...", 4);
	snprintf(buffer, size, "%s", text);
}

static void print_unbound(enum tlsp_reason reason,
		const struct tlsp_verdict *verdict, const struct tlsp_peer_facts *facts,
		char *buffer, size_t size)
{
	char matched[SHOWN_OCTETS] = "the CN", peer[SHOWN_OCTETS] = "nobody knows";
	bool dialled = reason == TLSP_REASON_PEER_NOT_DIALLED;
	bool named = dialled && facts->dialled_name_known;
	const char *what = "the peer's address is";

	if(dialled)
		what = named && facts->dialled_name_expected
					   ? "the rule expects"
					   : "the connection was opened to";
	if(verdict->matched.octets)
		print_host(&verdict->matched, matched, sizeof(matched));
	if(named && facts->dialled_name.octets == 0)
		snprintf(peer, sizeof(peer), "a server name that is no host");
	else if(named)
		print_host(&facts->dialled_name, peer, sizeof(peer));
	else if(facts->peer_address_known)
		print_host(&facts->peer_address, peer, sizeof(peer));
	snprintf(buffer, size, "%s is acceptable, but %s %s%s", matched, what, peer,
			dialled && !named ? " without a server name" : "");
}

static void print_changed(
		const struct tlsp_peer_facts *facts, char *buffer, size_t size)
{
	char accepted[SHOWN_OCTETS] = "the CN";

	if(!facts->accepted_known) {
		snprintf(buffer, size,
				"the certificate is not that of the subject that was accepted "
				"on this connection");
		return;
	}
	if(facts->accepted.octets)
		print_host(&facts->accepted, accepted, sizeof(accepted));
	snprintf(buffer, size,
			"the peer is acceptable, but not as %s, as which it was accepted "
			"on this connection",
			accepted);
}

bool tlsp_explain_names(enum tlsp_reason reason,
		const struct tlsp_verdict *verdict, const struct tlsp_peer_facts *facts,
		char *buffer, size_t size)
{
	switch(reason) {
		case TLSP_REASON_HOST_MISMATCH:
			print_mismatch(verdict, facts, buffer, size);
			return true;
		case TLSP_REASON_PEER_NOT_DIALLED:
		case TLSP_REASON_ADDRESS_MISMATCH:
			print_unbound(reason, verdict, facts, buffer, size);
			return true;
		case TLSP_REASON_IDENTITY_CHANGED:
			print_changed(facts, buffer, size);
			return true;
		default:
			return false;
	}
}
