/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fork_guard - keeps OpenSSL's per-thread state (error queue, random
 * generators) from being shared by forked processes.
 *
 * The tls module makes OpenSSL allocate from shared memory. What the main
 * process allocated for its thread before fork is then one and the same block
 * in all children, and Kamailio dies under parallel TLS load, unless it has its
 * own cure and that is on (core_tcp.h). Main process; no lock.
 */
#ifndef TLSP_FORK_GUARD_H
#define TLSP_FORK_GUARD_H

/* tlsp_fork_guard_install: main process at PROC_INIT, which is before the first
 * fork of a process that stays. Does nothing where the core's own cure is on.
 * 0, or -1. */
int tlsp_fork_guard_install(void);

#endif
