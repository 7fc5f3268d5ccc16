/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cert_usage - what the certificates of a chain may be used for, and whether
 * that is what the peer does with them (RequireStrictCert, sip_domain_purpose).
 * No OpenSSL, no allocation; any process.
 */
#ifndef TLSP_CERT_USAGE_H
#define TLSP_CERT_USAGE_H

#include "parameters.h"

/* The part that we play on a connection. */
enum tlsp_role
{
	TLSP_ROLE_SERVER, /* the peer is the TLS client */
	TLSP_ROLE_CLIENT
};

enum
{
	TLSP_CHAIN_MAX = 16,	  /* certificates of a chain that are judged */
	TLSP_SUBJECT_OCTETS = 128 /* of a subject that is kept, with its NUL */
};

/* Bits of keyUsage (RFC 5280, 4.2.1.3) that TLS needs. */
enum tlsp_key_usage
{
	TLSP_KEY_DIGITAL_SIGNATURE = 1 << 0,
	TLSP_KEY_ENCIPHERMENT = 1 << 1,
	TLSP_KEY_CERT_SIGN = 1 << 2
};

/* Purposes in extendedKeyUsage (RFC 5280, 4.2.1.12; RFC 5924). */
enum tlsp_purpose
{
	TLSP_PURPOSE_CLIENT_AUTH = 1 << 0,
	TLSP_PURPOSE_SERVER_AUTH = 1 << 1,
	TLSP_PURPOSE_SIP_DOMAIN = 1 << 2
};

/* One certificate of a chain, by value. */
struct tlsp_cert_usage
{
	bool key_usage_present;
	unsigned key_usage; /* enum tlsp_key_usage */
	bool purposes_present;
	unsigned purposes; /* enum tlsp_purpose; others are not kept */
	bool ca;		   /* basicConstraints says so */
	bool trust_anchor; /* the last of a verified chain */
	char subject[TLSP_SUBJECT_OCTETS]; /* as the peer wrote it: escape it */
};

/* A chain: the end entity first. */
struct tlsp_chain_usage
{
	bool complete; /* it reaches the trust anchor; else the end entity alone */
	bool vouched;  /* the rest of the chain is not asked for: a resumed session,
					  whose chain the same policy judged when it was made */
	bool key_transport; /* the negotiated suite encrypts to the peer's key (RSA
						   key exchange, RFC 5246, 7.4.2) */
	size_t count;		/* may be beyond TLSP_CHAIN_MAX: not kept then */
	struct tlsp_cert_usage certificates[TLSP_CHAIN_MAX];
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

/*
 * tlsp_cert_usage_explain writes the faults of |group| ("keyUsage of the end
 * entity lacks digitalSignature, ...") into |buffer|, subjects escaped, cut at
 * |size|. Returns |buffer|.
 */
char *tlsp_cert_usage_explain(const struct tlsp_usage_faults *faults,
		unsigned group, const struct tlsp_chain_usage *usage, char *buffer,
		size_t size);

#endif
