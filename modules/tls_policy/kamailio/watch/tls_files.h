/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tls_files - what becomes of tls.cfg, which is the tls module's: files of it
 * that have changed and are not loaded, every `watch` seconds; and after each
 * tls.reload, whether the policy in force can still be carried out. The process
 * of watch/watcher; blocks on files; no lock of ours may be held.
 */
#ifndef TLSP_TLS_FILES_H
#define TLSP_TLS_FILES_H

#include <stdint.h>

/* tlsp_tls_files_start: main process at PROC_INIT, when the tls module has
 * loaded them: how the files are now. */
void tlsp_tls_files_start(void);

/* tlsp_tls_files_tick: to be called often, by one process. Each file that has
 * changed is told once, and counted (tls_reload_pending) until tls.cfg is loaded
 * anew. */
void tlsp_tls_files_tick(uint64_t now_ms);

#endif
