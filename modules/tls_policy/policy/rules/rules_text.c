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
#include "rules_check.h"

static const char name_octets[] = "abcdefghijklmnopqrstuvwxyz"
								  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";

struct reading
{
	struct tlsp_rules *rules;
	const struct tlsp_policy *defaults;
	const char *text; /* what is not read yet */
	size_t octets;
	unsigned line;			   /* the one that is being read */
	struct tlsp_rule *section; /* NULL: none, or a bad one */
	bool bad_section;		   /* its lines are passed over */
	uint64_t seen;			   /* rows that the section says */
	bool role_seen;			   /* peer_role likewise */
	char *directory;		   /* of the file, with its last slash; or "" */
	bool no_memory;
};

/* Below: a line of the file, on its own, is not NUL terminated. */
struct line
{
	const char *text;
	size_t octets;
};

#define complain(reading, ...)                     \
	((reading)->no_memory |= !tlsp_rules_complain( \
			 (reading)->rules, (reading)->line, __VA_ARGS__))

static const char *quote(
		const struct line *line, char shown[TLSP_ESCAPE_QUOTED_OCTETS])
{
	return tlsp_escape(
			line->text, line->octets, shown, TLSP_ESCAPE_QUOTED_OCTETS);
}

static bool next_line(struct reading *reading, struct line *line)
{
	const char *end;

	if(reading->octets == 0 || reading->no_memory
			|| reading->rules->error_count >= TLSP_RULES_ERRORS_MAX)
		return false;
	end = memchr(reading->text, '\n', reading->octets);
	line->text = reading->text;
	line->octets = end ? (size_t)(end - reading->text) : reading->octets;
	reading->text += line->octets + (end != NULL);
	reading->octets -= line->octets + (end != NULL);
	reading->line++;
	if(line->octets && line->text[line->octets - 1] == '\r')
		line->octets--;
	return true;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* A comment begins a line or follows a blank: a SIP URI has ';' inside. */
static void strip(struct line *line)
{
	for(size_t i = 0; i < line->octets; i++)
		if((line->text[i] == '#' || line->text[i] == ';')
				&& (i == 0 || is_blank(line->text[i - 1])))
			line->octets = i;
	while(line->octets && is_blank(line->text[line->octets - 1]))
		line->octets--;
}

static void refuse_mark(struct reading *reading, struct line *line)
{
	if(reading->line != 1 || line->octets < 3
			|| memcmp(line->text, "\xef\xbb\xbf", 3) != 0)
		return;
	complain(reading,
			"the file begins with a byte order mark: save it without one");
	line->text += 3;
	line->octets -= 3;
}

/* What no line may hold, comments included; NULL if nothing of it. */
static const char *bad_octets(const struct line *line)
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

/* The NAME of [rule:NAME], or NULL. */
static const char *rule_name(const struct line *line, char *name)
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
	base->line = reading->line;
	reading->section = base;
}

static void open_rule(struct reading *reading, const char *name)
{
	struct tlsp_rule *rule;

	if(reading->rules->count == TLSP_RULES_MAX) {
		complain(reading, "there are more than %d rules", TLSP_RULES_MAX);
		reading->octets = 0;
		return;
	}
	rule = tlsp_rules_make_rule(name, reading->line, reading->defaults);
	reading->no_memory |= !tlsp_rules_add(reading->rules, rule);
	reading->section = reading->no_memory ? NULL : rule;
}

static void open_section(struct reading *reading, const struct line *line)
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
static bool is_pair(struct reading *reading, const struct line *line, int room)
{
	char shown[TLSP_ESCAPE_QUOTED_OCTETS];
	const char *equals = memchr(line->text, '=', line->octets);
	size_t key = equals ? (size_t)(equals - line->text) : 0, value;

	while(key && is_blank(line->text[key - 1]))
		key--;
	if(is_blank(line->text[0]))
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
		while(value < line->octets && is_blank(line->text[value]))
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
	struct line line;
	const char *bad;

	while(next_line(reading, &line)) {
		refuse_mark(reading, &line);
		bad = bad_octets(&line);
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
	tlsp_escape(key, strlen(key), shown, sizeof(shown));
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
			.text = text,
			.octets = octets,
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
