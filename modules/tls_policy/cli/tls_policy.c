/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tls-policy - the verdict of the module from the command line, without
 * Kamailio: this is the door, each command has a file of its own.
 */
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "check.h"
#include "check_config.h"
#include "command.h"
#include "cli/import/import.h"
#include "cli/probe/probe.h"

/* Of debian/changelog: the Makefile says it. */
#ifndef TLSP_VERSION
#define TLSP_VERSION "of an unknown build"
#endif

static const char usage[] =
		"usage: tls-policy COMMAND [ARGUMENT]...\n"
		"       tls-policy COMMAND --help\n"
		"       tls-policy --version | --help\n"
		"\n"
		"The verdict of Kamailio's module tls_policy, without Kamailio:\n"
		"  check         would a peer with this certificate be accepted, and "
		"if not, why?\n"
		"  probe         what does a server show, and would it be accepted?\n"
		"  check-config  what is wrong with a rules file?\n"
		"  import        a gateway's ini file as a rules file\n"
		"Exit status: 0 accepted, 1 refused, 2 bad usage or unreadable "
		"input.\n"
		"The manual: man tls-policy\n";

/* clang-format off */
static const struct
{
	const char *name, *usage;
	enum command_status (*run)(int argc, char **argv);
} commands[] = {
	{"check", check_usage, check_run},
	{"probe", probe_usage, probe_run},
	{"check-config", check_config_usage, check_config_run},
	{"import", import_usage, import_run},
};
/* clang-format on */

static bool is_help(const char *argument)
{
	return strcmp(argument, "-h") == 0 || strcmp(argument, "--help") == 0;
}

static bool asks_for_help(int argc, char **argv)
{
	for(int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if(is_help(argv[i]))
			return true;
	return false;
}

static enum command_status print(const char *text)
{
	fputs(text, stdout);
	return command_written(COMMAND_ACCEPTED);
}

static enum command_status print_version(void)
{
	printf("tls-policy %s\n%s\n", TLSP_VERSION,
			OpenSSL_version(OPENSSL_VERSION));
	return command_written(COMMAND_ACCEPTED);
}

int main(int argc, char **argv)
{
	const char *word = argc >= 2 ? argv[1] : "";

	for(size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if(strcmp(word, commands[i].name) == 0)
			return (int)(asks_for_help(argc - 1, argv + 1)
								 ? print(commands[i].usage)
								 : commands[i].run(argc - 1, argv + 1));
	if(is_help(word))
		return (int)print(usage);
	if(strcmp(word, "--version") == 0)
		return (int)print_version();
	command_complain("the commands are \"check\", \"probe\", \"check-config\" "
					 "and \"import\" (see tls-policy --help)");
	return COMMAND_UNUSABLE;
}
