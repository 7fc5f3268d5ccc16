/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * evidence - see evidence.h. The octets: format, role, flags, the time in
 * network order, three digests. A ticket is encrypted and authenticated as a
 * whole, so nothing here is.
 */
#include "evidence.h"

#include <string.h>

enum
{
	FORMAT = 1,
	NAMED = 1, /* flags */
	CONSTRAINED = 2,
	TIME_AT = 3,
	DIGESTS_AT = TIME_AT + 8,
	DIGESTS = 3,
	OCTETS = DIGESTS_AT + DIGESTS * TLSP_DIGEST_OCTETS
};

_Static_assert(OCTETS < 256, "a session in a ticket has little room");

bool tlsp_evidence_put(
		SSL_SESSION *session, const struct tlsp_evidence *evidence)
{
	const struct tlsp_digest *const digests[DIGESTS] = {
			&evidence->chain, &evidence->identity, &evidence->server_name};
	unsigned char octets[OCTETS] = {FORMAT, (unsigned char)evidence->role,
			(unsigned char)((evidence->named ? NAMED : 0)
							| (evidence->constrained ? CONSTRAINED : 0))};

	for(unsigned i = 0; i < 8; i++)
		octets[TIME_AT + i] =
				(unsigned char)((uint64_t)evidence->verified_s >> (56 - 8 * i));
	for(size_t i = 0; i < DIGESTS; i++)
		memcpy(octets + DIGESTS_AT + i * TLSP_DIGEST_OCTETS, digests[i]->octets,
				TLSP_DIGEST_OCTETS);
	return SSL_SESSION_set1_ticket_appdata(session, octets, sizeof(octets))
		   == 1;
}

bool tlsp_evidence_get(SSL_SESSION *session, struct tlsp_evidence *out)
{
	struct tlsp_digest *const digests[DIGESTS] = {
			&out->chain, &out->identity, &out->server_name};
	uint64_t time = 0;
	void *data = NULL;
	const unsigned char *octets;
	size_t count = 0;

	if(!session || !SSL_SESSION_get0_ticket_appdata(session, &data, &count)
			|| !data || count != OCTETS)
		return false;
	octets = data;
	if(octets[0] != FORMAT || (octets[2] & ~(NAMED | CONSTRAINED)))
		return false;
	out->role = (enum tlsp_role)octets[1];
	out->named = (octets[2] & NAMED) != 0;
	out->constrained = (octets[2] & CONSTRAINED) != 0;
	for(unsigned i = 0; i < 8; i++)
		time = time << 8 | octets[TIME_AT + i];
	out->verified_s = (int64_t)time;
	for(size_t i = 0; i < DIGESTS; i++)
		memcpy(digests[i]->octets, octets + DIGESTS_AT + i * TLSP_DIGEST_OCTETS,
				TLSP_DIGEST_OCTETS);
	return true;
}
