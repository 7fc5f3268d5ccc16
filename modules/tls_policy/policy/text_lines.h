/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * text_lines - a text that an operator wrote, line by line, and what no line of
 * his may hold. libc only; no allocation; any process.
 */
#ifndef TLSP_TEXT_LINES_H
#define TLSP_TEXT_LINES_H

#include <stdbool.h>
#include <stddef.h>

/* What is not read yet; begins with number 0. */
struct tlsp_text_lines
{
	const char *text;
	size_t octets;
	unsigned number; /* of the line that was read last, from 1 */
};

/* A line, or a part of one: not NUL terminated. */
struct tlsp_text_line
{
	const char *text;
	size_t octets;
};

/* tlsp_text_lines_next: the next line, without its LF or CR LF. False at the
 * end. */
bool tlsp_text_lines_next(
		struct tlsp_text_lines *lines, struct tlsp_text_line *out);

/* tlsp_text_line_fault: half a sentence about a NUL octet or a control character
 * (but for the tab) in |line|; NULL if there is none. */
const char *tlsp_text_line_fault(const struct tlsp_text_line *line);

/* tlsp_text_line_skip_mark: |line| without a byte order mark of UTF-8; false if
 * it has none. */
bool tlsp_text_line_skip_mark(struct tlsp_text_line *line);

/* tlsp_text_is_blank: a space or a tab. */
bool tlsp_text_is_blank(char c);

/* tlsp_text_line_trim: |line| without blanks at both ends; _trim_end: at its
 * end. */
void tlsp_text_line_trim(struct tlsp_text_line *line);
void tlsp_text_line_trim_end(struct tlsp_text_line *line);

#endif
