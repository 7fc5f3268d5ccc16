/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rules - fuzz target: a rules file. Held: what is wrong is told in lines that
 * begin with the file; conditions are read again as they are printed; the index
 * selects what a walk over all rules finds.
 */
#include "fuzz.h"

#include "policy/rules/rules_text.h"
#include "policy/rules/selection.h"

enum
{
	LINE_OCTETS = 199,
	PRINTED_OCTETS = 65536,
	FACTS = 5 * 5 * 4 * 3 * 2
};

static const char *const addresses[] = {"192.0.2.1", "203.0.113.7", "10.0.0.1",
		"2001:db8::1", "::ffff:10.0.0.1"};
static const char *const names[] = {
		"trunk.example.net", "a.example.net", "x.a.example.net", "pbx"};
static const unsigned short ports[] = {0, 5061, 5071};

static void hold_sentences(char *const *texts, size_t count)
{
	for(size_t i = 0; i < count; i++) {
		fuzz_hold_line(texts[i], 4096);
		fuzz_hold(strncmp(texts[i], "f:", 2) == 0);
	}
}

static bool has_long_line(const char *text)
{
	for(; *text; text += strcspn(text, "\n") + 1)
		if(strcspn(text, "\n") > LINE_OCTETS)
			return true;
	return false;
}

static void hold_printed(const struct tlsp_rule *rule)
{
	static char printed[PRINTED_OCTETS], again[PRINTED_OCTETS];
	int head = snprintf(printed, sizeof(printed), "[rule:r]\nwildcards = 0\n");
	size_t octets = tlsp_rule_print_conditions(
			rule, printed + head, sizeof(printed) - (size_t)head);
	struct tlsp_policy policy;
	struct tlsp_rules *rules;

	if((size_t)head + octets >= sizeof(printed) || has_long_line(printed))
		return;
	tlsp_parameters_defaults(&policy);
	rules = tlsp_rules_text_read(
			"f", printed, (size_t)head + octets, &policy, 0);
	fuzz_hold(rules && rules->count == 1 && rules->error_count == 0);
	tlsp_rule_print_conditions(rules->rules[0], again, sizeof(again));
	fuzz_hold(strcmp(printed + head, again) == 0);
	tlsp_rules_free(rules);
}

static void hold_selected(const struct tlsp_rules *rules,
		const struct tlsp_selection *selection,
		const struct tlsp_rule_facts *facts)
{
	size_t number = 0;

	while(number < rules->count
			&& !tlsp_conditions_hold(&rules->rules[number]->conditions, facts))
		number++;
	fuzz_hold(tlsp_selection_find(selection, facts)
			  == (number < rules->count ? number + 1 : 0));
}

static void read_fact(struct tlsp_rule_facts *facts, struct tlsp_host *name,
		const char *key, const char *value)
{
	char error[256];

	fuzz_hold(tlsp_rule_facts_read(
			facts, name, key, value, error, sizeof(error)));
}

/* Every combination of the addresses, ports and names above; made once. */
static const struct tlsp_rule_facts *all_facts(void)
{
	static struct tlsp_rule_facts all[FACTS];
	static struct tlsp_host hosts[FACTS];

	for(unsigned i = 0; i < FACTS && !all[FACTS - 1].server_name; i++) {
		read_fact(&all[i], &hosts[i], "listen", addresses[i % 5]);
		read_fact(&all[i], &hosts[i], "peer", addresses[i / 5 % 5]);
		read_fact(&all[i], &hosts[i], "server_name", names[i / 25 % 4]);
		all[i].listen_port = ports[i / 100 % 3];
		all[i].role = i < FACTS / 2 ? TLSP_ROLE_SERVER : TLSP_ROLE_CLIENT;
	}
	return all;
}

static void hold_selection(const struct tlsp_rules *rules)
{
	const struct tlsp_rule_facts *facts = all_facts();
	size_t octets;
	struct tlsp_selection *selection = tlsp_selection_build(rules, &octets);

	fuzz_hold(selection != NULL);
	for(unsigned i = 0; i < FACTS; i++)
		hold_selected(rules, selection, &facts[i]);
	free(selection);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t octets)
{
	struct tlsp_policy policy;
	struct tlsp_rules *rules;
	char *text = malloc(octets + 1); /* so that a step too far is seen */

	fuzz_hold(text != NULL);
	memcpy(text + 1, data, octets);
	tlsp_parameters_defaults(&policy);
	rules = tlsp_rules_text_read("f", text + 1, octets, &policy, 0);
	free(text);
	fuzz_hold(rules != NULL);
	hold_sentences(rules->errors, rules->error_count);
	hold_sentences(rules->warnings, rules->warning_count);
	for(size_t i = 0; i < rules->count && rules->error_count == 0; i++)
		hold_printed(rules->rules[i]);
	hold_selection(rules);
	tlsp_rules_free(rules);
	return 0;
}
