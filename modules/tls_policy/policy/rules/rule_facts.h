/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rule_facts - what is known of a connection when a rule is chosen for it, by
 * value. Types only.
 */
#ifndef TLSP_RULE_FACTS_H
#define TLSP_RULE_FACTS_H

#include <stddef.h>

#include "policy/peer_facts.h"

/* An address in network order. */
struct tlsp_rule_address
{
	unsigned char octets[16];
	unsigned char count; /* 4 or 16; 0 = not known */
};

struct tlsp_rule_facts
{
	enum tlsp_role role; /* ours */
	struct tlsp_rule_address listen;
	unsigned short listen_port; /* 0 where nobody chose one: as client */
	struct tlsp_rule_address peer;
	const char *server_name; /* that the client asks for; not NUL terminated */
	size_t server_name_octets; /* 0 = none, or not known yet */
};

#endif
