/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * escape - see escape.h.
 */
#include "escape.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum
{
	MARK_OCTETS = 4 /* "..." and NUL */
};

static int is_plain(unsigned char octet)
{
	return octet >= 0x20 && octet <= 0x7e && octet != '"' && octet != '\\';
}

char *tlsp_escape(const char *text, size_t octets, char *buffer, size_t size)
{
	size_t used = 0, mark = 0; /* mark: the last place where it still fits */

	for(size_t i = 0; i < octets; i++) {
		unsigned char octet = (unsigned char)text[i];
		size_t width = is_plain(octet) ? 1 : 4;

		if(used + width + 1 > size) {
			memcpy(buffer + mark, "...", MARK_OCTETS);
			return buffer;
		}
		if(width == 1)
			buffer[used] = (char)octet;
		else
			snprintf(buffer + used, size - used, "\\x%02x", octet);
		used += width;
		if(used + MARK_OCTETS <= size)
			mark = used;
	}
	buffer[used] = '\0';
	return buffer;
}

static bool begins(const char *text, size_t octets, const char *with)
{
	size_t length = strlen(with);

	return octets >= length && strncasecmp(text, with, length) == 0;
}

/* Of db_url, or a URL; two colons before an '@' are SCHEME:USER:PASSWORD@. */
static bool may_hold_password(const char *text, size_t octets)
{
	size_t colons = 0;

	for(size_t i = 0; i < octets; i++) {
		colons += text[i] == ':';
		if((text[i] == '@' && colons >= 2)
				|| begins(text + i, octets - i, "://")
				|| begins(text + i, octets - i, "db_url"))
			return true;
	}
	return false;
}

static size_t skip(const char *text, size_t octets, const char *set, bool these)
{
	size_t i = 0;

	while(i < octets && text[i] && (strchr(set, text[i]) != NULL) == these)
		i++;
	return i;
}

char *tlsp_escape_written(
		const char *text, size_t octets, char *buffer, size_t size)
{
	size_t word = skip(text, octets, " \t", true);

	word += skip(text + word, octets - word, " \t=:", false);
	if(word == octets || !may_hold_password(text, octets))
		return tlsp_escape(text, octets, buffer, size);
	tlsp_escape(text, word, buffer, size);
	tlsp_escape_append(buffer, size, " ***");
	return buffer;
}

void tlsp_escape_append(char *buffer, size_t size, const char *text)
{
	size_t used = strlen(buffer);

	if(used < size)
		snprintf(buffer + used, size - used, "%s", text);
}
