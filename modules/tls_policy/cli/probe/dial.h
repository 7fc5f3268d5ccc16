/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dial - a TCP connection to a host and port, within a time. libc and policy/
 * only.
 */
#ifndef TLSP_DIAL_H
#define TLSP_DIAL_H

#include <stddef.h>

#include "policy/host/host.h"

enum
{
	DIAL_ADDRESS_OCTETS = 64
};

/* Where a connection ended up. */
struct dialled
{
	struct tlsp_host address;
	char text[DIAL_ADDRESS_OCTETS]; /* "192.0.2.1:5061", "[2001:db8::1]:5061" */
};

/*
 * dial_limit: from now on the process has |seconds|; then it says that |what|
 * did not answer, and ends with |status|. For everything that may block, the
 * resolver too.
 */
void dial_limit(unsigned seconds, const char *what, int status);

/*
 * dial: a blocking socket that is connected to |port| of |host|, a name or an
 * address, and |out|. Of several addresses each has its share of |seconds|. -1
 * and half a sentence in |error|.
 */
int dial(const char *host, const char *port, unsigned seconds,
		struct dialled *out, char *error, size_t size);

#endif
