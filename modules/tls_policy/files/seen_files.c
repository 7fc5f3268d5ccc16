/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seen_files - see seen_files.h.
 */
#include "seen_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int64_t nanoseconds(const struct timespec *time)
{
	return (int64_t)time->tv_sec * 1000000000 + time->tv_nsec;
}

struct tlsp_file_state tlsp_file_state_read(const char *name)
{
	struct stat status;

	if(stat(name, &status) != 0)
		return (struct tlsp_file_state){.error = errno};
	return (struct tlsp_file_state){.device = (uint64_t)status.st_dev,
			.inode = (uint64_t)status.st_ino,
			.octets = (uint64_t)status.st_size,
			.written_ns = nanoseconds(&status.st_mtim),
			.changed_ns = nanoseconds(&status.st_ctim)};
}

bool tlsp_file_state_same(
		const struct tlsp_file_state *a, const struct tlsp_file_state *b)
{
	return a->device == b->device && a->inode == b->inode
		   && a->octets == b->octets && a->written_ns == b->written_ns
		   && a->changed_ns == b->changed_ns && a->error == b->error;
}

static size_t octets_of(const char *name)
{
	size_t octets = sizeof(struct tlsp_seen_file) + strlen(name) + 1;

	return (octets + 7) & ~(size_t)7;
}

static void append(struct tlsp_seen_files *seen, const char *name,
		const struct tlsp_file_state *state)
{
	struct tlsp_seen_file *file = malloc(octets_of(name));

	if(!file) {
		seen->incomplete = true;
		return;
	}
	file->next = NULL;
	file->state = *state;
	file->number = seen->added++;
	memcpy(file->name, name, strlen(name) + 1);
	if(seen->last)
		seen->last->next = file;
	else
		seen->first = file;
	seen->last = file;
}

void tlsp_seen_files_note(struct tlsp_seen_files *seen, const char *name)
{
	struct tlsp_file_state state = tlsp_file_state_read(name);

	append(seen, name, &state);
}

void tlsp_seen_files_add(
		struct tlsp_seen_files *seen, const struct tlsp_seen_files *more)
{
	for(const struct tlsp_seen_file *file = more->first; file;
			file = file->next)
		append(seen, file->name, &file->state);
	seen->incomplete |= more->incomplete;
}

/* By name; those of one name in the order of adding. */
static int compare(const void *a, const void *b)
{
	const struct tlsp_seen_file *one = *(const void *const *)a;
	const struct tlsp_seen_file *other = *(const void *const *)b;
	int order = strcmp(one->name, other->name);

	return order ? order
				 : (one->number > other->number)
						   - (one->number < other->number);
}

static bool is_another(
		const struct tlsp_seen_file *before, const struct tlsp_seen_file *file)
{
	return !before || strcmp(before->name, file->name) != 0;
}

/* The list is the |added| files that are sorted, but for those that do not
 * count: lists are added to each other for as long as an attempt fails. */
static void keep_what_counts(struct tlsp_seen_files *seen, size_t added)
{
	struct tlsp_seen_file **link = &seen->first;

	seen->last = NULL;
	for(size_t i = 0; i < added; i++) {
		struct tlsp_seen_file *file = seen->files[i];

		if(is_another(seen->last, file)) {
			*link = seen->last = seen->files[seen->count++] = file;
			link = &file->next;
		} else {
			free(file);
		}
	}
	*link = NULL;
}

bool tlsp_seen_files_settle(struct tlsp_seen_files *seen)
{
	struct tlsp_seen_file *file = seen->first;
	size_t added = 0;

	free(seen->files);
	seen->files = calloc(seen->added + 1, sizeof(void *));
	seen->count = 0;
	if(!seen->files)
		return false;
	for(; file; file = file->next)
		seen->files[added++] = file;
	qsort(seen->files, added, sizeof(void *), compare);
	keep_what_counts(seen, added);
	return !seen->incomplete;
}

static int compare_to_name(const void *name, const void *file)
{
	return strcmp(name, (*(const struct tlsp_seen_file *const *)file)->name);
}

const struct tlsp_seen_file *tlsp_seen_files_find(
		const struct tlsp_seen_files *settled, const char *name)
{
	struct tlsp_seen_file **found =
			settled->count ? bsearch(name, settled->files, settled->count,
					sizeof(void *), compare_to_name)
						   : NULL;

	return found ? *found : NULL;
}

bool tlsp_seen_files_same(
		const struct tlsp_seen_files *a, const struct tlsp_seen_files *b)
{
	bool same = a->count == b->count;

	for(size_t i = 0; same && i < a->count; i++)
		same = strcmp(a->files[i]->name, b->files[i]->name) == 0
			   && tlsp_file_state_same(
					   &a->files[i]->state, &b->files[i]->state);
	return same;
}

size_t tlsp_seen_files_octets(const struct tlsp_seen_files *seen)
{
	size_t octets = sizeof(*seen) + seen->count * sizeof(void *);

	for(size_t i = 0; i < seen->count; i++)
		octets += octets_of(seen->files[i]->name);
	return octets;
}

const struct tlsp_seen_files *tlsp_seen_files_write(
		const struct tlsp_seen_files *seen, void *block)
{
	struct tlsp_seen_files *written = block;
	char *next;

	memset(written, 0, sizeof(*written));
	written->files = (struct tlsp_seen_file **)(void *)(written + 1);
	next = (char *)(written->files + seen->count);
	for(; written->count < seen->count; written->count++) {
		size_t octets = octets_of(seen->files[written->count]->name);
		struct tlsp_seen_file *file =
				memcpy(next, seen->files[written->count], octets);

		file->next = NULL;
		if(written->last)
			written->last->next = file;
		else
			written->first = file;
		written->last = written->files[written->count] = file;
		next += octets;
	}
	return written;
}

void tlsp_seen_files_cleanup(struct tlsp_seen_files *seen)
{
	while(seen->first) {
		struct tlsp_seen_file *next = seen->first->next;

		free(seen->first);
		seen->first = next;
	}
	free(seen->files);
	memset(seen, 0, sizeof(*seen));
}
