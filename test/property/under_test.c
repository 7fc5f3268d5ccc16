/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * under_test - see under_test.h.
 */
#include "under_test.h"

#include <string.h>

#include "openssl/judgement.h"
#include "../unit/tls_ends.h"

static const struct under_test_contexts *contexts;

void under_test_init(const struct under_test_contexts *of_the_caller)
{
	contexts = of_the_caller;
}

void under_test_publish(void)
{
	static unsigned long generation = 1UL << 32; /* beyond setup_policy's */

	terms.generation = ++generation;
	memcpy(terms.digest, &terms.generation, sizeof(terms.generation));
}

unsigned under_test_again(SSL *ssl, struct tlsp_record *record)
{
	bool wait, accepted;

	open_gate();
	wait = tlsp_judgement_must_wait(ssl, record);
	accepted = tlsp_judgement_again(ssl, record, contexts->context_now(ssl));
	close_gate();
	if(wait)
		return AGAIN_WAIT;
	return accepted ? AGAIN_ACCEPTED : AGAIN_REFUSED;
}

void under_test_rehandshakes(SSL *ssl, struct tlsp_record *record)
{
	(void)record;
	open_gate();
	tlsp_judgement_trust(ssl, contexts->context_now(ssl));
	close_gate();
}

bool under_test_withholds(const struct tlsp_record *record)
{
	(void)record;
	return false;
}
