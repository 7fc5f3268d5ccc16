/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proxy_file - see proxy_file.h.
 */
#include "proxy_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum
{
	PIECE_OCTETS = 65536
};

static bool fail_large(struct tlsp_proxy_list *list, const char *name)
{
	char sentence[64];

	snprintf(sentence, sizeof(sentence), "larger than %d octets",
			TLSP_PROXY_FILE_MAX_OCTETS);
	return tlsp_proxy_list_fail(list, name, sentence);
}

static bool read_all(struct tlsp_proxy_text *text, int fd)
{
	char piece[PIECE_OCTETS];
	size_t all = 0;
	ssize_t octets;

	do {
		octets = read(fd, piece, sizeof(piece));
		if(octets > 0 && (all += (size_t)octets) > TLSP_PROXY_FILE_MAX_OCTETS)
			return fail_large(text->list, text->name);
		if(octets > 0 && !tlsp_proxy_text_feed(text, piece, (size_t)octets))
			return false;
	} while(octets > 0 || (octets < 0 && errno == EINTR));
	if(octets < 0)
		return tlsp_proxy_list_fail(text->list, text->name, strerror(errno));
	return tlsp_proxy_text_end(text);
}

static bool is_wanted(
		struct tlsp_proxy_list *list, const char *path, int fd, bool any)
{
	struct stat status;

	if(fstat(fd, &status) != 0)
		return tlsp_proxy_list_fail(list, path, strerror(errno));
	if(S_ISDIR(status.st_mode))
		return tlsp_proxy_list_fail(list, path, strerror(EISDIR));
	if(!any && !S_ISREG(status.st_mode))
		return tlsp_proxy_list_fail(list, path, "not a regular file");
	if(S_ISREG(status.st_mode) && status.st_size > TLSP_PROXY_FILE_MAX_OCTETS)
		return fail_large(list, path);
	return true;
}

static bool add(struct tlsp_proxy_list *list, const char *path, bool any)
{
	bool input = any && strcmp(path, "-") == 0;
	struct tlsp_proxy_text text;
	/* without O_NONBLOCK a pipe is waited for here already */
	int fd = input ? STDIN_FILENO
				   : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	bool ok;

	if(fd < 0)
		return tlsp_proxy_list_fail(list, path, strerror(errno));
	ok = is_wanted(list, path, fd, any);
	if(ok && !input)
		(void)fcntl(fd, F_SETFL, 0); /* O_NONBLOCK off */
	if(ok) {
		tlsp_proxy_text_init(&text, list, path);
		ok = read_all(&text, fd);
	}
	if(!input)
		close(fd);
	return ok;
}

bool tlsp_proxy_file_add(struct tlsp_proxy_list *list, const char *path)
{
	return add(list, path, false);
}

bool tlsp_proxy_file_add_any(struct tlsp_proxy_list *list, const char *path)
{
	return add(list, path, true);
}
