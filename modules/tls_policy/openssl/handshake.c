/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * handshake - see handshake.h. The order on one SSL: attach_record (SSL_new),
 * arm (first handshake start), on_client_hello (server), keep_verification
 * (after every step: the tls module's SNI callback resets it), on_verify
 * (certificate), finish (handshake done). Nothing here logs or blocks.
 */
#include "handshake.h"

#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "../policy/versions.h"
#include "context_digest.h"
#include "peer_cert.h"

static const uint64_t all_versions_off = SSL_OP_NO_SSLv3 | SSL_OP_NO_TLSv1
										 | SSL_OP_NO_TLSv1_1 | SSL_OP_NO_TLSv1_2
										 | SSL_OP_NO_TLSv1_3;

static const struct
{
	unsigned bit;
	uint64_t off;
} version_options[] = {
		{TLSP_TLS_1_0, SSL_OP_NO_TLSv1},
		{TLSP_TLS_1_1, SSL_OP_NO_TLSv1_1},
		{TLSP_TLS_1_2, SSL_OP_NO_TLSv1_2},
		{TLSP_TLS_1_3, SSL_OP_NO_TLSv1_3},
};

static struct tlsp_gate *gate; /* of this process */
static int record_index = -1;
static struct tlsp_peer_cert peer; /* scratch of on_verify and finish */

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
	gate = process_gate;
	record_index = SSL_get_ex_new_index(
			0, NULL, attach_record, drop_record, free_record);
	return record_index >= 0 && tlsp_context_digest_init();
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

static const struct tlsp_terms *terms_now(void)
{
	if(!gate->open)
		return NULL;
	if(!gate->terms)
		gate->terms = gate->acquire();
	return gate->terms;
}

static void refuse(struct tlsp_record *record, const struct tlsp_verdict *why)
{
	record->stage = TLSP_STAGE_REFUSED;
	record->judged = false;
	record->reasons |= why->reasons;
	gate->refused = true;
	tlsp_verdict_print(why, &peer.facts, gate->why, sizeof(gate->why));
}

static void refuse_for(struct tlsp_record *record, const char *why)
{
	record->stage = TLSP_STAGE_REFUSED;
	gate->refused = true;
	snprintf(gate->why, sizeof(gate->why), "%s", why);
}

static void accept_as(
		struct tlsp_record *record, const struct tlsp_verdict *verdict)
{
	record->judged = true;
	record->match = verdict->match;
	record->matched = verdict->matched;
}

/* What the context and earlier options leave to the policy. */
static unsigned versions_offered(SSL *ssl)
{
	unsigned set = tlsp_versions_of_range((int)SSL_get_min_proto_version(ssl),
			(int)SSL_get_max_proto_version(ssl));
	uint64_t options = SSL_get_options(ssl);

	for(size_t i = 0; i < sizeof(version_options) / sizeof(*version_options);
			i++)
		if(options & version_options[i].off)
			set &= ~version_options[i].bit;
	return set;
}

/*
 * SSL_set_security_callback(3). A client that leaves a gap with SSL_OP_NO_*
 * offers only what is below it, so as client the whole range is offered and a
 * ServerHello inside the gap is refused here: OpenSSL asks about versions
 * again when it has read one, and answers protocol_version.
 */
static int refuse_gap(const SSL *ssl, const SSL_CTX *ctx, int op, int bits,
		int nid, void *other, void *ex)
{
	const struct tlsp_record *record = tlsp_handshake_record(ssl);

	if(!record)
		return 0;
	if(op == SSL_SECOP_VERSION && SSL_get_state(ssl) == TLS_ST_CR_SRVR_HELLO
			&& !(record->versions & tlsp_versions_of_wire(SSL_version(ssl))))
		return 0;
	return record->security(ssl, ctx, op, bits, nid, other, ex);
}

static void leave_gaps(SSL *ssl, struct tlsp_record *record)
{
	if(record->role == TLSP_ROLE_CLIENT) {
		record->security = SSL_get_security_callback(ssl);
		SSL_set_security_callback(ssl, refuse_gap);
		return;
	}
	for(size_t i = 0; i < sizeof(version_options) / sizeof(*version_options);
			i++)
		if(!(record->versions & version_options[i].bit))
			SSL_set_options(ssl, version_options[i].off);
}

/* Setting an empty range succeeds in OpenSSL, so it is told apart here; the
 * peer then gets protocol_version. */
static void narrow_versions(
		SSL *ssl, struct tlsp_record *record, int tls_version)
{
	unsigned set =
			versions_offered(ssl) & tlsp_versions_from_parameter(tls_version);

	record->versions = set;
	if(tls_version == 0)
		return;
	if(set == 0) {
		SSL_set_options(ssl, all_versions_off);
		return;
	}
	SSL_set_min_proto_version(ssl, tlsp_versions_lowest(set));
	SSL_set_max_proto_version(ssl, tlsp_versions_highest(set));
	leave_gaps(ssl, record);
}

/* SSL_set_verify(3). Called for every certificate of the chain from the trust
 * anchor down to the end entity at depth 0, and for every error. */
static int on_verify(int ok, X509_STORE_CTX *store)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(
			store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct tlsp_record *record = tlsp_handshake_record(ssl);
	const struct tlsp_terms *terms = terms_now();
	struct tlsp_verdict verdict;

	if(!record || !terms || record->stage == TLSP_STAGE_REFUSED)
		return 0;
	if(ok && X509_STORE_CTX_get_error_depth(store) > 0)
		return 1;
	tlsp_peer_cert_read(&peer, X509_STORE_CTX_get0_cert(store));
	tlsp_peer_cert_set_chain(
			&peer, ok ? X509_V_OK : X509_STORE_CTX_get_error(store));
	tlsp_verdict_judge(
			terms->policy, terms->proxies, record->role, &peer.facts, &verdict);
	record->generation = terms->generation;
	if(ok && verdict.accepted)
		accept_as(record, &verdict);
	else
		refuse(record, &verdict);
	tlsp_peer_cert_cleanup(&peer);
	if(ok && !verdict.accepted) /* becomes the alert bad_certificate */
		X509_STORE_CTX_set_error(store, X509_V_ERR_HOSTNAME_MISMATCH);
	return ok && verdict.accepted;
}

/* The tls module's SNI callback takes the verification of the context that
 * it changes to; ours is laid over it again, never loosened. */
static void keep_verification(SSL *ssl, const struct tlsp_record *record)
{
	int mode = SSL_get_verify_mode(ssl);

	if(record->asked
			&& ((mode & record->verify_mode) != record->verify_mode
					|| SSL_get_verify_callback(ssl) != on_verify))
		SSL_set_verify(ssl, mode | record->verify_mode, on_verify);
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
		refuse_for(record, "refused: ClientHello in the format of SSL 2.0");
		*alert = SSL_AD_PROTOCOL_VERSION;
		return SSL_CLIENT_HELLO_ERROR;
	}
	if(!bind_session(ssl, record)) {
		refuse_for(record, "refused: no session id context (memory, or a "
						   "server_name over 512 octets)");
		*alert = SSL_AD_INTERNAL_ERROR;
		return SSL_CLIENT_HELLO_ERROR;
	}
	return SSL_CLIENT_HELLO_SUCCESS;
}

