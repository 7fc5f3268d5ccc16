/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * der_text - a file that is one certificate or one CRL in DER, as Windows and
 * the distribution points of CRLs have them. OpenSSL only; opens nothing; any
 * process.
 */
#ifndef TLSP_DER_TEXT_H
#define TLSP_DER_TEXT_H

#include "pem_file.h"

/* tlsp_der_text_is: does |text| begin as a certificate or a CRL in DER does
 * (a SEQUENCE of more than 127 octets)? No text in PEM does. */
bool tlsp_der_text_is(const struct tlsp_pem_text *text);

/*
 * tlsp_der_text_certificate, tlsp_der_text_crl: the one that |text| is, to be
 * freed with sk_X509_pop_free and sk_X509_CRL_pop_free. NULL and one sentence
 * about |about|'s file if it is another thing, cut off, damaged or has anything
 * behind it.
 */
STACK_OF(X509)
*tlsp_der_text_certificate(
		const struct tlsp_pem_text *text, const struct tlsp_pem_about *about);
STACK_OF(X509_CRL)
*tlsp_der_text_crl(
		const struct tlsp_pem_text *text, const struct tlsp_pem_about *about);

#endif
