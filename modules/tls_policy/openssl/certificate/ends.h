/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ends - when a certificate ends, and what it is called. OpenSSL and
 * policy/ only; any process.
 */
#ifndef TLSP_ENDS_H
#define TLSP_ENDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/x509.h>

/* tlsp_cert_about: what tells |certificate| in the file |name| from others: the
 * first octets of a SHA-256, never 0; 0 without memory. */
uint64_t tlsp_cert_about(const X509 *certificate, const char *name);

/* tlsp_cert_ends_s: notAfter (RFC 5280, 4.1.2.5), as time(2), into |out|. False
 * if there is no such time. Leaves no error in OpenSSL's queue. */
bool tlsp_cert_ends_s(const X509 *certificate, int64_t *out);

/* tlsp_cert_subject: the subject, escaped and bounded. */
void tlsp_cert_subject(const X509 *certificate, char *out, size_t size);

#endif
