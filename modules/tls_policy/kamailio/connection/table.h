/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table - where the entries of all connections hang: found by the core's id or
 * the peer's address through buckets, gone through as one list, newest first.
 * Part of the table of connections: under its lock, called by connections.c
 * alone; no lock or memory of its own.
 */
#ifndef TLSP_TABLE_H
#define TLSP_TABLE_H

#include "entry.h"

enum
{
	TLSP_TABLE_BUCKETS = 4096,
	TLSP_TABLE_WALKS = 8 /* at once */
};

/* A walk through all connections that were there when it began, newest first;
 * the lock may be let go at any time. */
struct tlsp_walk
{
	struct tlsp_connection *next; /* NULL: over */
	bool walks;
};

/* Zeroed memory is an empty one. */
struct tlsp_table
{
	struct tlsp_walk walks[TLSP_TABLE_WALKS];
	size_t count;
	struct tlsp_connection *first;						   /* then ->next */
	struct tlsp_connection *buckets[TLSP_TABLE_BUCKETS];   /* by id */
	struct tlsp_connection *addresses[TLSP_TABLE_BUCKETS]; /* of the peer */
};

/* tlsp_table_add, tlsp_table_remove: |connection|, which has its id; it is not
 * copied or freed. */
void tlsp_table_add(
		struct tlsp_table *table, struct tlsp_connection *connection);
void tlsp_table_remove(
		struct tlsp_table *table, struct tlsp_connection *connection);

/* tlsp_table_walk: begins one; NULL if too many go on. The caller ends it by
 * walks = false. _step: the next connection of it; NULL: it is over. */
struct tlsp_walk *tlsp_table_walk(struct tlsp_table *table);
struct tlsp_connection *tlsp_table_step(struct tlsp_walk *walk);

/* tlsp_table_find: NULL if there is none. */
struct tlsp_connection *tlsp_table_find(struct tlsp_table *table, int id);

/* tlsp_table_at: the newest with a peer at |address| and |port|; _next_at: the
 * next one. NULL if there is none. */
struct tlsp_connection *tlsp_table_at(const struct tlsp_table *table,
		const struct ip_addr *address, unsigned short port);
struct tlsp_connection *tlsp_table_next_at(
		const struct tlsp_connection *connection);

#endif
