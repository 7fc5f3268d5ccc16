/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * database_key - see database_key.h. The names of tables that come here are
 * letters, digits and a few signs (sources.c), so they may stand in a query.
 */
#include "database_key.h"

#include <stdio.h>
#include <string.h>

#include "policy/escape.h"

enum
{
	QUERY_OCTETS = 512,
	VALUE_OCTETS = 72
};

/* Of each kind of database: what lists the columns of a primary key, in order,
 * and what stands around a name in a query (db_mysql does that itself). */
static const struct kind
{
	const char *scheme; /* of the URL */
	const char *query;	/* with the table's name in it */
	const char *quote;
} kinds[] = {
		{"postgres:",
				"SELECT a.attname::text FROM pg_index i JOIN pg_attribute a "
				"ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey) "
				"WHERE i.indrelid = to_regclass('%s') AND i.indisprimary "
				"ORDER BY a.attnum",
				"\""},
		{"mysql:",
				"SELECT column_name FROM information_schema.key_column_usage "
				"WHERE constraint_name = 'PRIMARY' AND table_schema = "
				"DATABASE() AND table_name = '%s' ORDER BY ordinal_position",
				""},
		{"sqlite:",
				"SELECT name FROM pragma_table_info('%s') WHERE pk > 0 ORDER "
				"BY pk",
				"\""},
};

static const struct kind *kind_of(const char *url)
{
	for(size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if(strncmp(url, kinds[i].scheme, strlen(kinds[i].scheme)) == 0)
			return &kinds[i];
	return NULL;
}

bool tlsp_database_is_known(const char *url)
{
	return kind_of(url) != NULL;
}

bool tlsp_database_is_text(const db_val_t *value, str *out)
{
	switch(VAL_TYPE(value)) {
		case DB1_STRING:
			out->s = (char *)VAL_STRING(value);
			out->len = (int)strlen(out->s);
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

static bool is_plain(const str *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
								  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

	for(int i = 0; i < name->len; i++)
		if(!memchr(letters, name->s[i], sizeof(letters) - 1))
			return false;
	return name->len > 0 && name->len < TLSP_KEY_NAME_OCTETS;
}

static bool take(
		struct tlsp_database_key *out, const db1_res_t *rows, const char *quote)
{
	if(RES_ROW_N(rows) > TLSP_KEY_COLUMNS)
		return false;
	for(int i = 0; i < RES_ROW_N(rows); i++) {
		const db_val_t *value = ROW_VALUES(&RES_ROWS(rows)[i]);
		str name;

		if(VAL_NULL(value) || !tlsp_database_is_text(value, &name)
				|| !is_plain(&name))
			return false;
		snprintf(out->columns[i], sizeof(out->columns[i]), "%.*s", name.len,
				name.s);
		snprintf(out->quoted[i], sizeof(out->quoted[i]), "%s%.*s%s", quote,
				name.len, name.s, quote);
		out->count++;
	}
	return true;
}

void tlsp_database_key_find(const db_func_t *database, db1_con_t *connection,
		const char *url, const char *table, const char *column,
		struct tlsp_database_key *out)
{
	const struct kind *kind = kind_of(url);
	char text[QUERY_OCTETS];
	db1_res_t *rows = NULL;
	str query = {text, 0};

	memset(out, 0, sizeof(*out));
	if(!kind || !database->raw_query)
		return;
	query.len = snprintf(text, sizeof(text), kind->query, table);
	if(database->raw_query(connection, &query, &rows) < 0 || !rows)
		return;
	if(!take(out, rows, kind->quote)
			|| (out->count == 1 && strcmp(out->columns[0], column) == 0))
		out->count = 0;
	database->free_result(connection, rows);
}

static bool print_value(const db_val_t *value, char *text, size_t size)
{
	str string;

	if(VAL_NULL(value))
		return false;
	if(tlsp_database_is_text(value, &string)) {
		tlsp_escape(string.s, (size_t)string.len, text, size);
		return true;
	}
	if(VAL_TYPE(value) == DB1_INT)
		snprintf(text, size, "%d", VAL_INT(value));
	else if(VAL_TYPE(value) == DB1_BIGINT)
		snprintf(text, size, "%lld", (long long)VAL_BIGINT(value));
	else if(VAL_TYPE(value) == DB1_UINT)
		snprintf(text, size, "%u", VAL_UINT(value));
	else if(VAL_TYPE(value) == DB1_UBIGINT)
		snprintf(text, size, "%llu", (unsigned long long)VAL_UBIGINT(value));
	else
		return false;
	return true;
}

char *tlsp_database_key_print(const struct tlsp_database_key *key,
		const db_val_t *values, char text[TLSP_KEY_TEXT_OCTETS])
{
	char value[VALUE_OCTETS];
	size_t used = 0;

	text[0] = '\0';
	for(size_t i = 0; i < key->count && used < TLSP_KEY_TEXT_OCTETS; i++) {
		if(!print_value(&values[i], value, sizeof(value))) {
			text[0] = '\0';
			break;
		}
		used += (size_t)snprintf(text + used, TLSP_KEY_TEXT_OCTETS - used,
				"%s%s %s", i ? ", " : "", key->columns[i], value);
	}
	return text;
}

/* "CAST(a AS CHAR), CAST(b AS CHAR)", or "1"; into |text|. */
static const char *key_columns(
		const struct tlsp_database_key *key, char text[QUERY_OCTETS])
{
	size_t used = 0;

	snprintf(text, QUERY_OCTETS, "1");
	for(size_t i = 0; i < key->count; i++)
		used += (size_t)snprintf(text + used, QUERY_OCTETS - used,
				"%sCAST(%s AS CHAR)", i ? ", " : "", key->columns[i]);
	return text;
}

bool tlsp_database_key_of_nul(const db_func_t *database, db1_con_t *connection,
		const struct tlsp_proxy_table *from, char *place, size_t size)
{
	char columns[QUERY_OCTETS], text[2 * QUERY_OCTETS];
	char shown[TLSP_KEY_TEXT_OCTETS];
	struct tlsp_database_key key;
	db1_res_t *rows = NULL;
	str query = {text, 0};
	char set[32] = "";
	bool found;

	if(strncmp(from->url, "mysql:", 6) != 0 || !database->raw_query)
		return false;
	tlsp_database_key_find(
			database, connection, from->url, from->table, from->column, &key);
	if(from->set >= 0)
		snprintf(set, sizeof(set), " AND setid = %d", from->set);
	query.len = snprintf(text, sizeof(text),
			"SELECT %s FROM %s WHERE INSTR(CAST(%s AS BINARY), CHAR(0)) > 0%s "
			"LIMIT 1",
			key_columns(&key, columns), from->table, from->column, set);
	if(database->raw_query(connection, &query, &rows) < 0 || !rows)
		return false; /* what is asked next says why */
	found = RES_ROW_N(rows) > 0;
	if(found) {
		tlsp_database_key_print(&key, ROW_VALUES(RES_ROWS(rows)), shown);
		snprintf(place, size, "%s.%s%s%s", from->table, from->column,
				shown[0] ? ", " : "", shown);
	}
	database->free_result(connection, rows);
	return found;
}
