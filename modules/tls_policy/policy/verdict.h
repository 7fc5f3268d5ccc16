/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verdict - peer facts + policy + proxies -> accepted or refused, with every
 * reason. The only place where a peer is judged. No OpenSSL, no Kamailio, no
 * clock, no log, no allocation; any process.
 */
#ifndef TLSP_VERDICT_H
#define TLSP_VERDICT_H

#include <stdint.h>

#include "cert_usage.h"
#include "parameters.h"
#include "policy/proxies/proxies.h"

enum
{
	TLSP_IDENTITIES_MAX = 1024, /* subjectAltName entries that are judged; a
								   certificate with more is malformed to us */
	TLSP_CLOSEST_OCTETS = 160,
	TLSP_DATE_OCTETS = 32 /* "2026-11-21 10:00:00 UTC" and NUL */
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

/* Facts about one peer. */
struct tlsp_peer_facts
{
	bool certificate_presented;
	enum tlsp_chain chain;
	const char *chain_error; /* static text of the TLS library, or NULL */
	struct tlsp_chain_place chain_place; /* of an error */
	struct tlsp_chain_usage usage;
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
	/* About the connection; filled where bind_to_peer asks for it. */
	bool dialled_name_known; /* as client, a server name was asked for (SNI) */
	struct tlsp_host dialled_name; /* it; of 0 octets if it is no host */
	bool peer_address_known;
	struct tlsp_host peer_address;
};

/* Reasons, as bits. tlsp_verdict_reason_word has their words. */
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
	TLSP_REASON_HANDSHAKE = 1 << 30,   /* not about a certificate: the version,
										the ClientHello, any other alert that
										TLS itself answers with */
	/* What the certificate may not be used for. */
	TLSP_REASONS_USAGE = TLSP_REASON_KEY_USAGE | TLSP_REASON_EXTENDED_KEY_USAGE
						 | TLSP_REASON_BASIC_CONSTRAINTS
						 | TLSP_REASON_CHAIN_UNKNOWN
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
	char closest[TLSP_CLOSEST_OCTETS]; /* proxies like those presented, for
										  HOST_MISMATCH; "" if none */
	struct tlsp_usage_faults usage;
	const char *by_setting;	 /* static: the parameter without which the purposes
							   of a certificate would not do; or NULL */
	size_t by_setting_depth; /* of the first such certificate */
};

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

/* tlsp_verdict_reason_word: fixed word of one reason bit, in the style of
 * RFC 8460, 4.3 ("certificate-host-mismatch"). Static; NULL for a bit that is
 * no reason. */
const char *tlsp_verdict_reason_word(enum tlsp_reason reason);

/* tlsp_verdict_print_words: the words of all |reasons| with ", " between them
 * into |buffer| (512 octets suffice). Returns |buffer|. */
char *tlsp_verdict_print_words(unsigned reasons, char *buffer, size_t size);

/*
 * tlsp_verdict_explain writes "WORD: sentence" of one reason of |verdict|, with
 * what the peer presented, escaped and bounded (every octet outside printable ASCII
 * as \xNN), into |buffer| (1,280 octets suffice; cut at |size|). Returns
 * |buffer|.
 */
char *tlsp_verdict_explain(enum tlsp_reason reason,
		const struct tlsp_verdict *verdict, const struct tlsp_peer_facts *facts,
		char *buffer, size_t size);

/*
 * tlsp_verdict_print writes the whole verdict on one line: "accepted:
 * dNSName sip.example.com is a configured proxy" or "refused: WORD: ...; WORD:
 * ..." (2,048 octets suffice). Returns |buffer|.
 */
char *tlsp_verdict_print(const struct tlsp_verdict *verdict,
		const struct tlsp_peer_facts *facts, char *buffer, size_t size);

#endif
