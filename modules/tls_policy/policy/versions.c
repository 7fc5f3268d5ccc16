/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * versions - see versions.h. Pure functions of their arguments.
 */
#include "versions.h"

#include <stdio.h>
#include <string.h>

static const struct
{
	unsigned bit;
	int wire;
	const char *text;
} versions[] = {
		{TLSP_TLS_1_0, 0x0301, "1.0"},
		{TLSP_TLS_1_1, 0x0302, "1.1"},
		{TLSP_TLS_1_2, 0x0303, "1.2"},
		{TLSP_TLS_1_3, 0x0304, "1.3"},
};
enum
{
	VERSIONS = sizeof(versions) / sizeof(*versions)
};

unsigned tlsp_versions_from_parameter(int tls_version)
{
	if(tls_version < 0 || tls_version > TLSP_TLS_ALL)
		return 0;
	return tls_version == 0 ? TLSP_TLS_ALL : (unsigned)tls_version;
}

bool tlsp_versions_allow_ssl2_hello(int tls_version)
{
	return tls_version == 0;
}

unsigned tlsp_versions_of_range(int min, int max)
{
	unsigned set = 0;

	for(size_t i = 0; i < VERSIONS; i++)
		if((min == 0 || versions[i].wire >= min)
				&& (max == 0 || versions[i].wire <= max))
			set |= versions[i].bit;
	return set;
}

unsigned tlsp_versions_of_wire(int version)
{
	for(size_t i = 0; i < VERSIONS; i++)
		if(versions[i].wire == version)
			return versions[i].bit;
	return 0;
}

int tlsp_versions_lowest(unsigned set)
{
	for(size_t i = 0; i < VERSIONS; i++)
		if(set & versions[i].bit)
			return versions[i].wire;
	return 0;
}

int tlsp_versions_highest(unsigned set)
{
	for(size_t i = VERSIONS; i-- > 0;)
		if(set & versions[i].bit)
			return versions[i].wire;
	return 0;
}

char *tlsp_versions_print(unsigned set, char *buffer, size_t size)
{
	const char *before = "TLS ";
	size_t used = 0;

	snprintf(buffer, size, "none");
	for(size_t i = 0; i < VERSIONS && used < size; i++)
		if(set & versions[i].bit) {
			used += (size_t)snprintf(buffer + used, size - used, "%s%s", before,
					versions[i].text);
			before = ", ";
		}
	return buffer;
}

enum tlsp_versions_fit tlsp_versions_check(int tls_version, unsigned range,
		int security_level, const char *domain, char *error, size_t error_size)
{
	unsigned wanted = tlsp_versions_from_parameter(tls_version);
	unsigned left = wanted & range;
	char domain_text[32], policy_text[32];

	tlsp_versions_print(range, domain_text, sizeof(domain_text));
	tlsp_versions_print(wanted, policy_text, sizeof(policy_text));
	if(left == 0) {
		snprintf(error, error_size,
				"TLS domain %s allows %s and tls_version=%d allows %s, so no "
				"version is left",
				domain, domain_text, tls_version, policy_text);
		return TLSP_VERSIONS_EMPTY;
	}
	if(tls_version != 0 && security_level > 0
			&& (left & (TLSP_TLS_1_0 | TLSP_TLS_1_1))) {
		snprintf(error, error_size,
				"tls_version=%d wants %s, but TLS domain %s (%s) has OpenSSL "
				"security level %d, which forbids TLS 1.0 and 1.1: add "
				"@SECLEVEL=0 to its cipher_list",
				tls_version, policy_text, domain, domain_text, security_level);
		return TLSP_VERSIONS_SECURITY_LEVEL;
	}
	return TLSP_VERSIONS_FIT;
}
