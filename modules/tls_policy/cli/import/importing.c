/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * importing - see importing.h.
 */
#include "importing.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum
{
	LINE_OCTETS_MAX = 199, /* of a rules file, without a comment */
	COMMENT_COLUMN = 40
};

/* A value that a rules file would take for less, or for more, than it is. */
static bool is_sayable(const char *value)
{
	size_t octets = strlen(value);

	if(octets
			&& (strchr(" \t#;\"", value[0])
					|| strchr(" \t", value[octets - 1])))
		return false;
	for(size_t i = 1; i < octets; i++)
		if(strchr("#;", value[i]) && tlsp_text_is_blank(value[i - 1]))
			return false;
	return true;
}

void importing_put(struct importing *importing, unsigned line, const char *key,
		const char *value)
{
	char shown[TLSP_ESCAPE_QUOTED_OCTETS];
	size_t octets = strlen(key) + strlen(value) + 3;

	if(octets > LINE_OCTETS_MAX || !is_sayable(value)) {
		importing_complain(importing, line,
				"%s: \"%s\" cannot be said in a rules file (%s)", key,
				tlsp_escape(value, strlen(value), shown, sizeof(shown)),
				octets > LINE_OCTETS_MAX ? "a line has at most 199 octets"
										 : "blanks, quotes or a comment");
		return;
	}
	fprintf(importing->out, "%s = %s%*s # line %u\n", key, value,
			octets < COMMENT_COLUMN ? (int)(COMMENT_COLUMN - octets) : 0, "",
			line);
}

static void comment(struct importing *importing, unsigned line,
		const char *mark, const char *format, va_list arguments)
{
	fprintf(importing->out, "# %sline %u: ", mark, line);
	vfprintf(importing->out, format, arguments);
	fputc('\n', importing->out);
}

void importing_say(
		struct importing *importing, unsigned line, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	comment(importing, line, "", format, arguments);
	va_end(arguments);
}

void importing_look(
		struct importing *importing, unsigned line, const char *format, ...)
{
	va_list arguments;

	importing->looks++;
	va_start(arguments, format);
	comment(importing, line, "!! ", format, arguments);
	va_end(arguments);
}

const char *importing_shown(
		const struct tlsp_text_line *text, char out[TLSP_ESCAPE_QUOTED_OCTETS])
{
	return tlsp_escape(
			text->text, text->octets, out, TLSP_ESCAPE_QUOTED_OCTETS);
}

bool importing_set(struct importing *importing, unsigned line,
		struct tlsp_policy *policy, const char *name,
		const struct tlsp_text_line *text,
		char value[TLSP_PARAMETER_VALUE_OCTETS])
{
	const struct tlsp_parameter *row = tlsp_parameters_find(name);
	char error[1536];

	if(text->octets >= TLSP_PARAMETER_VALUE_OCTETS) {
		importing_complain(importing, line, "%s is longer than %d octets", name,
				TLSP_PARAMETER_VALUE_OCTETS - 1);
		return false;
	}
	memcpy(value, text->text, text->octets);
	value[text->octets] = '\0';
	if(!tlsp_parameters_set(policy, name, value, error, sizeof(error))) {
		importing_complain(importing, line, "%s", error);
		return false;
	}
	tlsp_parameters_print(row, policy, value, TLSP_PARAMETER_VALUE_OCTETS);
	if(row->words)
		snprintf(value, TLSP_PARAMETER_VALUE_OCTETS, "%s",
				row->words[strtol(value, NULL, 10) - row->min]);
	return true;
}
