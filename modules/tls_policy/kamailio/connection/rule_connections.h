/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rule_connections - how many connections each rule has now. Any process; takes
 * the lock of the table of connections for a moment for each of them.
 */
#ifndef TLSP_RULE_CONNECTIONS_H
#define TLSP_RULE_CONNECTIONS_H

#include "openssl/terms.h"
#include "policy/peer_facts.h"

struct tlsp_rule_connections
{
	unsigned of[2]; /* by our role */
};

/* Under this name, which no rule has, those are told whose rule is gone. */
#define TLSP_RULE_GONE "(gone)"

/* tlsp_rule_connections: of all rules of |all|, which the caller has acquired, by
 * their numbers, and one behind them: of those whose rule is not there any more;
 * without those in their first handshake. From malloc; NULL without memory. */
struct tlsp_rule_connections *tlsp_rule_connections(
		const struct tlsp_in_force *all);

#endif
