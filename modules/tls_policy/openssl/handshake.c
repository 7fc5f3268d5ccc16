/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * handshake - see handshake.h. The order on one SSL: its record (SSL_new), arm
 * (first handshake start), on_client_hello (server), on_step (after every
 * step: the tls module's SNI callback resets the verification), the verify
 * callback (certificate) and the last word (handshake done) of judgement.
 * Nothing here logs or blocks.
 */
#include "handshake.h"

#include "judgement.h"
#include "offered_versions.h"
#include "own_identity.h"
#include "policy/versions.h"
#include "rehandshake.h"
#include "server_name.h"
#include "rule.h"
#include "sessions.h"
#include "tickets.h"
#include "tls_context.h"
#include "verification.h"

/* Why a ClientHello is refused, and by which alert. */
static int refuse_hello(
		struct tlsp_record *record, int *alert, int with, const char *why)
{
	tlsp_record_refuse_always(record, why);
	*alert = with;
	return SSL_CLIENT_HELLO_ERROR;
}

static void arm_enforced(
		SSL *ssl, struct tlsp_record *record, const struct tlsp_policy *policy)
{
	tlsp_rehandshake_forbid(ssl);
	tlsp_offered_versions_narrow(ssl, record, policy->tls_version);
	tlsp_verification_ask(ssl, record, policy);
	record->no_tickets = tlsp_rehandshake_forbids_tickets(policy);
	if(record->role == TLSP_ROLE_SERVER)
		tlsp_tickets_arm(ssl, record,
				(enum tlsp_session_tickets)policy->session_tickets);
}

/* As server, at the first ClientHello: everything that its rule says, onto the
 * SSL; in testing nothing, and the certificate is asked for later. */
static bool arm_server(
		SSL *ssl, struct tlsp_record *record, const struct tlsp_terms *terms)
{
	record->armed = record->generation = terms->generation;
	record->enforcement = (enum tlsp_enforcement)terms->policy->enforcement;
	if(!tlsp_record_is_enforced(record))
		return true;
	arm_enforced(ssl, record, terms->policy);
	return tlsp_own_identity_arm(ssl, record, terms);
}

/* Why the SSL cannot go on under |terms| in |context|, which its server name
 * chooses; NULL if it can. */
static const char *greet(SSL *ssl, struct tlsp_record *record, SSL_CTX *context,
		const struct tlsp_terms *terms)
{
	if(record->handshakes == 0 && record->armed == 0
			&& !arm_server(ssl, record, terms))
		return "our own certificate cannot be used";
	tlsp_tickets_bind(record, context);
	if(record->enforcement == TLSP_ENFORCE_NONE)
		return NULL;
	if(!tlsp_sessions_bind(ssl, record, context, terms))
		return "no memory for a session id context";
	tlsp_own_identity_prepare(record, context);
	record->between = record->handshakes > 0;
	return NULL;
}

/* A tls.reload may have left the domain of |context|, which the server name
 * chooses, without any: the SSL keeps the versions of the one that it was made
 * in. */
static bool leaves_version(const struct tlsp_record *record, SSL_CTX *context,
		const struct tlsp_policy *policy)
{
	return record->handshakes > 0 || !tlsp_record_is_enforced(record)
		   || (tlsp_versions_from_parameter(policy->tls_version)
				   & tlsp_versions_of_range(
						   (int)SSL_CTX_get_min_proto_version(context),
						   (int)SSL_CTX_get_max_proto_version(context)));
}

static bool is_too_old(SSL *ssl, const struct tlsp_terms *terms)
{
	return SSL_client_hello_isv2(ssl)
		   && terms->policy->enforcement == TLSP_ENFORCE
		   && !tlsp_versions_allow_ssl2_hello(terms->policy->tls_version);
}

/* SSL_CTX_set_client_hello_cb(3); on a context that unguarded SSLs may use
 * too. Called again for the ClientHello after a HelloRetryRequest, whose server
 * name must be the same (RFC 8446, 4.1.2), and in a renegotiation, where
 * another would be another peer's. */
static int on_client_hello(SSL *ssl, int *alert, void *unused)
{
	struct tlsp_record *record = tlsp_record_of(ssl);
	const struct tlsp_terms *terms;
	char name[TLSP_SERVER_NAME_OCTETS];
	const char *why;
	SSL_CTX *context;

	(void)unused;
	if(!record)
		return SSL_CLIENT_HELLO_SUCCESS;
	if(!tlsp_server_name_read(ssl, name))
		return refuse_hello(record, alert, SSL_AD_ILLEGAL_PARAMETER,
				"a server_name with octets that no host has");
	terms = tlsp_rule_choose(record, name);
	if(!terms)
		return refuse_hello(
				record, alert, SSL_AD_INTERNAL_ERROR, "no policy is in force");
	if(is_too_old(ssl, terms))
		return refuse_hello(record, alert, SSL_AD_PROTOCOL_VERSION,
				"ClientHello in the format of SSL 2.0");
	if(!tlsp_server_name_note(record, name))
		return refuse_hello(record, alert, SSL_AD_ILLEGAL_PARAMETER,
				"another server_name than in the first ClientHello");
	context = tlsp_gate_context_for(ssl, name[0] ? name : NULL);
	why = greet(ssl, record, context, terms);
	if(!why && !leaves_version(record, context, terms->policy))
		return refuse_hello(record, alert, SSL_AD_PROTOCOL_VERSION,
				"the policy and the TLS domain of this server_name have no "
				"version in common");
	return why ? refuse_hello(record, alert, SSL_AD_INTERNAL_ERROR, why)
			   : SSL_CLIENT_HELLO_SUCCESS;
}

/* On whatever context the SSL has come to. */
static void hook_context(SSL *ssl, struct tlsp_record *record)
{
	SSL_CTX *context = SSL_get_SSL_CTX(ssl);

	if(record->role != TLSP_ROLE_SERVER || record->hooked == context)
		return;
	SSL_CTX_set_client_hello_cb(context, on_client_hello, NULL);
	record->hooked = context;
}

/* As client the rule is known before the ClientHello is made. */
static bool arm_client(
		SSL *ssl, struct tlsp_record *record, const struct tlsp_terms *terms)
{
	bool enforced = tlsp_record_is_enforced(record);

	record->armed = record->generation = terms->generation;
	if(!(enforced ? tlsp_sessions_arm(ssl, record, terms)
				  : tlsp_sessions_begin(ssl, record, terms)))
		return false;
	tlsp_rule_refer(record, terms);
	if(!enforced)
		return true;
	if(!tlsp_own_identity_arm(ssl, record, terms))
		return false;
	arm_enforced(ssl, record, terms->policy);
	return true;
}

/* At the first handshake start; as server the ClientHello decides about the
 * rest, and until then it is that rule which is for the addresses alone. */
static void arm(SSL *ssl, struct tlsp_record *record)
{
	const struct tlsp_terms *terms;
	bool armed;

	record->role = SSL_is_server(ssl) ? TLSP_ROLE_SERVER : TLSP_ROLE_CLIENT;
	hook_context(ssl, record);
	terms = tlsp_rule_terms(record);
	if(!terms) {
		record->stage = TLSP_STAGE_REFUSED;
		tlsp_offered_versions_forbid_all(ssl);
		return;
	}
	record->enforcement = (enum tlsp_enforcement)terms->policy->enforcement;
	armed = record->role == TLSP_ROLE_SERVER
					? tlsp_sessions_arm(ssl, record, terms)
					: arm_client(ssl, record, terms);
	record->stage = TLSP_STAGE_ARMED;
	if(armed)
		return;
	tlsp_record_refuse_always(record,
			"no memory to arm the handshake, or our own certificate cannot be "
			"used");
	tlsp_offered_versions_forbid_all(ssl);
}

/* Is a later handshake on |record| ours to decide about? One that was begun
 * under a rule that is enforced ends so. */
static bool decides(const struct tlsp_record *record)
{
	return tlsp_record_is_enforced(record)
		   || record->renegotiation != TLSP_RENEGOTIATION_NONE
		   || record->authentication == TLSP_AUTHENTICATION_ASKED;
}

static void on_start(SSL *ssl, struct tlsp_record *record)
{
	if(record->stage == TLSP_STAGE_NEW)
		arm(ssl, record);
	else if(record->stage == TLSP_STAGE_ACCEPTED && decides(record))
		tlsp_rehandshake_begin(ssl, record);
}

/* Is |record| in a handshake that tlsp_verification_keep and alerts belong to? */
static bool in_handshake(const struct tlsp_record *record)
{
	return record->stage == TLSP_STAGE_ARMED
		   || (record->stage == TLSP_STAGE_ACCEPTED
				   && (record->renegotiation == TLSP_RENEGOTIATION_RUNNING
						   || record->authentication
									  == TLSP_AUTHENTICATION_ASKED));
}

static void on_done(SSL *ssl, struct tlsp_record *record)
{
	if(record->stage == TLSP_STAGE_ARMED)
		tlsp_judgement_finish(ssl, record);
	else if(record->stage == TLSP_STAGE_ACCEPTED && decides(record))
		tlsp_rehandshake_end(ssl, record);
}

/* After every step of a handshake. The version is known before ServerHello
 * promises a ticket. Post-handshake authentication ends without
 * SSL_CB_HANDSHAKE_DONE: this is the step behind the peer's Finished. */
static void on_step(SSL *ssl, struct tlsp_record *record)
{
	OSSL_HANDSHAKE_STATE state = SSL_get_state(ssl);

	hook_context(ssl, record);
	if(record->enforcement == TLSP_ENFORCE_TESTING)
		tlsp_verification_request(ssl);
	else if(tlsp_record_is_enforced(record))
		tlsp_verification_keep(ssl, record);
	if(record->no_tickets && state == TLS_ST_SR_CLNT_HELLO
			&& SSL_version(ssl) <= TLS1_2_VERSION)
		SSL_set_options(ssl, SSL_OP_NO_TICKET);
	if(record->authentication == TLSP_AUTHENTICATION_ASKED
			&& state == TLS_ST_SR_FINISHED)
		tlsp_rehandshake_authenticated(ssl, record);
}

/* Set on the SSL, so in front of the context's own, which is called after; but
 * the tls module's takes every later handshake start for an attack
 * (CVE-2009-3555) and cuts the connection, so where we decide it hears of the
 * first only. */
static void on_info(const SSL *const_ssl, int where, int ret)
{
	SSL *ssl = (SSL *)const_ssl;
	struct tlsp_record *record = tlsp_record_of(ssl);
	SSL_CTX *ctx = SSL_get_SSL_CTX(ssl);
	void (*chained)(const SSL *, int, int) =
			ctx ? SSL_CTX_get_info_callback(ctx) : NULL;
	bool first = !record || record->handshakes == 0 || !decides(record);

	if(record && (where & SSL_CB_ALERT) && ret >> 8 == SSL3_AL_FATAL)
		tlsp_tickets_forget(ssl, record);
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
				&& !record->peer_declined
				&& record->enforcement != TLSP_ENFORCE_NONE)
			tlsp_judgement_note_alert(record, ret);
	} else if(record && record->stage == TLSP_STAGE_ACCEPTED
			  && (where & SSL_CB_LOOP)) {
		tlsp_rehandshake_heard(record);
	}
	if(chained && (first || !(where & SSL_CB_HANDSHAKE_START)))
		chained(ssl, where, ret);
}

bool tlsp_handshake_init(struct tlsp_gate *process_gate)
{
	tlsp_gate_set(process_gate);
	tlsp_verification_init(tlsp_judgement_on_verify);
	return tlsp_sessions_init(tlsp_judgement_of_leaf)
		   && tlsp_record_init(on_info) && tlsp_tls_context_init()
		   && tlsp_own_identity_init();
}
