/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * import_default - the gateway's parameters, its default TLS context and its
 * proxies -> [default].
 */
#ifndef TLSP_IMPORT_DEFAULT_H
#define TLSP_IMPORT_DEFAULT_H

#include "importing.h"

/* import_default: the section, and the proxies and contexts of |importing|. */
void import_default(struct importing *importing);

#endif
