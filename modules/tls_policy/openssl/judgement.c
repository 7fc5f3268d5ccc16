/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * judgement - see judgement.h.
 */
#include "judgement.h"

#include <stdio.h>
#include <string.h>

#include <openssl/err.h>

#include "openssl/certificate/peer_chain.h"
#include "own_identity.h"
#include "peer_identity.h"
#include "peer_names.h"
#include "policy/explain.h"
#include "policy/names/names.h"
#include "policy/rehandshake/plan.h"
#include "policy/verdict.h"
#include "policy/versions.h"
#include "reverse.h"
#include "rule.h"
#include "sessions.h"
#include "shown.h"

static struct tlsp_peer_cert peer; /* scratch of this process */

static void explain(
		struct tlsp_refusal *refusal, const struct tlsp_verdict *why)
{
	size_t size;
	char *text = tlsp_record_refusal_text(refusal, &size);

	tlsp_explain_verdict(why, &peer.facts, text, size);
}

static void refuse(struct tlsp_record *record, const struct tlsp_verdict *why)
{
	record->judged = false;
	explain(tlsp_record_refuse_for(record, why->reasons), why);
}

/* What becomes the alert unsupported_certificate or bad_certificate. */
static int error_of(const struct tlsp_verdict *refusal)
{
	return (refusal->reasons & ~(unsigned)TLSP_REASONS_USAGE) == 0
				   ? X509_V_ERR_INVALID_PURPOSE
				   : X509_V_ERR_HOSTNAME_MISMATCH;
}

/* As client the server name is the one that we asked for: a session of another
 * name, which SSL_get_servername(3) would give instead, is not offered. */
static void read_connection(const SSL *ssl, const struct tlsp_record *record,
		const struct tlsp_terms *terms)
{
	tlsp_gate_names_connection(&peer.facts, terms->policy, record->role,
			SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name));
}

/* By the facts in |peer|. A peer that was accepted on this connection stays who
 * it was; true if it is accepted, and then |out| says as what. */
static bool decide(struct tlsp_record *record, const struct tlsp_terms *terms,
		X509 *certificate, struct tlsp_verdict *verdict,
		struct tlsp_accepted *out)
{
	if(record->handshakes > 0)
		tlsp_peer_identity_keep(&peer.facts, &record->accepted);
	tlsp_verdict_judge(
			terms->policy, terms->proxies, record->role, &peer.facts, verdict);
	record->generation = terms->generation;
	if(!verdict->accepted
			|| !tlsp_peer_identity_read(out, verdict, &peer.facts, certificate))
		return false;
	if(record->handshakes == 0
			|| tlsp_peer_identity_is_same(&record->accepted, out))
		return true;
	verdict->accepted = false;
	verdict->reasons = TLSP_REASON_IDENTITY_CHANGED;
	verdict->match = TLSP_MATCH_NONE;
	return false;
}

/* Without memory for a digest the verdict has no reason of its own.
 * |identity_alone|: see peer_names.h. Returns whether the peer is accepted. */
static bool consequences(struct tlsp_record *record,
		const struct tlsp_terms *terms, const struct tlsp_verdict *verdict,
		bool accepted, bool identity_alone)
{
	char *text;
	size_t size;

	if(accepted)
		accepted = tlsp_peer_names_note(
				record, terms, &peer.facts, identity_alone);
	record->judged = accepted;
	if(!accepted && verdict->accepted) {
		tlsp_record_refuse(record, "no memory to judge the peer");
	} else if(!accepted) {
		refuse(record, verdict);
	} else if(verdict->by_setting) {
		text = tlsp_gate_noted(&size);
		tlsp_explain_verdict(verdict, &peer.facts, text, size);
	}
	return accepted;
}

/* By this judgement, or by an earlier one for good. */
static bool is_refused(const struct tlsp_record *record)
{
	return record->stage == TLSP_STAGE_REFUSED
		   || record->standing == TLSP_STANDING_WOULD_BE_REFUSED;
}

