/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tls_files - see tls_files.h.
 */
#include "tls_files.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/dprint.h"

#include "files/seen_files.h"
#include "policy/escape.h"
#include "kamailio/policy/change.h"
#include "kamailio/policy/live_policy.h"
#include "kamailio/policy/tls_loaded.h"
#include "kamailio/report/statistics.h"

enum
{
	SHOWN_OCTETS = 300
};

/* What is loaded; inherited from the main process by the one that looks. */
static struct tls_domains_cfg *loaded;
static struct tlsp_seen_files files; /* of it, as they were then; settled */
static bool *told;					 /* by their numbers: they have changed */
static int pending;					 /* how many of them */
static uint64_t looked_ms;

static void note(void *unused, const char *domain, const char *parameter,
		const char *file)
{
	(void)unused, (void)domain, (void)parameter;
	tlsp_seen_files_note(&files, file);
}

/* The same file stands in many domains. */
static void note_files(void)
{
	tlsp_seen_files_cleanup(&files);
	free(told);
	tlsp_tls_loaded_each_file(loaded, note, NULL);
	told = tlsp_seen_files_settle(&files)
				   ? calloc(files.added + 1, sizeof(*told))
				   : NULL;
	if(!told) {
		tlsp_seen_files_cleanup(&files);
		LM_ERR("no memory to watch the files of tls.cfg\n");
	}
}

void tlsp_tls_files_start(void)
{
	if(tlsp_tls_loaded_follow(&loaded))
		note_files();
}

static void follow(void)
{
	if(!tlsp_tls_loaded_follow(&loaded))
		return;
	note_files();
	tlsp_statistics_add(TLSP_STATISTIC_TLS_RELOAD_PENDING, -pending);
	pending = 0;
	tlsp_policy_check_again();
}

static void look_at(void *unused, const char *domain, const char *parameter,
		const char *file)
{
	const struct tlsp_seen_file *before = tlsp_seen_files_find(&files, file);
	struct tlsp_file_state now;
	char shown[SHOWN_OCTETS];

	(void)unused;
	if(!before || told[before->number])
		return;
	now = tlsp_file_state_read(file);
	if(tlsp_file_state_same(&before->state, &now))
		return;
	told[before->number] = true;
	pending++;
	tlsp_statistics_add(TLSP_STATISTIC_TLS_RELOAD_PENDING, 1);
	LM_WARN("watch: %s %s of TLS domain %s has changed, and is not loaded: the "
			"tls module goes on with what it has until kamcmd tls.reload\n",
			parameter, tlsp_escape(file, strlen(file), shown, sizeof(shown)),
			domain);
}

void tlsp_tls_files_tick(uint64_t now_ms)
{
	const struct tlsp_in_force *all = tlsp_live_policy_acquire();
	uint64_t period_ms = all ? (uint64_t)all->terms->policy->watch * 1000 : 0;

	tlsp_live_policy_release(all);
	follow();
	if(period_ms == 0 || now_ms < looked_ms + period_ms || !told)
		return;
	looked_ms = now_ms;
	tlsp_tls_loaded_each_file(loaded, look_at, NULL);
}
