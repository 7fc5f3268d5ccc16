/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpc_fault - see rpc_fault.h.
 */
#include "rpc_fault.h"

#include <string.h>

enum
{
	FAULT_OCTETS = 254
};

void tlsp_rpc_fault(rpc_t *rpc, void *ctx, int code, const char *text)
{
	static const char mark[] = "...";

	if(strlen(text) <= FAULT_OCTETS)
		rpc->fault(ctx, code, "%s", text);
	else
		rpc->fault(ctx, code, "%.*s%s", FAULT_OCTETS - (int)(sizeof(mark) - 1),
				text, mark);
}
