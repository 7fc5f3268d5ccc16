/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * own_files - the files that https_cert_file_name, https_root_file_name and
 * crl_file_name name: our own certificate, its chain and its key, and the trust
 * anchors for peers with their CRLs. Read and checked once, when a policy is
 * made; every process takes them from the bytes that were read then, so all
 * have the same, whatever happens to the files. OpenSSL and policy/ only.
 */
#ifndef TLSP_OWN_FILES_H
#define TLSP_OWN_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/ssl.h>

#include "policy/parameters.h"
#include "pem_file.h"

enum
{
	TLSP_OWN_FILES_MAX_OCTETS = 1024 * 1024,	 /* of each but that of CRLs */
	TLSP_OWN_CRLS_MAX_OCTETS = 16 * 1024 * 1024, /* they are kept in memory */
	TLSP_OWN_CHAIN_MAX_CERTIFICATES = 16
};

/* What was read. One block without pointers: may be copied. */
struct tlsp_own_files
{
	size_t chain_octets;  /* PEM, the end entity first; 0 = not named */
	size_t key_octets;	  /* PEM; 0 = the key is in the chain's file */
	size_t roots_octets;  /* PEM; 0 = not named */
	size_t crls_octets;	  /* PEM; 0 = not named */
	unsigned char text[]; /* chain, key, roots, crls */
};

/* The same as objects of one process. */
struct tlsp_own_objects
{
	X509 *certificate;		/* NULL = tls.cfg's */
	STACK_OF(X509) * chain; /* above it */
	EVP_PKEY *key;
	STACK_OF(X509) * roots; /* NULL = tls.cfg's */
	/* NULL = none are named: then tls.cfg's count beside the roots. Else one of
	 * every CA of a chain is asked for, the root included. */
	STACK_OF(X509_CRL) * crls;
};

/*
 * tlsp_own_files_read reads what |policy| names. The key is in the
 * certificate's file, or in NAME.key, or in the file of the same stem that
 * ends in .key. Checked: PEM, bounds, key and certificate belong together, no
 * password; the CRLs are those of the trust anchors: one of them at least has
 * one, each that has is its signer. What has expired is read: own_dates.h tells
 * it. Returns a block of malloc's for tlsp_own_files_free, or
 * NULL and one sentence that names parameter and file. Blocks on the files.
 */
struct tlsp_own_files *tlsp_own_files_read(
		const struct tlsp_policy *policy, char *error, size_t error_size);

/* tlsp_own_files_each_name: |visit| with each file that tlsp_own_files_read may
 * read for |policy|, also where it is not there. */
void tlsp_own_files_each_name(const struct tlsp_policy *policy,
		void (*visit)(void *user, const char *name), void *user);

/* tlsp_own_files_named_by: is |name| a parameter, in either spelling, that
 * names such a file? */
bool tlsp_own_files_named_by(const char *name);

/* tlsp_own_files_octets: of the whole block. */
size_t tlsp_own_files_octets(const struct tlsp_own_files *files);

/* tlsp_own_files_free clears and frees; accepts NULL. */
void tlsp_own_files_free(struct tlsp_own_files *files);

/* tlsp_own_files_open makes |out| from the block; false without memory. Pair
 * with tlsp_own_files_close. */
bool tlsp_own_files_open(
		struct tlsp_own_objects *out, const struct tlsp_own_files *files);

void tlsp_own_files_close(struct tlsp_own_objects *objects);

/*
 * tlsp_own_files_fit: can |files| be used in |ctx|, the context of the TLS
 * domain that |domain| names (its security level may forbid the key)? If not,
 * false and one sentence in |error|.
 */
bool tlsp_own_files_fit(const struct tlsp_own_files *files, SSL_CTX *ctx,
		const char *domain, char *error, size_t error_size);

/* tlsp_own_files_put: the certificate of |objects| onto |ssl|, instead of all
 * that it has. True also if there is none. */
bool tlsp_own_files_put(SSL *ssl, const struct tlsp_own_objects *objects);

#endif
