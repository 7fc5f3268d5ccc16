/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verify_file - see verify_file.h. A file is read whole into memory first, so
 * that its size is bounded and a pipe is as good as a file.
 */
#include "verify_file.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "../policy/escape.h"
#include "peer_chain.h"

enum
{
	FIRST_OCTETS = 64 * 1024,
	SHOWN_PATH_OCTETS = 512
};

/* Where a sentence goes, and the file that it is about. */
struct complaint
{
	const char *path;
	char *text;
	size_t size;
};

struct content
{
	unsigned char *data;
	size_t octets;
};

__attribute__((format(printf, 2, 3))) static void complain(
		const struct complaint *about, const char *format, ...)
{
	char path[SHOWN_PATH_OCTETS], sentence[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(sentence, sizeof(sentence), format, arguments);
	va_end(arguments);
	tlsp_escape(about->path, strlen(about->path), path, sizeof(path));
	snprintf(about->text, about->size, "%s %s", path, sentence);
}

/* Reads up to |max| octets; one more is too many. */
static bool read_stream(struct content *out, FILE *stream, size_t max,
		const struct complaint *about)
{
	size_t size = 0, octets = 0, got;
	unsigned char *data = NULL, *larger;

	do {
		if(octets == size) {
			size = size ? size * 2 : FIRST_OCTETS;
			larger = OPENSSL_clear_realloc(data, octets, size);
			if(!larger) {
				complain(about, "does not fit into memory");
				goto fail;
			}
			data = larger;
		}
		got = fread(data + octets, 1, size - octets, stream);
		octets += got;
	} while(got > 0 && octets <= max);
	if(ferror(stream)) {
		complain(about, "cannot be read: %s", strerror(errno));
		goto fail;
	}
	if(octets > max) {
		complain(about, "is larger than %zu octets", max);
		goto fail;
	}
	if(octets == 0) {
		complain(about, "is empty");
		goto fail;
	}
	out->data = data;
	out->octets = octets;
	return true;
fail:
	OPENSSL_clear_free(data, octets);
	return false;
}

static bool read_content(
		struct content *out, size_t max, const struct complaint *about)
{
	FILE *stream = fopen(about->path, "rbe");
	struct stat status;
	bool done = false;

	if(!stream) {
		complain(about, "cannot be opened: %s", strerror(errno));
		return false;
	}
	if(fstat(fileno(stream), &status) == 0 && S_ISDIR(status.st_mode))
		complain(about, "is a directory, not a PEM file");
	else
		done = read_stream(out, stream, max, about);
	fclose(stream);
	return done;
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
static void complain_of_none(const struct complaint *about,
		const struct content *content, const char *other)
{
	const unsigned char *der = content->data;
	X509 *certificate;

	if(*other != '\0') {
		complain(about, "holds \"%s\" and no certificate", other);
		return;
	}
	certificate = d2i_X509(NULL, &der, (long)content->octets);
	if(certificate)
		complain(about, "is a certificate in DER, not in PEM");
	else if(content->data[0] == 0x30) /* SEQUENCE */
		complain(about, "looks like DER; a certificate in PEM is needed");
	else
		complain(about, "holds no certificate in PEM");
	X509_free(certificate);
}

static bool read_blocks(STACK_OF(X509) * certificates, BIO *bio, int max,
		const struct content *content, const struct complaint *about)
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
			complain(about, "has a PEM block that is cut off or damaged");
			return false;
		}
		if(number > max || !sk_X509_push(certificates, certificate)) {
			X509_free(certificate);
			complain(about, "holds more than %d certificates", max);
			return false;
		}
	}
	if(sk_X509_num(certificates) > 0)
		return true;
	complain_of_none(about, content, other);
	return false;
}

static STACK_OF(X509)
		* read_certificates(
				size_t max_octets, int max_count, const struct complaint *about)
{
	struct content content = {NULL, 0};
	STACK_OF(X509) *certificates = NULL;
	BIO *bio = NULL;

	if(!read_content(&content, max_octets, about))
		return NULL;
	ERR_set_mark();
	certificates = sk_X509_new_null();
	bio = BIO_new_mem_buf(content.data, (int)content.octets);
	if(!certificates || !bio) {
		complain(about, "does not fit into memory");
		goto fail;
	}
	if(!read_blocks(certificates, bio, max_count, &content, about))
		goto fail;
	goto done;
fail:
	tlsp_verify_file_free(certificates);
	certificates = NULL;
done:
	BIO_free(bio);
	OPENSSL_clear_free(content.data, content.octets);
	ERR_pop_to_mark();
	return certificates;
}

STACK_OF(X509)
*tlsp_verify_file_read(const char *path, char *error, size_t error_size)
{
	struct complaint about = {path, error, error_size};

	return read_certificates(TLSP_VERIFY_FILE_MAX_OCTETS,
			TLSP_VERIFY_FILE_MAX_CERTIFICATES, &about);
}

