/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sessions - which TLS sessions may be resumed on one SSL, and for how long.
 * OpenSSL and policy/ only; any process that does TLS, under the lock of the
 * SSL.
 */
#ifndef TLSP_SESSIONS_H
#define TLSP_SESSIONS_H

#include "record.h"

enum
{
	TLSP_SESSION_LIFETIME_S = 300 /* of a ticket; bounds what an expired or
									 revoked certificate can still resume */
};

/* tlsp_sessions_prepare: before the first handshake of |ssl| under |terms|.
 * False without memory. */
bool tlsp_sessions_prepare(
		SSL *ssl, struct tlsp_record *record, const struct tlsp_terms *terms);

/* tlsp_sessions_bind: in the ClientHello callback. A session resumes only under
 * the same policy, proxies, trust anchors and TLS domain (RFC 8446, 4.6.1
 * leaves that to us), and only for the server name it was made for. False
 * without memory or if the server name is too long. */
bool tlsp_sessions_bind(SSL *ssl, const struct tlsp_record *record);

#endif
