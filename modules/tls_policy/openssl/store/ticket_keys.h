/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ticket_keys - the keys that tickets are encrypted by, the same in all
 * processes: random, only in the memory that the caller gives, and gone after
 * two periods. A reader copies them and looks whether they were changed
 * meanwhile; nobody waits. OpenSSL only; any process.
 */
#ifndef TLSP_TICKET_KEYS_H
#define TLSP_TICKET_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
	/* New keys come so often, those before are kept as long: so whoever gets
	 * a ticket can use it as long as a session lives (sessions.h). */
	TLSP_TICKET_KEYS_PERIOD_S = 300,
	TLSP_TICKET_NAME_OCTETS = 16,
	TLSP_TICKET_KEY_OCTETS = 32,
	TLSP_TICKET_BINDING_OCTETS = 32
};

struct tlsp_ticket_keys; /* in shared memory */

/* What one ticket is encrypted and authenticated by. To be cleansed. */
struct tlsp_ticket_key
{
	unsigned char name[TLSP_TICKET_NAME_OCTETS];
	unsigned char cipher[TLSP_TICKET_KEY_OCTETS];
	unsigned char mac[TLSP_TICKET_KEY_OCTETS];
	bool newest;
};

/* tlsp_ticket_keys_octets: of the memory that tlsp_ticket_keys_init needs, which
 * is aligned to 8. Before fork; there are no keys yet. */
size_t tlsp_ticket_keys_octets(void);
struct tlsp_ticket_keys *tlsp_ticket_keys_init(void *memory);

/* tlsp_ticket_keys_turn: at |now_s| (time(2)), where the period of the newest
 * keys is over, new ones take their place, and those that are two periods old
 * are wiped. By any process, and by a timer, so that no key outlives an idle
 * night. Where another process does it, or no random octets are to be had, all
 * stays as it is. */
void tlsp_ticket_keys_turn(struct tlsp_ticket_keys *keys, int64_t now_s);

/* tlsp_ticket_keys_newest: what a ticket is made with at |now_s|, where only a
 * context with the same |binding| may take it. False: no ticket can be made. */
bool tlsp_ticket_keys_newest(struct tlsp_ticket_keys *keys, int64_t now_s,
		const unsigned char binding[TLSP_TICKET_BINDING_OCTETS],
		struct tlsp_ticket_key *out);

/* tlsp_ticket_keys_find: what the ticket of that |name| was made with, if that
 * was in this period or the one before. */
bool tlsp_ticket_keys_find(struct tlsp_ticket_keys *keys, int64_t now_s,
		const unsigned char name[TLSP_TICKET_NAME_OCTETS],
		const unsigned char binding[TLSP_TICKET_BINDING_OCTETS],
		struct tlsp_ticket_key *out);

/* tlsp_ticket_keys_wipe: at the very end. */
void tlsp_ticket_keys_wipe(struct tlsp_ticket_keys *keys);

#endif
