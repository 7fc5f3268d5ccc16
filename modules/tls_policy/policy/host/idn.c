/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * idn - see idn.h.
 */
#include "idn.h"

#include <string.h>

#include <idn2.h>
#include <unictype.h>
#include <unistr.h>

static enum tlsp_host_error idn_error(int result)
{
	switch(result) {
		case IDN2_OK:
			return TLSP_HOST_OK;
		case IDN2_TOO_BIG_LABEL:
		case IDN2_PUNYCODE_BIG_OUTPUT:
			return TLSP_HOST_LABEL_TOO_LONG;
		case IDN2_TOO_BIG_DOMAIN:
			return TLSP_HOST_NAME_TOO_LONG;
		default:
			return TLSP_HOST_BAD_IDN;
	}
}

static bool is_host_octet(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
		   || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.';
}

/* The joiners, U+200C and U+200D, have rules of their own in IDNA2008. */
static bool is_invisible(ucs4_t c)
{
	return uc_is_property_default_ignorable_code_point(c) && c != 0x200c
		   && c != 0x200d;
}

static enum tlsp_host_error check_characters(const char *text, size_t octets)
{
	const uint8_t *utf8 = (const uint8_t *)text;
	ucs4_t c;
	int width;

	if(u8_check(utf8, octets))
		return TLSP_HOST_BAD_UTF8;
	for(size_t i = 0; i < octets; i += (size_t)width) {
		width = u8_mbtouc(&c, utf8 + i, octets - i);
		if(c < 0x80 && !is_host_octet((char)c))
			return c == '*' ? TLSP_HOST_BAD_WILDCARD : TLSP_HOST_BAD_CHARACTER;
		if(is_invisible(c))
			return TLSP_HOST_BAD_IDN;
	}
	return TLSP_HOST_OK;
}

bool tlsp_idn_is_ascii(const char *text, size_t octets)
{
	for(size_t i = 0; i < octets; i++)
		if((unsigned char)text[i] > 0x7f)
			return false;
	return true;
}

/* Did exactly those labels become A-labels that were not ASCII? */
static bool keeps_labels(const char *utf8, const char *ascii)
{
	for(;;) {
		const char *dot = strchr(utf8, '.'), *other_dot = strchr(ascii, '.');
		size_t octets = dot ? (size_t)(dot - utf8) : strlen(utf8);

		if(!tlsp_idn_is_ascii(utf8, octets) && strncmp(ascii, "xn--", 4) != 0)
			return false;
		if(!dot || !other_dot)
			return !dot && !other_dot;
		utf8 = dot + 1;
		ascii = other_dot + 1;
	}
}

/* Not IDN2_USE_STD3_ASCII_RULES, with which libidn2 drops what is no host
 * character; the caller reads the result as any name in ASCII. */
static enum tlsp_host_error convert(
		char *out, const char *prefix, const char *utf8, bool presented)
{
	char *ascii = NULL;
	enum tlsp_host_error error = idn_error(idn2_to_ascii_8z(
			utf8, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL));

	if(error != TLSP_HOST_OK)
		return error;
	if(strchr(ascii, '*') || (presented && !keeps_labels(utf8, ascii)))
		error = TLSP_HOST_BAD_IDN;
	else if(strlen(prefix) + strlen(ascii) >= TLSP_IDN_OCTETS)
		error = TLSP_HOST_NAME_TOO_LONG;
	if(error == TLSP_HOST_OK) {
		memcpy(out, prefix, strlen(prefix));
		memcpy(out + strlen(prefix), ascii, strlen(ascii) + 1);
	}
	idn2_free(ascii);
	return error;
}

enum tlsp_host_error tlsp_idn_to_ascii(
		char *out, const char *utf8, size_t octets, bool presented)
{
	char copy[4 * TLSP_HOSTNAME_MAX_OCTETS + 1] = "";
	size_t skip = octets >= 2 && utf8[0] == '*' && utf8[1] == '.' ? 2 : 0;
	enum tlsp_host_error error;

	if(octets >= sizeof(copy))
		return TLSP_HOST_NAME_TOO_LONG;
	error = check_characters(utf8 + skip, octets - skip);
	if(error != TLSP_HOST_OK)
		return error;
	memcpy(copy, utf8 + skip, octets - skip);
	copy[octets - skip] = '\0';
	return convert(out, skip ? "*." : "", copy, presented);
}
