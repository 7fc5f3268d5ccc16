/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * condition_values - one value of a condition as an operator writes it: an
 * address of ours, a network, a server name; read and printed. libc and
 * policy/host only; any process.
 */
#ifndef TLSP_CONDITION_VALUES_H
#define TLSP_CONDITION_VALUES_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/host/host.h"
#include "rule_facts.h"

enum
{
	TLSP_CONDITION_VALUE_OCTETS = 264 /* any value as text, with its NUL */
};

/* address:port, [v6]:port, :port or address. */
struct tlsp_listen
{
	struct tlsp_rule_address address; /* count 0 = any */
	unsigned short port;			  /* 0 = any */
};

struct tlsp_network
{
	struct tlsp_rule_address address; /* the bits behind |prefix| are 0 */
	unsigned char prefix;			  /* 0..32 or 0..128 */
};

/* tlsp_address_canonical: an IPv4 address that is mapped into IPv6 (RFC 4291,
 * 2.5.5.2) as IPv4; any other as it is. */
void tlsp_address_canonical(
		struct tlsp_rule_address *out, const struct tlsp_rule_address *address);

/* tlsp_address_has_prefix: are the first |bits| of |address| those of
 * |network|, of the same family? */
bool tlsp_address_has_prefix(const struct tlsp_rule_address *address,
		const struct tlsp_rule_address *network, unsigned bits);

/* tlsp_address_mask: the bits of |address| behind |bits| become 0. */
void tlsp_address_mask(struct tlsp_rule_address *address, unsigned bits);

/* tlsp_name_parent: what follows the first label of a server name, and its
 * octets: NULL if nothing does. */
const char *tlsp_name_parent(
		const char *name, size_t octets, size_t *parent_octets);

/*
 * tlsp_listen_read, tlsp_network_read, tlsp_name_condition_read: |text| of
 * |octets| octets into |out|: address:port, [v6]:port, :port or address; an
 * address or a network; a name or *.name. NULL, or half a sentence that follows
 * the quoted value; static.
 */
const char *tlsp_listen_read(
		struct tlsp_listen *out, const char *text, size_t octets);
const char *tlsp_network_read(
		struct tlsp_network *out, const char *text, size_t octets);
const char *tlsp_name_condition_read(
		struct tlsp_host *out, const char *text, size_t octets);

/* tlsp_listen_print, tlsp_network_print: as they are read again, into |buffer|
 * of TLSP_CONDITION_VALUE_OCTETS, which is returned. A server name is printed
 * by tlsp_hostname_print. */
char *tlsp_listen_print(const struct tlsp_listen *listen,
		char buffer[TLSP_CONDITION_VALUE_OCTETS]);
char *tlsp_network_print(const struct tlsp_network *network,
		char buffer[TLSP_CONDITION_VALUE_OCTETS]);

#endif
