/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tls_context - see tls_context.h. A context belongs to one process, so
 * its slot needs no lock of ours.
 */
#include "tls_context.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include "policy/versions.h"

typedef unsigned char digest[TLSP_DIGEST_OCTETS];

/* With each context. */
struct kept
{
	struct tlsp_digest trusts;	 /* see tlsp_tls_context_digest, */
	struct tlsp_digest sessions; /* tlsp_tls_context_digest_sessions */
};

static int digest_index = -1, directory_index = -1, chain_index = -1;

/* In chain_index: were the certificates that go with its current one found by
 * us? */
static char as_configured, as_found;

static void free_digest(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx,
		long argl, void *argp)
{
	(void)parent, (void)ad, (void)idx, (void)argl, (void)argp;
	OPENSSL_free(ptr);
}

bool tlsp_tls_context_init(void)
{
	digest_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, free_digest);
	directory_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, NULL);
	chain_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, NULL);
	return digest_index >= 0 && directory_index >= 0 && chain_index >= 0;
}

static int compare_digests(const void *a, const void *b)
{
	return memcmp(a, b, TLSP_DIGEST_OCTETS);
}

/* What of a store goes into a digest. */
enum content
{
	ANCHORS,
	ANCHORS_AND_CRLS
};

/* With the trust settings of "BEGIN TRUSTED CERTIFICATE", if it has any
 * (openssl-x509(1)): by them OpenSSL trusts it for less. */
static bool digest_certificate(X509 *certificate, unsigned char *out)
{
	unsigned char *encoded = NULL;
	int octets = i2d_X509_AUX(certificate, &encoded);
	bool done = octets > 0
				&& EVP_Digest(encoded, (size_t)octets, out, NULL, EVP_sha256(),
						   NULL)
						   == 1;

	OPENSSL_free(encoded);
	return done;
}

/* Zero octets for what does not count. */
static bool digest_object(
		X509_OBJECT *object, enum content content, unsigned char *out)
{
	X509 *certificate = X509_OBJECT_get0_X509(object);
	X509_CRL *crl = X509_OBJECT_get0_X509_CRL(object);

	if(certificate)
		return digest_certificate(certificate, out);
	if(content == ANCHORS)
		return true;
	return crl && X509_CRL_digest(crl, EVP_sha256(), out, NULL);
}

/* Sorted; those of zero octets are the first, and are passed over. */
static bool digest_digests(EVP_MD_CTX *md, digest *digests, size_t count)
{
	static const digest none;
	size_t first = 0;

	qsort(digests, count, sizeof(*digests), compare_digests);
	while(first < count && compare_digests(&digests[first], &none) == 0)
		first++;
	return EVP_DigestUpdate(
			md, digests + first, (count - first) * sizeof(*digests));
}

/* The store sorts itself lazily: sort here, so that every process gets the
 * same digest. */
static bool digest_store(
		EVP_MD_CTX *md, X509_STORE *store, enum content content)
{
	STACK_OF(X509_OBJECT) * objects;
	digest *digests;
	size_t count;
	bool ok = true;

	X509_STORE_lock(store);
	objects = X509_STORE_get0_objects(store);
	count = (size_t)sk_X509_OBJECT_num(objects);
	digests = OPENSSL_zalloc((count + 1) * sizeof(*digests));
	for(size_t i = 0; digests && ok && i < count; i++)
		ok = digest_object(
				sk_X509_OBJECT_value(objects, (int)i), content, digests[i]);
	X509_STORE_unlock(store);
	if(!digests)
		return false;
	ok = ok && digest_digests(md, digests, count);
	OPENSSL_free(digests);
	return ok;
}

static bool digest_verification(EVP_MD_CTX *md, SSL_CTX *ctx)
{
	long verification[] = {SSL_CTX_get_verify_depth(ctx),
			(long)X509_VERIFY_PARAM_get_flags(SSL_CTX_get0_param(ctx)),
			(long)X509_VERIFY_PARAM_get_flags(
					X509_STORE_get0_param(SSL_CTX_get_cert_store(ctx))),
			SSL_CTX_get_security_level(ctx)};

	return EVP_DigestUpdate(md, verification, sizeof(verification));
}

static bool digest_rest(EVP_MD_CTX *md, SSL_CTX *ctx)
{
	int mode = SSL_CTX_get_verify_mode(ctx);
	SSL_verify_cb verdict = SSL_CTX_get_verify_callback(ctx);
	X509 *own = SSL_CTX_get0_certificate(ctx);
	digest own_digest = {0};

	if(own && !X509_digest(own, EVP_sha256(), own_digest, NULL))
		return false;
	return digest_verification(md, ctx)
		   && EVP_DigestUpdate(md, &mode, sizeof(mode))
		   && EVP_DigestUpdate(md, &verdict, sizeof(verdict))
		   && EVP_DigestUpdate(md, own_digest, sizeof(own_digest));
}

