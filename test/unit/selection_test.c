/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * selection_test - the index of rules against a walk over all of them: random
 * rules and facts from small pools, so that much holds and much nearly does;
 * and that the block may lie anywhere.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/rules/selection.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum
{
	SETS = 400,
	FACTS = 200,
	MANY = 10000
};

static const char *const listens[] = {":5061", ":5062", "192.0.2.1",
		"192.0.2.1:5061", "192.0.2.2:5061", "2001:db8::1", "[2001:db8::1]:5061",
		"[2001:db8::2]:5062", "::ffff:192.0.2.2"};
static const char *const peers[] = {"0.0.0.0/0", "203.0.113.0/24",
		"203.0.113.128/25", "203.0.113.0/26", "2001:db8::/48", "203.0.113.7",
		"203.0.113.6/31", "198.51.100.0/22", "::/0", "2001:db8::/32",
		"2001:db8:7::/47", "2001:db8:7::7", "::ffff:203.0.113.0/120",
		"128.0.0.0/1", "8000::/1"};
static const char *const names[] = {"a.example.com", "b.example.com",
		"*.example.com", "*.b.example.com", "example.com", "pbx",
		"b\xc3\xbc"
		"cher.example",
		"*.net.example"};
static const char *const roles[] = {"client", "server", "both", "both"};

static const char *const ours[] = {"192.0.2.1", "192.0.2.2", "192.0.2.3",
		"2001:db8::1", "2001:db8::2", NULL};
static const char *const theirs[] = {"203.0.113.7", "203.0.113.6",
		"203.0.113.200", "198.51.103.255", "198.51.104.0", "8.8.8.8",
		"2001:db8:7::7", "2001:db8:6::1", "2001:db9::1", "fe80::1", NULL};
static const char *const asked[] = {"a.example.com", "A.EXAMPLE.com",
		"c.example.com", "x.b.example.com", "x.y.example.com", "example.com",
		".example.com", "pbx", "PBX", "xn--bcher-kva.example", "com", "", NULL};

/* xorshift64*, the same sequence in every run. */
static size_t random_below(size_t limit)
{
	static unsigned long long state = 88172645463325252u;

	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (size_t)((state * 2685821657736338717u) >> 16) % limit;
}

/* Some of |pool|, each once. */
static void add_some(struct tlsp_conditions *conditions, const char *key,
		const char *const *pool, size_t count)
{
	char error[256];

	if(random_below(3) == 0)
		return;
	for(size_t i = random_below(count), step = 1 + random_below(4); i < count;
			i += step) {
		/* twice in one rule is refused, in another spelling too */
		(void)tlsp_conditions_add(
				conditions, key, pool[i], error, sizeof(error));
		if(random_below(3) == 0)
			return;
	}
}

static struct tlsp_rules *random_rules(void)
{
	struct tlsp_policy policy;
	struct tlsp_rules *rules;
	size_t count = random_below(40);
	char error[256];

	tlsp_parameters_defaults(&policy);
	rules = tlsp_rules_new(&policy, 0);
	assert_non_null(rules);
	for(size_t i = 0; i < count; i++) {
		struct tlsp_rule *rule = tlsp_rules_make_rule("r", 1, &policy);
		struct tlsp_conditions *conditions = &rule->conditions;

		add_some(conditions, "listen", listens, COUNT(listens));
		add_some(conditions, "peer", peers, COUNT(peers));
		add_some(conditions, "server_name", names, COUNT(names));
		assert_true(tlsp_conditions_add(conditions, "peer_role",
				roles[random_below(COUNT(roles))], error, sizeof(error)));
		assert_true(tlsp_rules_add(rules, rule));
	}
	return rules;
}

static const char *pick(const char *const *pool, size_t count)
{
	return pool[random_below(count)];
}

/* An address as a socket has it; IPv4 may be mapped into IPv6. */
static void set_address(struct tlsp_rule_address *out, const char *text)
{
	struct tlsp_rule_facts facts;
	char error[256];

	memset(out, 0, sizeof(*out));
	if(!text)
		return;
	assert_true(tlsp_rule_facts_read(
			&facts, NULL, "peer", text, error, sizeof(error)));
	*out = facts.peer;
	if(out->count == 4 && random_below(2)) {
		memmove(out->octets + 12, out->octets, 4);
		memset(out->octets, 0, 10);
		memset(out->octets + 10, 0xff, 2);
		out->count = 16;
	}
}

static void random_facts(struct tlsp_rule_facts *facts)
{
	const char *name = pick(asked, COUNT(asked));

	memset(facts, 0, sizeof(*facts));
	facts->role = random_below(2) ? TLSP_ROLE_SERVER : TLSP_ROLE_CLIENT;
	set_address(&facts->listen, pick(ours, COUNT(ours)));
	set_address(&facts->peer, pick(theirs, COUNT(theirs)));
	facts->listen_port = (unsigned short)(random_below(4) + 5060);
	if(facts->listen_port == 5060)
		facts->listen_port = 0;
	if(name) {
		facts->server_name = name;
		facts->server_name_octets = strlen(name);
	}
}

static size_t walk(const struct tlsp_rules *rules,
		const struct tlsp_rule_facts *facts, size_t after)
{
	for(size_t i = after; i < rules->count; i++)
		if(tlsp_conditions_hold(&rules->rules[i]->conditions, facts))
			return i + 1;
	return 0;
}

/* The block at another address, the first one gone. */
static struct tlsp_selection *build(const struct tlsp_rules *rules)
{
	size_t octets = 0;
	struct tlsp_selection *block = tlsp_selection_build(rules, &octets), *copy;

