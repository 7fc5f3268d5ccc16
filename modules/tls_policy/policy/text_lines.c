/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * text_lines - see text_lines.h.
 */
#include "text_lines.h"

#include <string.h>

bool tlsp_text_lines_next(
		struct tlsp_text_lines *lines, struct tlsp_text_line *out)
{
	const char *end;

	if(lines->octets == 0)
		return false;
	end = memchr(lines->text, '\n', lines->octets);
	out->text = lines->text;
	out->octets = end ? (size_t)(end - lines->text) : lines->octets;
	lines->text += out->octets + (end != NULL);
	lines->octets -= out->octets + (end != NULL);
	lines->number++;
	if(out->octets && out->text[out->octets - 1] == '\r')
		out->octets--;
	return true;
}

const char *tlsp_text_line_fault(const struct tlsp_text_line *line)
{
	for(size_t i = 0; i < line->octets; i++) {
		unsigned char octet = (unsigned char)line->text[i];

		if(octet == '\0')
			return "the line has a NUL octet";
		if((octet < 0x20 && octet != '\t') || octet == 0x7f)
			return "the line has a control character";
	}
	return NULL;
}

bool tlsp_text_line_skip_mark(struct tlsp_text_line *line)
{
	if(line->octets < 3 || memcmp(line->text, "\xef\xbb\xbf", 3) != 0)
		return false;
	line->text += 3;
	line->octets -= 3;
	return true;
}

bool tlsp_text_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

void tlsp_text_line_trim_end(struct tlsp_text_line *line)
{
	while(line->octets && tlsp_text_is_blank(line->text[line->octets - 1]))
		line->octets--;
}

void tlsp_text_line_trim(struct tlsp_text_line *line)
{
	tlsp_text_line_trim_end(line);
	while(line->octets && tlsp_text_is_blank(line->text[0])) {
		line->text++;
		line->octets--;
	}
}
