/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hostname - see hostname.h. ASCII never allocates; only a name that is not
 * ASCII goes through idn.c.
 */
#include "hostname.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "idn.h"

static const unsigned char mapped_prefix[12] = {
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}; /* RFC 4291, 2.5.5.2 */

static const char *const error_texts[TLSP_HOST_ERRORS] = {
		[TLSP_HOST_OK] = "is a host",
		[TLSP_HOST_EMPTY] = "is empty",
		[TLSP_HOST_NUL] = "has a NUL octet",
		[TLSP_HOST_BAD_CHARACTER] = "has a character that no host has",
		[TLSP_HOST_EMPTY_LABEL] = "has an empty label",
		[TLSP_HOST_LABEL_TOO_LONG] = "has a label of more than 63 octets",
		[TLSP_HOST_NAME_TOO_LONG] = "is longer than 253 octets",
		[TLSP_HOST_BAD_HYPHEN] = "has a label that begins or ends with '-'",
		[TLSP_HOST_BAD_BRACKETS] = "has brackets without an IPv6 address",
		[TLSP_HOST_BAD_ADDRESS] = "looks like an address but is none",
		[TLSP_HOST_ZONE_ID] = "has a zone id, which means nothing to a peer",
		[TLSP_HOST_BAD_PORT] = "has a port that is not from 1 to 65535",
		[TLSP_HOST_BAD_UTF8] = "is not valid UTF-8",
		[TLSP_HOST_BAD_IDN] = "is no internationalized name (IDNA2008)",
		[TLSP_HOST_BAD_WILDCARD] = "has a misplaced wildcard",
		[TLSP_HOST_BAD_URI] = "is no sip: or sips: URI with a host",
};

