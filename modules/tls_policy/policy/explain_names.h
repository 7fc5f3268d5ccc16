/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explain_names - what explain.h says of the names of a refused peer, and of one
 * name. libc only; any process.
 */
#ifndef TLSP_EXPLAIN_NAMES_H
#define TLSP_EXPLAIN_NAMES_H

#include "outcome.h"
#include "peer_facts.h"

/* tlsp_explain_names: the sentence of a |reason| that is about names
 * (HOST_MISMATCH, PEER_NOT_DIALLED, ADDRESS_MISMATCH, IDENTITY_CHANGED),
 * escaped and bounded, into |buffer|; 1,216 octets suffice, cut at |size|.
 * False, and nothing is written, for another reason. */
bool tlsp_explain_names(enum tlsp_reason reason,
		const struct tlsp_verdict *verdict, const struct tlsp_peer_facts *facts,
		char *buffer, size_t size);

/* tlsp_explain_append_identity: `dNSName "sip.example.com"`, escaped and bounded
 * (160 octets suffice), behind what stands in |buffer|, cut at |size|. */
void tlsp_explain_append_identity(
		char *buffer, size_t size, const struct tlsp_identity *identity);

#endif
