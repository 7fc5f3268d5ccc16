/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer_text - a peer's address and port as RPC and event routes show them. Any
 * process, no lock.
 */
#ifndef TLSP_PEER_TEXT_H
#define TLSP_PEER_TEXT_H

#include <stdio.h>

#include "core/ip_addr.h"

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

#endif
