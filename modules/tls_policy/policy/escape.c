/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * escape - see escape.h.
 */
#include "escape.h"

#include <stdio.h>
#include <string.h>

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

void tlsp_escape_append(char *buffer, size_t size, const char *text)
{
	size_t used = strlen(buffer);

	if(used < size)
		snprintf(buffer + used, size - used, "%s", text);
}
