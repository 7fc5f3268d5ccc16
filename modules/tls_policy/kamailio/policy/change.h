/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * change - the one way in which anything is put in force: what start-up, set
 * and reload bring is laid over what is in force, checked as a whole, and
 * published as a new generation, or nothing changes. The only caller of
 * live_policy's lock and of its publishing.
 */
#ifndef TLSP_CHANGE_H
#define TLSP_CHANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "book.h"

/* What is to be other than it is now. Zeroed: nothing. */
struct tlsp_change
{
	struct tlsp_book *book;		  /* all of it, as sources.h has read it */
	struct tlsp_seen_files *seen; /* gets what is read for it; may be NULL */
	const char *rule;			  /* whose parameter; NULL = the default's: */
	const char *name, *value;
	const char *by; /* for the log line; NULL at start-up: none */
};

/*
 * tlsp_policy_change: do the parameters, proxies and files that |change| leads
 * to fit each other and every TLS domain that they are for? Then they are in
 * force when this returns true; if not, false, one sentence in |error|, and all
 * is as it was. change->book is cleaned up in either case. Main process at
 * PROC_INIT, an RPC process or that of watch/watcher; takes the lock
 * of the writers, under which regular files may be read; of other locks of ours
 * only that of a reload (modparams.c) may be held. Handshakes never wait for it.
 * One log line tells what was put in force, old -> new; others warn of what may
 * not be meant.
 */
bool tlsp_policy_change(struct tlsp_change *change, char *error, size_t size);

/* Called when a change is in force, by who made it, one after the other: under
 * the lock of the writers, with nothing acquired. It may log. */
typedef void tlsp_change_follower(void);

/* tlsp_policy_change_follow: mod_init; one for all changes, start-up included:
 * a room above has a look at what is in force now. */
void tlsp_policy_change_follow(tlsp_change_follower *function);

/*
 * tlsp_policy_check_again: tls.cfg was loaded anew: can what is in force still
 * be carried out in its TLS domains? If not, a line in the log (ERROR) for each
 * rule and domain, of eight at most, and then how many more; what warns of it
 * otherwise comes too. One process of ours, no lock held.
 */
void tlsp_policy_check_again(void);

#endif
