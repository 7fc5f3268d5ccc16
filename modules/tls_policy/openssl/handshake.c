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
#include "sessions.h"
#include "tls_context.h"
#include "verification.h"

/* SSL_CTX_set_client_hello_cb(3); on a context that unguarded SSLs may use
 * too. */
static int on_client_hello(SSL *ssl, int *alert, void *unused)
{
	struct tlsp_record *record = tlsp_record_of(ssl);

	(void)unused;
	if(!record)
		return SSL_CLIENT_HELLO_SUCCESS;
	if(SSL_client_hello_isv2(ssl) && !record->allow_ssl2_hello) {
		tlsp_record_refuse(record, "ClientHello in the format of SSL 2.0");
		*alert = SSL_AD_PROTOCOL_VERSION;
		return SSL_CLIENT_HELLO_ERROR;
	}
	if(!tlsp_sessions_bind(ssl, record)) {
		tlsp_record_refuse(record,
				"no session id context (memory, or a server_name over 512 "
				"octets)");
		*alert = SSL_AD_INTERNAL_ERROR;
		return SSL_CLIENT_HELLO_ERROR;
	}
	tlsp_own_identity_prepare(record);
	return SSL_CLIENT_HELLO_SUCCESS;
}

/* At the first handshake start: everything the policy says, onto the SSL. */
static void arm(SSL *ssl, struct tlsp_record *record)
{
	const struct tlsp_terms *terms = tlsp_gate_terms();

	record->role = SSL_is_server(ssl) ? TLSP_ROLE_SERVER : TLSP_ROLE_CLIENT;
	if(!terms || !tlsp_sessions_prepare(ssl, record, terms)
			|| !tlsp_own_identity_arm(ssl, record, terms)) {
		if(terms)
			tlsp_record_refuse(record, "no memory to arm the handshake, or "
									   "our own certificate cannot be "
									   "used");
		record->stage = TLSP_STAGE_REFUSED;
		tlsp_offered_versions_forbid_all(ssl);
		return;
	}
	if(record->role == TLSP_ROLE_SERVER)
		SSL_CTX_set_client_hello_cb(
				SSL_get_SSL_CTX(ssl), on_client_hello, NULL);
	record->generation = terms->generation;
	record->allow_ssl2_hello =
			tlsp_versions_allow_ssl2_hello(terms->policy->tls_version);
	SSL_set_options(ssl, SSL_OP_NO_RENEGOTIATION);
	tlsp_offered_versions_narrow(ssl, record, terms->policy->tls_version);
	tlsp_verification_ask(ssl, record, terms->policy);
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
				   && (record->renegotiation == TLSP_RENEGOTIATION_RUNNING
						   || record->post_handshake));
}

static void on_done(SSL *ssl, struct tlsp_record *record)
{
	if(record->stage == TLSP_STAGE_ARMED)
		tlsp_judgement_finish(ssl, record);
	else if(record->stage == TLSP_STAGE_ACCEPTED)
		tlsp_rehandshake_end(ssl, record);
	if(record->stage == TLSP_STAGE_ACCEPTED)
		tlsp_rehandshake_allow(ssl, record);
}

/* After every step of a handshake. The version is known before ServerHello
 * promises a ticket. */
static void on_step(SSL *ssl, const struct tlsp_record *record)
{
	tlsp_verification_keep(ssl, record);
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
	struct tlsp_record *record = tlsp_record_of(ssl);
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

bool tlsp_handshake_init(struct tlsp_gate *process_gate)
{
	tlsp_gate_set(process_gate);
	tlsp_verification_init(tlsp_judgement_on_verify);
	return tlsp_record_init(on_info) && tlsp_tls_context_init()
		   && tlsp_own_identity_init();
}
