/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * session_cache - encoded sessions by their id, for all processes: a ring of
 * bounded memory in each of some shards, where the oldest make room for new
 * ones. Each shard has a lock of its own, which is held for the copy of one
 * session, or while some that are over are wiped, and never waited for for long:
 * who does not get it misses a session, and a full handshake follows. What leaves
 * is wiped. libc and OPENSSL_cleanse(3) only; any process.
 */
#ifndef TLSP_SESSION_CACHE_H
#define TLSP_SESSION_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
	TLSP_SESSION_ID_OCTETS = 32,
	TLSP_SESSION_KEPT_S = 300,		/* at most */
	TLSP_SESSION_MAX_OCTETS = 16384 /* encoded; a longer one is not kept */
};

struct tlsp_session_cache; /* in shared memory */

/* tlsp_session_cache_octets: of the memory that tlsp_session_cache_init needs,
 * aligned to 8. Before fork; it keeps nothing yet. */
size_t tlsp_session_cache_octets(void);
struct tlsp_session_cache *tlsp_session_cache_init(void *memory);

/*
 * tlsp_session_cache_use: from now on it keeps sessions in |memory| (NULL: none)
 * of |octets|, aligned to 8, and nothing of before. Returns the memory of
 * before, which no process uses any more; it was wiped. One process at a time,
 * which may wait.
 */
void *tlsp_session_cache_use(
		struct tlsp_session_cache *cache, void *memory, size_t octets);

/* tlsp_session_cache_end: likewise with no memory, at the very end, by the last
 * process: it asks for no lock, for those of before may have ended with one. */
void *tlsp_session_cache_end(struct tlsp_session_cache *cache);

/* tlsp_session_cache_put: |octets| of |session| until |until_s| (time(2)), which
 * is TLSP_SESSION_KEPT_S away at most. False: it is not kept. */
bool tlsp_session_cache_put(struct tlsp_session_cache *cache,
		const unsigned char id[TLSP_SESSION_ID_OCTETS],
		const unsigned char *session, size_t octets, int64_t until_s);

/* tlsp_session_cache_get: a copy into |out|; its octets, 0 if there is none. */
size_t tlsp_session_cache_get(struct tlsp_session_cache *cache,
		const unsigned char id[TLSP_SESSION_ID_OCTETS],
		unsigned char out[TLSP_SESSION_MAX_OCTETS], int64_t now_s);

/* tlsp_session_cache_forget: the session of that id. */
void tlsp_session_cache_forget(struct tlsp_session_cache *cache,
		const unsigned char id[TLSP_SESSION_ID_OCTETS]);

/* tlsp_session_cache_expire: wipes what is over at |now_s|, in the order in which
 * it was put, so that each is gone TLSP_SESSION_KEPT_S after that; called by a
 * timer, so that no session outlives an idle night. */
void tlsp_session_cache_expire(struct tlsp_session_cache *cache, int64_t now_s);

/* tlsp_session_cache_count: the sessions that it keeps. */
size_t tlsp_session_cache_count(struct tlsp_session_cache *cache);

#endif
