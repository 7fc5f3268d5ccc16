/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpc_connections - the tls_policy.* commands about open connections and their
 * re-handshakes. Runs in RPC processes (ctl, jsonrpcs). Each command and its
 * doc string are rows of tlsp_rpc_table.
 */
#ifndef TLSP_RPC_CONNECTIONS_H
#define TLSP_RPC_CONNECTIONS_H

#include <stddef.h>

#include "core/rpc.h"

extern const char *tlsp_rpc_connections_doc[];
void tlsp_rpc_connections(rpc_t *rpc, void *ctx);

extern const char *tlsp_rpc_rehandshake_doc[];
void tlsp_rpc_rehandshake(rpc_t *rpc, void *ctx);

extern const char *tlsp_rpc_rehandshake_peers_doc[];
void tlsp_rpc_rehandshake_peers(rpc_t *rpc, void *ctx);

/* tlsp_rpc_connection_ids: of all connections, newest first, from malloc; NULL
 * without memory. */
int *tlsp_rpc_connection_ids(size_t *count);

#endif
