/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fail_memory - what the library of that name (fail_memory.c) and the program
 * that tells it what to do (test/lib/fail_memory.c) share: a file that both map.
 */
#ifndef FAIL_MEMORY_H
#define FAIL_MEMORY_H

#include <stdatomic.h>

enum fail_memory_kind
{
	FAIL_SHARED = 1, /* shared memory that the module asks the core for */
	FAIL_OWN = 2,	 /* OpenSSL's, where the module itself asks for it */
	FAIL_LIBC = 4,	 /* malloc(3) and its kin in the module's code */
	FAIL_ALL = 8	 /* OpenSSL's, whoever asks */
};

struct fail_memory
{
	_Atomic unsigned kinds;	   /* that are counted; 0: none */
	_Atomic unsigned at;	   /* this one fails, from 1; 0: none */
	_Atomic unsigned for_ever; /* and all after it */
	_Atomic unsigned count;
	_Atomic unsigned failed;
	char site[256]; /* of the first that failed */
};

#endif
