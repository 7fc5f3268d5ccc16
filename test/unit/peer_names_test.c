/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer_names_test - the names of a peer between judgement and owner: nothing
 * is taken before it is accepted, everything once, and nothing is lost to the
 * allocator (LeakSanitizer).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "openssl/peer_names.h"
#include "policy/host/hostname.h"

static struct tlsp_peer_facts facts; /* too large for the stack */
static struct tlsp_policy asking, not_asking;
static const struct tlsp_terms asks = {.policy = &asking},
							   asks_not = {.policy = &not_asking};
static struct tlsp_gate gate;
static struct tlsp_record record;
static struct tlsp_vouched *kept;

static int setup(void **state)
{
	(void)state;
	memset(&gate, 0, sizeof(gate));
	gate.wants_names = true;
	tlsp_gate_set(&gate);
	memset(&record, 0, sizeof(record));
	tlsp_parameters_defaults(&asking);
	asking.sips_require_client_certificate = 1;
	tlsp_parameters_defaults(&not_asking);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	tlsp_peer_names_free(record.vouched_shown);
	tlsp_peer_names_free(record.vouched);
	tlsp_peer_names_free(kept);
	kept = NULL;
	return 0;
}

static void note(const struct tlsp_terms *terms, const char *name)
{
	memset(&facts, 0, sizeof(facts));
	facts.certificate_presented = true;
	facts.identity_count = 1;
	facts.identities[0] = (struct tlsp_identity){TLSP_IDENTITY_DNS_NAME,
			(const unsigned char *)name, strlen(name), false};
	assert_true(tlsp_peer_names_note(&record, terms, &facts, false));
}

static void shown_as(const char *name)
{
	record.shown.match = TLSP_MATCH_DNS_NAME;
	assert_int_equal(
			tlsp_hostname_from_operator(&record.shown.host, name, strlen(name)),
			TLSP_HOST_OK);
}

static void kept_is(const char *names)
{
	tlsp_peer_names_take(&record, &kept);
	if(names)
		assert_string_equal(tlsp_vouched_names(kept), names);
	else
		assert_null(kept);
}

static void nothing_is_taken_before_it_is_accepted(void **state)
{
	(void)state;
	kept_is(NULL);
	note(&asks, "a.example");
	kept_is(NULL);
	tlsp_peer_names_accept(&record);
	note(&asks, "b.example"); /* shown, not proven */
	kept_is("a.example");
	kept_is("a.example");
	note(&asks, "c.example"); /* the next one that is shown replaces it */
	tlsp_peer_names_accept(&record);
	kept_is("c.example");
	note(&asks, "d.example");
	tlsp_peer_names_accept(&record);
	note(&asks, "e.example");
	tlsp_peer_names_accept(&record); /* before anybody took the other */
	kept_is("e.example");
}

static void who_is_not_asked_any_more_has_no_names(void **state)
{
	(void)state;
	note(&asks, "a.example");
	tlsp_peer_names_accept(&record);
	kept_is("a.example");
	note(&asks_not, "a.example");
	kept_is("a.example");
	tlsp_peer_names_accept(&record);
	kept_is(NULL);
}

static void the_identity_stays_that_of_the_first(void **state)
{
	struct tlsp_host identity;

	(void)state;
	shown_as("a.example");
	note(&asks, "a.example");
	record.accepted = record.shown;
	tlsp_peer_names_accept(&record);
	kept_is("a.example");
	memset(&record.shown, 0, sizeof(record.shown)); /* names are not judged */
	note(&asks_not, "b.example");
	tlsp_peer_names_accept(&record);
	kept_is("");
	assert_true(tlsp_vouched_identity(kept, &identity));
	assert_true(tlsp_hostname_equal(&identity, &record.accepted.host));
}

static void where_nobody_wants_names_there_is_the_identity_alone(void **state)
{
	(void)state;
	gate.wants_names = false;
	note(&asks, "a.example");
	assert_null(record.vouched_shown);
	shown_as("a.example");
	note(&asks, "a.example");
	tlsp_peer_names_accept(&record);
	kept_is("");
	assert_true(kept->octets < 32);
	assert_int_equal(kept->left_out, 0);
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
			TEST(nothing_is_taken_before_it_is_accepted),
			TEST(who_is_not_asked_any_more_has_no_names),
			TEST(the_identity_stays_that_of_the_first),
			TEST(where_nobody_wants_names_there_is_the_identity_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
