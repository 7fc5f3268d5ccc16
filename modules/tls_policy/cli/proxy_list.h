/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proxy_list - proxies as the command line names them: one by one, or in a
 * file, which may be a dispatcher.list of Kamailio. libc and policy/ only;
 * the command's process.
 */
#ifndef TLSP_PROXY_LIST_H
#define TLSP_PROXY_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "../policy/proxies.h"

enum
{
	TLSP_PROXY_LIST_MAX_LINE_OCTETS = 4096
};

/* tlsp_proxy_list_add: one host or SIP URI. Returns false and one sentence in
 * |error| when it is none. */
bool tlsp_proxy_list_add(struct tlsp_proxies_builder *builder,
		const char *text, char *error, size_t error_size);

/*
 * tlsp_proxy_list_read: a file with one host or SIP URI in each line, or a
 * line of dispatcher.list ("SETID URI FLAGS PRIORITY ATTRS": Kamailio's
 * dispatcher module). Blank lines and what follows a '#' that begins a word
 * are passed over. Returns false and "PATH:LINE: ..." in |error| at the
 * first line that is neither, or when no line names a proxy.
 */
bool tlsp_proxy_list_read(struct tlsp_proxies_builder *builder,
		const char *path, char *error, size_t error_size);

#endif
