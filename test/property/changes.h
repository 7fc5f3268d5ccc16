/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * changes - how each change of oracle.h is made: what is in force at first, who
 * the peer is, and what is in force from then on.
 */
#ifndef TLSP_TEST_CHANGES_H
#define TLSP_TEST_CHANGES_H

#include "world.h"

void changes_make(void);
void changes_unmake(void);

/* changes_start: policy, proxies and tls.cfg for |state|, before the change;
 * changes_end_sessions: nothing comes back any more, if |state| says so;
 * changes_apply: after the change. */
void changes_start(const struct state *state);
void changes_end_sessions(const struct state *state);
void changes_apply(const struct state *state);

/* changes_peer: whom the peer is; changes_shown: and whose certificate it shows
 * later; NULL: none. */
const struct identity *changes_peer(const struct state *state);
const struct identity *changes_shown(const struct state *state);

#endif
