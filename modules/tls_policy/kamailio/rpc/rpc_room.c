/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpc_room - see rpc_room.h.
 */
#include "rpc_room.h"

#include <stdint.h>

#include "core/sr_module.h"

enum
{
	REPLY_OCTETS = 128 * 1024, /* MAX_REPLY_SIZE of kamcmd */
	HEADER_OCTETS = 1024,	   /* and more than enough */
	TEXT_MORE = 6			   /* type, length and NUL of a text */
};

/* Only ctl cannot answer later. */
bool tlsp_rpc_is_ctl(const rpc_t *rpc)
{
	return rpc->capabilities == NULL;
}

size_t tlsp_rpc_room_of_rows(const rpc_t *rpc)
{
	return tlsp_rpc_is_ctl(rpc) ? REPLY_OCTETS - HEADER_OCTETS : SIZE_MAX;
}

/* What |parameter| of ctl's leaves of it. */
static size_t room_by(const rpc_t *rpc, const char *parameter)
{
	size_t room = tlsp_rpc_room_of_rows(rpc);
	sr_module_t *ctl = tlsp_rpc_is_ctl(rpc) ? find_module_by_name("ctl") : NULL;
	modparam_t type;
	const int *octets =
			ctl ? find_param_export(ctl, (char *)parameter, PARAM_INT, &type)
				: NULL;

	return octets && *octets > 0 && (size_t)*octets < room ? (size_t)*octets
														   : room;
}

size_t tlsp_rpc_room_of_texts(const rpc_t *rpc)
{
	return room_by(rpc, "binrpc_max_body_size");
}

size_t tlsp_rpc_room_of_list(const rpc_t *rpc)
{
	return room_by(rpc, "binrpc_struct_max_body_size");
}

size_t tlsp_rpc_text_octets(size_t octets)
{
	return octets + TEXT_MORE;
}
