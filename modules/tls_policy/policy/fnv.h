/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fnv - FNV-1a, 32 bits (draft-eastlake-fnv): for places in tables and the like;
 * whoever chooses what is hashed can make two alike. libc only; any process.
 */
#ifndef TLSP_FNV_H
#define TLSP_FNV_H

#include <stddef.h>
#include <stdint.h>

#define TLSP_FNV_BEGIN 2166136261U

/* tlsp_fnv_word, tlsp_fnv_octets: |hash|, and then that. */
static inline uint32_t tlsp_fnv_word(uint32_t hash, uint32_t word)
{
	return (hash ^ word) * 16777619U;
}

static inline uint32_t tlsp_fnv_octets(
		uint32_t hash, const void *octets, size_t count)
{
	const unsigned char *octet = octets;

	for(size_t i = 0; i < count; i++)
		hash = tlsp_fnv_word(hash, octet[i]);
	return hash;
}

#endif
