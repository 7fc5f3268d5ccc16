/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rules_text - the text of a rules file -> rules, or every sentence that says
 * where and why it is none. libc and libinih; opens nothing; any process.
 */
#ifndef TLSP_RULES_TEXT_H
#define TLSP_RULES_TEXT_H

#include "rules.h"

enum
{
	TLSP_RULES_ERRORS_MAX = 100 /* and then no more is read */
};

/*
 * tlsp_rules_text_read: |text| of |octets| octets, which need not end in NUL,
 * of the file |file|, whose name begins every sentence ("FILE:LINE: ...").
 * Parameters that |defaults| and [default] do not say are as |defaults| has
 * them; |named| are those that modparams said (bit i: row i), and that [default]
 * must not say too. Relative files are taken from the directory of |file|, as
 * tlsp_rule_sources_resolve has it. What is wrong stands in |errors| of the
 * result, and such a result must not be put in force. NULL without memory.
 */
struct tlsp_rules *tlsp_rules_text_read(const char *file, const char *text,
		size_t octets, const struct tlsp_policy *defaults, uint64_t named);

#endif
