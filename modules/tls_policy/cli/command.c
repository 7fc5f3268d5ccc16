/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * command - see command.h.
 */
#include "command.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

bool command_complain(const char *sentence)
{
	(void)fflush(stdout); /* in the order in which it was said */
	fprintf(stderr, "tls-policy: %s\n", sentence);
	return false;
}

const char *command_only_file(int argc, char **argv, const char *sentence)
{
	if(argc == 2 && argv[1][0] != '-')
		return argv[1];
	if(argc == 3 && strcmp(argv[1], "--") == 0)
		return argv[2];
	command_complain(sentence);
	return NULL;
}

enum command_status command_written(enum command_status status)
{
	if(fflush(stdout) == 0 && !ferror(stdout))
		return status;
	command_complain("the verdict cannot be written");
	return COMMAND_UNUSABLE;
}
