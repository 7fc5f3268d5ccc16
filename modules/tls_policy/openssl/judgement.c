/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * judgement - see judgement.h.
 */
#include "judgement.h"

#include <stdio.h>
#include <string.h>

#include <openssl/err.h>

#include "policy/explain.h"
#include "policy/names/names.h"
#include "policy/versions.h"
#include "own_identity.h"
#include "openssl/certificate/peer_chain.h"

static struct tlsp_peer_cert peer; /* scratch of this process */

static void refuse(struct tlsp_record *record, const struct tlsp_verdict *why)
{
	struct tlsp_refusal *refusal = tlsp_record_refuse_for(record, why->reasons);

	record->judged = false;
	tlsp_explain_verdict(why, &peer.facts, refusal->why, sizeof(refusal->why));
}

static void accept_as(
		struct tlsp_record *record, const struct tlsp_verdict *verdict)
{
	char *text;
	size_t size;

	record->judged = true;
	record->match = verdict->match;
	record->matched = verdict->matched;
	if(!verdict->by_setting)
		return;
	text = tlsp_gate_noted(&size);
	tlsp_explain_verdict(verdict, &peer.facts, text, size);
}

/* What becomes the alert unsupported_certificate or bad_certificate. */
static int error_of(const struct tlsp_verdict *refusal)
{
	return (refusal->reasons & ~(unsigned)TLSP_REASONS_USAGE) == 0
				   ? X509_V_ERR_INVALID_PURPOSE
				   : X509_V_ERR_HOSTNAME_MISMATCH;
}

/* The server name is the one that we asked for: as client no session is offered
 * then (sessions.c), whose name SSL_get_servername(3) would give instead. */
static void read_connection(const SSL *ssl, const struct tlsp_record *record,
		const struct tlsp_terms *terms)
{
	struct tlsp_host address;
	bool known;

	if(!terms->policy->bind_to_peer)
		return;
	known = tlsp_gate_peer_address(&address);
	tlsp_names_set_connection(&peer.facts, record->role,
			SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name),
			known ? &address : NULL);
}

/* Post-handshake authentication (TLS 1.3) ends without SSL_CB_HANDSHAKE_DONE.
 * What is wrong after this, in CertificateVerify or Finished, is fatal. */
static void note_shown_again(SSL *ssl, struct tlsp_record *record)
{
	if(record->stage != TLSP_STAGE_ACCEPTED || !SSL_in_init(ssl)
			|| SSL_version(ssl) < TLS1_3_VERSION)
		return;
	record->resumed = false;
	record->handshakes++;
}

