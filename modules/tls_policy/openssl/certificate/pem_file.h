/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pem_file - a PEM file read whole into memory and its certificates, bounded:
 * any file may be named. OpenSSL and policy/ only; opens files; any process
 * that may block.
 */
#ifndef TLSP_PEM_FILE_H
#define TLSP_PEM_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/x509.h>

/* The file that a sentence is about, and where the sentence goes. */
struct tlsp_pem_about
{
	const char *path;
	char *error;
	size_t error_size;
};

struct tlsp_pem_text
{
	unsigned char *data;
	size_t octets;
};

/* What may be read: a pipe blocks for as long as its writer likes. Of the
 * standard input the path is only how sentences call it. */
enum tlsp_pem_kind
{
	TLSP_PEM_ANY_FILE,
	TLSP_PEM_REGULAR_FILE,
	TLSP_PEM_STANDARD_INPUT
};

/*
 * tlsp_pem_file_read reads all of |about|'s file, |max| octets at most, into
 * |out|, which the caller frees with tlsp_pem_file_free. False and one sentence
 * that begins with the path if it cannot be read, is empty or too large.
 */
bool tlsp_pem_file_read(struct tlsp_pem_text *out, size_t max,
		enum tlsp_pem_kind kind, const struct tlsp_pem_about *about);

/* tlsp_pem_file_free clears the text (it may hold a key) and frees it. */
void tlsp_pem_file_free(struct tlsp_pem_text *text);

/*
 * tlsp_pem_file_certificates: the certificates of |text| in their order, at
 * least one and |max| at most; other blocks are passed over. The caller frees
 * them with sk_X509_pop_free. NULL and one sentence if there is none or any
 * block is damaged.
 */
STACK_OF(X509)
*tlsp_pem_file_certificates(const struct tlsp_pem_text *text, int max,
		const struct tlsp_pem_about *about);

/* tlsp_pem_file_holds: does |text| hold |word|, such as "-----BEGIN X509 CRL"? */
bool tlsp_pem_file_holds(const struct tlsp_pem_text *text, const char *word);

/*
 * tlsp_pem_file_crls: the CRLs of |text|, at least one and nothing else: what
 * is passed over would be missed. The caller frees them with
 * sk_X509_CRL_pop_free. NULL and one sentence if there is none, another block,
 * or any is damaged.
 */
STACK_OF(X509_CRL)
*tlsp_pem_file_crls(
		const struct tlsp_pem_text *text, const struct tlsp_pem_about *about);

/* tlsp_pem_file_complain: "PATH SENTENCE" into |about|, escaped and bounded. */
__attribute__((format(printf, 2, 3))) void tlsp_pem_file_complain(
		const struct tlsp_pem_about *about, const char *format, ...);

#endif
