/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * policy_files - see policy_files.h.
 */
#include "policy_files.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/dprint.h"

#include "files/file_watch.h"
#include "kamailio/policy/live_policy.h"
#include "kamailio/policy/modparams.h"
#include "kamailio/policy/tls_loaded.h"
#include "kamailio/report/reloads.h"

enum
{
	QUIET_MAX_MS = 10 * 1000, /* from a look that found a change to the next */
	BUSY_LOOKS = 3,			  /* likewise */
	RESTLESS_LOOKS = 10,	  /* in a row: then the log is told */
	AGAIN_MS = 300 * 1000,	  /* what did not serve may for other reasons */
	WHICH_OCTETS = 400,
	BY_OCTETS = WHICH_OCTETS + 16,
	ERROR_OCTETS = 2048
};

static struct tlsp_file_watch watch;
static uint64_t looked_ms;
static bool looked;
static unsigned busy; /* looks in a row that met another reload */

/* The last attempt, if it was in vain. */
static struct
{
	uint64_t at_ms;
	unsigned long generation;
	struct tls_domains_cfg *loaded;
	char why[ERROR_OCTETS];
} failed;

static bool is_due(unsigned period_s, uint64_t now_ms)
{
	uint64_t wait_ms = (uint64_t)period_s * 1000;

	if(watch.restless > 0 && wait_ms > QUIET_MAX_MS)
		wait_ms = QUIET_MAX_MS;
	return !looked || now_ms >= looked_ms + wait_ms;
}

/* Of files that did not serve: is anything else other than it was then, or long
 * enough ago? */
static bool may_serve_now(unsigned long generation, uint64_t now_ms)
{
	bool loaded = tlsp_tls_loaded_follow(&failed.loaded);

	return loaded || generation != failed.generation
		   || now_ms >= failed.at_ms + AGAIN_MS;
}

/* Another reload that runs for long hangs, and whoever did it may not know. */
static void note_busy(const char *by, const char *why)
{
	if(++busy == BUSY_LOOKS)
		LM_WARN("%s waits: %s\n", by, why);
}

/* True if it was done. */
static bool reload(const char *which, bool again, unsigned long generation,
		uint64_t now_ms)
{
	struct tlsp_seen_files seen = {NULL};
	char by[BY_OCTETS], why[ERROR_OCTETS] = "";
	enum tlsp_reloaded result;

	snprintf(by, sizeof(by), "watch (%s)", which);
	tlsp_tls_loaded_follow(&failed.loaded);
	result = tlsp_modparams_reload(by, &seen, why, sizeof(why));
	if(result == TLSP_RELOAD_BUSY)
		note_busy(by, why);
	else
		busy = 0;
	if(result == TLSP_RELOAD_REFUSED) {
		if(!again || strcmp(why, failed.why) != 0)
			tlsp_reloads_tell(by, false, why);
		tlsp_file_watch_tried(&watch, &seen);
		failed.at_ms = now_ms;
		failed.generation = generation;
		memcpy(failed.why, why, sizeof(why));
	} else if(result == TLSP_RELOADED) {
		tlsp_reloads_tell(by, true, NULL);
		tlsp_file_watch_forget(&watch);
	}
	tlsp_seen_files_cleanup(&seen);
	return result == TLSP_RELOADED;
}

static bool act(enum tlsp_file_look found, const char *which,
		unsigned long generation, uint64_t now_ms)
{
	if(found == TLSP_FILES_RESTLESS && watch.restless == RESTLESS_LOOKS)
		LM_WARN("watch: %s changed from each of the last %d looks to the next; "
				"nothing is loaded before all are quiet\n",
				which, RESTLESS_LOOKS);
	return (found == TLSP_FILES_CHANGED
				   || (found == TLSP_FILES_TRIED
						   && may_serve_now(generation, now_ms)))
		   && reload(which, found == TLSP_FILES_TRIED, generation, now_ms);
}

bool tlsp_policy_files_tick(uint64_t now_ms)
{
	const struct tlsp_in_force *all = tlsp_live_policy_acquire();
	unsigned period_s = all ? (unsigned)all->terms->policy->watch : 0;
	enum tlsp_file_look found = TLSP_FILES_UNCHANGED;
	unsigned long generation = 0;
	char which[WHICH_OCTETS] = "";

	if(period_s > 0 && is_due(period_s, now_ms)) {
		const struct tlsp_book *book = tlsp_live_policy_book(all);
		const struct tlsp_seen_files *read[] = {
				book->sources_seen, book->files_seen};

		generation = all->terms->generation;
		found = tlsp_file_watch_look(&watch, read, sizeof(read) / sizeof(*read),
				which, sizeof(which));
		looked_ms = now_ms;
		looked = true;
	}
	tlsp_live_policy_release(all); /* a reload has its own */
	return act(found, which, generation, now_ms);
}