	assert_non_null(block);
	copy = malloc(octets);
	assert_non_null(copy);
	memcpy(copy, block, octets);
	memset(block, 0x5a, octets);
	free(block);
	return copy;
}

static void test_index_is_as_the_walk(void **state)
{
	size_t found = 0, asked_for = 0;

	(void)state;
	for(int set = 0; set < SETS; set++) {
		struct tlsp_rules *rules = random_rules();
		struct tlsp_selection *selection = build(rules);

		for(int i = 0; i < FACTS; i++) {
			struct tlsp_rule_facts facts;
			size_t number, next = 0;

			random_facts(&facts);
			number = tlsp_selection_find(selection, &facts);
			assert_int_equal(number, walk(rules, &facts, 0));
			do { /* and all that hold behind it */
				size_t before = next;

				next = tlsp_selection_next(selection, &facts, before);
				assert_int_equal(next, walk(rules, &facts, before));
			} while(next);
			found += number != 0;
			asked_for++;
		}
		free(selection);
		tlsp_rules_free(rules);
	}
	/* neither all nor nothing */
	assert_true(found > asked_for / 4 && found < asked_for * 19 / 20);
}

/* What is found of one rule's facts is that rule or one before it. */
static void test_cover_is_never_wrong(void **state)
{
	size_t covers = 0;

	(void)state;
	for(int set = 0; set < SETS; set++) {
		struct tlsp_rules *rules = random_rules();

		for(size_t a = 0; a < rules->count; a++)
			for(size_t b = 0; b < rules->count; b++) {
				const struct tlsp_conditions *of_a =
						&rules->rules[a]->conditions;
				const struct tlsp_conditions *of_b =
						&rules->rules[b]->conditions;

				if(!tlsp_conditions_cover(of_a, of_b))
					continue;
				covers += a != b;
				for(int i = 0; i < 20; i++) {
					struct tlsp_rule_facts facts;

					random_facts(&facts);
					assert_true(!tlsp_conditions_hold(of_b, &facts)
								|| tlsp_conditions_hold(of_a, &facts));
				}
			}
		tlsp_rules_free(rules);
	}
	assert_true(covers > 1000);
}

/* Ten thousand tenants, each by its own name, network or address of ours. */
static void test_many_rules(void **state)
{
	struct tlsp_policy policy;
	struct tlsp_rules *rules;
	struct tlsp_selection *selection;
	char value[64], error[256];

	(void)state;
	tlsp_parameters_defaults(&policy);
	rules = tlsp_rules_new(&policy, 0);
	for(size_t i = 0; i < MANY; i++) {
		struct tlsp_rule *rule = tlsp_rules_make_rule("r", 1, &policy);
		const char *key = i % 2 ? "peer" : "server_name";

		snprintf(value, sizeof(value),
				i % 2 ? "10.%zu.%zu.0/24" : "n%zu.x%zu.y", i / 256, i % 256);
		assert_true(tlsp_conditions_add(
				&rule->conditions, key, value, error, sizeof(error)));
		assert_true(tlsp_conditions_add(
				&rule->conditions, "listen", ":5061", error, sizeof(error)));
		assert_true(tlsp_rules_add(rules, rule));
	}
	selection = build(rules);
	for(size_t i = 0; i < MANY; i++) {
		struct tlsp_rule_facts facts = {.listen_port = 5061};
		struct tlsp_host name;

		snprintf(value, sizeof(value), i % 2 ? "10.%zu.%zu.9" : "n%zu.x%zu.y",
				i / 256, i % 256);
		assert_true(tlsp_rule_facts_read(&facts, &name,
				i % 2 ? "peer" : "server_name", value, error, sizeof(error)));
		assert_int_equal(tlsp_selection_find(selection, &facts), i + 1);
	}
	free(selection);
	tlsp_rules_free(rules);
}

/* Networks of all lengths in a small space, many in one another. */
static void test_nested_networks(void **state)
{
	struct tlsp_policy policy;
	char value[64], error[256];

	(void)state;
	tlsp_parameters_defaults(&policy);
	for(int set = 0; set < 100; set++) {
		struct tlsp_rules *rules = tlsp_rules_new(&policy, 0);
		struct tlsp_selection *selection;

		for(size_t i = 0; i < 60; i++) {
			struct tlsp_rule *rule = tlsp_rules_make_rule("r", 1, &policy);
			unsigned bits = (unsigned)random_below(13);
			unsigned low = (unsigned)random_below(4096) & ~0u << (12 - bits);
			bool v6 = random_below(2);

			snprintf(value, sizeof(value),
					v6 ? "2001:db8::%x/%u" : "10.0.%u.%u/%u",
					v6 ? low : low >> 8, v6 ? 116 + bits : low & 255,
					20 + bits);
			assert_true(tlsp_conditions_add(
					&rule->conditions, "peer", value, error, sizeof(error)));
			assert_true(tlsp_rules_add(rules, rule));
		}
		selection = build(rules);
		for(unsigned low = 0; low < 4200;
				low += 1 + (unsigned)random_below(5)) {
			struct tlsp_rule_facts facts = {.listen_port = 0};
			bool v6 = random_below(2);
			size_t next = 0, before;

			snprintf(value, sizeof(value), v6 ? "2001:db8::%x" : "10.0.%u.%u",
					v6 ? low : low >> 8, low & 255);
			set_address(&facts.peer, value);
			do {
				before = next;
				next = tlsp_selection_next(selection, &facts, before);
				assert_int_equal(next, walk(rules, &facts, before));
			} while(next);
		}
		free(selection);
		tlsp_rules_free(rules);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_index_is_as_the_walk),
			cmocka_unit_test(test_nested_networks),
			cmocka_unit_test(test_cover_is_never_wrong),
			cmocka_unit_test(test_many_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
