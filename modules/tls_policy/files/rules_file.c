/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rules_file - see rules_file.h.
 */
#include "rules_file.h"

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
static void *fail(const char *path, const char *what, char *error, size_t size)
{
	char shown[SHOWN_PATH_OCTETS];

	snprintf(error, size, "%s: %s",
			tlsp_escape(path, strlen(path), shown, sizeof(shown)), what);
	return NULL;
}

/* Why |fd| is not to be read, or NULL. */
static const char *objection(int fd, size_t *octets)
{
	struct stat status;

	if(fstat(fd, &status) != 0)
		return strerror(errno);
	if(S_ISDIR(status.st_mode))
		return strerror(EISDIR);
	if(!S_ISREG(status.st_mode))
		return "not a regular file";
	if(status.st_size > TLSP_RULES_FILE_MAX_OCTETS)
		return "larger than 67108864 octets";
	*octets = (size_t)status.st_size;
	return NULL;
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

static char *read_file(
		const char *path, size_t *octets, char *error, size_t size)
{
	/* without O_NONBLOCK a pipe is waited for here already */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	const char *why;
	char *text;

	if(fd < 0)
		return fail(path, strerror(errno), error, size);
	why = objection(fd, octets);
	if(why) {
		close(fd);
		return fail(path, why, error, size);
	}
	text = read_text(fd, octets);
	why = text ? NULL : strerror(errno);
	close(fd);
	return text ? text : fail(path, why, error, size);
}

struct tlsp_rules *tlsp_rules_file_read_all(const char *path,
		const struct tlsp_policy *defaults, uint64_t named, char *error,
		size_t size)
{
	struct tlsp_rules *rules;
	size_t octets = 0;
	char *text = read_file(path, &octets, error, size);

	if(!text)
		return NULL;
	rules = tlsp_rules_text_read(path, text, octets, defaults, named);
	free(text);
	return rules ? rules : fail(path, "no memory for its rules", error, size);
}

struct tlsp_rules *tlsp_rules_file_read(const char *path,
		const struct tlsp_policy *defaults, uint64_t named, char *error,
		size_t size)
{
	struct tlsp_rules *rules =
			tlsp_rules_file_read_all(path, defaults, named, error, size);

	if(!rules || rules->error_count == 0)
		return rules;
	snprintf(error, size, "%s", rules->errors[0]);
	tlsp_rules_free(rules);
	return NULL;
}

bool tlsp_rules_file_add_proxies(
		struct tlsp_proxy_list *list, const struct tlsp_rule_sources *sources)
{
	list->dispatcher_set = sources->dispatcher_set;
	for(size_t i = 0; i < sources->proxy_count; i++)
		if(!tlsp_proxy_list_add(list, "proxy", sources->proxies[i],
				   strlen(sources->proxies[i])))
			return false;
	for(size_t i = 0; i < sources->file_count; i++)
		if(!tlsp_proxy_file_add(list, sources->files[i]))
			return false;
	return true;
}
