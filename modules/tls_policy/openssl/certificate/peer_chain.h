/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer_chain - the chain behind a peer's certificate -> facts by value: what
 * each certificate may be used for, and what an error is about. Also the one
 * error of OpenSSL's that a setting forgives. OpenSSL and policy/ only; reads
 * the clock; any process.
 */
#ifndef TLSP_PEER_CHAIN_H
#define TLSP_PEER_CHAIN_H

#include <openssl/ssl.h>

#include "peer_cert.h"

/*
 * tlsp_peer_chain_goes_on, for a verify callback: has this call nothing to
 * decide, so that the callback must return 1? So it is for every certificate
 * above the end entity, and for an error that is only that the purposes of a
 * certificate leave out what the peer does, while accept_server_auth_clients or
 * sip_domain_purpose of |policy| allow the one that they hold: then the error
 * is cleared in |store|. Everything else is still checked by OpenSSL.
 */
bool tlsp_peer_chain_goes_on(int ok, X509_STORE_CTX *store,
		const struct tlsp_policy *policy, enum tlsp_role role);

/*
 * tlsp_peer_chain_read, for the same callback, completes |peer| (read from
 * the end entity): with |ok| the chain as verified and the usage of all its
 * certificates, else the error, its certificate and its date. |role| is ours.
 */
void tlsp_peer_chain_read(struct tlsp_peer_cert *peer, bool ok,
		X509_STORE_CTX *store, enum tlsp_role role);

/*
 * tlsp_peer_chain_read_again completes |peer| from the chain that |ssl|
 * verified in its last full handshake; of a resumed session there is none.
 * facts.chain is left as it is.
 */
void tlsp_peer_chain_read_again(struct tlsp_peer_cert *peer, SSL *ssl);

/* tlsp_peer_chain_set_date notes |date| as what an error is about. */
void tlsp_peer_chain_set_date(
		struct tlsp_peer_cert *peer, const ASN1_TIME *date);

#endif
