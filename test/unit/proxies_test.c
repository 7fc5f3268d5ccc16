/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proxies_test - the index of hosts: what it finds, in which order it lists,
 * that its block may move, how large it is and that 200,000 hosts are no
 * special case. Every block lies in a heap block of exactly its size.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/proxies/proxies.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum
{
	MANY = 200000,
	OCTETS_PER_HOST = 64,  /* beyond its name */
	OCTETS_OF_HEADER = 128 /* of an index of any size */
};

static struct tlsp_host host_of(const char *text)
{
	struct tlsp_host host;

	assert_int_equal(tlsp_hostname_from_operator(&host, text, strlen(text)),
			TLSP_HOST_OK);
	return host;
}

static void add(struct tlsp_proxies_builder *builder, const char *text)
{
	struct tlsp_host host = host_of(text);

	assert_true(tlsp_proxies_builder_add(builder, &host));
}

/* An index in a heap block that held |garbage|; free() ends it. */
static struct tlsp_proxies *write_index(
		const struct tlsp_proxies_builder *builder, int garbage)
{
	size_t octets = tlsp_proxies_builder_octets(builder);
	void *block = malloc(octets);
	struct tlsp_proxies *proxies;

	assert_non_null(block);
	memset(block, garbage, octets);
	proxies = tlsp_proxies_builder_write(builder, block);
	assert_ptr_equal(proxies, block);
	assert_int_equal(tlsp_proxies_octets(proxies), octets);
	return proxies;
}

/* |list|: hosts as an operator writes them, with spaces in between. */
static struct tlsp_proxies *index_of(const char *list, int garbage)
{
	struct tlsp_proxies_builder *builder = tlsp_proxies_builder_new();
	struct tlsp_proxies *proxies;
	char *copy = strdup(list), *rest = NULL;

	assert_non_null(builder);
	assert_non_null(copy);
	for(char *text = strtok_r(copy, " ", &rest); text;
			text = strtok_r(NULL, " ", &rest))
		add(builder, text);
	free(copy);
	proxies = write_index(builder, garbage);
	tlsp_proxies_builder_free(builder);
	return proxies;
}

/* Copies the index elsewhere, spoils the original and gives it back. */
static struct tlsp_proxies *moved(struct tlsp_proxies *proxies)
{
	size_t octets = tlsp_proxies_octets(proxies);
	void *copy = malloc(octets);

	assert_non_null(copy);
	memcpy(copy, proxies, octets);
	memset(proxies, 0xa5, octets);
	free(proxies);
	return copy;
}

static bool find(const struct tlsp_proxies *proxies, const char *text)
{
	struct tlsp_host host = host_of(text);

	return tlsp_proxies_find(proxies, &host);
}

static bool find_below(const struct tlsp_proxies *proxies, const char *parent)
{
	size_t octets = strlen(parent);
	char *copy = malloc(octets ? octets : 1); /* no NUL at its end */
	bool found;

	assert_non_null(copy);
	memcpy(copy, parent, octets);
	found = tlsp_proxies_find_below(proxies, copy, octets);
	free(copy);
	return found;
}

struct find_row
{
	const char *label;
	const char *list;
	const char *wanted;
	bool expected;
};

