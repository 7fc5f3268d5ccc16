/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * options - see options.h.
 */
#define _GNU_SOURCE /* getopt_long(3) */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "../policy/escape.h"

enum option_value
{
	OPTION_ROLE = 1,
	OPTION_CA,
	OPTION_NAMES_ONLY,
	OPTION_PROXY,
	OPTION_PROXIES,
	OPTION_REMOTE_SUBJECT_NAME,
	OPTION_NO_WILDCARDS,
	OPTION_STRICT
};

enum
{
	SHOWN_OCTETS = 256
};

/* clang-format off */
static const struct option table[] = {
	{"role", required_argument, NULL, OPTION_ROLE},
	{"ca", required_argument, NULL, OPTION_CA},
	{"names-only", no_argument, NULL, OPTION_NAMES_ONLY},
	{"proxy", required_argument, NULL, OPTION_PROXY},
	{"proxies", required_argument, NULL, OPTION_PROXIES},
	{"remote-subject-name", required_argument, NULL,
		OPTION_REMOTE_SUBJECT_NAME},
	{"no-wildcards", no_argument, NULL, OPTION_NO_WILDCARDS},
	{"strict", no_argument, NULL, OPTION_STRICT},
	{NULL, 0, NULL, 0},
};
/* clang-format on */

static bool complain(char *error, size_t size, const char *before,
		const char *text, const char *after)
{
	char shown[SHOWN_OCTETS];

	snprintf(error, size, "%s\"%s\"%s", before,
			tlsp_escape(text, strlen(text), shown, sizeof(shown)), after);
	return false;
}

static bool set_role(
		struct tlsp_options *out, const char *text, char *error, size_t size)
{
	if(strcmp(text, "server") == 0)
		out->role = TLSP_ROLE_SERVER;
	else if(strcmp(text, "client") == 0)
		out->role = TLSP_ROLE_CLIENT;
	else
		return complain(
				error, size, "--role ", text, " is neither server nor client");
	return true;
}

static bool set_subject_name(
		struct tlsp_options *out, const char *text, char *error, size_t size)
{
	if(*text == '\0') {
		snprintf(error, size, "--remote-subject-name is empty");
		return false;
	}
	return tlsp_parameters_set(
			&out->policy, "tls_remote_subject_name", text, error, size);
}

/* Both are "?" to getopt_long(3) with an option string that begins ":". */
static bool refuse_option(int value, char **argv, char *error, size_t size)
{
	const char *word = argv[optind - 1];

	return value == ':' ? complain(error, size, "", word, " needs a value")
						: complain(error, size, "", word,
								" is no option, is ambiguous or takes no "
								"value; see tls-policy --help");
}

static bool apply(struct tlsp_options *out, int value, char **argv,
		char *error, size_t size)
{
	switch(value) {
		case OPTION_ROLE:
			return set_role(out, optarg, error, size);
		case OPTION_CA:
			out->ca_path = optarg;
			return true;
		case OPTION_NAMES_ONLY:
			out->names_only = true;
			return true;
		case OPTION_PROXY:
			return tlsp_proxy_list_add(out->proxies, optarg, error, size);
		case OPTION_PROXIES:
			return tlsp_proxy_list_read(out->proxies, optarg, error, size);
		case OPTION_REMOTE_SUBJECT_NAME:
			return set_subject_name(out, optarg, error, size);
		case OPTION_NO_WILDCARDS:
			out->policy.wildcards = 0;
			return true;
		case OPTION_STRICT:
			snprintf(error, size,
					"--strict (RequireStrictCert) is not built yet, so "
					"nothing was judged");
			return false;
		default:
			return refuse_option(value, argv, error, size);
	}
}

/* What the command judges by: names in both roles, certificates required. */
static bool start(struct tlsp_options *out, char *error, size_t size)
{
	memset(out, 0, sizeof(*out));
	out->role = TLSP_ROLE_SERVER;
	tlsp_parameters_defaults(&out->policy);
	out->policy.peer_host_name_verification_mode = TLSP_VERIFY_NAMES_BOTH;
	out->policy.sips_require_client_certificate = 1;
	out->policy.verify_server_certificate = 1;
	out->proxies = tlsp_proxies_builder_new();
	if(!out->proxies)
		snprintf(error, size, "out of memory");
	return out->proxies != NULL;
}

bool tlsp_options_read(struct tlsp_options *out, int argc, char **argv,
		char *error, size_t error_size)
{
	bool named = false;
	int value;

	if(!start(out, error, error_size))
		return false;
	optind = 1;
	opterr = 0;
	while((value = getopt_long(argc, argv, ":", table, NULL)) != -1) {
		if(!apply(out, value, argv, error, error_size))
			return false;
		named = named || value == OPTION_PROXY || value == OPTION_PROXIES
				|| value == OPTION_REMOTE_SUBJECT_NAME;
	}
	if(argc - optind > 1)
		return complain(error, error_size, "one CERT.pem is judged at a time; ",
				argv[optind + 1], " is one too many");
	if(argc == optind) {
		snprintf(error, error_size,
				"no CERT.pem is named; see tls-policy --help");
		return false;
	}
	if(!named) {
		snprintf(error, error_size,
				"nothing to compare with: name a peer with --proxy, "
				"--proxies or --remote-subject-name");
		return false;
	}
	out->certificate_path = argv[optind];
	return true;
}

void tlsp_options_cleanup(struct tlsp_options *options)
{
	tlsp_proxies_builder_free(options->proxies);
	options->proxies = NULL;
}
