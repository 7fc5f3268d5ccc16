/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tls_hooks - lays the policy around the tls module: wraps its read and encode
 * hooks. With policy/tls_domains and tls_module the only files that include the
 * tls module's private headers. The hooks run in every process that
 * reads from or writes to a TLS connection, under the locks that tls_hooks.c
 * says at each.
 */
#ifndef TLSP_TLS_HOOKS_H
#define TLSP_TLS_HOOKS_H

#include <stdbool.h>

/* tlsp_tls_hooks_install: main process, mod_init, after all modules were
 * loaded. 0, or -1 and one log line that says what is missing. */
int tlsp_tls_hooks_install(void);

/* tlsp_tls_hooks_check: are our hooks still those that the core calls? Main
 * process at PROC_INIT and PROC_MAIN, when the other modules had their
 * mod_init and their PROC_INIT; before it serves TLS. 0, or -1 and one log line
 * that says who replaced them. */
int tlsp_tls_hooks_check(void);

/* tlsp_tls_hooks_keep_names: are the names of peers wanted? Main process at
 * PROC_INIT, before it forks. */
void tlsp_tls_hooks_keep_names(bool wanted);

#endif
