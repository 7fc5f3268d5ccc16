/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proxy_list - see proxy_list.h.
 */
#include "proxy_list.h"

#include <stdio.h>
#include <string.h>

#include "policy/escape.h"
#include "proxy_line.h"

static const char no_memory[] = "no memory for the list of proxies";

bool tlsp_proxy_list_init(struct tlsp_proxy_list *list, bool wildcards)
{
	list->builder = tlsp_proxies_builder_new();
	list->wildcards = wildcards;
	list->dispatcher_set = -1;
	list->faults = NULL;
	list->prefix = "";
	list->error[0] = '\0';
	if(!list->builder)
		snprintf(list->error, sizeof(list->error), "%s", no_memory);
	return list->builder != NULL;
}

void tlsp_proxy_list_cleanup(struct tlsp_proxy_list *list)
{
	tlsp_proxies_builder_free(list->builder);
	list->builder = NULL;
}

bool tlsp_proxy_list_fail(
		struct tlsp_proxy_list *list, const char *place, const char *what)
{
	char shown[TLSP_PROXY_PLACE_MAX_OCTETS];

	snprintf(list->error, sizeof(list->error), "%s%s: %s", list->prefix,
			tlsp_escape_written(place, strlen(place), shown, sizeof(shown)),
			what);
	return false;
}

/* Why |host| cannot be taken, or NULL. */
static const char *objection(const struct tlsp_proxy_list *list,
		enum tlsp_host_error error, const struct tlsp_host *host)
{
	if(error != TLSP_HOST_OK)
		return tlsp_hostname_error_text(error);
	if(host->kind == TLSP_HOST_WILDCARD && !list->wildcards)
		return "stands for every name below it, which wildcard_proxies=1 has "
			   "to permit";
	return NULL;
}

static bool take(struct tlsp_proxy_list *list, const struct tlsp_host *host)
{
	if(tlsp_proxies_builder_add(list->builder, host))
		return true;
	snprintf(list->error, sizeof(list->error), "%s", no_memory);
	return false;
}

/* False if it is the end. */
static bool note_fault(struct tlsp_proxy_faults *faults, const char *sentence)
{
	if(!faults)
		return false;
	if(++faults->count == 1)
		snprintf(faults->first, sizeof(faults->first), "%s", sentence);
	else if(faults->count <= TLSP_PROXY_FAULTS_TOLD)
		faults->tell(sentence);
	return faults->count < TLSP_PROXY_FAULTS_MAX;
}

static bool refuse(struct tlsp_proxy_list *list, const char *place,
		const char *text, size_t octets, const char *why)
{
	char escaped[TLSP_ESCAPE_QUOTED_OCTETS];

	snprintf(list->error, sizeof(list->error), "%s%s \"%s\" %s", list->prefix,
			place, tlsp_escape_written(text, octets, escaped, sizeof(escaped)),
			why);
	return note_fault(list->faults, list->error);
}

void tlsp_proxy_faults_print(
		const struct tlsp_proxy_faults *faults, char *error, size_t size)
{
	size_t more = faults->count - 1;
	const char *least =
			faults->count < TLSP_PROXY_FAULTS_MAX ? "" : " at least";

	if(more == 0)
		snprintf(error, size, "%s", faults->first);
	else if(faults->count <= TLSP_PROXY_FAULTS_TOLD)
		snprintf(error, size, "%s; and %zu more, which the log names",
				faults->first, more);
	else
		snprintf(error, size, "%s; and %zu more%s, of which the log names %d",
				faults->first, more, least, TLSP_PROXY_FAULTS_TOLD - 1);
}

bool tlsp_proxy_list_add(struct tlsp_proxy_list *list, const char *place,
		const char *text, size_t octets)
{
	struct tlsp_host host;
	enum tlsp_host_error error =
			tlsp_hostname_from_operator(&host, text, octets);
	const char *why = objection(list, error, &host);

	return why ? refuse(list, place, text, octets, why) : take(list, &host);
}

