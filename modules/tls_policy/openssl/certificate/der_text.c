/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * der_text - see der_text.h.
 */
#include "der_text.h"

#include <openssl/err.h>

bool tlsp_der_text_is(const struct tlsp_pem_text *text)
{
	return text->octets >= 2 && text->data[0] == 0x30 /* SEQUENCE */
		   && text->data[1] >= 0x81 && text->data[1] <= 0x84;
}

static bool is_whole(const struct tlsp_pem_text *text,
		const unsigned char *behind, bool decoded, const char *wanted,
		const struct tlsp_pem_about *about)
{
	size_t read = (size_t)(behind - text->data);

	if(decoded && read == text->octets)
		return true;
	if(decoded)
		tlsp_pem_file_complain(about,
				"has %zu octets behind the %s in DER: a file holds one",
				text->octets - read, wanted);
	else
		tlsp_pem_file_complain(about,
				"looks like DER, and is no %s that is whole and sound", wanted);
	return false;
}

STACK_OF(X509)
*tlsp_der_text_certificate(
		const struct tlsp_pem_text *text, const struct tlsp_pem_about *about)
{
	STACK_OF(X509) *certificates = sk_X509_new_null();
	const unsigned char *behind = text->data;
	X509 *certificate;

	ERR_set_mark();
	certificate = d2i_X509(NULL, &behind, (long)text->octets);
	ERR_pop_to_mark();
	if(is_whole(text, behind, certificate != NULL, "certificate", about)) {
		if(certificates && sk_X509_push(certificates, certificate))
			return certificates;
		tlsp_pem_file_complain(about, "does not fit into memory");
	}
	X509_free(certificate);
	sk_X509_free(certificates);
	return NULL;
}

STACK_OF(X509_CRL)
*tlsp_der_text_crl(
		const struct tlsp_pem_text *text, const struct tlsp_pem_about *about)
{
	STACK_OF(X509_CRL) *crls = sk_X509_CRL_new_null();
	const unsigned char *behind = text->data;
	X509_CRL *crl;

	ERR_set_mark();
	crl = d2i_X509_CRL(NULL, &behind, (long)text->octets);
	ERR_pop_to_mark();
	if(is_whole(text, behind, crl != NULL, "CRL", about)) {
		if(crls && sk_X509_CRL_push(crls, crl))
			return crls;
		tlsp_pem_file_complain(about, "does not fit into memory");
	}
	X509_CRL_free(crl);
	sk_X509_CRL_free(crls);
	return NULL;
}
