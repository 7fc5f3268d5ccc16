/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * chain_text - see chain_text.h.
 */
#include "chain_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "escape.h"

enum
{
	MINUTE_S = 60,
	HOUR_S = 60 * MINUTE_S,
	DAY_S = 24 * HOUR_S,
	SKEW_S = 10 * MINUTE_S /* an end that is no longer ago may be a clock's */
};

static void print_duration(int64_t seconds, char *buffer, size_t size)
{
	static const struct
	{
		int64_t seconds;
		const char *unit;
	} units[] = {{DAY_S, "days"}, {HOUR_S, "hours"}, {MINUTE_S, "minutes"}};

	for(size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if(seconds >= 2 * units[i].seconds) {
			snprintf(buffer, size, "%" PRId64 " %s", seconds / units[i].seconds,
					units[i].unit);
			return;
		}
	snprintf(buffer, size, "%" PRId64 " s", seconds);
}

static void print_what(
		const struct tlsp_peer_facts *facts, char *buffer, size_t size)
{
	const struct tlsp_chain_place *place = &facts->chain_place;
	char duration[32];

	print_duration(place->seconds, duration, sizeof(duration));
	if(facts->chain == TLSP_CHAIN_EXPIRED && place->date[0])
		snprintf(buffer, size, "expired %s ago (notAfter %s)%s", duration,
				place->date,
				place->seconds < SKEW_S ? ": is a clock wrong?" : "");
	else if(facts->chain == TLSP_CHAIN_NOT_YET_VALID && place->date[0])
		snprintf(buffer, size,
				"not yet valid for another %s (notBefore %s): is a clock "
				"wrong?",
				duration, place->date);
	else if(facts->chain == TLSP_CHAIN_REVOCATION_UNKNOWN && place->date[0])
		snprintf(buffer, size, "%s (%s ago, nextUpdate %s)", facts->chain_error,
				duration, place->date);
	else
		snprintf(buffer, size, "%s",
				facts->chain_error ? facts->chain_error
								   : "the chain does not verify");
}

char *tlsp_chain_text_print(
		const struct tlsp_peer_facts *facts, char *buffer, size_t size)
{
	const struct tlsp_chain_place *place = &facts->chain_place;
	char what[224], subject[TLSP_SUBJECT_OCTETS];

	print_what(facts, what, sizeof(what));
	if(place->depth == 0)
		snprintf(buffer, size, "%s", what);
	else
		snprintf(buffer, size, "%s: the CA \"%s\" at depth %zu of the chain",
				what,
				tlsp_escape(place->subject, strlen(place->subject), subject,
						sizeof(subject)),
				place->depth);
	return buffer;
}
