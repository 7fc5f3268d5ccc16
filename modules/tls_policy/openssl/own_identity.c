/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * own_identity - see own_identity.h. The objects live in OpenSSL's memory,
 * which the processes share here, so an SSL may outlive the cache that it was
 * served from and be freed by another process: it holds references of its own.
 */
#include "own_identity.h"

#include <stdlib.h>
#include <string.h>

#include "openssl/certificate/own_files.h"
#include "rule.h"
#include "verification.h"

/* What one block of files was read into, and which it was. */
struct kept_objects
{
	struct tlsp_digest of;
	bool open;
	struct tlsp_own_objects objects;
};

/* Of this process, by the number of the files (terms.h). */
static struct kept_objects *kept;
static size_t kept_count;

/* The trust anchors for one context by one block of files. */
struct anchors
{
	struct tlsp_digest of;
	X509_STORE *store; /* NULL: none yet */
};

/* In an ex_data slot of the context, by the number of the files. */
struct anchors_of_context
{
	size_t count;
	struct anchors of[];
};

static int anchors_index = -1;

static void free_anchors(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx,
		long argl, void *argp)
{
	struct anchors_of_context *all = ptr;

	(void)parent, (void)ad, (void)idx, (void)argl, (void)argp;
	for(size_t i = 0; all && i < all->count; i++)
		X509_STORE_free(all->of[i].store);
	OPENSSL_free(all);
}

bool tlsp_own_identity_init(void)
{
	anchors_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, free_anchors);
	return anchors_index >= 0;
}

static bool is_named(const struct tlsp_terms *terms)
{
	const struct tlsp_own_files *files = terms->own_files;

	return files && (files->chain_octets || files->roots_octets);
}

static struct kept_objects *slot_of(const struct tlsp_terms *terms)
{
	size_t count = terms->own_number + 1;
	struct kept_objects *more;

	if(count <= kept_count)
		return &kept[terms->own_number];
	more = realloc(kept, count * sizeof(*kept));
	if(!more)
		return NULL;
	memset(more + kept_count, 0, (count - kept_count) * sizeof(*kept));
	kept = more;
	kept_count = count;
	return &kept[terms->own_number];
}

/* Read once in each process, however often the policy changes. */
static const struct tlsp_own_objects *objects_of(const struct tlsp_terms *terms)
{
	struct kept_objects *slot = slot_of(terms);

	if(!slot)
		return NULL;
	if(slot->open && tlsp_digest_equal(&slot->of, &terms->own))
		return &slot->objects;
	if(slot->open)
		tlsp_own_files_close(&slot->objects);
	slot->of = terms->own;
	slot->open = tlsp_own_files_open(&slot->objects, terms->own_files);
	return slot->open ? &slot->objects : NULL;
}

static bool copy_crls(X509_STORE *to, X509_STORE *from)
{
	STACK_OF(X509_OBJECT) * objects;
	bool done = true;

	X509_STORE_lock(from);
	objects = X509_STORE_get0_objects(from);
	for(int i = 0; done && i < sk_X509_OBJECT_num(objects); i++) {
		X509_CRL *crl =
				X509_OBJECT_get0_X509_CRL(sk_X509_OBJECT_value(objects, i));

		done = !crl || X509_STORE_add_crl(to, crl) == 1;
	}
	X509_STORE_unlock(from);
	return done
		   && X509_STORE_set_flags(to,
					  X509_VERIFY_PARAM_get_flags(X509_STORE_get0_param(from)))
					  == 1;
}

/* As the tls module has it for the CRLs of a TLS domain: of every CA one. */
static bool add_crls(X509_STORE *to, STACK_OF(X509_CRL) * crls)
{
	bool done = !crls
				|| X509_STORE_set_flags(to,
						   X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL)
						   == 1;

	for(int i = 0; done && i < sk_X509_CRL_num(crls); i++)
		done = X509_STORE_add_crl(to, sk_X509_CRL_value(crls, i)) == 1;
	return done;
}

/* The roots and CRLs of the files, and what the TLS domain knows to be
 * revoked. */
static X509_STORE *make_store(
		const struct tlsp_own_objects *objects, X509_STORE *domain)
{
	X509_STORE *store = X509_STORE_new();
	bool done =
			store && copy_crls(store, domain) && add_crls(store, objects->crls);

	for(int i = 0; done && i < sk_X509_num(objects->roots); i++)
		done = X509_STORE_add_cert(store, sk_X509_value(objects->roots, i))
			   == 1;
	if(done)
		return store;
	X509_STORE_free(store);
	return NULL;
}

