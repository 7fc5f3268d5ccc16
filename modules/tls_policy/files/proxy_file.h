/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proxy_file - a file of proxies into a list, for the module and for the
 * command line. libc and policy/ only; any process.
 */
#ifndef TLSP_PROXY_FILE_H
#define TLSP_PROXY_FILE_H

#include "policy/proxies/proxy_list.h"

enum
{
	TLSP_PROXY_FILE_MAX_OCTETS = 256 * 1024 * 1024 /* 1,000,000 of the longest
													  names */
};

/*
 * tlsp_proxy_file_add adds the proxies of the regular file |path| to |list|
 * (one for each line, or a dispatcher.list: policy/proxy_line.h). False and a
 * sentence with PATH or PATH:LINE in list->error if it is no regular file (a
 * pipe, a terminal or a device would be waited for), larger than
 * TLSP_PROXY_FILE_MAX_OCTETS, cannot be read to its end or a line is wrong.
 * Holds one line at a time, whatever the size of the file.
 */
bool tlsp_proxy_file_add(struct tlsp_proxy_list *list, const char *path);

/* tlsp_proxy_file_add_any: likewise for a command line, where pipes are as good
 * as files and are waited for (one that nobody has opened to write is empty);
 * "-" is the standard input. */
bool tlsp_proxy_file_add_any(struct tlsp_proxy_list *list, const char *path);

#endif
