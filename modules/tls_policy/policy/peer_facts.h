/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer_facts - what is known of a peer and its connection, by value: the
 * language in which the other layers ask this one. Types only.
 */
#ifndef TLSP_PEER_FACTS_H
#define TLSP_PEER_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/host/host.h"

/* The one convention for roles inside the code: a role is the part that WE
 * play on a connection. Whoever tells users the peer's derives it from this
 * where the text is made. */
enum tlsp_role
{
	TLSP_ROLE_SERVER, /* the peer is the TLS client */
	TLSP_ROLE_CLIENT
};

enum
{
	TLSP_IDENTITIES_MAX = 1024, /* subjectAltName entries that are judged; a
								   certificate with more is malformed to us */
	TLSP_CHAIN_MAX = 16,		/* certificates of a chain that are judged */
	TLSP_SUBJECT_OCTETS = 128,	/* of a subject that is kept, with its NUL */
	TLSP_DATE_OCTETS = 32		/* "2026-11-21 10:00:00 UTC" and NUL */
};

enum tlsp_identity_type
{
	TLSP_IDENTITY_DNS_NAME,
	TLSP_IDENTITY_IP_ADDRESS,
	TLSP_IDENTITY_COMMON_NAME,
	TLSP_IDENTITY_URI /* uniformResourceIdentifier of any scheme */
};

/* What a certificate presents. |data| points into the caller's decoded
 * certificate and lives as long; a CN is in UTF-8. */
struct tlsp_identity
{
	enum tlsp_identity_type type;
	const unsigned char *data;
	size_t octets;
	bool constrained; /* a CA of the chain may not vouch for it (name
						 constraints), so it matches nothing */
};

/* How the chain of the peer's certificate came out. */
enum tlsp_chain
{
	TLSP_CHAIN_NOT_CHECKED,
	TLSP_CHAIN_VERIFIED,
	TLSP_CHAIN_EXPIRED,
	TLSP_CHAIN_NOT_YET_VALID,
	TLSP_CHAIN_REVOKED,
	TLSP_CHAIN_REVOCATION_UNKNOWN, /* CRLs are asked for; none is in force */
	TLSP_CHAIN_NOT_TRUSTED /* any other error; facts.chain_error says which */
};

/* Which certificate of a chain an error is about, and when. By value. */
struct tlsp_chain_place
{
	size_t depth;					   /* 0 = the end entity */
	char subject[TLSP_SUBJECT_OCTETS]; /* as the peer wrote it; "" unknown */
	int64_t seconds; /* between now and |date|; as the policy has no clock */
	char date[TLSP_DATE_OCTETS]; /* the date that is the matter, or "" */
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

/* What made a peer acceptable. */
enum tlsp_match
{
	TLSP_MATCH_NONE, /* refused, or names are not judged in this role */
	TLSP_MATCH_DNS_NAME,
	TLSP_MATCH_IP_ADDRESS,
	TLSP_MATCH_COMMON_NAME,			/* CN is a proxy */
	TLSP_MATCH_REMOTE_SUBJECT_NAME, /* CN is TLSRemoteSubjectName */
	TLSP_MATCH_SIP_URI
};

/* Facts about one peer. */
struct tlsp_peer_facts
{
	bool certificate_presented;
	enum tlsp_chain chain;
	const char *chain_error; /* static text of the TLS library, or NULL */
	struct tlsp_chain_place chain_place; /* of an error */
	struct tlsp_chain_usage usage;
	bool constraints; /* a CA of the chain has name constraints */
	bool san_present;
	bool san_critical;
	const char *malformed; /* static: what cannot be read, or NULL */
	size_t identity_count;
	struct tlsp_identity identities[TLSP_IDENTITIES_MAX]; /* of the SAN */
	size_t uri_count;
	struct tlsp_identity uris[TLSP_IDENTITIES_MAX]; /* of the SAN */
	size_t other_count; /* SAN entries of other types, which are passed over */
	bool common_name_present;
	struct tlsp_identity common_name; /* the most specific (last) CN */
	/* About the connection; filled where the policy binds it to its peer. */
	bool dialled_name_known; /* as client, a server name was asked for (SNI), */
	bool dialled_name_expected;	   /* or none, but the rule expects this one: */
	struct tlsp_host dialled_name; /* of 0 octets if it is no host */
	bool peer_address_known;
	struct tlsp_host peer_address;
	/* As whom the peer was accepted on this connection before: nothing else
	 * matches then. */
	bool accepted_known;
	enum tlsp_match accepted_match; /* not NONE */
	struct tlsp_host accepted;
};

#endif
