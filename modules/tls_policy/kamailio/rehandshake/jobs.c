/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * jobs - see jobs.h.
 */
#include "jobs.h"

#include "core/dprint.h"
#include "core/timer_ticks.h"

#include "openssl/judgement.h"
#include "openssl/rehandshake.h"
#include "kamailio/connection/clock.h"
#include "kamailio/connection/core_tcp.h"
#include "kamailio/policy/tls_domains.h"
#include "kamailio/connection/unread_octets.h"

static const char marker[] = "tls_policy: a job";
static struct tlsp_job *current; /* of this process, inside tlsp_jobs_run */
static const unsigned char *octets_made; /* by openssl/rehandshake */

enum tlsp_job_result tlsp_jobs_run(int id, struct tlsp_job *job)
{
	job->result = TLSP_JOB_GONE;
	if(!tlsp_core_tcp_exists(id))
		return job->result; /* tcp_send would log it */
	current = job;
	tlsp_core_tcp_send(id, marker, sizeof(marker));
	current = NULL;
	return job->result;
}

void tlsp_jobs_renew(int id)
{
	struct tlsp_job job = {.kind = TLSP_JOB_RENEW};

	tlsp_jobs_run(id, &job);
}

bool tlsp_jobs_is_marker(const char *buffer)
{
	return buffer == marker;
}

static int send_made(size_t made, const struct tlsp_encode_call *call)
{
	*call->buffer = (const char *)octets_made;
	*call->octets = (unsigned)made;
	*call->rest = NULL;
	*call->rest_octets = 0;
	return (int)made;
}

/* Octets that OpenSSL has read and nobody has taken would be in the way of a
 * handshake, whoever is in a hurry. */
static bool is_busy(const struct tcp_connection *c, SSL *ssl,
		const struct tlsp_connection *connection)
{
	uint64_t data_ms = tlsp_connection_data_ms(connection);
	uint64_t quiet_ms = current->idle ? TICKS_TO_MS((uint64_t)c->lifetime)
									  : current->quiet_ms;

	if(current->kind == TLSP_JOB_RENEGOTIATE && tlsp_rehandshake_must_wait(ssl))
		return true;
	return quiet_ms > 0
		   && (c->wbuf_q.first || tlsp_clock_ms() < data_ms + quiet_ms
				   || tlsp_unread_octets_exist(c));
}

/* The core closes after what it sends; where that has to queue, the error of
 * -1 closes at once. */
static int close_now(
		struct tcp_connection *c, SSL *ssl, const struct tlsp_encode_call *call)
{
	size_t made =
			c->wbuf_q.first ? 0 : tlsp_rehandshake_close(ssl, &octets_made);

	if(made == 0)
		return -1;
	call->flags->f |= SND_F_CON_CLOSE;
	return send_made(made, call);
}

static const enum tlsp_job_result result_of[] = {
		[TLSP_AGAIN_ACCEPTED] = TLSP_JOB_DONE,
		[TLSP_AGAIN_REFUSED] = TLSP_JOB_REFUSED,
		[TLSP_AGAIN_UNASKED] = TLSP_JOB_UNASKED,
		[TLSP_AGAIN_UNVERIFIABLE] = TLSP_JOB_UNVERIFIABLE,
		[TLSP_AGAIN_WAIT] = TLSP_JOB_WAIT,
};

/* In testing, too, somebody would be refused. */
static int try_to_judge(SSL *ssl, struct tlsp_record *record,
		const struct tlsp_encode_call *call)
{
	const struct tlsp_refusal *refusal;

	current->result = result_of[tlsp_judgement_try(ssl, record)];
	refusal = tlsp_gate_refusal();
	if(refusal) {
		current->result = TLSP_JOB_REFUSED;
		current->refusal = *refusal;
	}
	tlsp_gate_forget();
	return send_made(0, call);
}

static int renew(SSL *ssl, struct tlsp_record *record,
		const struct tlsp_encode_call *call)
{
	tlsp_judgement_renew(ssl, record);
	tlsp_connections_shown_again(record->owner, ssl);
	current->result = TLSP_JOB_DONE;
	return send_made(0, call);
}

static int judge_and_update(struct tcp_connection *c, SSL *ssl,
		struct tlsp_record *record, const struct tlsp_encode_call *call)
{
	size_t made = 0;

