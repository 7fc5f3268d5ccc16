/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan - what to do with one connection that is due for a
 * re-handshake: facts in, plan out. Pure: no state, no clock, no allocation.
 * libc and policy/ only; any process.
 *
 * | method      | TLS 1.3              | TLS <= 1.2                            |
 * | renegotiate | KeyUpdate, and       | renegotiation; not with a peer        |
 * |             | authentication once  | that is remembered to lose by it      |
 * | auto        | KeyUpdate            | renegotiation with peers that are     |
 * |             |                      | named or took one; else as client     |
 * |             |                      | reconnect, as server left due         |
 * | reconnect   | as client a new connection, as server closed when quiet      |
 *
 * What the manual leaves open, decided here:
 * - Nothing was sent or received since the last one: no KeyUpdate and no new
 *   connection (that would keep an idle connection alive for ever); the peer
 *   is judged anew all the same. A renegotiation is carried out on an idle
 *   connection too: it shows the certificate again.
 * - What is remembered wins over tls_rehandshake_peers: the configuration may
 *   be older than the peer's software. With `renegotiate` such a peer is left
 *   due in both roles: whoever asked for renegotiation gets no reconnect.
 *   A missing answer to a KeyUpdate is no failure.
 * - Used up KeyUpdates: as client a new connection, which has 30 again; as
 *   server left due. That limit is ours and not the peer's, so it holds for
 *   `renegotiate` and for operators too.
 * - Post-handshake authentication goes with `renegotiate` only, as server. To
 *   plan it is free: the TLS library knows whether the peer offers it and
 *   whether it was done already, and then leaves it out.
 * - An operator's is carried out at once by the method in force: quiet moment,
 *   spacing, idleness and, with `renegotiate`, what is remembered of the peer
 *   do not hold it back. A peer without secure renegotiation (RFC 5746) is
 *   surely lost, so even an operator gets the reason instead.
 */
#ifndef TLSP_REHANDSHAKE_PLAN_H
#define TLSP_REHANDSHAKE_PLAN_H

#include "peer_memory.h"
#include "policy/parameters.h"
#include "policy/peer_facts.h"

enum
{
	TLSP_KEY_UPDATES_MAX = 30 /* some stacks count them: rustls ends a
								connection at the 33rd */
};

/* With each but WAIT the stored certificate of the peer is judged anew. */
enum tlsp_plan_step
{
	TLSP_PLAN_KEY_UPDATE,
	TLSP_PLAN_RENEGOTIATE,		/* under the hold queue */
	TLSP_PLAN_RECONNECT,		/* as client: open a new one, drain this one */
	TLSP_PLAN_CLOSE_WHEN_QUIET, /* as server, with close_notify; the caller
								   waits for the quiet moment, with no limit */
	TLSP_PLAN_WAIT,				/* for a quiet moment: ask again soon */
	TLSP_PLAN_POSTPONE,			/* to the next interval */
	TLSP_PLAN_LEAVE_DUE,		/* left alone and counted as due */
	TLSP_PLAN_JUDGE_ONLY,		/* nothing on the wire */
	TLSP_PLAN_STEPS				/* how many there are */
};

struct tlsp_plan
{
	enum tlsp_plan_step step;
	bool authenticate; /* with KEY_UPDATE: ask for the certificate too */
	const char *why;   /* static, for log and RPC */
};

struct tlsp_rehandshake_facts
{
	enum tlsp_rehandshake_method method;
	enum tlsp_role role;
	int version;	  /* wire value, 0x0301 to 0x0304 */
	bool by_operator; /* tls_policy.rehandshake */
	bool named;		  /* by tls_rehandshake_peers */
	/* What peer_memory knows of tlsp_rehandshake_plan_kind. */
	enum tlsp_peer_outcome remembered;
	bool secure_renegotiation; /* RFC 5746, as the TLS library tells */
	bool data_since_last;	   /* either way, since the last re-handshake of
								   any kind, or since the first handshake */
	unsigned key_updates;	   /* that we started on this connection */
	bool renegotiated;		   /* this connection was, once or more */
	uint64_t since_renegotiation_ms; /* means something if |renegotiated| */
	uint64_t min_spacing_ms;		 /* between two that are not operators' */
	uint64_t quiet_for_ms;			 /* without data in either direction */
	uint64_t quiet_ms;				 /* of it that make a quiet moment */
	uint64_t waited_ms;				 /* since the connection became due */
	uint64_t quiet_wait_ms;			 /* that it may */
	bool certificate_required;		 /* of clients */
};

/* tlsp_rehandshake_plan: what to do now. Constant time. */
struct tlsp_plan tlsp_rehandshake_plan(
		const struct tlsp_rehandshake_facts *facts);

/* tlsp_rehandshake_plan_kind: what peer_memory is to be asked for on a
 * connection of |version| in |role|. */
enum tlsp_rehandshake_kind tlsp_rehandshake_plan_kind(
		enum tlsp_role role, int version);

/* tlsp_rehandshake_plan_interval_ms: the interval that |policy| asks for: the
 * seconds, if they are not 0, else the minutes; 0 = none. */
uint64_t tlsp_rehandshake_plan_interval_ms(const struct tlsp_policy *policy);

/* tlsp_rehandshake_plan_word: "key-update", "renegotiate", "reconnect",
 * "close-when-quiet", "wait", "postpone", "leave-due", "judge-only". Static. */
const char *tlsp_rehandshake_plan_word(enum tlsp_plan_step step);

#endif
