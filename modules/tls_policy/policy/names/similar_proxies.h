/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * similar_proxies - the proxies that are most like what a refused peer
 * presents; for the text of a refusal only. Bounded by what is presented, not
 * by how many proxies there are; no allocation; any process.
 */
#ifndef TLSP_SIMILAR_PROXIES_H
#define TLSP_SIMILAR_PROXIES_H

#include "policy/peer_facts.h"
#include "policy/proxies/proxies.h"

/*
 * tlsp_similar_proxies_find writes up to three proxies, separated by ", ", into
 * |text| (cut at a whole host, NUL terminated): such as the address that a
 * dNSName spells, names below, above or beside one that is presented, nearest
 * first; where none is alike, all proxies if there are no more than three.
 * |uris|: do the sip: URIs count?
 */
void tlsp_similar_proxies_find(const struct tlsp_proxies *proxies,
		const struct tlsp_peer_facts *facts, bool uris, char *text,
		size_t size);

#endif
