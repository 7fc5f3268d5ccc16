/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * names - the names that a certificate presents against the proxies: which
 * count, in which order, and what follows from each (doc/identities.md has the
 * table). No allocation unless a CN is not ASCII; any process.
 */
#ifndef TLSP_NAMES_H
#define TLSP_NAMES_H

#include "policy/outcome.h"
#include "policy/parameters.h"
#include "policy/peer_facts.h"
#include "policy/proxies/proxies.h"

/*
 * tlsp_names_judge sets match, matched and sip_domain of |out|, and adds to its
 * reasons if nothing is acceptable. One match is enough. In order:
 * - with sip_uri_identities, URIs of scheme sip without userinfo; where there
 *   is one, neither dNSName nor CN count (RFC 5922, 7.1);
 * - dNSName and iPAddress (the manual);
 * - nothing, if the SubjectAltName is critical (the manual);
 * - the CN: TLSRemoteSubjectName, then the proxies (the manual).
 * Where it is bound (tlsp_names_bound) a match counts only for the peer of this
 * connection: as client, if it stands for the server name that was asked for, or
 * else the host that the rule expects, or else the peer's address, and that is a
 * proxy (RFC 5922, 7.3); as server, if it is no address or the peer's. Of a peer
 * that was accepted on this connection before, only what it was accepted as
 * counts.
 */
void tlsp_names_judge(const struct tlsp_policy *policy,
		const struct tlsp_proxies *proxies, enum tlsp_role role,
		const struct tlsp_peer_facts *facts, struct tlsp_verdict *out);

/* tlsp_names_bound: does |policy| hold a connection on which we act as |role| to
 * the peer that it is with: by bind_to_peer, or as client by expect? */
bool tlsp_names_bound(const struct tlsp_policy *policy, enum tlsp_role role);

/*
 * tlsp_names_set_connection: whom the connection is with, for where it is bound,
 * into |facts|: as client the |server_name| that we asked for (what is no host
 * matches nothing) or else, with NULL, the host that |policy| expects; and the
 * |address|, NULL if it is not known. May allocate (libidn2) if the name is not
 * ASCII.
 */
void tlsp_names_set_connection(struct tlsp_peer_facts *facts,
		const struct tlsp_policy *policy, enum tlsp_role role,
		const char *server_name, const struct tlsp_host *address);

#endif
