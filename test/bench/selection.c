/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * selection - what it costs to find the rule of a connection among 1, 100 and
 * 10,000 rules, against our part of a full handshake with client certificate
 * (P-256, in memory), in instructions where the kernel counts them, else in CPU
 * time; and what it allocates. Exit status 1 if a promise is not kept.
 *
 * A selection is both that a handshake needs: at its start, when the server
 * name is not known, and at the ClientHello. Rules are of several shapes, and
 * the worst counts: each by its server name, each by a network of one of many
 * lengths (IPv4 and IPv6), each by a pair of an address of ours and a network,
 * of which a hundred others have either, and each by all of these.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <linux/perf_event.h>
#include <openssl/ssl.h>

#include "policy/rules/selection.h"

enum
{
	MOST = 10000,
	SIDE = 100, /* of the square of pairs */
	SELECTIONS = 20000,
	HANDSHAKES = 50,
	ROUNDS = 3
};

extern void *__libc_malloc(size_t octets);
extern void *__libc_calloc(size_t count, size_t octets);
extern void *__libc_realloc(void *memory, size_t octets);

static unsigned long allocations;

void *malloc(size_t octets)
{
	allocations++;
	return __libc_malloc(octets);
}

void *calloc(size_t count, size_t octets)
{
	allocations++;
	return __libc_calloc(count, octets);
}

void *realloc(void *memory, size_t octets)
{
	allocations++;
	return __libc_realloc(memory, octets);
}

static int counter = -1; /* of instructions; -1: CPU time instead */

static void die(const char *what)
{
	fprintf(stderr, "selection: %s\n", what);
	exit(2);
}

static void open_counter(void)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_HARDWARE,
			.size = sizeof(attr),
			.config = PERF_COUNT_HW_INSTRUCTIONS,
			.exclude_kernel = 1,
			.exclude_hv = 1};
	long long probe = 0;

	counter = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
	if(counter >= 0
			&& (read(counter, &probe, sizeof(probe)) != sizeof(probe)
					|| probe == 0)) {
		close(counter);
		counter = -1;
	}
}

