/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rule_request - one rule of a rules file, as `tls-policy check --config FILE
 * --rule NAME` asks under it: its policy and its proxies. files/ and policy/
 * only.
 */
#ifndef TLSP_RULE_REQUEST_H
#define TLSP_RULE_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/proxies/proxy_list.h"
#include "policy/rules/rules.h"

struct rule_request
{
	struct tlsp_rules *rules; /* owned */
	const struct tlsp_rule *rule;
};

/*
 * rule_request_read: the rule |name| ("default": what no rule is for) of the file
 * |config|, and its proxies into |list|, unless |proxies_given|: then they must
 * be in a database, which is not asked here. False and a sentence in |error|.
 * Pair with rule_request_cleanup in either case.
 */
bool rule_request_read(struct rule_request *out, const char *config,
		const char *name, struct tlsp_proxy_list *list, bool proxies_given,
		char *error, size_t size);
void rule_request_cleanup(struct rule_request *request);

#endif
