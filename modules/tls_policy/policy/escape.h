/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * escape - text of a peer or an operator, made safe for one log line. libc
 * only; any process.
 */
#ifndef TLSP_ESCAPE_H
#define TLSP_ESCAPE_H

#include <stddef.h>

enum
{
	/* A buffer for what is quoted back to whoever wrote it, however long that
	 * is: of a fault the ctl module sends 255 octets and jsonrpcs 127, and the
	 * reason has to be among them. */
	TLSP_ESCAPE_QUOTED_OCTETS = 72
};

/*
 * tlsp_escape writes |text| into |buffer| with every octet outside printable
 * ASCII, and every quote and backslash, as \xNN; what does not fit is cut and
 * marked with "...". |size| is at least 8. Returns |buffer|.
 */
char *tlsp_escape(const char *text, size_t octets, char *buffer, size_t size);

/*
 * tlsp_escape_written: likewise, of what an operator wrote, which may be the
 * right thing in a wrong place: of what holds db_url, a URL or USER:PASSWORD@
 * nothing comes out but what stands before its first blank, '=' or ':', and
 * " ***".
 */
char *tlsp_escape_written(
		const char *text, size_t octets, char *buffer, size_t size);

/* tlsp_escape_append adds |text|, which is safe already, to the NUL terminated
 * |buffer|, cut at |size|. */
void tlsp_escape_append(char *buffer, size_t size, const char *text);

#endif
