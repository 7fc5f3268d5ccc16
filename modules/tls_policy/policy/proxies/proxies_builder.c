/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proxies_builder - see proxies.h: collects hosts, each once, and writes the
 * block of proxies_block.h. Adding costs the same for the first host and the
 * millionth; hashes are kept, so nothing is read again when a table grows.
 */
#include <stdlib.h>

#include "proxies.h"
#include "proxies_block.h"

enum
{
	FEWEST_PLACES = 128,
	ITEMS_IN_BUCKET = 8,
	/* For each host at most, beyond its entry: its place in the list, a
	 * parent of its own, and two starts of buckets. */
	EXTRA_OCTETS = 4 * sizeof(uint32_t)
};

/* A host, or the parent of one, by an entry. */
struct reference
{
	uint32_t offset; /* into builder->entries */
	uint32_t hash;
};

/* References in the order in which they came, and a table to find them. */
struct set
{
	struct reference *items;
	size_t count, size;
	uint32_t *places; /* open addressing, item + 1; a power of two */
	size_t place_count;
};

struct tlsp_proxies_builder
{
	char *entries; /* struct tlsp_proxies_entry, packed */
	size_t used, size;
	struct set hosts, parents;
};

struct tlsp_proxies_builder *tlsp_proxies_builder_new(void)
{
	return calloc(1, sizeof(struct tlsp_proxies_builder));
}

static void set_cleanup(struct set *set)
{
	free(set->items);
	free(set->places);
}

void tlsp_proxies_builder_free(struct tlsp_proxies_builder *builder)
{
	if(!builder)
		return;
	free(builder->entries);
	set_cleanup(&builder->hosts);
	set_cleanup(&builder->parents);
	free(builder);
}

/* |memory| for |needed| units or more; NULL (and it stays) without memory. */
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

static void put(struct set *set, uint32_t *place, uint32_t item)
{
	size_t mask = set->place_count - 1;
	size_t i = (size_t)(place - set->places);

	while(set->places[i])
		i = (i + 1) & mask;
	set->places[i] = item + 1;
}

static bool grow_places(struct set *set)
{
	size_t count = set->place_count ? set->place_count * 2 : FEWEST_PLACES;
	uint32_t *places = calloc(count, sizeof(*places));

	if(!places)
		return false;
	free(set->places);
	set->places = places;
	set->place_count = count;
	for(size_t i = 0; i < set->count; i++)
		put(set, &places[set->items[i].hash & (count - 1)], (uint32_t)i);
	return true;
}

/* Room for one more. */
static bool reserve(struct set *set)
{
	void *items =
			grown(set->items, &set->size, set->count + 1, sizeof(*set->items));

	if(!items)
		return false;
	set->items = items;
	return set->count * 2 < set->place_count || grow_places(set);
}

static bool reserve_entry(struct tlsp_proxies_builder *builder, size_t octets)
{
	size_t block = sizeof(struct tlsp_proxies) + 64 + builder->used + octets
				   + (builder->hosts.count + 1) * EXTRA_OCTETS;
	void *entries;

	if(block > UINT32_MAX) /* offsets have 32 bits */
		return false;
	entries =
			grown(builder->entries, &builder->size, builder->used + octets, 1);
	if(!entries)
		return false;
	builder->entries = entries;
	return reserve(&builder->hosts) && reserve(&builder->parents);
}

static struct tlsp_proxies_entry *entry_at(
		const struct tlsp_proxies_builder *builder, uint32_t offset)
{
	return (struct tlsp_proxies_entry *)(void *)(builder->entries + offset);
}

/* What is looked for: a host, or a parent of one. */
struct wanted
{
	bool parent;
	unsigned kind; /* of a host */
	const char *data;
	size_t octets;
	uint32_t hash;
};

static bool is(
		const struct tlsp_proxies_entry *entry, const struct wanted *wanted)
{
	return wanted->parent
				   ? tlsp_proxies_parent_is(entry, wanted->data, wanted->octets)
				   : tlsp_proxies_entry_is(
						   entry, wanted->kind, wanted->data, wanted->octets);
}

