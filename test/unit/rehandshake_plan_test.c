/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rehandshake_plan_test - the methods of the manual and the guards, row by
 * row; and what must never be planned, over all combinations of facts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/rehandshake/plan.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define AUTO .method = TLSP_METHOD_AUTO
#define RENEGOTIATE .method = TLSP_METHOD_RENEGOTIATE
#define RECONNECT .method = TLSP_METHOD_RECONNECT
#define SERVER .role = TLSP_ROLE_SERVER
#define CLIENT .role = TLSP_ROLE_CLIENT
#define TLS_1_0 .version = 0x0301, .secure_renegotiation = true
#define TLS_1_2 .version = 0x0303, .secure_renegotiation = true
#define TLS_1_3 .version = 0x0304
#define USED .data_since_last = true
#define NAMED .named = true
#define TOOK .remembered = TLSP_PEER_TOOK
#define REFUSED .remembered = TLSP_PEER_REFUSED
#define DIED .remembered = TLSP_PEER_DIED
#define IGNORED .remembered = TLSP_PEER_IGNORED
#define OPERATOR .by_operator = true
#define WAITS .quiet_ms = 50, .quiet_wait_ms = 5000, .min_spacing_ms = 240000
#define QUIET WAITS, .quiet_for_ms = 50
#define BUSY WAITS, .quiet_for_ms = 49
#define WAITED BUSY, .waited_ms = 5000
#define REQUIRED .certificate_required = true

#define KEY_UPDATE TLSP_PLAN_KEY_UPDATE
#define RENEGOTIATES TLSP_PLAN_RENEGOTIATE
#define RECONNECTS TLSP_PLAN_RECONNECT
#define CLOSES TLSP_PLAN_CLOSE_WHEN_QUIET
#define WAIT TLSP_PLAN_WAIT
#define POSTPONE TLSP_PLAN_POSTPONE
#define LEAVE_DUE TLSP_PLAN_LEAVE_DUE
#define JUDGE_ONLY TLSP_PLAN_JUDGE_ONLY

