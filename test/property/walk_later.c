/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * walk_later - handshakes on a connection that is established: what changes
 * while one goes on (walk_later), whose certificate is shown in it
 * (walk_shown), with a message held back, cut in two or damaged at each place.
 */
#include "walk.h"

#include <string.h>

#include <openssl/err.h>

#include "changes.h"
#include "under_test.h"

/* False: it cannot be started. */
static bool start(struct line *line)
{
	const struct state *state = line->state;
	struct link *link = &line->link;
	SSL *peer = link->ends.peer;

	ERR_clear_error();
	switch(state->handshake) {
		case RENEGOTIATION:
			return renegotiate(link) > 0;
		case POST_HANDSHAKE:
			return key_update(link, true) > 0 && under_test_asked(link->record);
		case KEY_UPDATE:
			return SSL_key_update(peer, SSL_KEY_UPDATE_REQUESTED)
				   && SSL_do_handshake(peer);
		case NEW_TICKET:
			return SSL_new_session_ticket(peer) && SSL_do_handshake(peer);
		default:
			return false;
	}
}

static void still_the_same(const struct state *state,
		const struct under_test_accepted *before, const struct line *line)
{
	struct under_test_accepted now = under_test_accepted(line->link.record);

	if(now.match != before->match
			|| (now.match != TLSP_MATCH_NONE
					&& !tlsp_hostname_equal(&now.host, &before->host)))
		walk_differs(state, "an identity before Finished",
				"A certificate that is shown again counts only after "
				"Finished.");
	if(now.handshakes != before->handshakes)
		walk_differs(state, "a handshake counted before Finished",
				"A certificate that is shown again counts only after "
				"Finished.");
}

static void withholding(const struct state *state, const struct line *line)
{
	bool must = oracle_withholds(state),
		 does = under_test_withholds(line->link.ends.ours, line->link.record);

	if(!tlsp_record_passes(tlsp_record_of(line->link.ends.ours)))
		return; /* nothing is read any more */
	if(must != does && (must || !state->part))
		walk_differs(state,
				must ? "clear text need not wait" : "clear text waits",
				"SIP that is read with or after the peer's first message of "
				"a later handshake waits for its end.");
}

/* The message at |passed| and what comes in one segment with it. */
static void cut(struct state *state, struct line *line)
{
	if(state->broken)
		wire_break(&line->wire);
	if(state->text != TEXT_NONE) {
		state->text_within = line->hello;
		line_pass(line, state->text == TEXT_BEFORE ? "SIP" : NULL,
				state->text == TEXT_BEHIND ? "SIP" : NULL);
		state->text_within = state->text_within
							 || (state->text == TEXT_BEHIND && line->hello);
	}
	if(state->part && wire_pass_part(&line->wire))
		line_read(line);
}

/* The verdict while it goes on. False: the connection is closed. */
static bool judged(const struct state *state, struct line *line)
{
	struct expectation expected = oracle_again(state);
	unsigned again = under_test_again(line->link.ends.ours, line->link.record);

	walk_compare(state, "verdict of now", &expected, again, walk_verdicts);
	return !(again & AGAIN_CLOSED);
}

static void finish(struct state *state, struct line *line)
{
	const struct expectation *expected = oracle_later(state);
	SSL *ours = line->link.ends.ours;
	unsigned outcome;
	struct expectation again;

	line_go_on(line, ALL_MESSAGES);
	outcome = line_outcome(line);
	if(!walk_compare(state, "outcome", expected, outcome, walk_outcomes))
		return;
	if(expected->alert && !state->text_within && last_alert != expected->alert)
		walk_differs(state, "alert", expected->says);
	walk_identity(state, line);
	if(outcome == REFUSED)
		return;
	state->moment = AFTERWARDS;
	state->proved_again = state->handshake <= POST_HANDSHAKE;
	again = oracle_again(state);
	outcome = under_test_again(ours, line->link.record);
	state->moment = IN_THE_MIDDLE;
	walk_compare(state, "verdict after it all", &again, outcome, walk_verdicts);
}

/* False: there are not so many messages. */
static bool in_progress(struct state *state)
{
	struct under_test_accepted before;
	struct line line;
	bool there;

	changes_start(state);
	if(!walk_establish(state, &line)) {
		world_end();
		walk_ends(state);
		return false;
	}
	line_count_anew(&line);
	if(state->shown != SHOWN_SAME)
		world_show(line.link.ends.peer, changes_shown(state));
	before = under_test_accepted(line.link.record);
	there = start(&line);
	if(!there && state->passed == 0 && !state->part)
		walk_differs(state, "cannot be started", "");
	line_go_on(&line, there ? state->passed : 0);
	there = there && line_waits(&line);
	if(there) {
		cut(state, &line);
		state->hello_passed = line.hello;
		if(line_waits(&line) || SSL_in_init(line.link.ends.ours)) {
			still_the_same(state, &before, &line);
			withholding(state, &line);
		}
		changes_apply(state);
		if(!state->recheck || judged(state, &line))
			finish(state, &line);
	}
	line_close(&line);
	world_end();
	if(there)
		walk_ends(state);
	return there;
}

static void each_message(const struct state *base)
{
	for(unsigned passed = 0; passed < 20; passed++) {
		struct state state = *base;

		state.passed = passed;
		if(walk_wants(&state) && !in_progress(&state))
			return;
	}
}

#define EACH(type, variable, count) \
	for(type variable = 0; variable < count; variable++)

static void each_connection(void (*run)(const struct state *state))
{
	EACH(enum peer_role, peer, PEER_ROLES)
	EACH(enum version, version, VERSIONS)
	EACH(enum session, session, BY_TICKET_OF_TICKET)
	EACH(enum way, way, WAY_OFF)
	EACH(enum domain, domain, SNI_DOMAIN_STRICTER)
	EACH(enum change, change, CHANGES)
	EACH(enum handshake, handshake, HANDSHAKES)
	{
		struct state state = {.peer = peer,
				.version = version,
				.session = session,
				.way = way,
				.domain = domain,
				.change = change,
				.moment = IN_THE_MIDDLE,
				.handshake = handshake};

		if(handshake != FIRST)
			run(&state);
	}
}

static void held_or_cut(const struct state *base)
{
	for(unsigned i = 0; i < 4; i++) {
		struct state state = *base;

		state.part = i & 1;
		state.recheck = i & 2;
		each_message(&state);
	}
}

void walk_later(void)
{
	each_connection(held_or_cut);
}

static void shown_again(const struct state *base)
{
	bool proves = base->handshake <= POST_HANDSHAKE;

	if(!proves
			|| (base->change != CHANGE_NOTHING
					&& base->change != CHANGE_NOTHING_NAMES_OFF
					&& base->change != CHANGE_RELOAD
					&& base->change != CHANGE_NAMED_ROOTS_RELOAD))
		return;
	EACH(enum shown, shown, SHOWNS)
	EACH(enum clear_text, text, TEXTS)
	for(unsigned i = 0; i < 2; i++) {
		struct state state = *base;

		state.shown = shown;
		state.text = text;
		state.broken = i;
		if(text == TEXT_NONE || !state.broken)
			each_message(&state);
	}
}

void walk_shown(void)
{
	each_connection(shown_again);
}
