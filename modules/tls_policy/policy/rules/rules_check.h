/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rules_check - what can be said of rules only when all are read: what each
 * inherits, what contradicts, what never comes to be. libc only; any process.
 */
#ifndef TLSP_RULES_CHECK_H
#define TLSP_RULES_CHECK_H

#include "rules.h"

/* tlsp_rules_complain: "FILE:LINE: SENTENCE", or for a |rule| "FILE:LINE:
 * [rule:NAME] SENTENCE", into the errors or the warnings of |rules|; false
 * without memory. */
__attribute__((format(printf, 3, 4))) bool tlsp_rules_complain(
		struct tlsp_rules *rules, unsigned line, const char *format, ...);
__attribute__((format(printf, 3, 4))) bool tlsp_rules_complain_of(
		struct tlsp_rules *rules, const struct tlsp_rule *rule,
		const char *format, ...);
__attribute__((format(printf, 3, 4))) bool tlsp_rules_warn_of(
		struct tlsp_rules *rules, const struct tlsp_rule *rule,
		const char *format, ...);

/*
 * tlsp_rules_finish: every rule inherits from the default what it does not say
 * (an interval in seconds only where it does not say the minutes either), then
 * all are checked, into errors and warnings. False without memory.
 */
bool tlsp_rules_finish(struct tlsp_rules *rules);

#endif
