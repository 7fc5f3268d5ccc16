/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explain - what is said about the names of a refused peer: escaped and
 * bounded. No allocation; any process.
 */
#ifndef TLSP_EXPLAIN_H
#define TLSP_EXPLAIN_H

#include "verdict.h"

/* tlsp_names_text_print writes the sentence of a reason about names
 * (HOST_MISMATCH, PEER_NOT_DIALLED, ADDRESS_MISMATCH) into |buffer|; 1,216
 * octets suffice, cut at |size|. Returns |buffer|. */
char *tlsp_names_text_print(enum tlsp_reason reason,
		const struct tlsp_verdict *verdict, const struct tlsp_peer_facts *facts,
		char *buffer, size_t size);

#endif
