/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * terms_test - whom a connection that we open is for, by the terms that it was
 * judged by and the server name that it asked for, and what it may carry.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "openssl/terms.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* How a connection was judged, or what a message asks for. */
struct by
{
	int bind;
	const char *expect;
	const char *asked; /* "": for no name */
};

static void make_terms(
		struct tlsp_terms *out, struct tlsp_policy *policy, const struct by *by)
{
	static const struct tlsp_digest proxies;

	tlsp_parameters_defaults(policy);
	policy->bind_to_peer = by->bind;
	strcpy(policy->expect, by->expect);
	*out = (struct tlsp_terms){.rule = "default", .policy = policy};
	assert_true(tlsp_terms_digest(out, &proxies));
}

static struct tlsp_reference reference_of(const struct by *by)
{
	const struct tlsp_part name = {by->asked, strlen(by->asked)};
	struct tlsp_policy policy;
	struct tlsp_digest asked;
	struct tlsp_terms terms;

	make_terms(&terms, &policy, by);
	assert_true(tlsp_digest(&asked, &name, 1));
	return tlsp_terms_reference(&terms, &asked, name.octets > 0);
}

static void a_connection_serves_whom_it_was_judged_for(void **state)
{
	static const struct
	{
		struct by judged, wanted;
		bool serves;
	} rows[] = {
			{{0, "", ""}, {0, "", ""}, true},
			{{1, "", ""}, {1, "", ""}, true},
			{{1, "a", ""}, {1, "a", ""}, true},
			{{0, "a", ""}, {0, "a", ""}, true},
			{{1, "", "a"}, {1, "", "a"}, true},
			/* what binds is no difference, whom to is */
			{{1, "a", ""}, {0, "a", ""}, true},
			{{1, "a", ""}, {1, "b", ""}, false},
			{{1, "a", ""}, {1, "", ""}, false},
			{{1, "", ""}, {1, "a", ""}, false},
			/* a name that is asked for goes first */
			{{1, "a", "c"}, {1, "b", "c"}, true},
			{{1, "a", "c"}, {1, "a", "d"}, false},
			{{1, "a", "c"}, {1, "a", ""}, false},
			{{1, "a", ""}, {1, "a", "c"}, false},
			/* the same name, asked for and expected */
			{{1, "a", "a"}, {1, "a", ""}, false},
			{{1, "a", ""}, {1, "a", "a"}, false},
			{{0, "", ""}, {0, "a", ""}, false},
			{{0, "", "a"}, {0, "", "b"}, false},
			/* whether it was bound at all, the terms tell */
			{{0, "", ""}, {1, "", ""}, true},
			{{0, "", "a"}, {1, "", "a"}, true},
	};

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++) {
		const struct tlsp_reference judged = reference_of(&rows[i].judged);
		const struct tlsp_reference wanted = reference_of(&rows[i].wanted);

		if(tlsp_reference_serves(&judged, &wanted) != rows[i].serves)
			fail_msg("row %zu", i);
	}
}

/* A session does not outlive it, but needs no full handshake for it. */
static void whom_a_rule_expects_is_of_the_leaf(void **state)
{
	static const struct by some[] = {{0, "a", ""}, {0, "b", ""}};
	struct tlsp_policy policies[COUNT(some)];
	struct tlsp_terms terms[COUNT(some)];

	(void)state;
	for(size_t i = 0; i < COUNT(some); i++)
		make_terms(&terms[i], &policies[i], &some[i]);
	assert_false(tlsp_digest_equal(&terms[0].leaf, &terms[1].leaf));
	assert_true(tlsp_digest_equal(&terms[0].chain, &terms[1].chain));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(a_connection_serves_whom_it_was_judged_for),
			cmocka_unit_test(whom_a_rule_expects_is_of_the_leaf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
