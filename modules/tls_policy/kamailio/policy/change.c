/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * change - see change.h.
 */
#include "change.h"

#include <stdio.h>

#include "policy/names/identity.h"
#include "tls_domains.h"

bool tlsp_policy_change(const struct tlsp_policy *policy,
		const struct tlsp_proxies *proxies,
		const struct tlsp_own_files *own_files, char *error, size_t size)
{
	if(!tlsp_parameters_check_combination(
			   policy, tlsp_proxies_count(proxies), error, size)
			|| !tlsp_identity_check_proxies(
					proxies, policy->wildcard_proxies, error, size)
			|| !tlsp_tls_domains_check(policy, own_files, error, size))
		return false;
	if(tlsp_live_policy_publish(policy, proxies, own_files) == 0)
		return true;
	snprintf(error, size, "no shared memory for a new policy");
	return false;
}
