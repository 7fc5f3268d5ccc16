/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proxy_line - see proxy_line.h.
 */
#include "proxy_line.h"

#include <limits.h>
#include <string.h>

static const char blanks[] = " \t\r\n";

static const char *next_word(const char *text, size_t *octets)
{
	text += strspn(text, blanks);
	*octets = *text == '#' ? 0 : strcspn(text, blanks);
	return text;
}

static bool is_number(const char *text, size_t octets)
{
	return octets > 0 && strspn(text, "0123456789") >= octets;
}

enum tlsp_host_error tlsp_proxy_line_read(
		struct tlsp_host *out, const char *line)
{
	size_t octets, second_octets;
	const char *word = next_word(line, &octets);
	const char *second = next_word(word + octets, &second_octets);
	enum tlsp_host_error error;

	if(octets == 0)
		return TLSP_HOST_EMPTY;
	if(second_octets == 0)
		error = tlsp_hostname_from_operator(out, word, octets);
	else if(is_number(word, octets))
		error = tlsp_hostname_from_operator(out, second, second_octets);
	else /* two hosts on one line? */
		error = TLSP_HOST_BAD_CHARACTER;
	return error == TLSP_HOST_EMPTY ? TLSP_HOST_EMPTY_LABEL : error;
}

/* Sets are compared as numbers: "02" is 2, as the dispatcher reads it. */
long long tlsp_proxy_line_set(const char *line)
{
	size_t octets, second_octets;
	const char *word = next_word(line, &octets);
	long long set = 0;

	if(octets == 0)
		return -1;
	next_word(word + octets, &second_octets);
	if(second_octets == 0 || !is_number(word, octets))
		return -2;
	for(size_t i = 0; i < octets && set <= INT_MAX; i++)
		set = set * 10 + (word[i] - '0');
	return set;
}
