/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer_is - the function tls_policy_peer_is("host or SIP domain") of scripts,
 * and KSR.tls_policy.peer_is(...) of KEMI. Any process that runs a script.
 */
#ifndef TLSP_PEER_IS_H
#define TLSP_PEER_IS_H

#include <stdbool.h>

#include "core/parser/msg_parser.h"

/* tlsp_peer_is: 1 if the certificate of the peer that sent |msg| stands for
 * |name|; else -1, never 0, which would end the route. */
int tlsp_peer_is(sip_msg_t *msg, str *name);

/* tlsp_peer_is_fix: the fixup of its argument in the native language. */
int tlsp_peer_is_fix(void **param, int number);

/* tlsp_peer_is_used: does the configuration call the function? Main process,
 * once it was read. */
bool tlsp_peer_is_used(void);

#endif
