/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rejections - the last refused peers, in a ring of fixed size in shared
 * memory. Written by the process that refused, after its decision, under a
 * short lock; read by RPC and by the process that runs the event route. A peer
 * that is accepted never comes here.
 */
#ifndef TLSP_REJECTIONS_H
#define TLSP_REJECTIONS_H

#include <stddef.h>
#include <time.h>

#include "core/ip_addr.h"
#include "core/tcp_conn.h"

#include "openssl/gate.h"

enum
{
	TLSP_REJECTIONS_KEPT = 64
};

struct tlsp_rejection
{
	unsigned long number; /* the first since start-up is 1 */
	time_t at;
	int connection; /* the core's id */
	struct ip_addr address;
	unsigned short port;
	struct tlsp_refusal refusal;
};

/* tlsp_rejections_init: main process, mod_init. 0, or -1 without memory. */
int tlsp_rejections_init(void);

/* tlsp_rejections_destroy: main process, at the very end. */
void tlsp_rejections_destroy(void);

/* tlsp_rejections_add: the peer of |c| was refused. Any process; |c| is only
 * read, whether its locks are held or not. */
void tlsp_rejections_add(
		const struct tcp_connection *c, const struct tlsp_refusal *refusal);

/* tlsp_rejections_last: copies of the last ones, newest first, up to |max|,
 * into |out|. Returns how many. */
size_t tlsp_rejections_last(struct tlsp_rejection *out, size_t max);

/*
 * tlsp_rejections_next: a copy of the oldest one that is kept and whose number
 * is above |number|, into |out|. False if there is none.
 */
bool tlsp_rejections_next(unsigned long number, struct tlsp_rejection *out);

#endif
