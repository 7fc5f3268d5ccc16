/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check - `tls-policy check`: one certificate, one verdict. openssl/ and
 * policy/; the command's process.
 */
#ifndef TLSP_CHECK_H
#define TLSP_CHECK_H

#include <stddef.h>

/* The exit codes of the command; promises. */
enum tlsp_check_exit
{
	TLSP_CHECK_ACCEPTED = 0,
	TLSP_CHECK_REFUSED = 1,
	TLSP_CHECK_UNUSABLE = 2 /* bad usage or unreadable input */
};

/*
 * tlsp_check_run: |argv| from the word "check" on. Prints the verdict on
 * stdout. On TLSP_CHECK_UNUSABLE prints nothing and writes one sentence into
 * |error| (cut at |error_size|).
 */
enum tlsp_check_exit tlsp_check_run(
		int argc, char **argv, char *error, size_t error_size);

#endif
