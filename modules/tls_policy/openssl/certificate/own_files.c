/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * own_files - see own_files.h.
 */
#include "own_files.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>

enum
{
	PATH_OCTETS = TLSP_FILE_NAME_MAX_OCTETS + 8,
	SENTENCE_OCTETS = 1024
};

static const char certificate_name[] = "https_cert_file_name";
static const char roots_name[] = "https_root_file_name";
static const char crls_name[] = "crl_file_name";

struct reading
{
	struct tlsp_pem_text chain, key, roots, crls;
	char key_path[PATH_OCTETS];
	char sentence[SENTENCE_OCTETS];
};

/* A key that needs a password cannot be used: nobody is there to ask. */
static int no_password(char *buffer, int size, int writing, void *unused)
{
	(void)buffer, (void)size, (void)writing, (void)unused;
	return -1;
}

static EVP_PKEY *read_key(const unsigned char *data, size_t octets)
{
	BIO *bio = BIO_new_mem_buf(data, (int)octets);
	EVP_PKEY *key =
			bio ? PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL) : NULL;

	BIO_free(bio);
	return key;
}

enum
{
	KEY_PLACES = 2
};

/* NAME.key, or the stem of NAME with .key; false if it has none. */
static bool name_key_file(int place, const char *name, char path[PATH_OCTETS])
{
	const char *slash = strrchr(name, '/');
	const char *dot = strrchr(slash ? slash : name, '.');
	const char *end = place == 0 ? name + strlen(name) : dot;

	if(!end)
		return false;
	snprintf(path, PATH_OCTETS, "%.*s.key", (int)(end - name), name);
	return true;
}

static bool find_key_file(const char *name, char path[PATH_OCTETS])
{
	for(int place = 0; place < KEY_PLACES; place++)
		if(name_key_file(place, name, path) && access(path, F_OK) == 0)
			return true;
	return false;
}

static bool read_key_file(struct reading *reading, const char *name)
{
	struct tlsp_pem_about about = {
			name, reading->sentence, sizeof(reading->sentence)};

	if(tlsp_pem_file_holds(&reading->chain, "PRIVATE KEY-----")) {
		snprintf(reading->key_path, sizeof(reading->key_path), "%s", name);
		return true;
	}
	if(!find_key_file(name, reading->key_path)) {
		tlsp_pem_file_complain(&about,
				"holds no private key, and there is no file of its name with "
				".key added or in place of its ending");
		return false;
	}
	about.path = reading->key_path;
	return tlsp_pem_file_read(&reading->key, TLSP_OWN_FILES_MAX_OCTETS,
			TLSP_PEM_REGULAR_FILE, &about);
}

static bool key_fits(X509 *certificate, struct reading *reading)
{
	const struct tlsp_pem_text *from =
			reading->key.octets ? &reading->key : &reading->chain;
	struct tlsp_pem_about about = {
			reading->key_path, reading->sentence, sizeof(reading->sentence)};
	EVP_PKEY *key = read_key(from->data, from->octets);
	bool fits = false;

	if(!key)
		tlsp_pem_file_complain(&about,
				"holds no private key that can be read (without a password)");
	else if(X509_check_private_key(certificate, key) != 1)
		tlsp_pem_file_complain(
				&about, "holds a private key that is not the certificate's");
	else
		fits = true;
	EVP_PKEY_free(key);
	return fits;
}

static bool read_certificate(struct reading *reading, const char *name)
{
	struct tlsp_pem_about about = {
			name, reading->sentence, sizeof(reading->sentence)};
	STACK_OF(X509) * chain;
	bool done;

	if(!tlsp_pem_file_read(&reading->chain, TLSP_OWN_FILES_MAX_OCTETS,
			   TLSP_PEM_REGULAR_FILE, &about))
		return false;
	chain = tlsp_pem_file_certificates(
			&reading->chain, TLSP_OWN_CHAIN_MAX_CERTIFICATES, &about);
	if(!chain)
		return false;
	done = read_key_file(reading, name)
		   && key_fits(sk_X509_value(chain, 0), reading);
	sk_X509_pop_free(chain, X509_free);
	return done;
}

/* A CRL among the roots would be passed over in silence. */
static bool read_roots(struct reading *reading, const char *name)
{
	struct tlsp_pem_about about = {
			name, reading->sentence, sizeof(reading->sentence)};
	STACK_OF(X509) * roots;

	if(!tlsp_pem_file_read(&reading->roots, TLSP_OWN_FILES_MAX_OCTETS,
			   TLSP_PEM_REGULAR_FILE, &about))
		return false;
	roots = tlsp_pem_file_certificates(&reading->roots, INT_MAX, &about);
	if(!roots)
		return false;
	sk_X509_pop_free(roots, X509_free);
	if(!tlsp_pem_file_holds(&reading->roots, "-----BEGIN X509 CRL-----"))
		return true;
	tlsp_pem_file_complain(
			&about, "holds a CRL: CRLs are named by crl_file_name");
	return false;
}

