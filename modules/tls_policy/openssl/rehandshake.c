/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rehandshake - see rehandshake.h. OpenSSL writes where its BIO says, and the
 * caller's BIO is only good inside the caller's own read and write: so memory
 * BIOs take its place while a first record is made.
 */
#include "rehandshake.h"

#include <time.h>

#include <openssl/err.h>

#include "policy/rehandshake/peers.h"
#include "verification.h"
#include "judgement.h"
#include "own_identity.h"
#include "rule.h"

typedef bool (*maker)(SSL *ssl, struct tlsp_record *record);

static BIO *last_made; /* of this process: what produce wrote last */

/* SSL_set0_rbio(3) takes a reference over and gives the old one back. */
static bool lend_bios(SSL *ssl, BIO **in, BIO **out)
{
	*in = BIO_new(BIO_s_mem());
	*out = BIO_new(BIO_s_mem());
	if(!*in || !*out || !SSL_get_rbio(ssl) || !SSL_get_wbio(ssl)) {
		BIO_free(*in);
		BIO_free(*out);
		return false;
	}
	return true;
}

/* What |make| writes, into |out|; 0 if it fails. If it had begun by then, the
 * other end would miss what was written, or get it at another time: refused. */
static size_t produce(SSL *ssl, struct tlsp_record *record, maker make,
		const unsigned char **out)
{
	BIO *memory_in, *memory_out, *in, *output;
	char *octets = NULL;
	long count;
	bool made;

	if(!lend_bios(ssl, &memory_in, &memory_out))
		return 0;
	in = SSL_get_rbio(ssl);
	output = SSL_get_wbio(ssl);
	BIO_up_ref(in);
	BIO_up_ref(output);
	BIO_up_ref(memory_out);
	SSL_set0_rbio(ssl, memory_in);
	SSL_set0_wbio(ssl, memory_out);
	ERR_set_mark();
	made = make(ssl, record);
	ERR_pop_to_mark();
	SSL_set0_rbio(ssl, in);
	SSL_set0_wbio(ssl, output);
	BIO_free(last_made);
	last_made = memory_out;
	count = BIO_get_mem_data(memory_out, &octets);
	*out = (const unsigned char *)octets;
	if(made && count > 0)
		return (size_t)count;
	if(record && record->stage != TLSP_STAGE_REFUSED
			&& (count > 0 || record->renegotiation != TLSP_RENEGOTIATION_NONE))
		tlsp_record_refuse(record, "a re-handshake failed after it had begun");
	return 0;
}

static bool went_on(SSL *ssl)
{
	int result = SSL_do_handshake(ssl);

	return result == 1 || SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ;
}

static bool make_hello(SSL *ssl, struct tlsp_record *record)
{
	bool begun, made;

	SSL_clear_options(ssl, SSL_OP_NO_RENEGOTIATION);
	record->renegotiation = TLSP_RENEGOTIATION_SENDING;
	begun = SSL_renegotiate(ssl) == 1;
	made = begun && went_on(ssl);
	tlsp_rehandshake_forbid(ssl);
	if(record->renegotiation == TLSP_RENEGOTIATION_SENDING)
		record->renegotiation =
				begun ? TLSP_RENEGOTIATION_ASKED : TLSP_RENEGOTIATION_NONE;
	return made;
}

/* RFC 5746 binds the handshakes to each other; without RFC 7627 that binding
 * can be forged (5.4 there). */
bool tlsp_rehandshake_is_safe(SSL *ssl)
{
	return SSL_get_secure_renegotiation_support(ssl)
		   && SSL_get_extms_support(ssl) == 1;
}

bool tlsp_rehandshake_must_wait(const SSL *ssl)
{
	return SSL_has_pending(ssl);
}

size_t tlsp_rehandshake_renegotiate(
		SSL *ssl, struct tlsp_record *record, const unsigned char **out)
{
	if(record->stage != TLSP_STAGE_ACCEPTED
			|| record->renegotiation != TLSP_RENEGOTIATION_NONE
			|| SSL_version(ssl) >= TLS1_3_VERSION || SSL_in_init(ssl)
			|| !tlsp_rehandshake_is_safe(ssl)
			|| tlsp_rehandshake_must_wait(ssl))
		return 0;
	return produce(ssl, record, make_hello, out);
}

/* What the peer shows from now on is asked for by the policy and verified by the
 * trust anchors of now. False: refused. */
static bool ask_again(
		SSL *ssl, struct tlsp_record *record, const struct tlsp_terms *terms)
{
	X509_STORE *anchors =
			tlsp_own_identity_anchors(tlsp_gate_context_now(ssl), terms);

	if(!anchors) {
		tlsp_record_refuse(record, "no memory to arm the handshake");
		return false;
	}
	tlsp_verification_trust(ssl, record, anchors);
	tlsp_verification_ask_again(ssl, record, terms->policy);
	record->judged = false;
	record->generation = terms->generation;
	return true;
}

static bool make_key_update(SSL *ssl, struct tlsp_record *record)
{
	(void)record;
	return SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED) == 1
		   && SSL_do_handshake(ssl) == 1;
}

/* Asking is free: OpenSSL says no where the client did not offer it. The policy
 * may have become stricter since the first handshake. */
static bool make_key_update_and_request(SSL *ssl, struct tlsp_record *record)
{
	const struct tlsp_terms *terms = tlsp_rule_terms(record);

	if(!make_key_update(ssl, record))
		return false;
	if(!terms)
		return true;
	if(!ask_again(ssl, record, terms))
		return false;
	if(!record->asked || SSL_verify_client_post_handshake(ssl) != 1)
		return true;
	record->authentication = TLSP_AUTHENTICATION_ASKED;
	return SSL_do_handshake(ssl) == 1;
}

