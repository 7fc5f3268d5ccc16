/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parameters - fuzz target: "NAME=VALUE" lines as modparam, RPC and database
 * give them. Held: a refusal changes nothing and is one line that fits; a value
 * that was taken is taken again as it is printed; versions stay within a range.
 */
#include "fuzz.h"

#include "policy/parameters.h"
#include "policy/versions.h"

static struct tlsp_policy policy;

static void hold_versions(void)
{
	unsigned set = tlsp_versions_from_parameter(policy.tls_version);
	char text[512];

	tlsp_versions_print(set, text, 32);
	fuzz_hold_line(text, 32);
	if(tlsp_versions_check(policy.tls_version, set, 0, "[server:default]", text,
			   sizeof(text))
			!= TLSP_VERSIONS_FIT)
		fuzz_hold_line(text, sizeof(text));
}

static void hold_printed(const struct tlsp_parameter *parameter)
{
	char text[TLSP_PARAMETER_VALUE_OCTETS], error[1024];
	struct tlsp_policy taken = policy;

	tlsp_parameters_print(parameter, &policy, text, sizeof(text));
	fuzz_hold(tlsp_parameters_set(
			&taken, parameter->name, text, error, sizeof(error)));
	fuzz_hold(memcmp(&taken, &policy, sizeof(taken)) == 0);
}

static void set(const char *name, const char *value)
{
	struct tlsp_policy before = policy;
	char error[1024];

	if(tlsp_parameters_set(&policy, name, value, error, sizeof(error))) {
		hold_printed(tlsp_parameters_find(name));
		hold_versions();
		return;
	}
	fuzz_hold(memcmp(&before, &policy, sizeof(before)) == 0);
	fuzz_hold_line(error, sizeof(error));
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t octets)
{
	char error[1024];

	tlsp_parameters_defaults(&policy);
	while(octets > 0) {
		const unsigned char *newline = memchr(data, '\n', octets);
		size_t line_octets = newline ? (size_t)(newline - data) : octets;
		char *line = fuzz_copy(data, line_octets);
		char *equals = strchr(line, '=');

		if(equals) {
			*equals = '\0';
			set(line, equals + 1);
		}
		free(line);
		line_octets += newline != NULL;
		data += line_octets;
		octets -= line_octets;
	}
	if(!tlsp_parameters_check_combination(&policy, 0, error, sizeof(error)))
		fuzz_hold_line(error, sizeof(error));
	if(tlsp_parameters_warning(&policy, error, sizeof(error)))
		fuzz_hold_line(error, sizeof(error));
	return 0;
}
