/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * session_cache - see session_cache.h. The memory of a shard is a table of
 * buckets, and behind it the ring: entries of any length, one behind the other
 * from the oldest to the newest, which begin at the front again where the end is
 * too near. Ids are random, so their octets choose shard and bucket.
 */
#include "session_cache.h"

#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#include <openssl/crypto.h>

enum
{
	SHARDS = 16,
	ALIGNED = 8,
	OCTETS_FOR_A_BUCKET = 1024,
	LOOKS = 200,	   /* at a lock that another process has */
	WIPED_AT_ONCE = 64 /* sessions, under one lock */
};

struct entry
{
	uint32_t octets; /* with this head, aligned */
	uint32_t next;	 /* in the same bucket; 0 = none */
	uint32_t kept;	 /* of the session; 0 = it was forgotten */
	uint32_t unused;
	int64_t until_s;
	unsigned char id[TLSP_SESSION_ID_OCTETS];
	unsigned char session[];
};

/* Places are offsets in |memory|; 0 is none, for there the buckets are. */
struct shard
{
	atomic_flag taken;
	unsigned char *memory; /* NULL = keeps nothing; all below under the lock */
	uint32_t buckets, first, end; /* of the ring: its first octet, and behind */
	uint32_t oldest, head;		  /* where the next entry goes */
	uint32_t turn;	 /* behind the last entry before the front, if the newest
						are in front of the oldest; else 0 */
	uint32_t count;	 /* of entries */
	uint32_t living; /* of those not forgotten */
};

struct tlsp_session_cache
{
	struct shard shards[SHARDS];
};

size_t tlsp_session_cache_octets(void)
{
	return sizeof(struct tlsp_session_cache);
}

struct tlsp_session_cache *tlsp_session_cache_init(void *memory)
{
	struct tlsp_session_cache *cache = memory;

	memset(cache, 0, sizeof(*cache));
	for(int i = 0; i < SHARDS; i++)
		atomic_flag_clear(&cache->shards[i].taken);
	return cache;
}

static bool take(struct shard *shard)
{
	for(int i = 0; i < LOOKS; i++)
		if(!atomic_flag_test_and_set_explicit(
				   &shard->taken, memory_order_acquire))
			return true;
	return false;
}

static void give_back(struct shard *shard)
{
	atomic_flag_clear_explicit(&shard->taken, memory_order_release);
}

static uint32_t down(size_t octets)
{
	return (uint32_t)(octets / ALIGNED * ALIGNED);
}

static void empty(struct shard *shard)
{
	shard->oldest = shard->head = shard->first;
	shard->turn = shard->count = shard->living = 0;
}

static void lay_out(struct shard *shard, unsigned char *memory, size_t octets)
{
	shard->memory = memory;
	shard->buckets = (uint32_t)(octets / OCTETS_FOR_A_BUCKET) + 1;
	shard->first = down(shard->buckets * sizeof(uint32_t) + ALIGNED - 1);
	shard->end = down(octets);
	if(!memory || shard->end <= shard->first)
		shard->memory = NULL;
	if(shard->memory)
		memset(shard->memory, 0, shard->first);
	empty(shard);
}

static void replace(struct shard *shard, unsigned char *memory, size_t octets)
{
	if(shard->memory)
		OPENSSL_cleanse(shard->memory, shard->end);
	lay_out(shard, memory, octets < UINT32_MAX ? octets : down(UINT32_MAX));
}

void *tlsp_session_cache_use(
		struct tlsp_session_cache *cache, void *memory, size_t octets)
{
	unsigned char *before = cache->shards[0].memory;
	size_t each = down(octets / SHARDS);

	for(size_t i = 0; i < SHARDS; i++) {
		struct shard *shard = &cache->shards[i];

		while(!take(shard))
			sched_yield();
		replace(shard, memory ? (unsigned char *)memory + i * each : NULL,
				each);
		give_back(shard);
	}
	return before;
}

void *tlsp_session_cache_end(struct tlsp_session_cache *cache)
{
	unsigned char *before = cache->shards[0].memory;

	for(size_t i = 0; i < SHARDS; i++)
		replace(&cache->shards[i], NULL, 0);
	return before;
}

static struct entry *at(const struct shard *shard, uint32_t place)
{
	return (struct entry *)(void *)(shard->memory + place);
}

static uint32_t *bucket_of(const struct shard *shard, const unsigned char *id)
{
	uint32_t number;

	memcpy(&number, id + 1, sizeof(number));
	return (uint32_t *)(void *)shard->memory + number % shard->buckets;
}

/* The link that leads to the entry of |id|; to 0 if there is none. */
static uint32_t *find(const struct shard *shard, const unsigned char *id)
{
	uint32_t *link = bucket_of(shard, id);

	while(*link
			&& memcmp(at(shard, *link)->id, id, TLSP_SESSION_ID_OCTETS) != 0)
		link = &at(shard, *link)->next;
	return link;
}

static void forget(struct shard *shard, uint32_t *link)
{
	struct entry *entry = at(shard, *link);

	*link = entry->next;
	OPENSSL_cleanse(entry->id, entry->octets - offsetof(struct entry, id));
	entry->kept = 0;
	shard->living--;
}

