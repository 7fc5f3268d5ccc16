/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unread_octets - does a TCP connection hold octets that no process has read
 * yet? By sock_diag(7), so without its socket. The re-handshake timer's
 * process, inside a job, so with the connection's write_lock held.
 */
#ifndef TLSP_UNREAD_OCTETS_H
#define TLSP_UNREAD_OCTETS_H

#include <stdbool.h>

#include "core/tcp_conn.h"

/* tlsp_unread_octets_exist: true if the kernel says so; false if not, or if it
 * does not tell (no inet_diag). One system call and its answer, no waiting. */
bool tlsp_unread_octets_exist(const struct tcp_connection *c);

#endif
