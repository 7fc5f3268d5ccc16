/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * server_name - the extension server_name (RFC 6066, 3) of a ClientHello that is
 * being read. OpenSSL and policy/ only; any process that does TLS, under the
 * lock of the SSL.
 */
#ifndef TLSP_SERVER_NAME_H
#define TLSP_SERVER_NAME_H

#include "record.h"

enum
{
	TLSP_SERVER_NAME_OCTETS = 256 /* with its NUL */
};

/* tlsp_server_name_read: the name that the client asks for, or "". In the
 * ClientHello callback only. False if it is longer or holds octets that no host
 * has: letters, digits, '-', '.', '_' and, in an IPv6 address, ':'. */
bool tlsp_server_name_read(SSL *ssl, char out[TLSP_SERVER_NAME_OCTETS]);

/* tlsp_server_name_digest: of |name|, of |octets|, alone: what a connection is
 * compared by. False without memory. */
bool tlsp_server_name_digest(
		struct tlsp_digest *out, const char *name, size_t octets);

/* tlsp_server_name_note: |name| is the one of this connection. False if another
 * one was before, or without memory. */
bool tlsp_server_name_note(struct tlsp_record *record, const char *name);

#endif
