/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer_memory - see peer_memory.h. The first half of the notes is for accepted
 * identities, the second for addresses; a note without an outcome is free.
 */
#include "peer_memory.h"

#include <limits.h>
#include <string.h>

struct tlsp_peer_memory
{
	size_t half; /* how many notes one half has */
	struct tlsp_peer_note notes[];
};

enum
{
	NETWORK_OCTETS_IPV4 = 3,
	NETWORK_OCTETS_IPV6 = 8
};

size_t tlsp_peer_memory_octets(size_t entries)
{
	return sizeof(struct tlsp_peer_memory)
		   + entries / 2 * 2 * sizeof(struct tlsp_peer_note);
}

struct tlsp_peer_memory *tlsp_peer_memory_init(void *block, size_t entries)
{
	struct tlsp_peer_memory *memory = block;

	memset(block, 0, tlsp_peer_memory_octets(entries));
	memory->half = entries / 2;
	return memory;
}

static bool alive(const struct tlsp_peer_note *note, uint64_t now_ms)
{
	return note->outcome != TLSP_PEER_UNKNOWN && note->expires_ms > now_ms;
}

/* Of two notes of the same half. */
static bool same_key(
		const struct tlsp_peer_key *a, const struct tlsp_peer_key *b)
{
	return a->kind == b->kind && tlsp_hostname_equal(&a->host, &b->host);
}

static bool same_network(const struct tlsp_host *a, const struct tlsp_host *b)
{
	if(a->kind != b->kind)
		return false;
	if(a->kind == TLSP_HOST_IPV4)
		return memcmp(a->address, b->address, NETWORK_OCTETS_IPV4) == 0;
	if(a->kind == TLSP_HOST_IPV6)
		return memcmp(a->address, b->address, NETWORK_OCTETS_IPV6) == 0;
	return false;
}

/* The index of the first note of the half that |key| belongs to. */
static size_t half_of(
		const struct tlsp_peer_memory *memory, const struct tlsp_peer_key *key)
{
	return key->accepted ? 0 : memory->half;
}

/* The index of |key| in |half|, or |count|. */
static size_t find(const struct tlsp_peer_note *half, size_t count,
		const struct tlsp_peer_key *key, uint64_t now_ms)
{
	size_t i = 0;

	while(i < count
			&& !(alive(&half[i], now_ms) && same_key(&half[i].key, key)))
		i++;
	return i;
}

/* Does |a| give way before |b|? The free and the expired first. */
static bool goes_first(const struct tlsp_peer_note *a,
		const struct tlsp_peer_note *b, uint64_t now_ms)
{
	if(!alive(a, now_ms) || !alive(b, now_ms))
		return !alive(a, now_ms) && alive(b, now_ms);
	return a->expires_ms < b->expires_ms;
}

/* The index of the note in |half| that |key| takes the place of. */
static size_t choose(const struct tlsp_peer_note *half, size_t count,
		const struct tlsp_peer_key *key, uint64_t now_ms)
{
	size_t first = 0, neighbours = 0, neighbour = 0;

	for(size_t i = 0; i < count; i++) {
		if(goes_first(&half[i], &half[first], now_ms))
			first = i;
		if(key->accepted || !alive(&half[i], now_ms)
				|| !same_network(&half[i].key.host, &key->host))
			continue;
		if(neighbours == 0 || goes_first(&half[i], &half[neighbour], now_ms))
			neighbour = i;
		neighbours++;
	}
	return neighbours < TLSP_PEER_MEMORY_PER_NETWORK ? first : neighbour;
}

void tlsp_peer_memory_note(struct tlsp_peer_memory *memory,
		const struct tlsp_peer_key *key, enum tlsp_peer_outcome outcome,
		uint64_t now_ms, uint64_t lifetime_ms)
{
	struct tlsp_peer_note *half = memory->notes + half_of(memory, key);
	size_t i = find(half, memory->half, key, now_ms);
	bool known = i < memory->half;

	if(outcome == TLSP_PEER_UNKNOWN || memory->half == 0)
		return;
	if(known && outcome == TLSP_PEER_TOOK && half[i].outcome != TLSP_PEER_TOOK)
		return;
	if(!known) {
		i = choose(half, memory->half, key, now_ms);
		memset(&half[i], 0, sizeof(half[i]));
		half[i].key = *key;
	}
	if(half[i].outcome != outcome)
		half[i].times = 0;
	if(half[i].times < UINT_MAX)
		half[i].times++;
	half[i].outcome = outcome;
	half[i].noted_ms = now_ms;
	half[i].expires_ms = now_ms < UINT64_MAX - lifetime_ms
								 ? now_ms + lifetime_ms
								 : UINT64_MAX;
}

enum tlsp_peer_outcome tlsp_peer_memory_find(
		const struct tlsp_peer_memory *memory, const struct tlsp_peer_key *key,
		uint64_t now_ms)
{
	const struct tlsp_peer_note *half = memory->notes + half_of(memory, key);
	size_t i = find(half, memory->half, key, now_ms);

	return i < memory->half ? half[i].outcome : TLSP_PEER_UNKNOWN;
}

size_t tlsp_peer_memory_capacity(const struct tlsp_peer_memory *memory)
{
	return 2 * memory->half;
}

const struct tlsp_peer_note *tlsp_peer_memory_at(
		const struct tlsp_peer_memory *memory, size_t i, uint64_t now_ms)
{
	return alive(&memory->notes[i], now_ms) ? &memory->notes[i] : NULL;
}

size_t tlsp_peer_memory_forget(
		struct tlsp_peer_memory *memory, const struct tlsp_host *host)
{
	size_t forgotten = 0;

	for(size_t i = 0; i < 2 * memory->half; i++) {
		struct tlsp_peer_note *note = &memory->notes[i];

		if(note->outcome == TLSP_PEER_UNKNOWN
				|| (host && !tlsp_hostname_equal(&note->key.host, host)))
			continue;
		memset(note, 0, sizeof(*note));
		forgotten++;
	}
	return forgotten;
}

const char *tlsp_peer_memory_outcome_word(enum tlsp_peer_outcome outcome)
{
	static const char *const words[TLSP_PEER_OUTCOMES] = {
			"unknown", "took", "refused", "died", "ignored"};

	return words[outcome < TLSP_PEER_OUTCOMES ? outcome : 0];
}

const char *tlsp_peer_memory_kind_word(enum tlsp_rehandshake_kind kind)
{
	static const char *const words[TLSP_KINDS] = {
			"hello-request", "client-hello", "key-update"};

	return words[kind < TLSP_KINDS ? kind : 0];
}
