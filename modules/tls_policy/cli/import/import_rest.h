/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * import_rest - what of a gateway's ini file is not carried over, and why not:
 * a comment for each line, or for a whole table.
 */
#ifndef TLSP_IMPORT_REST_H
#define TLSP_IMPORT_REST_H

#include "importing.h"

/* import_rest: the comments. Values are left out: a password may be one. */
void import_rest(struct importing *importing);

#endif
