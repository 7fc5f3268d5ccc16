/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer_is - the function tls_policy_peer_is("host or SIP domain") of scripts,
 * and KSR.tls_policy.peer_is(...) of KEMI. Any process that runs a script.
 */
#ifndef TLSP_PEER_IS_H
#define TLSP_PEER_IS_H

#include <stdbool.h>

#include "core/kemi.h"
#include "core/sr_module.h"

/* tlsp_peer_is_functions, tlsp_peer_is_kemi: for module_exports, and for
 * sr_kemi_modules_add. */
extern cmd_export_t tlsp_peer_is_functions[];
extern sr_kemi_t tlsp_peer_is_kemi[];

/* tlsp_peer_is_used: does the configuration call the function? Main process,
 * once it was read. */
bool tlsp_peer_is_used(void);

#endif