/* clang-format off */
static const struct
{
	const char *label;
	struct tlsp_rehandshake_facts facts;
	enum tlsp_plan_step step;
	bool authenticate;
	const char *why; /* a part of it, or NULL */
} rows[] = {
	/* auto, TLS 1.3 */
	{"auto is a KeyUpdate, server", {AUTO, SERVER, TLS_1_3, USED, BUSY}, KEY_UPDATE, false, "TLS 1.3"},
	{"auto is a KeyUpdate, client", {AUTO, CLIENT, TLS_1_3, USED, BUSY}, KEY_UPDATE, false, NULL},
	{"auto asks for no certificate", {AUTO, SERVER, TLS_1_3, USED, REQUIRED}, KEY_UPDATE, false, NULL},
	{"no KeyUpdate without data", {AUTO, SERVER, TLS_1_3}, JUDGE_ONLY, false, "no data"},
	{"no KeyUpdate without data, client", {AUTO, CLIENT, TLS_1_3}, JUDGE_ONLY, false, NULL},
	{"the 30th KeyUpdate", {AUTO, SERVER, TLS_1_3, USED, .key_updates = 29}, KEY_UPDATE, false, NULL},
	{"no 31st, server", {AUTO, SERVER, TLS_1_3, USED, .key_updates = 30}, LEAVE_DUE, false, "30 KeyUpdates"},
	{"no 31st, client", {AUTO, CLIENT, TLS_1_3, USED, .key_updates = 30}, RECONNECTS, false, "30 KeyUpdates"},
	{"no 31st, idle client", {AUTO, CLIENT, TLS_1_3, .key_updates = 30}, JUDGE_ONLY, false, NULL},
	{"died at a KeyUpdate, server", {AUTO, SERVER, TLS_1_3, USED, DIED}, LEAVE_DUE, false, "once ended"},
	{"died at a KeyUpdate, client", {AUTO, CLIENT, TLS_1_3, USED, DIED}, RECONNECTS, false, NULL},
	{"refused a KeyUpdate, client", {AUTO, CLIENT, TLS_1_3, USED, REFUSED}, RECONNECTS, false, NULL},
	{"a missing answer to a KeyUpdate is no failure", {AUTO, SERVER, TLS_1_3, USED, IGNORED}, KEY_UPDATE, false, NULL},
	{"an operator's KeyUpdate without data", {AUTO, SERVER, TLS_1_3, OPERATOR}, KEY_UPDATE, false, NULL},
	{"an operator's auto spares who died", {AUTO, SERVER, TLS_1_3, USED, DIED, OPERATOR}, LEAVE_DUE, false, NULL},
	/* auto, TLS <= 1.2 */
	{"an unknown peer is left alone, server", {AUTO, SERVER, TLS_1_2, USED, QUIET}, LEAVE_DUE, false, "not known"},
	{"an unknown peer, client", {AUTO, CLIENT, TLS_1_2, USED, QUIET}, RECONNECTS, false, "not known"},
	{"an unknown peer, TLS 1.0", {AUTO, SERVER, TLS_1_0, USED, QUIET}, LEAVE_DUE, false, NULL},
	{"an unknown peer, idle client", {AUTO, CLIENT, TLS_1_2, QUIET}, JUDGE_ONLY, false, NULL},
	{"a named peer", {AUTO, SERVER, TLS_1_2, USED, NAMED, QUIET}, RENEGOTIATES, false, "quiet moment"},
	{"a named peer, client", {AUTO, CLIENT, TLS_1_2, USED, NAMED, QUIET}, RENEGOTIATES, false, NULL},
	{"a named peer, TLS 1.0", {AUTO, CLIENT, TLS_1_0, USED, NAMED, QUIET}, RENEGOTIATES, false, NULL},
	{"a peer that took one", {AUTO, SERVER, TLS_1_2, USED, TOOK, QUIET}, RENEGOTIATES, false, NULL},
	{"a named peer, idle", {AUTO, SERVER, TLS_1_2, NAMED, QUIET}, RENEGOTIATES, false, NULL},
	{"a named peer that died, server", {AUTO, SERVER, TLS_1_2, USED, NAMED, DIED, QUIET}, LEAVE_DUE, false, "once"},
	{"a named peer that refused, client", {AUTO, CLIENT, TLS_1_2, USED, NAMED, REFUSED, QUIET}, RECONNECTS, false, NULL},
	{"a named peer that ignored it", {AUTO, SERVER, TLS_1_2, USED, NAMED, IGNORED, QUIET}, LEAVE_DUE, false, NULL},
	{"a named peer without RFC 5746, server", {AUTO, SERVER, .version = 0x0303, USED, NAMED, QUIET}, LEAVE_DUE, false, "secure"},
	{"a named peer without RFC 5746, client", {AUTO, CLIENT, .version = 0x0303, USED, NAMED, QUIET}, RECONNECTS, false, "secure"},
	{"traffic", {AUTO, SERVER, TLS_1_2, USED, NAMED, BUSY}, WAIT, false, "waits"},
	{"traffic for 5 s less 1 ms", {AUTO, SERVER, TLS_1_2, USED, NAMED, BUSY, .waited_ms = 4999}, WAIT, false, NULL},
	{"traffic for 5 s", {AUTO, SERVER, TLS_1_2, USED, NAMED, WAITED}, POSTPONE, false, "no quiet moment"},
	{"quiet after 5 s", {AUTO, SERVER, TLS_1_2, USED, NAMED, QUIET, .waited_ms = 6000}, RENEGOTIATES, false, NULL},
	{"no wait allowed", {AUTO, SERVER, TLS_1_2, USED, NAMED, .quiet_ms = 50}, POSTPONE, false, NULL},
	{"too early for the second", {AUTO, SERVER, TLS_1_2, USED, TOOK, QUIET, .renegotiated = true,
		.since_renegotiation_ms = 239999}, POSTPONE, false, "not long ago"},
	{"in time for the second", {AUTO, SERVER, TLS_1_2, USED, TOOK, QUIET, .renegotiated = true,
		.since_renegotiation_ms = 240000}, RENEGOTIATES, false, NULL},
	{"the first needs no spacing", {AUTO, SERVER, TLS_1_2, USED, TOOK, QUIET, .since_renegotiation_ms = 1},
		RENEGOTIATES, false, NULL},
	{"too early comes before traffic", {AUTO, SERVER, TLS_1_2, USED, TOOK, BUSY, .renegotiated = true}, POSTPONE, false,
		"not long ago"},
	{"an operator's, a named peer, traffic", {AUTO, SERVER, TLS_1_2, USED, NAMED, BUSY, OPERATOR}, RENEGOTIATES, false,
		"operator"},
	{"an operator's, too early", {AUTO, SERVER, TLS_1_2, USED, TOOK, QUIET, .renegotiated = true, OPERATOR},
		RENEGOTIATES, false, NULL},
	{"an operator's auto, an unknown peer, server", {AUTO, SERVER, TLS_1_2, USED, QUIET, OPERATOR}, LEAVE_DUE, false,
		"not known"},
	{"an operator's auto, an unknown peer, client", {AUTO, CLIENT, TLS_1_2, QUIET, OPERATOR}, RECONNECTS, false, NULL},
	/* renegotiate, TLS 1.3 */
	{"renegotiate is a KeyUpdate", {RENEGOTIATE, CLIENT, TLS_1_3, USED}, KEY_UPDATE, false, NULL},
	{"and a certificate, if required", {RENEGOTIATE, SERVER, TLS_1_3, USED, REQUIRED}, KEY_UPDATE, true, NULL},
	{"not required", {RENEGOTIATE, SERVER, TLS_1_3, USED}, KEY_UPDATE, false, NULL},
	{"not as client", {RENEGOTIATE, CLIENT, TLS_1_3, USED, REQUIRED}, KEY_UPDATE, false, NULL},
	{"renegotiate without data", {RENEGOTIATE, SERVER, TLS_1_3, REQUIRED}, JUDGE_ONLY, false, NULL},
	{"renegotiate has 30 too, server", {RENEGOTIATE, SERVER, TLS_1_3, USED, .key_updates = 30}, LEAVE_DUE, false, NULL},
	{"renegotiate has 30 too, client", {RENEGOTIATE, CLIENT, TLS_1_3, USED, .key_updates = 31}, RECONNECTS, false, NULL},
	{"an operator has 30 too, server", {RENEGOTIATE, SERVER, TLS_1_3, .key_updates = 30, OPERATOR}, LEAVE_DUE, false, NULL},
	{"an operator has 30 too, client", {RENEGOTIATE, CLIENT, TLS_1_3, .key_updates = 30, OPERATOR}, RECONNECTS, false, NULL},
	{"renegotiate spares who died at one", {RENEGOTIATE, CLIENT, TLS_1_3, USED, DIED}, LEAVE_DUE, false, NULL},
	{"but an operator insists", {RENEGOTIATE, CLIENT, TLS_1_3, USED, DIED, OPERATOR}, KEY_UPDATE, false, NULL},
	/* renegotiate, TLS <= 1.2 */
	{"renegotiate with an unknown peer, server", {RENEGOTIATE, SERVER, TLS_1_2, USED, QUIET}, RENEGOTIATES, false, NULL},
	{"renegotiate with an unknown peer, client", {RENEGOTIATE, CLIENT, TLS_1_0, USED, QUIET}, RENEGOTIATES, false, NULL},
	{"renegotiate waits", {RENEGOTIATE, SERVER, TLS_1_2, USED, BUSY}, WAIT, false, NULL},
	{"and goes on under the hold queue", {RENEGOTIATE, SERVER, TLS_1_2, USED, WAITED}, RENEGOTIATES, false,
		"no quiet moment"},
	{"renegotiate keeps the spacing", {RENEGOTIATE, SERVER, TLS_1_2, USED, QUIET, .renegotiated = true}, POSTPONE, false,
		NULL},
	{"renegotiate spares who died, server", {RENEGOTIATE, SERVER, TLS_1_2, USED, DIED, QUIET}, LEAVE_DUE, false, NULL},
	{"renegotiate spares who refused, client", {RENEGOTIATE, CLIENT, TLS_1_2, USED, NAMED, REFUSED, QUIET}, LEAVE_DUE,
		false, NULL},
	{"an operator's, whoever died, busy, early", {RENEGOTIATE, SERVER, TLS_1_2, USED, DIED, BUSY, .renegotiated = true,
		OPERATOR}, RENEGOTIATES, false, NULL},
	{"but nobody loses who cannot, server", {RENEGOTIATE, SERVER, .version = 0x0303, USED, QUIET, OPERATOR}, LEAVE_DUE,
		false, "secure"},
	{"but nobody loses who cannot, client", {RENEGOTIATE, CLIENT, .version = 0x0301, USED, NAMED, QUIET}, LEAVE_DUE, false,
		"secure"},
	/* reconnect */
	{"reconnect, client, 1.2", {RECONNECT, CLIENT, TLS_1_2, USED, BUSY}, RECONNECTS, false, "reconnect"},
	{"reconnect, client, 1.3", {RECONNECT, CLIENT, TLS_1_3, USED, BUSY}, RECONNECTS, false, NULL},
	{"reconnect, idle client", {RECONNECT, CLIENT, TLS_1_3, QUIET}, JUDGE_ONLY, false, NULL},
	{"reconnect, idle client, an operator's", {RECONNECT, CLIENT, TLS_1_3, QUIET, OPERATOR}, RECONNECTS, false, NULL},
	{"reconnect, server, 1.2", {RECONNECT, SERVER, TLS_1_2, USED, BUSY}, CLOSES, false, "reconnect"},
	{"reconnect, server, 1.3", {RECONNECT, SERVER, TLS_1_3, USED, NAMED, TOOK}, CLOSES, false, NULL},
	{"reconnect, idle server", {RECONNECT, SERVER, TLS_1_2, QUIET}, CLOSES, false, NULL},
	/* none of these */
	{"SSL 3.0", {AUTO, SERVER, .version = 0x0300, USED, NAMED, QUIET}, LEAVE_DUE, false, "version"},
	{"DTLS 1.2", {RECONNECT, CLIENT, .version = 0xfefd, USED}, LEAVE_DUE, false, "version"},
	{"no version", {AUTO, SERVER, USED}, LEAVE_DUE, false, "version"},
};
/* clang-format on */

