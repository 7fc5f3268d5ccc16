/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table - see table.h.
 */
#include "table.h"

#include "policy/fnv.h"

struct tlsp_walk *tlsp_table_walk(struct tlsp_table *table)
{
	for(int i = 0; i < TLSP_TABLE_WALKS; i++) {
		struct tlsp_walk *walk = &table->walks[i];

		if(walk->walks)
			continue;
		walk->walks = true;
		walk->next = table->first;
		return walk;
	}
	return NULL;
}

struct tlsp_connection *tlsp_table_step(struct tlsp_walk *walk)
{
	struct tlsp_connection *connection = walk->next;

	if(connection)
		walk->next = connection->next;
	return connection;
}

static unsigned id_bucket(int id)
{
	return (unsigned)id % TLSP_TABLE_BUCKETS;
}

static unsigned address_bucket(
		const struct ip_addr *address, unsigned short port)
{
	uint32_t hash = tlsp_fnv_octets(
			TLSP_FNV_BEGIN ^ port, address->u.addr, address->len);

	return (hash ^ (hash >> 16)) % TLSP_TABLE_BUCKETS;
}

void tlsp_table_add(
		struct tlsp_table *table, struct tlsp_connection *connection)
{
	struct tlsp_connection **bucket =
			&table->buckets[id_bucket(connection->id)];
	struct tlsp_connection **at = &table->addresses[address_bucket(
			&connection->peer, connection->peer_port)];

	connection->next_in_bucket = *bucket;
	*bucket = connection;
	connection->next_at_address = *at;
	*at = connection;
	connection->next = table->first;
	if(table->first)
		table->first->prev = connection;
	table->first = connection;
	table->count++;
}

/* No walk comes to what is going to be gone. */
static void step_over(
		struct tlsp_table *table, const struct tlsp_connection *connection)
{
	for(int i = 0; i < TLSP_TABLE_WALKS; i++)
		if(table->walks[i].next == connection)
			tlsp_table_step(&table->walks[i]);
}

void tlsp_table_remove(
		struct tlsp_table *table, struct tlsp_connection *connection)
{
	struct tlsp_connection **link = &table->buckets[id_bucket(connection->id)];

	step_over(table, connection);
	while(*link != connection)
		link = &(*link)->next_in_bucket;
	*link = connection->next_in_bucket;
	link = &table->addresses[address_bucket(
			&connection->peer, connection->peer_port)];
	while(*link != connection)
		link = &(*link)->next_at_address;
	*link = connection->next_at_address;
	if(connection->prev)
		connection->prev->next = connection->next;
	else
		table->first = connection->next;
	if(connection->next)
		connection->next->prev = connection->prev;
	table->count--;
}

struct tlsp_connection *tlsp_table_find(struct tlsp_table *table, int id)
{
	struct tlsp_connection *connection = table->buckets[id_bucket(id)];

	while(connection && connection->id != id)
		connection = connection->next_in_bucket;
	return connection;
}

static struct tlsp_connection *first_at(struct tlsp_connection *connection,
		const struct ip_addr *address, unsigned short port)
{
	while(connection
			&& (connection->peer_port != port
					|| !ip_addr_cmp(&connection->peer, address)))
		connection = connection->next_at_address;
	return connection;
}

struct tlsp_connection *tlsp_table_at(const struct tlsp_table *table,
		const struct ip_addr *address, unsigned short port)
{
	return first_at(
			table->addresses[address_bucket(address, port)], address, port);
}

struct tlsp_connection *tlsp_table_next_at(
		const struct tlsp_connection *connection)
{
	return first_at(connection->next_at_address, &connection->peer,
			connection->peer_port);
}
