/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sessions - see sessions.h.
 */
#include "sessions.h"

#include <string.h>
#include <time.h>

#include "policy/versions.h"
#include "own_identity.h"
#include "rule.h"
#include "server_name.h"
#include "tickets.h"
#include "tls_context.h"

_Static_assert((int)TLSP_TICKET_KEYS_PERIOD_S >= (int)TLSP_SESSION_LIFETIME_S,
		"a ticket can be read as long as its session lives");
_Static_assert((int)TLSP_SESSION_KEPT_S == (int)TLSP_SESSION_LIFETIME_S,
		"and the cache keeps it for as long");

static bool (*judge)(struct tlsp_record *record, X509 *leaf,
		const struct tlsp_evidence *evidence); /* of this process */

/* Of this process: the last digest that was made, since most are the same. */
static struct
{
	struct tlsp_digest terms, trusts, chain;
	bool known;
} last;

static bool is_last(
		const struct tlsp_digest *terms, const struct tlsp_digest *trusts)
{
	return last.known && tlsp_digest_equal(&last.terms, terms)
		   && tlsp_digest_equal(&last.trusts, trusts);
}

bool tlsp_sessions_chain(struct tlsp_digest *out, SSL_CTX *context,
		const struct tlsp_terms *terms)
{
	struct tlsp_digest trusts;

	if(!tlsp_tls_context_digest(context, &trusts))
		return false;
	if(!is_last(&terms->chain, &trusts)) {
		last.terms = terms->chain;
		last.trusts = trusts;
		last.known = tlsp_digest(&last.chain,
				(const struct tlsp_part[]){
						{last.terms.octets, sizeof(last.terms.octets)},
						{last.trusts.octets, sizeof(last.trusts.octets)}},
				2);
	}
	*out = last.chain;
	return last.known;
}

bool tlsp_sessions_chain_holds(const struct tlsp_digest *chain, SSL *ssl,
		const struct tlsp_terms *terms)
{
	struct tlsp_digest now;

	return tlsp_sessions_chain(&now, tlsp_gate_context_now(ssl), terms)
		   && tlsp_digest_equal(chain, &now);
}

/* A clock that was set back makes a session old, not new. */
static bool is_young(const struct tlsp_evidence *evidence)
{
	int64_t age_s = (int64_t)time(NULL) - evidence->verified_s;

	return age_s >= 0 && age_s <= TLSP_SESSION_LIFETIME_S;
}

bool tlsp_sessions_hold(const struct tlsp_record *record,
		const struct tlsp_evidence *evidence, const struct tlsp_digest *chain)
{
	return evidence->role == record->role && is_young(evidence)
		   && tlsp_digest_equal(&evidence->server_name, &record->server_name)
		   && tlsp_digest_equal(&evidence->chain, chain);
}

static bool may_resume(struct tlsp_record *record, SSL_SESSION *session)
{
	struct tlsp_evidence evidence;

	if(record->handshakes > 0 || !tlsp_evidence_get(session, &evidence)
			|| !tlsp_sessions_hold(record, &evidence, &record->chain)
			|| !judge(record, SSL_SESSION_get0_peer(session), &evidence))
		return false;
	record->evidence = evidence;
	return true;
}

/* What was verified by anything else than the terms of now carries a digest
 * that holds nowhere. */
static void describe(struct tlsp_evidence *out, struct tlsp_record *record)
{
	static const struct tlsp_digest nowhere;
	const struct tlsp_accepted *accepted =
			record->handshakes > 0 ? &record->accepted : &record->shown;
	const struct tlsp_terms *terms = tlsp_rule_terms(record);
	bool of_now =
			terms && terms->generation == record->generation
			&& tlsp_sessions_chain_holds(&record->chain, record->ssl, terms)
			&& !tlsp_own_identity_missed(record)
			&& (tlsp_record_is_enforced(record)
					|| record->standing == TLSP_STANDING_ACCEPTED);

	out->role = record->role;
	out->verified_s = record->armed_s;
	out->chain = of_now ? record->chain : nowhere;
	out->named = accepted->match != TLSP_MATCH_NONE;
	out->identity = accepted->identity;
	out->constrained = accepted->constrained;
	out->server_name = record->server_name;
}

/* A resumed session has its evidence, and may be others' too. */
bool tlsp_sessions_note(SSL *ssl, struct tlsp_record *record)
{
	struct tlsp_evidence evidence;
	SSL_SESSION *session = SSL_get_session(ssl);

	if(record->handshakes == 0 && SSL_session_reused(ssl))
		return session != NULL;
	describe(&evidence, record);
	if(!session || !tlsp_evidence_put(session, &evidence))
		return false;
	tlsp_tickets_keep(ssl, record);
	return true;
}

/* SSL_CTX_set_session_ticket_cb(3): a ticket is being made. In TLS 1.3 each
 * resumption makes a new one, with a time of its own; it carries on what its
 * session came with. */
static int on_make_ticket(SSL *ssl, void *unused)
{
	struct tlsp_record *record = tlsp_record_of(ssl);
	struct tlsp_evidence evidence;
	SSL_SESSION *session = SSL_get_session(ssl);
	bool resumed;

	(void)unused;
	if(!record || record->enforcement == TLSP_ENFORCE_NONE)
		return 1;
	if(!session)
		return 0;
	resumed =
			record->handshakes == 0 ? SSL_session_reused(ssl) : record->resumed;
	if(record->handshakes == 0 && !record->judged && !resumed)
		judge(record, SSL_SESSION_get0_peer(session), NULL);
	if(resumed)
		evidence = record->evidence;
	else
		describe(&evidence, record);
	return tlsp_evidence_put(session, &evidence)
		   && SSL_SESSION_set_time(session, (long)evidence.verified_s) != 0;
}

