/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * board - what a gateway's ini file says, as far as it matters here, and where:
 * parameters of ours, proxies, the rows of the tables that choose a TLS context;
 * and what is left. Everything points into the text, which must stay. libc and
 * policy/ only.
 */
#ifndef TLSP_BOARD_H
#define TLSP_BOARD_H

#include "ini_line.h"
#include "policy/parameters.h"
#include "policy/rules/rules.h"

enum board_table_name
{
	BOARD_PROXY_IP,
	BOARD_PROXY_SET,
	BOARD_TLS_CONTEXTS,
	BOARD_SIP_INTERFACE,
	BOARD_INTERFACES, /* of the network */
	BOARD_TABLES
};

enum
{
	BOARD_ROWS_MAX = 65536 /* of a table */
};

struct board_row
{
	unsigned line;
	struct tlsp_text_line index;
};

struct board_table
{
	struct tlsp_text_line *columns; /* of the FORMAT that was read last */
	size_t column_count;
	unsigned format_line; /* 0: there is none */
	struct board_row *rows;
	size_t row_count;
	struct tlsp_text_line *cells; /* row by row; of a row that could not be
									 read all are empty */
	size_t cell_count;
};

/* NAME = VALUE of a parameter of ours. */
struct board_parameter
{
	unsigned line;
	const struct tlsp_parameter *row;
	struct tlsp_text_line name, value;
};

/* A proxy that is a parameter: ProxyIp = HOST, ProxyIp_0 = HOST. */
struct board_proxy
{
	unsigned line;
	struct tlsp_text_line name, value;
};

/* What is none of these: one line, or a whole table. */
struct board_rest
{
	unsigned line, last; /* of a table its last one, else 0 */
	struct tlsp_text_line name;
};

struct board
{
	struct board_table tables[BOARD_TABLES];
	struct board_parameter *parameters;
	size_t parameter_count;
	struct board_proxy *proxies;
	size_t proxy_count;
	struct board_rest *rests;
	size_t rest_count;
	struct tlsp_rules *wrong; /* not owned: takes the complaints */
	bool no_memory;
};

/*
 * board_read: the |octets| of |text| into |out|, to be given back by
 * board_cleanup. What is wrong stands in the errors of |wrong|, as FILE:LINE.
 * False without memory.
 */
bool board_read(struct board *out, const char *text, size_t octets,
		struct tlsp_rules *wrong);
void board_cleanup(struct board *board);

/* board_cell: the value in |column| of row |row|; NULL if the table has no such
 * column, or the value is empty or "$$" (the gateway's default). */
const struct tlsp_text_line *board_cell(const struct board *board,
		enum board_table_name name, size_t row, const char *column);

#endif
