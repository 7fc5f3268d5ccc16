/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parameters - prints what the documents must say of each row of the table of
 * parameters, with tabs between: NAME, TYPE, the sentences of the module's
 * documentation (scripts/docbook-parameters); then what a row of
 * doc/parameters.md has (scripts/check-doc): the name in the manual, DEFAULT,
 * SCOPE.
 */
#include <stdbool.h>
#include <stdio.h>

#include "policy/parameters.h"

static const char *type_of(const struct tlsp_parameter *parameter)
{
	if(parameter->type != TLSP_PARAMETER_NUMBER)
		return "str";
	return parameter->words ? "int or str" : "int";
}

static void print_values(const struct tlsp_parameter *parameter)
{
	if(parameter->type != TLSP_PARAMETER_NUMBER) {
		printf("Values: text of at most %d octets.", parameter->max);
		return;
	}
	printf("Values: %d to %d%s%s%s", parameter->min, parameter->max,
			parameter->unit[0] ? " (" : "", parameter->unit,
			parameter->unit[0] ? ")" : "");
	for(int i = parameter->min; parameter->words && i <= parameter->max; i++)
		printf("%s%s", i == parameter->min ? ", or " : ", ",
				parameter->words[i - parameter->min]);
	putchar('.');
}

/* As a word where the row has words. */
static const char *default_of(const struct tlsp_parameter *parameter,
		char buffer[TLSP_PARAMETER_VALUE_OCTETS])
{
	if(parameter->words)
		return parameter->words[parameter->default_number - parameter->min];
	tlsp_parameters_default_text(
			parameter, buffer, TLSP_PARAMETER_VALUE_OCTETS);
	return buffer[0] ? buffer : "unset";
}

static void print_default(const struct tlsp_parameter *parameter)
{
	char value[TLSP_PARAMETER_VALUE_OCTETS];

	if(parameter->words)
		printf(" Default value is %d (%s).", parameter->default_number,
				default_of(parameter, value));
	else
		printf(" Default value is %s.", default_of(parameter, value));
}

int main(void)
{
	for(size_t i = 0; i < tlsp_parameters_count(); i++) {
		const struct tlsp_parameter *parameter = tlsp_parameters_at(i);
		bool rule = parameter->scope == TLSP_SCOPE_RULE;
		char value[TLSP_PARAMETER_VALUE_OCTETS];

		printf("%s\t%s\t", parameter->name, type_of(parameter));
		if(parameter->manual_name)
			printf("Name in the manual: %s. ", parameter->manual_name);
		print_values(parameter);
		print_default(parameter);
		printf(" Scope: %s.\t%s\t%s\t%s\n",
				rule ? "each rule" : "the whole server",
				parameter->manual_name ? parameter->manual_name : "",
				default_of(parameter, value), rule ? "rule" : "server");
	}
	return ferror(stdout) ? 1 : 0;
}
