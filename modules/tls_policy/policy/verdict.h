/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verdict - peer facts + policy + proxies -> accepted or refused, with every
 * reason. The only place where a peer is judged. No OpenSSL, no Kamailio, no
 * clock, no log, no allocation; any process.
 */
#ifndef TLSP_VERDICT_H
#define TLSP_VERDICT_H

#include "outcome.h"
#include "parameters.h"
#include "peer_facts.h"
#include "policy/proxies/proxies.h"

/* tlsp_verdict_names_judged: does |policy| compare names in |role|? */
bool tlsp_verdict_names_judged(
		const struct tlsp_policy *policy, enum tlsp_role role);

/* tlsp_verdict_asks_certificate: must we ask the peer for one? As client the
 * answer says whether the server's is verified by policy. */
bool tlsp_verdict_asks_certificate(
		const struct tlsp_policy *policy, enum tlsp_role role);

/* tlsp_verdict_requires_certificate: is a peer without one refused? */
bool tlsp_verdict_requires_certificate(
		const struct tlsp_policy *policy, enum tlsp_role role);

/*
 * tlsp_verdict_judge: the verdict on |facts| when we act as |role|. Order
 * (doc/identities.md): malformed; chain; usage; names (see names.h). Does not
 * allocate unless a CN is not ASCII.
 */
void tlsp_verdict_judge(const struct tlsp_policy *policy,
		const struct tlsp_proxies *proxies, enum tlsp_role role,
		const struct tlsp_peer_facts *facts, struct tlsp_verdict *out);

/*
 * tlsp_verdict_check_expected: can a server prove to be the host that |policy|
 * expects, by |proxies|? Where its names are judged that has to be one of them,
 * or TLSRemoteSubjectName. If not, false and one sentence in |error|.
 */
bool tlsp_verdict_check_expected(const struct tlsp_policy *policy,
		const struct tlsp_proxies *proxies, char *error, size_t error_size);

#endif
