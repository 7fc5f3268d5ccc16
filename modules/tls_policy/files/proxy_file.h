/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proxy_file - a file of proxies into a list, for the module and for the
 * command line. libc and policy/ only; any process.
 */
#ifndef TLSP_PROXY_FILE_H
#define TLSP_PROXY_FILE_H

#include "policy/proxies/proxy_list.h"

/*
 * tlsp_proxy_file_add adds the proxies of the file |path| to |list| (one for
 * each line, or a dispatcher.list: policy/proxy_line.h). False and a sentence
 * with PATH or PATH:LINE in list->error if it cannot be read to its end or a
 * line is wrong. Holds one line at a time, whatever the size of the file.
 */
bool tlsp_proxy_file_add(struct tlsp_proxy_list *list, const char *path);

#endif