static const struct find_row find_rows[] = {
		{"an empty index holds no name", "", "a.example", false},
		{"an empty index holds no address", "", "192.0.2.1", false},
		{"an empty index holds no wildcard", "", "*.a.example", false},
		{"one name is found", "a.example", "a.example", true},
		{"one label is found", "localhost", "localhost", true},
		{"one IPv4 address is found", "192.0.2.1", "192.0.2.1", true},
		{"one IPv6 address is found", "2001:db8::1", "2001:db8::1", true},
		{"one wildcard is found", "*.a.example", "*.a.example", true},
		{"another spelling is found", "A.Example:5061", "sip:a.example", true},
		{"an IPv4-mapped address is found", "192.0.2.1", "::ffff:192.0.2.1",
				true},
		{"the first of three is found", "a.b c.d e.f", "a.b", true},
		{"the last of three is found", "a.b c.d e.f", "e.f", true},
		{"a host after its duplicate is found", "a.b a.b c.d", "c.d", true},
		{"another name is not found", "a.example", "b.example", false},
		{"a beginning is not found", "a.example", "a.exampl", false},
		{"an end is not found", "a.example", "example", false},
		{"a continuation is not found", "a.example", "a.example.net", false},
		{"a parent is not found", "a.b.example", "b.example", false},
		{"a child is not found", "b.example", "a.b.example", false},
		{"a wildcard is not its parent", "*.b.example", "b.example", false},
		{"a name is not the wildcard below it", "b.example", "*.b.example",
				false},
		{"a wildcard does not hold what it covers", "*.b.example",
				"a.b.example", false},
		{"a name is found beside its wildcard", "*.b.example b.example",
				"b.example", true},
		{"a wildcard is found beside its name", "b.example *.b.example",
				"*.b.example", true},
		{"another IPv4 address is not found", "192.0.2.1", "192.0.2.2", false},
		{"another IPv6 address is not found", "2001:db8::1", "2001:db8::2",
				false},
		{"an address is no name of its octets", "97.46.98.99", "a.bc", false},
		{"a name is no address of its octets", "a.bc", "97.46.98.99", false},
		{"a name of 16 octets is no IPv6 address", "a.bcdefghijklmno",
				"612e:6263:6465:6667:6869:6a6b:6c6d:6e6f", false},
		{"the zero address is found", "0.0.0.0", "0.0.0.0", true},
		{"the zero address is not the zero IPv6 address", "0.0.0.0",
				"::", false},
};

/* |wanted| is the parent here. */
static const struct find_row below_rows[] = {
		{"nothing lies in an empty index", "", "example", false},
		{"a name lies below its parent", "a.b.example", "b.example", true},
		{"a name of two labels lies below the last", "a.example", "example",
				true},
		{"the second of two names lies below", "a.c a.b.example", "b.example",
				true},
		{"two names lie below one parent", "x.b.example y.b.example",
				"b.example", true},
		{"a name does not lie below itself", "b.example", "b.example", false},
		{"a name does not lie two labels below", "x.a.b.example", "b.example",
				false},
		{"a name does not lie below part of a label", "a.b.example", ".example",
				false},
		{"a name does not lie below the end of a label", "a.bb.example",
				"b.example", false},
		{"a name does not lie below the beginning of its parent", "a.b.example",
				"b.exampl", false},
		{"a name does not lie below its parent and more", "a.b.example",
				"b.example.net", false},
		{"a name does not lie below the root", "a.example", "", false},
		{"one label lies below nothing", "localhost", "localhost", false},
		{"one label does not lie below the root", "localhost", "", false},
		{"a wildcard is no name below", "*.b.example", "b.example", false},
		{"a wildcard is no name below its second label", "*.b.example",
				"example", false},
		{"a name beside a wildcard lies below", "*.b.example a.b.example",
				"b.example", true},
		{"an address is no name below", "97.46.98.99", "bc", false},
		{"a parent that is a host itself", "b.example a.b.example", "b.example",
				true},
};

static void run_rows(const struct find_row *rows, size_t count,
		bool (*found)(const struct tlsp_proxies *, const char *))
{
	int failures = 0;

	for(size_t i = 0; i < count; i++) {
		const struct find_row *row = &rows[i];
		struct tlsp_proxies *proxies = index_of(row->list, 0xff);
		bool before = found(proxies, row->wanted), after;

		proxies = moved(proxies);
		after = found(proxies, row->wanted);
		free(proxies);
		if(before != row->expected || after != row->expected) {
			print_message("FAILED %s: %d, %d after the block moved\n",
					row->label, before, after);
			failures++;
		}
	}
	assert_int_equal(failures, 0);
}

static void test_find(void **state)
{
	(void)state;
	run_rows(find_rows, COUNT(find_rows), find);
}

