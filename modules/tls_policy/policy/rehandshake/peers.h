/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peers - the list of hosts that an operator knows to take a
 * renegotiation (tls_rehandshake_peers). Owns no state; libc, hostname and
 * identity; any process.
 */
#ifndef TLSP_REHANDSHAKE_PEERS_H
#define TLSP_REHANDSHAKE_PEERS_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/host/host.h"

enum
{
	TLSP_REHANDSHAKE_PEERS_MAX_OCTETS = 1023 /* of a list, without its NUL */
};

/*
 * tlsp_rehandshake_peers_read reads hosts as an operator writes them (see
 * tlsp_hostname_from_operator), separated by blanks or commas, and writes
 * them in canonical form, one blank between two, NUL terminated, into |out|
 * of |size| octets. On failure returns false, leaves |out| as it was and
 * writes one sentence that names the word into |error| (cut at |error_size|).
 * May allocate (libidn2). What does not fit |size|
 * (at most TLSP_REHANDSHAKE_PEERS_MAX_OCTETS + 1) is a failure.
 */
bool tlsp_rehandshake_peers_read(char *out, size_t size, const char *text,
		char *error, size_t error_size);

/*
 * tlsp_rehandshake_peers_name: does |list|, as tlsp_rehandshake_peers_read
 * wrote it, name |host|? A host names itself; "*.example.com" names itself (as
 * a certificate presents it) and every name with one label more. Does not
 * allocate. Linear in the list.
 */
bool tlsp_rehandshake_peers_name(
		const char *list, const struct tlsp_host *host);

/* tlsp_rehandshake_peers_name_either: by the accepted |identity| or by
 * |address|; each may be NULL. */
bool tlsp_rehandshake_peers_name_either(const char *list,
		const struct tlsp_host *identity, const struct tlsp_host *address);

#endif
