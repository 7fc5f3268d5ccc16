/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * text_file - see text_file.h.
 */
#include "text_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/escape.h"

enum
{
	SHOWN_PATH_OCTETS = 300
};

/* "PATH: WHAT"; always NULL. */
static char *fail(const char *path, const char *what, char *error, size_t size)
{
	char shown[SHOWN_PATH_OCTETS];

	snprintf(error, size, "%s: %s",
			tlsp_escape_written(path, strlen(path), shown, sizeof(shown)),
			what);
	return NULL;
}

/* Why |fd| is not to be read, perhaps in |room|, or NULL. */
static const char *objection(
		int fd, size_t max, size_t *octets, char *room, size_t size)
{
	struct stat status;

	if(fstat(fd, &status) != 0)
		return strerror(errno);
	if(S_ISDIR(status.st_mode))
		return strerror(EISDIR);
	if(!S_ISREG(status.st_mode))
		return "not a regular file";
	*octets = (size_t)status.st_size;
	if(*octets <= max)
		return NULL;
	snprintf(room, size, "larger than %zu octets", max);
	return room;
}

/* |octets| of |fd|, or what there is of them; NULL and errno. */
static char *read_text(int fd, size_t *octets)
{
	char *text = malloc(*octets + 1);
	size_t used = 0;
	ssize_t got = 1;

	while(text && used < *octets && got != 0) {
		got = read(fd, text + used, *octets - used);
		if(got > 0)
			used += (size_t)got;
		else if(got < 0 && errno != EINTR) {
			free(text);
			return NULL;
		}
	}
	*octets = used;
	return text;
}

char *tlsp_text_file_read(
		const char *path, size_t max, size_t *octets, char *error, size_t size)
{
	/* without O_NONBLOCK a pipe is waited for here already */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	char room[64];
	const char *why;
	char *text;

	if(fd < 0)
		return fail(path, strerror(errno), error, size);
	why = objection(fd, max, octets, room, sizeof(room));
	if(why) {
		close(fd);
		return fail(path, why, error, size);
	}
	text = read_text(fd, octets);
	why = text ? NULL : strerror(errno);
	close(fd);
	return text ? text : fail(path, why, error, size);
}