const char *tlsp_hostname_error_text(enum tlsp_host_error error)
{
	return error_texts[error < TLSP_HOST_ERRORS ? error : TLSP_HOST_BAD_URI];
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Letters, digits, hyphen and, as operators use it, the underscore. */
static bool is_label_octet(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
		   || c == '-' || c == '_';
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static enum tlsp_host_error check_label(const char *label, size_t octets)
{
	if(octets == 0)
		return TLSP_HOST_EMPTY_LABEL;
	for(size_t i = 0; i < octets; i++)
		if(!is_label_octet(label[i]))
			return label[i] == '*' ? TLSP_HOST_BAD_WILDCARD
								   : TLSP_HOST_BAD_CHARACTER;
	if(octets > TLSP_HOSTNAME_MAX_LABEL_OCTETS)
		return TLSP_HOST_LABEL_TOO_LONG;
	if(label[0] == '-' || label[octets - 1] == '-')
		return TLSP_HOST_BAD_HYPHEN;
	return TLSP_HOST_OK;
}

static bool all_hexadecimal(const char *text, size_t octets)
{
	for(size_t i = 0; i < octets; i++)
		if(!is_digit(text[i])
				&& !(lower(text[i]) >= 'a' && lower(text[i]) <= 'f'))
			return false;
	return true;
}

/* WHATWG URL's "ends in a number": such a name is an address or nothing. */
static bool ends_in_number(const char *text, size_t octets)
{
	size_t start = octets;

	while(start > 0 && text[start - 1] != '.')
		start--;
	if(start == octets)
		return false;
	if(octets - start > 1 && text[start] == '0'
			&& lower(text[start + 1]) == 'x')
		return all_hexadecimal(text + start + 2, octets - start - 2);
	for(size_t i = start; i < octets; i++)
		if(!is_digit(text[i]))
			return false;
	return true;
}

/* |text| without root dot and wildcard, ASCII, into out->name. */
static enum tlsp_host_error read_labels(
		struct tlsp_host *out, const char *text, size_t octets, int min_labels)
{
	size_t start = 0;
	int labels = 0;

	if(octets == 0)
		return TLSP_HOST_EMPTY_LABEL;
	for(size_t i = 0; i <= octets; i++) {
		enum tlsp_host_error error;

		if(i < octets && text[i] != '.')
			continue;
		error = check_label(text + start, i - start);
		if(error != TLSP_HOST_OK)
			return error;
		labels++;
		start = i + 1;
	}
	if(octets > TLSP_HOSTNAME_MAX_OCTETS)
		return TLSP_HOST_NAME_TOO_LONG;
	if(labels < min_labels)
		return TLSP_HOST_BAD_WILDCARD;
	for(size_t i = 0; i < octets; i++)
		out->name[i] = lower(text[i]);
	out->name[octets] = '\0';
	out->octets = (uint8_t)octets;
	return TLSP_HOST_OK;
}

/* A name in ASCII: root dot and wildcard taken off, never an address. */
static enum tlsp_host_error read_name(
		struct tlsp_host *out, const char *text, size_t octets)
{
	enum tlsp_host_error error;
	bool wildcard;

	if(octets > 1 && text[octets - 1] == '.')
		octets--;
	wildcard = octets > 2 && text[0] == '*' && text[1] == '.';
	if(ends_in_number(text, octets))
		return TLSP_HOST_BAD_ADDRESS;
	out->kind = wildcard ? TLSP_HOST_WILDCARD : TLSP_HOST_NAME;
	error = wildcard ? read_labels(out, text + 2, octets - 2, 2)
					 : read_labels(out, text, octets, 1);
	if(wildcard && error == TLSP_HOST_OK
			&& out->octets + 2 > TLSP_HOSTNAME_MAX_OCTETS)
		return TLSP_HOST_NAME_TOO_LONG;
	return error;
}

static void set_address(
		struct tlsp_host *out, const unsigned char *address, size_t octets)
{
	if(octets == 16
			&& memcmp(address, mapped_prefix, sizeof(mapped_prefix)) == 0) {
		address += sizeof(mapped_prefix);
		octets = 4;
	}
	out->kind = octets == 4 ? TLSP_HOST_IPV4 : TLSP_HOST_IPV6;
	out->octets = (uint8_t)octets;
	memcpy(out->address, address, octets);
}

static bool read_address(
		struct tlsp_host *out, int family, const char *text, size_t octets)
{
	char copy[INET6_ADDRSTRLEN];
	unsigned char address[16];

	if(octets >= sizeof(copy))
		return false;
	memcpy(copy, text, octets);
	copy[octets] = '\0';
	if(inet_pton(family, copy, address) != 1)
		return false;
	set_address(out, address, family == AF_INET ? 4 : 16);
	return true;
}

static enum tlsp_host_error read_utf8(
		struct tlsp_host *out, const char *text, size_t octets, bool presented)
{
	char ascii[TLSP_IDN_OCTETS];
	enum tlsp_host_error error =
			tlsp_idn_to_ascii(ascii, text, octets, presented);

	if(error != TLSP_HOST_OK)
		return error;
	if(read_address(out, AF_INET, ascii, strlen(ascii)))
		return TLSP_HOST_OK;
	return read_name(out, ascii, strlen(ascii));
}

static bool parse_port(const char *text, size_t octets)
{
	unsigned port = 0;

	if(octets == 0 || octets > 5)
		return false;
	for(size_t i = 0; i < octets; i++) {
		if(!is_digit(text[i]))
			return false;
		port = port * 10 + (unsigned)(text[i] - '0');
	}
	return port >= 1 && port <= 65535;
}

/* "[...]" or "[...]:port"; |port|: was there one? Likewise below. */
static enum tlsp_host_error read_bracketed(
		struct tlsp_host *out, const char *text, size_t octets, bool *port)
{
	const char *end = memchr(text, ']', octets);
	size_t inside, after;

	if(!end)
		return TLSP_HOST_BAD_BRACKETS;
	inside = (size_t)(end - text) - 1;
	after = octets - inside - 2;
	if(memchr(text + 1, '%', inside))
		return TLSP_HOST_ZONE_ID;
	if(!read_address(out, AF_INET6, text + 1, inside))
		return TLSP_HOST_BAD_BRACKETS;
	if(after == 0)
		return TLSP_HOST_OK;
	if(end[1] != ':')
		return TLSP_HOST_BAD_BRACKETS;
	*port = true;
	return parse_port(end + 2, after - 1) ? TLSP_HOST_OK : TLSP_HOST_BAD_PORT;
}

static enum tlsp_host_error read_host(
		struct tlsp_host *out, const char *text, size_t octets)
{
	if(octets == 0)
		return TLSP_HOST_EMPTY;
	if(read_address(out, AF_INET, text, octets))
		return TLSP_HOST_OK;
	return tlsp_idn_is_ascii(text, octets)
				   ? read_name(out, text, octets)
				   : read_utf8(out, text, octets, false);
}

/* host, host:port, [v6], [v6]:port or a bare IPv6 address */
static enum tlsp_host_error read_host_port(
		struct tlsp_host *out, const char *text, size_t octets, bool *port)
{
	const char *colon = memchr(text, ':', octets);
	size_t before;

	if(octets == 0)
		return TLSP_HOST_EMPTY;
	if(text[0] == '[')
		return read_bracketed(out, text, octets, port);
	if(memchr(text, ']', octets) || memchr(text, '[', octets))
		return TLSP_HOST_BAD_BRACKETS;
	if(!colon)
		return read_host(out, text, octets);
	before = (size_t)(colon - text);
	if(memchr(colon + 1, ':', octets - before - 1)) {
		if(memchr(text, '%', octets))
			return TLSP_HOST_ZONE_ID;
		return read_address(out, AF_INET6, text, octets)
					   ? TLSP_HOST_OK
					   : TLSP_HOST_BAD_ADDRESS;
	}
	*port = true;
	if(!parse_port(colon + 1, octets - before - 1))
		return TLSP_HOST_BAD_PORT;
	return read_host(out, text, before);
}

static size_t scheme_octets(const char *text, size_t octets)
{
	if(octets >= 4 && strncasecmp(text, "sip:", 4) == 0)
		return 4;
	if(octets >= 5 && strncasecmp(text, "sips:", 5) == 0)
		return 5;
	return 0;
}

/* What follows "sip:": [userinfo@]hostport[;parameters][?headers], RFC 3261,
 * 19.1.1. ';' and '?' may stand in the userinfo, '@' not after it. */
static enum tlsp_host_error read_uri(
		struct tlsp_host *out, const char *text, size_t octets, bool *port)
{
	const char *at = memchr(text, '@', octets);
	enum tlsp_host_error error;
	size_t end = 0;

	if(at) {
		octets -= (size_t)(at - text) + 1;
		text = at + 1;
	}
	while(end < octets && text[end] != ';' && text[end] != '?')
		end++;
	error = read_host_port(out, text, end, port);
	return error == TLSP_HOST_EMPTY ? TLSP_HOST_BAD_URI : error;
}

static bool has_other_scheme(const char *text, size_t octets)
{
	return octets >= 4
		   && (strncasecmp(text, "tel:", 4) == 0
				   || (octets >= 5 && strncasecmp(text, "http:", 5) == 0)
				   || (octets >= 6 && strncasecmp(text, "https:", 6) == 0));
}

enum tlsp_host_error tlsp_hostname_and_port_from_operator(
		struct tlsp_host *out, bool *port, const char *text, size_t octets)
{
	struct tlsp_host host;
	enum tlsp_host_error error;
	size_t scheme;

	*port = false;
	if(octets == 0)
		return TLSP_HOST_EMPTY;
	if(memchr(text, '\0', octets))
		return TLSP_HOST_NUL;
	for(size_t i = 0; i < octets; i++)
		if((unsigned char)text[i] <= 0x20 || text[i] == 0x7f)
			return TLSP_HOST_BAD_CHARACTER;
	if(octets >= 2 && text[0] == '<' && text[octets - 1] == '>') {
		text++;
		octets -= 2;
		if(scheme_octets(text, octets) == 0)
			return TLSP_HOST_BAD_URI;
	}
	if(has_other_scheme(text, octets))
		return TLSP_HOST_BAD_URI;
	memset(&host, 0, sizeof(host));
	scheme = scheme_octets(text, octets);
	error = scheme ? read_uri(&host, text + scheme, octets - scheme, port)
				   : read_host_port(&host, text, octets, port);
	if(error == TLSP_HOST_OK)
		*out = host;
	return error;
}

enum tlsp_host_error tlsp_hostname_from_operator(
		struct tlsp_host *out, const char *text, size_t octets)
{
	bool unused;

	return tlsp_hostname_and_port_from_operator(out, &unused, text, octets);
}

enum tlsp_host_error tlsp_hostname_from_dns_name(
		struct tlsp_host *out, const unsigned char *text, size_t octets)
{
	struct tlsp_host host;
	enum tlsp_host_error error;

	if(octets == 0)
		return TLSP_HOST_EMPTY;
	if(memchr(text, '\0', octets))
		return TLSP_HOST_NUL;
	memset(&host, 0, sizeof(host));
	error = read_name(&host, (const char *)text, octets);
	if(error == TLSP_HOST_OK)
		*out = host;
	return error;
}

enum tlsp_host_error tlsp_hostname_from_common_name(
		struct tlsp_host *out, const unsigned char *utf8, size_t octets)
{
	const char *text = (const char *)utf8;
	struct tlsp_host host;
	enum tlsp_host_error error = TLSP_HOST_OK;

	if(octets == 0)
		return TLSP_HOST_EMPTY;
	if(memchr(text, '\0', octets))
		return TLSP_HOST_NUL;
	memset(&host, 0, sizeof(host));
	if(!read_address(&host, AF_INET, text, octets)
			&& !read_address(&host, AF_INET6, text, octets))
		error = tlsp_idn_is_ascii(text, octets)
						? read_name(&host, text, octets)
						: read_utf8(&host, text, octets, true);
	if(error == TLSP_HOST_OK)
		*out = host;
	return error;
}

enum tlsp_host_error tlsp_hostname_from_ip_address(
		struct tlsp_host *out, const unsigned char *address, size_t octets)
{
	struct tlsp_host host;

	if(octets != 4 && octets != 16)
		return TLSP_HOST_BAD_ADDRESS;
	memset(&host, 0, sizeof(host));
	set_address(&host, address, octets);
	*out = host;
	return TLSP_HOST_OK;
}

bool tlsp_hostname_is_sip_domain(const unsigned char *uri, size_t octets)
{
	return octets >= 4 && strncasecmp((const char *)uri, "sip:", 4) == 0
		   && !memchr(uri, '@', octets);
}

enum tlsp_host_error tlsp_hostname_from_sip_uri(
		struct tlsp_host *out, const unsigned char *uri, size_t octets)
{
	const char *text = (const char *)uri;
	struct tlsp_host host;
	enum tlsp_host_error error;
	bool unused;

	if(!tlsp_hostname_is_sip_domain(uri, octets))
		return TLSP_HOST_BAD_URI;
	if(memchr(text, '\0', octets))
		return TLSP_HOST_NUL;
	if(!tlsp_idn_is_ascii(text, octets))
		return TLSP_HOST_BAD_CHARACTER;
	memset(&host, 0, sizeof(host));
	error = read_uri(&host, text + 4, octets - 4, &unused);
	if(error == TLSP_HOST_OK && host.kind == TLSP_HOST_WILDCARD)
		error = TLSP_HOST_BAD_WILDCARD;
	if(error == TLSP_HOST_OK)
		*out = host;
	return error;
}

bool tlsp_hostname_equal(const struct tlsp_host *a, const struct tlsp_host *b)
{
	return a->kind == b->kind && a->octets == b->octets
		   && memcmp(a->name, b->name, a->octets) == 0;
}

char *tlsp_hostname_print(
		const struct tlsp_host *host, char *buffer, size_t size)
{
	char text[INET6_ADDRSTRLEN] = "";

	switch(host->kind) {
		case TLSP_HOST_IPV4:
			inet_ntop(AF_INET, host->address, text, sizeof(text));
			snprintf(buffer, size, "%s", text);
			break;
		case TLSP_HOST_IPV6:
			inet_ntop(AF_INET6, host->address, text, sizeof(text));
			snprintf(buffer, size, "%s", text);
			break;
		case TLSP_HOST_WILDCARD:
			snprintf(buffer, size, "*.%s", host->name);
			break;
		case TLSP_HOST_NAME:
			snprintf(buffer, size, "%s", host->name);
			break;
	}
	return buffer;
}

char *tlsp_hostname_print_peer(
		const struct tlsp_host *host, char *buffer, size_t size)
{
	char text[INET6_ADDRSTRLEN];

	if(host->kind != TLSP_HOST_IPV6)
		return tlsp_hostname_print(host, buffer, size);
	snprintf(buffer, size, "[%s]",
			tlsp_hostname_print(host, text, sizeof(text)));
	return buffer;
}
