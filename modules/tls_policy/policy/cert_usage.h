/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cert_usage - is what the certificates of a chain may be used for what the
 * peer does with them (RequireStrictCert, sip_domain_purpose)?
 * No OpenSSL, no allocation; any process.
 */
#ifndef TLSP_CERT_USAGE_H
#define TLSP_CERT_USAGE_H

#include "outcome.h"
#include "parameters.h"
#include "peer_facts.h"

/*
 * tlsp_cert_usage_judge: the faults of |usage| under |policy| when we act as
 * |role|. With require_strict_cert the whole chain, absent extensions
 * included, but for the trust anchor, whose absent extensions restrict
 * nothing (RFC 5280, 6.1.1 (d)); doc/decisions has the rules. With
 * sip_domain_purpose=require the end entity's id-kp-sipDomain (RFC 5924).
 */
void tlsp_cert_usage_judge(const struct tlsp_policy *policy,
		enum tlsp_role role, const struct tlsp_chain_usage *usage,
		struct tlsp_usage_faults *out);

/* tlsp_cert_usage_is_for: do |purposes| hold the one of TLS itself for what
 * the peer does when we act as |role| (clientAuth for a client)? */
bool tlsp_cert_usage_is_for(enum tlsp_role role, unsigned purposes);

/*
 * tlsp_cert_usage_allows: does an extendedKeyUsage with |purposes| allow what
 * the peer does when we act as |role|, by itself or by accept_server_auth_
 * clients or sip_domain_purpose?
 */
bool tlsp_cert_usage_allows(const struct tlsp_policy *policy,
		enum tlsp_role role, unsigned purposes);

/* tlsp_cert_usage_setting: the parameter without which tlsp_cert_usage_allows
 * would say no; NULL if it says no, or needs none. Static. */
const char *tlsp_cert_usage_setting(const struct tlsp_policy *policy,
		enum tlsp_role role, unsigned purposes);

/* tlsp_cert_usage_is_server_auth: is that |setting| accept_server_auth_clients?
 */
bool tlsp_cert_usage_is_server_auth(const char *setting);

#endif
