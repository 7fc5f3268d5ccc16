/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dial - see dial.h.
 */
#include "dial.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "policy/host/hostname.h"

static struct
{
	char sentence[512];
	size_t octets;
	int status;
} limit;

static void end(int signal)
{
	(void)signal;
	(void)!write(STDERR_FILENO, limit.sentence, limit.octets);
	_exit(limit.status);
}

void dial_limit(unsigned seconds, const char *what, int status)
{
	struct sigaction action = {.sa_handler = end};

	limit.status = status;
	limit.octets = (size_t)snprintf(limit.sentence, sizeof(limit.sentence),
			"tls-policy: %.400s did not answer within %u s\n", what, seconds);
	sigaction(SIGALRM, &action, NULL);
	alarm(seconds);
}

static void read_address(const struct addrinfo *from, struct dialled *out)
{
	char host[48];
	unsigned port;

	if(from->ai_family == AF_INET6) {
		const struct sockaddr_in6 *six = (const void *)from->ai_addr;

		port = ntohs(six->sin6_port);
		(void)tlsp_hostname_from_ip_address(
				&out->address, six->sin6_addr.s6_addr, 16);
	} else {
		const struct sockaddr_in *four = (const void *)from->ai_addr;

		port = ntohs(four->sin_port);
		(void)tlsp_hostname_from_ip_address(&out->address,
				(const unsigned char *)&four->sin_addr.s_addr, 4);
	}
	tlsp_hostname_print(&out->address, host, sizeof(host));
	snprintf(out->text, sizeof(out->text),
			strchr(host, ':') ? "[%s]:%u" : "%s:%u", host, port);
}

/* 0, or an errno. */
static int await(int fd, int ms)
{
	struct pollfd ready = {.fd = fd, .events = POLLOUT};
	int error = 0, count = poll(&ready, 1, ms);
	socklen_t octets = sizeof(error);

	if(count == 0)
		return ETIMEDOUT;
	if(count < 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &octets) != 0)
		return errno;
	return error;
}

/* A connected socket, or -1 and errno. */
static int try_one(const struct addrinfo *address, int ms)
{
	int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int error = 0;

	if(fd < 0)
		return -1;
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	if(connect(fd, address->ai_addr, address->ai_addrlen) != 0)
		error = errno == EINPROGRESS ? await(fd, ms) : errno;
	if(error == 0) {
		(void)fcntl(fd, F_SETFL, 0);
		return fd;
	}
	close(fd);
	errno = error;
	return -1;
}

int dial(const char *host, const char *port, unsigned seconds,
		struct dialled *out, char *error, size_t size)
{
	const struct addrinfo hints = {.ai_family = AF_UNSPEC,
			.ai_socktype = SOCK_STREAM,
			.ai_flags = AI_NUMERICSERV};
	struct addrinfo *all, *one;
	int count = 0, fd = -1, why = getaddrinfo(host, port, &hints, &all);

	if(why != 0) {
		snprintf(error, size, "%s: %s", host, gai_strerror(why));
		return -1;
	}
	for(one = all; one; one = one->ai_next)
		count++;
	for(one = all; one && fd < 0; one = one->ai_next) {
		read_address(one, out);
		fd = try_one(one, (int)seconds * 1000 / count);
		if(fd < 0)
			snprintf(error, size, "%s: %s", out->text, strerror(errno));
	}
	freeaddrinfo(all);
	return fd;
}
