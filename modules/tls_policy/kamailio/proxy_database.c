/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proxy_database - see proxy_database.h. The functions are taken from the
 * database module itself, as lib/srdb1's db_bind_mod does, so that this module
 * needs no library that only a database needs. No process keeps a connection:
 * it is needed at a reload only, and a pooled one must not cross a fork.
 */
#include "proxy_database.h"

#include <stdio.h>
#include <string.h>

#include "core/dprint.h"
#include "core/sr_module.h"
#include "lib/srdb1/db.h"

enum
{
	ROWS_AT_ONCE = 2000 /* in private memory, where the database can */
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

int tlsp_proxy_database_bind(const char *url)
{
	char module[64];
	db_bind_api_f bind;

	snprintf(module, sizeof(module), "db_%.*s", scheme_octets(url), url);
	bind = (db_bind_api_f)find_mod_export(module, "db_bind_api", 0, 0);
	if(!bind || bind(&database) < 0) {
		LM_ERR("db_url needs the module %s: add loadmodule \"%s.so\"\n", module,
				module);
		return -1;
	}
	if(database.init && database.close && database.use_table && database.query
			&& database.free_result)
		return 0;
	LM_ERR("db_url: the module %s cannot be queried\n", module);
	return -1;
}

static bool is_text(const db_val_t *value, str *out)
{
	switch(VAL_TYPE(value)) {
		case DB1_STRING:
			*out = str_of(VAL_STRING(value));
			return true;
		case DB1_STR:
			*out = VAL_STR(value);
			return true;
		case DB1_BLOB:
			*out = VAL_BLOB(value);
			return true;
		default:
			return false;
	}
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

static bool add_rows(struct tlsp_proxy_list *list, const char *name,
		const db1_res_t *rows, size_t *row)
{
	char place[TLSP_PROXY_PLACE_MAX_OCTETS];

	for(int i = 0; i < RES_ROW_N(rows); i++) {
		const db_val_t *value = ROW_VALUES(&RES_ROWS(rows)[i]);
		str text;

		++*row;
		if(VAL_NULL(value))
			continue;
		snprintf(place, sizeof(place), "%s, row %zu:", name, *row);
		if(!is_text(value, &text))
			return tlsp_proxy_list_fail(list, name, "the column is no text");
		text = trimmed(text);
		if(!tlsp_proxy_list_add(list, place, text.s, (size_t)text.len))
			return false;
	}
	return true;
}

/* The first rows, or the next; all of them where the module cannot part. */
static int fetch(db1_con_t *connection, db_key_t column, db1_res_t **rows)
{
	db_key_t columns[] = {column};
	bool parts = database.fetch_result != NULL;

	if(!*rows
			&& database.query(connection, NULL, NULL, NULL, columns, 0, 1, NULL,
					   parts ? NULL : rows)
					   < 0)
		return -1;
	return parts ? database.fetch_result(connection, rows, ROWS_AT_ONCE) : 0;
}

static bool read_table(struct tlsp_proxy_list *list, const char *name,
		db1_con_t *connection, const struct tlsp_proxy_table *from)
{
	str table = str_of(from->table), column = str_of(from->column);
	db1_res_t *rows = NULL;
	size_t row = 0;
	bool ok = true, more;

	do {
		if(database.use_table(connection, &table) < 0
				|| fetch(connection, &column, &rows) < 0 || !rows)
			ok = tlsp_proxy_list_fail(
					list, name, "the database does not give this column");
		else
			ok = add_rows(list, name, rows, &row);
		more = ok && database.fetch_result && RES_ROW_N(rows) > 0;
	} while(more);
	if(rows)
		database.free_result(connection, rows);
	return ok;
}

bool tlsp_proxy_database_add(
		struct tlsp_proxy_list *list, const struct tlsp_proxy_table *from)
{
	char name[TLSP_PROXY_PLACE_MAX_OCTETS / 2];
	str url = str_of(from->url);
	db1_con_t *connection = database.init(&url);
	bool ok;

	if(!connection) {
		snprintf(list->error, sizeof(list->error),
				"db_url: no connection to the database (%.*s)",
				scheme_octets(from->url), from->url);
		return false;
	}
	snprintf(name, sizeof(name), "%s.%s", from->table, from->column);
	ok = read_table(list, name, connection, from);
	database.close(connection);
	return ok;
}
