/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tls_hooks - see tls_hooks.h. Runs in every process that reads from or writes
 * to a TLS connection. The tls module creates the SSL and drives its handshake
 * inside its read hook (which takes c->write_lock itself) and its encode hook
 * (called with c->write_lock held), so the gate (openssl/gate) is open
 * there and nowhere else.
 */
#define _GNU_SOURCE /* dladdr(3) */
#include "tls_hooks.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

#include <openssl/err.h>

#include "core/dprint.h"
#include "core/globals.h"
#include "core/ip_addr.h"
#include "core/sr_module.h"
#include "core/tls_hooks.h"
#include "core/tls_hooks_init.h"
#include "modules/tls/tls_server.h"

#include "openssl/handshake.h"
#include "openssl/rehandshake.h"
#include "openssl/rule.h"
#include "policy/explain.h"

#include "kamailio/carry/errand.h"
#include "kamailio/carry/lookup.h"
#include "kamailio/connection/connections.h"
#include "kamailio/connection/core_tcp.h"
#include "kamailio/rehandshake/held_writes.h"
#include "kamailio/rehandshake/jobs.h"
#include "kamailio/policy/live_policy.h"
#include "kamailio/rehandshake/observe.h"
#include "kamailio/rehandshake/successor.h"
#include "kamailio/report/certificates.h"
#include "kamailio/report/peer_text.h"
#include "kamailio/report/refusals.h"
#include "kamailio/report/statistics.h"
#include "kamailio/policy/tls_domains.h"

static struct tls_hooks tls; /* the tls module's own, saved */
static struct tlsp_gate gate;

/* Where the text that this process encodes goes on; NULL if it is at its end.
 */
static const char *rest_expected;

/* Has the look-up said that what this process encodes goes over this
 * connection? */
static bool decided;

/* While the gate is open: whose it is, and what was looked up for it. */
static const struct tcp_connection *guarded;
static struct tlsp_tls_domain domain_now, domain_named, domain_as_client;
static struct tlsp_client_trust trust; /* if it was noted */
static bool trust_noted;

static SSL *ssl_of(const struct tcp_connection *c)
{
	const struct tls_extra_data *extra = c->extra_data;

	return extra ? extra->ssl : NULL;
}

/* Looked up once before what a hook wraps, which may make the SSL, and once
 * after it: one of these costs as much as all else. */
static struct tlsp_record *record_of(const struct tcp_connection *c)
{
	return tlsp_record_of(ssl_of(c));
}

/* False for a connection whose SSL escaped the gate or was refused. */
static bool passes(
		const struct tcp_connection *c, const struct tlsp_record *record)
{
	return !c->extra_data || tlsp_record_passes(record);
}

/* Before any context is found: what a context then trusts is this, or newer. */
static void note_trust(void)
{
	if(!trust_noted)
		trust = tlsp_tls_domains_client_trust();
	trust_noted = true;
}

static uint64_t number_for(
		enum tlsp_role role, const struct tlsp_client_trust *of)
{
	return role == TLSP_ROLE_SERVER ? of->by_default : of->of_all;
}

static uint64_t client_trust(enum tlsp_role role)
{
	note_trust();
	return number_for(role, &trust);
}

static bool trust_moved(enum tlsp_role role)
{
	struct tlsp_client_trust now;

	if(!trust_noted)
		return false;
	now = tlsp_tls_domains_client_trust();
	return number_for(role, &now) != number_for(role, &trust);
}

/* It takes a lock: only where another domain than that of the SSL is looked for. */
static struct tlsp_digest asked_id(SSL *ssl)
{
	const struct tlsp_record *record = tlsp_record_of(ssl);

	return record && record->owner && record->role == TLSP_ROLE_CLIENT
						   && tlsp_tls_domains_changed(guarded)
				   ? tlsp_connections_server_id(record->owner)
				   : (struct tlsp_digest){{0}};
}

static SSL_CTX *context_now(SSL *ssl)
{
	struct tlsp_digest server_id;

	note_trust();
	if(!domain_now.context) {
		server_id = asked_id(ssl);
		tlsp_tls_domains_find(guarded, ssl, &server_id, &domain_now);
	}
	return domain_now.context;
}