/* How many of |crls| have one of |roots| as issuer; -1 if one of these is not
 * signed by it. */
static int count_crls_of(STACK_OF(X509_CRL) * crls, STACK_OF(X509) * roots)
{
	int count = 0;

	for(int i = 0; i < sk_X509_CRL_num(crls); i++) {
		X509_CRL *crl = sk_X509_CRL_value(crls, i);
		bool named = false, is_signed = false;

		for(int j = 0; j < sk_X509_num(roots); j++) {
			X509 *root = sk_X509_value(roots, j);

			if(X509_NAME_cmp(
					   X509_get_subject_name(root), X509_CRL_get_issuer(crl))
					!= 0)
				continue;
			named = true;
			is_signed = is_signed
						|| X509_CRL_verify(crl, X509_get0_pubkey(root)) == 1;
		}
		if(named && !is_signed)
			return -1;
		count += named;
	}
	return count;
}

/* Without one of the roots' nobody would be accepted. */
static bool read_crls(struct reading *reading, const char *name)
{
	struct tlsp_pem_about about = {
			name, reading->sentence, sizeof(reading->sentence)};
	STACK_OF(X509) * roots;
	STACK_OF(X509_CRL) * crls;
	int count = 0;

	if(!tlsp_pem_file_read(&reading->crls, TLSP_OWN_CRLS_MAX_OCTETS,
			   TLSP_PEM_REGULAR_FILE, &about))
		return false;
	crls = tlsp_pem_file_crls(&reading->crls, &about);
	if(!crls)
		return false;
	roots = tlsp_pem_file_certificates(&reading->roots, INT_MAX, &about);
	if(roots)
		count = count_crls_of(crls, roots);
	sk_X509_CRL_pop_free(crls, X509_CRL_free);
	sk_X509_pop_free(roots, X509_free);
	if(count > 0)
		return true;
	if(roots)
		tlsp_pem_file_complain(&about,
				count < 0 ? "holds a CRL that its issuer in "
							"https_root_file_name has not signed"
						  : "holds no CRL of any CA in https_root_file_name");
	return false;
}

static unsigned char *put(unsigned char *next, const struct tlsp_pem_text *text)
{
	if(text->octets)
		memcpy(next, text->data, text->octets);
	return next + text->octets;
}

static struct tlsp_own_files *pack(const struct reading *reading)
{
	size_t octets = reading->chain.octets + reading->key.octets
					+ reading->roots.octets + reading->crls.octets;
	struct tlsp_own_files *files = calloc(1, sizeof(*files) + octets);
	unsigned char *next;

	if(!files)
		return NULL;
	files->chain_octets = reading->chain.octets;
	files->key_octets = reading->key.octets;
	files->roots_octets = reading->roots.octets;
	files->crls_octets = reading->crls.octets;
	next = put(files->text, &reading->chain);
	next = put(next, &reading->key);
	next = put(next, &reading->roots);
	put(next, &reading->crls);
	return files;
}

struct tlsp_own_files *tlsp_own_files_read(
		const struct tlsp_policy *policy, char *error, size_t error_size)
{
	struct reading reading = {0};
	struct tlsp_own_files *files = NULL;

	ERR_set_mark();
	if(policy->https_cert_file_name[0]
			&& !read_certificate(&reading, policy->https_cert_file_name))
		snprintf(error, error_size, "%s: %s", certificate_name,
				reading.sentence);
	else if(policy->https_root_file_name[0]
			&& !read_roots(&reading, policy->https_root_file_name))
		snprintf(error, error_size, "%s: %s", roots_name, reading.sentence);
	else if(policy->crl_file_name[0] && !policy->https_root_file_name[0])
		snprintf(error, error_size,
				"%s needs %s beside it: without one tls.cfg's trust anchors "
				"and "
				"its crl count",
				crls_name, roots_name);
	else if(policy->crl_file_name[0]
			&& !read_crls(&reading, policy->crl_file_name))
		snprintf(error, error_size, "%s: %s", crls_name, reading.sentence);
	else if(!(files = pack(&reading)))
		snprintf(error, error_size, "no memory for our own certificate");
	ERR_pop_to_mark();
	tlsp_pem_file_free(&reading.chain);
	tlsp_pem_file_free(&reading.key);
	tlsp_pem_file_free(&reading.roots);
	tlsp_pem_file_free(&reading.crls);
	return files;
}

