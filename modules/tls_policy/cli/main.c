/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main - `tls-policy`: the module's verdict from the command line. Words,
 * help and exit codes; no judgement. Needs no Kamailio.
 */
#include <stdio.h>
#include <string.h>

#include "../policy/escape.h"
#include "check.h"

#ifndef TLSP_VERSION
#define TLSP_VERSION "0.1.0"
#endif

enum
{
	ERROR_OCTETS = 2048
};

static const char help[] =
		"tls-policy check [OPTION]... CERT.pem\n"
		"  judges the certificate of a SIP peer as the Kamailio module "
		"tls_policy does:\n"
		"  names in both roles, certificates required. CERT.pem holds the end "
		"entity,\n"
		"  then any intermediates.\n"
		"\n"
		"  --role server|client       our role (default server: the peer is "
		"a TLS client)\n"
		"  --ca FILE                  trust anchors in PEM (default: the "
		"system's)\n"
		"  --names-only               count the chain as verified, judge the "
		"names alone\n"
		"  --proxy NAME               a host, an address or a SIP URI; may be "
		"repeated\n"
		"  --proxies FILE             one of these in each line, or a "
		"dispatcher.list\n"
		"  --remote-subject-name NAME a CN that is accepted as well\n"
		"  --no-wildcards             a certificate's *.example.com matches "
		"nothing\n"
		"  --strict                   key usage of the whole chain (not built "
		"yet: refused)\n"
		"\n"
		"tls-policy --help | --version\n"
		"\n"
		"exit status: 0 accepted, 1 refused, 2 bad usage or unreadable "
		"input\n";

static int finish(int result)
{
	if(fflush(stdout) == 0 && !ferror(stdout))
		return result;
	fputs("tls-policy: standard output cannot be written\n", stderr);
	return TLSP_CHECK_UNUSABLE;
}

static int run_check(int argc, char **argv)
{
	char error[ERROR_OCTETS] = "";
	enum tlsp_check_exit result =
			tlsp_check_run(argc, argv, error, sizeof(error));

	if(result == TLSP_CHECK_UNUSABLE) {
		fprintf(stderr, "tls-policy: %s\n", error);
		return result;
	}
	return finish(result);
}

int main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : NULL;
	char shown[256];

	if(!word) {
		fputs("tls-policy: no command is named; see tls-policy --help\n",
				stderr);
		return TLSP_CHECK_UNUSABLE;
	}
	for(int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if(strcmp(argv[i], "--help") == 0) {
			fputs(help, stdout);
			return finish(0);
		}
	if(strcmp(word, "--version") == 0) {
		puts("tls-policy " TLSP_VERSION);
		return finish(0);
	}
	if(strcmp(word, "check") == 0)
		return run_check(argc - 1, argv + 1);
	fprintf(stderr, "tls-policy: \"%s\" is no command; see tls-policy --help\n",
			tlsp_escape(word, strlen(word), shown, sizeof(shown)));
	return TLSP_CHECK_UNUSABLE;
}
