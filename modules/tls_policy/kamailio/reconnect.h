/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reconnect - replaces a connection as client by a new one to the same peer,
 * make before break. The successor is found by its id alone until it takes the
 * old one's place; the old one is then found by its id alone, so replies still
 * go over it. One process: the re-handshake timer's. No lock may be held.
 */
#ifndef TLSP_RECONNECT_H
#define TLSP_RECONNECT_H

/*
 * tlsp_reconnect_open opens a successor of connection |id| and begins its
 * handshake, under the policy like any other. Returns the successor's id, or 0.
 */
int tlsp_reconnect_open(int id);

/* tlsp_reconnect_replace: from now on what is sent to the peer's address goes
 * over |successor| instead of |id|; there is no moment without either. */
void tlsp_reconnect_replace(int id, int successor);

#endif
