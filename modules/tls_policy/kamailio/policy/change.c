/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * change - see change.h.
 */
#include "change.h"

#include <stdio.h>

#include "core/dprint.h"

#include "openssl/certificate/own_files.h"
#include "policy/names/identity.h"
#include "live_policy.h"
#include "tls_domains.h"

/* What would be in force. */
struct next
{
	struct tlsp_policy policy;
	const struct tlsp_proxies *proxies;
	const struct tlsp_own_files *own_files; /* NULL if none are named */
	struct tlsp_own_files *fresh;			/* own_files if read here */
};

/* False if a parameter's value or one of our files is none. |current| is NULL
 * before the first. */
static bool lay_over(struct next *next, const struct tlsp_terms *current,
		const struct tlsp_change *change, char *error, size_t size)
{
	next->policy = change->policy ? *change->policy : *current->policy;
	next->proxies = change->proxies ? change->proxies : current->proxies;
	if(change->name
			&& !tlsp_parameters_set(
					&next->policy, change->name, change->value, error, size))
		return false;
	if(change->own_files
			|| (change->name && tlsp_own_files_named_by(change->name))) {
		next->fresh = tlsp_own_files_read(&next->policy, error, size);
		next->own_files = next->fresh;
		return next->fresh != NULL;
	}
	next->own_files = current ? current->own_files : NULL;
	return true;
}

static bool fits(const struct next *next, char *error, size_t size)
{
	return tlsp_parameters_check_combination(&next->policy,
				   tlsp_proxies_count(next->proxies), error, size)
		   && tlsp_identity_check_proxies(
				   next->proxies, next->policy.wildcard_proxies, error, size)
		   && tlsp_tls_domains_check(
				   &next->policy, next->own_files, error, size);
}

static bool publish(const struct next *next, char *error, size_t size)
{
	if(tlsp_live_policy_publish(&next->policy, next->proxies, next->own_files)
			== 0)
		return true;
	snprintf(error, size, "no shared memory for a new policy");
	return false;
}

/* What is in force, but may not be meant. */
static void warn(const struct tlsp_policy *policy)
{
	char text[1024];

	if(tlsp_tls_domains_warning(policy, text, sizeof(text)))
		LM_WARN("%s\n", text);
}

bool tlsp_policy_change(
		const struct tlsp_change *change, char *error, size_t size)
{
	struct next next = {.fresh = NULL};
	bool done;

	tlsp_live_policy_lock();
	done = lay_over(&next, tlsp_live_policy_current(), change, error, size)
		   && fits(&next, error, size) && publish(&next, error, size);
	tlsp_live_policy_unlock();
	tlsp_own_files_free(next.fresh);
	if(done)
		warn(&next.policy);
	return done;
}
