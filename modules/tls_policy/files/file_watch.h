/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * file_watch - looks at files that something was read from, and says whether it
 * is time to read it anew: when any is other than it was read, and all have been
 * quiet from one look to the next, so that nobody is in the middle of writing
 * them; and of the same state of files only once. Reads nothing but their
 * state. libc and policy/ only; one process, which says when to look.
 */
#ifndef TLSP_FILE_WATCH_H
#define TLSP_FILE_WATCH_H

#include "seen_files.h"

/* What is known from one look to the next. Zeroed: nothing. */
struct tlsp_file_watch
{
	struct tlsp_seen_files now;	  /* at the last look, settled */
	struct tlsp_seen_files tried; /* what was read in vain, settled */
	unsigned restless;			  /* looks in a row that found no quiet */
};

enum tlsp_file_look
{
	TLSP_FILES_UNCHANGED, /* all are as they were read */
	TLSP_FILES_RESTLESS,  /* not, and some are other than at the last look */
	TLSP_FILES_TRIED,	  /* quiet, but as they were when they did not serve */
	TLSP_FILES_CHANGED	  /* quiet, and not tried */
};

/*
 * tlsp_file_watch_look: at the files of the |count| lists |read| (settled; NULL
 * = none), which say how each was when it was read, and at those of the last
 * attempt. Unless all are unchanged, |which| tells which are not: "FILE", or
 * "FILE and 2 others", escaped. Without memory: unchanged.
 */
enum tlsp_file_look tlsp_file_watch_look(struct tlsp_file_watch *watch,
		const struct tlsp_seen_files *const *read, size_t count, char *which,
		size_t size);

/* tlsp_file_watch_tried: after a look that was quiet an attempt to read failed,
 * which found its files as |attempt| has them. */
void tlsp_file_watch_tried(
		struct tlsp_file_watch *watch, const struct tlsp_seen_files *attempt);

/* tlsp_file_watch_forget: |watch| is zeroed, and what it held freed. */
void tlsp_file_watch_forget(struct tlsp_file_watch *watch);

#endif
