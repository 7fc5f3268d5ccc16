/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * walk_first - first handshakes: what changed between the session and its use
 * (walk_first), what changes while one goes on (walk_middle), and what a
 * connection is worth when something changed afterwards (walk_again).
 */
#include "walk.h"

#include "changes.h"
#include "under_test.h"

/* A connection that is to become a session: in full, or from |session|. */
static SSL_SESSION *make_session(
		const struct state *state, SSL_SESSION *session)
{
	enum server_name name =
			state->name == NAME_ADDED_AFTER_RETRY ? NAME_NONE : NAME_SAME;
	unsigned wanted = session ? RESUMED : IN_FULL, outcome;
	SSL_SESSION *made = NULL;
	struct line line;

	line_open(&line, state, session, name);
	line_go_on(&line, ALL_MESSAGES);
	outcome = line_outcome(&line);
	if(outcome == wanted)
		made = line_session(&line);
	else if(outcome == REFUSED || state->peer == PEER_IS_CLIENT)
		walk_differs(state, "the connection of the session",
				"(it is one like any other)");
	else
		walk_skips(state, "as client we offer no session");
	line_close(&line);
	return made;
}

static bool make_sessions(const struct state *state, SSL_SESSION **out)
{
	long seconds = state->age == OLD ? 202 : 2;
	SSL_SESSION *first;

	*out = NULL;
	if(state->session == NO_SESSION)
		return true;
	first = make_session(state, NULL);
	if(!first)
		return false;
	world_pass_time(
			state->session == BY_TICKET_OF_TICKET ? seconds : seconds * 3 / 2);
	*out = first;
	if(state->session != BY_TICKET_OF_TICKET)
		return true;
	*out = make_session(state, first);
	SSL_SESSION_free(first);
	world_pass_time(seconds);
	return *out != NULL;
}

bool walk_session(const struct state *state, SSL_SESSION **out)
{
	bool made = make_sessions(state, out);

	changes_end_sessions(state);
	return made;
}

static void between(const struct state *state)
{
	SSL_SESSION *session;
	struct line line;
	const struct expectation *expected = oracle_first(state);

	changes_start(state);
	if(walk_session(state, &session)) {
		changes_apply(state);
		line_open(&line, state, session, state->name);
		line_go_on(&line, ALL_MESSAGES);
		if(walk_compare(state, "outcome", expected, line_outcome(&line),
				   walk_outcomes)
				&& expected->alert && last_alert != expected->alert)
			walk_differs(state, "alert", expected->says);
		if(state->change != CHANGE_PROXY_MOVED)
			walk_identity(state, &line);
		line_close(&line);
		SSL_SESSION_free(session);
	}
	world_end();
	walk_ends(state);
}

#define EACH(type, variable, count) \
	for(type variable = 0; variable < count; variable++)

static void each_session(void (*run)(const struct state *state),
		enum moment moment, enum server_name names, enum age ages,
		enum domain domains)
{
	struct state state;

	EACH(enum peer_role, peer, PEER_ROLES)
	EACH(enum version, version, VERSIONS)
	EACH(enum session, session, SESSIONS)
	EACH(enum way, way, WAYS)
	EACH(enum age, age, ages)
	EACH(enum server_name, name, names)
	EACH(enum domain, domain, domains)
	EACH(enum change, change, CHANGES)
	{
		state = (struct state){.peer = peer,
				.version = version,
				.session = session,
				.way = way,
				.age = age,
				.name = name,
				.domain = domain,
				.change = change,
				.moment = moment};
		if(walk_wants(&state))
			run(&state);
	}
}

void walk_first(void)
{
	each_session(between, BETWEEN, NAMES, AGES, DOMAINS);
}

bool walk_establish(const struct state *state, struct line *line)
{
	SSL_SESSION *session;
	unsigned outcome;

	if(!walk_session(state, &session))
		return false;
	line_open(line, state, session, state->name);
	line_go_on(line, ALL_MESSAGES);
	outcome = line_outcome(line);
	SSL_SESSION_free(session);
	if(outcome == (session && state->way != WAY_OFF ? RESUMED : IN_FULL))
		return true;
	if(session && outcome == IN_FULL && state->peer == PEER_IS_SERVER)
		walk_skips(state, "as client we offer no session");
	else
		walk_differs(state, "the connection before the change",
				"(it is one like any other)");
	line_close(line);
	return false;
}

/* The verdict of now is obeyed. */
static void afterwards(const struct state *state)
{
	struct expectation expected = oracle_again(state);
	struct line line;

	changes_start(state);
	if(walk_establish(state, &line)) {
		SSL *ours = line.link.ends.ours;
		unsigned again;

		walk_identity(state, &line);
		changes_apply(state);
		again = under_test_again(ours, line.link.record);
		walk_compare(state, "verdict of now", &expected, again, walk_verdicts);
		walk_identity(state, &line);
		if(again == AGAIN_ACCEPTED && !line_carries(&line))
			walk_differs(state, "accepted and carries nothing", expected.says);
		if(again == AGAIN_REFUSED && tlsp_record_passes(tlsp_record_of(ours)))
			walk_differs(state, "refused and passes", expected.says);
		line_close(&line);
	}
	world_end();
	walk_ends(state);
}

void walk_again(void)
{
	each_session(afterwards, AFTERWARDS, NAME_OTHER, OLD, SNI_DOMAIN_STRICTER);
}

/* False: there are not so many messages. */
static bool middle(struct state *state)
{
	bool there = true;
	SSL_SESSION *session;
	struct line line;

	changes_start(state);
	if(walk_session(state, &session)) {
		line_open(&line, state, session, state->name);
		line_go_on(&line, state->passed);
		there = line_waits(&line) && !SSL_is_init_finished(line.link.ends.ours);
		if(there && state->part && wire_pass_part(&line.wire))
			line_read(&line);
		state->hello_passed =
				state->passed > (state->name == NAME_SAME_AFTER_RETRY);
		if(there) {
			changes_apply(state);
			line_go_on(&line, ALL_MESSAGES);
			walk_compare(state, "outcome", oracle_first(state),
					line_outcome(&line), walk_outcomes);
			if(state->change != CHANGE_PROXY_MOVED)
				walk_identity(state, &line);
		}
		line_close(&line);
		SSL_SESSION_free(session);
	} else {
		there = false;
	}
	world_end();
	if(there)
		walk_ends(state);
	return there;
}

static void each_message(const struct state *base)
{
	for(int part = 0; part < 2; part++)
		for(unsigned passed = 0;; passed++) {
			struct state state = *base;

			state.part = part;
			state.passed = passed;
			if(walk_wants(&state) && !middle(&state))
				break;
			if(passed > 20)
				break;
		}
}

static void middle_of(const struct state *state)
{
	if(state->name != NAME_OTHER && state->session != BY_TICKET_OF_TICKET)
		each_message(state);
}

void walk_middle(void)
{
	each_session(middle_of, IN_THE_MIDDLE, NAME_OTHER_AFTER_RETRY, OLD,
			SNI_DOMAIN_STRICTER);
}