static void test_find_below(void **state)
{
	(void)state;
	run_rows(below_rows, COUNT(below_rows), find_below);
}

/* What an index lists, with spaces in between. */
static const struct list_row
{
	const char *label;
	const char *list;
	size_t count;
	const char *expected;
} list_rows[] = {
		{"an empty index lists nothing", "", 0, ""},
		{"one host is listed", "a.example", 1, "a.example "},
		{"hosts are listed as they came", "c.d a.b e.f b.a", 4,
				"c.d a.b e.f b.a "},
		{"all kinds are listed and counted",
				"192.0.2.1 *.a.example 2001:db8::1 a.example", 4,
				"192.0.2.1 *.a.example 2001:db8::1 a.example "},
		{"a duplicate is kept once", "a.b a.b", 1, "a.b "},
		{"a duplicate keeps its first place", "a.b c.d a.b e.f c.d", 3,
				"a.b c.d e.f "},
		{"a duplicate in another spelling is kept once",
				"a.b A.B. sip:u@a.b:5061", 1, "a.b "},
		{"a duplicate address is kept once",
				"192.0.2.1 ::ffff:192.0.2.1 2001:db8::1 [2001:DB8:0::1]", 2,
				"192.0.2.1 2001:db8::1 "},
		{"a duplicate wildcard is kept once", "*.a.b *.A.B a.b", 2,
				"*.a.b a.b "},
		{"a parent is no duplicate of its child", "x.a.b a.b", 2, "x.a.b a.b "},
		{"an address is no duplicate of a name of its octets",
				"97.46.98.99 a.bc", 2, "97.46.98.99 a.bc "},
};

static bool lists(const struct tlsp_proxies *proxies,
		const struct list_row *row, char *listed, size_t size)
{
	size_t used = 0;

	listed[0] = '\0';
	for(size_t i = 0; i < tlsp_proxies_count(proxies); i++) {
		struct tlsp_host host;
		char text[256];

		memset(&host, 0x5a, sizeof(host));
		tlsp_proxies_at(proxies, i, &host);
		assert_true(used + sizeof(text) + 1 < size);
		used += (size_t)snprintf(listed + used, size - used, "%s ",
				tlsp_hostname_print(&host, text, sizeof(text)));
		if(!tlsp_proxies_find(proxies, &host))
			return false;
	}
	return tlsp_proxies_count(proxies) == row->count
		   && strcmp(listed, row->expected) == 0;
}

static void test_list(void **state)
{
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(list_rows); i++) {
		const struct list_row *row = &list_rows[i];
		struct tlsp_proxies *proxies = moved(index_of(row->list, 0xff));
		char listed[2048];

		if(!lists(proxies, row, listed, sizeof(listed))) {
			print_message("FAILED %s: %zu, %s\n", row->label,
					tlsp_proxies_count(proxies), listed);
			failures++;
		}
		free(proxies);
	}
	assert_int_equal(failures, 0);
}

/* Do two lists give the same block, octet for octet? */
static const struct same_row
{
	const char *label;
	const char *a, *b;
	bool expected;
} same_rows[] = {
		{"two empty indexes", "", "", true},
		{"the same hosts", "a.b 192.0.2.1 *.c.d", "a.b 192.0.2.1 *.c.d", true},
		{"other spellings", "a.b 192.0.2.1", "A.B:5061 ::ffff:192.0.2.1", true},
		{"a duplicate more", "a.b c.d", "a.b c.d a.b", true},
		{"another order", "a.b c.d", "c.d a.b", false},
		{"another host", "a.b c.d", "a.b c.e", false},
		{"another kind", "*.a.b", "a.b", false},
};

static void test_same_hosts_give_the_same_block(void **state)
{
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(same_rows); i++) {
		const struct same_row *row = &same_rows[i];
		struct tlsp_proxies *a = index_of(row->a, 0xff);
		struct tlsp_proxies *b = index_of(row->b, 0x11);
		bool same = tlsp_proxies_octets(a) == tlsp_proxies_octets(b)
					&& memcmp(a, b, tlsp_proxies_octets(a)) == 0;

		if(same != row->expected) {
			print_message("FAILED %s\n", row->label);
			failures++;
		}
		free(a);
		free(b);
	}
	assert_int_equal(failures, 0);
}

