/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * board - see board.h.
 */
#include "board.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "policy/escape.h"
#include "policy/rules/rules_check.h"

enum
{
	COLUMNS_MAX = 1024,
	ERRORS_MAX = 100,
	NO_TABLE = BOARD_TABLES /* none, or one that does not matter */
};

static const char *const titles[BOARD_TABLES] = {
		[BOARD_PROXY_IP] = "ProxyIp",
		[BOARD_PROXY_SET] = "ProxySet",
		[BOARD_TLS_CONTEXTS] = "TLSContexts",
		[BOARD_SIP_INTERFACE] = "SIPInterface",
		[BOARD_INTERFACES] = "InterfaceTable",
};

struct reading
{
	struct board *board;
	struct ini_line line;
	unsigned section_line;	/* of the section that is open */
	int table;				/* that it is of, or NO_TABLE */
	struct board_rest open; /* the table that does not matter, if line != 0 */
};

#define complain(reading, ...)                            \
	((reading)->board->no_memory |= !tlsp_rules_complain( \
			 (reading)->board->wrong, (reading)->line.number, __VA_ARGS__))

/* Room for one more behind |count| members of |octets|, as a new *array; false,
 * and the board knows, without memory. */
static bool make_room(
		struct board *board, void **array, size_t count, size_t octets)
{
	void *more = *array;

	if((count & (count - 1)) == 0)
		more = realloc(*array, (count ? count * 2 : 1) * octets);
	board->no_memory |= !more;
	if(more)
		*array = more;
	return more != NULL;
}

static void add_rest(struct board *board, const struct board_rest *rest)
{
	void *rests = board->rests;

	if(make_room(board, &rests, board->rest_count, sizeof(*rest))) {
		board->rests = rests;
		board->rests[board->rest_count++] = *rest;
	}
}

static void add_parameter(
		struct board *board, const struct board_parameter *one)
{
	void *parameters = board->parameters;

	if(make_room(board, &parameters, board->parameter_count, sizeof(*one))) {
		board->parameters = parameters;
		board->parameters[board->parameter_count++] = *one;
	}
}

static void add_proxy(struct board *board, const struct board_proxy *proxy)
{
	void *proxies = board->proxies;

	if(make_room(board, &proxies, board->proxy_count, sizeof(*proxy))) {
		board->proxies = proxies;
		board->proxies[board->proxy_count++] = *proxy;
	}
}

static bool add_row(struct board *board, struct board_table *table,
		const struct board_row *row)
{
	void *rows = table->rows;

	if(!make_room(board, &rows, table->row_count, sizeof(*row)))
		return false;
	table->rows = rows;
	table->rows[table->row_count++] = *row;
	return true;
}

static void add_cell(struct board *board, struct tlsp_text_line **cells,
		size_t *count, const struct tlsp_text_line *cell)
{
	void *all = *cells;

	if(make_room(board, &all, *count, sizeof(*cell))) {
		*cells = all;
		(*cells)[(*count)++] = *cell;
	}
}

/* A table that does not matter is told of as a whole. */
static void close_table(struct reading *reading)
{
	if(reading->open.line)
		add_rest(reading->board, &reading->open);
	reading->open = (struct board_rest){.name = {"", 0}};
	reading->section_line = 0;
	reading->table = NO_TABLE;
}

static void open_section(struct reading *reading)
{
	close_table(reading);
	for(int i = 0; i < BOARD_TABLES; i++)
		if(ini_line_is(&reading->line.name, titles[i]))
			reading->table = i;
	reading->open.name = reading->line.name;
	reading->section_line = reading->line.number;
}

/* The values of the line into |cells|; false, and a complaint, if they cannot be
 * taken apart. */
