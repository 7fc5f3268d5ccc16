/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * successor - see successor.h.
 */
#include "successor.h"

#include <unistd.h>

#include "core/dprint.h"
#include "core/ip_addr.h"

#include "steps.h"
#include "kamailio/connection/core_tcp.h"
#include "kamailio/policy/tls_domains.h"
#include "jobs.h"
#include "kamailio/report/statistics.h"

enum
{
	AT_ONCE = 256,
	PROVEN_MS = 300 /* a successor that lives so long stays */
};

/* RFC 5626, 4.4.1: a ping; ignored by whoever does not know it (RFC 3261,
 * 7.5). It makes the tls module begin the handshake. */
static const char ping[] = "\r\n\r\n";

struct successor
{
	int socket;			   /* while it connects; else -1, and it has: */
	int id;				   /* the core's */
	unsigned short port;   /* of the peer */
	uint64_t until_ms;	   /* it must be proven */
	int old_id;			   /* whom it is to replace */
	unsigned rehandshakes; /* of that one, and: */
	struct tlsp_digest server_id;
};

static struct successor successors[AT_ONCE];
static size_t count;

bool tlsp_successor_is_first(const char *buffer)
{
	return buffer == ping;
}

bool tlsp_successor_any(void)
{
	return count > 0;
}

/* False if it cannot. */
static bool begin_to_connect(struct successor *successor)
{
	struct tlsp_job addresses = {.kind = TLSP_JOB_ADDRESSES};
	enum tlsp_job_result known = tlsp_jobs_run(successor->old_id, &addresses);

	tlsp_tls_domains_choose_default();
	successor->socket = -1;
	successor->id = 0;
	if(known != TLSP_JOB_DONE)
		return false;
	successor->port = su_getport(&addresses.peer);
	successor->socket =
			tlsp_core_tcp_connect(&addresses.peer, &addresses.local);
	return successor->socket >= 0;
}

/* The server name and TLS domain of the old one are chosen while the ClientHello
 * is made. False if it cannot be. */
static bool begin_handshake(struct successor *successor)
{
	struct tlsp_job addresses = {.kind = TLSP_JOB_ADDRESSES};

	if(tlsp_jobs_run(successor->old_id, &addresses) == TLSP_JOB_DONE)
		successor->id = tlsp_core_tcp_enter(successor->socket, &addresses.peer,
				addresses.local_port, ping, sizeof(ping) - 1);
	else
		close(successor->socket);
	tlsp_tls_domains_choose_default();
	successor->socket = -1;
	return successor->id != 0;
}

static void failed(int id, uint64_t now_ms)
{
	LM_WARN("connection %d: no accepted successor, so it stays\n", id);
	tlsp_statistics_count(TLSP_STATISTIC_REHANDSHAKES_FAILED);
	tlsp_connections_next(id, now_ms);
}

void tlsp_successor_begin(const struct tlsp_connection *view,
		unsigned timeout_ms, uint64_t now_ms)
{
	struct successor *next = &successors[count];

	if(count == AT_ONCE && view->by_operator) {
		tlsp_connections_enter(
				view->id, view->phase, now_ms, now_ms + TLSP_AGAIN_MS);
		return;
	}
	if(count == AT_ONCE) {
		tlsp_statistics_count(TLSP_STATISTIC_REHANDSHAKES_POSTPONED);
		tlsp_connections_next(view->id, now_ms);
		return;
	}
	next->until_ms = now_ms + timeout_ms + PROVEN_MS;
	tlsp_connections_enter(
			view->id, TLSP_PHASE_REPLACING, now_ms, now_ms + 2ULL * timeout_ms);
	tlsp_connections_touch(view->id);
	tlsp_connections_replace();
	next->old_id = view->id;
	next->rehandshakes = view->rehandshakes;
	next->server_id = view->server_id;
	if(begin_to_connect(next))
		count++;
	else
		failed(view->id, now_ms);
}

/* Accepted by us, and not being closed. In TLS 1.3 the server judges us after
 * that, so it must live for a moment. */
static bool is_proven(const struct successor *successor, uint64_t now_ms)
{
	struct tlsp_connection view;

	return successor->id && tlsp_connections_view(successor->id, &view)
		   && view.phase == TLSP_PHASE_SUCCEEDING
		   && now_ms >= view.established_ms + PROVEN_MS
		   && tlsp_core_tcp_exists(successor->id);
}

static void take_over(const struct successor *successor, uint64_t now_ms)
{
	tlsp_core_tcp_move_addresses(
			successor->old_id, successor->id, successor->port);
	tlsp_connections_succeeded(successor->id, successor->rehandshakes,
			&successor->server_id, now_ms);
	tlsp_connections_enter(successor->old_id, TLSP_PHASE_DRAINING, now_ms,
			now_ms + TLSP_AGAIN_MS);
	tlsp_statistics_count(TLSP_STATISTIC_RECONNECTS);
}

static void give_up(const struct successor *successor, uint64_t now_ms)
{
	struct tlsp_job job = {.kind = TLSP_JOB_CLOSE};

	if(successor->socket >= 0)
		close(successor->socket);
	if(successor->id)
		tlsp_jobs_run(successor->id, &job);
	failed(successor->old_id, now_ms);
}

/* False if it never can be. */
static bool is_alive(struct successor *successor, uint64_t now_ms)
{
	bool broken;

	if(now_ms >= successor->until_ms)
		return false;
	if(successor->socket < 0)
		return tlsp_core_tcp_exists(successor->id);
	return tlsp_core_tcp_is_connected(successor->socket, &broken)
				   ? begin_handshake(successor)
				   : !broken;
}

/* True when there is nothing more to do. */
static bool look_at(struct successor *successor, uint64_t now_ms)
{
	if(is_proven(successor, now_ms)) {
		take_over(successor, now_ms);
		return true;
	}
	if(is_alive(successor, now_ms))
		return false;
	give_up(successor, now_ms);
	return true;
}

void tlsp_successor_look(uint64_t now_ms)
{
	for(size_t i = count; i > 0; i--)
		if(look_at(&successors[i - 1], now_ms))
			successors[i - 1] = successors[--count];
}