	current->result = result_of[tlsp_judgement_again(ssl, record)];
	if(current->result == TLSP_JOB_REFUSED
			|| current->result == TLSP_JOB_UNVERIFIABLE
			|| (current->result == TLSP_JOB_UNASKED && current->close_unasked))
		return close_now(c, ssl, call);
	if(current->result == TLSP_JOB_UNASKED
			&& current->kind == TLSP_JOB_KEY_UPDATE)
		current->result = TLSP_JOB_DONE; /* it is asked now */
	if(current->result == TLSP_JOB_DONE || current->result == TLSP_JOB_UNASKED)
		tlsp_connections_shown_again(record->owner, ssl);
	if(current->result == TLSP_JOB_DONE
			&& current->kind == TLSP_JOB_KEY_UPDATE) {
		made = tlsp_rehandshake_key_update(
				ssl, record, current->ask_certificate, &octets_made);
		if(made == 0)
			current->result = TLSP_JOB_IMPOSSIBLE;
	}
	if(record->stage == TLSP_STAGE_REFUSED) {
		current->result = TLSP_JOB_BROKEN;
		return -1; /* in the middle: there is no way to say it */
	}
	return send_made(made, call);
}

/* Where OpenSSL stopped in the middle it is refused, and nothing can be sent any
 * more. */
static int renegotiate(SSL *ssl, struct tlsp_record *record,
		const struct tlsp_encode_call *call)
{
	size_t made = tlsp_rehandshake_renegotiate(ssl, record, &octets_made);

	current->result = made > 0 ? TLSP_JOB_DONE : TLSP_JOB_IMPOSSIBLE;
	if(record->stage != TLSP_STAGE_REFUSED)
		return send_made(made, call);
	current->result = TLSP_JOB_BROKEN;
	return -1;
}

/* What waited is sent; as client, or in the middle, nothing can be sent any
 * more. */
static int give_up(struct tcp_connection *c, struct tlsp_record *record,
		struct tlsp_connection *connection, const struct tlsp_encode_call *call)
{
	if(record->renegotiation == TLSP_RENEGOTIATION_NONE) {
		current->result = TLSP_JOB_BUSY; /* it is over */
		return tlsp_held_writes_next(c, connection, call);
	}
	if(!tlsp_rehandshake_give_up(record)) {
		current->result = TLSP_JOB_IMPOSSIBLE;
		return -1;
	}
	current->result = TLSP_JOB_DONE;
	return tlsp_held_writes_next(c, connection, call);
}

static enum tlsp_job_result addresses(struct tcp_connection *c, SSL *ssl,
		const struct tlsp_connection *connection)
{
	const struct tlsp_digest server_id = tlsp_connections_server_id(connection);

	current->peer = c->rcv.src_su;
	current->local_port = c->rcv.dst_port;
	if(init_su(&current->local, &c->rcv.dst_ip, 0) < 0
			|| !tlsp_tls_domains_choose_as(c, ssl, &server_id))
		return TLSP_JOB_IMPOSSIBLE;
	return TLSP_JOB_DONE;
}

int tlsp_jobs_encode(
		struct tcp_connection *c, SSL *ssl, const struct tlsp_encode_call *call)
{
	struct tlsp_record *record = tlsp_record_of(ssl);
	struct tlsp_connection *connection = record ? record->owner : NULL;

	if(!current)
		return send_made(0, call);
	if(!connection || record->stage != TLSP_STAGE_ACCEPTED) {
		if(current->kind == TLSP_JOB_TIME_OUT && record
				&& !tlsp_record_is_enforced(record)) {
			current->result = TLSP_JOB_BUSY; /* it may take its time */
			return send_made(0, call);
		}
		if(current->kind == TLSP_JOB_TIME_OUT && tlsp_unread_octets_exist(c)) {
			current->result = TLSP_JOB_WAIT; /* it is we who are late */
			return send_made(0, call);
		}
		if(current->kind != TLSP_JOB_CLOSE
				&& current->kind != TLSP_JOB_TIME_OUT)
			return send_made(0, call);
		current->result = TLSP_JOB_DONE;
		return -1; /* there is no way to say it in the middle */
	}
	/* A script may change it at any time (tcpops). */
	atomic_store_explicit(&connection->lifetime_ms,
			TICKS_TO_MS((uint64_t)c->lifetime), memory_order_relaxed);
	if(is_busy(c, ssl, connection)) {
		current->result = TLSP_JOB_BUSY;
		return send_made(0, call);
	}
	switch(current->kind) {
		case TLSP_JOB_TIME_OUT:
			current->result = TLSP_JOB_BUSY; /* it is over */
			return send_made(0, call);
		case TLSP_JOB_TRY:
			return try_to_judge(ssl, record, call);
		case TLSP_JOB_RENEW:
			return renew(ssl, record, call);
		case TLSP_JOB_JUDGE:
		case TLSP_JOB_KEY_UPDATE:
			return judge_and_update(c, ssl, record, call);
		case TLSP_JOB_RENEGOTIATE:
			return renegotiate(ssl, record, call);
		case TLSP_JOB_GIVE_UP:
			return give_up(c, record, connection, call);
		case TLSP_JOB_ADDRESSES:
			current->result = addresses(c, ssl, connection);
			return send_made(0, call);
		case TLSP_JOB_CLOSE:
			current->result = TLSP_JOB_DONE;
			return close_now(c, ssl, call);
	}
	return send_made(0, call);
}
