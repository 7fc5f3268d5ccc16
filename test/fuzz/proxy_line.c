/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proxy_line - fuzz target: the lines of a file of proxies, a dispatcher.list
 * among them. Held: a refusal writes nothing, and a proxy that was read is
 * read the same from a line of its own.
 */
#include "fuzz.h"

#include "policy/proxies/proxy_line.h"

static void read_line(const char *line)
{
	struct tlsp_host host, before, again;
	char text[256];

	memset(&host, 0x5a, sizeof(host));
	before = host;
	if(tlsp_proxy_line_read(&host, line) != TLSP_HOST_OK) {
		fuzz_hold(memcmp(&host, &before, sizeof(host)) == 0);
		return;
	}
	tlsp_hostname_print(&host, text, sizeof(text));
	fuzz_hold(tlsp_proxy_line_read(&again, text) == TLSP_HOST_OK);
	fuzz_hold(tlsp_hostname_equal(&host, &again));
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t octets)
{
	while(octets > 0) {
		const unsigned char *newline = memchr(data, '\n', octets);
		size_t line_octets = newline ? (size_t)(newline + 1 - data) : octets;
		char *line = fuzz_copy(data, line_octets);

		read_line(line);
		free(line);
		data += line_octets;
		octets -= line_octets;
	}
	return 0;
}