void tlsp_proxy_text_init(struct tlsp_proxy_text *text,
		struct tlsp_proxy_list *list, const char *name)
{
	text->list = list;
	text->name = name;
	text->number = 1;
	text->used = 0;
}

static const char *place_of(
		const struct tlsp_proxy_text *text, char *buffer, size_t size)
{
	char shown[TLSP_PROXY_PLACE_MAX_OCTETS - 32];

	snprintf(buffer, size, "%s:%zu:",
			tlsp_escape_written(
					text->name, strlen(text->name), shown, sizeof(shown)),
			text->number);
	return buffer;
}

static bool fail_line(struct tlsp_proxy_text *text, const char *why)
{
	char place[TLSP_PROXY_PLACE_MAX_OCTETS];

	return refuse(text->list, place_of(text, place, sizeof(place)), text->line,
			text->used, why);
}

static bool fail_long_line(struct tlsp_proxy_text *text)
{
	char place[TLSP_PROXY_PLACE_MAX_OCTETS];

	snprintf(text->list->error, sizeof(text->list->error),
			"%s%s the line is longer than %d octets", text->list->prefix,
			place_of(text, place, sizeof(place)), TLSP_PROXY_LINE_MAX_OCTETS);
	return false;
}

/* Is |line| to be taken, as dispatcher_set has it? */
static bool is_of_set(struct tlsp_proxy_text *text, const char *line, bool *ok)
{
	char why[128];
	long long set = text->list->dispatcher_set;
	long long of_line = set < 0 ? -1 : tlsp_proxy_line_set(line);

	*ok = true;
	if(of_line == -2) {
		snprintf(why, sizeof(why),
				"is no line of a dispatcher.list (SET DESTINATION ...), and "
				"dispatcher_set = %lld asks for one",
				set);
		*ok = fail_line(text, why);
		return false;
	}
	return of_line == set;
}

/* The line that is in text->line, without its end. */
static bool take_line(struct tlsp_proxy_text *text)
{
	static const char byte_order_mark[] = "\xef\xbb\xbf";
	const char *line = text->line;
	struct tlsp_host host;
	enum tlsp_host_error error;
	const char *why;
	bool ok;

	if(text->used && text->line[text->used - 1] == '\r')
		text->used--;
	text->line[text->used] = '\0';
	if(text->number == 1 && strncmp(line, byte_order_mark, 3) == 0)
		line += 3;
	if(memchr(text->line, '\0', text->used))
		return fail_line(text, tlsp_hostname_error_text(TLSP_HOST_NUL));
	if(!is_of_set(text, line, &ok))
		return ok;
	error = tlsp_proxy_line_read(&host, line);
	if(error == TLSP_HOST_EMPTY)
		return true;
	why = objection(text->list, error, &host);
	return why ? fail_line(text, why) : take(text->list, &host);
}

static bool next_line(struct tlsp_proxy_text *text)
{
	bool taken = take_line(text);

	text->used = 0;
	text->number++;
	return taken;
}

/* A file may be full of empty lines; how many of |data| begin with one. */
static size_t pass_empty_lines(
		struct tlsp_proxy_text *text, const char *data, size_t octets)
{
	size_t passed = 0;

	while(text->used == 0 && passed < octets && data[passed] == '\n')
		passed++;
	text->number += passed;
	return passed;
}

bool tlsp_proxy_text_feed(
		struct tlsp_proxy_text *text, const char *data, size_t octets)
{
	while(octets) {
		size_t passed = pass_empty_lines(text, data, octets), piece;
		const char *end;

		data += passed;
		octets -= passed;
		end = octets ? memchr(data, '\n', octets) : NULL;
		piece = end ? (size_t)(end - data) : octets;
		if(piece > TLSP_PROXY_LINE_MAX_OCTETS - text->used)
			return fail_long_line(text);
		memcpy(text->line + text->used, data, piece);
		text->used += piece;
		if(!end)
			return true;
		if(!next_line(text))
			return false;
		data += piece + 1;
		octets -= piece + 1;
	}
	return true;
}

bool tlsp_proxy_text_end(struct tlsp_proxy_text *text)
{
	return text->used == 0 || next_line(text);
}