static SSL_CTX *context_for(SSL *ssl, const char *server_name)
{
	(void)ssl;
	tlsp_tls_domains_release(&domain_named);
	tlsp_tls_domains_find_named(guarded, server_name, &domain_named);
	return domain_named.context;
}

static SSL_CTX *context_as_client(SSL *ssl)
{
	(void)ssl;
	note_trust();
	if(!domain_as_client.context)
		tlsp_tls_domains_find_default(TLSP_ROLE_CLIENT, &domain_as_client);
	return domain_as_client.context;
}

static bool changed(SSL *ssl)
{
	(void)ssl;
	return tlsp_tls_domains_changed(guarded);
}

/* An error that is left of another connection would be taken for this one's:
 * the tls module leaves them there when an alert cannot be sent. */
static void forget_errors(void)
{
	if(ERR_peek_error() != 0)
		ERR_clear_error();
}

static void open_gate(const struct tcp_connection *c)
{
	forget_errors();
	guarded = c;
	gate.may_attach = c->extra_data == NULL;
	gate.peer_address = c->rcv.src_ip.u.addr;
	gate.peer_address_octets = c->rcv.src_ip.len;
	gate.local_address = c->rcv.dst_ip.u.addr;
	gate.local_address_octets = c->rcv.dst_ip.len;
	gate.local_port = (c->flags & F_CONN_PASSIVE) ? c->rcv.dst_port : 0;
	gate.accepted = gate.was_shown = gate.noted = gate.refused = false;
	gate.open = true;
}

static enum tlsp_role role_on(const struct tcp_connection *c)
{
	return (c->flags & F_CONN_PASSIVE) ? TLSP_ROLE_SERVER : TLSP_ROLE_CLIENT;
}

/* Of the rule, while its generation is here. */
static void count_for_rule(void)
{
	const struct tlsp_in_force *all = gate.in_force;

	if(all && gate.accepted)
		tlsp_live_policy_count(
				all, gate.accepted_by, TLSP_RULE_ACCEPTED, role_on(guarded));
	if(all && gate.refused && gate.refusal.rule_known)
		tlsp_live_policy_count(all, gate.refusal.rule_number,
				gate.refusal.testing ? TLSP_RULE_WOULD_REFUSE
									 : TLSP_RULE_REFUSED,
				role_on(guarded));
}

static void close_gate(void)
{
	gate.open = false;
	count_for_rule();
	tlsp_live_policy_release(gate.in_force);
	gate.in_force = NULL;
	tlsp_tls_domains_release(&domain_now);
	tlsp_tls_domains_release(&domain_named);
	tlsp_tls_domains_release(&domain_as_client);
	trust_noted = false;
	guarded = NULL;
}

/* After the decision: what is told of a refusal, or of a peer that
 * only a setting accepts. */
static void report(const struct tcp_connection *c)
{
	char peer[TLSP_PEER_TEXT_OCTETS];

	if(gate.accepted)
		tlsp_statistics_count_accepted(
				role_on(c), gate.was_shown && gate.shown.by_server_auth);
	if(gate.was_shown)
		tlsp_certificates_shown(&gate.shown);
	if(gate.refused)
		tlsp_refusals_report(c, &gate.refusal);
	else if(gate.noted)
		LM_NOTICE("%s %s %s\n",
				(c->flags & F_CONN_PASSIVE) ? "client" : "server",
				tlsp_peer_text(&c->rcv.src_ip, c->rcv.src_port, peer),
				gate.note);
	gate.was_shown = gate.noted = gate.refused = false;
}

/* What was read and must wait lies behind req.pos, where the core does not see
 * it: |octets| more now, from |place| on. Returns what the core may see. */
static int show_or_withhold(struct tcp_connection *c,
		struct tlsp_record *record, char *place, unsigned withheld, int octets)
{
	if(!record)
		return octets;
	if(!tlsp_rehandshake_withholds(record->ssl, record)) {
		record->withheld = 0;
		return (int)withheld + octets;
	}
	record->withheld = withheld + (unsigned)octets;
	c->req.pos = place;
	return 0;
}