/* The place of what is wanted, or the free one where it would be. */
static uint32_t *find_place(const struct tlsp_proxies_builder *builder,
		const struct set *set, const struct wanted *wanted)
{
	size_t mask = set->place_count - 1;
	size_t i = wanted->hash & mask;

	while(set->places[i]) {
		const struct reference *item = &set->items[set->places[i] - 1];

		if(item->hash == wanted->hash
				&& is(entry_at(builder, item->offset), wanted))
			break;
		i = (i + 1) & mask;
	}
	return &set->places[i];
}

static void append(struct set *set, uint32_t *place, uint32_t hash, size_t at)
{
	set->items[set->count].offset = (uint32_t)at;
	set->items[set->count].hash = hash;
	*place = (uint32_t)++set->count;
}

static void add_parent(struct tlsp_proxies_builder *builder, size_t at)
{
	struct wanted wanted = {.parent = true};
	uint32_t *place;

	wanted.data = tlsp_proxies_parent(
			entry_at(builder, (uint32_t)at), &wanted.octets);
	if(!wanted.data)
		return;
	wanted.hash = tlsp_proxies_hash(TLSP_HOST_NAME, wanted.data, wanted.octets);
	place = find_place(builder, &builder->parents, &wanted);
	if(!*place)
		append(&builder->parents, place, wanted.hash, at);
}

bool tlsp_proxies_builder_add(
		struct tlsp_proxies_builder *builder, const struct tlsp_host *host)
{
	struct wanted wanted = {.kind = host->kind, .data = host->name};
	size_t octets = tlsp_proxies_entry_octets(host->octets);
	struct tlsp_proxies_entry *entry;
	size_t at = builder->used;
	uint32_t *place;

	if(!reserve_entry(builder, octets))
		return false;
	wanted.octets = host->octets;
	wanted.hash = tlsp_proxies_hash(host->kind, host->name, host->octets);
	place = find_place(builder, &builder->hosts, &wanted);
	if(*place)
		return true;
	entry = entry_at(builder, (uint32_t)at);
	memset(entry, 0, octets);
	entry->kind = (uint8_t)host->kind;
	entry->octets = host->octets;
	entry->tag = (uint16_t)(wanted.hash >> 16);
	memcpy(entry->data, host->name, host->octets);
	builder->used += octets;
	append(&builder->hosts, place, wanted.hash, at);
	add_parent(builder, at);
	return true;
}

/* Four to eight items in each. The buckets of a million hosts (1 MB) then fit
 * into the second level of many a cache; the entries of one are fetched
 * together. `make bench-verdict` tells. */
static size_t buckets_for(size_t count)
{
	size_t buckets = 1;

	while(buckets * ITEMS_IN_BUCKET < count)
		buckets *= 2;
	return buckets;
}

static size_t buckets_octets(const struct set *set)
{
	return (buckets_for(set->count) + 1) * sizeof(struct tlsp_proxies_bucket);
}

size_t tlsp_proxies_builder_octets(const struct tlsp_proxies_builder *builder)
{
	size_t octets = sizeof(struct tlsp_proxies)
					+ buckets_octets(&builder->hosts)
					+ buckets_octets(&builder->parents)
					+ builder->parents.count * sizeof(uint32_t)
					+ builder->hosts.count * sizeof(uint32_t) + builder->used;

	return (octets + 7) & ~(size_t)7;
}

/* Counting sort: an item of |octets| goes into the bucket of |hash|. */
static void count_item(
		struct tlsp_proxies_bucket *bucket, uint32_t hash, size_t octets)
{
	bucket->start += (uint32_t)octets;
	bucket->filter |= tlsp_proxies_bit(hash);
}

/* Sizes become beginnings, from |first| on. */
static void begin_buckets(
		struct tlsp_proxies_bucket *buckets, uint32_t mask, uint32_t first)
{
	for(size_t i = 0; i <= (size_t)mask + 1; i++) {
		uint32_t octets = buckets[i].start;

		buckets[i].start = first;
		first += octets;
	}
}

