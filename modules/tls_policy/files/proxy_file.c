/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proxy_file - see proxy_file.h.
 */
#include "proxy_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum
{
	PIECE_OCTETS = 65536
};

static bool read_all(struct tlsp_proxy_text *text, int fd)
{
	char piece[PIECE_OCTETS];
	ssize_t octets;

	do {
		octets = read(fd, piece, sizeof(piece));
		if(octets > 0 && !tlsp_proxy_text_feed(text, piece, (size_t)octets))
			return false;
	} while(octets > 0 || (octets < 0 && errno == EINTR));
	if(octets < 0)
		return tlsp_proxy_list_fail(text->list, text->name, strerror(errno));
	return tlsp_proxy_text_end(text);
}

bool tlsp_proxy_file_add(struct tlsp_proxy_list *list, const char *path)
{
	struct tlsp_proxy_text text;
	/* a pipe without a writer is empty, rather than waited for */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool ok;

	if(fd < 0)
		return tlsp_proxy_list_fail(list, path, strerror(errno));
	(void)fcntl(fd, F_SETFL, 0); /* O_NONBLOCK off */
	tlsp_proxy_text_init(&text, list, path);
	ok = read_all(&text, fd);
	close(fd);
	return ok;
}
