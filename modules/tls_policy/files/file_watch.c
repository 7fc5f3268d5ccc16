/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * file_watch - see file_watch.h.
 */
#include "file_watch.h"

#include <stdio.h>
#include <string.h>

#include "policy/escape.h"

enum
{
	SHOWN_OCTETS = 300
};

/* All lists that a file may stand in: how it was read, how it was tried. */
struct lists
{
	const struct tlsp_seen_files *const *read;
	size_t count;
	const struct tlsp_seen_files *tried;
};

static void add_names(
		struct tlsp_seen_files *to, const struct tlsp_seen_files *from)
{
	if(from)
		tlsp_seen_files_add(to, from);
}

/* Each file of |lists| once, as it is now. */
static bool see(struct tlsp_seen_files *out, const struct lists *lists)
{
	memset(out, 0, sizeof(*out));
	for(size_t i = 0; i < lists->count; i++)
		add_names(out, lists->read[i]);
	add_names(out, lists->tried);
	if(!tlsp_seen_files_settle(out)) {
		tlsp_seen_files_cleanup(out);
		return false;
	}
	for(size_t i = 0; i < out->count; i++)
		out->files[i]->state = tlsp_file_state_read(out->files[i]->name);
	return true;
}

static bool is_other(
		const struct tlsp_seen_file *now, const struct tlsp_seen_files *before)
{
	const struct tlsp_seen_file *then =
			before ? tlsp_seen_files_find(before, now->name) : NULL;

	return then && !tlsp_file_state_same(&then->state, &now->state);
}

static bool is_changed(
		const struct tlsp_seen_file *now, const struct lists *lists)
{
	bool changed = false;

	for(size_t i = 0; i < lists->count; i++)
		changed = changed || is_other(now, lists->read[i]);
	return changed;
}

/* "FILE" or "FILE and N others"; how many they are. */
static size_t tell(const struct tlsp_seen_files *now, const struct lists *lists,
		bool (*counts)(
				const struct tlsp_seen_file *now, const struct lists *lists),
		char *which, size_t size)
{
	const char *first = NULL;
	char shown[SHOWN_OCTETS];
	size_t count = 0;

	for(size_t i = 0; i < now->count; i++) {
		if(!counts(now->files[i], lists))
			continue;
		if(count++ == 0)
			first = now->files[i]->name;
	}
	if(!first)
		return 0;
	tlsp_escape(first, strlen(first), shown, sizeof(shown));
	if(count == 1)
		snprintf(which, size, "%s", shown);
	else
		snprintf(which, size, "%s and %zu other%s", shown, count - 1,
				count > 2 ? "s" : "");
	return count;
}

/* Since the last attempt, if there was one. */
static bool is_news(const struct tlsp_seen_file *now, const struct lists *lists)
{
	return tlsp_seen_files_find(lists->tried, now->name)
				   ? is_other(now, lists->tried)
				   : is_changed(now, lists);
}

/* Takes |now| over. */
static void remember(struct tlsp_file_watch *watch, struct tlsp_seen_files *now)
{
	tlsp_seen_files_cleanup(&watch->now);
	watch->now = *now;
}

enum tlsp_file_look tlsp_file_watch_look(struct tlsp_file_watch *watch,
		const struct tlsp_seen_files *const *read, size_t count, char *which,
		size_t size)
{
	const struct lists lists = {read, count, &watch->tried};
	struct tlsp_seen_files now;
	bool quiet;

	if(!see(&now, &lists))
		return TLSP_FILES_UNCHANGED;
	if(tell(&now, &lists, is_changed, which, size) == 0) {
		tlsp_seen_files_cleanup(&now);
		tlsp_file_watch_forget(watch);
		return TLSP_FILES_UNCHANGED;
	}
	quiet = tlsp_seen_files_same(&now, &watch->now);
	remember(watch, &now);
	watch->restless = quiet ? 0 : watch->restless + 1;
	if(!quiet)
		return TLSP_FILES_RESTLESS;
	if(tell(&watch->now, &lists, is_news, which, size) == 0)
		return TLSP_FILES_TRIED;
	return TLSP_FILES_CHANGED;
}

void tlsp_file_watch_tried(
		struct tlsp_file_watch *watch, const struct tlsp_seen_files *attempt)
{
	struct tlsp_seen_files tried = {NULL};

	tlsp_seen_files_add(&tried, attempt);
	tlsp_seen_files_add(&tried, &watch->now);
	tlsp_seen_files_cleanup(&watch->tried);
	if(!tlsp_seen_files_settle(&tried)) {
		tlsp_seen_files_cleanup(&tried);
		return;
	}
	watch->tried = tried;
	tlsp_seen_files_cleanup(&watch->now);
	tlsp_seen_files_add(&watch->now, &tried);
	if(!tlsp_seen_files_settle(&watch->now))
		tlsp_seen_files_cleanup(&watch->now);
}

void tlsp_file_watch_forget(struct tlsp_file_watch *watch)
{
	tlsp_seen_files_cleanup(&watch->now);
	tlsp_seen_files_cleanup(&watch->tried);
	watch->restless = 0;
}
