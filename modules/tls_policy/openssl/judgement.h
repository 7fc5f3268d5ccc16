/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * judgement - the verdict on the peer of one SSL, by the terms that the gate
 * offers; and its consequences for the record. OpenSSL and policy/ only; any
 * process that does TLS, under the lock of the SSL. Nothing here logs or
 * blocks: the reason is left in the gate.
 */
#ifndef TLSP_JUDGEMENT_H
#define TLSP_JUDGEMENT_H

#include "record.h"

/* tlsp_judgement_on_verify: for SSL_set_verify(3). Called for every certificate
 * of the chain from the trust anchor down to the end entity at depth 0, and
 * for every error. */
int tlsp_judgement_on_verify(int ok, X509_STORE_CTX *store);

/*
 * tlsp_judgement_finish: the last word, when a handshake is done. A refusal
 * here comes after the peer's Finished: no alert is left, but both directions
 * are shut before an octet passes.
 */
void tlsp_judgement_finish(SSL *ssl, struct tlsp_record *record);

/*
 * tlsp_judgement_again: the verdict of now on the peer of an established
 * |ssl|: the version, the chain by the trust anchors and CRLs of |trust|, the
 * dates, the names against today's proxies. The chain of a resumed session is
 * not there any more; the dates of its end entity are looked at. False:
 * refused; the record is so too, and the reason is left in the gate, which
 * must be open.
 */
bool tlsp_judgement_again(SSL *ssl, struct tlsp_record *record, SSL_CTX *trust);

/* tlsp_judgement_trust: what the peer of |ssl| shows from now on is verified by
 * the trust anchors and CRLs of |trust|, not by those of the context that |ssl|
 * was made in. In an open gate. False without memory. */
bool tlsp_judgement_trust(SSL *ssl, SSL_CTX *trust);

/* tlsp_judgement_must_wait: is |ssl| in the middle of a handshake, where the
 * old certificate is gone and the new one not there? The handshake ends with a
 * verdict of its own; until then tlsp_judgement_again leaves all as it is. */
bool tlsp_judgement_must_wait(const SSL *ssl, const struct tlsp_record *record);

/* tlsp_judgement_note_alert: OpenSSL refuses some peers by itself: name the
 * alert that they got. |alert| as in SSL_set_info_callback(3). */
void tlsp_judgement_note_alert(struct tlsp_record *record, int alert);


#endif
