/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * identity - see identity.h.
 */
#include "identity.h"

#include <string.h>

static bool read_identity(
		const struct tlsp_identity *identity, struct tlsp_host *out)
{
	enum tlsp_host_error error = TLSP_HOST_EMPTY;

	switch(identity->type) {
		case TLSP_IDENTITY_DNS_NAME:
			error = tlsp_hostname_from_dns_name(
					out, identity->data, identity->octets);
			break;
		case TLSP_IDENTITY_IP_ADDRESS:
			error = tlsp_hostname_from_ip_address(
					out, identity->data, identity->octets);
			break;
		case TLSP_IDENTITY_COMMON_NAME:
			error = tlsp_hostname_from_common_name(
					out, identity->data, identity->octets);
			break;
	}
	return error == TLSP_HOST_OK;
}

/* A proxy "*.carrier.net" covers names exactly one label below it. */
static bool below_wildcard_proxy(
		const struct tlsp_proxies *proxies, const struct tlsp_host *name)
{
	const char *dot = memchr(name->name, '.', name->octets);
	struct tlsp_host parent;

	if(!dot)
		return false;
	memset(&parent, 0, sizeof(parent));
	parent.kind = TLSP_HOST_WILDCARD;
	parent.octets = (uint8_t)(name->octets - (dot + 1 - name->name));
	memcpy(parent.name, dot + 1, parent.octets);
	return tlsp_proxies_find(proxies, &parent);
}

bool tlsp_identity_is_proxy(const struct tlsp_identity *identity,
		const struct tlsp_proxies *proxies, bool wildcards,
		struct tlsp_host *out_host)
{
	struct tlsp_host host;
	bool match = false;

	if(!read_identity(identity, &host))
		return false;
	switch(host.kind) {
		case TLSP_HOST_NAME:
			match = tlsp_proxies_find(proxies, &host)
					|| below_wildcard_proxy(proxies, &host);
			break;
		case TLSP_HOST_WILDCARD:
			match = wildcards
					&& (tlsp_proxies_find(proxies, &host)
							|| tlsp_proxies_find_below(
									proxies, host.name, host.octets));
			break;
		case TLSP_HOST_IPV4:
		case TLSP_HOST_IPV6:
			match = tlsp_proxies_find(proxies, &host);
			break;
	}
	if(match)
		*out_host = host;
	return match;
}

static bool covers(
		const struct tlsp_host *wildcard, const struct tlsp_host *name)
{
	const char *dot = name->kind == TLSP_HOST_NAME
							  ? memchr(name->name, '.', name->octets)
							  : NULL;

	return dot && strcmp(dot + 1, wildcard->name) == 0;
}

bool tlsp_identity_is_subject_name(const struct tlsp_identity *common_name,
		const char *subject_name, bool wildcards, struct tlsp_host *out_host)
{
	size_t octets = strlen(subject_name);
	struct tlsp_host presented, wanted;
	bool match;

	if(octets == 0)
		return false;
	memset(&presented, 0, sizeof(presented));
	if(!read_identity(common_name, &presented)
			|| tlsp_hostname_from_common_name(
					   &wanted, (const unsigned char *)subject_name, octets)
					   != TLSP_HOST_OK)
		match = common_name->octets == octets
				&& memcmp(common_name->data, subject_name, octets) == 0;
	else if(presented.kind == TLSP_HOST_WILDCARD)
		match = wildcards
				&& (tlsp_hostname_equal(&presented, &wanted)
						|| covers(&presented, &wanted));
	else
		match = tlsp_hostname_equal(&presented, &wanted);
	if(match)
		*out_host = presented;
	return match;
}
