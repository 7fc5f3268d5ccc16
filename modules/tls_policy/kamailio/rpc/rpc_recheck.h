/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpc_recheck - the command that judges every open connection by the policy of
 * now, or only tells what would come of it. RPC processes.
 */
#ifndef TLSP_RPC_RECHECK_H
#define TLSP_RPC_RECHECK_H

#include "core/rpc.h"

extern const char *tlsp_rpc_recheck_doc[];
void tlsp_rpc_recheck(rpc_t *rpc, void *ctx);

#endif