/* A builder may go on after a block was written; the block does not change. */
static void test_builder_goes_on(void **state)
{
	struct tlsp_proxies_builder *builder = tlsp_proxies_builder_new();
	struct tlsp_proxies *first, *second;

	(void)state;
	assert_non_null(builder);
	add(builder, "a.example");
	first = write_index(builder, 0);
	add(builder, "b.example");
	second = write_index(builder, 0);
	tlsp_proxies_builder_free(builder);
	assert_int_equal(tlsp_proxies_count(first), 1);
	assert_true(find(first, "a.example"));
	assert_false(find(first, "b.example"));
	assert_int_equal(tlsp_proxies_count(second), 2);
	assert_true(find(second, "a.example"));
	assert_true(find(second, "b.example"));
	free(first);
	free(second);
	tlsp_proxies_builder_free(NULL);
}

/* Host number |i| of a sort; hosts of two sorts are never equal. */
typedef void name_host(char *text, size_t size, unsigned i);

static void name_flat(char *text, size_t size, unsigned i)
{
	snprintf(text, size, "p%u.example.net", i);
}

static void name_own_parent(char *text, size_t size, unsigned i)
{
	snprintf(text, size, "sip.carrier-%u.example", i);
}

static void name_short(char *text, size_t size, unsigned i)
{
	snprintf(text, size, "x%x", i);
}

static void name_wildcard(char *text, size_t size, unsigned i)
{
	snprintf(text, size, "*.w%u.example", i);
}

static void name_ipv4(char *text, size_t size, unsigned i)
{
	snprintf(text, size, "10.%u.%u.%u", i >> 16, i >> 8 & 0xff, i & 0xff);
}

static void name_ipv6(char *text, size_t size, unsigned i)
{
	snprintf(text, size, "2001:db8::%x:%x", i >> 16, i & 0xffff);
}

static name_host *const mixture[] = {name_flat, name_own_parent, name_short,
		name_wildcard, name_ipv4, name_ipv6};

static void name_mixed(char *text, size_t size, unsigned i)
{
	mixture[i % COUNT(mixture)](text, size, i);
}

static struct tlsp_host numbered(name_host *name, unsigned i)
{
	char text[64];

	name(text, sizeof(text), i);
	return host_of(text);
}

/* Adds hosts 0 to |count| - 1; returns the octets of their names. */
static size_t add_many(
		struct tlsp_proxies_builder *builder, name_host *name, unsigned count)
{
	size_t octets = 0;

	for(unsigned i = 0; i < count; i++) {
		struct tlsp_host host = numbered(name, i);

		octets += host.octets;
		assert_true(tlsp_proxies_builder_add(builder, &host));
	}
	return octets;
}

static const struct size_row
{
	const char *label;
	name_host *name;
	unsigned count;
} size_rows[] = {
		{"no host", name_flat, 0},
		{"1 name", name_flat, 1},
		{"3 names", name_flat, 3},
		{"1000 names", name_flat, 1000},
		{"5000 names", name_flat, 5000},
		{"20000 names", name_flat, 20000},
		{"1000 names, each with its own parent", name_own_parent, 1000},
		{"5000 names, each with its own parent", name_own_parent, 5000},
		{"20000 names, each with its own parent", name_own_parent, 20000},
		{"1000 hosts of all kinds", name_mixed, 1000},
		{"5000 hosts of all kinds", name_mixed, 5000},
		{"20000 hosts of all kinds", name_mixed, 20000},
		{"20000 short names", name_short, 20000},
		{"20000 wildcards", name_wildcard, 20000},
		{"20000 IPv4 addresses", name_ipv4, 20000},
		{"20000 IPv6 addresses", name_ipv6, 20000},
		{"names just after the table grew", name_own_parent, 21846},
		{"names just before the table grows", name_own_parent, 21845},
};

