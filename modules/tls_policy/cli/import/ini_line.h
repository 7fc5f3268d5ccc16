/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ini_line - the lines of a gateway's ini file, as its manual has them
 * (INI File-Based Management): parameters, which may stand in groups, and
 * tables. Lines are long (a FORMAT has a hundred columns) and end in ';', which
 * libinih cuts and takes for a comment, so they are taken apart here. libc and
 * policy/ only; no allocation.
 */
#ifndef TLSP_INI_LINE_H
#define TLSP_INI_LINE_H

#include "policy/text_lines.h"

enum ini_kind
{
	INI_PARAMETER, /* NAME = VALUE */
	INI_SECTION,   /* [NAME]: a group of parameters, or a table */
	INI_END,	   /* [\NAME]: the end of a table */
	INI_FORMAT,	   /* FORMAT INDEX = COLUMN, COLUMN; */
	INI_ROW,	   /* NAME INDEX = VALUE, VALUE; */
	INI_OTHER	   /* anything else */
};

struct ini_line
{
	unsigned number;
	enum ini_kind kind;
	const char *fault; /* half a sentence: it holds what no line may; or NULL */
	struct tlsp_text_line whole;
	struct tlsp_text_line name, index; /* of a FORMAT there is none */
	struct tlsp_text_line value;	   /* what is behind '=', as it stands */
};

/* ini_line_next: the next line that is neither empty nor a remark (';' or '\''
 * at its beginning). False at the end. */
bool ini_line_next(struct tlsp_text_lines *lines, struct ini_line *out);

/*
 * ini_line_value: the first value of the list |rest|, without its quotes ('...'
 * or "..."), into |out|; |rest| is then what follows its comma. *ended is what
 * ended it: ',', ';' or 0 (the line). False, and half a sentence in |why|, if a
 * quote is not closed or something follows one.
 */
bool ini_line_value(struct tlsp_text_line *rest, struct tlsp_text_line *out,
		char *ended, const char **why);

/* ini_line_is: is |text| the word |word|, in any case? */
bool ini_line_is(const struct tlsp_text_line *text, const char *word);

#endif
