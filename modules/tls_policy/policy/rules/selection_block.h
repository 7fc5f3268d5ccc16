/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * selection_block - how the index of rules lies in its block; for selection.c,
 * which reads it, and selection_builder.c, which writes it. libc only.
 *
 * All is in offsets from the start of the block. Every value of every condition
 * stands once, found by a hash of its key. A rule lists the numbers of its
 * values in order, kind by kind, and is entered under each value of one kind:
 * the one whose values the fewest rules have. So a look-up finds the few values
 * that hold for a connection, and walks the rules entered under these.
 *
 * Networks are found another way: selection_networks.h.
 */
#ifndef TLSP_SELECTION_BLOCK_H
#define TLSP_SELECTION_BLOCK_H

#include <stdint.h>
#include <string.h>

#include "rule_facts.h"
#include "selection_networks.h"

enum tlsp_selection_kind
{
	TLSP_SELECTION_LISTEN,
	TLSP_SELECTION_PEER,
	TLSP_SELECTION_NAME,
	TLSP_SELECTION_KINDS
};

enum
{
	TLSP_SELECTION_KEY_OCTETS = 256,
	TLSP_SELECTION_LISTENS = 3, /* that hold for one connection */
	TLSP_SELECTION_NAMES = 2,
	TLSP_SELECTION_HOLDING = TLSP_SELECTION_LISTENS + TLSP_SELECTION_NETWORKS
							 + TLSP_SELECTION_NAMES
};

/* A value as octets: the kind and what tells it from others of the kind. */
struct tlsp_selection_key
{
	size_t octets;
	unsigned char data[TLSP_SELECTION_KEY_OCTETS];
};

/* Of the hash table: most that a look-up passes is told apart by the hash. */
struct tlsp_selection_slot
{
	uint32_t hash;
	uint32_t value; /* its number + 1; 0 = none */
};

struct tlsp_selection_value
{
	uint32_t key, key_octets;	/* offset of its key */
	uint32_t rules, rule_count; /* offset of uint32_t: those entered under it */
};

/* Its values of kind k: from starts[k] to starts[k + 1] of the numbers, in
 * order. */
struct tlsp_selection_rule
{
	uint32_t starts[TLSP_SELECTION_KINDS + 1];
	uint32_t peer_role;
};

struct tlsp_selection
{
	uint64_t octets; /* of the whole block */
	uint32_t rule_count, value_count;
	uint32_t rules;	 /* offset of struct tlsp_selection_rule */
	uint32_t values; /* offset of struct tlsp_selection_value */
	uint32_t slots;	 /* offset of struct tlsp_selection_slot */
	uint32_t slot_mask;
	uint32_t numbers;		 /* offset of uint32_t: values of rules */
	uint32_t any, any_count; /* offset of uint32_t: rules without values */
	uint32_t asks[TLSP_SELECTION_KINDS];
	uint32_t networks; /* offset of struct tlsp_selection_network */
	uint32_t network_count;
};

static inline const void *tlsp_selection_at(
		const struct tlsp_selection *selection, uint32_t offset)
{
	return (const char *)selection + offset;
}

/* A multiplication for every eight octets, as in the index of proxies: the
 * values come from the operator, so no key is needed against collisions. */
static inline uint32_t tlsp_selection_hash(const struct tlsp_selection_key *key)
{
	const uint64_t k = 0x9e3779b97f4a7c15u;
	uint64_t hash = key->octets * k, word;
	size_t i = 0;

	for(; i + 8 <= key->octets; i += 8) {
		memcpy(&word, key->data + i, 8);
		hash = (hash ^ word) * k;
		hash ^= hash >> 32;
	}
	word = 0;
	memcpy(&word, key->data + i, key->octets - i);
	hash = (hash ^ word) * k;
	return (uint32_t)(hash >> 32);
}

static inline void tlsp_selection_key_listen(struct tlsp_selection_key *key,
		const struct tlsp_rule_address *address, unsigned port)
{
	key->data[0] = TLSP_SELECTION_LISTEN;
	key->data[1] = (unsigned char)(port >> 8);
	key->data[2] = (unsigned char)port;
	key->octets = 3 + (address ? address->count : 0u);
	if(address)
		memcpy(key->data + 3, address->octets, address->count);
}

/* |address| has no bits behind |prefix|. */
static inline void tlsp_selection_key_peer(struct tlsp_selection_key *key,
		const struct tlsp_rule_address *address, unsigned prefix)
{
	key->data[0] = TLSP_SELECTION_PEER;
	key->data[1] = (unsigned char)prefix;
	key->octets = 2 + (size_t)address->count;
	memcpy(key->data + 2, address->octets, address->count);
}

/* |octets| are 253 at most; in any case of its letters. */
static inline void tlsp_selection_key_name(struct tlsp_selection_key *key,
		const char *name, size_t octets, int wildcard)
{
	key->data[0] = TLSP_SELECTION_NAME;
	key->data[1] = (unsigned char)wildcard;
	key->octets = 2 + octets;
	for(size_t i = 0; i < octets; i++)
		key->data[2 + i] = (unsigned char)(name[i] >= 'A' && name[i] <= 'Z'
												   ? name[i] + ('a' - 'A')
												   : name[i]);
}

#endif
