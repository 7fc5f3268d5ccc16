/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proxy_line - one line of a file of proxies. libc only; any process.
 */
#ifndef TLSP_PROXY_LINE_H
#define TLSP_PROXY_LINE_H

#include "policy/host/hostname.h"

/*
 * tlsp_proxy_line_read: the proxy of |line| (with or without its newline): a
 * host or SIP URI alone, or a line of a dispatcher.list ("1 sip:host:5060
 * flags ..."), whose second field counts. '#' and what follows is a comment,
 * except inside a word. TLSP_HOST_EMPTY for a line without any proxy.
 */
enum tlsp_host_error tlsp_proxy_line_read(
		struct tlsp_host *out, const char *line);

/* tlsp_proxy_line_set: the set of |line|, if it is one of a dispatcher.list: 0
 * or more; -1 for one without any proxy; -2 for any other. */
long long tlsp_proxy_line_set(const char *line);

#endif
