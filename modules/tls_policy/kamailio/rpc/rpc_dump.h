/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpc_dump - the command that prints a rules file of what is in force. RPC
 * processes; keeps the generation for its answer.
 */
#ifndef TLSP_RPC_DUMP_H
#define TLSP_RPC_DUMP_H

#include "core/rpc.h"

extern const char *tlsp_rpc_dump_doc[];
void tlsp_rpc_dump(rpc_t *rpc, void *ctx);

#endif
