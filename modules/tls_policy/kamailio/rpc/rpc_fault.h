/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpc_fault - a fault with a sentence of any length. RPC processes.
 */
#ifndef TLSP_RPC_FAULT_H
#define TLSP_RPC_FAULT_H

#include "core/rpc.h"

/* tlsp_rpc_fault: |text|, which is escaped where a caller or a file wrote it,
 * is cut and marked with "..." at what the ctl module can send: of a fault of
 * more than 254 octets nothing would arrive at all. */
void tlsp_rpc_fault(rpc_t *rpc, void *ctx, int code, const char *text);

#endif
