/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * selection_builder - writes the block of selection.h: first every value of
 * every condition once, then for each rule the condition under which it is
 * entered. libc only; any process, for itself.
 */
#include <stdlib.h>

#include "selection.h"
#include "selection_block.h"
#include "selection_networks.h"

/* What is collected before the block is written, in heap memory. */
struct builder
{
	const struct tlsp_rules *rules;
	struct tlsp_selection_value *values; /* key: offset in |keys| */
	size_t value_count;
	unsigned char *keys;
	size_t key_octets, key_room;
	struct tlsp_selection_slot *slots;
	uint32_t slot_mask;
	uint32_t *numbers; /* of all rules */
	size_t number_count;
	uint32_t *uses; /* of each value: how many rules have it */
	struct tlsp_selection_rule *packed;
	unsigned char *entered; /* of each rule: under which kind; KINDS = any */
	size_t any_count, entry_count;
	struct tlsp_selection_network *networks;
	size_t network_count;
};

static size_t count_values(const struct tlsp_rules *rules)
{
	size_t count = 0;

	for(size_t i = 0; i < rules->count; i++) {
		const struct tlsp_conditions *conditions = &rules->rules[i]->conditions;

		count += conditions->listen_count + conditions->peer_count
				 + conditions->server_name_count;
	}
	return count;
}

/* At least twice as many slots as values, so that a look-up ends. */
static bool init(struct builder *builder, const struct tlsp_rules *rules)
{
	size_t count = count_values(rules), slots = 8;

	while(slots < count * 2)
		slots *= 2;
	if(slots > UINT32_MAX / 8)
		return false;
	builder->rules = rules;
	builder->slot_mask = (uint32_t)slots - 1;
	builder->slots = calloc(slots, sizeof(*builder->slots));
	builder->numbers = calloc(count + 1, sizeof(*builder->numbers));
	builder->values = calloc(count + 1, sizeof(*builder->values));
	builder->uses = calloc(count + 1, sizeof(*builder->uses));
	builder->packed = calloc(rules->count + 1, sizeof(*builder->packed));
	builder->entered = calloc(rules->count + 1, 1);
	return builder->slots && builder->numbers && builder->values
		   && builder->uses && builder->packed && builder->entered;
}

static void cleanup(struct builder *builder)
{
	free(builder->slots);
	free(builder->numbers);
	free(builder->values);
	free(builder->uses);
	free(builder->packed);
	free(builder->entered);
	free(builder->keys);
	free(builder->networks);
}

static bool keep_key(
		struct builder *builder, const struct tlsp_selection_key *key)
{
	if(!builder->keys
			|| builder->key_octets + key->octets > builder->key_room) {
		size_t room = builder->key_room * 2 + 4096;
		unsigned char *keys = realloc(builder->keys, room);

		if(!keys)
			return false;
		builder->keys = keys;
		builder->key_room = room;
	}
	memcpy(builder->keys + builder->key_octets, key->data, key->octets);
	builder->key_octets += key->octets;
	return true;
}

/* The number of the value with |key| as the next number of a rule. */
static bool add(struct builder *builder, const struct tlsp_selection_key *key)
{
	uint32_t hash = tlsp_selection_hash(key), at = hash & builder->slot_mask;
	struct tlsp_selection_slot *slot = &builder->slots[at];
	struct tlsp_selection_value *value;

	for(; slot->value; slot = &builder->slots[at]) {
		value = &builder->values[slot->value - 1];
		if(slot->hash == hash && value->key_octets == key->octets
				&& memcmp(builder->keys + value->key, key->data, key->octets)
						   == 0)
			break;
		at = (at + 1) & builder->slot_mask;
	}
	if(!slot->value) {
		value = &builder->values[builder->value_count];
		*value = (struct tlsp_selection_value){
				.key = (uint32_t)builder->key_octets,
				.key_octets = (uint32_t)key->octets};
		if(builder->key_octets > UINT32_MAX / 2 || !keep_key(builder, key))
			return false;
		slot->hash = hash;
		slot->value = (uint32_t)++builder->value_count;
	}
	builder->uses[slot->value - 1]++;
	builder->numbers[builder->number_count++] = slot->value - 1;
	return true;
}

static bool add_values(struct builder *builder,
		const struct tlsp_conditions *conditions,
		struct tlsp_selection_rule *packed)
{
	struct tlsp_selection_key key;
	bool done = true;

