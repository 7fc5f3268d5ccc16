/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * successor - replaces a connection as client by a new one to the same peer,
 * make before break, from the successor's first octet until it is proven or
 * failed. It is found by its id alone until it takes the old one's place; the
 * old one is then found by its id alone, so replies still go over it. The
 * process of the re-handshake timer, in whose memory this is, and no lock may
 * be held; but for tlsp_successor_is_first.
 */
#ifndef TLSP_SUCCESSOR_H
#define TLSP_SUCCESSOR_H

#include "kamailio/connection/connections.h"

/* tlsp_successor_begin opens one for the connection that |view| is a copy of,
 * and begins its handshake, under the policy like any other. It may take
 * |timeout_ms| until it is accepted, TCP and TLS together. */
void tlsp_successor_begin(const struct tlsp_connection *view,
		unsigned timeout_ms, uint64_t now_ms);

/* tlsp_successor_look: at each tick: who is proven takes over, who failed is
 * closed. */
void tlsp_successor_look(uint64_t now_ms);

/* tlsp_successor_any: is there any, to be looked at at the next tick? */
bool tlsp_successor_any(void);

/* tlsp_successor_is_first: is |buffer| what a successor is opened with? In the
 * encode hook, any lock. */
bool tlsp_successor_is_first(const char *buffer);

#endif
