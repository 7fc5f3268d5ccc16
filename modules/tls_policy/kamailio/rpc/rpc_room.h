/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpc_room - how much of an answer arrives: ctl fills one buffer with what is
 * no row, and one with each list, and kamcmd takes no reply of more than 128
 * KiB; over JSON-RPC there is no end. RPC processes.
 */
#ifndef TLSP_RPC_ROOM_H
#define TLSP_RPC_ROOM_H

#include <stdbool.h>
#include <stddef.h>

#include "core/rpc.h"

/* tlsp_rpc_is_ctl: does kamcmd ask? */
bool tlsp_rpc_is_ctl(const rpc_t *rpc);

/* tlsp_rpc_room_of_texts: the octets that an answer of texts may have, each
 * counted by tlsp_rpc_text_octets; _of_list: a list of texts that is a member;
 * _of_rows: an answer of rows that have members. */
size_t tlsp_rpc_room_of_texts(const rpc_t *rpc);
size_t tlsp_rpc_room_of_list(const rpc_t *rpc);
size_t tlsp_rpc_room_of_rows(const rpc_t *rpc);

/* tlsp_rpc_text_octets: what a text of |octets| takes there, at most. */
size_t tlsp_rpc_text_octets(size_t octets);

#endif