static bool prepare_sessions(
		SSL *ssl, struct tlsp_record *record, const struct tlsp_terms *terms)
{
	SSL_CTX *ctx = SSL_get_SSL_CTX(ssl);
	unsigned char both[2 * TLSP_DIGEST_OCTETS];

	if(record->role != TLSP_ROLE_SERVER)
		return true;
	SSL_CTX_set_client_hello_cb(ctx, on_client_hello, NULL);
	if(SSL_CTX_get_timeout(ctx) > TLSP_SESSION_LIFETIME_S)
		SSL_CTX_set_timeout(ctx, TLSP_SESSION_LIFETIME_S);
	memcpy(both, terms->digest, TLSP_DIGEST_OCTETS);
	return tlsp_context_digest(ctx, both + TLSP_DIGEST_OCTETS)
		   && EVP_Digest(both, sizeof(both), record->session_context, NULL,
				   EVP_sha256(), NULL);
}

/* At the first handshake start: everything the policy says, onto the SSL. */
static void arm(SSL *ssl, struct tlsp_record *record)
{
	const struct tlsp_terms *terms = terms_now();

	record->role = SSL_is_server(ssl) ? TLSP_ROLE_SERVER : TLSP_ROLE_CLIENT;
	if(!terms || !prepare_sessions(ssl, record, terms)) {
		if(terms)
			refuse_for(record, "refused: no memory to arm the handshake");
		record->stage = TLSP_STAGE_REFUSED;
		SSL_set_options(ssl, all_versions_off);
		return;
	}
	record->generation = terms->generation;
	record->allow_ssl2_hello =
			tlsp_versions_allow_ssl2_hello(terms->policy->tls_version);
	SSL_set_options(ssl, SSL_OP_NO_RENEGOTIATION);
	narrow_versions(ssl, record, terms->policy->tls_version);
	ask_certificate(ssl, record, terms->policy);
	record->stage = TLSP_STAGE_ARMED;
}

/* A resumed session shows no certificate to on_verify, and the policy may have
 * changed since: judge what the session holds by the terms of now. */
