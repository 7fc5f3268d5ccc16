/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conditions - which connections a rule is for, as the operator writes it:
 * listen, peer, server_name, peer_role. Each may hold several values, any of
 * which will do; one that is not written always holds. libc and policy/host
 * only.
 */
#ifndef TLSP_CONDITIONS_H
#define TLSP_CONDITIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "condition_values.h"

enum
{
	TLSP_CONDITION_VALUES_MAX = 4096 /* of one condition of one rule */
};

/* Whose part the peer plays. */
enum tlsp_peer_role
{
	TLSP_PEER_ROLE_BOTH,
	TLSP_PEER_ROLE_CLIENT, /* it connects to us */
	TLSP_PEER_ROLE_SERVER  /* we connect to it */
};

struct tlsp_conditions
{
	enum tlsp_peer_role peer_role;
	struct tlsp_listen *listens;
	size_t listen_count;
	struct tlsp_network *peers;
	size_t peer_count;
	struct tlsp_host *server_names; /* NAME or WILDCARD */
	size_t server_name_count;
};

/* tlsp_conditions_is_one: is |key| the name of a condition? */
bool tlsp_conditions_is_one(const char *key);

/*
 * tlsp_conditions_add: |text|, a list by commas, to the condition |key|. On
 * failure false and half a sentence in |error| that quotes the value; then
 * |conditions| is of no use but to be cleaned up. A value that is there already
 * is refused.
 */
bool tlsp_conditions_add(struct tlsp_conditions *conditions, const char *key,
		const char *text, char *error, size_t size);

/* tlsp_conditions_cleanup: frees what |conditions| holds. */
void tlsp_conditions_cleanup(struct tlsp_conditions *conditions);

/* tlsp_conditions_hold: do all of |conditions| hold for |facts|? */
bool tlsp_conditions_hold(const struct tlsp_conditions *conditions,
		const struct tlsp_rule_facts *facts);

/* tlsp_conditions_peer_role: whose part a peer plays for which |conditions|
 * hold: where every listen has a port, a client's. */
enum tlsp_peer_role tlsp_conditions_peer_role(
		const struct tlsp_conditions *conditions);

/* tlsp_conditions_cover: does |a| hold for everything that |b| holds for? May
 * say no where that is not seen; never wrongly yes. */
bool tlsp_conditions_cover(
		const struct tlsp_conditions *a, const struct tlsp_conditions *b);

/* tlsp_conditions_impossible: half a sentence that follows the rule's name if
 * |conditions| hold for no connection, or one of them for none; else NULL. */
const char *tlsp_conditions_impossible(
		const struct tlsp_conditions *conditions);

/* tlsp_rule_facts_read: |value| for the fact |key| (listen, peer, server_name,
 * peer_role) as an operator asks about one connection. |name| keeps a server
 * name that |out| points to. False and half a sentence in |error|. */
bool tlsp_rule_facts_read(struct tlsp_rule_facts *out, struct tlsp_host *name,
		const char *key, const char *value, char *error, size_t size);

#endif
