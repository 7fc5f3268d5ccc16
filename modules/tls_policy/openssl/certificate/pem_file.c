/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pem_file - see pem_file.h. A file is read whole into memory first, so that
 * its size is bounded and a pipe is as good as a file.
 */
#include "pem_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "policy/escape.h"

enum
{
	FIRST_OCTETS = 64 * 1024,
	SHOWN_PATH_OCTETS = 160 /* leaves room for a sentence in a fault */
};

void tlsp_pem_file_complain(
		const struct tlsp_pem_about *about, const char *format, ...)
{
	char path[SHOWN_PATH_OCTETS], sentence[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(sentence, sizeof(sentence), format, arguments);
	va_end(arguments);
	tlsp_escape_written(about->path, strlen(about->path), path, sizeof(path));
	snprintf(about->error, about->error_size, "%s %s", path, sentence);
}

/* Reads up to |max| octets; one more is too many. */
static bool read_stream(struct tlsp_pem_text *out, FILE *stream, size_t max,
		const struct tlsp_pem_about *about)
{
	size_t size = 0, octets = 0, got;
	unsigned char *data = NULL, *larger;

	do {
		if(octets == size) {
			size = size ? size * 2 : FIRST_OCTETS;
			larger = OPENSSL_clear_realloc(data, octets, size);
			if(!larger) {
				tlsp_pem_file_complain(about, "does not fit into memory");
				goto fail;
			}
			data = larger;
		}
		got = fread(data + octets, 1, size - octets, stream);
		octets += got;
	} while(got > 0 && octets <= max);
	if(ferror(stream)) {
		tlsp_pem_file_complain(about, "cannot be read: %s", strerror(errno));
		goto fail;
	}
	if(octets > max) {
		tlsp_pem_file_complain(about, "is larger than %zu octets", max);
		goto fail;
	}
	if(octets == 0) {
		tlsp_pem_file_complain(about, "is empty");
		goto fail;
	}
	out->data = data;
	out->octets = octets;
	return true;
fail:
	OPENSSL_clear_free(data, octets);
	return false;
}

static bool is_wanted(
		int file, enum tlsp_pem_kind kind, const struct tlsp_pem_about *about)
{
	struct stat status;

	if(fstat(file, &status) != 0)
		tlsp_pem_file_complain(about, "cannot be read: %s", strerror(errno));
	else if(S_ISDIR(status.st_mode))
		tlsp_pem_file_complain(about, "is a directory, not a PEM file");
	else if(kind == TLSP_PEM_REGULAR_FILE && !S_ISREG(status.st_mode))
		tlsp_pem_file_complain(about, "is not a regular file");
	else
		return true;
	return false;
}

bool tlsp_pem_file_read(struct tlsp_pem_text *out, size_t max,
		enum tlsp_pem_kind kind, const struct tlsp_pem_about *about)
{
	int wait = kind == TLSP_PEM_REGULAR_FILE ? O_NONBLOCK : 0;
	int file =
			kind == TLSP_PEM_STANDARD_INPUT
					? dup(STDIN_FILENO)
					: open(about->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | wait);
	FILE *stream = NULL;
	bool done = false;

	if(file < 0) {
		tlsp_pem_file_complain(about, "cannot be opened: %s", strerror(errno));
		return false;
	}
	if(!is_wanted(file, kind, about)) {
		close(file);
		return false;
	}
	stream = fdopen(file, "rb");
	if(!stream) {
		tlsp_pem_file_complain(about, "does not fit into memory");
		close(file);
		return false;
	}
	done = read_stream(out, stream, max, about);
	fclose(stream);
	return done;
}

void tlsp_pem_file_free(struct tlsp_pem_text *text)
{
	OPENSSL_clear_free(text->data, text->octets);
	text->data = NULL;
	text->octets = 0;
}

/* One block of type |label| as a certificate that fills the block. */
static X509 *decode(const char *label, const unsigned char *der, long octets)
{
	const unsigned char *end = der + octets;
	X509 *certificate = strcmp(label, PEM_STRING_X509_TRUSTED) == 0
								? d2i_X509_AUX(NULL, &der, octets)
								: d2i_X509(NULL, &der, octets);

	if(certificate && der != end) {
		X509_free(certificate);
		return NULL;
	}
	return certificate;
}

static bool is_certificate(const char *label)
{
	return strcmp(label, PEM_STRING_X509) == 0
		   || strcmp(label, PEM_STRING_X509_OLD) == 0
		   || strcmp(label, PEM_STRING_X509_TRUSTED) == 0;
}

enum block
{
	BLOCK_CERTIFICATE,
	BLOCK_OTHER,
	BLOCK_END,
	BLOCK_BAD
};

/* Keeps the label of what is there instead of a certificate: the first, but
 * a private key rather than its parameters. */
static void keep_label(const char *label, char *kept, size_t size)
{
	if(*kept == '\0' || strstr(label, "PRIVATE KEY"))
		tlsp_escape(label, strlen(label), kept, size);
}

/* The next block of |bio|; |out| is written for a certificate only. */
static enum block read_block(
		BIO *bio, X509 **out, char *out_label, size_t label_size)
{
	char *label = NULL, *header = NULL;
	unsigned char *der = NULL;
	enum block block = BLOCK_OTHER;
	long octets;

	if(!PEM_read_bio(bio, &label, &header, &der, &octets))
		return ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE
					   ? BLOCK_END
					   : BLOCK_BAD;
	if(is_certificate(label)) {
		*out = decode(label, der, octets);
		block = *out ? BLOCK_CERTIFICATE : BLOCK_BAD;
	} else {
		keep_label(label, out_label, label_size);
	}
	OPENSSL_free(label);
	OPENSSL_free(header);
	OPENSSL_clear_free(der, (size_t)octets);
	return block;
}

/* No certificate: say what there is instead. */
static void complain_of_none(const struct tlsp_pem_about *about,
		const struct tlsp_pem_text *text, const char *other)
{
	const unsigned char *der = text->data;
	X509 *certificate;

	if(*other != '\0') {
		tlsp_pem_file_complain(about, "holds \"%s\" and no certificate", other);
		return;
	}
	certificate = d2i_X509(NULL, &der, (long)text->octets);
	if(certificate)
		tlsp_pem_file_complain(about, "is a certificate in DER, not in PEM");
	else if(text->data[0] == 0x30) /* SEQUENCE */
		tlsp_pem_file_complain(
				about, "looks like DER; a certificate in PEM is needed");
	else
		tlsp_pem_file_complain(about, "holds no certificate in PEM");
	X509_free(certificate);
}

static bool read_blocks(STACK_OF(X509) * certificates, BIO *bio, int max,
		const struct tlsp_pem_text *text, const struct tlsp_pem_about *about)
{
	char other[64] = "";
	X509 *certificate = NULL;
	enum block block;

	while((block = read_block(bio, &certificate, other, sizeof(other)))
			!= BLOCK_END) {
		int number = sk_X509_num(certificates) + 1;

		if(block == BLOCK_OTHER)
			continue;
		if(block == BLOCK_BAD) {
			tlsp_pem_file_complain(
					about, "has a PEM block that is cut off or damaged");
			return false;
		}
		if(number > max || !sk_X509_push(certificates, certificate)) {
			X509_free(certificate);
			tlsp_pem_file_complain(
					about, "holds more than %d certificates", max);
			return false;
		}
	}
	if(sk_X509_num(certificates) > 0)
		return true;
	complain_of_none(about, text, other);
	return false;
}

STACK_OF(X509)
*tlsp_pem_file_certificates(const struct tlsp_pem_text *text, int max,
		const struct tlsp_pem_about *about)
{
	STACK_OF(X509) *certificates = sk_X509_new_null();
	BIO *bio = BIO_new_mem_buf(text->data, (int)text->octets);
	bool done = false;

	ERR_set_mark();
	if(!certificates || !bio)
		tlsp_pem_file_complain(about, "does not fit into memory");
	else
		done = read_blocks(certificates, bio, max, text, about);
	BIO_free(bio);
	ERR_pop_to_mark();
	if(done)
		return certificates;
	sk_X509_pop_free(certificates, X509_free);
	return NULL;
}

bool tlsp_pem_file_holds(const struct tlsp_pem_text *text, const char *word)
{
	size_t octets = strlen(word);

	for(size_t i = 0; i + octets <= text->octets; i++)
		if(memcmp(text->data + i, word, octets) == 0)
			return true;
	return false;
}

/* The next block as a CRL. NULL at the end and, with a sentence, if it is none
 * or damaged. */
static X509_CRL *read_crl(BIO *bio, const struct tlsp_pem_about *about)
{
	char *label = NULL, *header = NULL, other[64];
	unsigned char *der = NULL;
	const unsigned char *place;
	X509_CRL *crl = NULL;
	long octets;

	if(!PEM_read_bio(bio, &label, &header, &der, &octets)) {
		if(ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
			tlsp_pem_file_complain(
					about, "has a PEM block that is cut off or damaged");
		return NULL;
	}
	place = der;
	if(strcmp(label, PEM_STRING_X509_CRL) != 0) {
		tlsp_pem_file_complain(about, "holds \"%s\", and CRLs are wanted",
				tlsp_escape(label, strlen(label), other, sizeof(other)));
	} else {
		crl = d2i_X509_CRL(NULL, &place, octets);
		if(crl && place != der + octets) {
			X509_CRL_free(crl);
			crl = NULL;
		}
		if(!crl)
			tlsp_pem_file_complain(
					about, "has a PEM block that is cut off or damaged");
	}
	OPENSSL_free(label);
	OPENSSL_free(header);
	OPENSSL_clear_free(der, (size_t)octets);
	return crl;
}

STACK_OF(X509_CRL)
*tlsp_pem_file_crls(
		const struct tlsp_pem_text *text, const struct tlsp_pem_about *about)
{
	STACK_OF(X509_CRL) *crls = sk_X509_CRL_new_null();
	BIO *bio = BIO_new_mem_buf(text->data, (int)text->octets);
	X509_CRL *crl;

	about->error[0] = '\0';
	ERR_set_mark();
	while(crls && bio && (crl = read_crl(bio, about)))
		if(!sk_X509_CRL_push(crls, crl)) {
			X509_CRL_free(crl);
			tlsp_pem_file_complain(about, "does not fit into memory");
			break;
		}
	BIO_free(bio);
	ERR_pop_to_mark();
	if(!about->error[0] && sk_X509_CRL_num(crls) <= 0)
		tlsp_pem_file_complain(about, "holds no CRL in PEM");
	if(!about->error[0])
		return crls;
	sk_X509_CRL_pop_free(crls, X509_CRL_free);
	return NULL;
}
