/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * timer - the module's own process: looks at the connections that are due and
 * carries out what policy/rehandshake/plan decides about each. It holds no lock
 * while it does, reads no file and asks no database: time limits hang on it.
 * While nothing is due it sleeps, but for one look a second.
 */
#ifndef TLSP_TIMER_H
#define TLSP_TIMER_H

/* tlsp_rehandshake_timer_register: main process, mod_init: announces the
 * process to the core. */
void tlsp_rehandshake_timer_register(void);

/* tlsp_rehandshake_timer_start: main process at PROC_MAIN, before tcp_main:
 * forks it. 0, or -1. */
int tlsp_rehandshake_timer_start(void);

#endif
