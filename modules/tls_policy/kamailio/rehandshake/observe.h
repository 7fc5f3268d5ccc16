/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * observe - notices in the hooks what has changed on a connection: it was
 * accepted, data passed, a re-handshake began or ended; and keeps the table of
 * connections up to date. In the process that reads or writes, with the locks
 * of its hook, as said at each.
 */
#ifndef TLSP_OBSERVE_H
#define TLSP_OBSERVE_H

#include "core/tcp_conn.h"

#include "openssl/record.h"

/*
 * tlsp_observe_read: |c| was read and passes, with |octets| of clear text.
 * |record|: of its SSL; NULL: there is none yet. Without its write_lock, which
 * is taken when something changed. After the end of a renegotiation what was
 * held back is sent. False if it cannot be, or without memory to watch over the
 * connection: then it is to be closed.
 */
bool tlsp_observe_read(
		struct tcp_connection *c, struct tlsp_record *record, int octets);

/* tlsp_observe_write: likewise, after |octets| of clear text were
 * encrypted; with the write_lock held. */
bool tlsp_observe_write(
		struct tcp_connection *c, struct tlsp_record *record, unsigned octets);

/* tlsp_observe_end: the connection of |record| ended. Nobody else uses it;
 * the core's lock of its TCP table may be held. */
void tlsp_observe_end(struct tlsp_record *record);

#endif