static bool read_values(struct reading *reading, struct tlsp_text_line **cells,
		size_t *count, const char *title)
{
	struct tlsp_text_line rest = reading->line.value, cell;
	const char *why = NULL;
	char ended = ',';
	size_t before = *count;

	while(ended == ',' && *count - before <= COLUMNS_MAX) {
		if(!ini_line_value(&rest, &cell, &ended, &why)) {
			complain(reading, "%s: %s", title, why);
			return false;
		}
		add_cell(reading->board, cells, count, &cell);
	}
	tlsp_text_line_trim(&rest);
	if(ended == ';' && (rest.octets == 0 || rest.text[0] == ';'))
		return true;
	complain(reading,
			ended == ',' ? "%s: there are more than 1024 values"
						 : "%s: the line does not end in ';'",
			title);
	return false;
}

static void read_format(struct reading *reading)
{
	struct board_table *table;

	if(reading->table == NO_TABLE) {
		if(reading->section_line == 0)
			reading->open.name = reading->line.index;
		/* so the section is a table, which is told of as a whole */
		if(!reading->open.line)
			reading->open.line = reading->section_line ? reading->section_line
													   : reading->line.number;
		reading->open.last = reading->line.number;
		return;
	}
	table = &reading->board->tables[reading->table];
	if(table->format_line)
		complain(reading, "FORMAT of [%s] stands twice: line %u has it already",
				titles[reading->table], table->format_line);
	else if(read_values(reading, &table->columns, &table->column_count,
					titles[reading->table]))
		table->format_line = reading->line.number;
}

/* A row that could not be read has as many cells as any other, all empty. */
static void fill_row(struct board *board, struct board_table *table)
{
	const struct tlsp_text_line none = {"", 0};

	table->cell_count = (table->row_count - 1) * table->column_count;
	while(table->cell_count < table->row_count * table->column_count
			&& !board->no_memory)
		add_cell(board, &table->cells, &table->cell_count, &none);
}

static void read_row_of(struct reading *reading, struct board_table *table)
{
	const char *title = titles[reading->table];
	struct board_row row = {reading->line.number, reading->line.index};
	size_t before = table->cell_count, count;

	if(table->row_count == BOARD_ROWS_MAX) {
		complain(reading, "[%s] has more than %d rows", title, BOARD_ROWS_MAX);
		return;
	}
	if(!add_row(reading->board, table, &row))
		return;
	if(!read_values(reading, &table->cells, &table->cell_count, title)) {
		fill_row(reading->board, table);
		return;
	}
	count = table->cell_count - before;
	if(count == table->column_count || reading->board->no_memory)
		return;
	complain(reading,
			"%s has %zu values, and its FORMAT in line %u has %zu columns",
			title, count, table->format_line, table->column_count);
	fill_row(reading->board, table);
}

static void read_row(struct reading *reading)
{
	const struct ini_line *line = &reading->line;
	struct board_table *table = &reading->board->tables[reading->table];

	if(reading->table == NO_TABLE) {
		for(int i = 0; i < BOARD_TABLES; i++)
			if(ini_line_is(&line->name, titles[i]))
				complain(reading, "a row of %s stands outside of [%s]",
						titles[i], titles[i]);
		if(reading->open.line)
			reading->open.last = line->number;
		else
			add_rest(reading->board,
					&(struct board_rest){line->number, 0, line->name});
	} else if(!ini_line_is(&line->name, titles[reading->table]))
		complain(reading, "[%s] has a row of something else",
				titles[reading->table]);
	else if(!table->format_line)
		complain(reading, "a row of %s stands before its FORMAT",
				titles[reading->table]);
	else
		read_row_of(reading, table);
}

/* ProxyIp, or ProxyIp_N. */
static bool is_proxy(const struct tlsp_text_line *name)
{
	size_t head = strlen(titles[BOARD_PROXY_IP]);
	struct tlsp_text_line first = {name->text, head};

	if(name->octets < head || !ini_line_is(&first, titles[BOARD_PROXY_IP]))
		return false;
	if(name->octets > head && name->text[head++] != '_')
		return false;
	for(; head < name->octets; head++)
		if(name->text[head] < '0' || name->text[head] > '9')
			return false;
	return true;
}

