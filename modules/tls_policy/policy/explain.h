/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explain - a verdict in words, for log, RPC and command line: the words of the
 * reasons, and a sentence for each. No allocation; any process.
 */
#ifndef TLSP_EXPLAIN_H
#define TLSP_EXPLAIN_H

#include "outcome.h"
#include "peer_facts.h"

/* tlsp_explain_word: fixed word of one reason bit, in the style of
 * RFC 8460, 4.3 ("certificate-host-mismatch"). Static; NULL for a bit that is
 * no reason. */
const char *tlsp_explain_word(enum tlsp_reason reason);

/* tlsp_explain_words: the words of all |reasons| with ", " between them
 * into |buffer| (512 octets suffice). Returns |buffer|. */
char *tlsp_explain_words(unsigned reasons, char *buffer, size_t size);

/*
 * tlsp_explain_reason writes "WORD: sentence" of one reason of |verdict|, with
 * what the peer presented, escaped and bounded (every octet outside printable
 * ASCII as \xNN), into |buffer| (1,280 octets suffice; cut at |size|). Returns
 * |buffer|.
 */
char *tlsp_explain_reason(enum tlsp_reason reason,
		const struct tlsp_verdict *verdict, const struct tlsp_peer_facts *facts,
		char *buffer, size_t size);

/*
 * tlsp_explain_verdict writes the whole verdict on one line: "accepted:
 * dNSName sip.example.com is a configured proxy" or "refused: WORD: ...; WORD:
 * ..." (2,048 octets suffice). Returns |buffer|.
 */
char *tlsp_explain_verdict(const struct tlsp_verdict *verdict,
		const struct tlsp_peer_facts *facts, char *buffer, size_t size);

/* tlsp_explain_handshake: likewise "refused: handshake-failed: WHY". */
char *tlsp_explain_handshake(const char *why, char *buffer, size_t size);

#endif
