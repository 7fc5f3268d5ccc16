/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * book_files - the certificates, trust anchors and CRLs of ours that the rules of
 * a book name, from their files into shared memory. A process that
 * changes the policy (change.h), one at a time.
 */
#ifndef TLSP_BOOK_FILES_H
#define TLSP_BOOK_FILES_H

#include "book.h"

/* tlsp_book_read_files: the files that the rules of |book| name, read anew, each
 * once. False and one sentence in |error|. |seen| (may be NULL) gets them, as
 * they were before, in either case. Blocks on them. */
bool tlsp_book_read_files(struct tlsp_book *book, struct tlsp_seen_files *seen,
		char *error, size_t size);

#endif
