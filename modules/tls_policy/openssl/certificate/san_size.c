/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * san_size - see san_size.h.
 */
#include "san_size.h"

#include <openssl/asn1.h>

#include "policy/verdict.h"

enum
{
	UNREADABLE = 0x80, /* what ASN1_get_object(3ossl) returns */
	INDEFINITE = 1
};

/* The header at |*place|, which is moved behind it; its length into |out|. */
static const char *read_header(const unsigned char **place,
		const unsigned char *end, long *out, int *out_form)
{
	int tag, class;

	*out_form = ASN1_get_object(place, out, &tag, &class, end - *place);
	if(*out_form & UNREADABLE)
		return "the SubjectAltName does not decode";
	if(*out_form & INDEFINITE)
		return "the SubjectAltName is not in DER";
	return NULL;
}

/* In the order of their headers: what is constructed is gone into, so that
 * nothing is kept of what lies around. */
const char *tlsp_san_size_check(const unsigned char *der, size_t octets)
{
	const unsigned char *place = der, *end = der + octets, *entry_end;
	size_t entries = 0, parts = 0;
	const char *wrong;
	long length;
	int form;

	wrong = read_header(&place, end, &length, &form);
	if(wrong)
		return wrong;
	end = entry_end = place;
	end += length;
	while(place < end) {
		bool entry = place >= entry_end;

		if(entry && ++entries > TLSP_IDENTITIES_MAX)
			return "the SubjectAltName has more than 1024 entries";
		if(!entry && ++parts > TLSP_SAN_PARTS_MAX)
			return "the SubjectAltName has more than 4096 parts in its entries";
		wrong = read_header(&place, end, &length, &form);
		if(wrong)
			return wrong;
		if(entry)
			entry_end = place + length;
		if(!(form & V_ASN1_CONSTRUCTED))
			place += length;
	}
	return NULL;
}
