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

/* tlsp_judgement_of_leaf: see tlsp_sessions_init. */
bool tlsp_judgement_of_leaf(struct tlsp_record *record, X509 *leaf,
		const struct tlsp_evidence *evidence);

/*
 * tlsp_judgement_finish: the last word, when the peer's Finished was read, by
 * the policy, trust anchors and tls.cfg of now, whatever the handshake began
 * with. Only now the record says as whom the peer is accepted. A refusal here
 * has no alert left, but both directions are shut before an octet passes.
 */
void tlsp_judgement_finish(SSL *ssl, struct tlsp_record *record);

/* What a judgement of an established connection comes to. */
enum tlsp_again
{
	TLSP_AGAIN_ACCEPTED,
	TLSP_AGAIN_REFUSED,
	TLSP_AGAIN_UNASKED,		 /* a certificate is required now, and the peer was
						   never asked for one */
	TLSP_AGAIN_UNVERIFIABLE, /* a resumed connection, whose chain is not here,
								while what verifies chains has changed */
	TLSP_AGAIN_WAIT			 /* the old certificate is gone and the new one is
								not proven: again later */
};

/*
 * tlsp_judgement_again: the verdict of now on the peer of an established |ssl|:
 * the version, the chain by the trust anchors and CRLs of now, the dates, the
 * names against today's proxies. Of a resumed session only the end entity is
 * here. In an open gate. REFUSED: the record is so too, and the reason is left
 * in the gate. In testing always ACCEPTED, and the record says what would be.
 */
enum tlsp_again tlsp_judgement_again(SSL *ssl, struct tlsp_record *record);

/* tlsp_judgement_try: likewise, but nothing comes of it except what is left in
 * the gate. */
enum tlsp_again tlsp_judgement_try(SSL *ssl, struct tlsp_record *record);

/* tlsp_judgement_renew: is the peer of |record|, which we connected to,
 * accepted by the terms of now, too? Once for each generation, where what was
 * proven is asked for; if not, nothing else comes of it. In an open gate. */
void tlsp_judgement_renew(SSL *ssl, struct tlsp_record *record);

/* tlsp_judgement_note_alert: OpenSSL refuses some peers by itself: name the
 * alert that they got. |alert| as in SSL_set_info_callback(3). */
void tlsp_judgement_note_alert(struct tlsp_record *record, int alert);

#endif
