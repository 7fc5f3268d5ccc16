/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer_text - a peer's address, port and part as the log, RPC and event routes
 * show them: an IPv6 address as RFC 5952 has it, in brackets. Any process, no
 * lock.
 */
#ifndef TLSP_PEER_TEXT_H
#define TLSP_PEER_TEXT_H

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "core/ip_addr.h"

#include "policy/peer_facts.h"

enum
{
	TLSP_PEER_TEXT_OCTETS = 64
};

/* tlsp_address_text: "192.0.2.1" or "[2001:db8::1]" into |text|; returns it.
 * |octets| are 4 or 16. */
static inline char *tlsp_address_text(const unsigned char *address,
		size_t octets, char text[TLSP_PEER_TEXT_OCTETS])
{
	char plain[INET6_ADDRSTRLEN] = "";

	inet_ntop(octets == 16 ? AF_INET6 : AF_INET, address, plain, sizeof(plain));
	snprintf(text, TLSP_PEER_TEXT_OCTETS, octets == 16 ? "[%s]" : "%s", plain);
	return text;
}

/* tlsp_peer_text: "192.0.2.1:5061" or "[2001:db8::1]:5061" into |text|; returns
 * it. */
static inline char *tlsp_peer_text(const struct ip_addr *address,
		unsigned short port, char text[TLSP_PEER_TEXT_OCTETS])
{
	size_t used =
			strlen(tlsp_address_text(address->u.addr, address->len, text));

	snprintf(text + used, TLSP_PEER_TEXT_OCTETS - used, ":%d", port);
	return text;
}

/* tlsp_peer_role_word: what the peer is when we act as |role|: "client" or
 * "server". Static. */
static inline const char *tlsp_peer_role_word(enum tlsp_role role)
{
	return role == TLSP_ROLE_SERVER ? "client" : "server";
}

#endif
