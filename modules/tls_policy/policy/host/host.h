/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host - a host by value, in the one form in which hosts are compared, and why
 * a text is none. Types only; hostname.h reads and prints them.
 */
#ifndef TLSP_HOST_H
#define TLSP_HOST_H

#include <stdint.h>

enum
{
	TLSP_HOSTNAME_MAX_OCTETS = 253, /* RFC 1035, 2.3.4, without the root dot */
	TLSP_HOSTNAME_MAX_LABEL_OCTETS = 63
};

enum tlsp_host_kind
{
	TLSP_HOST_NAME,		/* name: lower-case A-labels, no trailing dot */
	TLSP_HOST_WILDCARD, /* name: what follows "*." */
	TLSP_HOST_IPV4,		/* address: 4 octets; IPv4-mapped IPv6 ends here too */
	TLSP_HOST_IPV6		/* address: 16 octets */
};

/* A canonical host by value; equal hosts are equal in kind and octets. */
struct tlsp_host
{
	enum tlsp_host_kind kind;
	uint8_t octets; /* of name or address that are in use */
	union
	{
		char name[TLSP_HOSTNAME_MAX_OCTETS + 1]; /* NUL terminated */
		unsigned char address[16];
	};
};

enum tlsp_host_error
{
	TLSP_HOST_OK = 0,
	TLSP_HOST_EMPTY,
	TLSP_HOST_NUL,			  /* a NUL octet inside */
	TLSP_HOST_BAD_CHARACTER,  /* space, control, or no host character */
	TLSP_HOST_EMPTY_LABEL,	  /* "a..b", ".a" */
	TLSP_HOST_LABEL_TOO_LONG, /* over 63 octets as A-label */
	TLSP_HOST_NAME_TOO_LONG,  /* over 253 octets as A-labels */
	TLSP_HOST_BAD_HYPHEN,	  /* label begins or ends with '-' */
	TLSP_HOST_BAD_BRACKETS,	  /* no IPv6 address inside "[]", or unbalanced */
	TLSP_HOST_BAD_ADDRESS,	  /* all-numeric but no IPv4, or bad IPv6 */
	TLSP_HOST_ZONE_ID,		  /* "fe80::1%eth0": RFC 6874 zones mean nothing to
								 a peer */
	TLSP_HOST_BAD_PORT,		  /* not 1..65535 */
	TLSP_HOST_BAD_UTF8,
	TLSP_HOST_BAD_IDN,		/* IDNA2008 (RFC 5891) refuses the name */
	TLSP_HOST_BAD_WILDCARD, /* '*' is no whole leftmost label, or fewer than
								 two labels follow it */
	TLSP_HOST_BAD_URI,		/* no sip: or sips: URI with a host */
	TLSP_HOST_ERRORS		/* how many there are */
};

#endif
