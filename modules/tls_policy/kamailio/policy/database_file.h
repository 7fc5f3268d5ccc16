/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * database_file - the file of a database of SQLite, before it is opened: SQLite
 * makes one that is not there. The processes and locks of database.h.
 */
#ifndef TLSP_DATABASE_FILE_H
#define TLSP_DATABASE_FILE_H

#include <stdbool.h>

/* tlsp_database_is_file: is |url| of SQLite? */
bool tlsp_database_is_file(const char *url);

/* tlsp_database_file_objection: why the file of |url| cannot be read, as
 * strerror(3) says it; NULL if it can, or if there is none. */
const char *tlsp_database_file_objection(const char *url);

#endif
