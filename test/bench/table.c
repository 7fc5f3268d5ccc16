/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table - how long the lock of the table of connections is held, at most, by
 * what goes through all of them: with 1,000, 20,000 and 100,000 connections, each
 * of whose entries lies on pages of its own, as beside an SSL. CPU time of the
 * longest section in a call, the least of some calls. The real files, with the
 * lock's two ends watched; of Kamailio's core only what fuzz/host.c has. And how
 * many octets the module adds to a connection.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/locking.h"

static void get_and_begin(gen_lock_t *lock);
static void end_and_release(gen_lock_t *lock);

static void get_it(gen_lock_t *lock)
{
	lock_get(lock);
}

static void release_it(gen_lock_t *lock)
{
	lock_release(lock);
}

#undef lock_get
#undef lock_release
#define lock_get get_and_begin
#define lock_release end_and_release

#include "kamailio/connection/connections.c"

enum
{
	CALLS = 5,
	DUE_AT_ONCE = 64,		/* as the timer has it, and: */
	FOLLOWED_AT_ONCE = 256, /* after a change */
	MOST = 100000,
	BESIDE_OCTETS = 8192, /* of something else, for each connection */
	HOUR_MS = 3600 * 1000
};

static double began_us, longest_us;
static int ids[MOST];
static void *beside[MOST];

static double cpu_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void get_and_begin(gen_lock_t *lock)
{
	get_it(lock);
	began_us = cpu_us();
}

static void end_and_release(gen_lock_t *lock)
{
	double us = cpu_us() - began_us;

	release_it(lock);
	if(us > longest_us)
		longest_us = us;
}

static uint64_t an_hour(const char *rule)
{
	(void)rule;
	return HOUR_MS;
}

static void fill(int count)
{
	struct ip_addr peer = {.af = AF_INET, .len = 4};

	for(int i = 0; i < count; i++) {
		struct tlsp_connection_facts facts = {
				.id = i + 1, .peer = &peer, .timeout_ms = 10000};

		peer.u.addr32[0] = (uint32_t)i * 2654435761U;
		beside[i] = malloc(BESIDE_OCTETS);
		if(!beside[i] || !tlsp_connections_add(&facts))
			abort();
		tlsp_connections_over(i + 1, tlsp_clock_ms());
	}
	tlsp_connections_change(tlsp_clock_ms());
	for(int i = 0; i < count; i += 100)
		tlsp_connections_follow(100, an_hour);
}

static void empty(int count)
{
	tlsp_connections_destroy();
	for(int i = 0; i < count; i++)
		free(beside[i]);
}

static void run_recheck(void)
{
	tlsp_connections_recheck(false);
}

static void run_rehandshake_all(void)
{
	tlsp_connections_request_all();
}

static void run_connections(void)
{
	tlsp_connections_ids(ids, MOST);
}

static void run_set_interval(void)
{
	tlsp_connections_change(tlsp_clock_ms());
	for(int i = 0; i < MOST; i += 100)
		tlsp_connections_follow(FOLLOWED_AT_ONCE, an_hour);
}

static void run_timer(void)
{
	for(int i = 0; i < 3; i++) /* as many as each call finds, of 1,000 */
		tlsp_connections_take_due(
				tlsp_clock_ms() + 2 * HOUR_MS, ids, DUE_AT_ONCE);
}

static const struct
{
	const char *what;
	void (*run)(void);
} table[] = {{"connections", run_connections},
		{"rehandshake all", run_rehandshake_all}, {"recheck", run_recheck},
		{"set of an interval", run_set_interval},
		{"64 that are due", run_timer}};

#define WAYS (sizeof(table) / sizeof(*table))

static double longest_of(void (*run)(void))
{
	double least = 0;

	for(int i = 0; i < CALLS; i++) {
		longest_us = 0;
		run();
		if(i == 0 || longest_us < least)
			least = longest_us;
	}
	return least;
}

static void print_times(const int counts[3], const double us[][3])
{
	double most = 0;

	puts("the table's lock, held at a time, in us of CPU, with");
	printf("%-20s %10d %10d %10d connections\n", "", counts[0], counts[1],
			counts[2]);
	for(size_t i = 0; i < WAYS; i++) {
		printf("%-20s %10.0f %10.0f %10.0f\n", table[i].what, us[i][0],
				us[i][1], us[i][2]);
		if(us[i][2] > most)
			most = us[i][2];
	}
	printf("ratio table_lock_us %.0f\n", most);
}

/* The record of an SSL has the name by which its peer was accepted twice: as it
 * was shown, and as it is proven. */
static void print_octets(void)
{
	size_t names = 2 * sizeof(struct tlsp_host);
	size_t record = sizeof(struct tlsp_record);
	size_t entry = sizeof(struct tlsp_connection);

	printf("octets of a connection: %zu in the table, %zu on its SSL, of which "
		   "%zu are for names of the certificate\n",
			entry, record, names);
	printf("ratio bytes_per_connection %zu\n", entry + record - names);
}

int main(void)
{
	static const int counts[] = {1000, 20000, MOST};
	double us[WAYS][3];

	if(tlsp_peer_outcomes_init() < 0)
		return 2;
	for(int i = 0; i < 3; i++)
		for(size_t j = 0; j < WAYS; j++) { /* each with a table of its own */
			if(tlsp_connections_init() < 0)
				return 2;
			fill(counts[i]);
			us[j][i] = longest_of(table[j].run);
			empty(counts[i]);
		}
	print_times(counts, us);
	print_octets();
	return 0;
}
