/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * slow_send_fd - loaded by LD_PRELOAD: whoever hands a socket to another process
 * waits a moment after that, so that the other one is first with it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/socket.h>
#include <unistd.h>

enum
{
	A_MOMENT_US = 200 * 1000
};

ssize_t sendmsg(int socket, const struct msghdr *message, int flags)
{
	ssize_t (*next)(int, const struct msghdr *, int) = (ssize_t(*)(
			int, const struct msghdr *, int))dlsym(RTLD_NEXT, "sendmsg");
	ssize_t octets = next(socket, message, flags);
	const struct cmsghdr *control = CMSG_FIRSTHDR(message);

	if(control && control->cmsg_type == SCM_RIGHTS)
		usleep(A_MOMENT_US);
	return octets;
}
