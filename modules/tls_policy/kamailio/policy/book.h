/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * book - the default and the rules as they are, or are to be, in force: for
 * each its parameters, its list of proxies, its files. One that is being made
 * lies in the heap of the process that makes it and borrows what stays from the
 * generation in force; lists, files and the index lie in shared memory
 * (shared.h). A process that changes the policy (change.h), one at a time.
 */
#ifndef TLSP_BOOK_H
#define TLSP_BOOK_H

#include "files/seen_files.h"
#include "openssl/certificate/own_files.h"
#include "policy/proxies/proxies.h"
#include "policy/rules/selection.h"

/* What became of the peers of one rule. */
enum tlsp_rule_count
{
	TLSP_RULE_ACCEPTED,
	TLSP_RULE_REFUSED,
	TLSP_RULE_WOULD_REFUSE,
	TLSP_RULE_COUNTS
};

/* Since the rule is there, by our role; any process. */
struct tlsp_rule_counters
{
	_Atomic unsigned long of[TLSP_RULE_COUNTS][2];
};

struct tlsp_book_rule
{
	char name[TLSP_RULE_NAME_OCTETS]; /* of the first: "default" */
	unsigned line;					  /* of its section; 0 = none */
	uint64_t own; /* bit i: it says row i of the table of parameters itself */
	uint64_t set; /* and by command, otherwise than it is configured */
	uint64_t uninherited; /* rows of which the default's are not its own */
	const char *conditions, *sources;	  /* as lines of a rules file */
	const struct tlsp_policy *policy;	  /* those who say the same share one */
	const struct tlsp_policy *configured; /* likewise, without any |set| */
	const struct tlsp_proxies *proxies;
	bool own_proxies;					 /* not the default's */
	const struct tlsp_own_files *files;	 /* that it names; or NULL */
	struct tlsp_rule_counters *counters; /* NULL before it is in force */
};

struct tlsp_book
{
	struct tlsp_book_rule *rules; /* [0] = the default, then in their order */
	size_t count;				  /* without the default */
	const struct tlsp_selection *selection; /* NULL: no rules */
	bool by_server_name, by_local_address;	/* terms.h: tlsp_in_force */
	/* Which files were read, and how each was before; settled; NULL: none. */
	const struct tlsp_seen_files *sources_seen; /* rules and lists */
	const struct tlsp_seen_files *files_seen;	/* |files| of all rules */
	/* Owned, while it is being made: */
	void **heap;
	size_t heap_count;
	void **shared; /* in no generation yet */
	size_t shared_count;
};

/* tlsp_book_copy: one that is to become other than |current|, which must stay as
 * long. False without memory. Pair with tlsp_book_cleanup in either case. */
bool tlsp_book_copy(struct tlsp_book *out, const struct tlsp_book *current);

/* tlsp_book_read: a new one of |rules|; it has no proxies and no files yet.
 * False without memory. Pair with tlsp_book_cleanup in either case. */
bool tlsp_book_read(struct tlsp_book *out, const struct tlsp_rules *rules);

/* tlsp_book_cleanup: frees what |book| owns, in shared memory only what no
 * generation has; under the lock of live_policy once |book| was published. */
void tlsp_book_cleanup(struct tlsp_book *book);

/* tlsp_book_keep: |block| of malloc's, or in shared memory, belongs to |book|
 * now. If it cannot, false, and it is freed. */
bool tlsp_book_keep(struct tlsp_book *book, void *block);
bool tlsp_book_keep_shared(struct tlsp_book *book, void *block);

/*
 * tlsp_book_keep_seen: |seen|, settled, in shared memory as *|out|, which
 * belongs to |book|; and added to |all| (may be NULL), whose maker may want to
 * know what was read even if |done| is false, because reading failed. |seen| is
 * cleaned up. True if all is done.
 */
bool tlsp_book_keep_seen(struct tlsp_book *book, struct tlsp_seen_files *seen,
		bool done, const struct tlsp_seen_files **out,
		struct tlsp_seen_files *all);

/* tlsp_book_counted: how many peers of |rule|, in force, came to |what| when we
 * act as |role|. */
unsigned long tlsp_book_counted(const struct tlsp_book_rule *rule,
		enum tlsp_rule_count what, enum tlsp_role role);

/* tlsp_book_find: the number of the rule |name|, 0 = "default"; false if there
 * is none. */
bool tlsp_book_find(
		const struct tlsp_book *book, const char *name, size_t *number);

/* tlsp_book_count_proxies: how many all lists of |book| have. */
size_t tlsp_book_count_proxies(const struct tlsp_book *book);

/* tlsp_book_conditions: those of |rule|. False and one sentence in |error|. Pair
 * with tlsp_conditions_cleanup in either case. */
bool tlsp_book_conditions(const struct tlsp_book_rule *rule,
		struct tlsp_conditions *out, char *error, size_t size);

/*
 * tlsp_book_set: |value| for the parameter |name| of rule |number|, and of those
 * that inherit it: who does not say it and was not set. What is set as it is
 * configured anyway is not set any more. False and one sentence in |error|.
 */
bool tlsp_book_set(struct tlsp_book *book, size_t number, const char *name,
		const char *value, char *error, size_t size);

/* tlsp_book_set_as: what was set by command in |before| is so in |book|, too,
 * where it has a rule of that name, and nothing else is. False without memory. */
bool tlsp_book_set_as(struct tlsp_book *book, const struct tlsp_book *before);

#endif