/* Of trust anchors and CRLs, and |rest|. */
static bool digest_trusted(SSL_CTX *ctx,
		bool (*rest)(EVP_MD_CTX *md, SSL_CTX *ctx), struct tlsp_digest *out)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool done =
			md && EVP_DigestInit_ex(md, EVP_sha256(), NULL)
			&& digest_store(md, SSL_CTX_get_cert_store(ctx), ANCHORS_AND_CRLS)
			&& rest(md, ctx) && EVP_DigestFinal_ex(md, out->octets, NULL);

	EVP_MD_CTX_free(md);
	return done;
}

bool tlsp_tls_context_digest_trust(SSL_CTX *ctx, struct tlsp_digest *out)
{
	return digest_trusted(ctx, digest_verification, out);
}

static bool compute_sessions(SSL_CTX *ctx, struct kept *kept)
{
	STACK_OF(SSL_CIPHER) *ciphers = SSL_CTX_get_ciphers(ctx);
	int count = sk_SSL_CIPHER_num(ciphers);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool done = md && EVP_DigestInit_ex(md, EVP_sha256(), NULL)
				&& EVP_DigestUpdate(
						md, kept->trusts.octets, sizeof(kept->trusts.octets));

	for(int i = 0; done && i < count; i++) {
		uint32_t id = SSL_CIPHER_get_id(sk_SSL_CIPHER_value(ciphers, i));

		done = EVP_DigestUpdate(md, &id, sizeof(id));
	}
	done = done && EVP_DigestFinal_ex(md, kept->sessions.octets, NULL);
	EVP_MD_CTX_free(md);
	return done;
}

static const struct kept *keep(SSL_CTX *ctx)
{
	struct kept *kept = SSL_CTX_get_ex_data(ctx, digest_index);

	if(kept)
		return kept;
	kept = OPENSSL_zalloc(sizeof(*kept));
	if(kept && digest_trusted(ctx, digest_rest, &kept->trusts)
			&& compute_sessions(ctx, kept)
			&& SSL_CTX_set_ex_data(ctx, digest_index, kept))
		return kept;
	OPENSSL_free(kept);
	return NULL;
}

bool tlsp_tls_context_mark_directory(SSL_CTX *ctx)
{
	static char set;

	return SSL_CTX_get_ex_data(ctx, directory_index)
		   || SSL_CTX_set_ex_data(ctx, directory_index, &set);
}

static void visit_anchors(SSL_CTX *ctx,
		void (*visit)(
				void *user, enum tlsp_certificate_kind kind, X509 *certificate),
		void *user)
{
	X509_STORE *store = SSL_CTX_get_cert_store(ctx);
	STACK_OF(X509_OBJECT) * objects;

	X509_STORE_lock(store);
	objects = X509_STORE_get0_objects(store);
	for(int i = 0; i < sk_X509_OBJECT_num(objects); i++) {
		X509 *anchor = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));

		if(anchor)
			visit(user, TLSP_CERTIFICATE_ANCHOR, anchor);
	}
	X509_STORE_unlock(store);
}

struct namesakes
{
	const X509_NAME *name;
	int count;
};

static void count_namesake(
		void *user, enum tlsp_certificate_kind kind, X509 *certificate)
{
	struct namesakes *namesakes = user;

	(void)kind;
	namesakes->count +=
			X509_NAME_cmp(X509_get_subject_name(certificate), namesakes->name)
			== 0;
}

/* Are there two CAs of |name|? Which of them is taken is a matter of their
 * dates at that moment. */
static bool is_ambiguous(SSL_CTX *ctx, const X509_NAME *name)
{
	struct namesakes namesakes = {name, 0};

	visit_anchors(ctx, count_namesake, &namesakes);
	return namesakes.count > 1;
}

static bool is_sure(SSL_CTX *ctx, STACK_OF(X509) * chain)
{
	for(int i = 0; i < sk_X509_num(chain); i++)
		if(is_ambiguous(ctx, X509_get_subject_name(sk_X509_value(chain, i))))
			return false;
	return true;
}

/* Of the certificate that is the current one of |ctx|. What cannot be completed
 * is sent as far as it goes, as OpenSSL does. */
static bool find_chain(SSL_CTX *ctx)
{
	STACK_OF(X509) *chain = NULL;

	if(!SSL_CTX_get0_chain_certs(ctx, &chain) || chain
			|| SSL_CTX_build_cert_chain(ctx, SSL_BUILD_CHAIN_FLAG_IGNORE_ERROR)
					   <= 0
			|| !SSL_CTX_get0_chain_certs(ctx, &chain))
		return false;
	if(is_sure(ctx, chain))
		return true;
	SSL_CTX_set0_chain(ctx, NULL);
	return false;
}

/* Of each: one of RSA may stand beside one of ECDSA. Was the current one's
 * found? */
