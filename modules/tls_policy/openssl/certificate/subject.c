/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * subject - see subject.h.
 */
#include "subject.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/objects.h>

/* False once the text is full. */
static bool append(char *out, size_t size, const char *text, size_t octets)
{
	size_t used = strlen(out);

	if(octets >= size - used)
		octets = size - used - 1;
	memcpy(out + used, text, octets);
	out[used + octets] = '\0';
	return used + octets + 1 < size;
}

static bool append_type(char *out, size_t size, const ASN1_OBJECT *type)
{
	int nid = OBJ_obj2nid(type);
	char number[80];
	const char *name = nid != NID_undef ? OBJ_nid2sn(nid) : NULL;

	if(!name) {
		OBJ_obj2txt(number, sizeof(number), type, 1);
		name = number;
	}
	return append(out, size, "/", 1) && append(out, size, name, strlen(name))
		   && append(out, size, "=", 1);
}

static bool append_value(char *out, size_t size, const ASN1_STRING *value)
{
	unsigned char *utf8 = NULL;
	int octets = ASN1_STRING_to_UTF8(&utf8, value);
	bool room = true;

	if(octets < 0)
		return append(out, size, "?", 1);
	for(int i = 0; room && i < octets;) {
		const char *text = (const char *)utf8 + i;
		size_t until_nul = strnlen(text, (size_t)(octets - i));

		room = until_nul ? append(out, size, text, until_nul)
						 : append(out, size, "\xef\xbf\xbd", 3);
		i += until_nul ? (int)until_nul : 1;
	}
	OPENSSL_free(utf8);
	return room;
}

void tlsp_subject_read_name(const X509_NAME *name, char *out, size_t size)
{
	int count = X509_NAME_entry_count(name);
	bool room = true;

	out[0] = '\0';
	ERR_set_mark();
	for(int i = 0; room && i < count; i++) {
		const X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, i);

		room = append_type(out, size, X509_NAME_ENTRY_get_object(entry))
			   && append_value(out, size, X509_NAME_ENTRY_get_data(entry));
	}
	ERR_pop_to_mark();
}

void tlsp_subject_read(const X509 *certificate, char *out, size_t size)
{
	tlsp_subject_read_name(X509_get_subject_name(certificate), out, size);
}
