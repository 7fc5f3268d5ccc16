/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpc_expiry - the command that lists which certificates end, and when. RPC
 * processes.
 */
#ifndef TLSP_RPC_EXPIRY_H
#define TLSP_RPC_EXPIRY_H

#include "core/rpc.h"

extern const char *tlsp_rpc_expiry_doc[];

void tlsp_rpc_expiry(rpc_t *rpc, void *ctx);

#endif