void tlsp_verify_file_free(STACK_OF(X509) * certificates)
{
	sk_X509_pop_free(certificates, X509_free);
}

static bool add_anchors(X509_STORE *store, const struct complaint *about)
{
	STACK_OF(X509) *anchors =
			read_certificates(TLSP_VERIFY_FILE_MAX_CA_OCTETS, INT_MAX, about);
	bool done = anchors != NULL;

	for(int i = 0; done && i < sk_X509_num(anchors); i++)
		done = X509_STORE_add_cert(store, sk_X509_value(anchors, i)) == 1;
	if(anchors && !done)
		complain(about, "does not fit into memory");
	tlsp_verify_file_free(anchors);
	return done;
}

X509_STORE *tlsp_verify_file_trust(
		const char *ca_path, char *error, size_t error_size)
{
	struct complaint about = {ca_path, error, error_size};
	X509_STORE *store = X509_STORE_new();

	if(!store) {
		snprintf(error, error_size, "out of memory");
		return NULL;
	}
	if(ca_path) {
		if(add_anchors(store, &about))
			return store;
	} else if(X509_STORE_set_default_paths(store) == 1) {
		return store;
	} else {
		snprintf(error, error_size,
				"the system's default trust anchors cannot be loaded");
	}
	X509_STORE_free(store);
	return NULL;
}

/* What on_verify works on. */
struct verification
{
	struct tlsp_peer_cert *peer;
	const struct tlsp_policy *policy;
	enum tlsp_role role;
};

/* As the callback of a handshake: the first error ends it. */
static int on_verify(int ok, X509_STORE_CTX *store)
{
	const struct verification *verification =
			X509_STORE_CTX_get_app_data(store);

	if(ok && X509_STORE_CTX_get_error_depth(store) > 0)
		return 1;
	if(!ok
			&& tlsp_peer_chain_forgives(
					store, verification->policy, verification->role))
		return 1;
	tlsp_peer_chain_read(verification->peer, ok, store, verification->role);
	return ok;
}

static bool prepare(X509_STORE_CTX *context, X509_STORE *anchors,
		STACK_OF(X509) * certificates, struct verification *verification)
{
	const char *purpose = verification->role == TLSP_ROLE_SERVER ? "ssl_client"
																 : "ssl_server";
	X509_VERIFY_PARAM *parameters;

	if(X509_STORE_CTX_init(
			   context, anchors, sk_X509_value(certificates, 0), certificates)
					!= 1
			|| X509_STORE_CTX_set_default(context, purpose) != 1
			|| X509_STORE_CTX_set_app_data(context, verification) != 1)
		return false;
	X509_STORE_CTX_set_verify_cb(context, on_verify);
	parameters = X509_STORE_CTX_get0_param(context);
	X509_VERIFY_PARAM_set_depth(parameters, TLSP_VERIFY_FILE_DEPTH);
	X509_VERIFY_PARAM_set_auth_level(
			parameters, TLSP_VERIFY_FILE_SECURITY_LEVEL);
	return true;
}

/* As SSL_get_verify_result(3) would come out in a handshake. */
static void verify(X509_STORE *anchors, STACK_OF(X509) * certificates,
		struct verification *verification)
{
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	int result = X509_V_ERR_UNSPECIFIED;

	ERR_set_mark();
	if(context && prepare(context, anchors, certificates, verification)) {
		if(X509_verify_cert(context) == 1)
			result = X509_V_OK;
		else if(X509_STORE_CTX_get_error(context) != X509_V_OK)
			result = X509_STORE_CTX_get_error(context);
	}
	X509_STORE_CTX_free(context);
	ERR_pop_to_mark();
	/* The callback has said more, unless it was never called. */
	if((result == X509_V_OK)
			!= (verification->peer->facts.chain == TLSP_CHAIN_VERIFIED))
		tlsp_peer_cert_set_chain(verification->peer,
				result == X509_V_OK ? X509_V_ERR_UNSPECIFIED : result);
	else if(verification->peer->facts.chain == TLSP_CHAIN_NOT_CHECKED)
		tlsp_peer_cert_set_chain(verification->peer, result);
}

void tlsp_verify_file_peer(struct tlsp_peer_cert *out,
		STACK_OF(X509) * certificates, X509_STORE *anchors,
		const struct tlsp_policy *policy, enum tlsp_role role)
{
	struct verification verification = {out, policy, role};

	tlsp_peer_cert_read(out, sk_X509_value(certificates, 0));
	if(anchors) {
		verify(anchors, certificates, &verification);
		return;
	}
	tlsp_peer_cert_set_chain(out, X509_V_OK);
	out->facts.usage.complete = true;
}
