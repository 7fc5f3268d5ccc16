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
 * With bind_to_peer a match counts only for the peer of this connection: as
 * client, if it stands for the server name that was asked for or else for the
 * peer's address, and that is a proxy (RFC 5922, 7.3); as server, if it is no
 * address or the peer's. Of a peer that was accepted on this connection before,
 * only what it was accepted as counts.
 */
void tlsp_names_judge(const struct tlsp_policy *policy,
		const struct tlsp_proxies *proxies, enum tlsp_role role,
		const struct tlsp_peer_facts *facts, struct tlsp_verdict *out);

/*
 * tlsp_names_set_connection: whom the connection is with, for bind_to_peer, into
 * |facts|: the |server_name| that we asked for when we act as |role| (in any
 * other role it says nothing; what is no host then matches nothing) and the
 * |address|. NULL: not known. May allocate (libidn2) if the name is not ASCII.
 */
void tlsp_names_set_connection(struct tlsp_peer_facts *facts,
		enum tlsp_role role, const char *server_name,
		const struct tlsp_host *address);

#endif
