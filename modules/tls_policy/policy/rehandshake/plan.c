/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan - see plan.h. In each function the first line
 * that fits decides.
 */
#include "plan.h"

enum
{
	WIRE_TLS_1_0 = 0x0301,
	WIRE_TLS_1_3 = 0x0304,
	MS_PER_SECOND = 1000,
	SECONDS_PER_MINUTE = 60
};

typedef const struct tlsp_rehandshake_facts facts_t;

static struct tlsp_plan plan(enum tlsp_plan_step step, const char *why)
{
	struct tlsp_plan result = {step, false, why};

	return result;
}

static bool automatic(facts_t *facts)
{
	return !facts->by_operator;
}

static bool died_or_refused(facts_t *facts)
{
	return facts->remembered == TLSP_PEER_DIED
		   || facts->remembered == TLSP_PEER_REFUSED;
}

/* As client a new connection, but not for one that nobody uses. */
static struct tlsp_plan new_connection(facts_t *facts, const char *why)
{
	if(automatic(facts) && !facts->data_since_last)
		return plan(TLSP_PLAN_JUDGE_ONLY, "no data since the last one");
	return plan(TLSP_PLAN_RECONNECT, why);
}

/* What costs nobody a connection where the proper way is barred. */
static struct tlsp_plan way_around(facts_t *facts, const char *why)
{
	if(facts->role == TLSP_ROLE_CLIENT)
		return new_connection(facts, why);
	return plan(TLSP_PLAN_LEAVE_DUE, why);
}

/* The peer bars it: `auto` knows a way around, `renegotiate` does not want
 * one. */
static struct tlsp_plan barred(facts_t *facts, const char *why)
{
	if(facts->method == TLSP_METHOD_AUTO)
		return way_around(facts, why);
	return plan(TLSP_PLAN_LEAVE_DUE, why);
}

static struct tlsp_plan reconnect(facts_t *facts)
{
	if(facts->role == TLSP_ROLE_CLIENT)
		return new_connection(facts, "the method is reconnect");
	return plan(TLSP_PLAN_CLOSE_WHEN_QUIET, "the method is reconnect");
}

/* TLS 1.3 */
static struct tlsp_plan key_update(facts_t *facts)
{
	bool insisted =
			facts->by_operator && facts->method == TLSP_METHOD_RENEGOTIATE;
	struct tlsp_plan result;

	if(automatic(facts) && !facts->data_since_last)
		return plan(TLSP_PLAN_JUDGE_ONLY, "no data since the last one");
	if(died_or_refused(facts) && !insisted)
		return barred(facts, "the peer once ended a connection at a KeyUpdate");
	if(facts->key_updates >= TLSP_KEY_UPDATES_MAX)
		return way_around(facts, "the connection had its 30 KeyUpdates");
	result = plan(TLSP_PLAN_KEY_UPDATE, "TLS 1.3");
	result.authenticate = facts->method == TLSP_METHOD_RENEGOTIATE
						  && facts->role == TLSP_ROLE_SERVER
						  && facts->certificate_required;
	return result;
}

/* TLS 1.2 and below: may it be done with this peer? If not, |why|. */
static bool peer_takes_it(facts_t *facts, const char **why)
{
	if(!facts->secure_renegotiation) {
		*why = "the peer has no secure renegotiation";
		return false;
	}
	if(facts->method == TLSP_METHOD_RENEGOTIATE && facts->by_operator)
		return true;
	if(died_or_refused(facts) || facts->remembered == TLSP_PEER_IGNORED) {
		*why = "the peer once refused a renegotiation, ignored it or died";
		return false;
	}
	if(facts->method == TLSP_METHOD_AUTO && !facts->named
			&& facts->remembered != TLSP_PEER_TOOK) {
		*why = "the peer is not known to take a renegotiation";
		return false;
	}
	return true;
}

static struct tlsp_plan renegotiation(facts_t *facts)
{
	const char *why = "";

	if(!peer_takes_it(facts, &why))
		return barred(facts, why);
	if(facts->by_operator)
		return plan(TLSP_PLAN_RENEGOTIATE, "an operator asked for it");
	if(facts->renegotiated
			&& facts->since_renegotiation_ms < facts->min_spacing_ms)
		return plan(TLSP_PLAN_POSTPONE, "the last one was not long ago");
	if(facts->quiet_for_ms >= facts->quiet_ms)
		return plan(TLSP_PLAN_RENEGOTIATE, "a quiet moment");
	if(facts->waited_ms < facts->quiet_wait_ms)
		return plan(TLSP_PLAN_WAIT, "waits for a quiet moment");
	if(facts->method == TLSP_METHOD_AUTO)
		return plan(TLSP_PLAN_POSTPONE, "there was no quiet moment");
	return plan(TLSP_PLAN_RENEGOTIATE, "no quiet moment came");
}

struct tlsp_plan tlsp_rehandshake_plan(facts_t *facts)
{
	if(facts->version < WIRE_TLS_1_0 || facts->version > WIRE_TLS_1_3)
		return plan(TLSP_PLAN_LEAVE_DUE, "an unknown version of TLS");
	if(facts->method == TLSP_METHOD_RECONNECT)
		return reconnect(facts);
	if(facts->version == WIRE_TLS_1_3)
		return key_update(facts);
	return renegotiation(facts);
}

enum tlsp_rehandshake_kind tlsp_rehandshake_plan_kind(
		enum tlsp_role role, int version)
{
	if(version >= WIRE_TLS_1_3)
		return TLSP_KIND_KEY_UPDATE;
	return role == TLSP_ROLE_SERVER ? TLSP_KIND_HELLO_REQUEST
									: TLSP_KIND_CLIENT_HELLO;
}

uint64_t tlsp_rehandshake_plan_interval_ms(const struct tlsp_policy *policy)
{
	if(policy->enforcement != TLSP_ENFORCE)
		return 0;
	if(policy->tls_rehandshake_interval_seconds > 0)
		return (uint64_t)policy->tls_rehandshake_interval_seconds
			   * MS_PER_SECOND;
	return (uint64_t)policy->tls_rehandshake_interval * SECONDS_PER_MINUTE
		   * MS_PER_SECOND;
}

const char *tlsp_rehandshake_plan_word(enum tlsp_plan_step step)
{
	static const char *const words[TLSP_PLAN_STEPS] = {"key-update",
			"renegotiate", "reconnect", "close-when-quiet", "wait", "postpone",
			"leave-due", "judge-only"};

	return words[step < TLSP_PLAN_STEPS ? step : TLSP_PLAN_LEAVE_DUE];
}
