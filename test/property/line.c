/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * line - see line.h.
 */
#include "line.h"

#include "changes.h"

#include <string.h>

#include <openssl/err.h>

static void set_name(SSL *client, enum server_name name)
{
	const char *asked = name == NAME_OTHER ? NAME_B : NAME_A;

	if(name != NAME_ADDED_AFTER_RETRY && name != NAME_NONE)
		SSL_set_tlsext_host_name(client, asked);
}

/* The name of a hello that comes after HelloRetryRequest. */
static void change_name(SSL *client, enum server_name name)
{
	if(name == NAME_OTHER_AFTER_RETRY)
		SSL_set_tlsext_host_name(client, NAME_B);
	else if(name == NAME_ADDED_AFTER_RETRY)
		SSL_set_tlsext_host_name(client, NAME_A);
	else if(name == NAME_DROPPED_AFTER_RETRY)
		SSL_set_tlsext_host_name(client, NULL);
}

void line_open(struct line *line, const struct state *state,
		SSL_SESSION *session, enum server_name name)
{
	struct link *link = &line->link;
	SSL *client;

	memset(line, 0, sizeof(*line));
	line->state = state;
	line->name = name;
	link->role =
			state->peer == PEER_IS_CLIENT ? TLSP_ROLE_SERVER : TLSP_ROLE_CLIENT;
	new_pair(&link->ends, world_context(state->peer),
			world_peer(state->peer, state->version, changes_peer(state),
					state->session == BY_ID),
			link->role);
	link->record = tlsp_record_of(link->ends.ours);
	wire_open(&line->wire, link->ends.ours, link->ends.peer,
			state->version == TLS_1_2 ? TLS1_2_VERSION : TLS1_3_VERSION);
	SSL_set_post_handshake_auth(link->ends.peer, 1);
	client = state->peer == PEER_IS_CLIENT ? link->ends.peer : link->ends.ours;
	set_name(client, name);
	if(name >= NAME_SAME_AFTER_RETRY && name != NAME_NONE)
		SSL_set1_groups_list(client, "X25519:P-256");
	if(session)
		SSL_set_session(client, session);
}

/* Closed in good order: the sessions stay good. */
void line_close(struct line *line)
{
	struct link *link = &line->link;

	SSL_set_shutdown(link->ends.ours, SSL_SENT_SHUTDOWN);
	SSL_set_shutdown(link->ends.peer, SSL_SENT_SHUTDOWN);
	free_pair(&link->ends);
	wire_close(&line->wire);
}

SSL_SESSION *line_session(const struct line *line)
{
	return SSL_get1_session(line->state->peer == PEER_IS_CLIENT
									? line->link.ends.peer
									: line->link.ends.ours);
}

void line_read(struct line *line)
{
	for(int i = 0; i < 3; i++)
		ours_reads(&line->link);
}

static bool peer_steps(struct line *line)
{
	SSL *peer = line->link.ends.peer;
	bool moved = wire_answer(&line->wire);

	line->link.peer_got[0] = '\0';
	read_into(peer, line->link.peer_got);
	return wire_take(&line->wire) || moved;
}

static bool is_hello(const struct line *line, int message)
{
	if(line->state->version == TLS_1_3)
		return message == SSL3_MT_CERTIFICATE
			   || message == COMPRESSED_CERTIFICATE;
	return message == SSL3_MT_CLIENT_HELLO || message == SSL3_MT_SERVER_HELLO;
}

void line_pass(struct line *line, const char *before, const char *behind)
{
	int message = wire_message(&line->wire);

	if(before)
		wire_pass_clear_text(&line->wire, before);
	wire_pass(&line->wire);
	if(behind)
		wire_pass_clear_text(&line->wire, behind);
	line->passed++;
	if(is_hello(line, message))
		line->hello = true;
	line_read(line);
	if(message == SSL3_MT_CLIENT_HELLO && line->passed == 1)
		change_name(line->link.ends.peer, line->name);
}

bool line_waits(struct line *line)
{
	return wire_message(&line->wire) >= 0;
}

void line_go_on(struct line *line, unsigned messages)
{
	bool moved = true;

	ours_reads(&line->link);
	while(moved) {
		moved = peer_steps(line);
		while(messages > 0 && line_waits(line)) {
			line_pass(line, NULL, NULL);
			messages--;
			moved = true;
		}
		ours_reads(&line->link);
		moved = moved && (messages > 0 || !line_waits(line));
	}
}

void line_count_anew(struct line *line)
{
	line->passed = 0;
	line->hello = false;
}

bool line_carries(struct line *line)
{
	struct link *link = &line->link;

	link->ours_got[0] = '\0';
	if(!SSL_is_init_finished(link->ends.peer)
			|| !writes(link->ends.peer, "MESSAGE"))
		return false;
	line_go_on(line, ALL_MESSAGES);
	return strcmp(link->ours_got, "MESSAGE") == 0
		   && tlsp_record_passes(tlsp_record_of(link->ends.ours));
}

unsigned line_outcome(struct line *line)
{
	if(!line_carries(line))
		return REFUSED;
	return SSL_session_reused(line->link.ends.ours) ? RESUMED : IN_FULL;
}
