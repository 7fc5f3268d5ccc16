/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * half_record - a record of TLS 1.3 that OpenSSL would not write: what is in it
 * is chosen octet by octet. TLS_AES_128_GCM_SHA256 only (RFC 8446, 5.2, 7.3).
 */
#ifndef HALF_RECORD_H
#define HALF_RECORD_H

#include <stdbool.h>
#include <stddef.h>

enum
{
	HALF_RECORD_SECRET = 32,
	HALF_RECORD_MAX = 256
};

/* half_record_secret: |line| of a key log; false if it is no secret of
 * |label|, "CLIENT_TRAFFIC_SECRET_0" or "SERVER_...". */
bool half_record_secret(const char *line, const char *label,
		unsigned char secret[HALF_RECORD_SECRET]);

/* half_record_make: the |number|th record (from 0) under |secret|, with |text|
 * of |type| inside. Returns the octets in |out|, 0 if it fails. */
size_t half_record_make(const unsigned char *secret, unsigned long number,
		unsigned char type, const unsigned char *text, size_t octets,
		unsigned char out[HALF_RECORD_MAX]);

#endif
