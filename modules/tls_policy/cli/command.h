/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * command - what every command of tls-policy shares: its exit status, and how
 * it complains. libc only.
 */
#ifndef TLSP_COMMAND_H
#define TLSP_COMMAND_H

#include <stdbool.h>

/* The exit status; of several things that were judged the worst, which is the
 * greatest. */
enum command_status
{
	COMMAND_ACCEPTED = 0,
	COMMAND_REFUSED = 1,
	COMMAND_UNUSABLE = 2
};

/* command_complain: one line on stderr. Returns false. */
bool command_complain(const char *sentence);

/* command_only_file: the one argument behind the command's name, which is no
 * option unless "--" stands before it; NULL, and |sentence| as a complaint, if
 * there is another number of them. */
const char *command_only_file(int argc, char **argv, const char *sentence);

/* command_written: |status|, or UNUSABLE and a complaint if what was printed
 * could not be written. */
enum command_status command_written(enum command_status status);

#endif
