/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * import_text - see import_text.h.
 */
#include "import_text.h"

#include <stdlib.h>
#include <string.h>

#include "import_default.h"
#include "import_rest.h"
#include "import_rules.h"
#include "importing.h"
#include "policy/rules/rules_text.h"

/* Names compared with nobody: as start-up would have it. */
static void check_default(struct importing *importing)
{
	const struct tlsp_policy *policy = &importing->made->base->policy;
	char sentence[512];

	if(!tlsp_parameters_check_combination(
			   policy, importing->proxy_count, sentence, sizeof(sentence)))
		importing_complain(importing, importing->mode_line,
				"%s: the file has no ProxyIp", sentence);
	else if(tlsp_parameters_warning(policy, sentence, sizeof(sentence)))
		importing_look(importing, importing->mode_line, "%s", sentence);
}

static bool same_policy(
		const struct tlsp_policy *a, const struct tlsp_policy *b)
{
	for(size_t i = 0; i < tlsp_parameters_count(); i++) {
		const struct tlsp_parameter *row = tlsp_parameters_at(i);
		size_t octets, other_octets;
		const void *value = tlsp_parameters_value(row, a, &octets);
		const void *other = tlsp_parameters_value(row, b, &other_octets);

		if(octets != other_octets || memcmp(value, other, octets) != 0)
			return false;
	}
	return true;
}

/* What was written is what start-up reads. */
static void check_written(
		struct importing *importing, const char *text, size_t octets)
{
	struct tlsp_rules *rules;
	struct tlsp_policy defaults;

	tlsp_parameters_defaults(&defaults);
	rules = tlsp_rules_text_read("result", text, octets, &defaults, 0);
	importing->board.no_memory |= !rules;
	if(rules && rules->error_count)
		importing_complain(importing, 1,
				"what the file says is no rules file: %s", rules->errors[0]);
	else if(rules
			&& (rules->count != importing->rules
					|| !same_policy(&rules->base->policy,
							&importing->made->base->policy)))
		importing_complain(importing, 1,
				"what the file says cannot be said in a rules "
				"file");
	tlsp_rules_free(rules);
}

static void write_head(struct importing *importing, FILE *out, const char *file)
{
	char shown[300];

	fprintf(out,
			"# Made by tls-policy import of %s, whose lines are meant by "
			"\"line\".\n"
			"# %zu comment%s with !! want%s a decision, or a file that the ini "
			"has not.\n"
			"# To use it: modparam(\"tls_policy\", \"config\", \"FILE\"), and "
			"before that\n"
			"# tls-policy check-config FILE\n",
			tlsp_escape(file, strlen(file), shown, sizeof(shown)),
			importing->looks, importing->looks == 1 ? "" : "s",
			importing->looks == 1 ? "s" : "");
}

/* Some other file than the gateway's, it may be. */
static void tell_nothing(struct importing *importing)
{
	const struct board *board = &importing->board;
	size_t found = board->parameter_count + board->proxy_count;

	for(int i = 0; i < BOARD_TABLES; i++)
		found += board->tables[i].row_count;
	if(found == 0)
		importing_look(importing, 1,
				"nothing in this file is about TLS: is it the gateway's ini "
				"file? [default] says nothing");
}

/* All of it, in the order of a rules file. */
static void write_body(struct importing *importing)
{
	import_default(importing);
	tell_nothing(importing);
	check_default(importing);
	import_rules(importing);
	import_rest(importing);
}

/* Head and body, once it is known how much is to be looked at. */
static bool write_all(
		struct importing *importing, struct import_text *made, const char *file)
{
	char *body = NULL;
	size_t octets = 0;
	FILE *all;
	bool done;

	importing->out = open_memstream(&body, &octets);
	if(!importing->out)
		return false;
	write_body(importing);
	done = fclose(importing->out) == 0;
	all = done ? open_memstream(&made->text, &made->octets) : NULL;
	if(all) {
		write_head(importing, all, file);
		(void)fwrite(body, 1, octets, all);
	}
	done = all && fclose(all) == 0;
	free(body);
	return done;
}

bool import_text(struct import_text *out, const char *file, const char *text,
		size_t octets)
{
	struct importing importing = {0};
	struct tlsp_policy defaults;
	bool done;

	tlsp_parameters_defaults(&defaults);
	memset(out, 0, sizeof(*out));
	out->errors = importing.made = tlsp_rules_new(&defaults, 0);
	done = importing.made && (importing.made->file = strdup(file)) != NULL
		   && board_read(&importing.board, text, octets, importing.made)
		   && write_all(&importing, out, file);
	if(done && importing.made->error_count == 0)
		check_written(&importing, out->text, out->octets);
	done = done && !importing.board.no_memory;
	free(importing.proxies);
	free(importing.contexts);
	free(importing.interfaces);
	board_cleanup(&importing.board);
	return done;
}

void import_text_cleanup(struct import_text *made)
{
	free(made->text);
	tlsp_rules_free(made->errors);
	memset(made, 0, sizeof(*made));
}
