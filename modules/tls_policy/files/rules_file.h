/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rules_file - a rules file, for the module and for the command line. libc and
 * policy/ only; any process.
 */
#ifndef TLSP_RULES_FILE_H
#define TLSP_RULES_FILE_H

#include "policy/rules/rules_text.h"
#include "proxy_file.h"

enum
{
	TLSP_RULES_FILE_MAX_OCTETS = 64 * 1024 * 1024 /* 65,535 of 1,000 octets */
};

/*
 * tlsp_rules_file_read: the rules of the regular file |path|, as
 * tlsp_rules_text_read has them, for tlsp_rules_free. NULL and the first
 * sentence that is to say, with PATH or PATH:LINE, in |error| if it cannot be
 * read, is no regular file (a pipe, a terminal or a device would be waited for),
 * larger than TLSP_RULES_FILE_MAX_OCTETS, or anything in it is wrong. Warnings
 * stand in the result.
 */
struct tlsp_rules *tlsp_rules_file_read(const char *path,
		const struct tlsp_policy *defaults, uint64_t named, char *error,
		size_t size);

/* tlsp_rules_file_read_all: likewise, but what is wrong in it stands in |errors|
 * of the result; NULL if there is no text. */
struct tlsp_rules *tlsp_rules_file_read_all(const char *path,
		const struct tlsp_policy *defaults, uint64_t named, char *error,
		size_t size);

/*
 * tlsp_rules_file_add_proxies: the proxies and the files of |sources|
 * (tlsp_rule_sources_in_force) into |list|, of their set alone; not what is in a
 * database. False, and list->error.
 */
bool tlsp_rules_file_add_proxies(
		struct tlsp_proxy_list *list, const struct tlsp_rule_sources *sources);

#endif
