/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * book_files - see book_files.h.
 */
#include "book_files.h"

#include <stdio.h>
#include <string.h>

#include "shared.h"

static bool name_same_files(
		const struct tlsp_policy *a, const struct tlsp_policy *b)
{
	return a == b
		   || (strcmp(a->https_root_file_name, b->https_root_file_name) == 0
				   && strcmp(a->crl_file_name, b->crl_file_name) == 0);
}

/* The files of an earlier rule that names the same ones. */
static const struct tlsp_book_rule *find_files(
		const struct tlsp_book *book, size_t number)
{
	for(size_t i = 0; i < number; i++)
		if(name_same_files(book->rules[i].policy, book->rules[number].policy))
			return &book->rules[i];
	return NULL;
}

static const struct tlsp_own_files *share_files(
		struct tlsp_book *book, struct tlsp_own_files *read, bool *done)
{
	size_t octets = tlsp_own_files_octets(read);
	void *shared;

	*done = true;
	if(octets == sizeof(*read))
		return NULL; /* none is named */
	shared = tlsp_shared_new(octets, true);
	if(shared)
		memcpy(shared, read, octets);
	*done = tlsp_book_keep_shared(book, shared);
	return *done ? shared : NULL;
}

static void note(void *seen, const char *name)
{
	tlsp_seen_files_note(seen, name);
}

static bool read_files(struct tlsp_book *book, struct tlsp_book_rule *rule,
		struct tlsp_seen_files *seen, char *error, size_t size)
{
	char why[1024];
	struct tlsp_own_files *read;
	bool done = false;

	tlsp_own_files_each_name(
			rule->policy, note, seen); /* before: it may change */
	read = tlsp_own_files_read(rule->policy, why, sizeof(why));
	if(!read) {
		if(rule == book->rules)
			snprintf(error, size, "%s", why);
		else
			snprintf(error, size, "rule %s: %s", rule->name, why);
		return false;
	}
	rule->files = share_files(book, read, &done);
	tlsp_own_files_free(read);
	if(!done)
		snprintf(error, size, "no shared memory for the files of rule %s",
				rule->name);
	return done;
}

static bool read_all(struct tlsp_book *book, struct tlsp_seen_files *seen,
		char *error, size_t size)
{
	for(size_t i = 0; i <= book->count; i++) {
		const struct tlsp_book_rule *same = find_files(book, i);

		if(same)
			book->rules[i].files = same->files;
		else if(!read_files(book, &book->rules[i], seen, error, size))
			return false;
	}
	return true;
}

bool tlsp_book_read_files(struct tlsp_book *book, struct tlsp_seen_files *seen,
		char *error, size_t size)
{
	struct tlsp_seen_files own = {NULL};
	bool done = read_all(book, &own, error, size);

	if(tlsp_book_keep_seen(book, &own, done, &book->files_seen, seen))
		return true;
	if(done)
		snprintf(error, size, "no memory for the names of our files");
	return false;
}
