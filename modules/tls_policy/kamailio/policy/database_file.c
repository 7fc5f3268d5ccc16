/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * database_file - see database_file.h.
 */
#include "database_file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char scheme[] = "sqlite://";

bool tlsp_database_is_file(const char *url)
{
	return strncmp(url, "sqlite:", 7) == 0;
}

const char *tlsp_database_file_objection(const char *url)
{
	const char *host = url + sizeof(scheme) - 1, *slash;
	char path[PATH_MAX];
	struct stat status;

	if(strncmp(url, scheme, sizeof(scheme) - 1) != 0
			|| !(slash = strchr(host, '/')))
		return NULL; /* Kamailio's own parser says what is wrong */
	snprintf(path, sizeof(path), "%.*s", (int)strcspn(slash + 1, "?"),
			slash + 1);
	if(path[0] == ':')
		return NULL; /* :memory: */
	if(stat(path, &status) < 0 || access(path, R_OK) < 0)
		return strerror(errno);
	return S_ISREG(status.st_mode) ? NULL : "not a regular file";
}