static void report_too_early(const struct tcp_connection *c)
{
	struct tlsp_refusal refusal = {
			.role = TLSP_ROLE_CLIENT, .reasons = TLSP_REASON_HANDSHAKE};

	tlsp_explain_handshake("it speaks before our ClientHello", refusal.why,
			sizeof(refusal.why));
	tlsp_refusals_report(c, &refusal);
}

/* No TLS server speaks before the ClientHello, which is made by whoever sends
 * first: only that process knows the server name and the TLS domain. The result
 * of a read, and 0 if nothing came. */
static int read_too_early(struct tcp_connection *c, rd_conn_flags_t *flags)
{
	char octet;
	ssize_t octets = recv(c->fd, &octet, sizeof(octet), MSG_PEEK);

	*flags &= ~RD_CONN_REPEAT_READ;
	if(octets > 0) {
		report_too_early(c);
		c->req.error = TCP_READ_ERROR;
		return -1;
	}
	if(octets == 0) {
		c->state = S_CONN_EOF;
		*flags |= RD_CONN_EOF;
		return 0;
	}
	if(errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
		c->req.error = TCP_READ_ERROR;
		return -1;
	}
	*flags |= RD_CONN_SHORT_READ;
	return 0;
}

/* Without c->write_lock, as the hook that it wraps. Data of a connection that
 * does not pass never reaches the parser. */
static int guarded_read(struct tcp_connection *c, rd_conn_flags_t *flags)
{
	struct tlsp_record *record = record_of(c);
	unsigned withheld = record ? record->withheld : 0;
	char *place = c->req.pos;
	int octets = -1;

	if(!c->extra_data && !(c->flags & F_CONN_PASSIVE))
		return read_too_early(c, flags);
	if(passes(c, record)) {
		c->req.pos += withheld;
		open_gate(c);
		octets = tls.read(c, flags);
		close_gate();
		report(c);
		record = record_of(c);
		if(!passes(c, record) || !tlsp_observe_read(c, record, octets))
			octets = -1;
		if(octets >= 0)
			octets = show_or_withhold(c, record, place, withheld, octets);
	}
	if(octets < 0) {
		c->req.pos = place;
		c->req.error = TCP_READ_ERROR;
		return -1;
	}
	if(octets == 0 && record && SSL_is_init_finished(record->ssl))
		tlsp_core_tcp_read_no_message(c);
	return octets;
}

/* A request that nobody may send here: not sent, and the connection stays. What
 * the hook is called for again is the rest of something else. */
static bool keeps_back(struct tcp_connection *c, struct tlsp_record *record,
		const struct tlsp_encode_call *call)
{
	const char *rule;

	if(*call->buffer == rest_expected || decided
			|| !tlsp_live_policy_asks_servers()
			|| !tlsp_errand_is_forbidden(
					c, record, *call->buffer, *call->octets, &rule))
		return false;
	tlsp_lookup_kept_back(&c->rcv.src_ip, c->rcv.src_port, rule,
			(c->flags & F_CONN_PASSIVE) != 0);
	*call->octets = 0;
	return true;
}

/* Under the gate: the tls module's, or later, in its order. */
static int encode_or_hold(struct tcp_connection *c, struct tlsp_record *record,
		const struct tlsp_encode_call *call)
{
	struct tlsp_connection *connection = record ? record->owner : NULL;
	const struct tlsp_terms *terms;

	if(keeps_back(c, record, call))
		return 0;
	if(!connection || !tlsp_held_writes_must_wait(connection, record))
		return tls.encode(c, call->buffer, call->octets, call->rest,
				call->rest_octets, call->flags);
	if(tlsp_held_writes_is_more(*call->buffer))
		return tlsp_held_writes_next(c, connection, call);
	terms = tlsp_rule_terms(record);
	return tlsp_held_writes_keep(c, connection, record,
			terms ? (size_t)terms->policy->tls_rehandshake_hold_octets : 0,
			call);
}

/* A job answers for itself: what it sends to a peer that it refuses is sent. */
static int encode_marker(
		struct tcp_connection *c, const struct tlsp_encode_call *call)
{
	int encoded;