/* In testing any is taken. One that says nothing, since its rule judged nobody,
 * goes on with its age, so that its peer is judged before long. */
static void note_evidence(struct tlsp_record *record, SSL_SESSION *session)
{
	if(tlsp_evidence_get(session, &record->evidence))
		return;
	memset(&record->evidence, 0, sizeof(record->evidence));
	record->evidence.role = record->role;
	record->evidence.verified_s = SSL_SESSION_get_time(session);
}

/* Likewise: a ticket was decrypted, or could not be. */
static SSL_TICKET_RETURN on_take_ticket(SSL *ssl, SSL_SESSION *session,
		const unsigned char *key_name, size_t key_name_octets,
		SSL_TICKET_STATUS status, void *unused)
{
	struct tlsp_record *record = tlsp_record_of(ssl);

	(void)key_name, (void)key_name_octets, (void)unused;
	if(status != SSL_TICKET_SUCCESS && status != SSL_TICKET_SUCCESS_RENEW)
		return SSL_TICKET_RETURN_IGNORE_RENEW;
	if(record && tlsp_record_is_enforced(record)) {
		if(!may_resume(record, session))
			return SSL_TICKET_RETURN_IGNORE_RENEW;
	} else if(record) {
		note_evidence(record, session);
	}
	return status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE
										: SSL_TICKET_RETURN_USE_RENEW;
}

bool tlsp_sessions_begin(
		SSL *ssl, struct tlsp_record *record, const struct tlsp_terms *terms)
{
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

	record->armed_s = (int64_t)time(NULL);
	return tlsp_server_name_note(record, name ? name : "")
		   && tlsp_sessions_chain(&record->chain, SSL_get_SSL_CTX(ssl), terms);
}

static bool arm_client(
		SSL *ssl, struct tlsp_record *record, const struct tlsp_terms *terms)
{
	SSL_SESSION *session = SSL_get_session(ssl);

	if(!tlsp_sessions_begin(ssl, record, terms))
		return false;
	return !session || may_resume(record, session)
		   || SSL_set_session(ssl, NULL) == 1;
}

static enum tlsp_session_tickets mode_of(const struct tlsp_terms *terms)
{
	return (enum tlsp_session_tickets)terms->policy->session_tickets;
}

bool tlsp_sessions_arm(
		SSL *ssl, struct tlsp_record *record, const struct tlsp_terms *terms)
{
	SSL_CTX *context = SSL_get_SSL_CTX(ssl);

	if(record->role == TLSP_ROLE_CLIENT)
		return arm_client(ssl, record, terms);
	record->armed_s = (int64_t)time(NULL);
	record->made_in = context;
	if(SSL_CTX_get_timeout(context) > TLSP_SESSION_LIFETIME_S)
		SSL_CTX_set_timeout(context, TLSP_SESSION_LIFETIME_S);
	return SSL_CTX_set_session_ticket_cb(
				   context, on_make_ticket, on_take_ticket, NULL)
				   == 1
		   && tlsp_tickets_mark(context, mode_of(terms));
}

static bool offers(SSL *ssl, unsigned extension)
{
	const unsigned char *unused;
	size_t octets;

	return SSL_client_hello_get0_ext(ssl, extension, &unused, &octets) == 1;
}

/* Is the session of this handshake going to be kept by the tls module, by its id,
 * if it does so at all? Nobody judges it anew. In TLS 1.2 it is, for a client
 * without the extension session_ticket (RFC 5077). */
static bool is_kept_elsewhere(SSL *ssl, const struct tlsp_record *record)
{
	bool tls_1_3 = (record->versions & TLSP_TLS_1_3)
				   && offers(ssl, TLSEXT_TYPE_supported_versions);
	bool ticket =
			!record->no_tickets && offers(ssl, TLSEXT_TYPE_session_ticket);

	return record->tickets == TLSP_TICKETS_SHARED
		   && ((SSL_get_options(ssl) & SSL_OP_NO_TICKET)
				   || (!tls_1_3 && !ticket));
}

bool tlsp_sessions_bind(SSL *ssl, struct tlsp_record *record, SSL_CTX *context,
		const struct tlsp_terms *terms)
{
	bool kept = is_kept_elsewhere(ssl, record);
	struct tlsp_digest digest, negotiated;
	const struct tlsp_part parts[] = {
			{record->chain.octets, sizeof(record->chain.octets)},
			{negotiated.octets, sizeof(negotiated.octets)},
			{record->server_name.octets, sizeof(record->server_name.octets)},
			{terms->leaf.octets, kept ? sizeof(terms->leaf.octets) : 0}};

	if(!tlsp_sessions_chain(&record->chain, context, terms)
			|| !tlsp_tickets_mark(record->made_in, mode_of(terms))
			|| !tlsp_tickets_mark(context, mode_of(terms)))
		return false;
	if(!tlsp_record_is_enforced(record))
		return true;
	return tlsp_tls_context_digest_sessions(context, &negotiated)
		   && tlsp_digest(&digest, parts, sizeof(parts) / sizeof(*parts))
		   && SSL_set_session_id_context(
				   ssl, digest.octets, sizeof(digest.octets));
}

/* What was found in the cache. */
static bool may_use(SSL *ssl, SSL_SESSION *session)
{
	struct tlsp_record *record = tlsp_record_of(ssl);

	return record && tlsp_record_is_enforced(record)
		   && may_resume(record, session);
}

bool tlsp_sessions_init(bool (*judge_leaf)(struct tlsp_record *record,
		X509 *leaf, const struct tlsp_evidence *evidence))
{
	judge = judge_leaf;
	return tlsp_tickets_init(may_use);
}
