/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpc_dump - see rpc_dump.h. What was printed is read as it would be at the next
 * start, and compared: a rules file cannot say everything that kamailio.cfg and
 * a command can (a line of more than 199 octets, a '#' behind a blank), and one
 * that brings something else must not be given.
 */
#include "rpc_dump.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/str.h"

#include "policy/rules/rules_text.h"
#include "kamailio/policy/live_policy.h"
#include "rpc_arguments.h"
#include "rpc_fault.h"
#include "rpc_room.h"

enum
{
	LINE_OCTETS = TLSP_PARAMETER_VALUE_OCTETS + 128,
	LIST_OCTETS = 150 /* of one line of a list, which may go on in another */
};

/* clang-format off */
const char *tlsp_rpc_dump_doc[] = {
	"Prints a rules file that would bring what is in force, what was set by "
	"command included", NULL};

static const char *const head[] = {
	"# tls_policy.dump: what is in force now, what was set by command included.",
	"# It has what modparam(\"tls_policy\", ...) says, too: to load it, remove",
	"# those lines of kamailio.cfg and name this file there instead:",
	"#   modparam(\"tls_policy\", \"config\", \"FILE\")", NULL};
/* clang-format on */

static const char no_memory_for_file[] = "no memory for a rules file";

/* The file, in heap memory. */
struct text
{
	char *octets;
	size_t used, room;
	bool no_memory;
};

static bool make_room(struct text *text, size_t octets)
{
	char *more;

	if(text->used + octets <= text->room)
		return true;
	more = realloc(text->octets, 2 * (text->used + octets));
	if(!more) {
		text->no_memory = true;
		return false;
	}
	text->octets = more;
	text->room = 2 * (text->used + octets);
	return true;
}

__attribute__((format(printf, 2, 3))) static void put(
		struct text *text, const char *format, ...)
{
	va_list arguments;
	int octets;

	if(!make_room(text, LINE_OCTETS))
		return;
	va_start(arguments, format);
	octets = vsnprintf(
			text->octets + text->used, LINE_OCTETS, format, arguments);
	va_end(arguments);
	text->used += octets < LINE_OCTETS ? (size_t)octets : LINE_OCTETS - 1;
}

/* A list, separated by |between|, in as many lines as it takes. */
static void put_list(struct text *text, const char *key, const char *list,
		size_t octets, const char *between)
{
	size_t taken = 0, step = strlen(between);

	while(taken < octets) {
		size_t end = taken;

		do {
			const char *next = strstr(list + end, between);

			end = next && next < list + octets ? (size_t)(next - list) : octets;
			if(end < octets)
				end += step;
		} while(end < octets && end - taken < LIST_OCTETS);
		put(text, "%s = %.*s\n", key,
				(int)(end - taken - (end < octets ? step : 0)), list + taken);
		taken = end;
	}
}

/* A relative path is one of Kamailio's directory, not of the file's. */
static const char *path_prefix(const char *path)
{
	return path[0] && path[0] != '/' && path[0] != '.' ? "./" : "";
}

static void put_parameter(struct text *text,
		const struct tlsp_parameter *parameter,
		const struct tlsp_policy *policy)
{
	char value[TLSP_PARAMETER_VALUE_OCTETS];

	tlsp_parameters_print(parameter, policy, value, sizeof(value));
	if(parameter->type == TLSP_PARAMETER_HOSTS && value[0])
		put_list(text, parameter->name, value, strlen(value), " ");
	else if(parameter->type == TLSP_PARAMETER_NUMBER && parameter->words)
		put(text, "%s = %s\n", parameter->name,
				parameter->words[atoi(value) - parameter->min]);
	else
		put(text, "%s = %s%s\n", parameter->name,
				parameter->type == TLSP_PARAMETER_FILE ? path_prefix(value)
													   : "",
				value);
}

