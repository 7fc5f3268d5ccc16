/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * import_rules - proxy sets and SIP interfaces with a TLS context of their own,
 * or with mutual authentication of their own -> rules, in the order in which the
 * gateway looks for a context: proxy sets first (doc/rules.md).
 */
#ifndef TLSP_IMPORT_RULES_H
#define TLSP_IMPORT_RULES_H

#include "importing.h"

/* import_rules: all of them, behind [default], whose proxies and contexts have
 * been read. */
void import_rules(struct importing *importing);

#endif
