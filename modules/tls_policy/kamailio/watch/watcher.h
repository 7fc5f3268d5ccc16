/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watcher - the process that looks at files, and reads them, and the database,
 * when they have changed. It alone waits for either: a disk or a database that
 * hangs holds up no time limit and no judgement.
 */
#ifndef TLSP_WATCHER_H
#define TLSP_WATCHER_H

/* tlsp_watcher_register: main process, mod_init: announces the process to the
 * core. It is there whatever `watch` says, which may be set at run time. */
void tlsp_watcher_register(void);

/* tlsp_watcher_start: main process at PROC_MAIN: forks it. 0, or -1. */
int tlsp_watcher_start(void);

#endif
