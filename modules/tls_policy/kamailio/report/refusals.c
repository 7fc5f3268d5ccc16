/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * refusals - see refusals.h.
 */
#include "refusals.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/dprint.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"
#include "core/timer.h"

#include "peer_text.h"
#include "policy/explain.h"
#include "policy/refusal_windows.h"
#include "rejections.h"
#include "statistics.h"
#include "kamailio/policy/live_policy.h"

enum
{
	LOOKED_AT_AT_ONCE = 64,
	PLACE_OCTETS = 384 /* of a rule and a server name */
};

static struct tlsp_refusal_windows *windows; /* shared, like its lock */
static gen_lock_t *lock;

int tlsp_refusals_init(void)
{
	windows = shm_malloc(tlsp_refusal_windows_octets());
	if(windows)
		tlsp_refusal_windows_init(windows);
	lock = lock_alloc();
	if(windows && lock && lock_init(lock))
		return 0;
	SHM_MEM_ERROR;
	return -1; /* destroy frees what there is */
}

/* Of the default: it is for the whole server. */
static unsigned interval_s(void)
{
	const struct tlsp_in_force *all = tlsp_live_policy_acquire();
	int interval = all ? all->terms->policy->refusal_log_interval : 0;

	tlsp_live_policy_release(all);
	return (unsigned)interval;
}

/* As the log has the time of a line. */
static char *time_of(uint64_t ticks_s, char text[16])
{
	time_t then = time(NULL) - (time_t)((uint64_t)get_ticks() - ticks_s);
	struct tm local;

	localtime_r(&then, &local);
	strftime(text, 16, "%H:%M:%S", &local);
	return text;
}

static void tell_others(const struct tlsp_left_out *left_out)
{
	char since[16];

	LM_WARN("... and %lu more of other peers since %s: the log tells of %d "
			"peers and reasons at a time, and of %d refusals of others\n",
			left_out->count, time_of(left_out->since_s, since), TLSP_WINDOWS,
			TLSP_WINDOW_LINES_OF_OTHERS);
}

/* Also for a window that is shared. */
static const char *reasons_of(
		const struct tlsp_window_key *of, char *text, size_t size)
{
	if(!of->shared)
		return tlsp_explain_words(of->reasons, text, size);
	return of->shared == 8 * of->octets ? "further reasons"
										: "further addresses and reasons";
}

static void tell_left_out(const struct tlsp_left_out *left_out)
{
	const struct tlsp_window_key *of = &left_out->of;
	bool network = of->shared && of->shared < 8 * of->octets;
	char peer[TLSP_PEER_TEXT_OCTETS], reasons[512], since[16], bits[8] = "";

	if(of->octets == 0) {
		tell_others(left_out);
		return;
	}
	if(network)
		snprintf(bits, sizeof(bits), "/%u", of->shared);
	LM_WARN("%s %s%s: %s%s: ... and %lu more of this %s since %s\n",
			tlsp_peer_role_word(of->role),
			tlsp_address_text(of->peer, of->octets, peer), bits,
			of->testing ? "in testing: " : "",
			reasons_of(of, reasons, sizeof(reasons)), left_out->count,
			network ? "network" : "peer", time_of(left_out->since_s, since));
}

/* The table, with its lock held or nobody else left. */
static size_t take(unsigned interval, struct tlsp_left_out *ended)
{
	return tlsp_refusal_windows_take(
			windows, get_ticks(), interval, ended, LOOKED_AT_AT_ONCE);
}

void tlsp_refusals_tick(void)
{
	struct tlsp_left_out ended[LOOKED_AT_AT_ONCE];
	unsigned interval = interval_s();
	size_t count;

	lock_get(lock);
	count = take(interval, ended);
	lock_release(lock);
	for(size_t i = 0; i < count; i++)
		tell_left_out(&ended[i]);
}

static void tell_all(void)
{
	struct tlsp_left_out ended[LOOKED_AT_AT_ONCE];

	/* once more, since one look of the first is at those without a place */
	for(int i = 0; i <= TLSP_WINDOWS / LOOKED_AT_AT_ONCE; i++) {
		size_t count = take(0, ended);

		for(size_t j = 0; j < count; j++)
			tell_left_out(&ended[j]);
	}
}

void tlsp_refusals_destroy(void)
{
	if(windows && lock) {
		tell_all();
		lock_destroy(lock);
	}
	if(windows)
		shm_free(windows);
	if(lock)
		lock_dealloc(lock);
	windows = NULL;
	lock = NULL;
}

static void key_of(struct tlsp_window_key *out, const struct tcp_connection *c,
		const struct tlsp_refusal *refusal)
{
	memset(out, 0, sizeof(*out));
	out->octets = (unsigned char)c->rcv.src_ip.len;
	memcpy(out->peer, c->rcv.src_ip.u.addr, out->octets);
	out->testing = refusal->testing;
	out->role = refusal->role;
	out->reasons = refusal->reasons;
}

/* Is it to be told now? What was left out before is told then, too. */
static bool is_due(
		const struct tcp_connection *c, const struct tlsp_refusal *refusal)
{
	unsigned interval = interval_s();
	struct tlsp_left_out ended;
	struct tlsp_window_key key;
	bool due;

	if(interval == 0)
		return true;
	key_of(&key, c, refusal);
	lock_get(lock);
	due = tlsp_refusal_windows_note(
			windows, &key, get_ticks(), interval, &ended);
	lock_release(lock);
	if(ended.count)
		tell_left_out(&ended);
	return due;
}

/* "rule carriers, server name sip.example.com: "; in front, since a syslog that
 * cuts a long line cuts its end. */
static char *place_of(
		const struct tlsp_refusal *refusal, char *text, size_t size)
{
	bool named = refusal->server_name[0], ruled = refusal->rule[0];

	snprintf(text, size, "%s%s%s%s%s%s", ruled ? "rule " : "", refusal->rule,
			ruled && named ? ", " : "", named ? "server name " : "",
			refusal->server_name, ruled || named ? ": " : "");
	return text;
}

static void tell(
		const struct tcp_connection *c, const struct tlsp_refusal *refusal)
{
	char place[PLACE_OCTETS], peer[TLSP_PEER_TEXT_OCTETS];
	const char *role = tlsp_peer_role_word(refusal->role);

	place_of(refusal, place, sizeof(place));
	tlsp_peer_text(&c->rcv.src_ip, c->rcv.src_port, peer);
	if(refusal->testing)
		LM_WARN("%s%s %s %s (rule %s is in testing)\n", place, role, peer,
				refusal->why, refusal->rule);
	else
		LM_WARN("%s%s %s %s\n", place, role, peer, refusal->why);
}

/* Whoever sees it counted will see it told, or counted as left out. */
void tlsp_refusals_report(
		const struct tcp_connection *c, const struct tlsp_refusal *refusal)
{
	bool due = is_due(c, refusal);

	tlsp_statistics_count_refusal(
			refusal->role, refusal->reasons, refusal->testing);
	tlsp_rejections_add(c, refusal);
	if(due)
		tell(c, refusal);
}
