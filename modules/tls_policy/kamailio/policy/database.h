/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * database - proxies from one column of one table, through Kamailio's
 * database API (lib/srdb1). Main process at start-up, the process of the RPC or
 * that of watch/watcher at a reload; each opens a connection and closes it
 * again. No lock but that of a reload (modparams.c).
 */
#ifndef TLSP_DATABASE_H
#define TLSP_DATABASE_H

#include "policy/proxies/proxy_list.h"

#include "database_table.h"

/* tlsp_proxy_database_bind finds the functions of the database module that |url|
 * asks for. False and one sentence in |error|. */
bool tlsp_proxy_database_bind(const char *url, char *error, size_t size);

/*
 * tlsp_proxy_database_add adds the host of every row to |list|. NULL is no
 * proxy and passed over; an empty text is an error like any other text that is
 * no host. False and one sentence with TABLE.COLUMN and the row in list->error.
 * Binds to the module of its URL. May block for as long as the database module
 * waits.
 */
bool tlsp_proxy_database_add(
		struct tlsp_proxy_list *list, const struct tlsp_proxy_table *from);

#endif
