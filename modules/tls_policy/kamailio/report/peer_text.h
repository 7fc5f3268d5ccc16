/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer_text - a peer's address, port and part as RPC and event routes show them.
 * Any process, no lock.
 */
#ifndef TLSP_PEER_TEXT_H
#define TLSP_PEER_TEXT_H

#include <stdio.h>

#include "core/ip_addr.h"

#include "policy/peer_facts.h"

enum
{
	TLSP_PEER_TEXT_OCTETS = 64
};

/* tlsp_peer_text: "192.0.2.1:5061" or "[2001:db8::1]:5061" into |text|; returns
 * it. */
static inline char *tlsp_peer_text(const struct ip_addr *address,
		unsigned short port, char text[TLSP_PEER_TEXT_OCTETS])
{
	const char *format = address->af == AF_INET6 ? "[%s]:%d" : "%s:%d";

	snprintf(text, TLSP_PEER_TEXT_OCTETS, format,
			ip_addr2a((struct ip_addr *)address), port);
	return text;
}

/* tlsp_peer_role_word: what the peer is when we act as |role|: "client" or
 * "server". Static. */
static inline const char *tlsp_peer_role_word(enum tlsp_role role)
{
	return role == TLSP_ROLE_SERVER ? "client" : "server";
}

#endif