int tlsp_judgement_on_verify(int ok, X509_STORE_CTX *store)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(
			store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct tlsp_record *record = tlsp_record_of(ssl);
	const struct tlsp_terms *terms = tlsp_rule_terms(record);
	X509 *certificate = X509_STORE_CTX_get0_cert(store);
	struct tlsp_verdict verdict;
	bool accepted;

	if(!record || !terms || is_refused(record))
		return 0;
	record->named_as_server = 0;
	if(tlsp_peer_chain_goes_on(ok, store, terms->policy, record->role))
		return 1;
	tlsp_peer_cert_read(&peer, certificate);
	tlsp_peer_chain_read(&peer, ok, store, record->role);
	if(ok)
		tlsp_reverse_note_names(record, &peer.facts);
	read_connection(ssl, record, terms);
	accepted =
			decide(record, terms, certificate, &verdict, &record->shown) && ok;
	if(!ok && verdict.accepted)
		tlsp_record_refuse(record, "the chain does not verify, and the policy "
								   "of now would not have asked for it");
	else
		accepted = consequences(record, terms, &verdict, accepted, false);
	tlsp_peer_cert_cleanup(&peer);
	/* Of what is malformed OpenSSL knows nothing but that it has no issuer. */
	if(!accepted && (ok || (verdict.reasons & TLSP_REASON_MALFORMED)))
		X509_STORE_CTX_set_error(store, error_of(&verdict));
	return accepted;
}

/* The end entity alone; |verified|: its chain was, at its time. */
static void read_leaf(SSL *ssl, const struct tlsp_record *record,
		const struct tlsp_terms *terms, X509 *leaf, bool verified)
{
	int chain = X509_V_OK;

	tlsp_peer_cert_read(&peer, leaf);
	if(leaf && X509_cmp_current_time(X509_get0_notAfter(leaf)) <= 0)
		chain = X509_V_ERR_CERT_HAS_EXPIRED;
	if(verified)
		tlsp_peer_cert_set_chain(&peer, chain);
	if(verified && chain != X509_V_OK)
		tlsp_peer_chain_set_date(&peer, X509_get0_notAfter(leaf));
	peer.facts.usage.vouched = verified;
	read_connection(ssl, record, terms);
}

/* What the end entity alone says of a peer whose chain was verified before. */
enum leaf
{
	LEAF_REFUSED,
	LEAF_ACCEPTED,
	LEAF_ANOTHER, /* acceptable, but not as the same peer */
	LEAF_UNKNOWN  /* no name was judged before, and whether the chain lets this
					 one pass (name constraints) is not known */
};

/* Another name of the certificate may have become a proxy since: then the one
 * of |evidence| is looked for. */
static enum leaf decide_as(struct tlsp_record *record,
		const struct tlsp_terms *terms, X509 *leaf,
		const struct tlsp_evidence *evidence, struct tlsp_verdict *verdict)
{
	struct tlsp_accepted *out = &record->shown;

	if(!decide(record, terms, leaf, verdict, out))
		return LEAF_REFUSED;
	if(out->match == TLSP_MATCH_NONE
			|| (record->handshakes > 0
					&& record->accepted.match != TLSP_MATCH_NONE))
		return LEAF_ACCEPTED;
	if(!evidence->named)
		return evidence->constrained ? LEAF_UNKNOWN : LEAF_ACCEPTED;
	if(tlsp_digest_equal(&out->identity, &evidence->identity))
		return LEAF_ACCEPTED;
	if(!tlsp_peer_identity_find(&peer.facts, &evidence->identity))
		return LEAF_ANOTHER;
	return decide(record, terms, leaf, verdict, out) ? LEAF_ACCEPTED
													 : LEAF_REFUSED;
}

bool tlsp_judgement_of_leaf(struct tlsp_record *record, X509 *leaf,
		const struct tlsp_evidence *evidence)
{
	const struct tlsp_terms *terms = tlsp_rule_terms(record);
	struct tlsp_verdict verdict;
	bool accepted;

	if(!terms)
		return false;
	ERR_set_mark();
	read_leaf(record->ssl, record, terms, leaf, evidence != NULL);
	accepted = evidence ? decide_as(record, terms, leaf, evidence, &verdict)
								  == LEAF_ACCEPTED
						: decide(record, terms, leaf, &verdict, &record->shown);
	tlsp_peer_cert_cleanup(&peer);
	ERR_pop_to_mark();
	return accepted;
}

static bool version_allowed(const SSL *ssl, const struct tlsp_terms *terms)
{
	return tlsp_versions_of_wire(SSL_version(ssl))
		   & tlsp_versions_from_parameter(terms->policy->tls_version);
}

