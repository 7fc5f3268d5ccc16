/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * selection_networks - which of many networks an address lies in. They lie in
 * order, each with the smallest that encloses it. Two networks enclose one
 * another or are apart, so those that an address lies in are the last one that
 * begins at or before it, or whatever encloses that. libc only.
 */
#ifndef TLSP_SELECTION_NETWORKS_H
#define TLSP_SELECTION_NETWORKS_H

#include <stddef.h>
#include <stdint.h>

#include "rule_facts.h"

enum
{
	TLSP_SELECTION_NETWORKS = 129 /* that one address lies in: /0 to /128 */
};

/* In order of |count|, |octets|, |prefix|. */
struct tlsp_selection_network
{
	unsigned char octets[16];
	uint8_t count;
	uint8_t prefix;
	uint16_t unused;
	uint32_t value;	 /* its number */
	uint32_t parent; /* what encloses it: place + 1; 0 = nothing */
};

/* tlsp_selection_networks_sort: |networks|, of which no two are the same, into
 * their order, and their |parent|. */
void tlsp_selection_networks_sort(
		struct tlsp_selection_network *networks, size_t count);

/* tlsp_selection_networks_find: the values of those of |networks|, which are in
 * order, that |address| lies in, into |out|; how many they are. */
size_t tlsp_selection_networks_find(uint32_t out[TLSP_SELECTION_NETWORKS],
		const struct tlsp_selection_network *networks, uint32_t count,
		const struct tlsp_rule_address *address);

#endif
