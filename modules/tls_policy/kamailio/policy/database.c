/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * database - see database.h. The functions are taken from the
 * database module itself, as lib/srdb1's db_bind_mod does, so that this module
 * needs no library that only a database needs. No process keeps a connection:
 * it is needed at a reload only, and a pooled one must not cross a fork.
 */
#include "database.h"

#include <stdio.h>
#include <string.h>

#include "core/dprint.h"
#include "core/sr_module.h"
#include "lib/srdb1/db.h"

#include "database_file.h"
#include "database_key.h"

enum
{
	ROWS_AT_ONCE = 2000, /* in private memory */
	ROWS_IN_PAGE = 5000,
	NAME_OCTETS = 150, /* of a table or column, at most 128 */
	KEY_OCTETS = TLSP_KEY_COLUMNS * (TLSP_KEY_NAME_OCTETS + 20)
};

static db_func_t database;

static str str_of(const char *text)
{
	return (str){.s = (char *)text, .len = (int)strlen(text)};
}

/* Never the whole URL: it has the password. */
static int scheme_octets(const char *url)
{
	return (int)strcspn(url, ":");
}

bool tlsp_proxy_database_bind(const char *url, char *error, size_t size)
{
	char module[64];
	db_bind_api_f bind;

	snprintf(module, sizeof(module), "db_%.*s", scheme_octets(url), url);
	bind = (db_bind_api_f)find_mod_export(module, "db_bind_api", 0, 0);
	if(!bind || bind(&database) < 0) {
		snprintf(error, size,
				"db_url needs the module %s: add loadmodule \"%s.so\"", module,
				module);
		return false;
	}
	if(database.init && database.close && database.use_table && database.query
			&& database.free_result)
		return true;
	snprintf(error, size, "db_url: the module %s cannot be queried", module);
	return false;
}

/* CHAR(n) comes filled up with blanks. */
static str trimmed(str text)
{
	while(text.len > 0 && text.s[text.len - 1] == ' ')
		text.len--;
	while(text.len > 0 && text.s[0] == ' ') {
		text.s++;
		text.len--;
	}
	return text;
}

/* What one reading needs. */
struct reading
{
	struct tlsp_proxy_list *list;
	const struct tlsp_proxy_table *from;
	const char *name; /* TABLE.COLUMN */
	db1_con_t *connection;
	size_t row;					  /* that were read */
	bool refused;				  /* the last of them */
	struct tlsp_database_key key; /* asked for, too */
};

static db1_res_t *ask(const struct reading *reading, const char *text)
{
	db1_res_t *rows = NULL;
	str query = str_of(text);

	if(database.raw_query(reading->connection, &query, &rows) < 0)
		return NULL;
	return rows;
}

static bool is_there(const struct reading *reading)
{
	db1_res_t *rows;

	if(!tlsp_database_is_known(reading->from->url) || !database.raw_query)
		return true; /* for all that we know */
	rows = ask(reading, "SELECT 1");
	if(rows)
		database.free_result(reading->connection, rows);
	return rows != NULL;
}

/* Can SQLite read what it has of its own in each file? */
static bool is_readable(const struct reading *reading)
{
	db1_res_t *rows;

	if(!tlsp_database_is_file(reading->from->url) || !database.raw_query)
		return true;
	rows = ask(reading, "SELECT 1 FROM sqlite_master LIMIT 1");
	if(rows)
		database.free_result(reading->connection, rows);
	return rows != NULL;
}

static bool fail(const struct reading *reading)
{
	const char *why = "the database does not give this column; the log says "
					  "why";

	/* A file is asked first: with some SQLite it answers nothing at all then. */
	if(!is_readable(reading))
		why = "another process has locked the database, or the file is none; "
			  "the log says which";
	else if(!is_there(reading))
		why = "the connection to the database was lost";
	return tlsp_proxy_list_fail(reading->list, reading->name, why);
}

/* db_sqlite hands out each text with its length, which a NUL octet in it does
 * not end. */
static bool text_of(
		const struct reading *reading, const db_val_t *value, str *out)
{
	if(!tlsp_database_is_file(reading->from->url)
			|| VAL_TYPE(value) != DB1_STRING)
		return tlsp_database_is_text(value, out);
	*out = VAL_STR(value);
	return true;
}