/* As ssl_verify_cert_chain of OpenSSL does it in a handshake that began now: purpose
 * by role, then what is set in |context|, of which the SSL has what was set when it
 * was made; the verdict comes by the same callback. */
static bool verify_again(
		SSL *ssl, X509 *certificate, SSL_CTX *context, X509_STORE *anchors)
{
	X509_STORE_CTX *store = X509_STORE_CTX_new();
	bool verified = false;

	if(store && anchors
			&& X509_STORE_CTX_init(
					store, anchors, certificate, SSL_get_peer_cert_chain(ssl))
			&& X509_STORE_CTX_set_ex_data(
					store, SSL_get_ex_data_X509_STORE_CTX_idx(), ssl)
			&& X509_STORE_CTX_set_default(
					store, SSL_is_server(ssl) ? "ssl_client" : "ssl_server")) {
		X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(store);

		X509_VERIFY_PARAM_set_auth_level(
				param, SSL_CTX_get_security_level(context));
		X509_STORE_CTX_set_verify_cb(store, tlsp_judgement_on_verify);
		verified = X509_VERIFY_PARAM_set1(param, SSL_CTX_get0_param(context))
				   && X509_verify_cert(store) == 1;
	}
	X509_STORE_CTX_free(store);
	return verified;
}

/* The chain, or what there is of it, by the trust anchors of now. */
static bool judge_whole(
		SSL *ssl, struct tlsp_record *record, const struct tlsp_terms *terms)
{
	X509 *certificate = SSL_get0_peer_certificate(ssl);
	SSL_CTX *context = tlsp_gate_context_now(ssl);
	struct tlsp_verdict verdict;
	bool accepted;

	record->judged = false;
	ERR_set_mark();
	if(certificate
			&& tlsp_verdict_asks_certificate(terms->policy, record->role)) {
		accepted = verify_again(ssl, certificate, context,
						   tlsp_own_identity_anchors(context, terms))
				   && record->judged;
	} else {
		read_leaf(ssl, record, terms, certificate, false);
		accepted = decide(record, terms, certificate, &verdict, &record->shown);
		accepted = consequences(record, terms, &verdict, accepted, false);
		tlsp_peer_cert_cleanup(&peer);
	}
	ERR_pop_to_mark();
	/* It is known of the chain that was built now; reverse.c takes it for that of
	 * the handshake. */
	record->named_as_server = 0;
	if(!accepted && !is_refused(record))
		tlsp_record_refuse(record, "the chain cannot be verified");
	return accepted;
}

static enum tlsp_again judge_resumed(
		SSL *ssl, struct tlsp_record *record, const struct tlsp_terms *terms)
{
	X509 *leaf = SSL_get0_peer_certificate(ssl);
	struct tlsp_verdict verdict;
	enum leaf result;

	ERR_set_mark();
	read_leaf(ssl, record, terms, leaf, true);
	result = decide_as(record, terms, leaf, &record->evidence, &verdict);
	if(result == LEAF_ANOTHER) {
		verdict.accepted = false;
		verdict.reasons = TLSP_REASON_IDENTITY_CHANGED;
	}
	if(result != LEAF_UNKNOWN
			&& !consequences(record, terms, &verdict, result == LEAF_ACCEPTED,
					record->evidence.constrained))
		result = LEAF_REFUSED;
	tlsp_peer_cert_cleanup(&peer);
	ERR_pop_to_mark();
	if(result == LEAF_UNKNOWN)
		return TLSP_AGAIN_UNVERIFIABLE;
	return result == LEAF_ACCEPTED ? TLSP_AGAIN_ACCEPTED : TLSP_AGAIN_REFUSED;
}

/* A first handshake. What the verify callback judged holds, unless policy or
 * tls.cfg have changed since. */
static bool finish_first(
		SSL *ssl, struct tlsp_record *record, const struct tlsp_terms *terms)
{
	enum tlsp_again result = TLSP_AGAIN_UNVERIFIABLE;

	if(!record->resumed)
		return (record->judged && record->armed == terms->generation
					   && record->generation == terms->generation
					   && !tlsp_gate_changed(ssl))
			   || judge_whole(ssl, record, terms);
	if(record->tickets != TLSP_TICKETS_OFF
			&& tlsp_evidence_get(SSL_get_session(ssl), &record->evidence)
			&& tlsp_sessions_hold(record, &record->evidence, &record->chain)
			&& tlsp_sessions_chain_holds(&record->evidence.chain, ssl, terms))
		result = judge_resumed(ssl, record, terms);
	if(result == TLSP_AGAIN_UNVERIFIABLE && tlsp_record_is_enforced(record))
		tlsp_record_refuse(
				record, "the session has no evidence that holds now");
	return result == TLSP_AGAIN_ACCEPTED;
}

