/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verify_file - a peer's certificate from a file, and its chain against
 * trust anchors as a TLS handshake would check it. Bounded: any file may be
 * named. OpenSSL and policy/ only; opens files; any process that may block.
 */
#ifndef TLSP_VERIFY_FILE_H
#define TLSP_VERIFY_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/x509.h>

#include "peer_cert.h"
#include "pem_file.h"

enum
{
	TLSP_VERIFY_FILE_MAX_OCTETS = 1024 * 1024,
	TLSP_VERIFY_FILE_MAX_CA_OCTETS = 16 * 1024 * 1024,
	TLSP_VERIFY_FILE_MAX_CRL_OCTETS = 64 * 1024 * 1024,
	TLSP_VERIFY_FILE_MAX_CERTIFICATES = 256, /* in a peer's file */
	TLSP_VERIFY_FILE_DEPTH = 9, /* verify_depth of Kamailio's tls module */
	TLSP_VERIFY_FILE_SECURITY_LEVEL = 2 /* SSL_CTX_set_security_level(3), as
										   Debian builds OpenSSL */
};

/*
 * tlsp_verify_file_read reads |path| ("-": the standard input, where |kind| is
 * any file): PEM, the end entity first, then any intermediates, where other
 * blocks (a key) are passed over; or one certificate in DER. Returns the
 * certificates in that order, at least one, which the caller frees with
 * tlsp_verify_file_free; or NULL, and one sentence that begins with |path|
 * in |error| (cut at |error_size|).
 */
STACK_OF(X509)
*tlsp_verify_file_read(const char *path, enum tlsp_pem_kind kind, char *error,
		size_t error_size);

/* tlsp_verify_file_free: accepts NULL. */
void tlsp_verify_file_free(STACK_OF(X509) * certificates);

/*
 * tlsp_verify_file_trust: the certificates of the file |ca_path| (PEM, or one in
 * DER; "-": the standard input), or the system's default trust anchors if it is
 * NULL. The caller frees the result with X509_STORE_free. NULL and a sentence in
 * |error| as above, also if the file holds a CRL, which would be passed over.
 */
X509_STORE *tlsp_verify_file_trust(
		const char *ca_path, char *error, size_t error_size);

/*
 * tlsp_verify_file_add_crls adds the CRLs of the file |path| (likewise) to
 * |store|, which from then on asks for one of every CA of a chain, the root
 * included, as Kamailio's tls module does with `crl`. For any number of files.
 * False and a sentence in |error| as above.
 */
bool tlsp_verify_file_add_crls(
		X509_STORE *store, const char *path, char *error, size_t error_size);

/* What a chain is held against. */
struct tlsp_verify_trust
{
	X509_STORE *anchors;
	int depth;			/* SSL_CTX_set_verify_depth(3) */
	int security_level; /* SSL_CTX_set_security_level(3) */
};

/*
 * tlsp_verify_file_peer reads |out| from the first of |certificates| and
 * verifies its chain, with the help of the others, against |trust|, now, for
 * the part that the peer plays when we are |role| (purpose sslclient when we
 * are the server) under |policy|. Without |trust| (NULL) the end entity
 * alone counts, as if it had been verified. facts.chain is never
 * TLSP_CHAIN_VERIFIED when it could not be done. Pair with
 * tlsp_peer_cert_cleanup while |certificates| live.
 */
void tlsp_verify_file_peer(struct tlsp_peer_cert *out,
		STACK_OF(X509) * certificates, const struct tlsp_verify_trust *trust,
		const struct tlsp_policy *policy, enum tlsp_role role);

#endif
