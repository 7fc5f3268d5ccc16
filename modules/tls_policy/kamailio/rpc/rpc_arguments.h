/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpc_arguments - reads what was written behind a command: a word in its place,
 * KEY=VALUE, or a word that is a switch; the same over kamcmd and JSON-RPC. What
 * is unknown, empty, twice or too much is a fault that prints the usage. RPC
 * processes.
 */
#ifndef TLSP_RPC_ARGUMENTS_H
#define TLSP_RPC_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/rpc.h"

enum
{
	TLSP_RPC_TEXT_OCTETS = 1100 /* of the longest value, and some */
};

enum tlsp_rpc_kind
{
	TLSP_RPC_PLACE,			 /* in its order among these */
	TLSP_RPC_PLACE_OR_EMPTY, /* likewise */
	TLSP_RPC_KEY,			 /* |name|=... */
	TLSP_RPC_SWITCH			 /* |name| */
};

/* Was it written with a fraction, as 1.0? A number of JSON is 1 then. */
enum tlsp_rpc_fraction
{
	TLSP_RPC_NO_FRACTION,
	TLSP_RPC_PERHAPS_FRACTION,
	TLSP_RPC_FRACTION
};

struct tlsp_rpc_argument
{
	enum tlsp_rpc_kind kind;
	const char *name; /* NULL for a place */
	bool given;
	enum tlsp_rpc_fraction fraction;
	char text[TLSP_RPC_TEXT_OCTETS]; /* "" if it was not given */
};

/*
 * tlsp_rpc_arguments_read: everything behind the command into |arguments|; what
 * begins like a key or is a switch is one, wherever it stands. False once the
 * fault is made. |usage| is what follows "tls_policy.".
 */
bool tlsp_rpc_arguments_read(rpc_t *rpc, void *ctx,
		struct tlsp_rpc_argument *arguments, size_t count, const char *usage);

/* tlsp_rpc_count: the text of |argument| as a number from 1 to |max|; 0 if it is
 * none. */
size_t tlsp_rpc_count(const struct tlsp_rpc_argument *argument, size_t max);

/* tlsp_rpc_usage: a fault that says it. Returns false. */
bool tlsp_rpc_usage(rpc_t *rpc, void *ctx, const char *usage);

#endif
