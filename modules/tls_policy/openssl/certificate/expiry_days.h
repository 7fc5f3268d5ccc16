/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * expiry_days - how long a certificate still lasts, by the system's clock, and
 * what it is called. OpenSSL and policy/ only; any process.
 */
#ifndef TLSP_EXPIRY_DAYS_H
#define TLSP_EXPIRY_DAYS_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/x509.h>

enum
{
	TLSP_CERT_DIGEST_OCTETS = 32
};

/* tlsp_cert_digest: SHA-256 of |certificate|, to tell certificates apart. */
bool tlsp_cert_digest(
		const X509 *certificate, unsigned char out[TLSP_CERT_DIGEST_OCTETS]);

/* tlsp_cert_days_left: whole days until notAfter (RFC 5280, 4.1.2.5) into
 * |out|; -1 in the first day after it. False if there is no such time. */
bool tlsp_cert_days_left(const X509 *certificate, int *out);

/* tlsp_cert_days_describe: the subject, escaped and bounded, and the day of
 * notAfter as YYYY-MM-DD. */
void tlsp_cert_days_describe(const X509 *certificate, char *subject,
		size_t subject_size, char *date, size_t date_size);

#endif
