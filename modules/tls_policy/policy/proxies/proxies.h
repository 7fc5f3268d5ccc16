/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proxies - an immutable index over any number of canonical hosts: one
 * relocatable block (offsets, no pointers) that may lie in shared memory, and
 * O(1) per look-up for 1 or 1,000,000 proxies. libc only; any process.
 */
#ifndef TLSP_PROXIES_H
#define TLSP_PROXIES_H

#include "policy/host/hostname.h"

/* The finished block. Read-only; any number of readers, no lock. */
struct tlsp_proxies;

/* Collects hosts in heap memory of the calling process (malloc). */
struct tlsp_proxies_builder;

/* tlsp_proxies_builder_new: an empty builder, or NULL without memory. */
struct tlsp_proxies_builder *tlsp_proxies_builder_new(void);

/* tlsp_proxies_builder_free: accepts NULL. */
void tlsp_proxies_builder_free(struct tlsp_proxies_builder *builder);

/* tlsp_proxies_builder_add: copies |host|; a host that is there already is
 * kept once. Returns false only without memory. */
bool tlsp_proxies_builder_add(
		struct tlsp_proxies_builder *builder, const struct tlsp_host *host);

/* tlsp_proxies_builder_octets: the size of the block that
 * tlsp_proxies_builder_write will fill; at most 64 octets for each host
 * beyond its name. Valid for an empty builder too. */
size_t tlsp_proxies_builder_octets(const struct tlsp_proxies_builder *builder);

/* tlsp_proxies_builder_write fills |block| (8-octet aligned, of
 * tlsp_proxies_builder_octets octets, owned by the caller) and returns it as
 * an index. The result depends only on the set of hosts and the order in
 * which they came; it may be copied with memcpy. */
struct tlsp_proxies *tlsp_proxies_builder_write(
		const struct tlsp_proxies_builder *builder, void *block);

/* tlsp_proxies_count: how many hosts there are, wildcards included. */
size_t tlsp_proxies_count(const struct tlsp_proxies *proxies);

/* tlsp_proxies_wildcards: how many of them are wildcards. */
size_t tlsp_proxies_wildcards(const struct tlsp_proxies *proxies);

/* tlsp_proxies_octets: the size of the block. */
size_t tlsp_proxies_octets(const struct tlsp_proxies *proxies);

/* tlsp_proxies_prefetch: a hint that this host will be looked for soon, in
 * any case of its letters: fetches its place into the CPU's cache while the
 * caller reads on. */
void tlsp_proxies_prefetch(const struct tlsp_proxies *proxies,
		enum tlsp_host_kind kind, const char *data, size_t octets);

/* tlsp_proxies_find: is exactly this host (kind and octets) in the index? */
bool tlsp_proxies_find(
		const struct tlsp_proxies *proxies, const struct tlsp_host *host);

/*
 * tlsp_proxies_find_below: is any name in the index that consists of exactly
 * one label before |parent| (canonical name, not NUL terminated)? This is
 * what a certificate's "*.parent" covers. O(1): the parent of every
 * configured name is indexed too.
 */
bool tlsp_proxies_find_below(
		const struct tlsp_proxies *proxies, const char *parent, size_t octets);

/* tlsp_proxies_first_below: likewise, and the first such name into |out|. */
bool tlsp_proxies_first_below(const struct tlsp_proxies *proxies,
		const char *parent, size_t octets, struct tlsp_host *out);

/* tlsp_proxies_at: host number |i| (0 <= i < count, in the order in which
 * they were added) into |out|; for listings. */
void tlsp_proxies_at(
		const struct tlsp_proxies *proxies, size_t i, struct tlsp_host *out);

#endif
