/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * view_print - what a server has shown, for people: a line for the
 * connection, some for each certificate, one for what it asks of us.
 */
#ifndef TLSP_VIEW_PRINT_H
#define TLSP_VIEW_PRINT_H

#include "server_view.h"

/* view_print: |where| is the address that was connected to, |server_name|
 * what was asked for ("": nothing). All of the peer's text is escaped and
 * bounded. */
void view_print(const struct server_view *view, const char *where,
		const char *server_name);

#endif