/* Where |values|, those of the column and of the key, stand. */
static const char *place_of(const struct reading *reading,
		const db_val_t *values, char place[TLSP_PROXY_PLACE_MAX_OCTETS])
{
	char key[TLSP_KEY_TEXT_OCTETS];

	tlsp_database_key_print(&reading->key, values + 1, key);
	if(key[0])
		snprintf(place, TLSP_PROXY_PLACE_MAX_OCTETS, "%s, %s:", reading->name,
				key);
	else
		snprintf(place, TLSP_PROXY_PLACE_MAX_OCTETS,
				"%s, row %zu:", reading->name, reading->row);
	return place;
}

static bool add_rows(struct reading *reading, const db1_res_t *rows)
{
	char place[TLSP_PROXY_PLACE_MAX_OCTETS];

	for(int i = 0; i < RES_ROW_N(rows); i++) {
		const db_val_t *values = ROW_VALUES(&RES_ROWS(rows)[i]);
		str text;

		reading->row++;
		if(VAL_NULL(values))
			continue;
		if(!text_of(reading, values, &text))
			return tlsp_proxy_list_fail(
					reading->list, reading->name, "the column is no text");
		text = trimmed(text);
		reading->refused = !tlsp_proxy_list_add(reading->list,
				place_of(reading, values, place), text.s, (size_t)text.len);
		if(reading->refused)
			return false;
	}
	return true;
}

/* The module hands out the answer in parts, or else all of it at once. */
static bool read_answer(struct reading *reading)
{
	str table = str_of(reading->from->table), set = str_of("setid");
	str names[1 + TLSP_KEY_COLUMNS] = {str_of(reading->from->column)};
	db_key_t columns[1 + TLSP_KEY_COLUMNS] = {&names[0]}, keys[] = {&set};
	db_val_t values[] = {{.type = DB1_INT, .val.int_val = reading->from->set}};
	int count = reading->from->set >= 0 ? 1 : 0;
	bool parts = database.fetch_result != NULL, ok, more;
	db1_res_t *rows = NULL;

	for(size_t i = 0; i < reading->key.count; i++) {
		names[1 + i] = str_of(reading->key.quoted[i]);
		columns[1 + i] = &names[1 + i];
	}
	if(database.use_table(reading->connection, &table) < 0
			|| database.query(reading->connection, keys, NULL, values, columns,
					   count, 1 + (int)reading->key.count, NULL,
					   parts ? NULL : &rows)
					   < 0)
		return fail(reading);
	do {
		ok = (!parts
					 || database.fetch_result(
								reading->connection, &rows, ROWS_AT_ONCE)
								>= 0)
			 && rows;
		ok = ok ? add_rows(reading, rows) : fail(reading);
		more = ok && parts && RES_ROW_N(rows) > 0;
	} while(more);
	if(rows)
		database.free_result(reading->connection, rows);
	return ok;
}

static bool tell(const struct reading *reading, const char *text)
{
	db1_res_t *rows = ask(reading, text);

	if(rows)
		database.free_result(reading->connection, rows);
	return rows || fail(reading);
}

/* What is asked beside the column; |text| keeps it. */
static const char *and_key(const struct reading *reading, char text[KEY_OCTETS])
{
	size_t used = 0;

	text[0] = '\0';
	for(size_t i = 0; i < reading->key.count; i++)
		used += (size_t)snprintf(text + used, KEY_OCTETS - used,
				", CAST(%s AS TEXT)", reading->key.quoted[i]);
	return text;
}

/* What a row must be beside the page; |text| keeps it. */
static const char *and_set(const struct reading *reading, char text[32])
{
	text[0] = '\0';
	if(reading->from->set >= 0)
		snprintf(text, 32, "setid = %d AND ", reading->from->set);
	return text;
}

/* The rowid of the last row of the page behind |last|, into |last|. */
static bool find_last(const struct reading *reading, char *last, size_t size)
{
	char query[4 * NAME_OCTETS], set[32];
	db1_res_t *rows;
	bool ok;

	snprintf(query, sizeof(query),
			"SELECT CAST(MAX(rowid) AS TEXT) FROM (SELECT rowid FROM %s WHERE "
			"%srowid > %s ORDER BY rowid LIMIT %d)",
			reading->from->table, and_set(reading, set), last, ROWS_IN_PAGE);
	rows = ask(reading, query);
	ok = rows && RES_ROW_N(rows) == 1
		 && VAL_TYPE(ROW_VALUES(RES_ROWS(rows))) == DB1_STR
		 && !VAL_NULL(ROW_VALUES(RES_ROWS(rows)));
	if(ok)
		snprintf(last, size, "%.*s", VAL_STR(ROW_VALUES(RES_ROWS(rows))).len,
				VAL_STR(ROW_VALUES(RES_ROWS(rows))).s);
	if(rows)
		database.free_result(reading->connection, rows);
	return ok || fail(reading);
}

