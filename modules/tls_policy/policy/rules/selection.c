/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * selection - see selection.h.
 */
#include "selection.h"

#include "condition_values.h"
#include "policy/host/host.h"
#include "selection_block.h"
#include "selection_networks.h"

/* The values that hold for a connection, kind by kind. */
struct holding
{
	uint32_t numbers[TLSP_SELECTION_HOLDING];
	size_t count[TLSP_SELECTION_KINDS];
};

static const size_t first_of[TLSP_SELECTION_KINDS] = {0, TLSP_SELECTION_LISTENS,
		TLSP_SELECTION_LISTENS + TLSP_SELECTION_NETWORKS};

static const struct tlsp_selection_value *value_at(
		const struct tlsp_selection *selection, uint32_t number)
{
	const struct tlsp_selection_value *values =
			tlsp_selection_at(selection, selection->values);

	return &values[number];
}

static void look_up(struct holding *holding,
		const struct tlsp_selection *selection,
		const struct tlsp_selection_key *key)
{
	const struct tlsp_selection_slot *slots =
			tlsp_selection_at(selection, selection->slots);
	uint32_t hash = tlsp_selection_hash(key), at = hash & selection->slot_mask;
	unsigned kind = key->data[0];

	for(; slots[at].value; at = (at + 1) & selection->slot_mask) {
		const struct tlsp_selection_value *value;

		if(slots[at].hash != hash)
			continue;
		value = value_at(selection, slots[at].value - 1);
		if(value->key_octets == key->octets
				&& memcmp(tlsp_selection_at(selection, value->key), key->data,
						   key->octets)
						   == 0) {
			holding->numbers[first_of[kind] + holding->count[kind]++] =
					slots[at].value - 1;
			return;
		}
	}
}

/* Nobody chooses the port of a connection that we open. */
static void look_up_listen(struct holding *holding,
		const struct tlsp_selection *selection,
		const struct tlsp_rule_facts *facts)
{
	bool port = facts->role == TLSP_ROLE_SERVER && facts->listen_port;
	struct tlsp_selection_key key;
	struct tlsp_rule_address ours;

	tlsp_address_canonical(&ours, &facts->listen);
	if(port) {
		tlsp_selection_key_listen(&key, NULL, facts->listen_port);
		look_up(holding, selection, &key);
	}
	if(ours.count) {
		tlsp_selection_key_listen(&key, &ours, 0);
		look_up(holding, selection, &key);
	}
	if(port && ours.count) {
		tlsp_selection_key_listen(&key, &ours, facts->listen_port);
		look_up(holding, selection, &key);
	}
}

static void look_up_peer(struct holding *holding,
		const struct tlsp_selection *selection,
		const struct tlsp_rule_facts *facts)
{
	struct tlsp_rule_address peer;

	tlsp_address_canonical(&peer, &facts->peer);
	if(peer.count)
		holding->count[TLSP_SELECTION_PEER] = tlsp_selection_networks_find(
				holding->numbers + first_of[TLSP_SELECTION_PEER],
				tlsp_selection_at(selection, selection->networks),
				selection->network_count, &peer);
}

static void look_up_name(struct holding *holding,
		const struct tlsp_selection *selection,
		const struct tlsp_rule_facts *facts)
{
	size_t octets = facts->server_name_octets;
	const char *name = facts->server_name;
	struct tlsp_selection_key key;

	if(octets == 0 || octets > TLSP_HOSTNAME_MAX_OCTETS)
		return;
	tlsp_selection_key_name(&key, name, octets, 0);
	look_up(holding, selection, &key);
	name = tlsp_name_parent(name, octets, &octets);
	if(!name)
		return;
	tlsp_selection_key_name(&key, name, octets, 1);
	look_up(holding, selection, &key);
}

static bool is_among(const uint32_t *numbers, uint32_t count, uint32_t number)
{
	while(count > 0) {
		uint32_t half = count / 2;

		if(numbers[half] == number)
			return true;
		if(numbers[half] < number) {
			numbers += half + 1;
			count -= half + 1;
		} else {
			count = half;
		}
	}
	return false;
}

/* Does a value of the rule's condition of this |kind| hold? */
static bool kind_holds(const struct tlsp_selection *selection,
		const struct tlsp_selection_rule *rule, const struct holding *holding,
		unsigned kind)
{
	const uint32_t *numbers = tlsp_selection_at(selection, selection->numbers);
	uint32_t start = rule->starts[kind], count = rule->starts[kind + 1] - start;

	if(count == 0)
		return true;
	for(size_t i = 0; i < holding->count[kind]; i++)
		if(is_among(numbers + start, count,
				   holding->numbers[first_of[kind] + i]))
			return true;
	return false;
}

static bool rule_holds(const struct tlsp_selection *selection, uint32_t number,
		const struct holding *holding, enum tlsp_role role)
{
	const struct tlsp_selection_rule *rules =
			tlsp_selection_at(selection, selection->rules);
	const struct tlsp_selection_rule *rule = &rules[number - 1];
	enum tlsp_peer_role wanted = role == TLSP_ROLE_SERVER
										 ? TLSP_PEER_ROLE_CLIENT
										 : TLSP_PEER_ROLE_SERVER;

	if(rule->peer_role != TLSP_PEER_ROLE_BOTH && rule->peer_role != wanted)
		return false;
	for(unsigned kind = 0; kind < TLSP_SELECTION_KINDS; kind++)
		if(!kind_holds(selection, rule, holding, kind))
			return false;
	return true;
}

/* The first of |rules|, which are in order, that holds, if it is behind |after|
 * and before |best|; else |best|. */
static uint32_t walk(const struct tlsp_selection *selection,
		const struct holding *holding, enum tlsp_role role, uint32_t rules,
		uint32_t count, size_t after, uint32_t best)
{
	const uint32_t *numbers = tlsp_selection_at(selection, rules);

	for(uint32_t i = 0; i < count && numbers[i] < best; i++)
		if(numbers[i] > after
				&& rule_holds(selection, numbers[i], holding, role))
			return numbers[i];
	return best;
}

size_t tlsp_selection_next(const struct tlsp_selection *selection,
		const struct tlsp_rule_facts *facts, size_t after)
{
	struct holding holding;
	uint32_t none = selection->rule_count + 1, best;

	memset(&holding, 0, sizeof(holding));
	if(selection->asks[TLSP_SELECTION_LISTEN])
		look_up_listen(&holding, selection, facts);
	if(selection->asks[TLSP_SELECTION_PEER])
		look_up_peer(&holding, selection, facts);
	if(selection->asks[TLSP_SELECTION_NAME])
		look_up_name(&holding, selection, facts);
	best = walk(selection, &holding, facts->role, selection->any,
			selection->any_count, after, none);
	for(unsigned kind = 0; kind < TLSP_SELECTION_KINDS; kind++)
		for(size_t i = 0; i < holding.count[kind]; i++) {
			const struct tlsp_selection_value *value =
					value_at(selection, holding.numbers[first_of[kind] + i]);

			best = walk(selection, &holding, facts->role, value->rules,
					value->rule_count, after, best);
		}
	return best == none ? 0 : best;
}

size_t tlsp_selection_find(const struct tlsp_selection *selection,
		const struct tlsp_rule_facts *facts)
{
	return tlsp_selection_next(selection, facts, 0);
}
