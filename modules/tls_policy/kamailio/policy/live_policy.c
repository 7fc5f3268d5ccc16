/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * live_policy - see live_policy.h. A reader announces the generation that it
 * uses in a slot of its own (a hazard pointer: M. M. Michael, "Hazard
 * Pointers: Safe Memory Reclamation for Lock-Free Objects", IEEE TPDS 15(6),
 * 2004); a writer frees a retired generation once no slot names it.
 */
#include "live_policy.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/dprint.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"
#include "core/pt.h"

#include "shared.h"

enum
{
	CACHE_LINE_OCTETS = 64
};

struct generation
{
	struct tlsp_in_force in_force; /* points into this very block, like: */
	struct tlsp_book book;
	struct tlsp_terms *terms;
	struct tlsp_policy *policies;
	const struct tlsp_book_rule **by_name; /* sorted */
	struct generation *next_retired;
};

struct live_policy
{
	_Atomic(struct generation *) current;
	_Atomic bool asks_servers; /* may a rule of it ask anything of a server? */
	unsigned long published;   /* under the lock, like all below */
	struct generation *retired;
	int readers;
	gen_lock_t lock;
};

/* Of one reader, who writes to it at every use; on a cache line of its own, so
 * that two never fight for one. */
struct reader_slot
{
	_Alignas(CACHE_LINE_OCTETS) _Atomic(struct generation *) used;
};

static struct live_policy *live;		 /* shared */
static void *slots_block;				 /* shared, and aligned in it: */
static struct reader_slot *reader_slots; /* [readers] */

int tlsp_live_policy_init(void)
{
	live = shm_malloc(sizeof(*live));
	if(!live) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(live, 0, sizeof(*live));
	if(!lock_init(&live->lock)) {
		shm_free(live);
		live = NULL;
		return -1;
	}
	return 0;
}

int tlsp_live_policy_init_readers(void)
{
	int readers = get_max_procs();
	size_t octets = (size_t)readers * sizeof(*reader_slots);

	slots_block = shm_malloc(octets + CACHE_LINE_OCTETS - 1);
	if(!slots_block) {
		SHM_MEM_ERROR;
		return -1;
	}
	reader_slots =
			(struct reader_slot *)(((uintptr_t)slots_block + CACHE_LINE_OCTETS
										   - 1)
								   & ~(uintptr_t)(CACHE_LINE_OCTETS - 1));
	for(int i = 0; i < readers; i++)
		atomic_init(&reader_slots[i].used, NULL);
	live->readers = readers;
	return 0;
}

static const void *holds_of(const struct tlsp_book_rule *rule, int which)
{
	const void *const all[] = {rule->proxies, rule->files, rule->counters};

	return which < (int)(sizeof(all) / sizeof(*all)) ? all[which] : NULL;
}

/* What |book| refers to in shared memory: one generation more, or one less. */
static void each_shared(
		const struct tlsp_book *book, void (*what)(const void *block))
{
	what(book->selection);
	what(book->sources_seen);
	what(book->files_seen);
	for(size_t i = 0; i <= book->count; i++)
		for(int which = 0; which < 3; which++)
			what(holds_of(&book->rules[i], which));
}

/* Under the lock, or when nobody else is left. */
static void free_generation(struct generation *generation)
{
	each_shared(&generation->book, tlsp_shared_release);
	shm_free(generation);
}

static void free_generations(struct generation *first)
{
	while(first) {
		struct generation *next = first->next_retired;

		free_generation(first);
		first = next;
	}
}

void tlsp_live_policy_destroy(void)
{
	if(!live)
		return;
	free_generations(live->retired);
	free_generations(atomic_load(&live->current));
	lock_destroy(&live->lock);
	shm_free(live);
	live = NULL;
	if(slots_block)
		shm_free(slots_block);
	slots_block = reader_slots = NULL;
}

const struct tlsp_in_force *tlsp_live_policy_acquire(void)
{
	struct generation *seen;

	if(!reader_slots || process_no < 0 || process_no >= live->readers)
		return NULL;
	if(atomic_load_explicit(
			   &reader_slots[process_no].used, memory_order_relaxed)) {
		LM_BUG("the terms in force are acquired twice\n");
		return NULL; /* the slot goes on protecting the first */
	}
	do {
		seen = atomic_load(&live->current);
		atomic_store(&reader_slots[process_no].used, seen);
	} while(seen != atomic_load(&live->current));
	return seen ? &seen->in_force : NULL;
}

void tlsp_live_policy_release(const struct tlsp_in_force *in_force)
{
	if(in_force && reader_slots && process_no >= 0
			&& process_no < live->readers)
		atomic_store_explicit(
				&reader_slots[process_no].used, NULL, memory_order_release);
}

static const struct generation *generation_of(
		const struct tlsp_in_force *in_force)
{
	return (const struct generation *)((const char *)in_force
									   - offsetof(struct generation, in_force));
}

