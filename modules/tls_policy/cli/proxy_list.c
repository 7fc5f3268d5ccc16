/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proxy_list - see proxy_list.h.
 */
#define _GNU_SOURCE /* strncasecmp(3) */
#include "proxy_list.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "../policy/escape.h"

enum
{
	SHOWN_OCTETS = 256,
	SHOWN_PATH_OCTETS = 512,
	SENTENCE_OCTETS = 512
};

/* Part of a line; not NUL terminated. */
struct word
{
	const char *text;
	size_t octets;
};

static bool add_host(struct tlsp_proxies_builder *builder,
		const struct word *word, char *error, size_t size)
{
	struct tlsp_host host;
	enum tlsp_host_error wrong =
			tlsp_hostname_from_operator(&host, word->text, word->octets);
	char shown[SHOWN_OCTETS];

	tlsp_escape(word->text, word->octets, shown, sizeof(shown));
	if(wrong != TLSP_HOST_OK) {
		snprintf(error, size, "proxy \"%s\" %s", shown,
				tlsp_hostname_error_text(wrong));
		return false;
	}
	if(host.kind == TLSP_HOST_WILDCARD) {
		snprintf(error, size, "proxy \"%s\" is a wildcard, not one host",
				shown);
		return false;
	}
	if(!tlsp_proxies_builder_add(builder, &host)) {
		snprintf(error, size, "out of memory at proxy \"%s\"", shown);
		return false;
	}
	return true;
}

bool tlsp_proxy_list_add(struct tlsp_proxies_builder *builder,
		const char *text, char *error, size_t error_size)
{
	struct word word = {text, strlen(text)};

	return add_host(builder, &word, error, error_size);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Takes the next word off |rest|; none at the end and at a comment. */
static bool next_word(struct word *out, struct word *rest)
{
	size_t start = 0, end;

	while(start < rest->octets && is_space(rest->text[start]))
		start++;
	end = start;
	while(end < rest->octets && !is_space(rest->text[end]))
		end++;
	if(start == end || rest->text[start] == '#')
		return false;
	out->text = rest->text + start;
	out->octets = end - start;
	rest->text += end;
	rest->octets -= end;
	return true;
}

static bool is_number(const struct word *word)
{
	size_t i = word->octets > 1 && word->text[0] == '-' ? 1 : 0;

	for(; i < word->octets; i++)
		if(word->text[i] < '0' || word->text[i] > '9')
			return false;
	return true;
}

static bool is_sip_uri(const struct word *word)
{
	return (word->octets > 4 && strncasecmp(word->text, "sip:", 4) == 0)
		   || (word->octets > 5 && strncasecmp(word->text, "sips:", 5) == 0);
}

/* What comes after the first word of a dispatcher.list line: the URI, and
 * flags and priority as numbers if they are there. */
static bool add_destination(struct tlsp_proxies_builder *builder,
		const struct word *uri, struct word *rest, char *error, size_t size)
{
	static const char *const names[] = {"flags", "priority"};
	char shown[SHOWN_OCTETS];
	struct word word;

	if(!is_sip_uri(uri)) {
		snprintf(error, size,
				"destination \"%s\" after the set id is no SIP URI",
				tlsp_escape(uri->text, uri->octets, shown, sizeof(shown)));
		return false;
	}
	for(size_t i = 0; i < 2 && next_word(&word, rest); i++)
		if(!is_number(&word)) {
			snprintf(error, size, "%s \"%s\" of the destination is no number",
					names[i],
					tlsp_escape(word.text, word.octets, shown, sizeof(shown)));
			return false;
		}
	return add_host(builder, uri, error, size);
}

/* One line without its newline. */
static bool add_line(struct tlsp_proxies_builder *builder, struct word line,
		char *error, size_t size)
{
	struct word first, second;
	char shown[SHOWN_OCTETS];

	if(memchr(line.text, '\0', line.octets)) {
		snprintf(error, size, "the line has a NUL octet");
		return false;
	}
	if(!next_word(&first, &line))
		return true;
	if(!next_word(&second, &line))
		return add_host(builder, &first, error, size);
	if(is_number(&first))
		return add_destination(builder, &second, &line, error, size);
	snprintf(error, size,
			"\"%s\" is one word too many: a line names one host",
			tlsp_escape(second.text, second.octets, shown, sizeof(shown)));
	return false;
}

enum line
{
	LINE_READ,
	LINE_END,
	LINE_TOO_LONG
};

/* The next line of |stream| without newline and, at the start of a file,
 * without the byte order mark of UTF-8. */
static enum line read_line(
		FILE *stream, char *buffer, struct word *out, bool first)
{
	size_t octets = 0;
	int c;

	while((c = getc(stream)) != EOF && c != '\n') {
		if(octets == TLSP_PROXY_LIST_MAX_LINE_OCTETS)
			return LINE_TOO_LONG;
		buffer[octets++] = (char)c;
	}
	if(c == EOF && octets == 0)
		return LINE_END;
	out->text = buffer;
	out->octets = octets;
	if(first && octets >= 3 && memcmp(buffer, "\xef\xbb\xbf", 3) == 0) {
		out->text += 3;
		out->octets -= 3;
	}
	return LINE_READ;
}

/* Returns the number of the line that is wrong, with |sentence|, or 0. */
static unsigned long add_lines(struct tlsp_proxies_builder *builder,
		FILE *stream, char *sentence, size_t size)
{
	char buffer[TLSP_PROXY_LIST_MAX_LINE_OCTETS];
	unsigned long number = 1;
	struct word line;
	enum line got;

	for(; (got = read_line(stream, buffer, &line, number == 1)) != LINE_END;
			number++) {
		if(got == LINE_TOO_LONG) {
			snprintf(sentence, size, "the line is longer than %d octets",
					TLSP_PROXY_LIST_MAX_LINE_OCTETS);
			return number;
		}
		if(!add_line(builder, line, sentence, size))
			return number;
	}
	return 0;
}

static FILE *open_list(const char *path, char *sentence, size_t size)
{
	FILE *stream = fopen(path, "re");
	struct stat status;

	if(!stream) {
		snprintf(sentence, size, "cannot be opened: %s", strerror(errno));
		return NULL;
	}
	if(fstat(fileno(stream), &status) == 0 && S_ISDIR(status.st_mode)) {
		snprintf(sentence, size, "is a directory, not a list of proxies");
		fclose(stream);
		return NULL;
	}
	return stream;
}

bool tlsp_proxy_list_read(struct tlsp_proxies_builder *builder,
		const char *path, char *error, size_t error_size)
{
	char shown[SHOWN_PATH_OCTETS], sentence[SENTENCE_OCTETS] = "";
	FILE *stream = open_list(path, sentence, sizeof(sentence));
	struct tlsp_proxies_builder *own = NULL;
	unsigned long line = 0;

	if(stream) {
		size_t before = tlsp_proxies_builder_octets(builder);

		line = add_lines(builder, stream, sentence, sizeof(sentence));
		if(line == 0 && ferror(stream))
			snprintf(sentence, sizeof(sentence), "cannot be read: %s",
					strerror(errno));
		fclose(stream);
		(void)before;
	}
	(void)own;
	if(*sentence == '\0')
		return true;
	tlsp_escape(path, strlen(path), shown, sizeof(shown));
	if(line > 0)
		snprintf(error, error_size, "%s:%lu: %s", shown, line, sentence);
	else
		snprintf(error, error_size, "%s %s", shown, sentence);
	return false;
}
