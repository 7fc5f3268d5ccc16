/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * expiry - see expiry.h. What is in force is let go before anything is told,
 * because what an event does may need it.
 */
#include "expiry.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/dprint.h"
#include "core/timer.h"

#include "certificates.h"
#include "in_use.h"
#include "peer_text.h"
#include "kamailio/policy/live_policy.h"
#include "kamailio/policy/tls_loaded.h"

enum
{
	S_PER_HOUR = 60 * 60,
	PEERS_PER_HOUR = 64, /* that are told one by one */
	TEXT_OCTETS = 1024
};

/* Of the process that runs it. */
static unsigned long generation;		/* seen last, */
static struct tls_domains_cfg *tls_cfg; /* likewise */
static uint64_t looked_s, next_s;	/* at the peers', at ours: since start-up */
static struct tlsp_soonest ours[2]; /* of this look, and of the one before: */
static int now;
static struct parameters
{
	int start_days, period_days;
	char named[TLSP_FILE_NAME_MAX_OCTETS + 1]; /* https_cert_file_name */
} parameters = {-1, -1, ""};
static uint64_t hour_s; /* when it began, in which: */
static unsigned peers_told, peers_left_out;

static const char *name_peer(
		const struct tlsp_certificate *certificate, char *text, size_t size)
{
	snprintf(text, size, "the certificate of the %s %s (rule %s)",
			tlsp_peer_role_word(certificate->role), certificate->name,
			certificate->rule);
	return text;
}

/* "our certificate FILE (SUBJECT) of TLS domain [server:default]" */
static const char *name_own(
		const struct tlsp_certificate *certificate, char *text, size_t size)
{
	bool by_rule =
			certificate->rule[0] && strcmp(certificate->rule, "default") != 0;

	snprintf(text, size, "%s %s (%s) of %s%s%s",
			certificate->kind == TLSP_CERTIFICATE_OWN ? "our certificate"
													  : "the trust anchor",
			certificate->name, certificate->subject, certificate->place,
			by_rule ? " of rule " : "", by_rule ? certificate->rule : "");
	return text;
}

static void say(const struct tlsp_certificate *certificate, int days,
		char *text, size_t size)
{
	char name[TEXT_OCTETS - 64], date[16] = "";
	time_t end = (time_t)certificate->ends_s;
	struct tm utc;

	if(certificate->kind == TLSP_CERTIFICATE_PEER)
		name_peer(certificate, name, sizeof(name));
	else
		name_own(certificate, name, sizeof(name));
	if(gmtime_r(&end, &utc))
		strftime(date, sizeof(date), "%Y-%m-%d", &utc);
	if(days < 0) {
		snprintf(text, size, "%s expired on %s", name, date);
		LM_ERR("%s\n", text);
	} else {
		snprintf(text, size, "%s expires in %d days, on %s", name, days, date);
		LM_WARN("%s\n", text);
	}
}

static void tell(const struct tlsp_certificate *certificate,
		void (*event)(const struct tlsp_expiring *expiring))
{
	char text[TEXT_OCTETS];
	struct tlsp_expiring expiring = {.certificate = certificate,
			.days = tlsp_certificate_days_left(
					certificate->ends_s, (int64_t)time(NULL)),
			.text = text};

	say(certificate, expiring.days, text, sizeof(text));
	if(event)
		event(&expiring);
}

/* True if what counts here is other than before. */
static bool follow(const struct tlsp_policy *policy)
{
	bool changed =
			parameters.start_days != policy->tls_expiry_check_start
			|| parameters.period_days != policy->tls_expiry_check_period
			|| strcmp(parameters.named, policy->https_cert_file_name) != 0;

	parameters.start_days = policy->tls_expiry_check_start;
	parameters.period_days = policy->tls_expiry_check_period;
	memcpy(parameters.named, policy->https_cert_file_name,
			sizeof(parameters.named));
	return changed;
}

/* Reads what is in use if it may be other than it was. *all_again: each that is
 * about to end is to be told, not the new ones alone. */
static bool look(uint64_t now_s, bool *all_again)
{
	const struct tlsp_in_force *all = tlsp_live_policy_acquire();
	bool loaded = tlsp_tls_loaded_follow(&tls_cfg);
	bool due = all && now_s >= next_s, looks = false;

	*all_again = due;
	if(all && (due || all->terms->generation != generation || loaded)) {
		*all_again = follow(all->terms->policy) || due;
		generation = all->terms->generation;
		now = !now;
		tlsp_in_use_read(&ours[now], all);
		looks = true;
	}
	tlsp_live_policy_release(all);
	return looks;
}

static bool ends_soon(const struct tlsp_certificate *certificate)
{
	return tlsp_certificate_days_left(certificate->ends_s, (int64_t)time(NULL))
		   <= parameters.start_days;
}

static void look_at_ours(
		uint64_t now_s, void (*event)(const struct tlsp_expiring *expiring))
{
	const struct tlsp_soonest *list;
	bool all_again;

	if(!look(now_s, &all_again))
		return;
	list = &ours[now];
	tlsp_certificates_replace(list);
	if(all_again)
		next_s =
				now_s
				+ (uint64_t)parameters.period_days * TLSP_CERTIFICATE_S_PER_DAY;
	for(size_t i = 0; i < list->count; i++)
		if(ends_soon(&list->rows[i])
				&& (all_again
						|| !tlsp_soonest_has(&ours[!now], list->rows[i].kind,
								list->rows[i].about)))
			tell(&list->rows[i], event);
}

static void begin_hour(uint64_t now_s)
{
	if(now_s < hour_s + S_PER_HOUR)
		return;
	if(peers_left_out > 0)
		LM_WARN("%u more certificates of peers end within %d days: kamcmd "
				"tls_policy.expiry lists them\n",
				peers_left_out, parameters.start_days);
	hour_s = now_s;
	peers_told = peers_left_out = 0;
}

static void look_at_peers(
		uint64_t now_s, void (*event)(const struct tlsp_expiring *expiring))
{
	struct tlsp_certificate certificate;
	size_t place = 0;

	begin_hour(now_s);
	while(tlsp_certificates_due(&place, parameters.start_days,
			parameters.period_days, &certificate))
		if(peers_told < PEERS_PER_HOUR) {
			peers_told++;
			tell(&certificate, event);
		} else
			peers_left_out++;
}

void tlsp_expiry_tick(void (*event)(const struct tlsp_expiring *expiring))
{
	uint64_t now_s = get_ticks(); /* since start-up */

	if(looked_s == now_s && generation > 0)
		return;
	looked_s = now_s;
	look_at_ours(now_s, event);
	if(generation > 0)
		look_at_peers(now_s, event);
}
