/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * digest - see digest.h.
 */
#include "digest.h"

#include <string.h>

#include <openssl/evp.h>

bool tlsp_digest(
		struct tlsp_digest *out, const struct tlsp_part *parts, size_t count)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool done = md && EVP_DigestInit_ex(md, EVP_sha256(), NULL);

	for(size_t i = 0; done && i < count; i++)
		done = EVP_DigestUpdate(md, &parts[i].octets, sizeof(parts[i].octets))
			   && (parts[i].octets == 0
					   || EVP_DigestUpdate(md, parts[i].data, parts[i].octets));
	done = done && EVP_DigestFinal_ex(md, out->octets, NULL);
	EVP_MD_CTX_free(md);
	return done;
}

bool tlsp_digest_equal(const struct tlsp_digest *a, const struct tlsp_digest *b)
{
	return memcmp(a->octets, b->octets, sizeof(a->octets)) == 0;
}
