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

bool tlsp_server_name_note(struct tlsp_record *record, const char *name)
{
	struct tlsp_digest digest;

	if(!tlsp_digest(&digest, &(const struct tlsp_part){name, strlen(name)}, 1))
		return false;
	if(record->greeted)
		return tlsp_digest_equal(&digest, &record->server_name);
	record->greeted = true;
	record->server_name = digest;
	return true;
}
