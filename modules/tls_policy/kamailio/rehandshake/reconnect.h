/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reconnect - replaces a connection as client by a new one to the same peer,
 * make before break. The successor is found by its id alone until it takes the
 * old one's place; the old one is then found by its id alone, so replies still
 * go over it. One process: the re-handshake timer's. No lock may be held.
 */
#ifndef TLSP_RECONNECT_H
#define TLSP_RECONNECT_H

#include <stdbool.h>

struct tlsp_successor
{
	int id;				 /* the core's */
	unsigned short port; /* of the peer */
};

/*
 * tlsp_reconnect_open opens a successor of connection |id| and begins its
 * handshake, under the policy like any other. False if it cannot; what it
 * began is closed.
 */
bool tlsp_reconnect_open(int id, struct tlsp_successor *out);

/* tlsp_reconnect_is_first: is |buffer| what a successor is opened with? */
bool tlsp_reconnect_is_first(const char *buffer);

/* tlsp_reconnect_replace: from now on what is sent to the peer's address goes
 * over |successor| instead of |id|; there is no moment without either. */
void tlsp_reconnect_replace(int id, const struct tlsp_successor *successor);

#endif