static void test_size(void **state)
{
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(size_rows); i++) {
		const struct size_row *row = &size_rows[i];
		struct tlsp_proxies_builder *builder = tlsp_proxies_builder_new();
		size_t names, octets, bound;

		assert_non_null(builder);
		names = add_many(builder, row->name, row->count);
		octets = tlsp_proxies_builder_octets(builder);
		bound = OCTETS_OF_HEADER + names + (size_t)row->count * OCTETS_PER_HOST;
		if(octets > bound || octets < names) {
			print_message("FAILED %s: %zu octets, %zu allowed\n", row->label,
					octets, bound);
			failures++;
		}
		tlsp_proxies_builder_free(builder);
	}
	assert_int_equal(failures, 0);
}

static bool numbered_is_at(
		const struct tlsp_proxies *proxies, name_host *name, unsigned i)
{
	struct tlsp_host expected = numbered(name, i), host;

	tlsp_proxies_at(proxies, i, &host);
	return tlsp_hostname_equal(&host, &expected);
}

static const struct many_row
{
	const char *label;
	name_host *name;
} many_rows[] = {
		{"200000 names below one parent", name_flat},
		{"200000 names, each with its own parent", name_own_parent},
		{"200000 IPv4 addresses", name_ipv4},
		{"200000 hosts of all kinds", name_mixed},
};

static void test_many(void **state)
{
	int failures = 0;

	(void)state;
	for(size_t row = 0; row < COUNT(many_rows); row++) {
		struct tlsp_proxies_builder *builder = tlsp_proxies_builder_new();
		name_host *name = many_rows[row].name;
		struct tlsp_proxies *proxies;
		unsigned found = 0, found_others = 0, in_order = 0;

		assert_non_null(builder);
		add_many(builder, name, MANY);
		add_many(builder, name, MANY / 2); /* duplicates */
		proxies = moved(write_index(builder, 0xff));
		tlsp_proxies_builder_free(builder);
		for(unsigned i = 0; i < MANY; i++) {
			struct tlsp_host host = numbered(name, i);
			struct tlsp_host other = numbered(name, MANY + i);

			found += tlsp_proxies_find(proxies, &host);
			found_others += tlsp_proxies_find(proxies, &other);
			in_order += numbered_is_at(proxies, name, i);
		}
		if(tlsp_proxies_count(proxies) != MANY || found != MANY
				|| found_others != 0 || in_order != MANY) {
			print_message("FAILED %s: %zu kept, %u found, %u others found, "
						  "%u in order\n",
					many_rows[row].label, tlsp_proxies_count(proxies), found,
					found_others, in_order);
			failures++;
		}
		free(proxies);
	}
	assert_int_equal(failures, 0);
}

static void test_many_parents(void **state)
{
	struct tlsp_proxies_builder *builder = tlsp_proxies_builder_new();
	struct tlsp_proxies *proxies;
	unsigned found = 0, found_others = 0;

	(void)state;
	assert_non_null(builder);
	add_many(builder, name_own_parent, MANY);
	proxies = moved(write_index(builder, 0xff));
	tlsp_proxies_builder_free(builder);
	for(unsigned i = 0; i < MANY; i++) {
		char parent[64];

		snprintf(parent, sizeof(parent), "carrier-%u.example", i);
		found += find_below(proxies, parent);
		snprintf(parent, sizeof(parent), "carrier-%u.example", MANY + i);
		found_others += find_below(proxies, parent);
	}
	free(proxies);
	assert_int_equal(found, MANY);
	assert_int_equal(found_others, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_find),
			cmocka_unit_test(test_find_below),
			cmocka_unit_test(test_list),
			cmocka_unit_test(test_same_hosts_give_the_same_block),
			cmocka_unit_test(test_builder_goes_on),
			cmocka_unit_test(test_size),
			cmocka_unit_test(test_many),
			cmocka_unit_test(test_many_parents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
