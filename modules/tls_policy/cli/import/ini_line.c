/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ini_line - see ini_line.h.
 */
#include "ini_line.h"

#include <string.h>
#include <strings.h>

bool ini_line_is(const struct tlsp_text_line *text, const char *word)
{
	return text->octets == strlen(word)
		   && strncasecmp(text->text, word, text->octets) == 0;
}

/* The first word of |text|, which loses it and the blanks behind it. */
static struct tlsp_text_line take_word(struct tlsp_text_line *text)
{
	struct tlsp_text_line word = {text->text, 0};

	while(word.octets < text->octets
			&& !tlsp_text_is_blank(text->text[word.octets]))
		word.octets++;
	text->text += word.octets;
	text->octets -= word.octets;
	tlsp_text_line_trim(text);
	return word;
}

/* [NAME], [ NAME ], [\NAME], [ \NAME ]. */
static void read_section(struct ini_line *out)
{
	const char *closed = memchr(out->whole.text, ']', out->whole.octets);

	if(!closed) {
		out->kind = INI_OTHER;
		return;
	}
	out->kind = INI_SECTION;
	out->name.text = out->whole.text + 1;
	out->name.octets = (size_t)(closed - out->name.text);
	tlsp_text_line_trim(&out->name);
	while(out->name.octets && out->name.text[0] == '\\') {
		out->kind = INI_END;
		out->name.text++;
		out->name.octets--;
		tlsp_text_line_trim(&out->name);
	}
}

static void read_pair(struct ini_line *out, const char *equals)
{
	struct tlsp_text_line left = {
			out->whole.text, (size_t)(equals - out->whole.text)};

	out->value.text = equals + 1;
	out->value.octets = out->whole.octets - left.octets - 1;
	tlsp_text_line_trim(&out->value);
	tlsp_text_line_trim_end(&left);
	out->name = take_word(&left);
	out->index = left;
	if(out->name.octets == 0)
		out->kind = INI_OTHER;
	else if(left.octets == 0)
		out->kind = INI_PARAMETER;
	else
		out->kind = ini_line_is(&out->name, "FORMAT") ? INI_FORMAT : INI_ROW;
}

static void read_line(struct ini_line *out)
{
	const char *equals = memchr(out->whole.text, '=', out->whole.octets);

	out->fault = tlsp_text_line_fault(&out->whole);
	out->kind = INI_OTHER;
	if(out->fault)
		return;
	if(out->whole.text[0] == '[')
		read_section(out);
	else if(equals)
		read_pair(out, equals);
}

bool ini_line_next(struct tlsp_text_lines *lines, struct ini_line *out)
{
	struct tlsp_text_line line;

	while(tlsp_text_lines_next(lines, &line)) {
		if(lines->number == 1)
			(void)tlsp_text_line_skip_mark(&line);
		tlsp_text_line_trim(&line);
		if(line.octets == 0 || line.text[0] == ';' || line.text[0] == '\'')
			continue;
		*out = (struct ini_line){.number = lines->number, .whole = line};
		read_line(out);
		return true;
	}
	return false;
}

/* What is behind a closed quote: the comma or the end that has to follow. */
static bool end_quoted(
		struct tlsp_text_line *rest, size_t used, char *ended, const char **why)
{
	rest->text += used;
	rest->octets -= used;
	tlsp_text_line_trim(rest);
	*ended = rest->octets ? rest->text[0] : '\0';
	if(*ended && *ended != ',' && *ended != ';') {
		*why = "something follows a quoted value";
		return false;
	}
	if(*ended) {
		rest->text++;
		rest->octets--;
	}
	return true;
}

bool ini_line_value(struct tlsp_text_line *rest, struct tlsp_text_line *out,
		char *ended, const char **why)
{
	char quote;
	size_t end = 0;

	tlsp_text_line_trim(rest);
	quote = rest->octets ? rest->text[0] : '\0';
	if(quote == '\'' || quote == '"') {
		const char *closed = memchr(rest->text + 1, quote, rest->octets - 1);

		*ended = '\0';
		*why = "a quote is not closed";
		if(!closed)
			return false;
		out->text = rest->text + 1;
		out->octets = (size_t)(closed - out->text);
		return end_quoted(rest, out->octets + 2, ended, why);
	}
	while(end < rest->octets && rest->text[end] != ','
			&& rest->text[end] != ';')
		end++;
	*out = (struct tlsp_text_line){rest->text, end};
	tlsp_text_line_trim_end(out);
	return end_quoted(rest, end, ended, why);
}