void tlsp_own_files_each_name(const struct tlsp_policy *policy,
		void (*visit)(void *user, const char *name), void *user)
{
	const char *const names[] = {policy->https_cert_file_name,
			policy->https_root_file_name, policy->crl_file_name};
	char path[PATH_OCTETS];

	for(size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if(names[i][0])
			visit(user, names[i]);
	for(int place = 0; names[0][0] && place < KEY_PLACES; place++)
		if(name_key_file(place, names[0], path))
			visit(user, path);
}

bool tlsp_own_files_named_by(const char *name)
{
	const struct tlsp_parameter *parameter = tlsp_parameters_find(name);

	return parameter && parameter->type == TLSP_PARAMETER_FILE;
}

size_t tlsp_own_files_octets(const struct tlsp_own_files *files)
{
	return sizeof(*files) + files->chain_octets + files->key_octets
		   + files->roots_octets + files->crls_octets;
}

void tlsp_own_files_free(struct tlsp_own_files *files)
{
	if(!files)
		return;
	OPENSSL_cleanse(files, tlsp_own_files_octets(files));
	free(files);
}

static STACK_OF(X509)
		* certificates_of(const unsigned char *data, size_t octets)
{
	char sentence[SENTENCE_OCTETS];
	struct tlsp_pem_about about = {"", sentence, sizeof(sentence)};
	struct tlsp_pem_text text = {(unsigned char *)data, octets};

	return tlsp_pem_file_certificates(&text, INT_MAX, &about);
}

static STACK_OF(X509_CRL) * crls_of(const unsigned char *data, size_t octets)
{
	char sentence[SENTENCE_OCTETS];
	struct tlsp_pem_about about = {"", sentence, sizeof(sentence)};
	struct tlsp_pem_text text = {(unsigned char *)data, octets};

	return tlsp_pem_file_crls(&text, &about);
}

static bool open_certificate(
		struct tlsp_own_objects *out, const struct tlsp_own_files *files)
{
	const unsigned char *key = files->text;

	out->chain = certificates_of(files->text, files->chain_octets);
	if(!out->chain)
		return false;
	out->certificate = sk_X509_shift(out->chain);
	if(files->key_octets)
		key += files->chain_octets;
	out->key = read_key(
			key, files->key_octets ? files->key_octets : files->chain_octets);
	return out->key != NULL;
}

bool tlsp_own_files_open(
		struct tlsp_own_objects *out, const struct tlsp_own_files *files)
{
	const unsigned char *roots =
			files->text + files->chain_octets + files->key_octets;
	bool done = true;

	memset(out, 0, sizeof(*out));
	ERR_set_mark();
	if(files->chain_octets)
		done = open_certificate(out, files);
	if(done && files->roots_octets) {
		out->roots = certificates_of(roots, files->roots_octets);
		done = out->roots != NULL;
	}
	if(done && files->crls_octets) {
		out->crls = crls_of(roots + files->roots_octets, files->crls_octets);
		done = out->crls != NULL;
	}
	ERR_pop_to_mark();
	if(!done)
		tlsp_own_files_close(out);
	return done;
}

void tlsp_own_files_close(struct tlsp_own_objects *objects)
{
	X509_free(objects->certificate);
	sk_X509_pop_free(objects->chain, X509_free);
	EVP_PKEY_free(objects->key);
	sk_X509_pop_free(objects->roots, X509_free);
	sk_X509_CRL_pop_free(objects->crls, X509_CRL_free);
	memset(objects, 0, sizeof(*objects));
}

/* A context may have certificates of several types; the others would still be
 * shown to a peer that likes them better. */
bool tlsp_own_files_put(SSL *ssl, const struct tlsp_own_objects *objects)
{
	if(!objects->certificate)
		return true;
	SSL_certs_clear(ssl);
	return SSL_use_cert_and_key(
				   ssl, objects->certificate, objects->key, objects->chain, 1)
		   == 1;
}

bool tlsp_own_files_fit(const struct tlsp_own_files *files, SSL_CTX *ctx,
		const char *domain, char *error, size_t error_size)
{
	struct tlsp_own_objects objects;
	const char *why = "no memory";
	SSL *ssl = NULL;
	bool fits = false;

	if(!files->chain_octets)
		return true;
	ERR_set_mark();
	if(tlsp_own_files_open(&objects, files)) {
		ssl = SSL_new(ctx);
		fits = ssl && tlsp_own_files_put(ssl, &objects);
		if(ssl && !fits)
			why = ERR_reason_error_string(ERR_peek_last_error());
		SSL_free(ssl);
		tlsp_own_files_close(&objects);
	}
	ERR_pop_to_mark();
	if(!fits)
		snprintf(error, error_size,
				"%s: the certificate cannot be used in TLS domain %s: %s",
				certificate_name, domain, why ? why : "unknown");
	return fits;
}
