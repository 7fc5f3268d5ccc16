/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * digest - see digest.h.
 */
#include "digest.h"

#include <pthread.h>
#include <string.h>

#include <openssl/evp.h>

/* Of this process: to find SHA-256 (EVP_MD_fetch(3)) and to allocate for it costs
 * more than the digest. */
static EVP_MD_CTX *kept;

/* pthread_atfork(3): it may lie in memory that parent and child share. */
static void forget(void)
{
	kept = NULL;
}

static EVP_MD_CTX *make(void)
{
	static bool forgets;
	EVP_MD_CTX *made = EVP_MD_CTX_new();

	forgets = forgets || pthread_atfork(NULL, NULL, forget) == 0;
	if(made && forgets && EVP_DigestInit_ex(made, EVP_sha256(), NULL))
		return made;
	EVP_MD_CTX_free(made);
	return NULL;
}

static bool begin(void)
{
	if(kept)
		return EVP_DigestInit_ex(kept, NULL, NULL) == 1;
	kept = make();
	return kept != NULL;
}

bool tlsp_digest(
		struct tlsp_digest *out, const struct tlsp_part *parts, size_t count)
{
	bool done = begin();

	for(size_t i = 0; done && i < count; i++)
		done = EVP_DigestUpdate(kept, &parts[i].octets, sizeof(parts[i].octets))
			   && (parts[i].octets == 0
					   || EVP_DigestUpdate(
							   kept, parts[i].data, parts[i].octets));
	return done && EVP_DigestFinal_ex(kept, out->octets, NULL);
}

bool tlsp_digest_equal(const struct tlsp_digest *a, const struct tlsp_digest *b)
{
	return memcmp(a->octets, b->octets, sizeof(a->octets)) == 0;
}
