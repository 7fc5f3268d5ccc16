/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer_chain - see peer_chain.h. No error is left in OpenSSL's queue.
 */
#include "peer_chain.h"

#include <string.h>
#include <time.h>

#include <openssl/err.h>

#include "chain_constraints.h"
#include "policy/cert_usage.h"
#include "subject.h"

enum
{
	DAY_S = 24 * 60 * 60
};

void tlsp_peer_chain_set_date(
		struct tlsp_peer_cert *peer, const ASN1_TIME *date)
{
	struct tlsp_chain_place *place = &peer->facts.chain_place;
	int days, seconds;
	struct tm time;

	if(!date || !ASN1_TIME_to_tm(date, &time)
			|| !ASN1_TIME_diff(&days, &seconds, date, NULL))
		return;
	place->seconds = (int64_t)days * DAY_S + seconds;
	if(place->seconds < 0)
		place->seconds = -place->seconds;
	if(strftime(
			   place->date, sizeof(place->date), "%Y-%m-%d %H:%M:%S UTC", &time)
			== 0)
		place->date[0] = '\0';
}

/* keyUsage, as OpenSSL's own check of the purpose wants it: of a client that
 * signs (RFC 5246, 7.4.8), and of a server in any of its parts (7.4.2). */
static bool key_may(X509 *certificate, enum tlsp_role role)
{
	uint32_t wanted = KU_DIGITAL_SIGNATURE | KU_KEY_AGREEMENT;

	if(role == TLSP_ROLE_CLIENT)
		wanted |= KU_KEY_ENCIPHERMENT;
	return (X509_get_key_usage(certificate) & wanted) != 0; /* absent: all */
}

/* Netscape's own type of certificate, if there is one. */
static bool type_may(X509 *certificate, bool ca)
{
	return !(X509_get_extension_flags(certificate) & EXFLAG_NSCERT)
		   || X509_check_purpose(certificate, X509_PURPOSE_SSL_SERVER, ca) == 1;
}

/* What OpenSSL's "unsuitable certificate purpose" is about. The purposes come
 * last: a setting may forgive them, and nothing else of this. */
static const char *purpose_error(
		X509 *certificate, enum tlsp_role role, bool ca)
{
	struct tlsp_cert_usage usage;
	bool purposes_do, typed;

	tlsp_peer_cert_read_usage(&usage, certificate);
	purposes_do = !usage.purposes_present
				  || tlsp_cert_usage_is_for(role, usage.purposes);
	typed = (X509_get_extension_flags(certificate) & EXFLAG_NSCERT) != 0;
	if(ca ? purposes_do && !typed : !key_may(certificate, role))
		return "unsuitable certificate purpose: keyUsage does not allow TLS";
	if(purposes_do
			|| (usage.purposes & TLSP_PURPOSE_SERVER_AUTH
					&& !type_may(certificate, ca)))
		return "unsuitable certificate purpose: nsCertType does not allow TLS";
	if(role == TLSP_ROLE_CLIENT)
		return "unsuitable certificate purpose: extendedKeyUsage lacks "
			   "serverAuth";
	return usage.purposes & TLSP_PURPOSE_SERVER_AUTH
				   ? "unsuitable certificate purpose: extendedKeyUsage has "
					 "serverAuth and lacks clientAuth (see "
					 "accept_server_auth_clients)"
				   : "unsuitable certificate purpose: extendedKeyUsage lacks "
					 "clientAuth";
}

static void read_error(
		struct tlsp_peer_cert *peer, X509_STORE_CTX *store, enum tlsp_role role)
{
	struct tlsp_chain_place *place = &peer->facts.chain_place;
	X509 *certificate = X509_STORE_CTX_get_current_cert(store);
	X509_CRL *crl = X509_STORE_CTX_get0_current_crl(store);
	int error = X509_STORE_CTX_get_error(store);
	int depth = X509_STORE_CTX_get_error_depth(store);

