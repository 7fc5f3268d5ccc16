/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * import - fuzz target: a gateway's ini file. Held: what is wrong is told in
 * lines that begin with the file; else what is printed is a rules file without
 * an error, of printable lines; and the same file comes to the same.
 */
#include "fuzz.h"

#include "cli/import/import_text.h"
#include "policy/rules/rules_text.h"

static void hold_errors(const struct import_text *made)
{
	for(size_t i = 0; i < made->errors->error_count; i++) {
		const char *error = made->errors->errors[i];
		const char *sentence = strchr(error, ' ');

		fuzz_hold_line(error, 4096);
		fuzz_hold(strncmp(error, "f:", 2) == 0);
		/* what cannot be said was told by its own line */
		fuzz_hold(
				sentence && strncmp(sentence, " what the file says", 19) != 0);
	}
}

static void hold_text(const struct import_text *made)
{
	struct tlsp_policy defaults;
	struct tlsp_rules *rules;

	for(size_t i = 0; i < made->octets; i++)
		fuzz_hold(made->text[i] == '\n' || made->text[i] == '\t'
				  || (made->text[i] >= 0x20 && made->text[i] != 0x7f)
				  || (unsigned char)made->text[i] >= 0x80);
	tlsp_parameters_defaults(&defaults);
	rules = tlsp_rules_text_read("r", made->text, made->octets, &defaults, 0);
	fuzz_hold(rules && rules->error_count == 0);
	tlsp_rules_free(rules);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t octets)
{
	struct import_text made, again;
	char *text = malloc(octets + 1); /* so that a step too far is seen */

	fuzz_hold(text != NULL);
	if(octets)
		memcpy(text + 1, data, octets);
	fuzz_hold(import_text(&made, "f", text + 1, octets));
	fuzz_hold(import_text(&again, "f", text + 1, octets));
	free(text);
	hold_errors(&made);
	if(made.errors->error_count == 0) {
		hold_text(&made);
		fuzz_hold(made.octets == again.octets
				  && memcmp(made.text, again.text, made.octets) == 0);
	}
	import_text_cleanup(&made);
	import_text_cleanup(&again);
	return 0;
}