size_t tlsp_rehandshake_key_update(SSL *ssl, struct tlsp_record *record,
		bool ask_certificate, const unsigned char **out)
{
	bool ask = ask_certificate && record->role == TLSP_ROLE_SERVER
			   && record->authentication == TLSP_AUTHENTICATION_NONE;

	if(record->stage != TLSP_STAGE_ACCEPTED || SSL_version(ssl) < TLS1_3_VERSION
			|| SSL_in_init(ssl))
		return 0;
	return produce(ssl, record,
			ask ? make_key_update_and_request : make_key_update, out);
}

static bool make_close(SSL *ssl, struct tlsp_record *record)
{
	(void)record;
	return SSL_shutdown(ssl) >= 0;
}

size_t tlsp_rehandshake_close(SSL *ssl, const unsigned char **out)
{
	if(SSL_in_init(ssl) || (SSL_get_shutdown(ssl) & SSL_SENT_SHUTDOWN))
		return 0;
	return produce(ssl, NULL, make_close, out);
}

bool tlsp_rehandshake_holds(const struct tlsp_record *record)
{
	return record->renegotiation == TLSP_RENEGOTIATION_ASKED
		   || record->renegotiation == TLSP_RENEGOTIATION_RUNNING;
}

bool tlsp_rehandshake_give_up(struct tlsp_record *record)
{
	if(record->renegotiation != TLSP_RENEGOTIATION_ASKED)
		return record->renegotiation != TLSP_RENEGOTIATION_RUNNING;
	record->renegotiation = TLSP_RENEGOTIATION_OVERDUE;
	return true;
}

void tlsp_rehandshake_forbid(SSL *ssl)
{
	SSL_set_options(ssl, SSL_OP_NO_RENEGOTIATION);
	SSL_clear_options(ssl, SSL_OP_ALLOW_CLIENT_RENEGOTIATION);
}

/* HelloRequest is a handshake of its own to OpenSSL, with a start and an end;
 * the one that counts begins with the peer's ClientHello. */
void tlsp_rehandshake_begin(SSL *ssl, struct tlsp_record *record)
{
	const struct tlsp_terms *terms = tlsp_rule_terms(record);

	if(record->role == TLSP_ROLE_SERVER
			&& record->renegotiation == TLSP_RENEGOTIATION_SENDING)
		return;
	if(!terms) {
		tlsp_record_refuse(record, "no policy is in force");
		return;
	}
	if(record->renegotiation == TLSP_RENEGOTIATION_NONE) {
		tlsp_record_refuse(record,
				"the peer started a handshake on an established "
				"connection");
		return;
	}
	record->renegotiation = TLSP_RENEGOTIATION_RUNNING;
	record->between =
			record->role == TLSP_ROLE_CLIENT; /* a session of its own */
	SSL_set_options(ssl,
			SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION | SSL_OP_NO_TICKET);
	if(!tlsp_own_identity_arm(ssl, record, terms))
		tlsp_record_refuse(record, "our own certificate cannot be used");
	else
		ask_again(ssl, record, terms);
}

void tlsp_rehandshake_end(SSL *ssl, struct tlsp_record *record)
{
	bool renegotiated = record->renegotiation == TLSP_RENEGOTIATION_RUNNING;

	if(record->renegotiation == TLSP_RENEGOTIATION_SENDING)
		return;
	if(renegotiated && SSL_session_reused(ssl)) {
		tlsp_record_refuse(record, "a session was resumed in a re-handshake");
		return;
	}
	if(renegotiated)
		record->renegotiation = TLSP_RENEGOTIATION_NONE;
	record->between = false;
	tlsp_judgement_finish(ssl, record);
}

bool tlsp_rehandshake_forbids_tickets(const struct tlsp_policy *policy)
{
	return policy->tls_rehandshake_method == TLSP_METHOD_RENEGOTIATE
		   || policy->tls_rehandshake_peers[0];
}

void tlsp_rehandshake_note_alert(struct tlsp_record *record, int alert)
{
	if(record->stage == TLSP_STAGE_ACCEPTED
			&& (alert & 0xff) == SSL_AD_NO_RENEGOTIATION)
		record->peer_declined = true;
}

void tlsp_rehandshake_heard(struct tlsp_record *record)
{
	int64_t age_s = (int64_t)time(NULL) - record->heard_s;

	if(age_s < 0 || age_s >= TLSP_REHANDSHAKE_HEARD_S) {
		record->heard_s += age_s;
		record->heard = 0;
	}
	if(++record->heard > TLSP_REHANDSHAKE_HEARD_MAX)
		tlsp_record_refuse(record, "too many KeyUpdates in a minute");
}

void tlsp_rehandshake_authenticated(SSL *ssl, struct tlsp_record *record)
{
	record->authentication = TLSP_AUTHENTICATION_DONE;
	tlsp_judgement_finish(ssl, record);
}

bool tlsp_rehandshake_withholds(
		const SSL *ssl, const struct tlsp_record *record)
{
	OSSL_HANDSHAKE_STATE state = SSL_get_state(ssl);

	if(record->stage != TLSP_STAGE_ACCEPTED)
		return false;
	if(record->renegotiation == TLSP_RENEGOTIATION_RUNNING)
		return record->role == TLSP_ROLE_SERVER
			   || (state != TLS_ST_CW_CLNT_HELLO && state != TLS_ST_OK);
	/* Whatever its first message is: since OpenSSL 3.2 it may come compressed (RFC
	 * 8879). Until then nothing goes on but our question. */
	return record->authentication == TLSP_AUTHENTICATION_ASKED
		   && state != TLS_ST_OK && state != TLS_ST_SW_CERT_REQ;
}
