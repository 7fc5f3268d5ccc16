/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rule_connections - see rule_connections.h.
 */
#include "rule_connections.h"

#include <stdlib.h>

#include "connections.h"
#include "kamailio/policy/live_policy.h"

struct tlsp_rule_connections *tlsp_rule_connections(
		const struct tlsp_in_force *all)
{
	size_t room = tlsp_connections_ids(NULL, 0), number;
	int *ids = malloc((room + 1) * sizeof(*ids));
	struct tlsp_rule_connections *counts =
			calloc(all->rules + 2, sizeof(*counts));
	struct tlsp_connection view;
	size_t count = ids && room > 0 ? tlsp_connections_ids(ids, room) : 0;

	for(size_t i = 0; counts && i < count; i++) {
		if(!tlsp_connections_view(ids[i], &view)
				|| view.phase == TLSP_PHASE_HANDSHAKE)
			continue;
		if(!tlsp_live_policy_find(all, view.rule, &number))
			number = all->rules + 1;
		counts[number].of[view.role]++;
	}
	free(ids);
	return counts;
}
