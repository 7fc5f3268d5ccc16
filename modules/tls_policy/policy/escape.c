/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * escape - see escape.h.
 */
#include "escape.h"

#include <stdio.h>
#include <string.h>

enum
{
	ESCAPED_OCTETS = 4, /* \xNN */
	MARK_OCTETS = 4		/* "..." and NUL */
};

char *tlsp_escape(const char *text, size_t octets, char *buffer, size_t size)
{
	size_t used = 0;

	for(size_t i = 0; i < octets; i++) {
		unsigned char octet = (unsigned char)text[i];

		if(used + ESCAPED_OCTETS + MARK_OCTETS > size) {
			memcpy(buffer + used, "...", MARK_OCTETS);
			return buffer;
		}
		if(octet < 0x20 || octet > 0x7e || octet == '"' || octet == '\\')
			used += (size_t)snprintf(
					buffer + used, size - used, "\\x%02x", octet);
		else
			buffer[used++] = (char)octet;
	}
	buffer[used] = '\0';
	return buffer;
}