static bool find_chains(SSL_CTX *ctx)
{
	X509 *current = SSL_CTX_get0_certificate(ctx);
	STACK_OF(X509) *extra = NULL;
	bool of_current = false;
	long more;

	SSL_CTX_get_extra_chain_certs_only(ctx, &extra);
	if(!current || extra || (SSL_CTX_get_mode(ctx) & SSL_MODE_NO_AUTO_CHAIN))
		return false;
	more = SSL_CTX_set_current_cert(ctx, SSL_CERT_SET_FIRST);
	while(more == 1) {
		bool found = find_chain(ctx);

		if(SSL_CTX_get0_certificate(ctx) == current)
			of_current = found;
		more = SSL_CTX_set_current_cert(ctx, SSL_CERT_SET_NEXT);
	}
	SSL_CTX_select_current_cert(ctx, current);
	return of_current;
}

void tlsp_tls_context_prepare(SSL_CTX *ctx)
{
	if(SSL_CTX_get_ex_data(ctx, chain_index)
			|| SSL_CTX_get_ex_data(ctx, directory_index)
			|| !SSL_CTX_set_ex_data(ctx, chain_index, &as_configured))
		return;
	ERR_set_mark();
	if(find_chains(ctx))
		SSL_CTX_set_ex_data(ctx, chain_index, &as_found);
	ERR_pop_to_mark();
}

/* What a directory holds is not known before somebody looks: that is equal to
 * nothing. |at|: in struct kept. */
static bool copy_kept(SSL_CTX *ctx, size_t at, struct tlsp_digest *out)
{
	const struct kept *kept;

	if(SSL_CTX_get_ex_data(ctx, directory_index))
		return RAND_bytes(out->octets, TLSP_DIGEST_OCTETS) == 1;
	kept = keep(ctx);
	if(kept)
		memcpy(out, (const unsigned char *)kept + at, sizeof(*out));
	return kept != NULL;
}

bool tlsp_tls_context_digest(SSL_CTX *ctx, struct tlsp_digest *out)
{
	return copy_kept(ctx, offsetof(struct kept, trusts), out);
}

bool tlsp_tls_context_digest_sessions(SSL_CTX *ctx, struct tlsp_digest *out)
{
	return copy_kept(ctx, offsetof(struct kept, sessions), out);
}

bool tlsp_tls_context_digest_anchors(
		SSL_CTX *ctx, unsigned char out[TLSP_DIGEST_OCTETS])
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool ok = md && EVP_DigestInit_ex(md, EVP_sha256(), NULL)
			  && digest_store(md, SSL_CTX_get_cert_store(ctx), ANCHORS)
			  && EVP_DigestFinal_ex(md, out, NULL);

	EVP_MD_CTX_free(md);
	return ok;
}

bool tlsp_tls_context_has_trust_anchors(SSL_CTX *ctx)
{
	X509_STORE *store = SSL_CTX_get_cert_store(ctx);
	STACK_OF(X509_OBJECT) * objects;
	bool found = false;

	X509_STORE_lock(store);
	objects = X509_STORE_get0_objects(store);
	for(int i = 0; i < sk_X509_OBJECT_num(objects) && !found; i++)
		found = X509_OBJECT_get_type(sk_X509_OBJECT_value(objects, i))
				== X509_LU_X509;
	X509_STORE_unlock(store);
	return found;
}

void tlsp_tls_context_each(SSL_CTX *ctx,
		void (*visit)(
				void *user, enum tlsp_certificate_kind kind, X509 *certificate),
		void *user)
{
	X509 *own = SSL_CTX_get0_certificate(ctx);
	STACK_OF(X509) *chain = NULL;

	if(own)
		visit(user, TLSP_CERTIFICATE_OWN, own);
	if(own && SSL_CTX_get_ex_data(ctx, chain_index) != &as_found
			&& SSL_CTX_get0_chain_certs(ctx, &chain))
		for(int i = 0; i < sk_X509_num(chain); i++)
			visit(user, TLSP_CERTIFICATE_OWN, sk_X509_value(chain, i));
	visit_anchors(ctx, visit, user);
}

bool tlsp_tls_context_check(const struct tlsp_policy *policy, SSL_CTX *ctx,
		enum tlsp_role role, bool ca_directory, const char *domain, char *error,
		size_t error_size)
{
	unsigned range =
			tlsp_versions_of_range((int)SSL_CTX_get_min_proto_version(ctx),
					(int)SSL_CTX_get_max_proto_version(ctx));

	if(tlsp_versions_check(policy->tls_version, range,
			   SSL_CTX_get_security_level(ctx), domain, error, error_size)
			!= TLSP_VERSIONS_FIT)
		return false;
	if(!tlsp_verdict_asks_certificate(policy, role) || ca_directory
			|| policy->https_root_file_name[0]
			|| tlsp_tls_context_has_trust_anchors(ctx))
		return true;
	snprintf(error, error_size,
			"TLS domain %s has no trust anchors (ca_list) and "
			"https_root_file_name is unset, so %s would be "
			"refused",
			domain,
			role == TLSP_ROLE_SERVER ? "every client certificate"
									 : "every server");
	return false;
}
