/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * chain_constraints - the name constraints of a verified chain, laid on those
 * identities that OpenSSL does not hold to them and we compare with proxies.
 * OpenSSL and policy/ only; any process.
 */
#ifndef TLSP_CHAIN_CONSTRAINTS_H
#define TLSP_CHAIN_CONSTRAINTS_H

#include "peer_cert.h"

/*
 * tlsp_chain_constraints_apply marks the identities of |peer| that a CA of
 * |chain| (the end entity first) may not vouch for: the CN, which OpenSSL
 * checks only where there is no dNSName; the host of a URI, by the constraints
 * on dNSName and iPAddress; and a wildcard that may stand for an excluded
 * name (CVE-2025-61727). dNSName and iPAddress themselves OpenSSL has checked.
 */
void tlsp_chain_constraints_apply(
		struct tlsp_peer_cert *peer, STACK_OF(X509) * chain);

#endif
