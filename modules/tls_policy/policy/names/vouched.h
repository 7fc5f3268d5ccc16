/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vouched - whom the certificate of an accepted peer vouches for, as one block
 * that may be copied and kept: as whom the peer was accepted, and every name
 * that counts (doc/identities.md) in canonical text. A name counts if the
 * certificate would be accepted were that name the only proxy. No allocation
 * unless a CN is not ASCII; any process.
 */
#ifndef TLSP_VOUCHED_H
#define TLSP_VOUCHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/parameters.h"
#include "policy/peer_facts.h"

enum
{
	/* Of a whole block; with room for more in a line of xlog, which has 4,096. */
	TLSP_VOUCHED_MAX_OCTETS = 3072
};

/* To be read by nobody but vouched.c, |octets|, |count| and |left_out| apart.
 * |data| is the identity, then the names with commas between, and NUL. */
struct tlsp_vouched
{
	uint16_t octets;   /* of the whole block */
	uint16_t count;	   /* of names in it */
	uint16_t left_out; /* names that did not fit, or are not known to pass the
						  name constraints of a CA */
	uint16_t names_octets;
	bool identified;
	uint8_t identity_kind, identity_octets;
	char data[];
};

/* What the names of a block are taken from. */
struct tlsp_vouching
{
	const struct tlsp_policy *policy;	 /* that accepted the peer */
	const struct tlsp_peer_facts *facts; /* NULL: no names are wanted */
	bool identity_alone; /* only the name that is the identity is known to pass:
							a resumed session, whose chain is not here */
};

/*
 * tlsp_vouched_write fills |out|, which has TLSP_VOUCHED_MAX_OCTETS, with
 * |identity| (NULL: no name was judged) and the names of |from|, in the order
 * in which they are judged. From the first that does not fit, they are left
 * out; but for the identity, if it is one of them.
 */
void tlsp_vouched_write(struct tlsp_vouched *out,
		const struct tlsp_host *identity, const struct tlsp_vouching *from);

/* tlsp_vouched_is_empty: neither an identity nor any name, and none left
 * out? */
bool tlsp_vouched_is_empty(const struct tlsp_vouched *vouched);

/* tlsp_vouched_identity: as whom the peer was accepted; false if no name was
 * judged. */
bool tlsp_vouched_identity(
		const struct tlsp_vouched *vouched, struct tlsp_host *out);

/* tlsp_vouched_names: all names, with commas between; NUL terminated. */
const char *tlsp_vouched_names(const struct tlsp_vouched *vouched);

/* tlsp_vouched_name: name |i| of |count|, not NUL terminated; NULL beyond. */
const char *tlsp_vouched_name(
		const struct tlsp_vouched *vouched, size_t i, size_t *octets);

/* tlsp_vouched_stands_for: does the certificate stand for |host|, a NAME or an
 * address, by one of the names? A "*." by which a wildcard counts stands for
 * one label. */
bool tlsp_vouched_stands_for(
		const struct tlsp_vouched *vouched, const struct tlsp_host *host);

#endif
