/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * similar_proxies - see similar_proxies.h. A name is alike if it shares a
 * parent of at least two labels; the index finds names by their parent.
 */
#include "similar_proxies.h"

#include <stdio.h>
#include <string.h>

#include "policy/host/hostname.h"
#include "policy/host/idn.h"

enum
{
	SHOWN_PROXIES = 3,
	LOOKED_AT = 8, /* identities of each sort */
	LEVELS = 6	   /* parents of one name */
};

struct list
{
	size_t count;
	struct tlsp_host hosts[SHOWN_PROXIES];
};

static void add(struct list *list, const struct tlsp_host *host)
{
	for(size_t i = 0; i < list->count; i++)
		if(tlsp_hostname_equal(&list->hosts[i], host))
			return;
	if(list->count < SHOWN_PROXIES)
		list->hosts[list->count++] = *host;
}

/* The proxies at and one label below |name|. */
static void add_near(struct list *list, const struct tlsp_proxies *proxies,
		const char *name, size_t octets)
{
	struct tlsp_host host, below;

	memset(&host, 0, sizeof(host));
	host.kind = TLSP_HOST_NAME;
	host.octets = (uint8_t)octets;
	memcpy(host.name, name, octets);
	if(tlsp_proxies_first_below(proxies, name, octets, &below))
		add(list, &below);
	if(tlsp_proxies_find(proxies, &host))
		add(list, &host);
	host.kind = TLSP_HOST_WILDCARD;
	if(tlsp_proxies_find(proxies, &host))
		add(list, &host);
}

static void add_like_name(struct list *list, const struct tlsp_proxies *proxies,
		const struct tlsp_host *host)
{
	const char *name = host->name;
	size_t octets = host->octets;

	for(int level = 0; level < LEVELS && list->count < SHOWN_PROXIES; level++) {
		const char *dot = memchr(name, '.', octets);

		if(!dot)
			return;
		add_near(list, proxies, name, octets);
		octets -= (size_t)(dot + 1 - name);
		name = dot + 1;
	}
}

/* Reads what is presented as leniently as an operator reads it: the text of an
 * address in a dNSName is the address that was meant. */
static void add_like(struct list *list, const struct tlsp_proxies *proxies,
		const struct tlsp_identity *identity)
{
	struct tlsp_host host;
	enum tlsp_host_error error;

	if(identity->type == TLSP_IDENTITY_IP_ADDRESS)
		return; /* an address is like no other */
	if(!tlsp_idn_is_ascii((const char *)identity->data, identity->octets))
		return; /* would allocate */
	if(identity->type == TLSP_IDENTITY_URI)
		error = tlsp_hostname_from_sip_uri(
				&host, identity->data, identity->octets);
	else
		error = tlsp_hostname_from_common_name(
				&host, identity->data, identity->octets);
	if(error != TLSP_HOST_OK)
		return;
	if(host.kind == TLSP_HOST_NAME || host.kind == TLSP_HOST_WILDCARD)
		add_like_name(list, proxies, &host);
	else if(tlsp_proxies_find(proxies, &host))
		add(list, &host);
}

static void add_each(struct list *list, const struct tlsp_proxies *proxies,
		const struct tlsp_identity *identities, size_t count)
{
	for(size_t i = 0; i < count && i < LOOKED_AT; i++)
		add_like(list, proxies, &identities[i]);
}

static void print(const struct list *list, char *text, size_t size)
{
	char host[TLSP_HOSTNAME_MAX_OCTETS + 1];
	size_t used = 0;

	text[0] = '\0';
	for(size_t i = 0; i < list->count; i++) {
		size_t octets;

		tlsp_hostname_print(&list->hosts[i], host, sizeof(host));
		octets = strlen(host) + (used ? 2 : 0);
		if(used + octets >= size)
			continue;
		snprintf(text + used, size - used, "%s%s", used ? ", " : "", host);
		used += octets;
	}
}

void tlsp_similar_proxies_find(const struct tlsp_proxies *proxies,
		const struct tlsp_peer_facts *facts, bool uris, char *text, size_t size)
{
	struct list list = {.count = 0};
	size_t count = tlsp_proxies_count(proxies);

	if(uris)
		add_each(&list, proxies, facts->uris, facts->uri_count);
	add_each(&list, proxies, facts->identities, facts->identity_count);
	if(facts->common_name_present)
		add_like(&list, proxies, &facts->common_name);
	if(list.count == 0 && count <= SHOWN_PROXIES)
		for(size_t i = 0; i < count; i++)
			tlsp_proxies_at(proxies, i, &list.hosts[list.count++]);
	print(&list, text, size);
}
