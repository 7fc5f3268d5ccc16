/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * offered_versions - TLSVersion on one SSL, gaps included, in both roles.
 * OpenSSL and policy/ only; any process, under the lock of the SSL.
 */
#ifndef TLSP_OFFERED_VERSIONS_H
#define TLSP_OFFERED_VERSIONS_H

#include "record.h"

/*
 * tlsp_offered_versions_narrow leaves of the versions that |ssl| offers those
 * that |tls_version| (TLSVersion, 0..15) allows; record->versions says which.
 * Before the first handshake. Setting an empty range succeeds in OpenSSL, so it
 * is told apart here; the peer then gets protocol_version.
 */
void tlsp_offered_versions_narrow(
		SSL *ssl, struct tlsp_record *record, int tls_version);

/* tlsp_offered_versions_forbid_all: no handshake of |ssl| can succeed any more.
 */
void tlsp_offered_versions_forbid_all(SSL *ssl);

#endif