const struct tlsp_book *tlsp_live_policy_book(
		const struct tlsp_in_force *in_force)
{
	return &generation_of(in_force)->book;
}

static int compare_to_name(const void *name, const void *rule)
{
	return strcmp(name, (*(const struct tlsp_book_rule *const *)rule)->name);
}

static int compare_names(const void *a, const void *b)
{
	return compare_to_name((*(const struct tlsp_book_rule *const *)a)->name, b);
}

bool tlsp_live_policy_find(
		const struct tlsp_in_force *in_force, const char *name, size_t *number)
{
	const struct generation *generation = generation_of(in_force);
	const struct tlsp_book_rule **found =
			bsearch(name, generation->by_name, generation->book.count + 1,
					sizeof(*generation->by_name), compare_to_name);

	if(found)
		*number = (size_t)(*found - generation->book.rules);
	return found != NULL;
}

void tlsp_live_policy_count(const struct tlsp_in_force *in_force, size_t rule,
		enum tlsp_rule_count what, enum tlsp_role role)
{
	const struct tlsp_book_rule *counted =
			&generation_of(in_force)->book.rules[rule];

	atomic_fetch_add_explicit(
			&counted->counters->of[what][role], 1, memory_order_relaxed);
}

bool tlsp_live_policy_asks_servers(void)
{
	return !live
		   || atomic_load_explicit(&live->asks_servers, memory_order_relaxed);
}

bool tlsp_live_policy_copy(const char *rule, struct tlsp_policy *out)
{
	const struct tlsp_in_force *in_force = tlsp_live_policy_acquire();
	size_t number;
	bool found = in_force && tlsp_live_policy_find(in_force, rule, &number);

	if(found)
		*out = *in_force->terms[number].policy;
	tlsp_live_policy_release(in_force);
	return found;
}

void tlsp_live_policy_lock(void)
{
	lock_get(&live->lock);
}

void tlsp_live_policy_unlock(void)
{
	lock_release(&live->lock);
}

const struct tlsp_book *tlsp_live_policy_current(void)
{
	struct generation *current = atomic_load(&live->current);

	return current ? &current->book : NULL;
}

static bool is_read(const struct generation *generation)
{
	for(int i = 0; reader_slots && i < live->readers; i++)
		if(atomic_load(&reader_slots[i].used) == generation)
			return true;
	return false;
}

static void free_unread(void)
{
	struct generation **link = &live->retired;

	while(*link) {
		struct generation *generation = *link;

		if(is_read(generation)) {
			link = &generation->next_retired;
			continue;
		}
		*link = generation->next_retired;
		free_generation(generation);
	}
}

bool tlsp_live_policy_collect(void)
{
	bool none_left;

	lock_get(&live->lock);
	free_unread();
	none_left = live->retired == NULL;
	lock_release(&live->lock);
	return none_left;
}

/* How much a generation of |book| takes, and where in it its parts begin. */
struct layout
{
	size_t rules, terms, policies, by_name, texts, octets;
};

/* Those that follow each other often share one; others are found by |seen|. */
static size_t number_of(const struct tlsp_policy **seen, size_t count,
		const struct tlsp_policy *policy)
{
	for(size_t i = count; i-- > 0;)
		if(seen[i] == policy)
			return i;
	return count;
}

static size_t place(struct layout *layout, size_t octets)
{
	size_t at = layout->octets;

	layout->octets += (octets + 7) & ~(size_t)7;
	return at;
}

static size_t texts_of(const struct tlsp_book *book)
{
	size_t octets = 0;

	for(size_t i = 0; i <= book->count; i++)
		octets += strlen(book->rules[i].conditions)
				  + strlen(book->rules[i].sources) + 2;
	return octets;
}

static void lay_out(
		struct layout *out, const struct tlsp_book *book, size_t policies)
{
	size_t count = book->count + 1;

	memset(out, 0, sizeof(*out));
	place(out, sizeof(struct generation));
	out->rules = place(out, count * sizeof(struct tlsp_book_rule));
	out->terms = place(out, count * sizeof(struct tlsp_terms));
	out->policies = place(out, policies * sizeof(struct tlsp_policy));
	out->by_name = place(out, count * sizeof(struct tlsp_book_rule *));
	out->texts = place(out, texts_of(book));
}

static const char *move_text(char **end, const char *text)
{
	size_t octets = strlen(text) + 1;
	char *moved = memcpy(*end, text, octets);

	*end += octets;
	return moved;
}