static void the_methods_are_the_manuals(void **state)
{
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++) {
		struct tlsp_plan plan = tlsp_rehandshake_plan(&rows[i].facts);

		if(plan.step == rows[i].step
				&& plan.authenticate == rows[i].authenticate && plan.why
				&& (!rows[i].why || strstr(plan.why, rows[i].why)))
			continue;
		print_message("FAIL %s: %s, %s\n", rows[i].label,
				tlsp_rehandshake_plan_word(plan.step), plan.why);
		failures++;
	}
	assert_int_equal(failures, 0);
}

/* The facts number |n| of all combinations; false after the last. */
static bool combination(unsigned n, struct tlsp_rehandshake_facts *facts)
{
	static const int versions[] = {0x0301, 0x0303, 0x0304};
	bool *const flags[] = {&facts->by_operator, &facts->named,
			&facts->secure_renegotiation, &facts->data_since_last,
			&facts->renegotiated, &facts->certificate_required};

	memset(facts, 0, sizeof(*facts));
	for(size_t i = 0; i < COUNT(flags); i++, n /= 2)
		*flags[i] = n % 2;
	facts->method = (enum tlsp_rehandshake_method)(n % 3), n /= 3;
	facts->role = (enum tlsp_role)(n % 2), n /= 2;
	facts->version = versions[n % COUNT(versions)], n /= COUNT(versions);
	facts->remembered = (enum tlsp_peer_outcome)(n % TLSP_PEER_OUTCOMES);
	n /= TLSP_PEER_OUTCOMES;
	facts->key_updates = n % 2 ? TLSP_KEY_UPDATES_MAX : 0, n /= 2;
	facts->min_spacing_ms = n % 2 ? 1000 : 0, n /= 2;
	facts->quiet_for_ms = n % 2 ? 50 : 0, n /= 2;
	facts->waited_ms = n % 2 ? 5000 : 0, n /= 2;
	facts->quiet_ms = 50;
	facts->quiet_wait_ms = 5000;
	return n == 0;
}