	open_gate(c);
	encoded = tlsp_jobs_encode(c, ssl_of(c), call);
	close_gate();
	report(c);
	return encoded;
}

/* With c->write_lock held, as the hook that it wraps. */
static int guarded_encode(struct tcp_connection *c, const char **buffer,
		unsigned int *octets, const char **rest, unsigned int *rest_octets,
		snd_flags_t *send_flags)
{
	const struct tlsp_encode_call call = {
			buffer, octets, rest, rest_octets, send_flags};
	unsigned int clear_octets = *octets;
	struct tlsp_record *record = record_of(c);
	char peer[TLSP_PEER_TEXT_OCTETS];
	bool is_first;
	int encoded;

	*rest = NULL;
	*rest_octets = 0;
	if(!tlsp_lookup_found(c, *buffer, *octets, &decided) || !passes(c, record))
		return -1;
	if(gate.open) {
		LM_ERR("what is sent to %s from the middle of a TLS handshake is not "
			   "sent\n",
				tlsp_peer_text(&c->rcv.src_ip, c->rcv.src_port, peer));
		return -1;
	}
	if(tlsp_jobs_is_marker(*buffer))
		return encode_marker(c, &call);
	is_first = tlsp_successor_is_first(*buffer);
	open_gate(c);
	encoded = encode_or_hold(c, record, &call);
	close_gate();
	rest_expected = *rest;
	report(c);
	record = record_of(c);
	if(!passes(c, record))
		return -1;
	if(is_first && record)
		record->successor = true;
	return tlsp_observe_write(c, record, clear_octets) ? encoded : -1;
}

/* When the core frees |c|; with its lock of the TCP table held or not. */
static void guarded_clean(struct tcp_connection *c)
{
	tlsp_observe_end(record_of(c));
	tls.tcpconn_clean(c);
}

int tlsp_tls_hooks_install(void)
{
	struct tls_hooks ours;

	if(!find_module_by_name("tls")) {
		LM_ERR("the tls module is missing: add loadmodule \"tls.so\" before "
			   "tls_policy.so\n");
		return -1;
	}
	if(tls_disable || !tls_loaded() || !tls_hook.read || !tls_hook.encode) {
		LM_ERR("TLS is off: set enable_tls=yes, or do not load tls_policy\n");
		return -1;
	}
	if(tlsp_core_tls_runs_in_threads()) {
		LM_ERR("tcp_main_threads is not 0: TLS would run where no policy can "
			   "be enforced\n");
		return -1;
	}
	gate.acquire = tlsp_live_policy_acquire;
	gate.context_for = context_for;
	gate.context_now = context_now;
	gate.context_as_client = context_as_client;
	gate.changed = changed;
	gate.client_trust = client_trust;
	gate.trust_moved = trust_moved;
	if(!tlsp_handshake_init(&gate)) {
		LM_ERR("no memory for the OpenSSL callbacks\n");
		return -1;
	}
	tls = tls_hook;
	tlsp_held_writes_init(tls.encode);
	ours = tls_hook;
	ours.read = guarded_read;
	ours.encode = guarded_encode;
	ours.tcpconn_clean = guarded_clean;
	return register_tls_hooks(&ours);
}

void tlsp_tls_hooks_keep_names(bool wanted)
{
	gate.wants_names = wanted;
}

/* The file that a hook was loaded from. */
static const char *origin(const void *hook)
{
	Dl_info about;

	if(!hook)
		return "nothing";
	return dladdr(hook, &about) && about.dli_fname ? about.dli_fname
												   : "unknown code";
}

int tlsp_tls_hooks_check(void)
{
	const void *other;

	if(tls_hook.read != guarded_read)
		other = (const void *)tls_hook.read;
	else if(tls_hook.encode != guarded_encode)
		other = (const void *)tls_hook.encode;
	else if(tls_hook.tcpconn_clean != guarded_clean)
		other = (const void *)tls_hook.tcpconn_clean;
	else
		return 0;
	LM_ERR("no policy can be enforced: our TLS hooks were replaced by %s; load "
		   "such a module before tls_policy.so, or not at all\n",
			origin(other));
	return -1;
}
