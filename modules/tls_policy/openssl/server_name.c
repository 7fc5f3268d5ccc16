/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * server_name - see server_name.h. What does not decode at all is left to
 * OpenSSL, which answers decode_error.
 */
#include "server_name.h"

#include <string.h>

enum
{
	NAME_AT = 5 /* behind two octets of list, one of type, two of length */
};

bool tlsp_server_name_read(SSL *ssl, char out[TLSP_SERVER_NAME_OCTETS])
{
	static const char host[] = "abcdefghijklmnopqrstuvwxyz"
							   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:";
	const unsigned char *extension;
	size_t octets;

	out[0] = '\0';
	if(SSL_client_hello_get0_ext(
			   ssl, TLSEXT_TYPE_server_name, &extension, &octets)
					!= 1
			|| octets <= NAME_AT)
		return true;
	octets -= NAME_AT;
	if(octets >= TLSP_SERVER_NAME_OCTETS)
		return false;
	memcpy(out, extension + NAME_AT, octets);
	out[octets] = '\0';
	return strspn(out, host) == octets;
}

/* Of this process: whose digest is known. One connection or message after
 * another goes to the same name, and a digest costs more than all else that is
 * done for it. */
static struct
{
	char name[TLSP_SERVER_NAME_OCTETS];
	size_t octets;
	struct tlsp_digest digest;
	bool known;
} last;

static bool is_last(const char *name, size_t octets)
{
	return last.known && octets == last.octets
		   && (octets == 0 || memcmp(name, last.name, octets) == 0);
}

bool tlsp_server_name_digest(
		struct tlsp_digest *out, const char *name, size_t octets)
{
	const struct tlsp_part part = {name, octets};

	if(is_last(name, octets)) {
		*out = last.digest;
		return true;
	}
	if(!tlsp_digest(out, &part, 1))
		return false;
	last.known = octets <= sizeof(last.name);
	last.octets = octets;
	last.digest = *out;
	if(last.known && octets)
		memcpy(last.name, name, octets);
	return true;
}

bool tlsp_server_name_note(struct tlsp_record *record, const char *name)
{
	struct tlsp_digest digest;

	if(!tlsp_server_name_digest(&digest, name, strlen(name)))
		return false;
	if(record->greeted)
		return tlsp_digest_equal(&digest, &record->server_name);
	record->greeted = true;
	record->server_name = digest;
	record->named = name[0] != '\0';
	return true;
}
