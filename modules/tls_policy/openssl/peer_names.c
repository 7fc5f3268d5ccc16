/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer_names - see peer_names.h.
 */
#include "peer_names.h"

#include <string.h>

#include "policy/verdict.h"

static union
{
	struct tlsp_vouched vouched;
	char octets[TLSP_VOUCHED_MAX_OCTETS];
} scratch; /* of this process */

/* Who was accepted once stays so. */
static const struct tlsp_host *identity_of(const struct tlsp_record *record)
{
	if(record->accepted.match != TLSP_MATCH_NONE)
		return &record->accepted.host;
	return record->shown.match != TLSP_MATCH_NONE ? &record->shown.host : NULL;
}

void tlsp_peer_names_forget(struct tlsp_record *record)
{
	tlsp_peer_names_free(record->vouched_shown);
	record->vouched_shown = NULL;
}

bool tlsp_peer_names_note(struct tlsp_record *record,
		const struct tlsp_terms *terms, const struct tlsp_peer_facts *facts,
		bool identity_alone)
{
	bool wanted = tlsp_gate_wants_names()
				  && tlsp_verdict_asks_certificate(terms->policy, record->role);
	const struct tlsp_vouching from = {
			terms->policy, wanted ? facts : NULL, identity_alone};
	const struct tlsp_host *identity = identity_of(record);

	tlsp_peer_names_forget(record);
	if(!identity && !wanted)
		return true;
	tlsp_vouched_write(&scratch.vouched, identity, &from);
	if(tlsp_vouched_is_empty(&scratch.vouched))
		return true;
	record->vouched_shown =
			OPENSSL_memdup(&scratch.vouched, scratch.vouched.octets);
	return record->vouched_shown != NULL;
}

void tlsp_peer_names_accept(struct tlsp_record *record)
{
	tlsp_peer_names_free(record->vouched);
	record->vouched = record->vouched_shown;
	record->vouched_shown = NULL;
	record->vouched_untaken = true;
}

void tlsp_peer_names_take(
		struct tlsp_record *record, struct tlsp_vouched **kept)
{
	struct tlsp_vouched *before = *kept;

	if(!record->vouched_untaken)
		return;
	*kept = record->vouched;
	record->vouched = before;
	record->vouched_untaken = false;
}

void tlsp_peer_names_free(struct tlsp_vouched *vouched)
{
	OPENSSL_free(vouched);
}