/* What no combination may lead to. */
static bool never(const struct tlsp_rehandshake_facts *facts,
		const struct tlsp_plan *plan)
{
	enum tlsp_plan_step step = plan->step;
	bool is_1_3 = facts->version == 0x0304;
	bool known = facts->named || facts->remembered == TLSP_PEER_TOOK;
	bool bad = facts->remembered == TLSP_PEER_DIED
			   || facts->remembered == TLSP_PEER_REFUSED;
	bool is_auto = facts->method == TLSP_METHOD_AUTO;

	return !plan->why || !plan->why[0]
		   || (step == KEY_UPDATE
				   && (!is_1_3 || facts->key_updates >= TLSP_KEY_UPDATES_MAX))
		   || (step == RENEGOTIATES && (is_1_3 || !facts->secure_renegotiation))
		   || (step == RENEGOTIATES && is_auto && (!known || bad))
		   || (step == KEY_UPDATE && is_auto && bad)
		   || (step == RECONNECTS && facts->role != TLSP_ROLE_CLIENT)
		   || (step == CLOSES
				   && (facts->method != TLSP_METHOD_RECONNECT
						   || facts->role != TLSP_ROLE_SERVER))
		   || (plan->authenticate
				   && (step != KEY_UPDATE || !facts->certificate_required
						   || facts->role != TLSP_ROLE_SERVER || is_auto))
		   || (facts->by_operator
				   && (step == WAIT || step == POSTPONE || step == JUDGE_ONLY))
		   || (step == WAIT && facts->waited_ms >= facts->quiet_wait_ms);
}

