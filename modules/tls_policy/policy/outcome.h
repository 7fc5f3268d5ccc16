/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * outcome - what a judgement comes to: reasons, what matched, and the faults of
 * a chain. Types only; verdict.h judges, explain.h has the words.
 */
#ifndef TLSP_OUTCOME_H
#define TLSP_OUTCOME_H

#include "peer_facts.h"

enum
{
	TLSP_SIMILAR_PROXIES_OCTETS = 160 /* of their names, with a NUL */
};

/* Reasons, as bits. explain.h has their words. */
enum tlsp_reason
{
	TLSP_REASON_NO_CERTIFICATE = 1 << 0,
	TLSP_REASON_MALFORMED = 1 << 1,
	TLSP_REASON_EXPIRED = 1 << 2,
	TLSP_REASON_NOT_YET_VALID = 1 << 3,
	TLSP_REASON_REVOKED = 1 << 4,
	TLSP_REASON_NOT_TRUSTED = 1 << 5,
	TLSP_REASON_NOT_VERIFIED = 1 << 6,		/* nobody checked the chain */
	TLSP_REASON_SAN_CRITICAL = 1 << 7,		/* no match, and it is critical */
	TLSP_REASON_HOST_MISMATCH = 1 << 8,		/* neither SAN nor CN match */
	TLSP_REASON_PEER_NOT_DIALLED = 1 << 9,	/* a proxy, but not the one that the
											  connection was opened to */
	TLSP_REASON_ADDRESS_MISMATCH = 1 << 10, /* a proxy given by address, but the
											   peer's is another */
	TLSP_REASON_REVOCATION_UNKNOWN = 1 << 12,
	TLSP_REASON_KEY_USAGE = 1 << 13,
	TLSP_REASON_EXTENDED_KEY_USAGE = 1 << 14,
	TLSP_REASON_BASIC_CONSTRAINTS = 1 << 15,
	TLSP_REASON_CHAIN_UNKNOWN = 1
								<< 16, /* strict, and not all of it is known */
	TLSP_REASON_IDENTITY_CHANGED = 1 << 17, /* acceptable, but not as whom this
											   peer was accepted before */
	TLSP_REASON_HANDSHAKE = 1 << 30, /* not about a certificate: the version,
										the ClientHello, any other alert that
										TLS itself answers with */
	/* What the certificate may not be used for. */
	TLSP_REASONS_USAGE = TLSP_REASON_KEY_USAGE | TLSP_REASON_EXTENDED_KEY_USAGE
						 | TLSP_REASON_BASIC_CONSTRAINTS
						 | TLSP_REASON_CHAIN_UNKNOWN
};

/* What is wrong with one certificate, as bits. */
enum tlsp_usage_fault
{
	TLSP_FAULT_NO_KEY_USAGE = 1 << 0,
	TLSP_FAULT_DIGITAL_SIGNATURE = 1 << 1,
	TLSP_FAULT_KEY_ENCIPHERMENT = 1 << 2,
	TLSP_FAULT_KEY_CERT_SIGN = 1 << 3,
	TLSP_FAULT_NO_PURPOSES = 1 << 4,
	TLSP_FAULT_CLIENT_AUTH = 1 << 5,
	TLSP_FAULT_SERVER_AUTH = 1 << 6,
	TLSP_FAULT_SIP_DOMAIN = 1 << 7,
	TLSP_FAULT_NO_CA = 1 << 8
};

/* Groups of faults: the extension that each is about. */
enum
{
	TLSP_FAULTS_KEY_USAGE =
			TLSP_FAULT_NO_KEY_USAGE | TLSP_FAULT_DIGITAL_SIGNATURE
			| TLSP_FAULT_KEY_ENCIPHERMENT | TLSP_FAULT_KEY_CERT_SIGN,
	TLSP_FAULTS_PURPOSES = TLSP_FAULT_NO_PURPOSES | TLSP_FAULT_CLIENT_AUTH
						   | TLSP_FAULT_SERVER_AUTH | TLSP_FAULT_SIP_DOMAIN,
	TLSP_FAULTS_CONSTRAINTS = TLSP_FAULT_NO_CA
};

/* The faults of a chain, by depth. */
struct tlsp_usage_faults
{
	unsigned all; /* of every certificate together */
	bool unknown; /* the chain is not known as far as it must be */
	unsigned at[TLSP_CHAIN_MAX];
};

struct tlsp_verdict
{
	bool accepted;
	unsigned reasons; /* enum tlsp_reason, all that apply; 0 if accepted */
	enum tlsp_match match;
	struct tlsp_host matched; /* canonical identity; if match is not NONE, and
								 of PEER_NOT_DIALLED and ADDRESS_MISMATCH */
	struct tlsp_host proxy;	  /* where a wildcard came between: the proxy that
							   |matched| stands for (the first), or is below;
							   of 0 octets if |matched| is a proxy itself */
	bool sip_domain; /* a sip: URI speaks for the domain, so that neither
						dNSName nor CN were compared */
	char similar_proxies
			[TLSP_SIMILAR_PROXIES_OCTETS]; /* proxies like those presented, for
										  HOST_MISMATCH; "" if none */
	struct tlsp_usage_faults usage;
	const char *by_setting;	 /* static: the parameter without which the purposes
							   of a certificate would not do; or NULL */
	size_t by_setting_depth; /* of the first such certificate */
	bool by_server_auth; /* accept_server_auth_clients is one that is needed */
};

#endif
