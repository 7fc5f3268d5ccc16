/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer_cert - a certificate of a peer -> the facts that policy/ judges:
 * bounded, of hostile input. OpenSSL and policy/ only; any process.
 */
#ifndef TLSP_PEER_CERT_H
#define TLSP_PEER_CERT_H

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "policy/verdict.h"

/* Facts and what they point into. About 50 kB: keep one for each process
 * rather than on a stack. */
struct tlsp_peer_cert
{
	struct tlsp_peer_facts facts;
	GENERAL_NAMES *names;		/* decoded SAN; owned */
	unsigned char *common_name; /* UTF-8 CN; owned */
};

/*
 * tlsp_peer_cert_read fills |out| from |certificate| (NULL: the peer showed
 * none). facts.chain is TLSP_CHAIN_NOT_CHECKED; tlsp_peer_cert_set_chain
 * changes it. A SAN that does not decode, appears twice, is empty, holds a
 * NUL in a dNSName, an iPAddress that is not 4 or 16 octets, or is not in DER
 * (RFC 5280, 4.1), sets facts.malformed, and so does what
 * tlsp_peer_cert_check_extensions finds, and, before anything is decoded, what
 * san_size.h does.
 * facts.usage has the end entity alone, and nothing if malformed. URIs stand in
 * facts.uris, whatever they say; entries of other types than these, dNSName
 * and iPAddress are passed over. Pair with
 * tlsp_peer_cert_cleanup before the next use and while |certificate| lives.
 */
void tlsp_peer_cert_read(struct tlsp_peer_cert *out, X509 *certificate);

/*
 * tlsp_peer_cert_check_extensions: NULL, or static text about the extensions
 * of |certificate|: one appears twice (RFC 5280, 4.2), there are more than 64,
 * or one that OpenSSL knows does not decode.
 */
const char *tlsp_peer_cert_check_extensions(X509 *certificate);

/* tlsp_peer_cert_read_usage: keyUsage, extendedKeyUsage, basicConstraints and
 * subject of |certificate| by value; trust_anchor is false. */
void tlsp_peer_cert_read_usage(struct tlsp_cert_usage *out, X509 *certificate);

/* tlsp_peer_cert_set_chain: an X509_V_* result as facts.chain, about the end
 * entity. */
void tlsp_peer_cert_set_chain(struct tlsp_peer_cert *peer, int x509_error);

/* tlsp_peer_cert_cleanup frees what tlsp_peer_cert_read decoded; |peer| may
 * be read again. */
void tlsp_peer_cert_cleanup(struct tlsp_peer_cert *peer);

#endif
