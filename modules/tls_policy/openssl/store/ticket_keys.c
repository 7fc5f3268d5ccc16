/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ticket_keys - see ticket_keys.h. The keys of one context are made of the secret
 * and its binding: SHA-512 of both, as the one-step key derivation of NIST SP
 * 800-56C, 4.1 has it. The secrets lie behind a sequence number that is odd
 * while they are written.
 */
#include "ticket_keys.h"

#include <stdatomic.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

enum
{
	WORD = sizeof(uint64_t),
	SECRET_OCTETS = 32,
	TRIES = 3 /* there is a change every 300 s */
};

struct secret
{
	int64_t period; /* 0 = none */
	unsigned char name[TLSP_TICKET_NAME_OCTETS];
	unsigned char octets[SECRET_OCTETS];
};

struct both
{
	struct secret newest, before;
};

enum
{
	WORDS = sizeof(struct both) / WORD
};

_Static_assert(sizeof(struct both) % WORD == 0, "copied word by word");

struct tlsp_ticket_keys
{
	atomic_flag turning;
	_Atomic uint64_t sequence;
	_Atomic uint64_t words[WORDS]; /* struct both */
};

size_t tlsp_ticket_keys_octets(void)
{
	return sizeof(struct tlsp_ticket_keys);
}

struct tlsp_ticket_keys *tlsp_ticket_keys_init(void *memory)
{
	struct tlsp_ticket_keys *keys = memory;

	memset(keys, 0, sizeof(*keys));
	atomic_flag_clear(&keys->turning);
	return keys;
}

void tlsp_ticket_keys_wipe(struct tlsp_ticket_keys *keys)
{
	OPENSSL_cleanse(keys, sizeof(*keys));
}

/* False: they are being changed. */
static bool copy_out(struct tlsp_ticket_keys *keys, struct both *out)
{
	uint64_t words[WORDS];
	uint64_t sequence = 1;
	bool done = false;

	for(int i = 0; i < TRIES && !done; i++) {
		sequence = atomic_load_explicit(&keys->sequence, memory_order_acquire);
		for(size_t w = 0; w < WORDS; w++)
			words[w] =
					atomic_load_explicit(&keys->words[w], memory_order_relaxed);
		atomic_thread_fence(memory_order_acquire);
		done = !(sequence & 1)
			   && sequence
						  == atomic_load_explicit(
								  &keys->sequence, memory_order_relaxed);
	}
	if(done)
		memcpy(out, words, sizeof(*out));
	OPENSSL_cleanse(words, sizeof(words));
	return done;
}

