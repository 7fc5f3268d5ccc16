/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proxies_block - how the index of proxies lies in its block; for proxies.c,
 * which reads it, and proxies_builder.c, which writes it. libc only.
 *
 * All is in offsets from the start of the block. The entries are grouped by
 * bucket, the low bits of their hash, and lie side by side. A look-up reads its
 * bucket, and only if the bit of the hash is set the entries: the buckets of a
 * million hosts mostly stay in the cache (1 MB), the entries do not. The parents
 * of names (what a certificate's wildcard covers) have buckets of their own, of
 * offsets to one entry below each.
 */
#ifndef TLSP_PROXIES_BLOCK_H
#define TLSP_PROXIES_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "policy/host/host.h"

/* One host; its octets follow, for names with a NUL, padded to 4. */
struct tlsp_proxies_entry
{
	uint8_t kind;
	uint8_t octets;
	uint16_t tag; /* upper half of the hash */
	char data[];
};

struct tlsp_proxies_bucket
{
	uint32_t
			start; /* offset of its first item; it ends where the next begins */
	uint32_t filter; /* tlsp_proxies_bit of each of its items */
};

struct tlsp_proxies
{
	uint64_t octets; /* of the whole block */
	uint32_t count;
	uint32_t wildcards;	  /* how many of them */
	uint32_t host_mask;	  /* buckets - 1; a power of two of them */
	uint32_t parent_mask; /* likewise */
	uint32_t hosts;		  /* offset of buckets + 1, of entries */
	uint32_t parents;	  /* likewise, of uint32_t offsets of entries */
	uint32_t list;		  /* offset of uint32_t[count]: entries in order */
	uint32_t unused;
};

/* A multiplication for every eight octets (K: 2^64 divided by the golden
 * ratio). Of names the case is left out, so that the hash of what a certificate
 * presents is known before it is read. The proxies come from the operator, so
 * no key is needed against crafted collisions. */
static inline uint32_t tlsp_proxies_hash(
		unsigned kind, const char *data, size_t octets)
{
	const uint64_t k = 0x9e3779b97f4a7c15u;
	const uint64_t any_case =
			kind == TLSP_HOST_NAME || kind == TLSP_HOST_WILDCARD
					? 0x2020202020202020u
					: 0;
	uint64_t hash = (kind << 8 | octets) * k;
	uint64_t word;

	for(; octets >= sizeof(word);
			data += sizeof(word), octets -= sizeof(word)) {
		memcpy(&word, data, sizeof(word));
		hash = (hash ^ (word | any_case)) * k;
		hash ^= hash >> 32;
	}
	word = 0;
	memcpy(&word, data, octets);
	hash = (hash ^ (word | any_case)) * k;
	hash ^= hash >> 32;
	hash *= 0xd6e8feb86659fd93u;
	return (uint32_t)(hash >> 32);
}

static inline uint32_t tlsp_proxies_bit(uint32_t hash)
{
	return (uint32_t)1 << (hash >> 27);
}

static inline size_t tlsp_proxies_entry_octets(size_t octets)
{
	return sizeof(struct tlsp_proxies_entry) + ((octets + 1 + 3) & ~(size_t)3);
}

static inline bool tlsp_proxies_entry_is(const struct tlsp_proxies_entry *entry,
		unsigned kind, const char *data, size_t octets)
{
	return entry->kind == kind && entry->octets == octets
		   && memcmp(entry->data, data, octets) == 0;
}

/* The name above a name, or NULL. */
static inline const char *tlsp_proxies_parent(
		const struct tlsp_proxies_entry *entry, size_t *octets)
{
	const char *dot = entry->kind == TLSP_HOST_NAME
							  ? memchr(entry->data, '.', entry->octets)
							  : NULL;

	if(!dot)
		return NULL;
	*octets = entry->octets - (size_t)(dot + 1 - entry->data);
	return dot + 1;
}

static inline bool tlsp_proxies_parent_is(
		const struct tlsp_proxies_entry *entry, const char *data, size_t octets)
{
	size_t parent_octets;
	const char *parent = tlsp_proxies_parent(entry, &parent_octets);

	return parent && parent_octets == octets
		   && memcmp(parent, data, octets) == 0;
}

static inline const void *tlsp_proxies_place(
		const struct tlsp_proxies *proxies, uint32_t offset)
{
	return (const char *)proxies + offset;
}

/* The bucket of |hash| among |mask| + 1 at |offset|, or NULL if nothing of that
 * hash is in it. */
static inline const struct tlsp_proxies_bucket *tlsp_proxies_bucket_of(
		const struct tlsp_proxies *proxies, uint32_t offset, uint32_t mask,
		uint32_t hash)
{
	const struct tlsp_proxies_bucket *buckets =
			tlsp_proxies_place(proxies, offset);
	const struct tlsp_proxies_bucket *bucket = &buckets[hash & mask];

	return bucket->filter & tlsp_proxies_bit(hash) ? bucket : NULL;
}

#endif
