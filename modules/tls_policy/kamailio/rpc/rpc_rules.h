/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpc_rules - the commands about rules. RPC processes; each keeps the generation
 * for its answer, and takes no lock but that of the table of connections for a
 * moment.
 */
#ifndef TLSP_RPC_RULES_H
#define TLSP_RPC_RULES_H

#include "openssl/terms.h"
#include "rpc_arguments.h"

extern const char *tlsp_rpc_rules_doc[];
void tlsp_rpc_rules(rpc_t *rpc, void *ctx);

extern const char *tlsp_rpc_explain_doc[];
void tlsp_rpc_explain(rpc_t *rpc, void *ctx);

/* tlsp_rpc_find_rule: the number of the rule that |argument| names, 0 if it was
 * not given. False once the fault is made; also if |all| is NULL. */
bool tlsp_rpc_find_rule(rpc_t *rpc, void *ctx, const struct tlsp_in_force *all,
		const struct tlsp_rpc_argument *argument, size_t *number);

#endif