static bool read_page(
		struct reading *reading, char *last, size_t size, bool *more)
{
	char query[4 * NAME_OCTETS + KEY_OCTETS], set[32], key[KEY_OCTETS];
	db1_res_t *rows;
	bool ok;

	snprintf(query, sizeof(query),
			"SELECT %s%s FROM %s WHERE %srowid > %s ORDER BY rowid LIMIT %d",
			reading->from->column, and_key(reading, key), reading->from->table,
			and_set(reading, set), last, ROWS_IN_PAGE);
	rows = ask(reading, query);
	if(!rows)
		return fail(reading);
	*more = RES_ROW_N(rows) == ROWS_IN_PAGE;
	ok = add_rows(reading, rows);
	database.free_result(reading->connection, rows);
	return ok && (!*more || find_last(reading, last, size));
}

/* db_sqlite cannot part an answer, and keeps all of it in private memory; so
 * the question is parted, within one transaction. */
static bool read_pages(struct reading *reading)
{
	char last[24] = "-9223372036854775808";
	db1_res_t *end;
	bool ok, more = false;

	if(!tell(reading, "BEGIN"))
		return false;
	do
		ok = read_page(reading, last, sizeof(last), &more);
	while(ok && more);
	if(ok)
		return tell(reading, "COMMIT");
	end = ask(reading, "ROLLBACK");
	if(end)
		database.free_result(reading->connection, end);
	return false;
}

/* A table of SQLite with rowids of its own; anything else (a view, a table
 * WITHOUT ROWID or with a column of that name) is read at once. */
static bool in_pages(const struct reading *reading)
{
	char query[4 * NAME_OCTETS];
	db1_res_t *rows;
	bool has_rowids;

	if(!tlsp_database_is_file(reading->from->url) || !database.raw_query)
		return false;
	snprintf(query, sizeof(query),
			"SELECT name FROM sqlite_master WHERE type = 'table' AND name = "
			"'%s' COLLATE NOCASE AND sql NOT LIKE '%%rowid%%'",
			reading->from->table);
	rows = ask(reading, query);
	has_rowids = rows && RES_ROW_N(rows) == 1;
	if(rows)
		database.free_result(reading->connection, rows);
	return has_rowids;
}

static bool read_all(struct reading *reading)
{
	return in_pages(reading) ? read_pages(reading) : read_answer(reading);
}

/* Keys cost as much as what they are the keys of, so they are asked for only
 * when a row is to be named by its own. */
static bool read_twice(struct reading *reading)
{
	struct tlsp_proxy_faults *faults = reading->list->faults;
	char place[TLSP_PROXY_PLACE_MAX_OCTETS];
	bool ok;

	if(tlsp_database_key_of_nul(&database, reading->connection, reading->from,
			   place, sizeof(place)))
		return tlsp_proxy_list_fail(
				reading->list, place, "the text has a NUL octet");

	reading->list->faults = NULL;
	ok = read_all(reading);
	reading->list->faults = faults;
	if(ok || !reading->refused)
		return ok;
	tlsp_database_key_find(&database, reading->connection, reading->from->url,
			reading->from->table, reading->from->column, &reading->key);
	reading->row = 0;
	return read_all(reading);
}

bool tlsp_proxy_database_add(
		struct tlsp_proxy_list *list, const struct tlsp_proxy_table *from)
{
	char name[TLSP_PROXY_PLACE_MAX_OCTETS / 2], why[256];
	struct reading reading = {.list = list, .from = from, .name = name};
	str url = str_of(from->url);
	const char *missing;
	bool ok;

	if(!tlsp_proxy_database_bind(from->url, why, sizeof(why))) {
		snprintf(list->error, sizeof(list->error), "%s%s", list->prefix, why);
		return false;
	}
	missing = tlsp_database_file_objection(from->url);
	if(missing) {
		snprintf(list->error, sizeof(list->error),
				"%sdb_url: the file of the database cannot be read: %s",
				list->prefix, missing);
		return false;
	}
	reading.connection = database.init(&url);
	if(!reading.connection) {
		snprintf(list->error, sizeof(list->error),
				"%sdb_url: no connection to the database (%.*s)", list->prefix,
				scheme_octets(from->url), from->url);
		return false;
	}
	snprintf(name, sizeof(name), "%s.%s", from->table, from->column);
	ok = read_twice(&reading);
	database.close(reading.connection);
	return ok;
}