static const struct tlsp_parameter *find(const struct tlsp_text_line *name)
{
	char text[64];

	if(name->octets >= sizeof(text))
		return NULL;
	memcpy(text, name->text, name->octets);
	text[name->octets] = '\0';
	return tlsp_parameters_find(text);
}

static void read_parameter(struct reading *reading)
{
	const struct ini_line *line = &reading->line;
	const struct tlsp_parameter *row = find(&line->name);
	struct tlsp_text_line rest = line->value, value;
	const char *why = NULL;
	char ended = '\0';

	if(!row && !is_proxy(&line->name)) {
		add_rest(reading->board,
				&(struct board_rest){line->number, 0, line->name});
		return;
	}
	if(!ini_line_value(&rest, &value, &ended, &why)) {
		complain(reading, "%.*s: %s", (int)line->name.octets, line->name.text,
				why);
		return;
	}
	if(row && ended == ',' && value.text > line->value.text)
		complain(reading, "%s: something follows a quoted value", row->name);
	else if(row)
		add_parameter(reading->board, &(struct board_parameter){line->number,
											  row, line->name, value});
	else
		add_proxy(reading->board,
				&(struct board_proxy){line->number, line->name, value});
}

static void read_other(struct reading *reading)
{
	struct tlsp_text_line name = reading->line.whole;

	if(name.octets > 32)
		name.octets = 32;
	add_rest(reading->board,
			&(struct board_rest){reading->line.number, 0, name});
}

static void read_one(struct reading *reading)
{
	if(reading->line.fault) {
		complain(reading, "%s", reading->line.fault);
		return;
	}
	switch(reading->line.kind) {
		case INI_SECTION:
			open_section(reading);
			break;
		case INI_END:
			if(reading->open.line)
				reading->open.last = reading->line.number;
			close_table(reading);
			break;
		case INI_FORMAT:
			read_format(reading);
			break;
		case INI_ROW:
			read_row(reading);
			break;
		case INI_PARAMETER:
			read_parameter(reading);
			break;
		case INI_OTHER:
			read_other(reading);
			break;
	}
}

bool board_read(struct board *out, const char *text, size_t octets,
		struct tlsp_rules *wrong)
{
	struct tlsp_text_lines lines = {text, octets, 0};
	struct reading reading = {
			.board = out, .table = NO_TABLE, .open.name = {"", 0}};

	memset(out, 0, sizeof(*out));
	out->wrong = wrong;
	while(!out->no_memory && wrong->error_count < ERRORS_MAX
			&& ini_line_next(&lines, &reading.line))
		read_one(&reading);
	close_table(&reading);
	return !out->no_memory;
}

void board_cleanup(struct board *board)
{
	for(int i = 0; i < BOARD_TABLES; i++) {
		free(board->tables[i].columns);
		free(board->tables[i].rows);
		free(board->tables[i].cells);
	}
	free(board->parameters);
	free(board->proxies);
	free(board->rests);
	memset(board, 0, sizeof(*board));
}

/* "ProxyIp_IpAddress" or "IpAddress". */
static bool is_column(const struct tlsp_text_line *text, const char *title,
		const char *column)
{
	size_t head = strlen(title);
	struct tlsp_text_line part = {text->text, head};

	if(ini_line_is(text, column))
		return true;
	if(text->octets <= head || text->text[head] != '_'
			|| !ini_line_is(&part, title))
		return false;
	part.text += head + 1;
	part.octets = text->octets - head - 1;
	return ini_line_is(&part, column);
}

const struct tlsp_text_line *board_cell(const struct board *board,
		enum board_table_name name, size_t row, const char *column)
{
	const struct board_table *table = &board->tables[name];

	for(size_t i = 0; i < table->column_count; i++) {
		const struct tlsp_text_line *cell;

		if(!is_column(&table->columns[i], titles[name], column))
			continue;
		cell = &table->cells[row * table->column_count + i];
		return cell->octets && !ini_line_is(cell, "$$") ? cell : NULL;
	}
	return NULL;
}
