/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * walk - which states are gone through, and what is told of them: TAP, a line
 * for each block, and one for each state that came out otherwise than the
 * oracle says.
 */
#ifndef TLSP_TEST_WALK_H
#define TLSP_TEST_WALK_H

#include "line.h"

/* walk_wants: is |state| to be run? Those that do not exist are counted. */
bool walk_wants(const struct state *state);

/* walk_skips: |state| could not be reached, and that is right so. */
void walk_skips(const struct state *state, const char *why);

/* walk_ends: |state| was run; the count. */
void walk_ends(const struct state *state);

/* walk_differs: of |state|, |what| is wrong; |says|: the sentence. */
void walk_differs(
		const struct state *state, const char *what, const char *says);

/* walk_compare: is |got| among what is allowed? |words|: of the bits. */
bool walk_compare(const struct state *state, const char *what,
		const struct expectation *expected, unsigned got,
		const char *const words[4]);

extern const char *const walk_outcomes[4], *const walk_verdicts[4];

/* walk_identity: is the peer who the oracle says, and nobody else? */
void walk_identity(const struct state *state, const struct line *line);

/* walk_session: a session for |state|, from a connection before; false if the
 * state is out of reach. NULL where it wants none. */
bool walk_session(const struct state *state, SSL_SESSION **out);

/* walk_establish: a connection before its change. False: out of reach. It is
 * closed then. */
bool walk_establish(const struct state *state, struct line *line);

/* The blocks. */
void walk_first(void);
void walk_again(void);
void walk_middle(void);
void walk_later(void);
void walk_shown(void);
void walk_hellos(void);

#endif
