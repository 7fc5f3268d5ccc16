/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fork_guard - keeps OpenSSL's per-thread state (error queue, random
 * generators) from being shared by forked processes.
 *
 * The tls module makes OpenSSL allocate from shared memory. What the main
 * process allocated for its thread before fork is then one and the same block
 * in all children, and Kamailio 5.6 dies under parallel TLS load. Later
 * versions cure it themselves (core_tcp.h). Main process; no lock.
 */
#ifndef TLSP_FORK_GUARD_H
#define TLSP_FORK_GUARD_H

/* tlsp_fork_guard_install: main process, mod_init. Does nothing where the
 * core has its own cure. 0, or -1. */
int tlsp_fork_guard_install(void);

#endif
