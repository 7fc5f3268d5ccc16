/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hostname - fuzz target: text of an operator, dNSName, CN, iPAddress and URI
 * (the first octet says which) -> a canonical host. Held: the host is
 * canonical (printed and read again it is the same), a refusal writes nothing,
 * and a host of a certificate can be written by an operator too.
 */
#include "fuzz.h"

#include "policy/host/hostname.h"
#include "policy/names/name_constraints.h"

static enum tlsp_host_error read_host(unsigned kind, struct tlsp_host *out,
		const unsigned char *data, size_t octets)
{
	switch(kind % 5) {
		case 0:
			return tlsp_hostname_from_operator(out, (const char *)data, octets);
		case 1:
			return tlsp_hostname_from_dns_name(out, data, octets);
		case 2:
			return tlsp_hostname_from_common_name(out, data, octets);
		case 3:
			return tlsp_hostname_from_sip_uri(out, data, octets);
		default:
			return tlsp_hostname_from_ip_address(out, data, octets);
	}
}

static void hold_canonical(const struct tlsp_host *host)
{
	char text[256];
	struct tlsp_host again;

	tlsp_hostname_print(host, text, sizeof(text));
	fuzz_hold_line(text, sizeof(text));
	fuzz_hold(tlsp_hostname_from_operator(&again, text, strlen(text))
			  == TLSP_HOST_OK);
	fuzz_hold(tlsp_hostname_equal(host, &again));
	if(host->kind != TLSP_HOST_NAME && host->kind != TLSP_HOST_WILDCARD)
		return;
	fuzz_hold(host->octets > 0 && host->octets <= TLSP_HOSTNAME_MAX_OCTETS);
	fuzz_hold(strlen(host->name) == host->octets);
	for(const char *at = host->name; *at; at++)
		fuzz_hold(strchr("abcdefghijklmnopqrstuvwxyz0123456789-_.", *at));
	fuzz_hold(tlsp_name_constraints_of_name(
					  host, (const unsigned char *)host->name, host->octets)
			  == TLSP_SUBTREE_INSIDE);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t octets)
{
	struct tlsp_host host, before;
	unsigned char *copy;
	enum tlsp_host_error error;

	if(octets < 1)
		return 0;
	copy = malloc(octets); /* so that a read behind the end is seen */
	fuzz_hold(copy != NULL);
	memcpy(copy, data + 1, octets - 1);
	memset(&host, 0x5a, sizeof(host));
	before = host;
	error = read_host(data[0], &host, copy, octets - 1);
	fuzz_hold(tlsp_hostname_error_text(error) != NULL);
	if(error == TLSP_HOST_OK) {
		hold_canonical(&host);
		tlsp_name_constraints_of_name(&host, copy, octets - 1);
		tlsp_name_constraints_of_address(&host, copy, octets - 1);
	} else {
		fuzz_hold(memcmp(&host, &before, sizeof(host)) == 0);
	}
	free(copy);
	return 0;
}
