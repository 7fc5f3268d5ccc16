/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * import_interfaces - the gateway's SIP interfaces, and which TLS context one or
 * a proxy set names.
 */
#ifndef TLSP_IMPORT_INTERFACES_H
#define TLSP_IMPORT_INTERFACES_H

#include "importing.h"

/* import_interfaces: all of them into |importing|, whose contexts have been
 * read. Without memory, or with too many, there are none. */
void import_interfaces(struct importing *importing);

/* import_context_find: the context called |name|, for something in |line|. NULL
 * is the default one: that is what NULL, its name and, after a comment, a name
 * that the file has not stand for. */
const struct import_context *import_context_find(struct importing *importing,
		unsigned line, const struct tlsp_text_line *name);

/* import_context_says: does |context| say anything that [default] does not? */
bool import_context_says(const struct import_context *context);

/* import_check_indexes: each row of the table has a number of its own, of at most
 * 9 digits, to be part of the name of a rule. False, and a complaint, if not. */
bool import_check_indexes(struct importing *importing,
		enum board_table_name name, const char *what);

/* import_is_address: is |host| no name? */
bool import_is_address(const struct tlsp_host *host);

#endif
