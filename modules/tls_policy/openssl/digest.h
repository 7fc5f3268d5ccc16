/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * digest - SHA-256 by value. OpenSSL only; any process.
 */
#ifndef TLSP_DIGEST_H
#define TLSP_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

enum
{
	TLSP_DIGEST_OCTETS = 32 /* also the longest session id context,
							   SSL_set_session_id_context(3) */
};

struct tlsp_digest
{
	unsigned char octets[TLSP_DIGEST_OCTETS];
};

/* What a digest is made of. */
struct tlsp_part
{
	const void *data;
	size_t octets;
};

/* tlsp_digest: of |count| parts, each with its length, so that no two lists of
 * parts read the same. False without memory. */
bool tlsp_digest(
		struct tlsp_digest *out, const struct tlsp_part *parts, size_t count);

/* tlsp_digest_equal: the same octets? */
bool tlsp_digest_equal(
		const struct tlsp_digest *a, const struct tlsp_digest *b);

#endif
