/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * chain_text - the sentence about a chain that does not verify: what is wrong,
 * with which certificate, and since when. libc only; any process.
 */
#ifndef TLSP_CHAIN_TEXT_H
#define TLSP_CHAIN_TEXT_H

#include "verdict.h"

/*
 * tlsp_chain_text_print writes "expired 3 days ago (notAfter 2026-11-21
 * 10:00:00 UTC)", "not yet valid for another 42 s (notBefore ...): is a clock
 * wrong?" or the library's text, and which CA of the chain it is about, into
 * |buffer| (448 octets suffice; cut at |size|). Returns |buffer|.
 */
char *tlsp_chain_text_print(
		const struct tlsp_peer_facts *facts, char *buffer, size_t size);

#endif
