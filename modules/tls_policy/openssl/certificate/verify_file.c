/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verify_file - see verify_file.h.
 */
#include "verify_file.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>

#include "der_text.h"
#include "peer_chain.h"

/* What |path| is: "-" is the standard input, where any file may be read. */
static enum tlsp_pem_kind kind_of(
		const char *path, enum tlsp_pem_kind kind, struct tlsp_pem_about *about)
{
	about->path = path;
	if(kind != TLSP_PEM_ANY_FILE || strcmp(path, "-") != 0)
		return kind;
	about->path = "the standard input";
	return TLSP_PEM_STANDARD_INPUT;
}

static STACK_OF(X509)
		* certificates_of(const struct tlsp_pem_text *text, int max,
				const struct tlsp_pem_about *about)
{
	return tlsp_der_text_is(text)
				   ? tlsp_der_text_certificate(text, about)
				   : tlsp_pem_file_certificates(text, max, about);
}

STACK_OF(X509)
*tlsp_verify_file_read(const char *path, enum tlsp_pem_kind kind, char *error,
		size_t error_size)
{
	struct tlsp_pem_about about = {path, error, error_size};
	STACK_OF(X509) * certificates;
	struct tlsp_pem_text text;

	kind = kind_of(path, kind, &about);
	if(!tlsp_pem_file_read(&text, TLSP_VERIFY_FILE_MAX_OCTETS, kind, &about))
		return NULL;
	certificates =
			certificates_of(&text, TLSP_VERIFY_FILE_MAX_CERTIFICATES, &about);
	tlsp_pem_file_free(&text);
	return certificates;
}

void tlsp_verify_file_free(STACK_OF(X509) * certificates)
{
	sk_X509_pop_free(certificates, X509_free);
}

/* The trust anchors of a file, and nothing that would be passed over. */
static STACK_OF(X509)
		* read_anchors(
				enum tlsp_pem_kind kind, const struct tlsp_pem_about *about)
{
	STACK_OF(X509) *anchors = NULL;
	struct tlsp_pem_text text;

	if(!tlsp_pem_file_read(&text, TLSP_VERIFY_FILE_MAX_CA_OCTETS, kind, about))
		return NULL;
	if(tlsp_pem_file_holds(&text, "-----BEGIN X509 CRL-----"))
		tlsp_pem_file_complain(about,
				"holds a CRL, which belongs into a file of its own (--crl)");
	else
		anchors = certificates_of(&text, INT_MAX, about);
	tlsp_pem_file_free(&text);
	return anchors;
}

static bool add_anchors(X509_STORE *store, enum tlsp_pem_kind kind,
		const struct tlsp_pem_about *about)
{
	STACK_OF(X509) *anchors = read_anchors(kind, about);
	bool done = anchors != NULL;

	for(int i = 0; done && i < sk_X509_num(anchors); i++)
		done = X509_STORE_add_cert(store, sk_X509_value(anchors, i)) == 1;
	if(anchors && !done)
		tlsp_pem_file_complain(about, "does not fit into memory");
	tlsp_verify_file_free(anchors);
	return done;
}

bool tlsp_verify_file_add_crls(
		X509_STORE *store, const char *path, char *error, size_t error_size)
{
	struct tlsp_pem_about about = {path, error, error_size};
	STACK_OF(X509_CRL) * crls;
	struct tlsp_pem_text text;
	bool done;

	if(!tlsp_pem_file_read(&text, TLSP_VERIFY_FILE_MAX_CRL_OCTETS,
			   kind_of(path, TLSP_PEM_ANY_FILE, &about), &about))
		return false;
	crls = tlsp_der_text_is(&text) ? tlsp_der_text_crl(&text, &about)
								   : tlsp_pem_file_crls(&text, &about);
	tlsp_pem_file_free(&text);
	done = crls != NULL;
	for(int i = 0; done && i < sk_X509_CRL_num(crls); i++)
		done = X509_STORE_add_crl(store, sk_X509_CRL_value(crls, i)) == 1;
	done = done
		   && X509_STORE_set_flags(
					  store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL)
					  == 1;
	if(crls && !done)
		tlsp_pem_file_complain(&about, "does not fit into memory");
	sk_X509_CRL_pop_free(crls, X509_CRL_free);
	return done;
}

X509_STORE *tlsp_verify_file_trust(
		const char *ca_path, char *error, size_t error_size)
{
	struct tlsp_pem_about about = {ca_path, error, error_size};
	X509_STORE *store = X509_STORE_new();

	if(!store) {
		snprintf(error, error_size, "out of memory");
		return NULL;
	}
	if(ca_path) {
		enum tlsp_pem_kind kind = kind_of(ca_path, TLSP_PEM_ANY_FILE, &about);

		if(add_anchors(store, kind, &about))
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

	if(tlsp_peer_chain_goes_on(
			   ok, store, verification->policy, verification->role))
		return 1;
	tlsp_peer_chain_read(verification->peer, ok, store, verification->role);
	return ok;
}

static bool prepare(X509_STORE_CTX *context,
		const struct tlsp_verify_trust *trust, STACK_OF(X509) * certificates,
		struct verification *verification)
{
	const char *purpose = verification->role == TLSP_ROLE_SERVER ? "ssl_client"
																 : "ssl_server";
	X509_VERIFY_PARAM *parameters;

	if(X509_STORE_CTX_init(context, trust->anchors,
			   sk_X509_value(certificates, 0), certificates)
					!= 1
			|| X509_STORE_CTX_set_default(context, purpose) != 1
			|| X509_STORE_CTX_set_app_data(context, verification) != 1)
		return false;
	X509_STORE_CTX_set_verify_cb(context, on_verify);
	parameters = X509_STORE_CTX_get0_param(context);
	X509_VERIFY_PARAM_set_depth(parameters, trust->depth);
	X509_VERIFY_PARAM_set_auth_level(parameters, trust->security_level);
	return true;
}

/* As SSL_get_verify_result(3) would come out in a handshake. */
static void verify(const struct tlsp_verify_trust *trust,
		STACK_OF(X509) * certificates, struct verification *verification)
{
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	int result = X509_V_ERR_UNSPECIFIED;

	ERR_set_mark();
	if(context && prepare(context, trust, certificates, verification)) {
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
		STACK_OF(X509) * certificates, const struct tlsp_verify_trust *trust,
		const struct tlsp_policy *policy, enum tlsp_role role)
{
	struct verification verification = {out, policy, role};

	tlsp_peer_cert_read(out, sk_X509_value(certificates, 0));
	if(trust) {
		verify(trust, certificates, &verification);
		return;
	}
	tlsp_peer_cert_set_chain(out, X509_V_OK);
	out->facts.usage.vouched = true;
}
