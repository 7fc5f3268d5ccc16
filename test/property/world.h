/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * world - what a connection is in: identities beside those of tls_ends.h, the
 * TLS domains of tls.cfg as contexts that can be loaded anew, the tls module's
 * choice of one by server name, the contexts of plain peers, and the clock.
 */
#ifndef TLSP_TEST_WORLD_H
#define TLSP_TEST_WORLD_H

#include "../unit/tls_ends.h"
#include "oracle.h"

#define NAME_A "a.example"
#define NAME_B "b.example"

extern struct identity same_names, both_names, server_only, constrained,
		constraining_ca;

/* Lists of proxies. */
extern struct tlsp_proxies *list_of_both, *list_of_trusted, *list_of_other,
		*list_of_three;

/* What the TLS domains trust. */
struct trust
{
	bool ca, foreign_ca;
	const struct identity *revoked; /* NULL: no CRL */
};

/* One reading of tls.cfg. The domains of server names are NULL where there are
 * none. */
struct tls_cfg
{
	SSL_CTX *server, *a, *b, *client;
};

void world_make(void);
void world_unmake(void);

/* world_start: a new tls.cfg for |state|, nothing of before; world_end. */
void world_start(const struct state *state, const struct trust *trust);
void world_end(void);

/* world_reload: as tls.reload: later choices are made of this one. Sessions
 * that are kept by id go along, as in a cache of all processes. */
void world_reload(const struct trust *trust);

/* world_context: for a new connection of ours. */
SSL_CTX *world_context(enum peer_role peer);

/* The same for what the code under test asks (gate.h). */
SSL_CTX *world_context_for(SSL *ssl, const char *server_name);
SSL_CTX *world_context_now(SSL *ssl);
bool world_changed(SSL *ssl);

/* world_peer: a plain peer that shows |identity|, NULL: nothing. Borrowed. */
SSL_CTX *world_peer(enum peer_role peer, enum version version,
		const struct identity *identity, bool by_id);

/* world_show: another certificate from now on, NULL: none. */
void world_show(SSL *peer, const struct identity *identity);

/* world_pass_time: seconds. world_start sets the clock right again. */
void world_pass_time(long seconds);

#endif
