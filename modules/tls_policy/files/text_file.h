/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * text_file - a regular file, whole and bounded, into memory: what an operator
 * wrote, for who takes it apart. libc and policy/ only; any process.
 */
#ifndef TLSP_TEXT_FILE_H
#define TLSP_TEXT_FILE_H

#include <stddef.h>

/*
 * tlsp_text_file_read: the octets of the file |path|, |octets| of them (no NUL
 * behind them), in memory that the caller frees. NULL and "PATH: WHY" in
 * |error| if it cannot be read, is no regular file (a pipe, a terminal or a
 * device would be waited for) or larger than |max| octets.
 */
char *tlsp_text_file_read(
		const char *path, size_t max, size_t *octets, char *error, size_t size);

#endif
