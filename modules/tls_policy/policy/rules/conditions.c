/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conditions - see conditions.h.
 */
#include "conditions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "condition_values.h"
#include "policy/escape.h"
#include "policy/host/hostname.h"

enum
{
	FIRST_VALUES = 4
};

static const char *const keys[] = {
		"listen", "peer", "server_name", "peer_role"};

bool tlsp_conditions_is_one(const char *key)
{
	for(size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if(strcasecmp(keys[i], key) == 0)
			return true;
	return false;
}

/* "VALUE" and half a sentence; always false. */
static bool refuse(char *error, size_t size, const char *text, size_t octets,
		const char *why)
{
	char escaped[TLSP_ESCAPE_QUOTED_OCTETS];

	snprintf(error, size, "\"%s\" %s",
			tlsp_escape_written(text, octets, escaped, sizeof(escaped)), why);
	return false;
}

/* |value| behind the others of an array, if it is not among them; NULL or why
 * not. Arrays grow by doubling: their counts say when. */
static const char *append(
		void **values, size_t *count, const void *value, size_t octets)
{
	bool full = *count == 0
				|| (*count >= FIRST_VALUES && (*count & (*count - 1)) == 0);
	char *array = *values;

	for(size_t i = 0; i < *count; i++)
		if(memcmp(array + i * octets, value, octets) == 0)
			return "is listed twice";
	if(*count == TLSP_CONDITION_VALUES_MAX)
		return "is one value too many for one condition: make another rule";
	if(full) {
		size_t room = *count ? *count * 2 : FIRST_VALUES;

		array = realloc(array, room * octets);
		if(!array)
			return "finds no memory";
		*values = array;
	}
	memcpy(array + *count * octets, value, octets);
	++*count;
	return NULL;
}

static const char *add_listen(
		struct tlsp_conditions *conditions, const char *text, size_t octets)
{
	struct tlsp_listen listen;
	void *values = conditions->listens;
	const char *why;

	memset(&listen, 0, sizeof(listen));
	why = tlsp_listen_read(&listen, text, octets);
	if(!why)
		why = append(
				&values, &conditions->listen_count, &listen, sizeof(listen));
	conditions->listens = values;
	return why;
}

static const char *add_peer(
		struct tlsp_conditions *conditions, const char *text, size_t octets)
{
	struct tlsp_network network;
	void *values = conditions->peers;
	const char *why;

	memset(&network, 0, sizeof(network));
	why = tlsp_network_read(&network, text, octets);
	if(!why)
		why = append(
				&values, &conditions->peer_count, &network, sizeof(network));
	conditions->peers = values;
	return why;
}

static const char *add_server_name(
		struct tlsp_conditions *conditions, const char *text, size_t octets)
{
	struct tlsp_host name;
	void *values = conditions->server_names;
	const char *why;

	memset(&name, 0, sizeof(name));
	why = tlsp_name_condition_read(&name, text, octets);
	if(!why)
		why = append(
				&values, &conditions->server_name_count, &name, sizeof(name));
	conditions->server_names = values;
	return why;
}

static const char *set_peer_role(
		struct tlsp_conditions *conditions, const char *text, size_t octets)
{
	static const char *const words[] = {"both", "client", "server"};

	for(size_t i = 0; i < 3; i++)
		if(octets == strlen(words[i]) && memcmp(text, words[i], octets) == 0) {
			conditions->peer_role = (enum tlsp_peer_role)i;
			return NULL;
		}
	return "is not client, server or both";
}

typedef const char *add_fn(
		struct tlsp_conditions *conditions, const char *text, size_t octets);

static add_fn *find_add(const char *key)
{
	static add_fn *const adds[] = {
			add_listen, add_peer, add_server_name, set_peer_role};

	for(size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if(strcasecmp(keys[i], key) == 0)
			return adds[i];
	return NULL;
}

bool tlsp_conditions_add(struct tlsp_conditions *conditions, const char *key,
		const char *text, char *error, size_t size)
{
	add_fn *add = find_add(key);

	if(!add)
		return refuse(error, size, key, strlen(key), "is no condition");
	for(;;) {
		const char *why;
		size_t octets;

		text += strspn(text, " \t");
		octets = strcspn(text, ",");
		while(octets && (text[octets - 1] == ' ' || text[octets - 1] == '\t'))
			octets--;
		why = add(conditions, text, octets);
		if(why)
			return refuse(error, size, text, octets, why);
		text += octets + strspn(text + octets, " \t");
		if(*text != ',')
			return true;
		text++;
	}
}

void tlsp_conditions_cleanup(struct tlsp_conditions *conditions)
{
	free(conditions->listens);
	free(conditions->peers);
	free(conditions->server_names);
	memset(conditions, 0, sizeof(*conditions));
}

static bool role_holds(enum tlsp_peer_role peer, enum tlsp_role ours)
{
	return peer == TLSP_PEER_ROLE_BOTH
		   || (peer == TLSP_PEER_ROLE_CLIENT) == (ours == TLSP_ROLE_SERVER);
}

static bool equal_addresses(
		const struct tlsp_rule_address *a, const struct tlsp_rule_address *b)
{
	return a->count == b->count && memcmp(a->octets, b->octets, a->count) == 0;
}

/* Nobody chooses the port of a connection that we open. */
static bool listen_holds(
		const struct tlsp_listen *listen, const struct tlsp_rule_facts *facts)
{
	struct tlsp_rule_address ours;

	if(listen->port
			&& (facts->role == TLSP_ROLE_CLIENT
					|| listen->port != facts->listen_port))
		return false;
	if(listen->address.count == 0)
		return true;
	tlsp_address_canonical(&ours, &facts->listen);
	return equal_addresses(&listen->address, &ours);
}

static bool peer_holds(
		const struct tlsp_network *network, const struct tlsp_rule_facts *facts)
{
	struct tlsp_rule_address peer;

	tlsp_address_canonical(&peer, &facts->peer);
	return tlsp_address_has_prefix(&peer, &network->address, network->prefix);
}

static bool name_holds(
		const struct tlsp_host *name, const char *asked, size_t octets)
{
	if(name->kind == TLSP_HOST_WILDCARD)
		asked = tlsp_name_parent(asked, octets, &octets);
	return asked && octets == name->octets
		   && strncasecmp(name->name, asked, octets) == 0;
}

bool tlsp_conditions_hold(const struct tlsp_conditions *conditions,
		const struct tlsp_rule_facts *facts)
{
	bool listens = conditions->listen_count == 0;
	bool peers = conditions->peer_count == 0;
	bool names = conditions->server_name_count == 0;

	for(size_t i = 0; !listens && i < conditions->listen_count; i++)
		listens = listen_holds(&conditions->listens[i], facts);
	for(size_t i = 0; !peers && i < conditions->peer_count; i++)
		peers = peer_holds(&conditions->peers[i], facts);
	for(size_t i = 0; !names && i < conditions->server_name_count; i++)
		names = name_holds(&conditions->server_names[i], facts->server_name,
				facts->server_name_octets);
	return listens && peers && names
		   && role_holds(conditions->peer_role, facts->role);
}

static bool all_listens_have_ports(const struct tlsp_conditions *conditions)
{
	for(size_t i = 0; i < conditions->listen_count; i++)
		if(!conditions->listens[i].port)
			return false;
	return conditions->listen_count > 0;
}

enum tlsp_peer_role tlsp_conditions_peer_role(
		const struct tlsp_conditions *conditions)
{
	return all_listens_have_ports(conditions) ? TLSP_PEER_ROLE_CLIENT
											  : conditions->peer_role;
}

static bool covers_listen(
		const struct tlsp_conditions *a, const struct tlsp_listen *b)
{
	for(size_t i = 0; i < a->listen_count; i++)
		if((!a->listens[i].port || a->listens[i].port == b->port)
				&& (a->listens[i].address.count == 0
						|| equal_addresses(
								&a->listens[i].address, &b->address)))
			return true;
	return a->listen_count == 0;
}

static bool covers_peer(
		const struct tlsp_conditions *a, const struct tlsp_network *b)
{
	for(size_t i = 0; i < a->peer_count; i++)
		if(a->peers[i].prefix <= b->prefix
				&& tlsp_address_has_prefix(
						&b->address, &a->peers[i].address, a->peers[i].prefix))
			return true;
	return a->peer_count == 0;
}

static bool covers_name(
		const struct tlsp_conditions *a, const struct tlsp_host *b)
{
	for(size_t i = 0; i < a->server_name_count; i++)
		if(tlsp_hostname_equal(&a->server_names[i], b)
				|| (b->kind == TLSP_HOST_NAME
						&& name_holds(&a->server_names[i], b->name, b->octets)))
			return true;
	return a->server_name_count == 0;
}

bool tlsp_conditions_cover(
		const struct tlsp_conditions *a, const struct tlsp_conditions *b)
{
	bool covered = (a->peer_role == TLSP_PEER_ROLE_BOTH
						   || a->peer_role == tlsp_conditions_peer_role(b))
				   && (a->listen_count == 0 || b->listen_count > 0)
				   && (a->peer_count == 0 || b->peer_count > 0)
				   && (a->server_name_count == 0 || b->server_name_count > 0);

	for(size_t i = 0; covered && i < b->listen_count; i++)
		covered = covers_listen(a, &b->listens[i]);
	for(size_t i = 0; covered && i < b->peer_count; i++)
		covered = covers_peer(a, &b->peers[i]);
	for(size_t i = 0; covered && i < b->server_name_count; i++)
		covered = covers_name(a, &b->server_names[i]);
	return covered;
}

/* Of what families the addresses are, as bits: 1 = IPv4, 2 = IPv6. */
static unsigned family(const struct tlsp_rule_address *address)
{
	return address->count == 0 ? 3 : address->count == 4 ? 1 : 2;
}

const char *tlsp_conditions_impossible(const struct tlsp_conditions *conditions)
{
	unsigned listens = conditions->listen_count ? 0 : 3;
	unsigned peers = conditions->peer_count ? 0 : 3;

	if(conditions->peer_role == TLSP_PEER_ROLE_SERVER)
		for(size_t i = 0; i < conditions->listen_count; i++)
			if(conditions->listens[i].port)
				return "has peer_role = server and a listen with a port, which "
					   "no connection to a server has: write the address alone";
	for(size_t i = 0; i < conditions->listen_count; i++)
		listens |= family(&conditions->listens[i].address);
	for(size_t i = 0; i < conditions->peer_count; i++)
		peers |= family(&conditions->peers[i].address);
	if((listens & peers) == 0)
		return "can never hold: its addresses in listen and those in peer are "
			   "of different families (IPv4 and IPv6)";
	return NULL;
}

static const char *read_fact(struct tlsp_rule_facts *out,
		struct tlsp_host *name, const char *key, const char *value)
{
	struct tlsp_conditions role = {.peer_role = TLSP_PEER_ROLE_BOTH};
	struct tlsp_listen listen = {.port = 0};
	struct tlsp_network peer;
	size_t octets = strlen(value);
	const char *why;

	if(strcasecmp(key, "listen") == 0) {
		why = tlsp_listen_read(&listen, value, octets);
		out->listen = listen.address;
		out->listen_port = listen.port;
	} else if(strcasecmp(key, "peer") == 0) {
		why = strchr(value, '/') ? "is a network: write one address"
								 : tlsp_network_read(&peer, value, octets);
		if(!why)
			out->peer = peer.address;
	} else if(strcasecmp(key, "server_name") == 0) {
		why = tlsp_name_condition_read(name, value, octets);
		if(!why && name->kind == TLSP_HOST_WILDCARD)
			why = "stands for many names: write one";
		out->server_name = name->name;
		out->server_name_octets = why ? 0 : name->octets;
	} else {
		why = set_peer_role(&role, value, octets);
		if(why || role.peer_role == TLSP_PEER_ROLE_BOTH)
			why = "is not client or server";
		out->role = role.peer_role == TLSP_PEER_ROLE_SERVER ? TLSP_ROLE_CLIENT
															: TLSP_ROLE_SERVER;
	}
	return why;
}

bool tlsp_rule_facts_read(struct tlsp_rule_facts *out, struct tlsp_host *name,
		const char *key, const char *value, char *error, size_t size)
{
	const char *why;

	if(!tlsp_conditions_is_one(key))
		return refuse(error, size, key, strlen(key),
				"is not listen, peer, server_name or peer_role");
	why = read_fact(out, name, key, value);
	return !why || refuse(error, size, value, strlen(value), why);
}
