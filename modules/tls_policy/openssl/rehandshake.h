/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rehandshake - what starts a re-handshake on one established SSL, and what
 * the peer's answer meant. OpenSSL and policy/ only; any process that does
 * TLS, under the lock of the SSL. Nothing here logs or blocks.
 *
 * The octets that each makes, any number, are |out|, and stay until the next of
 * these; the caller sends them, and the peer's answer is read by whoever reads
 * the connection. Where it fails after the state of TLS has changed, |ssl| is
 * refused.
 */
#ifndef TLSP_REHANDSHAKE_H
#define TLSP_REHANDSHAKE_H

#include "record.h"

enum
{
	/* Steps of OpenSSL's after a handshake, of which a KeyUpdate that asks for
	 * ours takes 5: two of them a second, in: */
	TLSP_REHANDSHAKE_HEARD_MAX = 600,
	TLSP_REHANDSHAKE_HEARD_S = 60
};

/*
 * tlsp_rehandshake_renegotiate (TLS 1.2 and below): HelloRequest as server
 * (RFC 5246, 7.4.1.1), ClientHello as client. From now until
 * tlsp_rehandshake_holds is false nothing may be written to |ssl|. No session
 * is resumed and no ticket is given by the new handshake. Returns the number
 * of octets, or 0 when |ssl| cannot renegotiate now, and nothing has changed.
 */
size_t tlsp_rehandshake_renegotiate(
		SSL *ssl, struct tlsp_record *record, const unsigned char **out);

/* tlsp_rehandshake_must_wait: does |ssl| still hold octets of the peer that
 * nobody has read, half a record for one? As client it would look for
 * ServerHello in them; as server OpenSSL would put HelloRequest off, and send it
 * with whatever is read or written next. Then tlsp_rehandshake_renegotiate is
 * impossible, for a moment. */
bool tlsp_rehandshake_must_wait(const SSL *ssl);

/*
 * tlsp_rehandshake_key_update (TLS 1.3): KeyUpdate in both directions (RFC
 * 8446, 4.6.3), and with |ask_certificate| as server a CertificateRequest (RFC
 * 8446, 4.6.2) if the client offered post_handshake_auth and was not asked
 * before. Done once the octets are sent: a missing answer is no failure.
 * Returns their number, or 0.
 */
size_t tlsp_rehandshake_key_update(SSL *ssl, struct tlsp_record *record,
		bool ask_certificate, const unsigned char **out);

/* tlsp_rehandshake_close: close_notify (RFC 5246, 7.2.1); 0 if it was sent
 * before. */
size_t tlsp_rehandshake_close(SSL *ssl, const unsigned char **out);

/* tlsp_rehandshake_holds: must clear text of ours wait? */
bool tlsp_rehandshake_holds(const struct tlsp_record *record);

/*
 * tlsp_rehandshake_give_up: the peer has not answered in time. As server,
 * before the peer began, writing may go on (true); it may still begin later.
 * Otherwise only closing is left (false).
 */
bool tlsp_rehandshake_give_up(struct tlsp_record *record);

/* tlsp_rehandshake_forbids_tickets: may connections under |policy| be
 * renegotiated, so that up to TLS 1.2 no ticket should be given? GnuTLS 3.7
 * expects one in every handshake after one that gave one. */
bool tlsp_rehandshake_forbids_tickets(const struct tlsp_policy *policy);

/* For the callbacks of handshake: at the start and the end of a handshake on
 * an established SSL, and for an alert of the peer. */
void tlsp_rehandshake_begin(SSL *ssl, struct tlsp_record *record);
void tlsp_rehandshake_end(SSL *ssl, struct tlsp_record *record);
void tlsp_rehandshake_note_alert(struct tlsp_record *record, int alert);

/* tlsp_rehandshake_heard: TLS 1.3, a message of the peer's came after its
 * handshake, a KeyUpdate for one, or was answered. Whoever floods us with them
 * is refused. */
void tlsp_rehandshake_heard(struct tlsp_record *record);

/* tlsp_rehandshake_forbid: no handshake that the peer starts is taken. */
void tlsp_rehandshake_forbid(SSL *ssl);

/* tlsp_rehandshake_authenticated: post-handshake authentication has come to the
 * peer's Finished. */
void tlsp_rehandshake_authenticated(SSL *ssl, struct tlsp_record *record);

/* tlsp_rehandshake_is_safe (TLS 1.2 and below): has the peer secure
 * renegotiation (RFC 5746) and extended master secret (RFC 7627)? */
bool tlsp_rehandshake_is_safe(SSL *ssl);

/*
 * tlsp_rehandshake_withholds: must clear text that was read wait, because the
 * old certificate of the peer is gone and the new one not proven? From the
 * peer's first message of a renegotiation or of post-handshake authentication
 * to its Finished. To be asked after every read.
 */
bool tlsp_rehandshake_withholds(
		const SSL *ssl, const struct tlsp_record *record);

#endif
