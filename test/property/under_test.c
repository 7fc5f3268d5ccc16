/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * under_test - see under_test.h.
 */
#include "under_test.h"

#include <string.h>

#include "openssl/judgement.h"
#include "../unit/tls_ends.h"

void under_test_init(const struct under_test_contexts *contexts)
{
	gate.context_for = contexts->context_for;
	gate.context_now = contexts->context_now;
	gate.changed = contexts->changed;
}

/* Each list of the walk is where no other is. */
void under_test_publish(void)
{
	static unsigned long generation = 1UL << 32; /* beyond setup_policy's */
	struct tlsp_digest list = {{0}};

	terms.generation = ++generation;
	memcpy(list.octets, &terms.proxies, sizeof(terms.proxies));
	assert_true(tlsp_terms_digest(&terms, &list));
}

unsigned under_test_again(SSL *ssl, struct tlsp_record *record)
{
	enum tlsp_again again;

	gate.refused = false;
	open_gate();
	again = tlsp_judgement_again(ssl, record);
	close_gate();
	switch(again) {
		case TLSP_AGAIN_ACCEPTED:
			return AGAIN_ACCEPTED;
		case TLSP_AGAIN_UNVERIFIABLE:
			return AGAIN_UNVERIFIABLE;
		case TLSP_AGAIN_WAIT:
			return AGAIN_WAIT;
		case TLSP_AGAIN_UNASKED:
			return AGAIN_UNASKED;
		default:
			return AGAIN_REFUSED;
	}
}

struct under_test_accepted under_test_accepted(const struct tlsp_record *record)
{
	return (struct under_test_accepted){
			record->accepted.match, record->accepted.host, record->handshakes};
}

bool under_test_asked(const struct tlsp_record *record)
{
	return record->authentication == TLSP_AUTHENTICATION_ASKED;
}

bool under_test_withholds(const SSL *ssl, const struct tlsp_record *record)
{
	return tlsp_rehandshake_withholds(ssl, record);
}
