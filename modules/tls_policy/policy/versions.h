/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * versions - TLSVersion as a set of protocol versions, and what a TLS
 * domain's own range leaves of it. libc only; any process.
 */
#ifndef TLSP_VERSIONS_H
#define TLSP_VERSIONS_H

#include <stdbool.h>
#include <stddef.h>

/* Bits of a set; the values are those of the manual's bit mask. */
enum
{
	TLSP_TLS_1_0 = 1,
	TLSP_TLS_1_1 = 2,
	TLSP_TLS_1_2 = 4,
	TLSP_TLS_1_3 = 8,
	TLSP_TLS_ALL = 15
};

/* tlsp_versions_from_parameter: TLSVersion 0..15 as a set; 0 is all. */
unsigned tlsp_versions_from_parameter(int tls_version);

/* tlsp_versions_allow_ssl2_hello: may a ClientHello come in the format of
 * SSL 2.0 (RFC 5246, E.2)? Only with TLSVersion 0. */
bool tlsp_versions_allow_ssl2_hello(int tls_version);

/* tlsp_versions_of_range: the set from |min| to |max|, both wire values
 * (0x0301 TLS 1.0 ... 0x0304 TLS 1.3); 0 = no limit at that end. */
unsigned tlsp_versions_of_range(int min, int max);

/* tlsp_versions_of_wire: the bit of one wire value, 0 if it is none of the
 * four. */
unsigned tlsp_versions_of_wire(int version);

/* tlsp_versions_lowest / _highest: the wire value, 0 for the empty set. */
int tlsp_versions_lowest(unsigned set);
int tlsp_versions_highest(unsigned set);

/* tlsp_versions_print: "TLS 1.0, 1.2" or "none" into |buffer|; 32 octets
 * always suffice. Returns |buffer|. */
char *tlsp_versions_print(unsigned set, char *buffer, size_t size);

/* A refusal of a combination of policy and TLS domain, as a sentence. */
enum tlsp_versions_fit
{
	TLSP_VERSIONS_FIT,
	TLSP_VERSIONS_EMPTY,		 /* policy and range have nothing in common */
	TLSP_VERSIONS_SECURITY_LEVEL /* 1.0 or 1.1 asked for by name, level > 0:
									OpenSSL 3 forbids them */
};

/*
 * tlsp_versions_check: can |tls_version| be carried out exactly in a domain
 * with |range| (a set) at OpenSSL's |security_level|? TLSVersion 0 asks for
 * nothing by name, so it always fits a range that is not empty. If not,
 * writes one sentence that names |domain|, its range and the policy's and, at
 * TLSP_VERSIONS_SECURITY_LEVEL, the cure (cipher_list with @SECLEVEL=0).
 */
enum tlsp_versions_fit tlsp_versions_check(int tls_version, unsigned range,
		int security_level, const char *domain, char *error, size_t error_size);

#endif
