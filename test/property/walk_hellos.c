/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * walk_hellos - what begins a handshake: server names that no host has, another
 * one in a renegotiation, peers that start one themselves or cannot be
 * renegotiated with safely.
 */
#include "walk.h"

#include <stdio.h>
#include <string.h>

#include <openssl/err.h>

#include "changes.h"
#include "under_test.h"

enum
{
	ILLEGAL_PARAMETER = 47
};

static void open_line(struct line *line, const struct state *state)
{
	changes_start(state);
	line_open(line, state, NULL, NAME_SAME);
}

static void end_line(struct line *line)
{
	line_close(line);
	world_end();
}

static void first_name(const struct state *state, const char *name, bool good)
{
	char what[128];
	struct line line;
	bool carries;

	if(!walk_wants(state))
		return;
	open_line(&line, state);
	SSL_set_tlsext_host_name(line.link.ends.peer, name);
	line_go_on(&line, ALL_MESSAGES);
	carries = line_carries(&line);
	snprintf(what, sizeof(what), "server name \"%s\" %s", name,
			carries ? "is taken" : "is refused");
	if(carries != good || (!good && last_alert != ILLEGAL_PARAMETER))
		walk_differs(state, what,
				"A server_name with octets that no host has is refused.");
	end_line(&line);
	walk_ends(state);
}

static void first_names(const struct state *state)
{
	static const char *const good[] = {
			"a.example", "A.Example", "xn--nxasmq6b.example", "a-b.example"};
	static const char *const bad[] = {"a example", "x)\n FAKE", "a\x01.example",
			"\xc3\xa4.example", "a/b", "a\r\nb", "\x7f"};

	for(size_t i = 0; i < COUNT(good); i++)
		first_name(state, good[i], true);
	for(size_t i = 0; i < COUNT(bad); i++)
		first_name(state, bad[i], false);
}

/* |name| NULL: none. */
static void name_of_a_renegotiation(const struct state *state, const char *name)
{
	struct line line;

	if(!walk_wants(state))
		return;
	open_line(&line, state);
	line_go_on(&line, ALL_MESSAGES);
	SSL_set_tlsext_host_name(line.link.ends.peer, name);
	if(renegotiate(&line.link) == 0)
		walk_differs(state, "cannot be renegotiated", "");
	line_go_on(&line, ALL_MESSAGES);
	if(line_carries(&line) || last_alert != ILLEGAL_PARAMETER)
		walk_differs(state, "another server name in a renegotiation is taken",
				"A connection carries only for what it was judged for.");
	end_line(&line);
	walk_ends(state);
}

static void peer_begins(const struct state *state)
{
	struct line line;

	if(!walk_wants(state))
		return;
	open_line(&line, state);
	line_go_on(&line, ALL_MESSAGES);
	ERR_clear_error();
	SSL_renegotiate(line.link.ends.peer);
	SSL_do_handshake(line.link.ends.peer);
	line_go_on(&line, ALL_MESSAGES);
	if(under_test_accepted(line.link.record).handshakes != 1
			|| line_carries(&line))
		walk_differs(state, "the peer started a handshake",
				"Peers start no re-handshake.");
	end_line(&line);
	walk_ends(state);
}

static void without_extended_master_secret(const struct state *state)
{
	struct line line;

	if(!walk_wants(state))
		return;
	open_line(&line, state);
	SSL_set_options(line.link.ends.peer, SSL_OP_NO_EXTENDED_MASTER_SECRET);
	line_go_on(&line, ALL_MESSAGES);
	if(renegotiate(&line.link) != 0 || !line_carries(&line))
		walk_differs(state, "renegotiated without extended master secret",
				"No renegotiation without it (RFC 7627, 5.4).");
	end_line(&line);
	walk_ends(state);
}

void walk_hellos(void)
{
	for(enum version version = 0; version < VERSIONS; version++)
		for(enum domain domain = 0; domain < SNI_DOMAIN_STRICTER; domain++) {
			struct state state = {.version = version, .domain = domain};

			first_names(&state);
			if(version != TLS_1_2)
				continue;
			state.moment = IN_THE_MIDDLE;
			state.handshake = RENEGOTIATION;
			state.change =
					CHANGE_RELOAD; /* which the walk does not leave out */
			name_of_a_renegotiation(&state, NAME_B);
			name_of_a_renegotiation(&state, NULL);
			for(state.peer = 0; state.peer < PEER_ROLES; state.peer++) {
				peer_begins(&state);
				without_extended_master_secret(&state);
			}
		}
}
