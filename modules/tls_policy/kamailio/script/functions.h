/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * functions - the tables of what a script may call, for the native language and
 * for KEMI.
 */
#ifndef TLSP_FUNCTIONS_H
#define TLSP_FUNCTIONS_H

#include "core/kemi.h"
#include "core/sr_module.h"

/* tlsp_functions, tlsp_functions_kemi: for module_exports, and for
 * sr_kemi_modules_add. */
extern cmd_export_t tlsp_functions[];
extern sr_kemi_t tlsp_functions_kemi[];

#endif
