/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * made_chain - see made_chain.h.
 */
#include "made_chain.h"

#include <string.h>

EVP_PKEY *made_key(void)
{
	static EVP_PKEY *key;

	if(!key)
		key = EVP_EC_gen("P-256");
	assert_non_null(key);
	return key;
}

void add_extension(X509 *certificate, const char *name, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf(
			NULL, NULL, (char *)(uintptr_t)name, (char *)(uintptr_t)value);

	if(!extension)
		print_message("bad extension %s=%s\n", name, value);
	assert_non_null(extension);
	assert_true(X509_add_ext(certificate, extension, -1));
	X509_EXTENSION_free(extension);
}

/* As a peer's certificate comes: what OpenSSL keeps of the old one is gone. */
static X509 *through_der(X509 *certificate)
{
	unsigned char *der = NULL;
	const unsigned char *place;
	int octets = i2d_X509(certificate, &der);

	assert_true(octets > 0);
	X509_free(certificate);
	place = der;
	certificate = d2i_X509(NULL, &place, octets);
	assert_non_null(certificate);
	OPENSSL_free(der);
	return certificate;
}

void sign_again(X509 *certificate)
{
	assert_true(X509_sign(certificate, made_key(), EVP_sha256()) > 0);
}

static void add_extensions(X509 *certificate, const char *extensions)
{
	char text[4096], *rest = text, *one, *value;

	snprintf(text, sizeof(text), "%s", extensions ? extensions : "");
	while((one = strsep(&rest, "|"))) {
		if(!*one)
			continue;
		value = strchr(one, '=');
		assert_non_null(value);
		*value++ = '\0';
		add_extension(certificate, one, value);
	}
}

X509 *make_certificate_for(const char *common_name, X509 *issuer,
		const char *extensions, EVP_PKEY *key, long from_s, long to_s)
{
	static long serial;
	X509 *out = X509_new();
	X509_NAME *subject;

	assert_non_null(out);
	X509_set_version(out, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(out), ++serial);
	X509_gmtime_adj(X509_getm_notBefore(out), from_s);
	X509_gmtime_adj(X509_getm_notAfter(out), to_s);
	X509_set_pubkey(out, key);
	subject = X509_get_subject_name(out);
	if(common_name)
		assert_true(X509_NAME_add_entry_by_NID(subject, NID_commonName,
				MBSTRING_UTF8, (const unsigned char *)common_name, -1, -1, 0));
	X509_set_issuer_name(out, issuer ? X509_get_subject_name(issuer) : subject);
	add_extensions(out, extensions);
	sign_again(out);
	return through_der(out);
}

X509 *make_certificate(
		const char *common_name, X509 *issuer, const char *extensions)
{
	return make_certificate_for(common_name, issuer, extensions, made_key(),
			-MADE_DAY_S, 30 * MADE_DAY_S);
}

X509_CRL *make_crl(X509 *issuer, X509 *revoked, long to_s)
{
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *time = X509_gmtime_adj(NULL, -MADE_DAY_S);

	X509_CRL_set_version(crl, X509_CRL_VERSION_2);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer));
	X509_CRL_set1_lastUpdate(crl, time);
	if(revoked) {
		X509_REVOKED *entry = X509_REVOKED_new();

		X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(revoked));
		X509_REVOKED_set_revocationDate(entry, time);
		X509_CRL_add0_revoked(crl, entry);
	}
	X509_gmtime_adj(time, to_s);
	X509_CRL_set1_nextUpdate(crl, time);
	ASN1_TIME_free(time);
	assert_true(X509_CRL_sign(crl, made_key(), EVP_sha256()) > 0);
	return crl;
}

STACK_OF(X509) * stack_of(X509 **certificates, size_t count)
{
	STACK_OF(X509) *stack = sk_X509_new_null();

	for(size_t i = 0; i < count; i++)
		assert_true(sk_X509_push(stack, certificates[i]));
	return stack;
}
