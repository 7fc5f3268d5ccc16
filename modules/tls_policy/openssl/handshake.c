/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * handshake - see handshake.h. The order on one SSL: attach_record (SSL_new),
 * arm (first handshake start), on_client_hello (server), keep_verification
 * (after every step: the tls module's SNI callback resets it), the verify
 * callback (certificate) and the last word (handshake done) of judgement.
 * Nothing here logs or blocks.
 */
#include "handshake.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "policy/versions.h"
#include "context_digest.h"
#include "judgement.h"
#include "own_identity.h"
#include "rehandshake.h"
#include "offered_versions.h"

static int record_index = -1;

static void attach_record(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx,
		long argl, void *argp);

static void free_record(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx,
		long argl, void *argp)
{
	(void)parent, (void)ad, (void)idx, (void)argl, (void)argp;
	OPENSSL_free(ptr);
}

/* A copy of an SSL gets no record, so nothing passes on it. */
static int drop_record(CRYPTO_EX_DATA *to, const CRYPTO_EX_DATA *from,
		void **data, int idx, long argl, void *argp)
{
	(void)to, (void)from, (void)idx, (void)argl, (void)argp;
	*data = NULL;
	return 1;
}

bool tlsp_handshake_init(struct tlsp_gate *process_gate)
{
	tlsp_gate_set(process_gate);
	record_index = SSL_get_ex_new_index(
			0, NULL, attach_record, drop_record, free_record);
	return record_index >= 0 && tlsp_context_digest_init()
		   && tlsp_own_identity_init();
}

struct tlsp_record *tlsp_handshake_record(const SSL *ssl)
{
	return ssl ? SSL_get_ex_data(ssl, record_index) : NULL;
}

bool tlsp_handshake_passes(const SSL *ssl)
{
	const struct tlsp_record *record = tlsp_handshake_record(ssl);

	if(!record || record->stage == TLSP_STAGE_REFUSED)
		return false;
	return record->stage == TLSP_STAGE_ACCEPTED || !SSL_is_init_finished(ssl);
}

/* The tls module's SNI callback takes the verification of the context that
 * it changes to; ours is laid over it again, never loosened. */
static void keep_verification(SSL *ssl, const struct tlsp_record *record)
{
	int mode = SSL_get_verify_mode(ssl);

	if(record->asked
			&& ((mode & record->verify_mode) != record->verify_mode
					|| SSL_get_verify_callback(ssl)
							   != tlsp_judgement_on_verify))
		SSL_set_verify(
				ssl, mode | record->verify_mode, tlsp_judgement_on_verify);
}

static void ask_certificate(
		SSL *ssl, struct tlsp_record *record, const struct tlsp_policy *policy)
{
	record->asked = tlsp_verdict_asks_certificate(policy, record->role);
	if(!record->asked)
		return;
	record->verify_mode = SSL_VERIFY_PEER;
	if(tlsp_verdict_requires_certificate(policy, record->role))
		record->verify_mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
	keep_verification(ssl, record);
}

/*
 * A session resumes only under the same policy, proxies, trust anchors and
 * TLS domain (RFC 8446, 4.6.1 leaves that to us), and only for the server
 * name it was made for: OpenSSL looks a TLS 1.2 session up before the SNI
 * callback changes the context.
 */
static bool bind_session(SSL *ssl, const struct tlsp_record *record)
{
	unsigned char octets[TLSP_DIGEST_OCTETS + 512];
	unsigned char context[TLSP_DIGEST_OCTETS];
	const unsigned char *sni = NULL;
	size_t sni_octets = 0;

	memcpy(octets, record->session_context, TLSP_DIGEST_OCTETS);
	if(!SSL_client_hello_get0_ext(
			   ssl, TLSEXT_TYPE_server_name, &sni, &sni_octets))
		sni_octets = 0;
	if(sni_octets > sizeof(octets) - TLSP_DIGEST_OCTETS)
		return false;
	if(sni_octets > 0)
		memcpy(octets + TLSP_DIGEST_OCTETS, sni, sni_octets);
	return EVP_Digest(octets, TLSP_DIGEST_OCTETS + sni_octets, context, NULL,
				   EVP_sha256(), NULL)
		   && SSL_set_session_id_context(ssl, context, sizeof(context));
}

/* SSL_CTX_set_client_hello_cb(3); on a context that unguarded SSLs may use
 * too. */
static int on_client_hello(SSL *ssl, int *alert, void *unused)
{
	struct tlsp_record *record = tlsp_handshake_record(ssl);

	(void)unused;
	if(!record)
		return SSL_CLIENT_HELLO_SUCCESS;
	if(SSL_client_hello_isv2(ssl) && !record->allow_ssl2_hello) {
		tlsp_judgement_refuse(record, "ClientHello in the format of SSL 2.0");
		*alert = SSL_AD_PROTOCOL_VERSION;
		return SSL_CLIENT_HELLO_ERROR;
	}
	if(!bind_session(ssl, record)) {
		tlsp_judgement_refuse(record,
				"no session id context (memory, or a server_name over 512 "
				"octets)");
		*alert = SSL_AD_INTERNAL_ERROR;
		return SSL_CLIENT_HELLO_ERROR;
	}
	tlsp_own_identity_prepare(record);
	return SSL_CLIENT_HELLO_SUCCESS;
}

/* What was judged for one peer does not hold for another: with bind_to_peer a
 * session resumes only from the address that it was made with. */
static bool add_address(unsigned char digest[TLSP_DIGEST_OCTETS])
{
	unsigned char both[TLSP_DIGEST_OCTETS + 16];
	struct tlsp_host address;

	if(!tlsp_gate_peer_address(&address))
		return true;
	memcpy(both, digest, TLSP_DIGEST_OCTETS);
	memcpy(both + TLSP_DIGEST_OCTETS, address.address, address.octets);
	return EVP_Digest(both, TLSP_DIGEST_OCTETS + address.octets, digest, NULL,
			EVP_sha256(), NULL);
}

static bool prepare_sessions(
		SSL *ssl, struct tlsp_record *record, const struct tlsp_terms *terms)
{
	SSL_CTX *ctx = SSL_get_SSL_CTX(ssl);
	unsigned char both[2 * TLSP_DIGEST_OCTETS];

	if(record->role != TLSP_ROLE_SERVER)
		return !terms->policy->bind_to_peer || SSL_set_session(ssl, NULL);
	SSL_CTX_set_client_hello_cb(ctx, on_client_hello, NULL);
	if(SSL_CTX_get_timeout(ctx) > TLSP_SESSION_LIFETIME_S)
		SSL_CTX_set_timeout(ctx, TLSP_SESSION_LIFETIME_S);
	memcpy(both, terms->digest, TLSP_DIGEST_OCTETS);
	return tlsp_context_digest(ctx, both + TLSP_DIGEST_OCTETS)
		   && EVP_Digest(both, sizeof(both), record->session_context, NULL,
				   EVP_sha256(), NULL)
		   && (!terms->policy->bind_to_peer
				   || add_address(record->session_context));
}

/* A context that asks a client once only (SSL_set_verify(3)) would keep a
 * re-handshake from asking again. */
void tlsp_handshake_ask_again(
		SSL *ssl, struct tlsp_record *record, const struct tlsp_policy *policy)
{
	int mode = SSL_get_verify_mode(ssl);

	if(mode & SSL_VERIFY_CLIENT_ONCE)
		SSL_set_verify(ssl, mode & ~SSL_VERIFY_CLIENT_ONCE,
				SSL_get_verify_callback(ssl));
	ask_certificate(ssl, record, policy);
}

void tlsp_handshake_rearm(
		SSL *ssl, struct tlsp_record *record, const struct tlsp_terms *terms)
{
	record->judged = false;
	record->resumed = false;
	record->generation = terms->generation;
	tlsp_handshake_ask_again(ssl, record, terms->policy);
}

/* At the first handshake start: everything the policy says, onto the SSL. */
static void arm(SSL *ssl, struct tlsp_record *record)
{
	const struct tlsp_terms *terms = tlsp_gate_terms();

	record->role = SSL_is_server(ssl) ? TLSP_ROLE_SERVER : TLSP_ROLE_CLIENT;
	if(!terms || !prepare_sessions(ssl, record, terms)
			|| !tlsp_own_identity_arm(ssl, record, terms)) {
		if(terms)
			tlsp_judgement_refuse(record, "no memory to arm the handshake, or "
										  "our own certificate cannot be "
										  "used");
		record->stage = TLSP_STAGE_REFUSED;
		tlsp_ssl_versions_forbid_all(ssl);
		return;
	}
	record->generation = terms->generation;
	record->allow_ssl2_hello =
			tlsp_versions_allow_ssl2_hello(terms->policy->tls_version);
	SSL_set_options(ssl, SSL_OP_NO_RENEGOTIATION);
	tlsp_ssl_versions_narrow(ssl, record, terms->policy->tls_version);
	ask_certificate(ssl, record, terms->policy);
	record->no_tickets = tlsp_rehandshake_forbids_tickets(terms->policy);
	record->stage = TLSP_STAGE_ARMED;
}

static void on_start(SSL *ssl, struct tlsp_record *record)
{
	if(record->stage == TLSP_STAGE_NEW)
		arm(ssl, record);
	else if(record->stage == TLSP_STAGE_ACCEPTED)
		tlsp_rehandshake_begin(ssl, record);
}

/* Is |record| in a handshake that keep_verification and alerts belong to? */
static bool in_handshake(const struct tlsp_record *record)
{
	return record->stage == TLSP_STAGE_ARMED
		   || (record->stage == TLSP_STAGE_ACCEPTED
				   && (record->rehandshake == TLSP_REHANDSHAKE_RUNNING
						   || record->post_handshake));
}

static void on_done(SSL *ssl, struct tlsp_record *record)
{
	if(record->stage == TLSP_STAGE_ARMED)
		tlsp_judgement_finish(ssl, record);
	else if(record->stage == TLSP_STAGE_ACCEPTED)
		tlsp_rehandshake_end(ssl, record);
}

/* After every step of a handshake. The version is known before ServerHello
 * promises a ticket. */
static void on_step(SSL *ssl, const struct tlsp_record *record)
{
	keep_verification(ssl, record);
	if(record->no_tickets && SSL_get_state(ssl) == TLS_ST_SR_CLNT_HELLO
			&& SSL_version(ssl) <= TLS1_2_VERSION)
		SSL_set_options(ssl, SSL_OP_NO_TICKET);
}

/* Set on the SSL, so in front of the context's own, which is called after; but
 * the tls module's takes every later handshake start for an attack
 * (CVE-2009-3555) and cuts the connection, so it hears of the first only. */
static void on_info(const SSL *const_ssl, int where, int ret)
{
	SSL *ssl = (SSL *)const_ssl;
	struct tlsp_record *record = tlsp_handshake_record(ssl);
	SSL_CTX *ctx = SSL_get_SSL_CTX(ssl);
	void (*chained)(const SSL *, int, int) =
			ctx ? SSL_CTX_get_info_callback(ctx) : NULL;
	bool first = !record || record->handshakes == 0;

	if(record && (where & SSL_CB_HANDSHAKE_START))
		on_start(ssl, record);
	else if(record && (where & SSL_CB_HANDSHAKE_DONE))
		on_done(ssl, record);
	else if(record && (where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT)
		tlsp_rehandshake_note_alert(record, ret);
	else if(record && in_handshake(record)) {
		if(where & SSL_CB_LOOP)
			on_step(ssl, record);
		else if((where & SSL_CB_WRITE_ALERT) == SSL_CB_WRITE_ALERT
				&& !record->peer_declined)
			tlsp_judgement_note_alert(record, ret);
	}
	if(chained && (first || !(where & SSL_CB_HANDSHAKE_START)))
		chained(ssl, where, ret);
}

/* Inside SSL_new. Nothing else of the SSL may be touched: OpenSSL 3.5 has not
 * given it its context yet. */
static void attach_record(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx,
		long argl, void *argp)
{
	struct tlsp_record *record;

	(void)ptr, (void)argl, (void)argp;
	if(!tlsp_gate_attach())
		return;
	record = OPENSSL_zalloc(sizeof(*record));
	if(!record)
		return;
	if(!CRYPTO_set_ex_data(ad, idx, record)) {
		OPENSSL_free(record);
		return;
	}
	record->ssl = parent;
	SSL_set_info_callback(parent, on_info);
}

bool tlsp_handshake_check_context(const struct tlsp_policy *policy,
		SSL_CTX *ctx, enum tlsp_role role, bool ca_directory,
		const char *domain, char *error, size_t error_size)
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
			|| tlsp_context_has_trust_anchors(ctx))
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
