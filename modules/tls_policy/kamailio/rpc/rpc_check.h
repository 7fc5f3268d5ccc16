/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpc_check - tls_policy.check: the verdict that a certificate in a file would
 * get, by the policy, proxies and trust anchors in force. Runs in RPC processes
 * (ctl, jsonrpcs); blocks on one regular file of bounded size. Handshakes never
 * wait for it.
 */
#ifndef TLSP_RPC_CHECK_H
#define TLSP_RPC_CHECK_H

#include "core/rpc.h"

extern const char *tlsp_rpc_check_doc[];
void tlsp_rpc_check(rpc_t *rpc, void *ctx);

#endif
