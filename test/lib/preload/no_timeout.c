/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * no_timeout - loaded by LD_PRELOAD: who polls an eventfd(2) alone waits for it
 * for ever, once the file that NO_TIMEOUT names is there: then nothing but a ring
 * wakes whoever sleeps until something is due later. Meanwhile there is a file of that
 * name and ".sleeps".
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int is_eventfd(int fd)
{
	char path[64], what[64] = "";

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return readlink(path, what, sizeof(what) - 1) > 0
		   && strcmp(what, "anon_inode:[eventfd]") == 0;
}

int poll(struct pollfd *waits, nfds_t count, int timeout_ms)
{
	int (*next)(struct pollfd *, nfds_t, int) =
			(int (*)(struct pollfd *, nfds_t, int))dlsym(RTLD_NEXT, "poll");
	const char *file = getenv("NO_TIMEOUT");
	char mark[4096];
	int result;

	if(!file || access(file, F_OK) != 0 || timeout_ms == 0 || count != 1
			|| !is_eventfd(waits->fd))
		return next(waits, count, timeout_ms);
	snprintf(mark, sizeof(mark), "%s.sleeps", file);
	close(creat(mark, 0644));
	result = next(waits, count, -1);
	unlink(mark);
	return result;
}
