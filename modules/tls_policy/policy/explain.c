/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explain - see explain.h.
 */
#include "explain.h"

#include <stdio.h>
#include <string.h>

#include "escape.h"

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

static void append_identity(
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
		append_identity(buffer, size, &identities[i]);
		tlsp_escape_append(buffer, size, ", ");
	}
	if(count > SHOWN_IDENTITIES) {
		snprintf(more, sizeof(more), "%zu more, ", count - SHOWN_IDENTITIES);
		tlsp_escape_append(buffer, size, more);
	}
}

static void print_mismatch(const struct tlsp_verdict *verdict,
		const struct tlsp_peer_facts *facts, char *buffer, size_t size)
{
	snprintf(buffer, size, "no proxy matches ");
	if(verdict->sip_domain)
		append_some(buffer, size, facts->uris, facts->uri_count);
	append_some(buffer, size, facts->identities, facts->identity_count);
	if(facts->common_name_present)
		append_identity(buffer, size, &facts->common_name);
	else
		tlsp_escape_append(buffer, size, "no CN");
	if(verdict->sip_domain)
		tlsp_escape_append(buffer, size,
				"; beside a sip: URI neither dNSName nor CN count");
	if(!verdict->similar_proxies[0])
		return;
	tlsp_escape_append(buffer, size, " (closest: ");
	tlsp_escape_append(buffer, size, verdict->similar_proxies);
	tlsp_escape_append(buffer, size, ")");
}

/* Hosts are printed bounded: the name that was asked for may be any. */
static void print_host(const struct tlsp_host *host, char *buffer, size_t size)
{
	char text[TLSP_HOSTNAME_MAX_OCTETS + 1];

	tlsp_hostname_print(host, text, sizeof(text));
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

	if(verdict->matched.octets)
		print_host(&verdict->matched, matched, sizeof(matched));
	if(named && facts->dialled_name.octets == 0)
		snprintf(peer, sizeof(peer), "a server name that is no host");
	else if(named)
		print_host(&facts->dialled_name, peer, sizeof(peer));
	else if(facts->peer_address_known)
		print_host(&facts->peer_address, peer, sizeof(peer));
	snprintf(buffer, size, "%s is acceptable, but %s %s%s", matched,
			dialled ? "the connection was opened to" : "the peer's address is",
			peer, dialled && !named ? " without a server name" : "");
}

char *tlsp_names_text_print(enum tlsp_reason reason,
		const struct tlsp_verdict *verdict, const struct tlsp_peer_facts *facts,
		char *buffer, size_t size)
{
	if(reason == TLSP_REASON_HOST_MISMATCH)
		print_mismatch(verdict, facts, buffer, size);
	else
		print_unbound(reason, verdict, facts, buffer, size);
	return buffer;
}