static bool last_word(
		SSL *ssl, struct tlsp_record *record, const struct tlsp_terms *terms)
{
	if(!record->greeted) {
		tlsp_record_refuse_always(record, "no ClientHello was seen");
		return false;
	}
	if(!version_allowed(ssl, terms)) {
		tlsp_record_refuse(record,
				tlsp_record_is_enforced(record)
						? "the policy changed and forbids the version of this "
						  "handshake"
						: "the policy forbids the version of this connection");
		return false;
	}
	if(tlsp_own_identity_missed(record)) {
		tlsp_record_refuse(record,
				"tls.cfg was loaded anew in the middle of this handshake");
		return false;
	}
	return record->handshakes == 0 ? finish_first(ssl, record, terms)
								   : judge_whole(ssl, record, terms);
}

/* By the rule of now, whatever the handshake began with. */
static void begin(struct tlsp_record *record, const struct tlsp_terms *terms)
{
	record->enforcement = (enum tlsp_enforcement)terms->policy->enforcement;
	record->interval_ms = tlsp_rehandshake_plan_interval_ms(terms->policy);
	snprintf(record->rule_name, sizeof(record->rule_name), "%s", terms->rule);
	tlsp_rule_refer(record, terms);
	record->standing = TLSP_STANDING_NOT_JUDGED;
	record->as_server.accepted = false;
	if(record->stage != TLSP_STAGE_REFUSED)
		record->reasons = 0;
}

/* What tls.cfg alone asks for is nobody's word here. */
static enum tlsp_standing standing_of(
		const struct tlsp_record *record, const struct tlsp_terms *terms)
{
	return !tlsp_verdict_asks_certificate(terms->policy, record->role)
						   || (record->unasked && !record->shown.certificate)
				   ? TLSP_STANDING_NOT_ASKED
				   : TLSP_STANDING_ACCEPTED;
}

/* Who was accepted once stays so; one that showed nothing becomes who it
 * shows. */
static void note_accepted(SSL *ssl, struct tlsp_record *record)
{
	record->stage = TLSP_STAGE_ACCEPTED;
	tlsp_peer_names_accept(record);
	if(record->handshakes == 0
			|| (record->accepted.match == TLSP_MATCH_NONE
					&& record->shown.certificate))
		record->accepted = record->shown;
	if(record->handshakes++ > 0)
		record->resumed = false;
	else if(record->standing == TLSP_STANDING_ACCEPTED
			|| record->standing == TLSP_STANDING_NOT_ASKED)
		tlsp_gate_accepted(record->rule);
	tlsp_reverse_judge(ssl, record, false);
}

/* As server nobody may have asked the peer for a certificate. */
static void note_request(SSL *ssl, struct tlsp_record *record)
{
	record->unasked = record->role == TLSP_ROLE_SERVER
					  && !(SSL_get_verify_mode(ssl) & SSL_VERIFY_PEER);
}

/* True if the peer is accepted, or nobody is refused. */
static bool finish(
		SSL *ssl, struct tlsp_record *record, const struct tlsp_terms *terms)
{
	bool accepted;

	begin(record, terms);
	note_request(ssl, record);
	if(!record->judged)
		memset(&record->shown, 0, sizeof(record->shown));
	if(record->handshakes == 0)
		record->resumed = SSL_session_reused(ssl);
	if(record->enforcement == TLSP_ENFORCE_NONE)
		return record->greeted && record->stage != TLSP_STAGE_REFUSED;
	accepted = last_word(ssl, record, terms);
	if(accepted)
		record->standing = standing_of(record, terms);
	else
		tlsp_peer_names_forget(record);
	if(accepted && !tlsp_sessions_note(ssl, record))
		tlsp_record_refuse(record, "no memory for what a session carries");
	return record->stage != TLSP_STAGE_REFUSED;
}

