/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * import - see import.h.
 */
#include "import.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files/text_file.h"
#include "import_text.h"

enum
{
	FILE_OCTETS_MAX = 4 * 1024 * 1024 /* a gateway's has a few 100,000 */
};

/* clang-format off */
const char import_usage[] =
	"usage: tls-policy import BOARD.ini\n"
	"\n"
	"Prints a rules file of what a gateway's ini file says of TLS: its parameters,\n"
	"its proxies, and rules for proxy sets and SIP interfaces with a TLS context of\n"
	"their own. Each line that is not carried over is a comment that says why; one\n"
	"that wants a decision or a file of yours begins with \"# !!\". What the file does\n"
	"not hold (certificates) and what is not about TLS is not carried over.\n"
	"Exit status: 0 a rules file was printed, 1 a value in the ini file is bad, or\n"
	"what it says is no policy that would start (nothing is printed, each fault is\n"
	"told with FILE:LINE), 2 bad usage or unreadable input.\n";
/* clang-format on */

static enum command_status print(
		const char *path, const char *text, size_t octets)
{
	struct import_text made;
	enum command_status status = COMMAND_UNUSABLE;

	if(!import_text(&made, path, text, octets)) {
		command_complain("no memory for what the file says");
	} else if(made.errors->error_count == 0) {
		(void)fwrite(made.text, 1, made.octets, stdout);
		status = command_written(COMMAND_ACCEPTED);
	} else {
		status = COMMAND_REFUSED;
		for(size_t i = 0; i < made.errors->error_count; i++)
			command_complain(made.errors->errors[i]);
	}
	import_text_cleanup(&made);
	return status;
}

enum command_status import_run(int argc, char **argv)
{
	const char *path = command_only_file(
			argc, argv, "name one ini file (see tls-policy import --help)");
	enum command_status status = COMMAND_UNUSABLE;
	char error[512], *text;
	size_t octets;

	if(!path)
		return COMMAND_UNUSABLE;
	text = tlsp_text_file_read(
			path, FILE_OCTETS_MAX, &octets, error, sizeof(error));
	if(text)
		status = print(path, text, octets);
	else
		command_complain(error);
	free(text);
	return status;
}
