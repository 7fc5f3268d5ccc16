/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reloads - what is told of a reload, whoever wanted it: log and counters. The
 * process that did it; no lock.
 */
#ifndef TLSP_RELOADS_H
#define TLSP_RELOADS_H

#include <stdbool.h>

/* tlsp_reloads_tell: what |by| wanted is in force (the log has it already), or
 * was refused for |why|. */
void tlsp_reloads_tell(const char *by, bool done, const char *why);

#endif
