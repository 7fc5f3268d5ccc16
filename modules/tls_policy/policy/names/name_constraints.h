/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * name_constraints - is a host inside a subtree of names that a CA may, or may
 * not, vouch for (RFC 5280, 4.2.1.10)? libc only; any process.
 */
#ifndef TLSP_NAME_CONSTRAINTS_H
#define TLSP_NAME_CONSTRAINTS_H

#include "policy/host/hostname.h"

/* What a host has to do with a subtree. */
enum tlsp_subtree
{
	TLSP_SUBTREE_OTHER_KIND, /* a name and addresses, or the reverse */
	TLSP_SUBTREE_OUTSIDE,
	TLSP_SUBTREE_PARTLY, /* inside to some: a wildcard, some of whose names are,
							or the name itself of a base with a dot */
	TLSP_SUBTREE_INSIDE
};

/* tlsp_name_constraints_of_name: |host| and the dNSName |base| of |octets|,
 * as it lies in the certificate. Permitted is what is INSIDE, excluded what is
 * PARTLY: ".example.com" permits names with a label in front only, as OpenSSL
 * has it, and excludes example.com too; "." permits nothing and excludes all. */
enum tlsp_subtree tlsp_name_constraints_of_name(
		const struct tlsp_host *host, const unsigned char *base, size_t octets);

/* tlsp_name_constraints_of_address: |host| and the iPAddress |base|: address
 * and mask, 8 or 32 octets together. */
enum tlsp_subtree tlsp_name_constraints_of_address(
		const struct tlsp_host *host, const unsigned char *base, size_t octets);

#endif
