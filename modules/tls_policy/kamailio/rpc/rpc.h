/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpc - the tls_policy.* commands of kamcmd and JSON-RPC. Runs in RPC
 * processes (ctl, jsonrpcs), which hold no lock of ours.
 */
#ifndef TLSP_RPC_H
#define TLSP_RPC_H

#include "core/rpc.h"

/* tlsp_rpc_table: for module_exports. */
extern rpc_export_t tlsp_rpc_table[];

#endif
