/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table - see table.h.
 */
#include "table.h"

static struct tlsp_connection **bucket_of(struct tlsp_table *table, int id)
{
	return &table->buckets[(unsigned)id % TLSP_TABLE_BUCKETS];
}

void tlsp_table_add(
		struct tlsp_table *table, struct tlsp_connection *connection)
{
	struct tlsp_connection **bucket = bucket_of(table, connection->id);

	connection->next_in_bucket = *bucket;
	*bucket = connection;
	connection->next = table->first;
	if(table->first)
		table->first->prev = connection;
	table->first = connection;
	table->count++;
}

void tlsp_table_remove(
		struct tlsp_table *table, struct tlsp_connection *connection)
{
	struct tlsp_connection **link = bucket_of(table, connection->id);

	while(*link != connection)
		link = &(*link)->next_in_bucket;
	*link = connection->next_in_bucket;
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
	struct tlsp_connection *connection = *bucket_of(table, id);

	while(connection && connection->id != id)
		connection = connection->next_in_bucket;
	return connection;
}