	packed->peer_role = conditions->peer_role;
	packed->starts[TLSP_SELECTION_LISTEN] = (uint32_t)builder->number_count;
	for(size_t i = 0; done && i < conditions->listen_count; i++) {
		tlsp_selection_key_listen(&key, &conditions->listens[i].address,
				conditions->listens[i].port);
		done = add(builder, &key);
	}
	packed->starts[TLSP_SELECTION_PEER] = (uint32_t)builder->number_count;
	for(size_t i = 0; done && i < conditions->peer_count; i++) {
		tlsp_selection_key_peer(&key, &conditions->peers[i].address,
				conditions->peers[i].prefix);
		done = add(builder, &key);
	}
	packed->starts[TLSP_SELECTION_NAME] = (uint32_t)builder->number_count;
	for(size_t i = 0; done && i < conditions->server_name_count; i++) {
		const struct tlsp_host *name = &conditions->server_names[i];

		tlsp_selection_key_name(&key, name->name, name->octets,
				name->kind == TLSP_HOST_WILDCARD);
		done = add(builder, &key);
	}
	packed->starts[TLSP_SELECTION_KINDS] = (uint32_t)builder->number_count;
	return done;
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static bool add_rules(struct builder *builder)
{
	for(size_t i = 0; i < builder->rules->count; i++) {
		struct tlsp_selection_rule *packed = &builder->packed[i];

		if(!add_values(builder, &builder->rules->rules[i]->conditions, packed))
			return false;
		for(unsigned kind = 0; kind < TLSP_SELECTION_KINDS; kind++)
			qsort(builder->numbers + packed->starts[kind],
					packed->starts[kind + 1] - packed->starts[kind],
					sizeof(uint32_t), compare);
	}
	return true;
}

/* Of the values of one kind, how many rules have the one that most have. */
static uint32_t crowd(const struct builder *builder,
		const struct tlsp_selection_rule *packed, unsigned kind)
{
	uint32_t most = 0;

	for(uint32_t i = packed->starts[kind]; i < packed->starts[kind + 1]; i++)
		if(builder->uses[builder->numbers[i]] > most)
			most = builder->uses[builder->numbers[i]];
	return most;
}

static void enter_rules(struct builder *builder)
{
	for(size_t i = 0; i < builder->rules->count; i++) {
		const struct tlsp_selection_rule *packed = &builder->packed[i];
		unsigned best = TLSP_SELECTION_KINDS;
		uint32_t least = UINT32_MAX;

		for(unsigned kind = 0; kind < TLSP_SELECTION_KINDS; kind++) {
			uint32_t here = crowd(builder, packed, kind);

			if(here && here < least) {
				least = here;
				best = kind;
			}
		}
		builder->entered[i] = (unsigned char)best;
		if(best == TLSP_SELECTION_KINDS) {
			builder->any_count++;
			continue;
		}
		for(uint32_t n = packed->starts[best]; n < packed->starts[best + 1];
				n++, builder->entry_count++)
			builder->values[builder->numbers[n]].rule_count++;
	}
}

static bool collect_networks(struct builder *builder)
{
	size_t count = 0;

	builder->networks =
			calloc(builder->value_count + 1, sizeof(*builder->networks));
	if(!builder->networks)
		return false;
	for(size_t i = 0; i < builder->value_count; i++) {
		const struct tlsp_selection_value *value = &builder->values[i];
		const unsigned char *key = builder->keys + value->key;
		struct tlsp_selection_network *network = &builder->networks[count];

		if(key[0] != TLSP_SELECTION_PEER)
			continue;
		network->prefix = key[1];
		network->count = (uint8_t)(value->key_octets - 2);
		memcpy(network->octets, key + 2, network->count);
		network->value = (uint32_t)i;
		count++;
	}
	builder->network_count = count;
	tlsp_selection_networks_sort(builder->networks, count);
	return true;
}

/* Where the parts lie; false if they do not fit. */
static bool lay_out(struct tlsp_selection *head, const struct builder *builder)
{
	size_t at = (sizeof(*head) + 7) & ~(size_t)7;
	const struct
	{
		uint32_t *offset;
		size_t octets;
	} parts[] = {
			{&head->values, builder->value_count * sizeof(*builder->values)},
			{&head->rules, builder->rules->count * sizeof(*builder->packed)},
			{&head->slots,
					((size_t)builder->slot_mask + 1) * sizeof(*builder->slots)},
			{&head->networks,
					builder->network_count * sizeof(*builder->networks)},
			{&head->numbers, builder->number_count * sizeof(uint32_t)},
			{&head->any, (builder->any_count + builder->entry_count)
								 * sizeof(uint32_t)},
	};

	for(size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if(at > UINT32_MAX)
			return false;
		*parts[i].offset = (uint32_t)at;
		at += parts[i].octets;
	}
	if(at > UINT32_MAX)
		return false;
	head->octets = at + builder->key_octets;
	head->rule_count = (uint32_t)builder->rules->count;
	head->value_count = (uint32_t)builder->value_count;
	head->slot_mask = builder->slot_mask;
	head->network_count = (uint32_t)builder->network_count;
	head->any_count = (uint32_t)builder->any_count;
	return head->octets <= UINT32_MAX;
}

/* Behind each other: the rules of `any`, then those of each value; all in the
 * order of their numbers. */
static void write_entries(
		struct tlsp_selection *block, const struct builder *builder)
{
	struct tlsp_selection_value *values =
			(void *)((char *)block + block->values);
	uint32_t *any = (void *)((char *)block + block->any);
	uint32_t next = block->any + block->any_count * (uint32_t)sizeof(uint32_t);