/* By whoever turns them. */
static void copy_in(struct tlsp_ticket_keys *keys, const struct both *both)
{
	uint64_t words[WORDS];
	uint64_t sequence =
			atomic_load_explicit(&keys->sequence, memory_order_relaxed);

	memcpy(words, both, sizeof(words));
	atomic_store_explicit(&keys->sequence, sequence + 1, memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
	for(size_t w = 0; w < WORDS; w++)
		atomic_store_explicit(&keys->words[w], words[w], memory_order_relaxed);
	atomic_store_explicit(&keys->sequence, sequence + 2, memory_order_release);
	OPENSSL_cleanse(words, sizeof(words));
}

static int64_t period_of(int64_t now_s)
{
	return now_s / TLSP_TICKET_KEYS_PERIOD_S;
}

/* Whose clock is a moment behind at the end of a period changes nothing. */
static bool is_current(const struct both *both, int64_t period)
{
	return both->newest.period == period || both->newest.period == period + 1;
}

static void make_new(
		struct tlsp_ticket_keys *keys, struct both *both, int64_t period)
{
	struct secret made = {.period = period};

	if(RAND_bytes(made.name, sizeof(made.name)) == 1
			&& RAND_priv_bytes(made.octets, sizeof(made.octets)) == 1) {
		if(both->newest.period == period - 1)
			both->before = both->newest;
		else
			memset(&both->before, 0, sizeof(both->before));
		both->newest = made;
		copy_in(keys, both);
	}
	OPENSSL_cleanse(&made, sizeof(made));
}

void tlsp_ticket_keys_turn(struct tlsp_ticket_keys *keys, int64_t now_s)
{
	struct both both;

	if(!copy_out(keys, &both))
		return;
	if(!is_current(&both, period_of(now_s))
			&& !atomic_flag_test_and_set_explicit(
					&keys->turning, memory_order_acquire)) {
		if(copy_out(keys, &both) && !is_current(&both, period_of(now_s)))
			make_new(keys, &both, period_of(now_s));
		atomic_flag_clear_explicit(&keys->turning, memory_order_release);
	}
	OPENSSL_cleanse(&both, sizeof(both));
}

static bool derive(const struct secret *secret,
		const unsigned char binding[TLSP_TICKET_BINDING_OCTETS],
		struct tlsp_ticket_key *out)
{
	static const unsigned char counter[] = {0, 0, 0, 1};
	static const char label[] = "tls_policy ticket";
	static EVP_MD *sha512; /* of this process */
	unsigned char made[2 * TLSP_TICKET_KEY_OCTETS];
	EVP_MD_CTX *md = EVP_MD_CTX_new(); /* cleared when it is freed */
	bool done;

	if(!sha512)
		sha512 = EVP_MD_fetch(NULL, "SHA512", NULL);
	done = md && sha512 && EVP_DigestInit_ex2(md, sha512, NULL)
		   && EVP_DigestUpdate(md, counter, sizeof(counter))
		   && EVP_DigestUpdate(md, secret->octets, sizeof(secret->octets))
		   && EVP_DigestUpdate(md, label, sizeof(label))
		   && EVP_DigestUpdate(md, binding, TLSP_TICKET_BINDING_OCTETS)
		   && EVP_DigestFinal_ex(md, made, NULL);
	if(done) {
		memcpy(out->name, secret->name, sizeof(out->name));
		memcpy(out->cipher, made, sizeof(out->cipher));
		memcpy(out->mac, made + sizeof(out->cipher), sizeof(out->mac));
	}
	EVP_MD_CTX_free(md);
	OPENSSL_cleanse(made, sizeof(made));
	return done;
}

bool tlsp_ticket_keys_newest(struct tlsp_ticket_keys *keys, int64_t now_s,
		const unsigned char binding[TLSP_TICKET_BINDING_OCTETS],
		struct tlsp_ticket_key *out)
{
	struct both both;
	bool done;

	tlsp_ticket_keys_turn(keys, now_s);
	if(!copy_out(keys, &both))
		return false;
	out->newest = true;
	done = is_current(&both, period_of(now_s))
		   && derive(&both.newest, binding, out);
	OPENSSL_cleanse(&both, sizeof(both));
	return done;
}

static bool is_alive(const struct secret *secret, int64_t period)
{
	return secret->period > 0 && secret->period >= period - 1
		   && secret->period <= period + 1;
}

bool tlsp_ticket_keys_find(struct tlsp_ticket_keys *keys, int64_t now_s,
		const unsigned char name[TLSP_TICKET_NAME_OCTETS],
		const unsigned char binding[TLSP_TICKET_BINDING_OCTETS],
		struct tlsp_ticket_key *out)
{
	const struct secret *found = NULL;
	struct both both;
	bool done;

	tlsp_ticket_keys_turn(keys, now_s);
	if(!copy_out(keys, &both))
		return false;
	if(memcmp(both.newest.name, name, sizeof(both.newest.name)) == 0)
		found = &both.newest;
	else if(memcmp(both.before.name, name, sizeof(both.before.name)) == 0)
		found = &both.before;
	out->newest = found == &both.newest;
	done = found && is_alive(found, period_of(now_s))
		   && derive(found, binding, out);
	OPENSSL_cleanse(&both, sizeof(both));
	return done;
}
