/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpc_lists - the commands that list proxies and refused peers. RPC processes;
 * each copies what it shows, or keeps the generation for its answer.
 */
#ifndef TLSP_RPC_LISTS_H
#define TLSP_RPC_LISTS_H

#include "core/rpc.h"

extern const char *tlsp_rpc_proxies_doc[];
void tlsp_rpc_proxies(rpc_t *rpc, void *ctx);

extern const char *tlsp_rpc_rejections_doc[];
void tlsp_rpc_rejections(rpc_t *rpc, void *ctx);

#endif