static void some_plans_are_never_made(void **state)
{
	struct tlsp_rehandshake_facts facts;
	size_t met[TLSP_PLAN_STEPS] = {0};
	unsigned n = 0;

	(void)state;
	for(; combination(n, &facts); n++) {
		struct tlsp_plan plan = tlsp_rehandshake_plan(&facts);

		if(never(&facts, &plan))
			fail_msg("combination %u: %s", n,
					tlsp_rehandshake_plan_word(plan.step));
		met[plan.step]++;
	}
	assert_int_equal(n, 64 * 3 * 2 * 3 * TLSP_PEER_OUTCOMES * 16);
	for(size_t i = 0; i < TLSP_PLAN_STEPS; i++)
		assert_true(met[i] > 0);
}

static void memory_is_asked_for_what_would_be_done(void **state)
{
	(void)state;
	assert_int_equal(tlsp_rehandshake_plan_kind(TLSP_ROLE_SERVER, 0x0303),
			TLSP_KIND_HELLO_REQUEST);
	assert_int_equal(tlsp_rehandshake_plan_kind(TLSP_ROLE_CLIENT, 0x0301),
			TLSP_KIND_CLIENT_HELLO);
	assert_int_equal(tlsp_rehandshake_plan_kind(TLSP_ROLE_SERVER, 0x0304),
			TLSP_KIND_KEY_UPDATE);
	assert_int_equal(tlsp_rehandshake_plan_kind(TLSP_ROLE_CLIENT, 0x0304),
			TLSP_KIND_KEY_UPDATE);
}

static void seconds_count_before_minutes(void **state)
{
	struct tlsp_policy policy;

	(void)state;
	tlsp_parameters_defaults(&policy);
	assert_int_equal(tlsp_rehandshake_plan_interval_ms(&policy), 0);
	policy.tls_rehandshake_interval = 1500;
	assert_int_equal(tlsp_rehandshake_plan_interval_ms(&policy), 90000000);
	policy.tls_rehandshake_interval_seconds = 2;
	assert_int_equal(tlsp_rehandshake_plan_interval_ms(&policy), 2000);
	policy.tls_rehandshake_interval = 0;
	assert_int_equal(tlsp_rehandshake_plan_interval_ms(&policy), 2000);
}

int main(void)
{
	/* clang-format off */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_methods_are_the_manuals),
		cmocka_unit_test(some_plans_are_never_made),
		cmocka_unit_test(memory_is_asked_for_what_would_be_done),
		cmocka_unit_test(seconds_count_before_minutes),
	};
	/* clang-format on */

	return cmocka_run_group_tests(tests, NULL, NULL);
}
