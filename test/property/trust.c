/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trust - goes through the states in which a connection can be (oracle.h), with
 * real ends under the code of openssl/, and holds each against the oracle.
 *
 * trust           those that show something that no other does
 * trust all       all of them
 * trust PATTERN   those whose names match (as a shell's), and what was told of
 *                 a refusal; a line of a state that is wrong begins with its
 *                 name
 */
#include "walk.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "changes.h"
#include "under_test.h"

enum
{
	NAME_OCTETS = 512
};

const char *const walk_outcomes[4] = {"in full", "resumed", "refused", NULL};
const char *const walk_verdicts[4] = {
		"accepted", "refused", "unverifiable", "wait"};

static const char *only; /* of the arguments */
static bool all;		 /* likewise */
static unsigned long run_states, skipped_states, redundant_states, wrong_states;
static bool is_wrong;

bool walk_wants(const struct state *state)
{
	char name[NAME_OCTETS];

	if(only && fnmatch(only, oracle_print(state, name, sizeof(name)), 0) != 0)
		return false;
	is_wrong = false;
	if(oracle_impossible(state)) {
		skipped_states++;
		return false;
	}
	if(!only && !all && oracle_redundant(state)) {
		redundant_states++;
		return false;
	}
	return true;
}

void walk_skips(const struct state *state, const char *why)
{
	char name[NAME_OCTETS];

	if(only)
		printf("# %s: %s\n", oracle_print(state, name, sizeof(name)), why);
	skipped_states++;
	run_states--; /* walk_ends counts it */
}

void walk_ends(const struct state *state)
{
	(void)state;
	run_states++;
	wrong_states += is_wrong;
}

void walk_differs(const struct state *state, const char *what, const char *says)
{
	char name[NAME_OCTETS];

	is_wrong = true;
	printf("# %s: %s; \"%s\"\n", oracle_print(state, name, sizeof(name)), what,
			says);
	if(only && gate.refused)
		printf("#   %s\n", gate.refusal.why);
}

static void print_bits(unsigned bits, const char *const words[4], char *out)
{
	*out = '\0';
	for(size_t i = 0; i < 4; i++)
		if(bits & 1U << i) {
			strcat(out, *out ? " or " : "");
			strcat(out, words[i]);
		}
}

bool walk_compare(const struct state *state, const char *what,
		const struct expectation *expected, unsigned got,
		const char *const words[4])
{
	char allowed[96], found[96], sentence[256];

	if(got & expected->allowed)
		return true;
	print_bits(expected->allowed, words, allowed);
	print_bits(got, words, found);
	snprintf(
			sentence, sizeof(sentence), "%s: %s, not %s", what, found, allowed);
	walk_differs(state, sentence, expected->says);
	return false;
}

void walk_identity(const struct state *state, const struct line *line)
{
	struct under_test_accepted now = under_test_accepted(line->link.record);
	const char *wanted = oracle_identity(state);
	struct tlsp_host host;

	if(!wanted || now.match == TLSP_MATCH_NONE)
		return;
	tlsp_hostname_from_operator(&host, wanted, strlen(wanted));
	if(!tlsp_hostname_equal(&host, &now.host))
		walk_differs(state, "accepted as another one",
				"The accepted identity of a connection never changes.");
}

/* OpenSSL allocates thousands of times for each handshake. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "malloc_context_size=2:quarantine_size_mb=16";
}

int main(int argc, char **argv)
{
	/* clang-format off */
	static const struct
	{
		const char *name;
		void (*walk)(void);
	} blocks[] = {
		{"what changed between a session and its use", walk_first},
		{"what changed after the handshake", walk_again},
		{"what changes in the middle of a first handshake", walk_middle},
		{"what changes in the middle of a later handshake", walk_later},
		{"whose certificate a later handshake shows", walk_shown},
		{"how a handshake may begin", walk_hellos},
	};
	static const struct under_test_contexts contexts = {
			world_context_for, world_context_now, world_changed};
	/* clang-format on */

	all = argc > 1 && strcmp(argv[1], "all") == 0;
	only = argc > 1 && !all ? argv[1] : NULL;
	make_ends(NULL);
	world_make();
	changes_make();
	under_test_init(&contexts);
	printf("1..%zu\n", COUNT(blocks));
	for(size_t i = 0; i < COUNT(blocks); i++) {
		unsigned long before = wrong_states, states = run_states;
		clock_t began = clock();

		blocks[i].walk();
		printf("%sok %zu - %s\n# %lu states in %.1f s\n",
				wrong_states > before ? "not " : "", i + 1, blocks[i].name,
				run_states - states,
				(double)(clock() - began) / CLOCKS_PER_SEC);
		fflush(stdout);
	}
	printf("# figure: %lu states, %lu skipped, %lu left to 'trust all', %lu "
		   "wrong\n",
			run_states, skipped_states, redundant_states, wrong_states);
	changes_unmake();
	world_unmake();
	free_ends(NULL);
	return wrong_states > 0;
}
