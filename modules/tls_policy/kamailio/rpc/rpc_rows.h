/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpc_rows - an answer of rows with members, as many as arrive: kamcmd shows
 * nothing at all of a longer one. RPC processes.
 */
#ifndef TLSP_RPC_ROWS_H
#define TLSP_RPC_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/rpc.h"

enum
{
	TLSP_RPC_ROW_MEMBERS = 24
};

/* One row, until it is added: all texts are the caller's. */
struct tlsp_rpc_row
{
	struct tlsp_rpc_member
	{
		const char *name, *text; /* NULL: it is |number| */
		int number;
	} members[TLSP_RPC_ROW_MEMBERS];
	size_t count;
};

struct tlsp_rpc_rows
{
	rpc_t *rpc;
	void *ctx;
	size_t room;  /* octets that are left */
	size_t most;  /* rows that are wanted */
	int left_out; /* rows that did not fit, or are not wanted */
	bool broken;  /* a fault is made */
};

/* tlsp_rpc_rows_init: an answer without a row. */
void tlsp_rpc_rows_init(struct tlsp_rpc_rows *rows, rpc_t *rpc, void *ctx);

/* tlsp_rpc_row_text, _number: the next member of |row|, which begins zeroed. */
void tlsp_rpc_row_text(
		struct tlsp_rpc_row *row, const char *name, const char *text);
void tlsp_rpc_row_number(
		struct tlsp_rpc_row *row, const char *name, int number);

/* tlsp_rpc_rows_add: |row| into the answer; or it is counted as left out, as
 * all are behind one that was. */
void tlsp_rpc_rows_add(
		struct tlsp_rpc_rows *rows, const struct tlsp_rpc_row *row);

/* tlsp_rpc_rows_end: if any were left out, a last row says how many, and |more|:
 * what to type for them. */
void tlsp_rpc_rows_end(struct tlsp_rpc_rows *rows, const char *more);

#endif
