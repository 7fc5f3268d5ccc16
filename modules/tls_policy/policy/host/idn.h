/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * idn - a name that is not ASCII as A-labels. The only user of libidn2; libc
 * and libunistring besides; any process.
 */
#ifndef TLSP_IDN_H
#define TLSP_IDN_H

#include <stdbool.h>
#include <stddef.h>

#include "host.h"

enum
{
	TLSP_IDN_OCTETS = 2 * TLSP_HOSTNAME_MAX_OCTETS /* of a result, with NUL */
};

/*
 * tlsp_idn_to_ascii writes |utf8| ("*." in front stays) as A-labels into |out|
 * of TLSP_IDN_OCTETS octets: UTF-8 checked, mapped by UTS #46 without its
 * transitional processing, NFC, then held to IDNA2008 (RFC 5891, 5). Refused is
 * what nobody sees (soft hyphen, zero width space), although UTS #46 drops it.
 * With |presented|, as a certificate writes it, a label has to be a U-label
 * (RFC 5890, 2.3.2.1): one that only maps to ASCII, as full-width letters do,
 * is refused, and so is a dot that is none. Allocates. Writes |out| only on
 * TLSP_HOST_OK.
 */
enum tlsp_host_error tlsp_idn_to_ascii(
		char *out, const char *utf8, size_t octets, bool presented);

/* tlsp_idn_is_ascii: is |text| ASCII, so that nothing is to be done? */
bool tlsp_idn_is_ascii(const char *text, size_t octets);

#endif
