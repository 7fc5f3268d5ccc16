/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gauges - the figures that have labels (rule, peer_role, file ...), for
 * Prometheus: they are put into gauges of Kamailio's module xhttp_prom, since
 * counters of Kamailio's have no labels and are all made before the first rule is
 * known. Owns the one table of them. Any process that runs a script.
 */
#ifndef TLSP_GAUGES_H
#define TLSP_GAUGES_H

#include "core/parser/msg_parser.h"

/* tlsp_gauges_declare: main process, mod_init: makes the gauges known to
 * xhttp_prom, if that is loaded. 0, or -1 and a log line. */
int tlsp_gauges_declare(void);

/* tlsp_gauges_set: the function tls_policy_prom_gauges() of scripts: the gauges
 * are what is so now. 1; -1 and a log line if xhttp_prom is not loaded or takes
 * them not. */
int tlsp_gauges_set(sip_msg_t *msg);

#endif
