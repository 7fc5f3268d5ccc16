/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * broken_alert - loaded by LD_PRELOAD: while the file that BROKEN_ALERT names is
 * there, an alert in clear (RFC 5246, 6.2.1) cannot be sent, as if its peer had
 * reset the connection just then.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum
{
	ALERT = 21
};

ssize_t send(int socket, const void *octets, size_t count, int flags)
{
	ssize_t (*next)(int, const void *, size_t, int) = (ssize_t(*)(
			int, const void *, size_t, int))dlsym(RTLD_NEXT, "send");
	const char *file = getenv("BROKEN_ALERT");

	if(count > 0 && *(const unsigned char *)octets == ALERT && file
			&& access(file, F_OK) == 0) {
		errno = ECONNRESET;
		return -1;
	}
	return next(socket, octets, count, flags);
}