static double spent(void)
{
	struct timespec now;
	long long instructions = 0;

	if(counter >= 0
			&& read(counter, &instructions, sizeof(instructions))
					   == sizeof(instructions))
		return (double)instructions;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* xorshift64*, the same sequence in every run. */
static size_t random_below(size_t limit)
{
	static unsigned long long state = 88172645463325252u;

	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (size_t)((state * 2685821657736338717u) >> 16) % limit;
}

enum shape
{
	NAMES,
	NETWORKS,
	NETWORKS_6,
	PAIRS,
	ALL,
	SHAPES
};

static const char *const shape_words[SHAPES] = {"server name", "network",
		"IPv6 network", "address and network", "all of these"};

static const char *name_of(char text[64], size_t i)
{
	snprintf(text, 64, "%ssbc%zu.carrier%zu.example", i % 3 ? "" : "*.", i,
			i % 101);
	return text;
}

/* Of every length from 12 on, by turns. */
static const char *network_of(char text[64], enum shape shape, size_t i)
{
	unsigned bits = 12 + (unsigned)(i % 21);
	unsigned address = (unsigned)(i * 104729) << 8 & ~0u << (32 - bits);

	if(shape == NETWORKS_6) {
		bits = 32 + (unsigned)(i % 97);
		snprintf(text, 64, "2001:%x::/%u", (unsigned)i, bits);
		return text;
	}
	snprintf(text, 64, "%u.%u.%u.%u/%u", address >> 24, address >> 16 & 255,
			address >> 8 & 255, address & 255, bits);
	return text;
}

static void add(struct tlsp_rule *rule, const char *key, const char *value)
{
	char error[256];

	if(!tlsp_conditions_add(
			   &rule->conditions, key, value, error, sizeof(error)))
		die(error);
}

static struct tlsp_rule *make_rule(enum shape shape, size_t i)
{
	struct tlsp_policy policy;
	struct tlsp_rule *rule;
	char text[64];

	tlsp_parameters_defaults(&policy);
	rule = tlsp_rules_make_rule("r", 1, &policy);
	if(!rule)
		die("no memory");
	if(shape == NAMES || shape == ALL)
		add(rule, "server_name", name_of(text, i));
	if(shape == NETWORKS || shape == NETWORKS_6 || shape == ALL)
		add(rule, "peer", network_of(text, shape, i));
	if(shape == PAIRS) {
		snprintf(text, sizeof(text), "10.0.0.%zu", 1 + i % SIDE);
		add(rule, "listen", text);
		add(rule, "peer", network_of(text, shape, i / SIDE));
	}
	if(shape == ALL) {
		add(rule, "listen", ":5061");
		add(rule, "peer_role", "client");
	}
	return rule;
}

static struct tlsp_selection *build(enum shape shape, size_t count)
{
	struct tlsp_policy policy;
	struct tlsp_rules *rules;
	struct tlsp_selection *selection;
	size_t octets;

	tlsp_parameters_defaults(&policy);
	rules = tlsp_rules_new(&policy, 0);
	for(size_t i = 0; i < count; i++)
		if(!tlsp_rules_add(rules, make_rule(shape, i)))
			die("no memory");
	selection = tlsp_selection_build(rules, &octets);
	if(!selection)
		die("no memory");
	tlsp_rules_free(rules);
	return selection;
}

/* A connection that rule |i| is for, or one that nothing is for. */
static void make_facts(struct tlsp_rule_facts *facts, struct tlsp_host *name,
		enum shape shape, size_t i, size_t count)
{
	char text[64], error[256], *slash;
	const char *asked = name_of(text, i);

	memset(facts, 0, sizeof(*facts));
	facts->listen_port = 5061;
	if(*asked == '*')
		text[0] = 'x';
	if(!tlsp_rule_facts_read(
			   facts, name, "server_name", asked, error, sizeof(error)))
		die(error);
	network_of(text, shape, shape == PAIRS ? i / SIDE : i);
	slash = strchr(text, '/');
	*slash = '\0';
	if(!tlsp_rule_facts_read(facts, NULL, "peer", text, error, sizeof(error)))
		die(error);
	facts->listen = (struct tlsp_rule_address){
			.count = 4, .octets = {10, 0, 0, (unsigned char)(1 + i % SIDE)}};
	if(i >= count)
		facts->listen.octets[1] = 99;
}

static struct tlsp_rule_facts facts[SELECTIONS];
static struct tlsp_host hosts[SELECTIONS];

/* One selection, the mean of a round, the best of some rounds. */
static double measure(enum shape shape, size_t count, unsigned long *allocated)
{
	struct tlsp_selection *selection = build(shape, count);
	double best = 0;
	size_t found = 0;

	for(size_t i = 0; i < SELECTIONS; i++)
		make_facts(&facts[i], &hosts[i], shape,
				random_below(count + count / 4 + 1), count);
	for(int round = 0; round < ROUNDS; round++) {
		unsigned long before = allocations;
		double start = spent(), cost;

		for(size_t i = 0; i < SELECTIONS; i++) {
			struct tlsp_rule_facts first = facts[i];

			first.server_name_octets = 0;
			found += tlsp_selection_find(selection, &first);
			found += tlsp_selection_find(selection, &facts[i]);
		}
		cost = (spent() - start) / SELECTIONS;
		*allocated += allocations - before;
		if(best == 0 || cost < best)
			best = cost;
	}
	if(found == 0)
		die("no rule was found");
	free(selection);
	return best;
}

static X509 *make_certificate(EVP_PKEY *key)
{
	X509 *certificate = X509_new();

	X509_set_version(certificate, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
	X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
	X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN",
			MBSTRING_ASC, (const unsigned char *)"bench", -1, -1, 0);
	X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
	X509_set_pubkey(certificate, key);
	if(!X509_sign(certificate, key, EVP_sha256()))
		die("no certificate");
	return certificate;
}

static SSL_CTX *make_context(int version)
{
	static EVP_PKEY *key;
	static X509 *certificate;
	SSL_CTX *context = SSL_CTX_new(TLS_method());

	if(!key) {
		key = EVP_EC_gen("P-256");
		certificate = make_certificate(key);
	}
	SSL_CTX_set_min_proto_version(context, version);
	SSL_CTX_set_max_proto_version(context, version);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(context, 0);
	SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
	SSL_CTX_set_verify(
			context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate);
	if(SSL_CTX_use_certificate(context, certificate) != 1
			|| SSL_CTX_use_PrivateKey(context, key) != 1)
		die("no context");
	return context;
}

/* What the server does of one. */
static double shake_hands(SSL_CTX *context)
{
	SSL *server = SSL_new(context), *client = SSL_new(context);
	BIO *to_server = BIO_new(BIO_s_mem()), *to_client = BIO_new(BIO_s_mem());
	double cost = 0;

	SSL_set_bio(server, to_server, to_client);
	BIO_up_ref(to_server);
	BIO_up_ref(to_client);
	SSL_set_bio(client, to_client, to_server);
	SSL_set_accept_state(server);
	SSL_set_connect_state(client);
	for(int i = 0;
			i < 10
			&& !(SSL_is_init_finished(server) && SSL_is_init_finished(client));
			i++) {
		double start;

		SSL_do_handshake(client);
		start = spent();
		SSL_do_handshake(server);
		cost += spent() - start;
	}
	if(!SSL_is_init_finished(server))
		die("no handshake");
	SSL_free(server);
	SSL_free(client);
	return cost;
}

static double measure_handshake(int version)
{
	SSL_CTX *context = make_context(version);
	double best = 0;

	for(int i = 0; i < HANDSHAKES; i++) {
		double cost = shake_hands(context);

		if(best == 0 || cost < best)
			best = cost;
	}
	SSL_CTX_free(context);
	return best;
}

int main(void)
{
	static const size_t counts[] = {1, 100, MOST};
	double handshake, handshake_1_2, worst = 0;
	unsigned long allocated = 0;
	const char *unit;

	open_counter();
	unit = counter >= 0 ? "instructions" : "ns of CPU";
	handshake = measure_handshake(TLS1_3_VERSION);
	handshake_1_2 = measure_handshake(TLS1_2_VERSION);
	printf("a full handshake with client certificate, as server, in %s: "
		   "TLS 1.3 %.0f, TLS 1.2 %.0f\n",
			unit, handshake, handshake_1_2);
	if(handshake_1_2 < handshake)
		handshake = handshake_1_2;
	for(size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		worst = 0;
		for(int shape = 0; shape < SHAPES; shape++) {
			double cost = measure((enum shape)shape, counts[i], &allocated);

			printf("%6zu rules by %-20s %8.0f  %.3f %%\n", counts[i],
					shape_words[shape], cost, cost * 100 / handshake);
			if(cost > worst)
				worst = cost;
		}
	}
	worst = worst * 100 / handshake;
	printf("%-4s selection of 10,000 rules: %.3f %% of a handshake (at most "
		   "1)\n",
			worst <= 1 ? "kept" : "NOT", worst);
	printf("%-4s allocations of a selection: %lu (at most 0)\n",
			allocated == 0 ? "kept" : "NOT", allocated);
	return worst > 1 || allocated > 0;
}