	tlsp_peer_cert_set_chain(peer, error);
	place->depth = depth > 0 ? (size_t)depth : 0;
	if(!certificate)
		return;
	tlsp_subject_read(certificate, place->subject, sizeof(place->subject));
	if(error == X509_V_ERR_CERT_HAS_EXPIRED)
		tlsp_peer_chain_set_date(peer, X509_get0_notAfter(certificate));
	else if(error == X509_V_ERR_CERT_NOT_YET_VALID)
		tlsp_peer_chain_set_date(peer, X509_get0_notBefore(certificate));
	else if(error == X509_V_ERR_CRL_HAS_EXPIRED && crl)
		tlsp_peer_chain_set_date(peer, X509_CRL_get0_nextUpdate(crl));
	else if(error == X509_V_ERR_INVALID_PURPOSE)
		peer->facts.chain_error = purpose_error(certificate, role, depth > 0);
}

/* The whole chain, the end entity first. */
static void read_chain(struct tlsp_peer_cert *peer, STACK_OF(X509) * chain)
{
	struct tlsp_chain_usage *usage = &peer->facts.usage;
	int count = sk_X509_num(chain);

	if(count <= 0)
		return;
	usage->count = (size_t)count;
	usage->complete = true;
	for(int i = 0; i < count && i < TLSP_CHAIN_MAX; i++) {
		X509 *certificate = sk_X509_value(chain, i);
		const char *wrong = tlsp_peer_cert_check_extensions(certificate);

		if(i > 0 || usage->count == 0) /* else it was read with the rest */
			tlsp_peer_cert_read_usage(&usage->certificates[i], certificate);
		usage->certificates[i].trust_anchor = i == count - 1;
		if(wrong && i > 0 && !peer->facts.malformed)
			peer->facts.malformed = "a CA of the chain has an extension twice, "
									"or one that does not decode";
	}
	tlsp_chain_constraints_apply(peer, chain);
}

/* Of the handshake that goes on, or of the last one. Only a server's key may
 * be encrypted to. */
static void read_suite(struct tlsp_peer_cert *peer, const SSL *ssl)
{
	const SSL_CIPHER *suite = SSL_get_pending_cipher(ssl);

	if(!suite)
		suite = SSL_get_current_cipher(ssl);
	if(suite && !SSL_is_server(ssl))
		peer->facts.usage.key_transport =
				SSL_CIPHER_get_kx_nid(suite) == NID_kx_rsa;
}

void tlsp_peer_chain_read(struct tlsp_peer_cert *peer, bool ok,
		X509_STORE_CTX *store, enum tlsp_role role)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(
			store, SSL_get_ex_data_X509_STORE_CTX_idx());

	ERR_set_mark();
	if(ok) {
		tlsp_peer_cert_set_chain(peer, X509_V_OK);
		read_chain(peer, X509_STORE_CTX_get0_chain(store));
	} else {
		read_error(peer, store, role);
	}
	if(ssl)
		read_suite(peer, ssl);
	ERR_pop_to_mark();
}

void tlsp_peer_chain_read_again(struct tlsp_peer_cert *peer, SSL *ssl)
{
	STACK_OF(X509) *chain = SSL_get0_verified_chain(ssl);

	ERR_set_mark();
	if(chain)
		read_chain(peer, chain);
	read_suite(peer, ssl);
	ERR_pop_to_mark();
}

static bool forgives(X509_STORE_CTX *store, const struct tlsp_policy *policy,
		enum tlsp_role role)
{
	X509 *certificate = X509_STORE_CTX_get_current_cert(store);
	bool ca = X509_STORE_CTX_get_error_depth(store) > 0;
	struct tlsp_cert_usage usage;

	if(X509_STORE_CTX_get_error(store) != X509_V_ERR_INVALID_PURPOSE
			|| !certificate)
		return false;
	tlsp_peer_cert_read_usage(&usage, certificate);
	if(!usage.purposes_present || tlsp_cert_usage_is_for(role, usage.purposes)
			|| !tlsp_cert_usage_allows(policy, role, usage.purposes))
		return false; /* it is not about the purposes, or not allowed */
	if(ca ? X509_check_ca(certificate) == 0 : !key_may(certificate, role))
		return false;
	if(!type_may(certificate, ca))
		return false;
	X509_STORE_CTX_set_error(store, X509_V_OK);
	return true;
}

bool tlsp_peer_chain_goes_on(int ok, X509_STORE_CTX *store,
		const struct tlsp_policy *policy, enum tlsp_role role)
{
	return ok ? X509_STORE_CTX_get_error_depth(store) > 0
			  : forgives(store, policy, role);
}
