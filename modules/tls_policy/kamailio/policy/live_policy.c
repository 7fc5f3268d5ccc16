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
#include <string.h>

#include <openssl/crypto.h>

#include "core/dprint.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"
#include "core/pt.h"

/* An index in shared memory, of one generation or of several in a row. */
struct shared_index
{
	unsigned long generations; /* that use it; under the lock */
	struct tlsp_digest digest;
	_Alignas(8) unsigned char proxies[];
};

struct generation
{
	struct tlsp_terms terms; /* points into this very block and the index */
	struct tlsp_policy policy;
	struct tlsp_own_files *own_files; /* in shared memory; NULL if none */
	struct shared_index *index;
	struct generation *next_retired;
};

struct live_policy
{
	_Atomic(struct generation *) current;
	unsigned long published; /* under the lock, like all below */
	struct generation *retired;
	int readers;
	gen_lock_t lock;
};

static struct live_policy *live;				   /* shared */
static _Atomic(struct generation *) *reader_slots; /* shared, [readers] */

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

	reader_slots = shm_malloc((size_t)readers * sizeof(*reader_slots));
	if(!reader_slots) {
		SHM_MEM_ERROR;
		return -1;
	}
	for(int i = 0; i < readers; i++)
		atomic_init(&reader_slots[i], NULL);
	live->readers = readers;
	return 0;
}

static void free_own_files(struct tlsp_own_files *files)
{
	if(!files)
		return;
	OPENSSL_cleanse(files, tlsp_own_files_octets(files));
	shm_free(files);
}

static struct shared_index *index_of(const struct tlsp_proxies *proxies)
{
	return (struct shared_index *)((char *)proxies
								   - offsetof(struct shared_index, proxies));
}

/* Under the lock, or when nobody else is left. */
static void free_generation(struct generation *generation)
{
	free_own_files(generation->own_files);
	if(--generation->index->generations == 0)
		shm_free(generation->index);
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
	if(reader_slots)
		shm_free(reader_slots);
	reader_slots = NULL;
}

const struct tlsp_terms *tlsp_live_policy_acquire(void)
{
	struct generation *seen;

	if(!reader_slots || process_no < 0 || process_no >= live->readers)
		return NULL;
	if(atomic_load_explicit(&reader_slots[process_no], memory_order_relaxed)) {
		LM_BUG("the terms in force are acquired twice\n");
		return NULL; /* the slot goes on protecting the first */
	}
	do {
		seen = atomic_load(&live->current);
		atomic_store(&reader_slots[process_no], seen);
	} while(seen != atomic_load(&live->current));
	return seen ? &seen->terms : NULL;
}

void tlsp_live_policy_release(const struct tlsp_terms *terms)
{
	if(terms && reader_slots && process_no >= 0 && process_no < live->readers)
		atomic_store_explicit(
				&reader_slots[process_no], NULL, memory_order_release);
}

bool tlsp_live_policy_copy(struct tlsp_policy *out)
{
	const struct tlsp_terms *terms = tlsp_live_policy_acquire();

	if(terms)
		*out = *terms->policy;
	tlsp_live_policy_release(terms);
	return terms != NULL;
}

void tlsp_live_policy_lock(void)
{
	lock_get(&live->lock);
}

void tlsp_live_policy_unlock(void)
{
	lock_release(&live->lock);
}

const struct tlsp_terms *tlsp_live_policy_current(void)
{
	struct generation *current = atomic_load(&live->current);

	return current ? &current->terms : NULL;
}

static bool is_read(const struct generation *generation)
{
	for(int i = 0; reader_slots && i < live->readers; i++)
		if(atomic_load(&reader_slots[i]) == generation)
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

const struct tlsp_proxies *tlsp_live_policy_write_index(
		const struct tlsp_proxies_builder *builder)
{
	size_t octets = tlsp_proxies_builder_octets(builder);
	struct shared_index *index = shm_malloc(sizeof(*index) + octets);

	if(!index)
		return NULL;
	index->generations = 0;
	tlsp_proxies_builder_write(builder, index->proxies);
	if(tlsp_digest(&index->digest,
			   &(const struct tlsp_part){index->proxies, octets}, 1))
		return (const struct tlsp_proxies *)index->proxies;
	shm_free(index);
	return NULL;
}

void tlsp_live_policy_drop_index(const struct tlsp_proxies *proxies)
{
	if(proxies)
		shm_free(index_of(proxies));
}

/* False without shared memory. */
static bool copy_own_files(
		struct generation *to, const struct tlsp_own_files *files)
{
	size_t octets = files ? tlsp_own_files_octets(files) : 0;

	if(!files || octets == sizeof(*files))
		return true;
	to->own_files = shm_malloc(octets);
	if(!to->own_files) {
		SHM_MEM_ERROR;
		return false;
	}
	memcpy(to->own_files, files, octets);
	to->terms.own_files = to->own_files;
	return true;
}

int tlsp_live_policy_publish(const struct tlsp_policy *policy,
		const struct tlsp_proxies *proxies,
		const struct tlsp_own_files *own_files)
{
	struct generation *next = shm_malloc(sizeof(*next));
	struct generation *old;

	if(!next) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(next, 0, sizeof(*next));
	next->policy = *policy;
	next->index = index_of(proxies);
	next->terms.policy = &next->policy;
	next->terms.proxies = proxies;
	next->terms.generation = live->published + 1;
	if(!copy_own_files(next, own_files)
			|| !tlsp_terms_digest(&next->terms, &next->index->digest)) {
		free_own_files(next->own_files);
		shm_free(next);
		return -1;
	}
	next->index->generations++;
	live->published++;
	old = atomic_exchange(&live->current, next);
	if(old) {
		old->next_retired = live->retired;
		live->retired = old;
	}
	free_unread();
	return 0;
}
