/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * database_key - by what an operator finds a row of a table again: the columns
 * of its primary key, and their values as text. The processes and locks of
 * database.h.
 */
#ifndef TLSP_DATABASE_KEY_H
#define TLSP_DATABASE_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/srdb1/db.h"

#include "database_table.h"

enum
{
	TLSP_KEY_COLUMNS = 4,
	TLSP_KEY_NAME_OCTETS = 65,
	TLSP_KEY_TEXT_OCTETS = 300
};

struct tlsp_database_key
{
	size_t count; /* 0: none is known, as of a view */
	char columns[TLSP_KEY_COLUMNS][TLSP_KEY_NAME_OCTETS];
	char quoted[TLSP_KEY_COLUMNS][TLSP_KEY_NAME_OCTETS + 2]; /* for a query */
};

/* tlsp_database_is_known: is |url| of PostgreSQL, MariaDB (MySQL) or SQLite? */
bool tlsp_database_is_known(const char *url);

/*
 * tlsp_database_key_find: the primary key of |table| over |connection|, a
 * database of |url|, into |out|. Count 0 where there is none, where it has more
 * columns or stranger names than fit here, where it is |column| itself, and
 * where the database is not known.
 */
void tlsp_database_key_find(const db_func_t *database, db1_con_t *connection,
		const char *url, const char *table, const char *column,
		struct tlsp_database_key *out);

/* tlsp_database_key_print: "id 4" or "id 4, setid 2" of a row, whose |values|
 * are those of the columns, into |text|; "" if one cannot be shown. Returns
 * |text|.
 */
char *tlsp_database_key_print(const struct tlsp_database_key *key,
		const db_val_t *values, char text[TLSP_KEY_TEXT_OCTETS]);

/*
 * tlsp_database_key_of_nul: db_mysql hands out texts that end at a NUL octet:
 * is there a row of |from| whose column has one? Then "TABLE.COLUMN, id 4"
 * stands in |place|, of the first. False if there is none, and of any other
 * database.
 */
bool tlsp_database_key_of_nul(const db_func_t *database, db1_con_t *connection,
		const struct tlsp_proxy_table *from, char *place, size_t size);

/* tlsp_database_is_text: is |value| text? Then it is |out|, too. */
bool tlsp_database_is_text(const db_val_t *value, str *out);

#endif
