/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proxies - see proxies.h. The block: header, slots (open addressing, two
 * thirds full at most), then the entries one after another. A slot holds the
 * offset of an entry and its hash; two sorts of slots share the table: hosts,
 * and the parents of names (what a certificate's wildcard covers).
 */
#include "proxies.h"

#include <stdlib.h>
#include <string.h>

enum slot_sort
{
	SORT_HOST = 1,
	SORT_PARENT = 2
};

/* One host in the block or in a builder; octets follow, padded to 4. */
struct entry
{
	uint8_t kind;
	uint8_t octets;
	uint16_t unused;
	char data[];
};

struct slot
{
	uint32_t hash;	 /* upper half of the 64-bit hash; the sort in bit 0 */
	uint32_t offset; /* of the entry; 0 = free. Parents: of a child */
};

struct tlsp_proxies
{
	uint64_t octets; /* of the whole block */
	uint32_t count;
	uint32_t slot_mask; /* slots - 1 */
	uint32_t list;		/* offset of uint32_t[count]: entries in order */
	uint32_t entries;	/* offset of the first entry */
	uint32_t wildcards; /* how many */
	uint32_t unused;
	struct slot slots[];
};

struct tlsp_proxies_builder
{
	char *entries; /* struct entry, packed */
	size_t used, size;
	uint32_t *order; /* offsets into entries */
	size_t count, order_size;
	uint32_t *seen; /* open addressing over order + 1, power of two */
	size_t seen_size;
};

static size_t padded(size_t octets)
{
	return (octets + 3) & ~(size_t)3;
}

static size_t entry_octets(size_t octets)
{
	return sizeof(struct entry) + padded(octets + 1); /* NUL for names */
}

/* FNV-1a, 64 bit, with a final mix (draft-eastlake-fnv). The proxies come
 * from the operator, so no key is needed against crafted collisions. */
static uint64_t hash_octets(unsigned sort, const char *data, size_t octets)
{
	uint64_t hash = 0xcbf29ce484222325u ^ sort;

	for(size_t i = 0; i < octets; i++)
		hash = (hash ^ (unsigned char)data[i]) * 0x100000001b3u;
	hash ^= hash >> 32;
	hash *= 0xd6e8feb86659fd93u;
	return hash ^ (hash >> 32);
}

static unsigned host_sort(unsigned kind)
{
	return SORT_HOST + (kind << 4);
}

static bool entry_is(const struct entry *entry, unsigned kind, const char *data,
		size_t octets)
{
	return entry->kind == kind && entry->octets == octets
		   && memcmp(entry->data, data, octets) == 0;
}

static const char *parent_of(const struct entry *entry, size_t *octets)
{
	const char *dot = entry->kind == TLSP_HOST_NAME
							  ? memchr(entry->data, '.', entry->octets)
							  : NULL;

	if(!dot)
		return NULL;
	*octets = entry->octets - (size_t)(dot + 1 - entry->data);
	return dot + 1;
}

struct tlsp_proxies_builder *tlsp_proxies_builder_new(void)
{
	return calloc(1, sizeof(struct tlsp_proxies_builder));
}

void tlsp_proxies_builder_free(struct tlsp_proxies_builder *builder)
{
	if(!builder)
		return;
	free(builder->entries);
	free(builder->order);
	free(builder->seen);
	free(builder);
}

static struct entry *entry_at(
		const struct tlsp_proxies_builder *builder, size_t i)
{
	return (struct entry *)(void *)(builder->entries + builder->order[i]);
}

static void *grown(void *memory, size_t *size, size_t needed, size_t unit)
{
	size_t next = *size ? *size : 64;
	void *bigger;

	while(next < needed)
		next *= 2;
	if(next == *size)
		return memory;
	bigger = realloc(memory, next * unit);
	if(bigger)
		*size = next;
	return bigger;
}

/* The place of a host in builder->seen: its own or the free one. */
static uint32_t *seen_place(const struct tlsp_proxies_builder *builder,
		unsigned kind, const char *data, size_t octets)
{
	size_t mask = builder->seen_size - 1;
	size_t i = hash_octets(host_sort(kind), data, octets) & mask;

	while(builder->seen[i]
			&& !entry_is(entry_at(builder, builder->seen[i] - 1), kind, data,
					octets))
		i = (i + 1) & mask;
	return &builder->seen[i];
}

static bool grow_seen(struct tlsp_proxies_builder *builder)
{
	size_t size = builder->seen_size ? builder->seen_size * 2 : 128;
	uint32_t *seen = calloc(size, sizeof(*seen));

	if(!seen)
		return false;
	free(builder->seen);
	builder->seen = seen;
	builder->seen_size = size;
	for(size_t i = 0; i < builder->count; i++) {
		const struct entry *entry = entry_at(builder, i);

		*seen_place(builder, entry->kind, entry->data, entry->octets) =
				(uint32_t)i + 1;
	}
	return true;
}

static bool reserve(struct tlsp_proxies_builder *builder, size_t octets)
{
	void *memory;

	if(builder->used + octets > UINT32_MAX / 2)
		return false;
	memory = grown(builder->entries, &builder->size, builder->used + octets, 1);
	if(!memory)
		return false;
	builder->entries = memory;
	memory = grown(builder->order, &builder->order_size, builder->count + 1,
			sizeof(*builder->order));
	if(!memory)
		return false;
	builder->order = memory;
	return builder->count * 2 < builder->seen_size || grow_seen(builder);
}

bool tlsp_proxies_builder_add(
		struct tlsp_proxies_builder *builder, const struct tlsp_host *host)
{
	size_t octets = entry_octets(host->octets);
	struct entry *entry;
	uint32_t *place;

	if(!reserve(builder, octets))
		return false;
	place = seen_place(builder, host->kind, host->name, host->octets);
	if(*place)
		return true;
	entry = (struct entry *)(void *)(builder->entries + builder->used);
	memset(entry, 0, octets);
	entry->kind = (uint8_t)host->kind;
	entry->octets = host->octets;
	memcpy(entry->data, host->name, host->octets);
	builder->order[builder->count++] = (uint32_t)builder->used;
	builder->used += octets;
	*place = (uint32_t)builder->count;
	return true;
}

/* Two slots for each host (itself and its parent), at least a third free:
 * between 3 and 6 slots of 8 octets for each host. */
static size_t slots_for(size_t count)
{
	size_t slots = 8;

	while(slots < count * 3)
		slots *= 2;
	return slots;
}

size_t tlsp_proxies_builder_octets(const struct tlsp_proxies_builder *builder)
{
	return sizeof(struct tlsp_proxies)
		   + slots_for(builder->count) * sizeof(struct slot)
		   + ((builder->count * sizeof(uint32_t) + 7) & ~(size_t)7)
		   + ((builder->used + 7) & ~(size_t)7);
}

static const struct entry *entry_of(
		const struct tlsp_proxies *proxies, uint32_t offset)
{
	return (const struct entry *)(const void *)((const char *)proxies + offset);
}

/* Does the slot hold these octets, as host of |kind| or as parent? */
static bool slot_is(const struct tlsp_proxies *proxies, const struct slot *slot,
		unsigned sort, const char *data, size_t octets)
{
	const struct entry *entry = entry_of(proxies, slot->offset);
	size_t parent_octets;
	const char *parent;

	if(sort != SORT_PARENT)
		return entry_is(entry, sort >> 4, data, octets);
	parent = parent_of(entry, &parent_octets);
	return parent && parent_octets == octets
		   && memcmp(parent, data, octets) == 0;
}

/* The slot of these octets: theirs, or the free one where they would be. */
static const struct slot *find_slot(const struct tlsp_proxies *proxies,
		unsigned sort, const char *data, size_t octets, uint32_t *tag)
{
	uint64_t hash = hash_octets(sort, data, octets);
	uint32_t i = (uint32_t)hash & proxies->slot_mask;

	*tag = ((uint32_t)(hash >> 32) & ~1u) | (sort == SORT_PARENT);
	while(proxies->slots[i].offset
			&& (proxies->slots[i].hash != *tag
					|| !slot_is(
							proxies, &proxies->slots[i], sort, data, octets)))
		i = (i + 1) & proxies->slot_mask;
	return &proxies->slots[i];
}

static void fill_slot(struct tlsp_proxies *proxies, unsigned sort,
		const char *data, size_t octets, uint32_t offset)
{
	uint32_t tag;
	struct slot *slot =
			(struct slot *)find_slot(proxies, sort, data, octets, &tag);

	if(slot->offset)
		return;
	slot->hash = tag;
	slot->offset = offset;
}

struct tlsp_proxies *tlsp_proxies_builder_write(
		const struct tlsp_proxies_builder *builder, void *block)
{
	struct tlsp_proxies *proxies = block;
	size_t slots = slots_for(builder->count);
	uint32_t *list;

	memset(block, 0, tlsp_proxies_builder_octets(builder));
	proxies->octets = tlsp_proxies_builder_octets(builder);
	proxies->count = (uint32_t)builder->count;
	proxies->slot_mask = (uint32_t)slots - 1;
	proxies->list = (uint32_t)(sizeof(*proxies) + slots * sizeof(struct slot));
	proxies->entries =
			proxies->list
			+ (uint32_t)((builder->count * sizeof(uint32_t) + 7) & ~(size_t)7);
	if(builder->used)
		memcpy((char *)block + proxies->entries, builder->entries,
				builder->used);
	list = (uint32_t *)(void *)((char *)block + proxies->list);
	for(size_t i = 0; i < builder->count; i++) {
		uint32_t offset = proxies->entries + builder->order[i];
		const struct entry *entry = entry_of(proxies, offset);
		size_t octets = 0;
		const char *parent = parent_of(entry, &octets);

		list[i] = offset;
		proxies->wildcards += entry->kind == TLSP_HOST_WILDCARD;
		fill_slot(proxies, host_sort(entry->kind), entry->data, entry->octets,
				offset);
		if(parent)
			fill_slot(proxies, SORT_PARENT, parent, octets, offset);
	}
	return proxies;
}

size_t tlsp_proxies_count(const struct tlsp_proxies *proxies)
{
	return proxies->count;
}

size_t tlsp_proxies_wildcards(const struct tlsp_proxies *proxies)
{
	return proxies->wildcards;
}

size_t tlsp_proxies_octets(const struct tlsp_proxies *proxies)
{
	return proxies->octets;
}

bool tlsp_proxies_find(
		const struct tlsp_proxies *proxies, const struct tlsp_host *host)
{
	uint32_t tag;

	return find_slot(proxies, host_sort(host->kind), host->name, host->octets,
				   &tag)
				   ->offset
		   != 0;
}

bool tlsp_proxies_find_below(
		const struct tlsp_proxies *proxies, const char *parent, size_t octets)
{
	uint32_t tag;

	return find_slot(proxies, SORT_PARENT, parent, octets, &tag)->offset != 0;
}

static void read_entry(const struct tlsp_proxies *proxies, uint32_t offset,
		struct tlsp_host *out)
{
	const struct entry *entry = entry_of(proxies, offset);

	memset(out, 0, sizeof(*out));
	out->kind = (enum tlsp_host_kind)entry->kind;
	out->octets = entry->octets;
	memcpy(out->name, entry->data, entry->octets);
}

bool tlsp_proxies_first_below(const struct tlsp_proxies *proxies,
		const char *parent, size_t octets, struct tlsp_host *out)
{
	uint32_t tag;
	uint32_t offset =
			find_slot(proxies, SORT_PARENT, parent, octets, &tag)->offset;

	if(offset)
		read_entry(proxies, offset, out);
	return offset != 0;
}

void tlsp_proxies_at(
		const struct tlsp_proxies *proxies, size_t i, struct tlsp_host *out)
{
	const uint32_t *list =
			(const uint32_t *)(const void *)((const char *)proxies
											 + proxies->list);

	read_entry(proxies, list[i], out);
}
