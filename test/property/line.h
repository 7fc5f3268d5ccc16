/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * line - one connection between a plain peer and the end under test, over a
 * wire on which messages can be held back.
 */
#ifndef TLSP_TEST_LINE_H
#define TLSP_TEST_LINE_H

#include "../unit/tls_link.h"
#include "wire.h"
#include "world.h"

#define ALL_MESSAGES (~0U)
#define NAME_NONE NAMES /* no server name at all */

struct line
{
	const struct state *state;
	enum server_name name;
	struct link link; /* its contexts are borrowed, its texts are used */
	struct wire wire;
	unsigned passed; /* messages of the peer, since line_count_anew */
	bool hello;		 /* the peer's first of a later handshake was among them */
};

/* line_open: not a step of the handshake is done. |session| may be NULL. */
void line_open(struct line *line, const struct state *state,
		SSL_SESSION *session, enum server_name name);
void line_close(struct line *line);

/* line_session: what the connection can be resumed from; the caller frees it. */
SSL_SESSION *line_session(const struct line *line);

/* line_go_on: until |messages| more of the peer have passed, or nothing moves.
 */
void line_go_on(struct line *line, unsigned messages);

/* line_pass: the message that waits, in one segment with clear text, which may
 * be NULL. */
void line_pass(struct line *line, const char *before, const char *behind);

/* line_waits: is there a message of the peer that has not passed? */
bool line_waits(struct line *line);

/* line_read: our end reads all there is. */
void line_read(struct line *line);

/* line_carries: does clear text of the peer reach whoever is behind our end? */
bool line_carries(struct line *line);

void line_count_anew(struct line *line);

/* line_outcome: after the first handshake; enum outcome. */
unsigned line_outcome(struct line *line);

#endif