/* The rules of |book|, with everything that they point to in the block. */
static void move(struct generation *to, const struct tlsp_book *book,
		const struct layout *layout, const struct tlsp_policy **seen,
		size_t policies)
{
	char *block = (char *)to, *text = block + layout->texts;

	to->book.rules = (struct tlsp_book_rule *)(block + layout->rules);
	to->book.count = book->count;
	to->book.selection = book->selection;
	to->book.sources_seen = book->sources_seen;
	to->book.files_seen = book->files_seen;
	to->book.by_server_name = book->by_server_name;
	to->book.by_local_address = book->by_local_address;
	to->terms = (struct tlsp_terms *)(block + layout->terms);
	to->policies = (struct tlsp_policy *)(block + layout->policies);
	to->by_name =
			(const struct tlsp_book_rule **)(void *)(block + layout->by_name);
	for(size_t i = 0; i < policies; i++)
		to->policies[i] = *seen[i];
	for(size_t i = 0; i <= book->count; i++) {
		struct tlsp_book_rule *rule = &to->book.rules[i];

		*rule = book->rules[i];
		rule->policy = &to->policies[number_of(seen, policies, rule->policy)];
		rule->configured =
				&to->policies[number_of(seen, policies, rule->configured)];
		rule->conditions = move_text(&text, rule->conditions);
		rule->sources = move_text(&text, rule->sources);
		to->by_name[i] = rule;
	}
	qsort(to->by_name, book->count + 1, sizeof(*to->by_name), compare_names);
}

/* The same block of files is the same number, so that each process reads it
 * once. */
static size_t number_files(
		const struct tlsp_terms *terms, size_t number, size_t *next)
{
	for(size_t i = 0; i < number; i++)
		if(terms[i].own_files == terms[number].own_files)
			return terms[i].own_number;
	return (*next)++;
}

static bool make_terms(struct generation *to, unsigned long number)
{
	size_t next_files = 0;

	for(size_t i = 0; i <= to->book.count; i++) {
		const struct tlsp_book_rule *rule = &to->book.rules[i];
		struct tlsp_terms *terms = &to->terms[i];

		terms->rule = rule->name;
		terms->policy = rule->policy;
		terms->proxies = rule->proxies;
		terms->own_files = rule->files;
		terms->own_number = number_files(to->terms, i, &next_files);
		terms->generation = number;
		if(!tlsp_terms_digest(terms, tlsp_shared_digest(rule->proxies)))
			return false;
	}
	to->in_force = (struct tlsp_in_force){to->terms, to->book.count,
			to->book.selection, to->book.by_server_name,
			to->book.by_local_address};
	return true;
}

/* Those of a rule that was there before go on. */
static bool add_counters(struct tlsp_book *book)
{
	const struct tlsp_in_force *before =
			atomic_load(&live->current) ? &atomic_load(&live->current)->in_force
										: NULL;
	size_t number;

	for(size_t i = 0; i <= book->count; i++) {
		struct tlsp_book_rule *rule = &book->rules[i];

		rule->counters =
				before && tlsp_live_policy_find(before, rule->name, &number)
						? generation_of(before)->book.rules[number].counters
						: NULL;
		if(rule->counters)
			continue;
		rule->counters = tlsp_shared_new(sizeof(*rule->counters), false);
		if(!tlsp_book_keep_shared(book, rule->counters))
			return false;
	}
	return true;
}

static void see(const struct tlsp_policy **seen, size_t *count,
		const struct tlsp_policy *policy)
{
	if(number_of(seen, *count, policy) == *count)
		seen[(*count)++] = policy;
}

static struct generation *make(const struct tlsp_book *book)
{
	size_t most = 2 * (book->count + 1);
	const struct tlsp_policy **seen = malloc(most * sizeof(*seen));
	struct generation *made = NULL;
	struct layout layout;
	size_t policies = 0;

	for(size_t i = 0; seen && i <= book->count; i++) {
		see(seen, &policies, book->rules[i].policy);
		see(seen, &policies, book->rules[i].configured);
	}
	if(seen) {
		lay_out(&layout, book, policies);
		made = shm_malloc(layout.octets);
	}
	if(made) {
		memset(made, 0, layout.octets);
		move(made, book, &layout, seen, policies);
	}
	free(seen);
	return made;
}

static bool asks_servers(const struct tlsp_book *book)
{
	for(size_t i = 0; i <= book->count; i++) {
		const struct tlsp_policy *policy = book->rules[i].policy;

		if(policy->enforcement == TLSP_ENFORCE
				&& tlsp_verdict_asks_certificate(policy, TLSP_ROLE_CLIENT))
			return true;
	}
	return false;
}

int tlsp_live_policy_publish(struct tlsp_book *book)
{
	bool asks = asks_servers(book);
	struct generation *next = add_counters(book) ? make(book) : NULL;
	struct generation *old;

	if(!next || !make_terms(next, live->published + 1)) {
		if(next)
			shm_free(next);
		return -1;
	}
	each_shared(&next->book, tlsp_shared_hold);
	live->published++;
	if(asks)
		atomic_store(&live->asks_servers, true);
	old = atomic_exchange(&live->current, next);
	atomic_store(&live->asks_servers, asks);
	if(old) {
		old->next_retired = live->retired;
		live->retired = old;
	}
	free_unread();
	return 0;
}
