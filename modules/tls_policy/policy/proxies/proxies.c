/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proxies - see proxies.h: the look-ups. proxies_block.h has the layout.
 */
#include "proxies.h"

#include "proxies_block.h"

enum
{
	CACHE_LINE_OCTETS = 64
};

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

static const struct tlsp_proxies_bucket *host_bucket(
		const struct tlsp_proxies *proxies, uint32_t hash)
{
	return tlsp_proxies_bucket_of(
			proxies, proxies->hosts, proxies->host_mask, hash);
}

void tlsp_proxies_prefetch(const struct tlsp_proxies *proxies,
		enum tlsp_host_kind kind, const char *data, size_t octets)
{
	const struct tlsp_proxies_bucket *bucket =
			host_bucket(proxies, tlsp_proxies_hash(kind, data, octets));

	if(!bucket)
		return;
	for(uint32_t at = bucket[0].start; at < bucket[1].start;
			at += CACHE_LINE_OCTETS)
		__builtin_prefetch(tlsp_proxies_place(proxies, at));
}

bool tlsp_proxies_find(
		const struct tlsp_proxies *proxies, const struct tlsp_host *host)
{
	uint32_t hash = tlsp_proxies_hash(host->kind, host->name, host->octets);
	const struct tlsp_proxies_bucket *bucket = host_bucket(proxies, hash);
	const struct tlsp_proxies_entry *entry;

	if(!bucket)
		return false;
	for(uint32_t at = bucket[0].start; at < bucket[1].start;
			at += (uint32_t)tlsp_proxies_entry_octets(entry->octets)) {
		entry = tlsp_proxies_place(proxies, at);
		if(entry->tag == hash >> 16
				&& tlsp_proxies_entry_is(
						entry, host->kind, host->name, host->octets))
			return true;
	}
	return false;
}

/* An entry below the parent, or NULL. */
static const struct tlsp_proxies_entry *entry_below(
		const struct tlsp_proxies *proxies, const char *parent, size_t octets)
{
	uint32_t hash = tlsp_proxies_hash(TLSP_HOST_NAME, parent, octets);
	const struct tlsp_proxies_bucket *bucket = tlsp_proxies_bucket_of(
			proxies, proxies->parents, proxies->parent_mask, hash);

	if(!bucket)
		return NULL;
	for(uint32_t at = bucket[0].start; at < bucket[1].start;
			at += (uint32_t)sizeof(uint32_t)) {
		const uint32_t *child = tlsp_proxies_place(proxies, at);
		const struct tlsp_proxies_entry *entry =
				tlsp_proxies_place(proxies, *child);

		if(tlsp_proxies_parent_is(entry, parent, octets))
			return entry;
	}
	return NULL;
}

bool tlsp_proxies_find_below(
		const struct tlsp_proxies *proxies, const char *parent, size_t octets)
{
	return entry_below(proxies, parent, octets) != NULL;
}

static void read_entry(
		const struct tlsp_proxies_entry *entry, struct tlsp_host *out)
{
	memset(out, 0, sizeof(*out));
	out->kind = (enum tlsp_host_kind)entry->kind;
	out->octets = entry->octets;
	memcpy(out->name, entry->data, entry->octets);
}

bool tlsp_proxies_first_below(const struct tlsp_proxies *proxies,
		const char *parent, size_t octets, struct tlsp_host *out)
{
	const struct tlsp_proxies_entry *entry =
			entry_below(proxies, parent, octets);

	if(entry)
		read_entry(entry, out);
	return entry != NULL;
}

void tlsp_proxies_at(
		const struct tlsp_proxies *proxies, size_t i, struct tlsp_host *out)
{
	const uint32_t *list = tlsp_proxies_place(proxies, proxies->list);

	read_entry(tlsp_proxies_place(proxies, list[i]), out);
}
