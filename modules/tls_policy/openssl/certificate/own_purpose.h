/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * own_purpose - may we show a certificate of ours as client? OpenSSL and policy/
 * only; any process.
 */
#ifndef TLSP_OWN_PURPOSE_H
#define TLSP_OWN_PURPOSE_H

#include <stdbool.h>

#include <openssl/x509.h>

/* tlsp_own_purpose_lacks_client: has |certificate| an extendedKeyUsage, and no
 * clientAuth in it (RFC 5280, 4.2.1.12)? Then a server that asks for a client's
 * certificate refuses it, as this module does. */
bool tlsp_own_purpose_lacks_client(X509 *certificate);

#endif