int tlsp_judgement_on_verify(int ok, X509_STORE_CTX *store)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(
			store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct tlsp_record *record = tlsp_record_of(ssl);
	const struct tlsp_terms *terms = tlsp_gate_terms();
	struct tlsp_verdict verdict;

	if(!record || !terms || record->stage == TLSP_STAGE_REFUSED)
		return 0;
	if(tlsp_peer_chain_goes_on(ok, store, terms->policy, record->role))
		return 1;
	tlsp_peer_cert_read(&peer, X509_STORE_CTX_get0_cert(store));
	tlsp_peer_chain_read(&peer, ok, store, record->role);
	read_connection(ssl, record, terms);
	tlsp_verdict_judge(
			terms->policy, terms->proxies, record->role, &peer.facts, &verdict);
	record->generation = terms->generation;
	if(ok && verdict.accepted) {
		accept_as(record, &verdict);
		note_shown_again(ssl, record);
	} else {
		refuse(record, &verdict);
	}
	tlsp_peer_cert_cleanup(&peer);
	/* Of what is malformed OpenSSL knows nothing but that it has no issuer. */
	if(!verdict.accepted && (ok || (verdict.reasons & TLSP_REASON_MALFORMED)))
		X509_STORE_CTX_set_error(store, error_of(&verdict));
	return ok && verdict.accepted;
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
	if(chain == X509_V_ERR_CERT_HAS_EXPIRED)
		tlsp_peer_chain_set_date(&peer, X509_get0_notAfter(certificate));
	tlsp_peer_chain_read_again(&peer, ssl);
	read_connection(ssl, record, terms);
	/* A session resumes only under the policy that judged its chain. */
	peer.facts.usage.vouched =
			resumed && record->generation == terms->generation;
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

static void accept(SSL *ssl, struct tlsp_record *record)
{
	record->stage = TLSP_STAGE_ACCEPTED;
	record->resumed = record->handshakes == 0 && SSL_session_reused(ssl);
	if(record->handshakes++ == 0)
		tlsp_gate_accepted();
}

void tlsp_judgement_finish(SSL *ssl, struct tlsp_record *record)
{
	const struct tlsp_terms *terms = tlsp_gate_terms();

	if(!terms)
		record->stage = TLSP_STAGE_REFUSED;
	else if(!version_allowed(ssl, terms))
		tlsp_record_refuse(record,
				"the policy changed and forbids the version of this "
				"handshake");
	else if(tlsp_own_identity_missed(record))
		tlsp_record_refuse(record,
				"tls.cfg was loaded anew in the middle of this handshake");
	else if(still_acceptable(ssl, record, terms))
		accept(ssl, record);
	record->generation = terms ? terms->generation : 0;
	if(record->stage != TLSP_STAGE_ACCEPTED)
		SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

/* As ssl_verify_cert_chain of OpenSSL does it in a handshake: purpose by role,
 * then what was set on the SSL; the verdict comes by the same callback. */
static bool verify_again(SSL *ssl, X509 *certificate, X509_STORE *anchors)
{
	X509_STORE_CTX *store = X509_STORE_CTX_new();
	bool verified = false;

	if(store
			&& X509_STORE_CTX_init(
					store, anchors, certificate, SSL_get_peer_cert_chain(ssl))
			&& X509_STORE_CTX_set_ex_data(
					store, SSL_get_ex_data_X509_STORE_CTX_idx(), ssl)
			&& X509_STORE_CTX_set_default(
					store, SSL_is_server(ssl) ? "ssl_client" : "ssl_server")) {
		X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(store);

		X509_VERIFY_PARAM_set_auth_level(param, SSL_get_security_level(ssl));
		X509_STORE_CTX_set_verify_cb(store, tlsp_judgement_on_verify);
		verified = X509_VERIFY_PARAM_set1(param, SSL_get0_param(ssl))
				   && X509_verify_cert(store) == 1;
	}
	X509_STORE_CTX_free(store);
	return verified;
}

bool tlsp_judgement_trust(SSL *ssl, SSL_CTX *trust)
{
	const struct tlsp_terms *terms = tlsp_gate_terms();
	X509_STORE *anchors =
			terms ? tlsp_own_identity_anchors(trust, terms) : NULL;

	return anchors && SSL_set1_verify_cert_store(ssl, anchors) == 1;
}

bool tlsp_judgement_must_wait(const SSL *ssl, const struct tlsp_record *record)
{
	return record->renegotiation == TLSP_RENEGOTIATION_RUNNING
		   || SSL_in_init(ssl);
}

bool tlsp_judgement_again(SSL *ssl, struct tlsp_record *record, SSL_CTX *trust)
{
	const struct tlsp_terms *terms = tlsp_gate_terms();
	X509 *certificate = SSL_get0_peer_certificate(ssl);
	bool accepted;

	if(!terms)
		return true; /* nothing in force to judge by: as it was */
	if(tlsp_judgement_must_wait(ssl, record))
		return true;
	if(!version_allowed(ssl, terms)) {
		tlsp_record_refuse(
				record, "the policy forbids the version of this connection");
		return false;
	}
	record->judged = false;
	ERR_set_mark();
	if(certificate && !record->resumed
			&& tlsp_verdict_asks_certificate(terms->policy, record->role))
		accepted = verify_again(ssl, certificate,
						   tlsp_own_identity_anchors(trust, terms))
				   && record->judged;
	else
		accepted = still_acceptable(ssl, record, terms);
	ERR_pop_to_mark();
	if(!accepted && record->stage != TLSP_STAGE_REFUSED)
		tlsp_record_refuse(record, "the chain cannot be verified");
	record->generation = terms->generation;
	return accepted;
}

void tlsp_judgement_note_alert(struct tlsp_record *record, int alert)
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
	snprintf(why, sizeof(why), "alert sent: %s",
			SSL_alert_desc_string_long(alert));
	tlsp_record_refuse(record, why);
}
