/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rules_text - see rules_text.h. libinih takes a line apart; what it would pass
 * over in silence (how long a line may be, a comment behind a value, a line
 * that is indented, what stands behind a section) is decided before it gets
 * one.
 */
#include "rules_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <ini.h>

#include "policy/escape.h"
#include "policy/text_lines.h"
#include "rules_check.h"

static const char name_octets[] = "abcdefghijklmnopqrstuvwxyz"
								  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";

struct reading
{
	struct tlsp_rules *rules;
	const struct tlsp_policy *defaults;
	struct tlsp_text_lines lines;
	struct tlsp_rule *section; /* NULL: none, or a bad one */
	bool bad_section;		   /* its lines are passed over */
	uint64_t seen;			   /* rows that the section says */
	bool role_seen;			   /* peer_role likewise */
	char *directory;		   /* of the file, with its last slash; or "" */
	bool no_memory;
};

#define complain(reading, ...)                     \
	((reading)->no_memory |= !tlsp_rules_complain( \
			 (reading)->rules, (reading)->lines.number, __VA_ARGS__))

static const char *quote(const struct tlsp_text_line *line,
		char shown[TLSP_ESCAPE_QUOTED_OCTETS])
{
	return tlsp_escape_written(
			line->text, line->octets, shown, TLSP_ESCAPE_QUOTED_OCTETS);
}

static bool next_line(struct reading *reading, struct tlsp_text_line *line)
{
	return !reading->no_memory
		   && reading->rules->error_count < TLSP_RULES_ERRORS_MAX
		   && tlsp_text_lines_next(&reading->lines, line);
}

/* A comment begins a line or follows a blank: a SIP URI has ';' inside. */
static void strip(struct tlsp_text_line *line)
{
	for(size_t i = 0; i < line->octets; i++)
		if((line->text[i] == '#' || line->text[i] == ';')
				&& (i == 0 || tlsp_text_is_blank(line->text[i - 1])))
			line->octets = i;
	tlsp_text_line_trim_end(line);
}

static void refuse_mark(struct reading *reading, struct tlsp_text_line *line)
{
	if(reading->lines.number == 1 && tlsp_text_line_skip_mark(line))
		complain(reading,
				"the file begins with a byte order mark: save it without one");
}

/* The NAME of [rule:NAME], or NULL. */
static const char *rule_name(const struct tlsp_text_line *line, char *name)
{
	const char *start = line->text + 6;
	size_t octets = line->octets < 7 ? 0 : line->octets - 7;

	if(octets == 0 || octets >= TLSP_RULE_NAME_OCTETS
			|| memcmp(line->text, "[rule:", 6) != 0
			|| line->text[line->octets - 1] != ']')
		return NULL;
	memcpy(name, start, octets);
	name[octets] = '\0';
	if(strspn(name, name_octets) != octets || strcasecmp(name, "default") == 0)
		return NULL;
	return name;
}

static void open_default(struct reading *reading)
{
	struct tlsp_rule *base = reading->rules->base;

	if(base->line) {
		complain(reading, "[default] stands twice: line %u has it already",
				base->line);
		reading->bad_section = true;
		return;
	}
	base->line = reading->lines.number;
	reading->section = base;
}

static void open_rule(struct reading *reading, const char *name)
{
	struct tlsp_rule *rule;

	if(reading->rules->count == TLSP_RULES_MAX) {
		complain(reading, "there are more than %d rules", TLSP_RULES_MAX);
		reading->lines.octets = 0;
		return;
	}
	rule = tlsp_rules_make_rule(name, reading->lines.number, reading->defaults);
	reading->no_memory |= !tlsp_rules_add(reading->rules, rule);
	reading->section = reading->no_memory ? NULL : rule;
}

static void open_section(
		struct reading *reading, const struct tlsp_text_line *line)
{
	char shown[TLSP_ESCAPE_QUOTED_OCTETS], name[TLSP_RULE_NAME_OCTETS];

	reading->section = NULL;
	reading->bad_section = false;
	reading->role_seen = false;
	reading->seen = 0;
	if(line->octets == 9 && memcmp(line->text, "[default]", 9) == 0) {
		open_default(reading);
	} else if(rule_name(line, name)) {
		open_rule(reading, name);
	} else {
		complain(reading,
				"\"%s\" is neither [default] nor [rule:NAME], where NAME is 1 "
				"to %d letters, digits, '_', '.' and '-', and not default",
				quote(line, shown), TLSP_RULE_NAME_OCTETS - 1);
		reading->bad_section = true;
	}
}

/* Is |line| KEY = VALUE in one line that libinih takes whole? */
static bool is_pair(
		struct reading *reading, const struct tlsp_text_line *line, int room)
{
	char shown[TLSP_ESCAPE_QUOTED_OCTETS];
	const char *equals = memchr(line->text, '=', line->octets);
	size_t key = equals ? (size_t)(equals - line->text) : 0, value;

	while(key && tlsp_text_is_blank(line->text[key - 1]))
		key--;
	if(tlsp_text_is_blank(line->text[0]))
		complain(reading,
				"\"%s\" is indented: begin every line at the margin, and "
				"write a list that goes on as another line of the same key",
				quote(line, shown));
	else if(key == 0 || strspn(line->text, name_octets) < key)
		complain(reading, "\"%s\" is not KEY = VALUE", quote(line, shown));
	else if(line->octets > (size_t)room)
		complain(reading,
				"the line is longer than %d octets: write a list as several "
				"lines of the same key",
				room);
	else {
		value = (size_t)(equals - line->text) + 1;
		while(value < line->octets && tlsp_text_is_blank(line->text[value]))
			value++;
		if(line->octets - value >= 2 && line->text[value] == '"'
				&& line->text[line->octets - 1] == '"') {
			complain(reading, "\"%s\": a value is written without quotes",
					quote(line, shown));
			return false;
		}
		return true;
	}
	return false;
}

