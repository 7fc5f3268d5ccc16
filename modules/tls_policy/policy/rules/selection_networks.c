/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * selection_networks - see selection_networks.h.
 */
#include "selection_networks.h"

#include <stdlib.h>
#include <string.h>

#include "condition_values.h"

static int compare_networks(const void *a, const void *b)
{
	const struct tlsp_selection_network *x = a, *y = b;
	int order;

	if(x->count != y->count)
		return x->count < y->count ? -1 : 1;
	order = memcmp(x->octets, y->octets, x->count);
	return order ? order : x->prefix < y->prefix ? -1 : x->prefix > y->prefix;
}

static bool encloses(const struct tlsp_selection_network *outer,
		const struct tlsp_selection_network *inner)
{
	struct tlsp_rule_address a = {.count = outer->count};
	struct tlsp_rule_address b = {.count = inner->count};

	memcpy(a.octets, outer->octets, sizeof(a.octets));
	memcpy(b.octets, inner->octets, sizeof(b.octets));
	return outer->prefix <= inner->prefix
		   && tlsp_address_has_prefix(&b, &a, outer->prefix);
}

/* What encloses a network stands before it, and is the one before it or encloses
 * that one. */
void tlsp_selection_networks_sort(
		struct tlsp_selection_network *networks, size_t count)
{
	if(count)
		qsort(networks, count, sizeof(*networks), compare_networks);
	for(size_t i = 0; i < count; i++) {
		uint32_t parent = (uint32_t)i;

		while(parent && !encloses(&networks[parent - 1], &networks[i]))
			parent = networks[parent - 1].parent;
		networks[i].parent = parent;
	}
}

/* How many of the networks begin at or before |address|. */
static uint32_t count_before(const struct tlsp_selection_network *networks,
		uint32_t count, const struct tlsp_rule_address *address)
{
	uint32_t low = 0;

	while(low < count) {
		uint32_t middle = low + (count - low) / 2;
		const struct tlsp_selection_network *network = &networks[middle];

		if(network->count < address->count
				|| (network->count == address->count
						&& memcmp(network->octets, address->octets,
								   address->count)
								   <= 0))
			low = middle + 1;
		else
			count = middle;
	}
	return low;
}

size_t tlsp_selection_networks_find(uint32_t out[TLSP_SELECTION_NETWORKS],
		const struct tlsp_selection_network *networks, uint32_t count,
		const struct tlsp_rule_address *address)
{
	uint32_t at = count_before(networks, count, address);
	struct tlsp_rule_address network;
	bool inside = false; /* then so it is in whatever encloses that one */
	size_t found = 0;

	for(; at; at = networks[at - 1].parent) {
		if(!inside) {
			memcpy(network.octets, networks[at - 1].octets, 16);
			network.count = networks[at - 1].count;
			inside = tlsp_address_has_prefix(
					address, &network, networks[at - 1].prefix);
		}
		if(inside)
			out[found++] = networks[at - 1].value;
	}
	return found;
}
