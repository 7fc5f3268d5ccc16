/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * input - the octets of a fuzz target's input, taken as steps and numbers. At
 * its end everything is 0.
 */
#ifndef TLSP_FUZZ_INPUT_H
#define TLSP_FUZZ_INPUT_H

#include <stddef.h>
#include <stdint.h>

struct input
{
	const unsigned char *next;
	size_t octets; /* left */
};

static inline unsigned next_octet(struct input *input)
{
	if(input->octets == 0)
		return 0;
	input->octets--;
	return *input->next++;
}

/* next_number: of |octets| octets, 8 at most. */
static inline uint64_t next_number(struct input *input, unsigned octets)
{
	uint64_t number = 0;

	while(octets-- > 0)
		number = number << 8 | next_octet(input);
	return number;
}

/* next_span: of 0 to 8 octets, so that every magnitude is met. */
static inline uint64_t next_span(struct input *input)
{
	return next_number(input, next_octet(input) % 9);
}

#endif