	for(size_t i = 0; i < builder->value_count; i++) {
		values[i].rules = next;
		next += values[i].rule_count * (uint32_t)sizeof(uint32_t);
		values[i].rule_count = 0;
		values[i].key += (uint32_t)(block->octets - builder->key_octets);
	}
	for(size_t i = 0; i < builder->rules->count; i++) {
		const struct tlsp_selection_rule *packed = &builder->packed[i];
		unsigned kind = builder->entered[i];

		if(kind == TLSP_SELECTION_KINDS) {
			*any++ = (uint32_t)i + 1;
			continue;
		}
		for(uint32_t n = packed->starts[kind]; n < packed->starts[kind + 1];
				n++) {
			struct tlsp_selection_value *value = &values[builder->numbers[n]];
			uint32_t *rules = (void *)((char *)block + value->rules);

			rules[value->rule_count++] = (uint32_t)i + 1;
		}
	}
}

static void write_asks(
		struct tlsp_selection *block, const struct builder *builder)
{
	for(size_t i = 0; i < builder->rules->count; i++) {
		const struct tlsp_conditions *conditions =
				&builder->rules->rules[i]->conditions;

		block->asks[TLSP_SELECTION_LISTEN] |= conditions->listen_count > 0;
		block->asks[TLSP_SELECTION_PEER] |= conditions->peer_count > 0;
		block->asks[TLSP_SELECTION_NAME] |= conditions->server_name_count > 0;
	}
}

static void put(struct tlsp_selection *block, size_t offset, const void *data,
		size_t octets)
{
	if(octets)
		memcpy((char *)block + offset, data, octets);
}

static struct tlsp_selection *write_block(const struct builder *builder)
{
	struct tlsp_selection head, *block;

	memset(&head, 0, sizeof(head));
	if(!lay_out(&head, builder))
		return NULL;
	block = calloc(1, (size_t)head.octets);
	if(!block)
		return NULL;
	put(block, 0, &head, sizeof(head));
	put(block, head.values, builder->values,
			builder->value_count * sizeof(*builder->values));
	put(block, head.rules, builder->packed,
			builder->rules->count * sizeof(*builder->packed));
	put(block, head.slots, builder->slots,
			((size_t)head.slot_mask + 1) * sizeof(*builder->slots));
	put(block, head.networks, builder->networks,
			builder->network_count * sizeof(*builder->networks));
	put(block, head.numbers, builder->numbers,
			builder->number_count * sizeof(uint32_t));
	put(block, (size_t)head.octets - builder->key_octets, builder->keys,
			builder->key_octets);
	write_entries(block, builder);
	write_asks(block, builder);
	return block;
}

struct tlsp_selection *tlsp_selection_build(
		const struct tlsp_rules *rules, size_t *octets)
{
	struct tlsp_selection *block = NULL;
	struct builder builder;

	memset(&builder, 0, sizeof(builder));
	if(init(&builder, rules) && add_rules(&builder)
			&& collect_networks(&builder)) {
		enter_rules(&builder);
		block = write_block(&builder);
	}
	cleanup(&builder);
	if(block)
		*octets = (size_t)block->octets;
	return block;
}
