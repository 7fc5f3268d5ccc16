/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tickets - session_tickets onto contexts and SSLs: by what a session that a
 * server of ours made comes back, whichever process it meets: a ticket under
 * keys that all share, the cache that all share, or not at all. Which session may
 * be used sessions.h says. OpenSSL and policy/ only; any process that does TLS,
 * under the lock of the SSL.
 */
#ifndef TLSP_TICKETS_H
#define TLSP_TICKETS_H

#include "openssl/store/session_cache.h"
#include "openssl/store/ticket_keys.h"
#include "record.h"

/* tlsp_tickets_share: before fork: the memory that all processes share; NULL:
 * none. */
void tlsp_tickets_share(
		struct tlsp_ticket_keys *keys, struct tlsp_session_cache *cache);

/* tlsp_tickets_init: once for the process, before fork for its children.
 * |may_use|: may this session be resumed on |ssl|? False without memory. */
bool tlsp_tickets_init(bool (*may_use)(SSL *ssl, SSL_SESSION *session));

/* tlsp_tickets_mark: the server's |context| does as |how| says: the one that
 * the SSL was made in, which has its tickets, and the one that its server name
 * chooses. False without memory. */
bool tlsp_tickets_mark(SSL_CTX *context, enum tlsp_session_tickets how);

/* tlsp_tickets_arm: likewise |ssl|, before its session is looked for. */
void tlsp_tickets_arm(
		SSL *ssl, struct tlsp_record *record, enum tlsp_session_tickets how);

/* tlsp_tickets_bind: a ticket is taken only where what verifies a peer, and which
 * ciphers are permitted, is what it was when it was made: in the context that the
 * SSL was made in, and in |context|, which the server name of its ClientHello
 * chooses. Also in testing and where nothing is enforced: there tls.cfg alone
 * decides. Without that, as without memory: no ticket. */
void tlsp_tickets_bind(struct tlsp_record *record, SSL_CTX *context);

/* tlsp_tickets_keep: |ssl|'s peer was accepted, and the session has its evidence:
 * up to TLS 1.2 it goes into the cache now. (In TLS 1.3 when its ticket is
 * made, which is later.) */
void tlsp_tickets_keep(SSL *ssl, const struct tlsp_record *record);

/* tlsp_tickets_forget: a fatal alert was sent or received: the session is not
 * resumed any more (RFC 5246, 7.2.2). Unless the peer was not accepted: whoever
 * names a session has not proven that it is his. */
void tlsp_tickets_forget(SSL *ssl, const struct tlsp_record *record);

#endif
