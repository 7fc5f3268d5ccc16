/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer_names - whom the certificate of an accepted peer vouches for, on its way
 * from the judgement to whoever keeps it: noted when the peer is judged, valid
 * when it is accepted, which is after its Finished. OpenSSL and policy/ only;
 * any process that does TLS, under the lock of the SSL. Blocks are in OpenSSL's
 * memory, as the record is.
 */
#ifndef TLSP_PEER_NAMES_H
#define TLSP_PEER_NAMES_H

#include "policy/names/vouched.h"
#include "record.h"

/*
 * tlsp_peer_names_note: the judgement accepts the peer of |facts|, by |terms|
 * and as record->shown; |identity_alone| as in struct tlsp_vouching. Only what
 * policy asks a certificate for is noted, and its names only where the gate
 * wants them. False without memory.
 */
bool tlsp_peer_names_note(struct tlsp_record *record,
		const struct tlsp_terms *terms, const struct tlsp_peer_facts *facts,
		bool identity_alone);

/* tlsp_peer_names_forget: what was noted last is not going to be valid. */
void tlsp_peer_names_forget(struct tlsp_record *record);

/* tlsp_peer_names_accept: what was noted last is valid from now on. */
void tlsp_peer_names_accept(struct tlsp_record *record);

/* tlsp_peer_names_take: if something became valid since the last call, it is
 * put into |kept| (NULL: nothing to tell), and |record| frees what was there.
 * The caller owns it: see tlsp_peer_names_free. */
void tlsp_peer_names_take(
		struct tlsp_record *record, struct tlsp_vouched **kept);

/* tlsp_peer_names_free: |vouched| may be NULL. Any process. */
void tlsp_peer_names_free(struct tlsp_vouched *vouched);

#endif
