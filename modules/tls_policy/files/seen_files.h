/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seen_files - in which state files were at a moment: what tells that one is
 * another by now, or was written to. libc only; any process; stat(2) follows
 * links, and waits where a file system does.
 */
#ifndef TLSP_SEEN_FILES_H
#define TLSP_SEEN_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tlsp_file_state
{
	uint64_t device, inode, octets;
	int64_t written_ns, changed_ns; /* st_mtim, st_ctim */
	int error; /* why stat(2) could not tell; then the rest is 0 */
};

/* tlsp_file_state_read: of |name|, now. */
struct tlsp_file_state tlsp_file_state_read(const char *name);

bool tlsp_file_state_same(
		const struct tlsp_file_state *a, const struct tlsp_file_state *b);

struct tlsp_seen_file
{
	struct tlsp_seen_file *next;
	struct tlsp_file_state state;
	size_t number; /* in the order of adding */
	char name[];
};

/* Zeroed: none. Of malloc's, but for a block of tlsp_seen_files_write. */
struct tlsp_seen_files
{
	struct tlsp_seen_file *first, *last; /* as they were added, or sorted */
	struct tlsp_seen_file **files;		 /* once it is settled, */
	size_t count;						 /* so many */
	size_t added;
	bool incomplete; /* there was no memory for one */
};

/* tlsp_seen_files_note: |name|, as it is now, behind the others. */
void tlsp_seen_files_note(struct tlsp_seen_files *seen, const char *name);

/* tlsp_seen_files_add: those of |more|, settled or not, as they were, behind
 * the others. */
void tlsp_seen_files_add(
		struct tlsp_seen_files *seen, const struct tlsp_seen_files *more);

/* tlsp_seen_files_settle: sorted by their names; of those that are there more
 * than once the first stays. False if it is incomplete, or without memory. */
bool tlsp_seen_files_settle(struct tlsp_seen_files *seen);

/* tlsp_seen_files_find: the file |name| of a settled list, or NULL. */
const struct tlsp_seen_file *tlsp_seen_files_find(
		const struct tlsp_seen_files *settled, const char *name);

/* tlsp_seen_files_same: the same files in the same states? Both are settled. */
bool tlsp_seen_files_same(
		const struct tlsp_seen_files *a, const struct tlsp_seen_files *b);

/* tlsp_seen_files_write: |seen|, settled, into a block of
 * tlsp_seen_files_octets, aligned to 8, which is good as long as it is not
 * moved. */
size_t tlsp_seen_files_octets(const struct tlsp_seen_files *seen);
const struct tlsp_seen_files *tlsp_seen_files_write(
		const struct tlsp_seen_files *seen, void *block);

/* tlsp_seen_files_cleanup: frees what is of malloc's; |seen| is zeroed. */
void tlsp_seen_files_cleanup(struct tlsp_seen_files *seen);

#endif
