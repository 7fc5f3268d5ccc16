/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * name_constraints - see name_constraints.h.
 */
#include "name_constraints.h"

#include <string.h>
#include <strings.h>

/* "www.example.com" ends in "example.com", as whole labels. */
static bool ends_in(const char *name, size_t name_octets,
		const unsigned char *base, size_t octets)
{
	if(octets == 0)
		return true;
	if(octets > name_octets
			|| strncasecmp(
					   name + name_octets - octets, (const char *)base, octets)
					   != 0)
		return false;
	return octets == name_octets || name[name_octets - octets - 1] == '.';
}

/* The wildcard before |name| may stand for the first label of |base|. */
static bool may_become(const struct tlsp_host *wildcard,
		const unsigned char *base, size_t octets)
{
	const unsigned char *dot = memchr(base, '.', octets);
	size_t parent_octets;

	if(!dot)
		return false;
	parent_octets = octets - (size_t)(dot + 1 - base);
	return parent_octets == wildcard->octets
		   && strncasecmp(wildcard->name, (const char *)dot + 1, parent_octets)
					  == 0;
}

/* ".example.com" wants a label in front, as OpenSSL reads it; RFC 5280 gives
 * dNSName no such form. What only some readers take in is permitted to none
 * and excluded from all. */
static enum tlsp_subtree of_dotted(
		const struct tlsp_host *host, const unsigned char *rest, size_t octets)
{
	if(octets == 0)
		return TLSP_SUBTREE_PARTLY; /* "." is the base of no name */
	if(ends_in(host->name, host->octets, rest, octets))
		return host->kind == TLSP_HOST_NAME && host->octets == octets
					   ? TLSP_SUBTREE_PARTLY
					   : TLSP_SUBTREE_INSIDE;
	return host->kind == TLSP_HOST_WILDCARD && may_become(host, rest, octets)
				   ? TLSP_SUBTREE_PARTLY
				   : TLSP_SUBTREE_OUTSIDE;
}

enum tlsp_subtree tlsp_name_constraints_of_name(
		const struct tlsp_host *host, const unsigned char *base, size_t octets)
{
	if(host->kind != TLSP_HOST_NAME && host->kind != TLSP_HOST_WILDCARD)
		return TLSP_SUBTREE_OTHER_KIND;
	if(octets > 0 && base[0] == '.')
		return of_dotted(host, base + 1, octets - 1);
	if(ends_in(host->name, host->octets, base, octets))
		return TLSP_SUBTREE_INSIDE;
	if(host->kind == TLSP_HOST_WILDCARD && may_become(host, base, octets))
		return TLSP_SUBTREE_PARTLY;
	return TLSP_SUBTREE_OUTSIDE;
}

enum tlsp_subtree tlsp_name_constraints_of_address(
		const struct tlsp_host *host, const unsigned char *base, size_t octets)
{
	if(host->kind != TLSP_HOST_IPV4 && host->kind != TLSP_HOST_IPV6)
		return TLSP_SUBTREE_OTHER_KIND;
	if(octets != 2 * (size_t)host->octets)
		return TLSP_SUBTREE_OUTSIDE;
	for(size_t i = 0; i < host->octets; i++)
		if((host->address[i] ^ base[i]) & base[host->octets + i])
			return TLSP_SUBTREE_OUTSIDE;
	return TLSP_SUBTREE_INSIDE;
}
