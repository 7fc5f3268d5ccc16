/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parameters - prints what the module's documentation must say of each row of
 * the table of parameters: NAME, a tab, TYPE, a tab, the sentences. Read by
 * scripts/docbook-parameters.
 */
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

static void print_default(const struct tlsp_parameter *parameter)
{
	char value[TLSP_PARAMETER_VALUE_OCTETS];

	tlsp_parameters_default_text(parameter, value, sizeof(value));
	if(parameter->type != TLSP_PARAMETER_NUMBER)
		printf(" Default value is %s.", value[0] ? value : "unset");
	else if(parameter->words)
		printf(" Default value is %s (%s).", value,
				parameter->words[parameter->default_number - parameter->min]);
	else
		printf(" Default value is %s.", value);
}

int main(void)
{
	for(size_t i = 0; i < tlsp_parameters_count(); i++) {
		const struct tlsp_parameter *parameter = tlsp_parameters_at(i);

		printf("%s\t%s\t", parameter->name, type_of(parameter));
		if(parameter->manual_name)
			printf("Name in the manual: %s. ", parameter->manual_name);
		print_values(parameter);
		print_default(parameter);
		printf(" Scope: all TLS domains.\n");
	}
	return ferror(stdout) ? 1 : 0;
}
