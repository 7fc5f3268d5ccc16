/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * entry - what is known of one TLS connection, by value, and what
 * follows from it. Any process; no lock: each function works on a copy, or on
 * the table's own entry as connections.c calls it under its lock.
 *
 * The table's own entry is seen outside connections.c in one place only: the
 * record of its SSL has it as its owner (openssl/record.h). Whoever is in a
 * hook of the core's for that connection may read |id|, use |held| with the
 * connection's write_lock held, and |data_ms| and |lifetime_ms| without any
 * lock, and may pass it on to connections.h; it stays until the core frees the
 * connection. All other members are under the lock of the table.
 */
#ifndef TLSP_ENTRY_H
#define TLSP_ENTRY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/ip_addr.h"

#include "openssl/record.h"
#include "policy/names/vouched.h"
#include "policy/rehandshake/peer_memory.h"
#include "policy/rehandshake/plan.h"
#include "policy/rehandshake/schedule.h"
#include "hold_queue.h"

enum
{
	TLSP_CONNECTION_MAX_OCTETS = 512 /* of an entry, without |vouched| */
};

enum tlsp_phase
{
	TLSP_PHASE_HANDSHAKE,	  /* the first one, not accepted yet */
	TLSP_PHASE_OPEN,		  /* nothing goes on */
	TLSP_PHASE_WAITING,		  /* due, and waiting for a quiet moment */
	TLSP_PHASE_RENEGOTIATING, /* until the peer's Finished or the timeout */
	TLSP_PHASE_REPLACING,	  /* its successor is being opened */
	TLSP_PHASE_SUCCEEDING,	  /* a successor that is not proven yet */
	TLSP_PHASE_DRAINING,	  /* replaced; closed when quiet for long */
	TLSP_PHASE_CLOSING		  /* by us; the core ends it */
};

struct tlsp_connection
{
	struct tlsp_schedule_entry schedule; /* the first member (agenda.c) */
	struct tlsp_connection *next, *prev; /* of all */
	struct tlsp_connection *next_in_bucket, *next_at_address;
	int id; /* the core's */
	enum tlsp_role role;
	char rule[TLSP_RULE_NAME_OCTETS]; /* that it was judged by last */
	enum tlsp_enforcement enforcement;
	enum tlsp_standing standing;
	unsigned reasons;	  /* enum tlsp_reason, if it would be refused */
	uint64_t interval_ms; /* between re-handshakes, by its rule; 0 = none */
	const char *cipher;	  /* OpenSSL's name: static, the same in all processes,
						   which are forked from one that has it; or NULL */
	struct ip_addr peer;
	unsigned short peer_port;
	bool accepted_socket; /* the peer opened it; else we did, for: */
	struct tlsp_reference reference;
	struct tlsp_digest server_id; /* of tls.cfg; zeros if none */
	bool successor;				  /* opened to replace another one */
	bool secure_renegotiation;	  /* RFC 5746 and 7627: it can renegotiate */
	bool resumed; /* a session; no handshake in full has followed */
	struct tlsp_as_server as_server; /* may it carry requests to the peer? */
	enum tlsp_match match;
	int version; /* as SSL_version(3) */
	/* As whom it was accepted, if match is not NONE, and its names; owned. Of
	 * a copy, NULL: see tlsp_connections_vouched. */
	struct tlsp_vouched *vouched;
	uint64_t established_ms;
	uint64_t last_ms; /* of the last re-handshake; 0 = none */
	uint64_t last_renegotiation_ms;
	enum tlsp_plan_step last_kind; /* if |rehandshakes| is not 0 */
	enum tlsp_plan_step planned;   /* if |why| is not NULL */
	const char *why;	   /* static: of the last plan; NULL before the first */
	unsigned rehandshakes; /* completed */
	unsigned key_updates;
	enum tlsp_phase phase;
	uint64_t phase_ms;	/* when it began */
	bool by_operator;	/* the re-handshake that goes on */
	bool ours;			/* RENEGOTIATING: we asked for it */
	bool running;		/* the peer has begun one, and it is not over */
	bool close_unasked; /* at that: if nobody asked for its certificate */
	bool recheck;		/* to be judged anew, now; and then: */
	uint64_t look_again_ms;
	uint64_t waits_ms; /* since when it cannot be judged; 0: it can */
	unsigned rechecks; /* of all connections, when it was entered */
	bool counted;	   /* among those of its role (statistics) */
	bool revived;	   /* our own octets have put off the core's idle timeout */
	uint64_t due_ms;   /* of the next re-handshake */
	/* Not under the table's lock: */
	_Atomic uint64_t data_ms;	  /* last clear text in either direction */
	_Atomic uint64_t lifetime_ms; /* the core's idle timeout; 0 = none; as the
									 last job found it */
	struct tlsp_hold_queue held;  /* under the connection's write_lock */
};

_Static_assert(sizeof(struct tlsp_connection) <= TLSP_CONNECTION_MAX_OCTETS,
		"there may be a hundred thousand connections");

/* What a connection is entered with. */
struct tlsp_connection_facts
{
	int id;
	const struct ip_addr *peer;
	unsigned short peer_port;
	bool accepted_socket;
	const struct tlsp_record *record; /* if there is one yet */
	struct tlsp_digest server_id;
	uint64_t lifetime_ms;
	unsigned timeout_ms; /* of its first handshake */
};

/* tlsp_connection_fill: a new one of |facts|, in its first handshake. */
void tlsp_connection_fill(struct tlsp_connection *connection,
		const struct tlsp_connection_facts *facts, uint64_t now_ms);

/* tlsp_connection_refresh: what a handshake on |ssl| has decided; with the
 * connection's write_lock held, too. */
void tlsp_connection_refresh(
		struct tlsp_connection *connection, const SSL *ssl);

/* tlsp_connection_copy: |connection| by value, without what it owns. */
void tlsp_connection_copy(
		struct tlsp_connection *out, const struct tlsp_connection *connection);

/* tlsp_connection_standing_word: what became of the judgement of its peer, as
 * users read it. Static. */
const char *tlsp_connection_standing_word(
		const struct tlsp_connection *connection);

/* tlsp_connection_is_replaced: is |connection| a successor that is not proven,
 * or one that was replaced or is being closed? Then it carries nothing new. */
bool tlsp_connection_is_replaced(const struct tlsp_connection *connection);

/* tlsp_connection_version_word: "TLSv1.3", as OpenSSL has it. Static. */
const char *tlsp_connection_version_word(
		const struct tlsp_connection *connection);

/* tlsp_connection_peer: what |connection|'s peer is remembered by. Of the
 * table's own entry. */
struct tlsp_peer_key tlsp_connection_peer(
		const struct tlsp_connection *connection);

/* tlsp_connection_data_ms: when clear text last passed on |connection|, in
 * either direction. */
static inline uint64_t tlsp_connection_data_ms(
		const struct tlsp_connection *connection)
{
	return atomic_load_explicit(&connection->data_ms, memory_order_relaxed);
}

/* tlsp_connection_idle_ms: when |connection| would have ended at the core's
 * idle timeout, but for jobs of ours; or TLSP_SCHEDULE_NEVER. */
uint64_t tlsp_connection_idle_ms(const struct tlsp_connection *connection);

/* tlsp_connection_look_at: when an OPEN |connection| is to be looked at: when
 * it is due, or, if our own octets put off the core's idle timeout, when that
 * would have been. */
uint64_t tlsp_connection_look_at(const struct tlsp_connection *connection);

#endif
