/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * made_chain - for unit tests: certificates made in memory, each with the
 * extensions that a text names. One key signs everything, unless said.
 */
#ifndef TLSP_TEST_MADE_CHAIN_H
#define TLSP_TEST_MADE_CHAIN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define MADE_CA "basicConstraints=critical,CA:TRUE|keyUsage=keyCertSign,cRLSign"
#define MADE_DAY_S (24L * 3600)

/* made_key: the key of all, P-256; made once. */
EVP_PKEY *made_key(void);

/*
 * make_certificate: CN |common_name| (NULL: no subject), issued by |issuer|
 * (NULL: itself), valid from a day ago for 30 days, with |extensions|:
 * "NAME=VALUE|NAME=VALUE" as in openssl.cnf, "DER:..." too; NULL for none. The
 * caller frees it.
 */
X509 *make_certificate(
		const char *common_name, X509 *issuer, const char *extensions);

/* make_certificate_for: likewise with |key|, and valid from and to so many
 * seconds from now. */
X509 *make_certificate_for(const char *common_name, X509 *issuer,
		const char *extensions, EVP_PKEY *key, long from_s, long to_s);

/* add_extension: "NAME=VALUE", before it is signed again by sign_again. */
void add_extension(X509 *certificate, const char *name, const char *value);
void sign_again(X509 *certificate);

/* make_crl: of |issuer|, that revokes |revoked| (or NULL), until |to_s|. */
X509_CRL *make_crl(X509 *issuer, X509 *revoked, long to_s);

/* stack_of: |count| certificates, which the stack does not own. */
STACK_OF(X509) * stack_of(X509 **certificates, size_t count);

#endif
