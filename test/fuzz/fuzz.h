/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz - what the fuzz targets share. A target is driven by libFuzzer (`make
 * fuzz`), or by replay.c over a corpus (`make test`).
 */
#ifndef TLSP_FUZZ_H
#define TLSP_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t octets);

/* fuzz_hold ends the process if |held| is false: that is a finding. */
#define fuzz_hold(held)                                                \
	do {                                                               \
		if(!(held)) {                                                  \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #held); \
			abort();                                                   \
		}                                                              \
	} while(0)

/* fuzz_hold_line: |text| is one line of printable ASCII, of less than |size|
 * octets. */
static inline void fuzz_hold_line(const char *text, size_t size)
{
	fuzz_hold(memchr(text, '\0', size) != NULL);
	for(; *text; text++)
		fuzz_hold(*text >= 0x20 && *text <= 0x7e);
}

/* fuzz_copy: |octets| of |data| and a NUL, in a block of exactly that size. */
static inline char *fuzz_copy(const unsigned char *data, size_t octets)
{
	char *copy = malloc(octets + 1);

	fuzz_hold(copy != NULL);
	if(octets > 0)
		memcpy(copy, data, octets);
	copy[octets] = '\0';
	return copy;
}

#endif
