/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * san_size - how much a SubjectAltName would cost to decode, seen from its
 * octets: OpenSSL makes several objects for each part, and what a peer sends
 * may have tens of thousands of them. OpenSSL and policy/ only; any process.
 */
#ifndef TLSP_SAN_SIZE_H
#define TLSP_SAN_SIZE_H

#include <stddef.h>

enum
{
	TLSP_SAN_PARTS_MAX = 4096 /* in all entries together, at any depth */
};

/*
 * tlsp_san_size_check: NULL if the |octets| of |der| may be decoded, or static
 * text: more than TLSP_IDENTITIES_MAX entries, more than TLSP_SAN_PARTS_MAX
 * parts inside entries, a length that is indefinite (so not DER), or none that
 * can be read. Stops at the first that is too many; allocates nothing, but may
 * leave an error in OpenSSL's queue.
 */
const char *tlsp_san_size_check(const unsigned char *der, size_t octets);

#endif
