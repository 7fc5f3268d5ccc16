/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * listeners - warns of a rule's `listen` where Kamailio has no TLS socket: a
 * port that was mistyped makes the rule silent, and the default decides.
 */
#ifndef TLSP_LISTENERS_H
#define TLSP_LISTENERS_H

#include "book.h"

/* tlsp_listeners_warn: one warning in the log for each such value of |book|, of
 * eight at most, and then how many more. PROC_INIT or a process that changes
 * the policy, under the lock of live_policy; sockets are the same in all
 * processes.
 */
void tlsp_listeners_warn(const struct tlsp_book *book);

#endif