/* ini_reader: the next pair. Sections are ours: libinih cuts their names. */
static char *read_pair(char *out, int size, void *stream)
{
	struct reading *reading = stream;
	struct tlsp_text_line line;
	const char *bad;

	while(next_line(reading, &line)) {
		refuse_mark(reading, &line);
		bad = tlsp_text_line_fault(&line);
		if(bad) {
			complain(reading, "%s", bad);
			continue;
		}
		strip(&line);
		if(line.octets == 0)
			continue;
		if(line.text[0] == '[') {
			open_section(reading, &line);
		} else if(!reading->bad_section && is_pair(reading, &line, size - 1)) {
			memcpy(out, line.text, line.octets);
			out[line.octets] = '\0';
			return out;
		}
	}
	return NULL;
}

static bool is_base(const struct reading *reading)
{
	return reading->section == reading->rules->base;
}

static void take_condition(
		struct reading *reading, const char *key, const char *value)
{
	bool role = strcasecmp(key, "peer_role") == 0;
	char error[512];

	if(is_base(reading))
		complain(reading,
				"%s is a condition, and [default] has none: it is for every "
				"connection that no rule is for",
				key);
	else if(role && reading->role_seen)
		complain(reading, "%s stands twice in one section", key);
	else if(!tlsp_conditions_add(&reading->section->conditions, key, value,
					error, sizeof(error)))
		complain(reading, "%s: %s", key, error);
	reading->role_seen |= role;
}

static void take_source(
		struct reading *reading, const char *key, const char *value)
{
	char error[512];

	if(!tlsp_rule_sources_add(&reading->section->sources, key, value,
			   reading->directory, error, sizeof(error)))
		complain(reading, "%s", error);
}

/* Hosts may be told in several lines; files lie beside this one. */
static char *whole_value(const struct reading *reading,
		const struct tlsp_parameter *row, const char *value, bool again)
{
	char before[TLSP_PARAMETER_VALUE_OCTETS];
	size_t octets = strlen(value), size = sizeof(before) + octets + 2;
	char *whole;

	if(row->type == TLSP_PARAMETER_FILE && octets)
		return tlsp_rule_sources_resolve(reading->directory, value, octets);
	if(row->type != TLSP_PARAMETER_HOSTS || !again)
		return strdup(value);
	whole = malloc(size);
	if(whole)
		snprintf(whole, size, "%s %s",
				tlsp_parameters_print(
						row, &reading->section->policy, before, sizeof(before)),
				value);
	return whole;
}

static void take_parameter(struct reading *reading,
		const struct tlsp_parameter *row, const char *key, const char *value)
{
	uint64_t bit = (uint64_t)1 << (row - tlsp_parameters_at(0));
	bool again = reading->seen & bit;
	struct tlsp_rule *rule = reading->section;
	char error[1536], *whole;

	if(row->scope == TLSP_SCOPE_GLOBAL && !is_base(reading)) {
		complain(reading, "%s is for the whole server: write it in [default]",
				key);
		return;
	}
	if(again && row->type != TLSP_PARAMETER_HOSTS) {
		complain(reading, "%s stands twice in one section", key);
		return;
	}
	if(is_base(reading) && !again && (rule->own & bit)) {
		complain(reading,
				"%s is said by modparam too: write it in one place only", key);
		return;
	}
	reading->seen |= bit;
	whole = whole_value(reading, row, value, again);
	if(!whole)
		reading->no_memory = true;
	else if(tlsp_parameters_set(
					&rule->policy, key, whole, error, sizeof(error)))
		rule->own |= bit;
	else
		complain(reading, "%s", error);
	free(whole);
}

/* ini_handler */
static int take_pair(
		void *user, const char *section, const char *key, const char *value)
{
	struct reading *reading = user;
	const struct tlsp_parameter *row = tlsp_parameters_find(key);
	char shown[TLSP_ESCAPE_QUOTED_OCTETS];

	(void)section;
	tlsp_escape_written(key, strlen(key), shown, sizeof(shown));
	if(!reading->section)
		complain(reading,
				"%s stands before the first section: write [default] or "
				"[rule:NAME] above it",
				shown);
	else if(tlsp_conditions_is_one(key))
		take_condition(reading, key, value);
	else if(tlsp_rule_sources_is_one(key))
		take_source(reading, key, value);
	else if(row)
		take_parameter(reading, row, key, value);
	else
		complain(reading, "unknown key \"%s\"", shown);
	return 1;
}

static char *directory_of(const char *file)
{
	const char *slash = strrchr(file, '/');

	return strndup(file, slash ? (size_t)(slash - file) + 1 : 0);
}

struct tlsp_rules *tlsp_rules_text_read(const char *file, const char *text,
		size_t octets, const struct tlsp_policy *defaults, uint64_t named)
{
	struct reading reading = {.defaults = defaults,
			.lines = {.text = text, .octets = octets},
			.directory = directory_of(file),
			.rules = tlsp_rules_new(defaults, named)};
	bool done = reading.directory && reading.rules
				&& (reading.rules->file = strdup(file)) != NULL;

	if(done)
		done = ini_parse_stream(read_pair, &reading, take_pair, &reading) >= 0
			   && !reading.no_memory && tlsp_rules_finish(reading.rules);
	free(reading.directory);
	if(done)
		return reading.rules;
	tlsp_rules_free(reading.rules);
	return NULL;
}