/* One of the lines "KEY = VALUE" that a book keeps of conditions and sources. */
static void put_line(struct text *text, const char *line, size_t octets)
{
	static const char file[] = "proxy_file = ", url[] = "db_url = ";
	const char *equals = memchr(line, '=', octets);
	const char *hidden = strstr(line, "***");
	char key[32];

	if(strncmp(line, file, sizeof(file) - 1) == 0) {
		put(text, "%s%s%.*s\n", file, path_prefix(line + sizeof(file) - 1),
				(int)(octets - (sizeof(file) - 1)), line + sizeof(file) - 1);
		return;
	}
	if(strncmp(line, url, sizeof(url) - 1) == 0 && hidden
			&& hidden < line + octets)
		put(text, "# write the password, or what else is hidden, in place of "
				  "***\n");
	if(!equals || octets < LIST_OCTETS || strncmp(line, "proxy", 5) == 0) {
		put(text, "%.*s\n", (int)octets, line);
		return;
	}
	snprintf(key, sizeof(key), "%.*s", (int)(equals - line - 1), line);
	put_list(text, key, equals + 2, octets - (size_t)(equals + 2 - line), ", ");
}

static void put_lines(struct text *text, const char *lines)
{
	const char *end;

	for(; (end = strchr(lines, '\n')); lines = end + 1)
		put_line(text, lines, (size_t)(end - lines));
}

static void put_rule(struct text *text, const struct tlsp_book_rule *rule,
		bool is_default, uint64_t rows)
{
	put(text, is_default ? "[%s]\n" : "\n[rule:%s]\n", rule->name);
	put_lines(text, rule->conditions);
	for(size_t i = 0; i < tlsp_parameters_count(); i++)
		if(rows >> i & 1)
			put_parameter(text, tlsp_parameters_at(i), rule->policy);
	put_lines(text, rule->sources);
}

/* |more|: bits of rows for each rule, which a file has to say though the rule
 * only inherits them. */
static void put_all(
		struct text *text, const struct tlsp_book *book, const uint64_t *more)
{
	text->used = 0;
	for(const char *const *line = head; *line; line++)
		put(text, "%s\n", *line);
	for(size_t i = 0; i <= book->count; i++) {
		const struct tlsp_book_rule *rule = &book->rules[i];

		put_rule(text, rule, i == 0, rule->own | rule->set | more[i]);
	}
}

/* Is the row |number| of both the same? */
static bool same_value(
		size_t number, const struct tlsp_policy *a, const struct tlsp_policy *b)
{
	const struct tlsp_parameter *parameter = tlsp_parameters_at(number);
	char one[TLSP_PARAMETER_VALUE_OCTETS], other[TLSP_PARAMETER_VALUE_OCTETS];
	const char *prefix = "";

	tlsp_parameters_print(parameter, a, one, sizeof(one));
	tlsp_parameters_print(parameter, b, other, sizeof(other));
	if(parameter->type == TLSP_PARAMETER_FILE)
		prefix = path_prefix(one);
	return strncmp(other, prefix, strlen(prefix)) == 0
		   && strcmp(one, other + strlen(prefix)) == 0;
}

static uint64_t different_rows(
		const struct tlsp_policy *a, const struct tlsp_policy *b)
{
	uint64_t rows = 0;

	for(size_t i = 0; i < tlsp_parameters_count(); i++)
		if(!same_value(i, a, b))
			rows |= (uint64_t)1 << i;
	return rows;
}

/* Without memory: false, and |no_memory|. */
static bool same_lines(const struct tlsp_rule *read, const char *lines,
		size_t (*print)(const struct tlsp_rule *, char *, size_t),
		bool *no_memory)
{
	size_t octets = print(read, NULL, 0) + 1;
	struct text expected = {.octets = NULL};
	struct text printed = {.octets = NULL};
	char *text = malloc(octets);
	bool same = false;

	if(text) {
		print(read, text, octets);
		put_lines(&expected, lines);
		put_lines(&printed, text);
		same = expected.used == printed.used
			   && (expected.used == 0
					   || memcmp(expected.octets, printed.octets, expected.used)
								  == 0);
	}
	*no_memory = !text || expected.no_memory || printed.no_memory;
	free(text);
	free(expected.octets);
	free(printed.octets);
	return same && !*no_memory;
}

/* Of what a file says though it must not: a name of it, or NULL. */
static const char *what_differs(const struct tlsp_rule *read,
		const struct tlsp_book_rule *wanted, uint64_t rows, bool *no_memory)
{
	for(size_t i = 0; i < tlsp_parameters_count(); i++)
		if(rows >> i & 1)
			return tlsp_parameters_at(i)->name;
	if(!same_lines(
			   read, wanted->conditions, tlsp_rule_print_conditions, no_memory))
		return "a condition";
	return same_lines(read, wanted->sources, tlsp_rule_print_sources, no_memory)
				   ? NULL
				   : "a source of proxies";
}