static struct anchors *anchors_of(SSL_CTX *ctx, const struct tlsp_terms *terms)
{
	struct anchors_of_context *all = SSL_CTX_get_ex_data(ctx, anchors_index);
	size_t before = all ? all->count : 0, count = terms->own_number + 1;
	struct anchors_of_context *more;

	if(count <= before)
		return &all->of[terms->own_number];
	more = OPENSSL_realloc(all, sizeof(*all) + count * sizeof(*all->of));
	if(!more)
		return NULL;
	memset(more->of + before, 0, (count - before) * sizeof(*more->of));
	more->count = count;
	if(SSL_CTX_set_ex_data(ctx, anchors_index, more))
		return &more->of[terms->own_number];
	OPENSSL_free(more);
	return NULL;
}

X509_STORE *tlsp_own_identity_anchors(
		SSL_CTX *ctx, const struct tlsp_terms *terms)
{
	const struct tlsp_own_objects *objects;
	struct anchors *anchors;

	if(!terms->own_files || !terms->own_files->roots_octets)
		return SSL_CTX_get_cert_store(ctx);
	anchors = anchors_of(ctx, terms);
	if(!anchors)
		return NULL;
	if(anchors->store && tlsp_digest_equal(&anchors->of, &terms->own))
		return anchors->store;
	objects = objects_of(terms);
	X509_STORE_free(anchors->store);
	anchors->of = terms->own;
	anchors->store =
			objects ? make_store(objects, SSL_CTX_get_cert_store(ctx)) : NULL;
	return anchors->store;
}

/* The names that a CertificateRequest offers (RFC 8446, 4.2.4). */
static bool offer_names(SSL *ssl, STACK_OF(X509) * roots)
{
	STACK_OF(X509_NAME) *names = sk_X509_NAME_new_null();
	bool done = names != NULL;

	for(int i = 0; done && i < sk_X509_num(roots); i++) {
		X509_NAME *name =
				X509_NAME_dup(X509_get_subject_name(sk_X509_value(roots, i)));

		done = name && sk_X509_NAME_push(names, name) > 0;
		if(!done)
			X509_NAME_free(name);
	}
	if(done)
		SSL_set_client_CA_list(ssl, names);
	else
		sk_X509_NAME_pop_free(names, X509_NAME_free);
	return done;
}

static bool put(
		SSL *ssl, struct tlsp_record *record, const struct tlsp_terms *terms)
{
	const struct tlsp_own_objects *objects = objects_of(terms);
	X509_STORE *store;

	if(!objects || !tlsp_own_files_put(ssl, objects))
		return false;
	if(!objects->roots)
		return true;
	store = tlsp_own_identity_anchors(tlsp_gate_context_now(ssl), terms);
	if(!store)
		return false;
	tlsp_verification_trust(ssl, record, store);
	return !SSL_is_server(ssl) || offer_names(ssl, objects->roots);
}

/* SSL_set_cert_cb(3), on contexts that unguarded SSLs may use too. As server:
 * the server name has chosen its context. */
static int on_certificate(SSL *ssl, void *unused)
{
	struct tlsp_record *record = tlsp_record_of(ssl);
	const struct tlsp_terms *terms = tlsp_rule_terms(record);

	(void)unused;
	if(!record || !SSL_is_server(ssl) || !tlsp_record_is_enforced(record)
			|| (terms && !is_named(terms)))
		return 1;
	if(terms && put(ssl, record, terms)) {
		record->own_identity_set = true;
		return 1;
	}
	tlsp_record_refuse(record, "our own certificate cannot be used");
	return 0;
}

bool tlsp_own_identity_arm(
		SSL *ssl, struct tlsp_record *record, const struct tlsp_terms *terms)
{
	record->own_identity_named = is_named(terms);
	record->own_identity_set = false;
	if(!record->own_identity_named)
		return true;
	if(record->role == TLSP_ROLE_SERVER) {
		SSL_set_cert_cb(ssl, on_certificate, NULL);
		return true;
	}
	record->own_identity_set = put(ssl, record, terms);
	return record->own_identity_set;
}

void tlsp_own_identity_prepare(
		const struct tlsp_record *record, SSL_CTX *context)
{
	if(record->own_identity_named)
		SSL_CTX_set_cert_cb(context, on_certificate, NULL);
}

bool tlsp_own_identity_missed(const struct tlsp_record *record)
{
	return record->own_identity_named && !record->own_identity_set
		   && !SSL_session_reused(record->ssl);
}
