/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shared - see shared.h.
 */
#include "shared.h"

#include <string.h>

#include <openssl/crypto.h>

#include "core/mem/shm_mem.h"

struct block
{
	unsigned long generations;
	size_t octets;
	bool secret;
	struct tlsp_digest digest;
	_Alignas(8) unsigned char data[];
};

static struct block *block_of(const void *data)
{
	return (struct block *)((char *)data - offsetof(struct block, data));
}

void *tlsp_shared_new(size_t octets, bool secret)
{
	struct block *block = shm_malloc(sizeof(*block) + octets);

	if(!block)
		return NULL;
	memset(block, 0, sizeof(*block) + octets);
	block->octets = octets;
	block->secret = secret;
	return block->data;
}

bool tlsp_shared_seal(void *data)
{
	struct block *block = block_of(data);

	return tlsp_digest(&block->digest,
			&(const struct tlsp_part){block->data, block->octets}, 1);
}

const struct tlsp_digest *tlsp_shared_digest(const void *data)
{
	return &block_of(data)->digest;
}

void tlsp_shared_hold(const void *data)
{
	if(data)
		block_of(data)->generations++;
}

static void free_block(struct block *block)
{
	if(block->secret)
		OPENSSL_cleanse(block->data, block->octets);
	shm_free(block);
}

void tlsp_shared_release(const void *data)
{
	if(data && --block_of(data)->generations == 0)
		free_block(block_of(data));
}

void tlsp_shared_drop(const void *data)
{
	if(data && block_of(data)->generations == 0)
		free_block(block_of(data));
}
