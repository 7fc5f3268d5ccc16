/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * successor - connections as client that are being replaced by a new one to
 * the same peer, from the successor's first octet until it is proven or
 * failed. In the memory of the re-handshake timer's process; no lock may be
 * held.
 */
#ifndef TLSP_SUCCESSOR_H
#define TLSP_SUCCESSOR_H

#include "kamailio/connection/connections.h"

/* tlsp_successor_begin opens a successor for the connection that |view| is
 * a copy of. */
void tlsp_successor_begin(const struct tlsp_connection *view, uint64_t now_ms);

/* tlsp_successor_look: at each tick: who is proven takes over, who failed is
 * closed. */
void tlsp_successor_look(uint64_t now_ms);

#endif
