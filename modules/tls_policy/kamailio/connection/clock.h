/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clock - milliseconds of one monotonic clock, the same for all processes.
 * Any process; no system call, a few milliseconds coarse
 * (CLOCK_MONOTONIC_COARSE, clock_getres(2)).
 */
#ifndef TLSP_CLOCK_H
#define TLSP_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t tlsp_clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

#endif
