/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * selection - which rule applies to a connection: the first in the file's order
 * whose conditions all hold, else the default. An immutable index over all
 * rules: one relocatable block (offsets, no pointers) that may lie in shared
 * memory. libc only; any process, any number of readers, no lock.
 */
#ifndef TLSP_SELECTION_H
#define TLSP_SELECTION_H

#include <stdbool.h>

#include "rule_facts.h"
#include "rules.h"

struct tlsp_selection;

/* tlsp_selection_build: the block for |rules|, of |octets| octets, from malloc;
 * NULL without memory. It may be copied with memcpy to any place that is aligned
 * to 8 octets. */
struct tlsp_selection *tlsp_selection_build(
		const struct tlsp_rules *rules, size_t *octets);

/* tlsp_selection_find: the number of the rule for |facts|, from 1 on; 0 = the
 * default. Does not allocate; its cost depends on how many kinds of conditions
 * the rules use, hardly on how many rules there are. */
size_t tlsp_selection_find(const struct tlsp_selection *selection,
		const struct tlsp_rule_facts *facts);

/* tlsp_selection_next: likewise, the first behind number |after|; 0 = none. */
size_t tlsp_selection_next(const struct tlsp_selection *selection,
		const struct tlsp_rule_facts *facts, size_t after);

#endif
