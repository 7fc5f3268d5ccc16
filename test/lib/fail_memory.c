/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fail_memory - tells the library of that name (preload/fail_memory.c) which
 * allocation is to fail:
 *   fail_memory FILE KINDS N [for-ever]   from now on the Nth of KINDS (0: none)
 *   fail_memory FILE                      prints "count=N failed=N site=PLACE"
 * KINDS are a list of shared, own, libc, all (preload/fail_memory.h), or none.
 * FILE is made if it is not there.
 */
#include "preload/fail_memory.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static unsigned kinds_of(const char *list)
{
	static const char *const names[] = {"shared", "own", "libc", "all"};
	unsigned kinds = 0;

	for(unsigned i = 0; i < sizeof(names) / sizeof(*names); i++)
		if(strstr(list, names[i]))
			kinds |= 1U << i;
	return kinds;
}

int main(int argc, char **argv)
{
	int fd = argc > 1 ? open(argv[1], O_RDWR | O_CREAT, 0600) : -1;
	struct fail_memory *told;

	if(fd < 0 || argc == 3 || ftruncate(fd, sizeof(*told)) != 0) {
		fputs("usage: fail_memory FILE [KINDS N [for-ever]]\n", stderr);
		return 2;
	}
	told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if(told == MAP_FAILED)
		return 2;
	if(argc == 2) {
		printf("count=%u failed=%u site=%s\n", told->count, told->failed,
				told->site);
		return 0;
	}
	told->kinds = 0;
	told->at = (unsigned)atoi(argv[3]);
	told->for_ever = argc > 4;
	told->count = told->failed = 0;
	told->site[0] = '\0';
	told->kinds = kinds_of(argv[2]);
	return 0;
}
