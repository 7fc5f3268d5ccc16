/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * identity - see identity.h.
 */
#include "identity.h"

#include <stdio.h>
#include <string.h>

bool tlsp_identity_host(
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
		case TLSP_IDENTITY_URI:
			error = tlsp_hostname_from_sip_uri(
					out, identity->data, identity->octets);
			break;
	}
	return error == TLSP_HOST_OK;
}

static bool read_identity(
		const struct tlsp_identity *identity, struct tlsp_host *out)
{
	return !identity->constrained && tlsp_identity_host(identity, out);
}

void tlsp_identity_prefetch(const struct tlsp_identity *identity,
		const struct tlsp_proxies *proxies)
{
	const char *data = (const char *)identity->data;
	size_t octets = identity->octets;

	if(octets == 0 || octets > TLSP_HOSTNAME_MAX_OCTETS)
		return;
	if(identity->type == TLSP_IDENTITY_IP_ADDRESS) {
		tlsp_proxies_prefetch(proxies,
				octets == 4 ? TLSP_HOST_IPV4 : TLSP_HOST_IPV6, data, octets);
		return;
	}
	if(data[octets - 1] == '.')
		octets--;
	tlsp_proxies_prefetch(proxies, TLSP_HOST_NAME, data, octets);
}

/* A proxy "*.carrier.net" covers names exactly one label below it. */
static bool below_wildcard_proxy(const struct tlsp_proxies *proxies,
		const struct tlsp_host *name, struct tlsp_host *out)
{
	const char *dot = memchr(name->name, '.', name->octets);

	if(!dot || tlsp_proxies_wildcards(proxies) == 0)
		return false;
	memset(out, 0, sizeof(*out));
	out->kind = TLSP_HOST_WILDCARD;
	out->octets = (uint8_t)(name->octets - (dot + 1 - name->name));
	memcpy(out->name, dot + 1, out->octets);
	return tlsp_proxies_find(proxies, out);
}

void tlsp_identity_proxy_of(const struct tlsp_host *matched,
		const struct tlsp_proxies *proxies, struct tlsp_host *out)
{
	bool found = false;

	if(matched->kind == TLSP_HOST_WILDCARD)
		found = !tlsp_proxies_find(proxies, matched)
				&& tlsp_proxies_first_below(
						proxies, matched->name, matched->octets, out);
	else if(matched->kind == TLSP_HOST_NAME
			&& tlsp_proxies_wildcards(proxies) > 0
			&& !tlsp_proxies_find(proxies, matched))
		found = below_wildcard_proxy(proxies, matched, out);
	if(!found)
		out->octets = 0;
}

bool tlsp_identity_host_is_proxy(
		const struct tlsp_host *host, const struct tlsp_proxies *proxies)
{
	struct tlsp_host proxy;

	return tlsp_proxies_find(proxies, host)
		   || (host->kind == TLSP_HOST_NAME
				   && below_wildcard_proxy(proxies, host, &proxy));
}

bool tlsp_identity_is_proxy(const struct tlsp_identity *identity,
		const struct tlsp_proxies *proxies, bool wildcards,
		struct tlsp_host *out_host)
{
	struct tlsp_host host;
	bool match;

	if(!read_identity(identity, &host))
		return false;
	if(host.kind == TLSP_HOST_WILDCARD)
		match = wildcards
				&& (tlsp_proxies_find(proxies, &host)
						|| tlsp_proxies_find_below(
								proxies, host.name, host.octets));
	else
		match = tlsp_identity_host_is_proxy(&host, proxies);
	if(match)
		*out_host = host;
	return match;
}

bool tlsp_identity_wildcard_over(
		const struct tlsp_host *host, char *text, size_t size)
{
	const char *dot =
			host->kind == TLSP_HOST_NAME ? strchr(host->name, '.') : NULL;

	if(dot)
		snprintf(text, size, "*%s", dot);
	return dot != NULL;
}

bool tlsp_identity_covers(
		const struct tlsp_host *wildcard, const struct tlsp_host *host)
{
	const char *dot = host->kind == TLSP_HOST_NAME
							  ? memchr(host->name, '.', host->octets)
							  : NULL;

	return dot && strcmp(dot + 1, wildcard->name) == 0;
}

bool tlsp_identity_stands_for(const struct tlsp_identity *identity,
		const struct tlsp_host *host, bool wildcards)
{
	struct tlsp_host presented;

	if(!read_identity(identity, &presented))
		return false;
	if(presented.kind == TLSP_HOST_WILDCARD)
		return wildcards && tlsp_identity_covers(&presented, host);
	return tlsp_hostname_equal(&presented, host);
}

bool tlsp_identity_is_subject_name(const struct tlsp_identity *common_name,
		const char *subject_name, bool wildcards, struct tlsp_host *out_host)
{
	size_t octets = strlen(subject_name);
	struct tlsp_host presented, wanted;
	bool match;

	if(octets == 0 || common_name->constrained)
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
						|| tlsp_identity_covers(&presented, &wanted));
	else
		match = tlsp_hostname_equal(&presented, &wanted);
	if(match)
		*out_host = presented;
	return match;
}

bool tlsp_identity_is_subject_host(
		const char *subject_name, const struct tlsp_host *host)
{
	struct tlsp_host wanted;

	return tlsp_hostname_from_common_name(&wanted,
				   (const unsigned char *)subject_name, strlen(subject_name))
				   == TLSP_HOST_OK
		   && tlsp_hostname_equal(&wanted, host);
}

bool tlsp_identity_check_proxies(const struct tlsp_proxies *proxies,
		bool wildcard_proxies, char *error, size_t error_size)
{
	size_t count = tlsp_proxies_count(proxies);
	char text[TLSP_HOSTNAME_MAX_OCTETS + 1] = "";
	struct tlsp_host host;

	if(wildcard_proxies || tlsp_proxies_wildcards(proxies) == 0)
		return true;
	for(size_t i = 0; i < count && !text[0]; i++) {
		tlsp_proxies_at(proxies, i, &host);
		if(host.kind == TLSP_HOST_WILDCARD)
			tlsp_hostname_print(&host, text, sizeof(text));
	}
	snprintf(error, error_size,
			"proxy \"%s\" stands for every name below it, which "
			"wildcard_proxies=1 has to permit",
			text);
	return false;
}