static bool still_acceptable(
		SSL *ssl, struct tlsp_record *record, const struct tlsp_terms *terms)
{
	X509 *certificate = SSL_get0_peer_certificate(ssl);
	bool resumed = SSL_session_reused(ssl);
	struct tlsp_verdict verdict;
	int chain = X509_V_OK;

	if(record->judged && record->generation == terms->generation)
		return true;
	tlsp_peer_cert_read(&peer, certificate);
	if(certificate
			&& X509_cmp_current_time(X509_get0_notAfter(certificate)) <= 0)
		chain = X509_V_ERR_CERT_HAS_EXPIRED;
	if(record->judged || (resumed && record->asked))
		tlsp_peer_cert_set_chain(&peer, chain);
	tlsp_verdict_judge(
			terms->policy, terms->proxies, record->role, &peer.facts, &verdict);
	if(verdict.accepted)
		accept_as(record, &verdict);
	else
		refuse(record, &verdict);
	tlsp_peer_cert_cleanup(&peer);
	return verdict.accepted;
}

static bool version_allowed(const SSL *ssl, const struct tlsp_terms *terms)
{
	return tlsp_versions_of_wire(SSL_version(ssl))
		   & tlsp_versions_from_parameter(terms->policy->tls_version);
}

/* The last word. A refusal here comes after the peer's Finished: no alert is
 * left, but both directions are shut before a byte passes. */
static void finish(SSL *ssl, struct tlsp_record *record)
{
	const struct tlsp_terms *terms = terms_now();

	if(!terms)
		record->stage = TLSP_STAGE_REFUSED;
	else if(!version_allowed(ssl, terms))
		refuse_for(record, "refused: the policy changed and forbids the "
						   "version of this handshake");
	else if(still_acceptable(ssl, record, terms))
		record->stage = TLSP_STAGE_ACCEPTED;
	record->generation = terms ? terms->generation : 0;
	if(record->stage != TLSP_STAGE_ACCEPTED)
		SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

/* OpenSSL refuses some peers by itself: name the alert that they got. */
static void note_alert(struct tlsp_record *record, int alert)
{
	struct tlsp_verdict verdict = {.reasons = TLSP_REASON_NO_CERTIFICATE};
	char why[96];

	if(alert >> 8 != SSL3_AL_FATAL)
		return;
	if(ERR_GET_REASON(ERR_peek_last_error())
			== SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE) {
		tlsp_peer_cert_read(&peer, NULL);
		refuse(record, &verdict);
		return;
	}
	snprintf(why, sizeof(why), "refused: handshake failed, alert sent: %s",
			SSL_alert_desc_string_long(alert));
	refuse_for(record, why);
}

/* Set on the SSL, so in front of the context's own, which is called after. */
static void on_info(const SSL *const_ssl, int where, int ret)
{
	SSL *ssl = (SSL *)const_ssl;
	struct tlsp_record *record = tlsp_handshake_record(ssl);
	SSL_CTX *ctx = SSL_get_SSL_CTX(ssl);
	void (*chained)(const SSL *, int, int) =
			ctx ? SSL_CTX_get_info_callback(ctx) : NULL;

	if(record) {
		if((where & SSL_CB_HANDSHAKE_START) && record->stage == TLSP_STAGE_NEW)
			arm(ssl, record);
		else if(record->stage == TLSP_STAGE_ARMED) {
			if(where & SSL_CB_LOOP)
				keep_verification(ssl, record);
			if(where & SSL_CB_HANDSHAKE_DONE)
				finish(ssl, record);
			else if((where & SSL_CB_WRITE_ALERT) == SSL_CB_WRITE_ALERT)
				note_alert(record, ret);
		}
	}
	if(chained)
		chained(ssl, where, ret);
}

/* Inside SSL_new. Nothing else of the SSL may be touched: OpenSSL 3.5 has not
 * given it its context yet. */
static void attach_record(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx,
		long argl, void *argp)
{
	struct tlsp_record *record;

	(void)ptr, (void)argl, (void)argp;
	if(!gate->open || !gate->may_attach)
		return;
	record = OPENSSL_zalloc(sizeof(*record));
	if(!record)
		return;
	if(!CRYPTO_set_ex_data(ad, idx, record)) {
		OPENSSL_free(record);
		return;
	}
	gate->may_attach = false;
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
			|| tlsp_context_has_trust_anchors(ctx))
		return true;
	snprintf(error, error_size,
			"TLS domain %s has no trust anchors (ca_list), so %s would be "
			"refused",
			domain,
			role == TLSP_ROLE_SERVER ? "every client certificate"
									 : "every server");
	return false;
}