/* While they were filled each beginning became the next bucket's. */
static void end_buckets(
		struct tlsp_proxies_bucket *buckets, uint32_t mask, uint32_t first)
{
	for(size_t i = (size_t)mask + 1; i > 0; i--)
		buckets[i].start = buckets[i - 1].start;
	buckets[0].start = first;
}

static void write_hosts(const struct tlsp_proxies_builder *builder,
		struct tlsp_proxies *proxies, uint32_t first)
{
	const struct set *hosts = &builder->hosts;
	uint32_t mask = proxies->host_mask;
	char *block = (char *)proxies;
	struct tlsp_proxies_bucket *buckets = (void *)(block + proxies->hosts);
	uint32_t *list = (uint32_t *)(void *)(block + proxies->list);

	for(size_t i = 0; i < hosts->count; i++)
		count_item(&buckets[hosts->items[i].hash & mask], hosts->items[i].hash,
				tlsp_proxies_entry_octets(
						entry_at(builder, hosts->items[i].offset)->octets));
	begin_buckets(buckets, mask, first);
	for(size_t i = 0; i < hosts->count; i++) {
		const struct tlsp_proxies_entry *entry =
				entry_at(builder, hosts->items[i].offset);
		uint32_t *at = &buckets[hosts->items[i].hash & mask].start;
		size_t octets = tlsp_proxies_entry_octets(entry->octets);

		memcpy(block + *at, entry, octets);
		proxies->wildcards += entry->kind == TLSP_HOST_WILDCARD;
		list[i] = *at;
		*at += (uint32_t)octets;
	}
	end_buckets(buckets, mask, first);
}

/* Parents are in the order of their first children, so the hosts are walked
 * once to find where those went. */
static void write_parents(const struct tlsp_proxies_builder *builder,
		struct tlsp_proxies *proxies, uint32_t first)
{
	const struct set *parents = &builder->parents;
	uint32_t mask = proxies->parent_mask;
	char *block = (char *)proxies;
	struct tlsp_proxies_bucket *buckets = (void *)(block + proxies->parents);
	const uint32_t *list = tlsp_proxies_place(proxies, proxies->list);
	size_t host = 0;

	for(size_t i = 0; i < parents->count; i++)
		count_item(&buckets[parents->items[i].hash & mask],
				parents->items[i].hash, sizeof(uint32_t));
	begin_buckets(buckets, mask, first);
	for(size_t i = 0; i < parents->count; i++) {
		uint32_t *at = &buckets[parents->items[i].hash & mask].start;

		while(builder->hosts.items[host].offset != parents->items[i].offset)
			host++;
		memcpy(block + *at, &list[host], sizeof(uint32_t));
		*at += (uint32_t)sizeof(uint32_t);
	}
	end_buckets(buckets, mask, first);
}

struct tlsp_proxies *tlsp_proxies_builder_write(
		const struct tlsp_proxies_builder *builder, void *block)
{
	struct tlsp_proxies *proxies = block;
	size_t octets = tlsp_proxies_builder_octets(builder);
	uint32_t children, entries;

	memset(block, 0, octets);
	proxies->octets = octets;
	proxies->count = (uint32_t)builder->hosts.count;
	proxies->host_mask = (uint32_t)buckets_for(builder->hosts.count) - 1;
	proxies->parent_mask = (uint32_t)buckets_for(builder->parents.count) - 1;
	proxies->hosts = (uint32_t)sizeof(*proxies);
	proxies->parents =
			proxies->hosts + (uint32_t)buckets_octets(&builder->hosts);
	children = proxies->parents + (uint32_t)buckets_octets(&builder->parents);
	proxies->list =
			children + (uint32_t)(builder->parents.count * sizeof(uint32_t));
	entries = proxies->list + proxies->count * (uint32_t)sizeof(uint32_t);
	write_hosts(builder, proxies, entries);
	write_parents(builder, proxies, children);
	return proxies;
}
