/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * subject - who a certificate says it is of, as one bounded text. OpenSSL only;
 * any process.
 */
#ifndef TLSP_SUBJECT_H
#define TLSP_SUBJECT_H

#include <stddef.h>

#include <openssl/x509.h>

/*
 * tlsp_subject_read writes "/C=DE/CN=name" into |out|, in UTF-8 as the peer
 * wrote it, cut at |size| and NUL terminated: whoever prints it escapes it, and
 * nobody has before (X509_NAME_oneline(3) would). A NUL octet is U+FFFD, a
 * value that is no text '?'. Leaves no error in OpenSSL's queue.
 */
void tlsp_subject_read(const X509 *certificate, char *out, size_t size);

/* tlsp_subject_read_name: likewise any name, such as the issuer of a CRL. */
void tlsp_subject_read_name(const X509_NAME *name, char *out, size_t size);

#endif
