/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpc_rows - see rpc_rows.h.
 */
#include "rpc_rows.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rpc_room.h"

enum
{
	NUMBER_OCTETS = 6,
	ROW_OCTETS = 4, /* its begin and its end */
	LAST_OCTETS = 512
};

void tlsp_rpc_rows_init(struct tlsp_rpc_rows *rows, rpc_t *rpc, void *ctx)
{
	memset(rows, 0, sizeof(*rows));
	rows->rpc = rpc;
	rows->ctx = ctx;
	rows->room = tlsp_rpc_room_of_rows(rpc) - LAST_OCTETS;
	rows->most = SIZE_MAX;
}

static struct tlsp_rpc_member *next_member(
		struct tlsp_rpc_row *row, const char *name)
{
	struct tlsp_rpc_member *member = &row->members[row->count];

	if(row->count++ == TLSP_RPC_ROW_MEMBERS)
		abort(); /* give it more */
	member->name = name;
	return member;
}

void tlsp_rpc_row_text(
		struct tlsp_rpc_row *row, const char *name, const char *text)
{
	next_member(row, name)->text = text;
}

void tlsp_rpc_row_number(struct tlsp_rpc_row *row, const char *name, int number)
{
	next_member(row, name)->number = number;
}

static size_t octets_of(const struct tlsp_rpc_row *row)
{
	size_t octets = ROW_OCTETS;

	for(size_t i = 0; i < row->count; i++) {
		const struct tlsp_rpc_member *member = &row->members[i];

		octets += tlsp_rpc_text_octets(strlen(member->name));
		octets += member->text ? tlsp_rpc_text_octets(strlen(member->text))
							   : NUMBER_OCTETS;
	}
	return octets;
}

static void write_row(
		struct tlsp_rpc_rows *rows, const struct tlsp_rpc_row *row)
{
	void *answer;

	rows->broken = rows->broken || rows->rpc->add(rows->ctx, "{", &answer) < 0;
	for(size_t i = 0; !rows->broken && i < row->count; i++) {
		const struct tlsp_rpc_member *member = &row->members[i];

		rows->broken = (member->text ? rows->rpc->struct_add(
								answer, "s", member->name, member->text)
									 : rows->rpc->struct_add(answer, "d",
											 member->name, member->number))
					   < 0;
	}
}

void tlsp_rpc_rows_add(
		struct tlsp_rpc_rows *rows, const struct tlsp_rpc_row *row)
{
	size_t octets = octets_of(row);

	if(rows->left_out || rows->most == 0 || octets > rows->room) {
		rows->left_out++;
		return;
	}
	rows->room -= octets;
	rows->most--;
	write_row(rows, row);
}

void tlsp_rpc_rows_end(struct tlsp_rpc_rows *rows, const char *more)
{
	struct tlsp_rpc_row last = {.count = 0};

	if(rows->left_out == 0)
		return;
	tlsp_rpc_row_number(&last, "left_out", rows->left_out);
	tlsp_rpc_row_text(&last, "more", more);
	write_row(rows, &last);
}