/* What the file would bring, against what it is to bring; what it must say in
 * |more|. False if that is no help. */
static bool compare(const struct tlsp_rules *read, const struct tlsp_book *book,
		uint64_t *more, bool *same, char *error, size_t size)
{
	bool no_memory = false;

	*same = read->count == book->count;
	for(size_t i = 0; i <= book->count && read->count == book->count; i++) {
		const struct tlsp_rule *rule = i ? read->rules[i - 1] : read->base;
		const struct tlsp_book_rule *wanted = &book->rules[i];
		uint64_t rows = different_rows(wanted->policy, &rule->policy);

		const char *differs = what_differs(rule, wanted,
				rows & (wanted->own | wanted->set | more[i]), &no_memory);

		if(no_memory) {
			snprintf(error, size, "%s", no_memory_for_file);
			return false;
		}
		if(differs) {
			snprintf(error, size,
					"no rules file can say what is in force: %s of %s%s",
					differs, i ? "rule " : "the ", wanted->name);
			return false;
		}
		more[i] |= rows;
		*same = *same && rows == 0;
	}
	return true;
}

/* One look at what the text says to a reader. */
static bool check(const struct text *text, const struct tlsp_book *book,
		uint64_t *more, bool *same, char *error, size_t size)
{
	struct tlsp_policy preset;
	struct tlsp_rules *read;
	bool done = false;

	tlsp_parameters_defaults(&preset);
	read = text->no_memory ? NULL
						   : tlsp_rules_text_read("dump", text->octets,
								   text->used, &preset, 0);
	if(!read)
		snprintf(error, size, "%s", no_memory_for_file);
	else if(read->error_count)
		snprintf(error, size, "no rules file can say what is in force: %s",
				read->errors[0]);
	else
		done = compare(read, book, more, same, error, size);
	tlsp_rules_free(read);
	return done;
}

/* A rule that says the minutes of tls_rehandshake_interval has the default's
 * seconds no more, for one: the second look is at a text that says them. */
static bool make(struct text *text, const struct tlsp_book *book, char *error,
		size_t size)
{
	uint64_t *more = calloc(book->count + 1, sizeof(*more));
	bool same = false, done = more != NULL;

	if(!more)
		snprintf(error, size, "%s", no_memory_for_file);
	while(done && !same) {
		put_all(text, book, more);
		done = check(text, book, more, &same, error, size);
	}
	free(more);
	return done;
}

/* Half a file must not be taken for one. */
static bool fits(rpc_t *rpc, void *ctx, const struct text *text)
{
	size_t lines = 0, room = tlsp_rpc_room_of_texts(rpc);

	for(size_t i = 0; i < text->used; i++)
		lines += text->octets[i] == '\n';
	if(text->used + lines * tlsp_rpc_text_octets(0) < room)
		return true;
	rpc->fault(ctx, 500,
			"the dump has %zu octets, and kamcmd gets %zu at most "
			"(binrpc_max_body_size of ctl): ask by JSON-RPC, which has no "
			"limit",
			text->used, room);
	return false;
}

static void answer(rpc_t *rpc, void *ctx, const struct text *text)
{
	const char *line = text->octets, *all = text->octets + text->used, *end;
	str one;

	for(; line < all; line = end + 1) {
		end = memchr(line, '\n', (size_t)(all - line));
		if(!end)
			return;
		one.s = (char *)line;
		one.len = (int)(end - line);
		if(rpc->add(ctx, "S", &one) < 0)
			return;
	}
}

void tlsp_rpc_dump(rpc_t *rpc, void *ctx)
{
	struct text text = {.octets = NULL};
	const struct tlsp_in_force *all;
	char error[2048];

	if(!tlsp_rpc_arguments_read(rpc, ctx, NULL, 0, "dump"))
		return;
	all = tlsp_live_policy_acquire();
	if(!all)
		rpc->fault(ctx, 500, "no policy is in force");
	else if(!make(&text, tlsp_live_policy_book(all), error, sizeof(error)))
		tlsp_rpc_fault(rpc, ctx, 500, error);
	else if(fits(rpc, ctx, &text))
		answer(rpc, ctx, &text);
	free(text.octets);
	tlsp_live_policy_release(all);
}
