/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sip_text - see sip_text.h.
 */
#include "sip_text.h"

#include <string.h>
#include <strings.h>

static const char version[] = "SIP/2.0", http[] = "HTTP/";

enum
{
	VERSION_OCTETS = sizeof(version) - 1,
	HTTP_OCTETS = sizeof(http) - 1,
	SHORTEST_REQUEST = sizeof("X x:x SIP/2.0\n") - 1,
	DELETE = 0x7f, /* and what is above is a frame of WebSocket, say */
	STUN_MOST = 3  /* the first two bits of STUN are 0, and of SIP never */
};

static bool begins(
		const char *text, size_t octets, const char *with, size_t with_octets)
{
	return octets > with_octets && strncasecmp(text, with, with_octets) == 0;
}

/* Does the first line end in the version, behind a blank? */
static bool ends_in_version(const char *text, size_t octets)
{
	const char *end = memchr(text, '\n', octets);

	if(!end || end == text)
		return false;
	if(end[-1] == '\r')
		end--;
	return end - text > VERSION_OCTETS + 1 && end[-VERSION_OCTETS - 1] == ' '
		   && strncasecmp(end - VERSION_OCTETS, version, VERSION_OCTETS) == 0;
}

static bool is_stun(const char *text, size_t octets)
{
	return octets > 0 && (unsigned char)text[0] <= STUN_MOST;
}

bool tlsp_sip_text_is_answer(const char *text, size_t octets)
{
	return is_stun(text, octets)
		   || (begins(text, octets, version, VERSION_OCTETS)
				   && text[VERSION_OCTETS] == ' ')
		   || (begins(text, octets, http, HTTP_OCTETS)
				   && !ends_in_version(text, octets));
}

bool tlsp_sip_text_follows(const char *text, size_t octets)
{
	static const char ack[] = "ACK ", cancel[] = "CANCEL ";

	return (octets > sizeof(ack) && memcmp(text, ack, sizeof(ack) - 1) == 0)
		   || (octets > sizeof(cancel)
				   && memcmp(text, cancel, sizeof(cancel) - 1) == 0);
}

bool tlsp_sip_text_is_ping(const char *text, size_t octets)
{
	for(size_t i = 0; i < octets; i++)
		if(text[i] != '\r' && text[i] != '\n' && text[i] != '\0')
			return false;
	return true;
}

bool tlsp_sip_text_is_request(const char *text, size_t octets)
{
	return octets >= SHORTEST_REQUEST && text[0] > ' ' && text[0] < DELETE
		   && ends_in_version(text, octets)
		   && !tlsp_sip_text_is_answer(text, octets);
}