static uint32_t behind(const struct shard *shard, uint32_t place)
{
	place += at(shard, place)->octets;
	return shard->turn && place == shard->turn ? shard->first : place;
}

static void drop_oldest(struct shard *shard)
{
	const struct entry *entry = at(shard, shard->oldest);
	uint32_t next = behind(shard, shard->oldest);

	if(entry->kept)
		forget(shard, find(shard, entry->id));
	if(next < shard->oldest)
		shard->turn = 0;
	shard->oldest = next;
	if(--shard->count == 0)
		empty(shard);
}

/* Where an entry of |octets| goes: behind the newest, or at the front. The oldest
 * leave as long as there is no room. */
static uint32_t make_room(struct shard *shard, uint32_t octets)
{
	for(;;) {
		uint32_t end = shard->turn ? shard->oldest : shard->end;

		if(end - shard->head >= octets)
			return shard->head;
		if(shard->turn) {
			drop_oldest(shard);
			continue;
		}
		shard->turn = shard->head; /* not empty: it would have had room */
		shard->head = shard->first;
	}
}

static struct shard *shard_of(
		struct tlsp_session_cache *cache, const unsigned char *id)
{
	return &cache->shards[id[0] % SHARDS];
}

/* A clock that was set back makes a session old, not new. */
static bool is_over(const struct entry *entry, int64_t now_s)
{
	return entry->until_s < now_s
		   || entry->until_s > now_s + TLSP_SESSION_KEPT_S;
}

static bool put(struct shard *shard, const unsigned char *id,
		const unsigned char *session, size_t octets, int64_t until_s)
{
	size_t needed =
			down(offsetof(struct entry, session) + octets + ALIGNED - 1);
	struct entry *entry;
	uint32_t *link, place;

	if(!shard->memory || needed > (shard->end - shard->first) / 2)
		return false;
	link = find(shard, id);
	if(*link)
		forget(shard, link);
	place = make_room(shard, (uint32_t)needed);
	entry = at(shard, place);
	link = bucket_of(shard, id);
	*entry = (struct entry){.octets = (uint32_t)needed,
			.next = *link,
			.kept = (uint32_t)octets,
			.until_s = until_s};
	memcpy(entry->id, id, TLSP_SESSION_ID_OCTETS);
	memcpy(entry->session, session, octets);
	*link = place;
	shard->head = place + entry->octets;
	shard->count++;
	shard->living++;
	return true;
}

bool tlsp_session_cache_put(struct tlsp_session_cache *cache,
		const unsigned char id[TLSP_SESSION_ID_OCTETS],
		const unsigned char *session, size_t octets, int64_t until_s)
{
	struct shard *shard = shard_of(cache, id);
	bool done;

	if(octets == 0 || octets > TLSP_SESSION_MAX_OCTETS || !take(shard))
		return false;
	done = put(shard, id, session, octets, until_s);
	give_back(shard);
	return done;
}

static size_t get(const struct shard *shard, const unsigned char *id,
		unsigned char *out, int64_t now_s)
{
	const struct entry *entry;
	uint32_t place = shard->memory ? *find(shard, id) : 0;

	if(!place)
		return 0;
	entry = at(shard, place);
	if(is_over(entry, now_s))
		return 0;
	memcpy(out, entry->session, entry->kept);
	return entry->kept;
}

size_t tlsp_session_cache_get(struct tlsp_session_cache *cache,
		const unsigned char id[TLSP_SESSION_ID_OCTETS],
		unsigned char out[TLSP_SESSION_MAX_OCTETS], int64_t now_s)
{
	struct shard *shard = shard_of(cache, id);
	size_t octets;

	if(!take(shard))
		return 0;
	octets = get(shard, id, out, now_s);
	give_back(shard);
	return octets;
}

void tlsp_session_cache_forget(struct tlsp_session_cache *cache,
		const unsigned char id[TLSP_SESSION_ID_OCTETS])
{
	struct shard *shard = shard_of(cache, id);
	uint32_t *link;

	if(!take(shard))
		return;
	link = shard->memory ? find(shard, id) : NULL;
	if(link && *link)
		forget(shard, link);
	give_back(shard);
}

/* True if there may be more. */
static bool expire_some(struct shard *shard, int64_t now_s)
{
	for(int i = 0; i < WIPED_AT_ONCE; i++) {
		const struct entry *entry;

		if(shard->count == 0)
			return false;
		entry = at(shard, shard->oldest);
		if(!is_over(entry, now_s))
			return false;
		drop_oldest(shard);
	}
	return true;
}

void tlsp_session_cache_expire(struct tlsp_session_cache *cache, int64_t now_s)
{
	for(int i = 0; i < SHARDS; i++) {
		bool more = true;

		while(more && take(&cache->shards[i])) { /* else the next time */
			more = expire_some(&cache->shards[i], now_s);
			give_back(&cache->shards[i]);
		}
	}
}

size_t tlsp_session_cache_count(struct tlsp_session_cache *cache)
{
	size_t count = 0;

	for(int i = 0; i < SHARDS; i++) {
		if(!take(&cache->shards[i]))
			continue;
		count += cache->shards[i].living;
		give_back(&cache->shards[i]);
	}
	return count;
}
