/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tls_hooks - see tls_hooks.h. Runs in every process that reads from or writes
 * to a TLS connection. The tls module creates the SSL and drives its handshake
 * inside its read hook (which takes c->write_lock itself) and its encode hook
 * (called with c->write_lock held), so the gate of openssl/handshake is open
 * there and nowhere else.
 */
#include "tls_hooks.h"

#include <dlfcn.h>

#include "core/dprint.h"
#include "core/globals.h"
#include "core/ip_addr.h"
#include "core/sr_module.h"
#include "core/tls_hooks.h"
#include "core/tls_hooks_init.h"
#include "modules/tls/tls_server.h"

#include "live_policy.h"
#include "rejections.h"
#include "statistics.h"

static struct tls_hooks tls; /* the tls module's own, saved */
static struct tlsp_gate gate;

/* False for a connection whose SSL escaped the gate or was refused. */
static bool passes(const struct tcp_connection *c)
{
	const struct tls_extra_data *extra = c->extra_data;

	return !extra || tlsp_handshake_passes(extra->ssl);
}

static void open_gate(const struct tcp_connection *c)
{
	gate.may_attach = c->extra_data == NULL;
	gate.peer_address = c->rcv.src_ip.u.addr;
	gate.peer_address_octets = c->rcv.src_ip.len;
	gate.accepted = gate.noted = gate.refused = false;
	gate.open = true;
}

static void close_gate(void)
{
	gate.open = false;
	if(gate.terms)
		tlsp_live_policy_release();
	gate.terms = NULL;
}

/* After the decision: the counters, and the one log line of a refusal, or of a
 * peer that only a setting accepts. */
static void report(const struct tcp_connection *c)
{
	const char *peer = (c->flags & F_CONN_PASSIVE) ? "client" : "server";
	char *address = ip_addr2a((struct ip_addr *)&c->rcv.src_ip);

	if(gate.accepted)
		tlsp_statistics_count(TLSP_STATISTIC_ACCEPTED);
	if(gate.refused) {
		tlsp_statistics_count_refusal(gate.refusal.reasons);
		tlsp_rejections_add(c, &gate.refusal);
		LM_WARN("%s %s:%d %s\n", peer, address, c->rcv.src_port,
				gate.refusal.why);
	} else if(gate.noted) {
		LM_NOTICE("%s %s:%d %s\n", peer, address, c->rcv.src_port, gate.note);
	}
	gate.accepted = gate.noted = gate.refused = false;
}

/* Without c->write_lock, as the hook that it wraps. Data of a connection that
 * does not pass never reaches the parser. */
static int guarded_read(struct tcp_connection *c, rd_conn_flags_t *flags)
{
	char *read_before = c->req.pos;
	int octets = -1;

	if(passes(c)) {
		open_gate(c);
		octets = tls.read(c, flags);
		close_gate();
		report(c);
		if(passes(c))
			return octets;
	}
	c->req.pos = read_before;
	c->req.error = TCP_READ_ERROR;
	return -1;
}

/* With c->write_lock held, as the hook that it wraps. */
static int guarded_encode(struct tcp_connection *c, const char **buffer,
		unsigned int *octets, const char **rest, unsigned int *rest_octets,
		snd_flags_t *send_flags)
{
	int encoded;

	if(!passes(c))
		return -1;
	open_gate(c);
	encoded = tls.encode(c, buffer, octets, rest, rest_octets, send_flags);
	close_gate();
	report(c);
	return passes(c) ? encoded : -1;
}

/* Kamailio 6.1 can do TLS in threads of a process of its own, around which
 * this module has no gate. */
static bool tls_runs_in_threads(void)
{
	const int *threads = dlsym(RTLD_DEFAULT, "ksr_tcp_main_threads");

	return threads && *threads != 0;
}

int tlsp_tls_hooks_install(void)
{
	struct tls_hooks guarded;

	if(!find_module_by_name("tls")) {
		LM_ERR("the tls module is missing: add loadmodule \"tls.so\" before "
			   "tls_policy.so\n");
		return -1;
	}
	if(tls_disable || !tls_loaded() || !tls_hook.read || !tls_hook.encode) {
		LM_ERR("TLS is off: set enable_tls=yes, or do not load tls_policy\n");
		return -1;
	}
	if(tls_runs_in_threads()) {
		LM_ERR("tcp_main_threads is not 0: TLS would run where no policy can "
			   "be enforced\n");
		return -1;
	}
	gate.acquire = tlsp_live_policy_acquire;
	if(!tlsp_handshake_init(&gate)) {
		LM_ERR("no memory for the OpenSSL callbacks\n");
		return -1;
	}
	tls = tls_hook;
	guarded = tls_hook;
	guarded.read = guarded_read;
	guarded.encode = guarded_encode;
	return register_tls_hooks(&guarded);
}
