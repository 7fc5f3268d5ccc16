/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer_memory - how peers took a re-handshake: remembered for a bounded time,
 * in a table of fixed size in the caller's memory (it may be shared; the
 * caller's lock guards it). Allocates nothing, reads no clock. libc and
 * hostname only; any process.
 *
 * Who can fill it? A peer that policy accepted by name is remembered by that
 * name; anybody else by address, and whoever has many addresses has many
 * entries. So the table has two halves that never take from each other: one
 * for identities, which only holders of accepted certificates can fill, and
 * one for addresses. In that one a network (IPv4 /24, IPv6 /64) has at most
 * TLSP_PEER_MEMORY_PER_NETWORK entries and then replaces its own. What a botnet
 * can still push out are other peers without a certificate; for them there is
 * tls_rehandshake_peers, which nobody pushes out.
 */
#ifndef TLSP_PEER_MEMORY_H
#define TLSP_PEER_MEMORY_H

#include "policy/host/hostname.h"

/* A suggestion for |lifetime_ms|: a week, longer than any interval, and short
 * enough to find out that a peer got other software. */
#define TLSP_PEER_MEMORY_LIFETIME_MS (UINT64_C(7) * 24 * 3600 * 1000)

enum
{
	TLSP_PEER_MEMORY_ENTRIES = 1024, /* a suggestion: about 300 KB */
	TLSP_PEER_MEMORY_PER_NETWORK = 16
};

/* What was tried. A stack that takes one may die at another (OpenSSL 3: takes
 * a HelloRequest, refuses a client's renegotiation), so each is remembered
 * apart. */
enum tlsp_rehandshake_kind
{
	TLSP_KIND_HELLO_REQUEST, /* TLS <= 1.2, we are server */
	TLSP_KIND_CLIENT_HELLO,	 /* TLS <= 1.2, we are client */
	TLSP_KIND_KEY_UPDATE,	 /* TLS 1.3, either role */
	TLSP_KINDS				 /* how many there are */
};

enum tlsp_peer_outcome
{
	TLSP_PEER_UNKNOWN, /* nothing is remembered */
	TLSP_PEER_TOOK,
	TLSP_PEER_REFUSED, /* no_renegotiation, or another alert in answer */
	TLSP_PEER_DIED,	   /* the connection ended without an alert */
	TLSP_PEER_IGNORED, /* no answer in time */
	TLSP_PEER_OUTCOMES /* how many there are */
};

struct tlsp_peer_key
{
	bool accepted; /* |host| is the identity that policy accepted; else it is
					  the address that the peer came from or is at */
	enum tlsp_rehandshake_kind kind;
	struct tlsp_host host;
};

struct tlsp_peer_note
{
	struct tlsp_peer_key key;
	enum tlsp_peer_outcome outcome;
	unsigned times; /* in a row */
	uint64_t noted_ms, expires_ms;
};

struct tlsp_peer_memory; /* the caller's block */

/* tlsp_peer_memory_octets: what |entries| (2 or more; odd ones are rounded
 * down) take. */
size_t tlsp_peer_memory_octets(size_t entries);

/* tlsp_peer_memory_init: an empty memory in |block| of that many octets,
 * aligned as malloc does. Returns it. */
struct tlsp_peer_memory *tlsp_peer_memory_init(void *block, size_t entries);

/*
 * tlsp_peer_memory_note remembers |outcome| (not UNKNOWN) for |lifetime_ms|
 * from |now_ms|. Bad news outlasts good: TOOK does not replace another outcome
 * before that expires, since several hosts may share an identity. If the half
 * (or the network) is full, what expires first gives way. Linear in the table.
 */
void tlsp_peer_memory_note(struct tlsp_peer_memory *memory,
		const struct tlsp_peer_key *key, enum tlsp_peer_outcome outcome,
		uint64_t now_ms, uint64_t lifetime_ms);

/* tlsp_peer_memory_find: what is remembered of |key| at |now_ms|, or
 * TLSP_PEER_UNKNOWN. Linear in the table (microseconds for 1,024). */
enum tlsp_peer_outcome tlsp_peer_memory_find(
		const struct tlsp_peer_memory *memory, const struct tlsp_peer_key *key,
		uint64_t now_ms);

/* tlsp_peer_memory_capacity, _at: for a list: the note at 0 <= |i| < capacity,
 * valid under the caller's lock, or NULL where none is alive at |now_ms|. */
size_t tlsp_peer_memory_capacity(const struct tlsp_peer_memory *memory);
const struct tlsp_peer_note *tlsp_peer_memory_at(
		const struct tlsp_peer_memory *memory, size_t i, uint64_t now_ms);

/* tlsp_peer_memory_forget: everything about |host|, as identity and as
 * address, of every kind; NULL: of all. Returns how many notes went. */
size_t tlsp_peer_memory_forget(
		struct tlsp_peer_memory *memory, const struct tlsp_host *host);

/* tlsp_peer_memory_outcome_word: "took", "refused", "died", "ignored" or
 * "unknown". _kind_word: "hello-request", "client-hello", "key-update".
 * Static. */
const char *tlsp_peer_memory_outcome_word(enum tlsp_peer_outcome outcome);
const char *tlsp_peer_memory_kind_word(enum tlsp_rehandshake_kind kind);

#endif
