/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * expiry - see expiry.h.
 */
#include "expiry.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/dprint.h"
#include "core/timer.h"

#include "openssl/certificate/expiry_days.h"
#include "openssl/certificate/own_files.h"
#include "policy/escape.h"
#include "kamailio/policy/live_policy.h"
#include "kamailio/policy/tls_domains.h"

enum
{
	S_PER_DAY = 24 * 60 * 60,
	FILES_MAX = 256, /* that are told apart in one look */
	NAME_OCTETS = 512
};

/* Of the process that runs it. */
static unsigned long generation; /* seen last */
static int start_days = -1, period_days = -1;
static char named[TLSP_FILE_NAME_MAX_OCTETS + 1]; /* https_cert_file_name */
static uint64_t next_s;

/* One look. */
static void (*event_of_look)(const struct tlsp_expiring *);
static unsigned char seen[FILES_MAX][TLSP_CERT_DIGEST_OCTETS];
static size_t seen_count;

/* The same certificate stands in many TLS domains. */
static bool is_new(const X509 *certificate)
{
	unsigned char digest[TLSP_CERT_DIGEST_OCTETS];

	if(!tlsp_cert_digest(certificate, digest))
		return true;
	for(size_t i = 0; i < seen_count; i++)
		if(memcmp(seen[i], digest, sizeof(digest)) == 0)
			return false;
	if(seen_count < FILES_MAX)
		memcpy(seen[seen_count++], digest, sizeof(digest));
	return true;
}

static void say(struct tlsp_expiring *expiring, const char *place,
		const char *date, char *text, size_t size)
{
	if(expiring->days < 0)
		snprintf(text, size, "our certificate %s (%s) of %s expired on %s",
				expiring->file, expiring->subject, place, date);
	else
		snprintf(text, size,
				"our certificate %s (%s) of %s expires in %d days, on %s",
				expiring->file, expiring->subject, place, expiring->days, date);
	expiring->text = text;
	if(expiring->days < 0)
		LM_ERR("%s\n", text);
	else
		LM_WARN("%s\n", text);
}

static void look_at(const char *place, const char *file, X509 *certificate)
{
	char shown[NAME_OCTETS], subject[NAME_OCTETS], date[16];
	char text[3 * NAME_OCTETS];
	struct tlsp_expiring expiring = {.file = shown, .subject = subject};

	if(!is_new(certificate) || !tlsp_cert_days_left(certificate, &expiring.days)
			|| expiring.days > start_days)
		return;
	tlsp_escape(file, strlen(file), shown, sizeof(shown));
	tlsp_cert_days_describe(
			certificate, subject, sizeof(subject), date, sizeof(date));
	say(&expiring, place, date, text, sizeof(text));
	if(event_of_look)
		event_of_look(&expiring);
}

static void look(struct tlsp_own_objects *own)
{
	seen_count = 0;
	if(own->certificate)
		look_at("https_cert_file_name", named, own->certificate);
	else
		tlsp_tls_domains_each_certificate(look_at);
}

/* True if what counts here has changed. */
static bool follow(const struct tlsp_policy *policy)
{
	bool changed = start_days != policy->tls_expiry_check_start
				   || period_days != policy->tls_expiry_check_period
				   || strcmp(named, policy->https_cert_file_name) != 0;

	start_days = policy->tls_expiry_check_start;
	period_days = policy->tls_expiry_check_period;
	memcpy(named, policy->https_cert_file_name, sizeof(named));
	return changed;
}

/* Is a look due? Then |own| is our named certificate, if any; the terms are let
 * go, because what an event does may need those of its own. */
static bool is_due(struct tlsp_own_objects *own, uint64_t now_s)
{
	const struct tlsp_in_force *all = tlsp_live_policy_acquire();
	const struct tlsp_terms *terms = all ? all->terms : NULL;
	bool due = terms && now_s >= next_s;

	if(terms && terms->generation != generation) {
		generation = terms->generation;
		due = follow(terms->policy) || due;
	}
	if(due && terms->own_files)
		due = tlsp_own_files_open(own, terms->own_files);
	tlsp_live_policy_release(all);
	return due;
}

void tlsp_expiry_tick(void (*event)(const struct tlsp_expiring *expiring))
{
	struct tlsp_own_objects own = {0};
	uint64_t now_s = get_ticks(); /* since start-up */

	if(!is_due(&own, now_s))
		return;
	next_s = now_s + (uint64_t)period_days * S_PER_DAY;
	event_of_look = event;
	look(&own);
	tlsp_own_files_close(&own);
}