void tlsp_judgement_finish(SSL *ssl, struct tlsp_record *record)
{
	const struct tlsp_terms *terms = tlsp_rule_terms(record);

	if(terms && finish(ssl, record, terms)) {
		note_accepted(ssl, record);
		tlsp_shown_tell(ssl, record);
	} else
		record->stage = TLSP_STAGE_REFUSED;
	record->generation = terms ? terms->generation : 0;
	if(record->stage != TLSP_STAGE_ACCEPTED)
		SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

static bool must_wait(const struct tlsp_record *record)
{
	return record->between
		   || record->authentication == TLSP_AUTHENTICATION_ASKED;
}

static bool is_unasked(SSL *ssl, const struct tlsp_record *record,
		const struct tlsp_terms *terms)
{
	return record->unasked && !SSL_get0_peer_certificate(ssl)
		   && tlsp_verdict_requires_certificate(terms->policy, record->role);
}

static enum tlsp_again judge_again(
		SSL *ssl, struct tlsp_record *record, const struct tlsp_terms *terms)
{
	if(!version_allowed(ssl, terms)) {
		tlsp_record_refuse(
				record, "the policy forbids the version of this connection");
		return TLSP_AGAIN_REFUSED;
	}
	if(is_unasked(ssl, record, terms))
		return TLSP_AGAIN_UNASKED;
	if(!record->resumed || SSL_get_peer_cert_chain(ssl))
		return judge_whole(ssl, record, terms) ? TLSP_AGAIN_ACCEPTED
											   : TLSP_AGAIN_REFUSED;
	return tlsp_sessions_chain_holds(&record->evidence.chain, ssl, terms)
				   ? judge_resumed(ssl, record, terms)
				   : TLSP_AGAIN_UNVERIFIABLE;
}

static void conclude(SSL *ssl, struct tlsp_record *record,
		const struct tlsp_terms *terms, enum tlsp_again result)
{
	if(result == TLSP_AGAIN_UNASKED)
		record->standing = TLSP_STANDING_NOT_ASKED;
	if(result == TLSP_AGAIN_ACCEPTED) {
		record->standing = standing_of(record, terms);
		tlsp_peer_names_accept(record);
		if(record->accepted.match == TLSP_MATCH_NONE)
			record->accepted = record->shown;
		tlsp_reverse_judge(ssl, record, true);
	}
}

enum tlsp_again tlsp_judgement_again(SSL *ssl, struct tlsp_record *record)
{
	const struct tlsp_terms *terms = tlsp_rule_terms(record);
	enum tlsp_again result = TLSP_AGAIN_ACCEPTED;

	if(!terms)
		return result; /* nothing in force: as it was */
	if(must_wait(record))
		return TLSP_AGAIN_WAIT;
	begin(record, terms);
	record->generation = terms->generation;
	if(record->enforcement == TLSP_ENFORCE_NONE)
		return result;
	result = judge_again(ssl, record, terms);
	conclude(ssl, record, terms, result);
	return tlsp_record_is_enforced(record) ? result : TLSP_AGAIN_ACCEPTED;
}

enum tlsp_again tlsp_judgement_try(SSL *ssl, struct tlsp_record *record)
{
	struct tlsp_record before = *record;
	enum tlsp_again result;

	record->vouched_shown = record->vouched = NULL; /* those stay */
	result = tlsp_judgement_again(ssl, record);
	tlsp_peer_names_free(record->vouched_shown);
	tlsp_peer_names_free(record->vouched);
	*record = before;
	return result;
}

void tlsp_judgement_renew(SSL *ssl, struct tlsp_record *record)
{
	const struct tlsp_terms *terms = tlsp_rule_terms(record);
	uint64_t trust = tlsp_gate_client_trust(record->role);

	if(!terms || !tlsp_reverse_is_stale(&record->as_server, terms, trust)
			|| must_wait(record))
		return;
	if(tlsp_judgement_try(ssl, record) == TLSP_AGAIN_ACCEPTED)
		tlsp_judgement_again(ssl, record);
	else
		record->as_server.accepted = false;
	record->as_server.generation = (unsigned)terms->generation;
	record->as_server.trust = tlsp_gate_trust_moved(record->role) ? 0 : trust;
	tlsp_gate_forget();
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
		explain(tlsp_record_refused_by_tls(record, verdict.reasons), &verdict);
		return;
	}
	snprintf(why, sizeof(why), "alert sent: %s",
			SSL_alert_desc_string_long(alert));
	tlsp_record_refuse_always(record, why);
}
