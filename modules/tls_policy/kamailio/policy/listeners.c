/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * listeners - see listeners.h.
 */
#include "listeners.h"

#include <string.h>

#include "core/dprint.h"
#include "core/globals.h"
#include "core/socket_info.h"

#include "policy/rules/conditions.h"

enum
{
	TOLD = 8
};

/* 0.0.0.0 takes no IPv6; whether [::] takes IPv4 is the system's to say. */
static bool takes(
		const struct ip_addr *socket, const struct tlsp_rule_address *address)
{
	return socket->len == address->count || socket->af == AF_INET6;
}

static bool is_at(
		const struct socket_info *socket, const struct tlsp_listen *listen)
{
	if(listen->port != 0 && listen->port != socket->port_no)
		return false;
	if(listen->address.count == 0)
		return true;
	if(socket->flags & SI_IS_ANY)
		return takes(&socket->address, &listen->address);
	return listen->address.count == socket->address.len
		   && memcmp(listen->address.octets, socket->address.u.addr,
					  socket->address.len)
					  == 0;
}

static bool is_taken(const struct tlsp_listen *listen)
{
	for(const struct socket_info *s = tls_listen; s; s = s->next)
		if(is_at(s, listen))
			return true;
	return false;
}

static void warn(const char *rule, const struct tlsp_listen *listen)
{
	char value[TLSP_CONDITION_VALUE_OCTETS];

	LM_WARN("rule %s: Kamailio has no TLS socket at listen = %s, so that no "
			"peer can connect there (listen=tls:... of kamailio.cfg)\n",
			rule, tlsp_listen_print(listen, value));
}

/* Where we connect from need not be where we listen. */
static void look_at(const struct tlsp_book_rule *rule, unsigned long *not_taken)
{
	struct tlsp_conditions conditions;
	char error[256];

	if(tlsp_book_conditions(rule, &conditions, error, sizeof(error))
			&& tlsp_conditions_peer_role(&conditions) != TLSP_PEER_ROLE_SERVER)
		for(size_t i = 0; i < conditions.listen_count; i++)
			if(!is_taken(&conditions.listens[i]) && (*not_taken)++ < TOLD)
				warn(rule->name, &conditions.listens[i]);
	tlsp_conditions_cleanup(&conditions);
}

void tlsp_listeners_warn(const struct tlsp_book *book)
{
	unsigned long not_taken = 0;

	if(ksr_tcp_accept_haproxy) /* then the address is what a proxy says */
		return;
	for(size_t i = 1; i <= book->count; i++)
		look_at(&book->rules[i], &not_taken);
	if(not_taken > TOLD)
		LM_WARN("%lu more values of listen are where Kamailio has no TLS "
				"socket\n",
				not_taken - TOLD);
}
