/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peers - see peers.h. A canonical list is ASCII, and
 * for ASCII tlsp_hostname_from_operator does not allocate.
 */
#include "peers.h"

#include <stdio.h>
#include <string.h>

#include "policy/escape.h"
#include "policy/host/hostname.h"
#include "policy/names/identity.h"

static const char separators[] = " \t,";

/* The next word at or behind *|text| and its length, or NULL. */
static const char *next_word(const char **text, size_t *octets)
{
	const char *word = *text + strspn(*text, separators);

	*octets = strcspn(word, separators);
	*text = word + *octets;
	return *octets ? word : NULL;
}

bool tlsp_rehandshake_peers_read(char *out, size_t size, const char *text,
		char *error, size_t error_size)
{
	char list[TLSP_REHANDSHAKE_PEERS_MAX_OCTETS + 1] = "";
	char escaped[TLSP_ESCAPE_QUOTED_OCTETS];
	char printed[TLSP_HOSTNAME_MAX_OCTETS + 3];
	size_t used = 0, octets;
	const char *word;

	while((word = next_word(&text, &octets)) != NULL) {
		struct tlsp_host host;
		enum tlsp_host_error bad =
				tlsp_hostname_from_operator(&host, word, octets);
		int added;

		tlsp_escape_written(word, octets, escaped, sizeof(escaped));
		if(bad != TLSP_HOST_OK) {
			snprintf(error, error_size, "\"%s\" %s", escaped,
					tlsp_hostname_error_text(bad));
			return false;
		}
		added = snprintf(list + used, sizeof(list) - used, "%s%s",
				used ? " " : "",
				tlsp_hostname_print(&host, printed, sizeof(printed)));
		used += (size_t)added;
		if(used >= size || used >= sizeof(list)) {
			snprintf(error, error_size,
					"the hosts up to \"%s\" are more than %zu octets", escaped,
					size - 1);
			return false;
		}
	}
	memcpy(out, list, used + 1);
	return true;
}

bool tlsp_rehandshake_peers_name(const char *list, const struct tlsp_host *host)
{
	const char *word;
	size_t octets;

	while((word = next_word(&list, &octets)) != NULL) {
		struct tlsp_host named;

		if(tlsp_hostname_from_operator(&named, word, octets) != TLSP_HOST_OK)
			continue;
		if(tlsp_hostname_equal(&named, host))
			return true;
		if(named.kind == TLSP_HOST_WILDCARD
				&& tlsp_identity_covers(&named, host))
			return true;
	}
	return false;
}

bool tlsp_rehandshake_peers_name_either(const char *list,
		const struct tlsp_host *identity, const struct tlsp_host *address)
{
	return (identity && tlsp_rehandshake_peers_name(list, identity))
		   || (address && tlsp_rehandshake_peers_name(list, address));
}
