/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * expiry - says which certificates end within tls_expiry_check_start days, before
 * trust breaks: our own, the trust anchors in use, and those that peers have
 * shown lately; again every tls_expiry_check_period days. One process runs it;
 * no lock but the tls module's and that of certificates, for a moment.
 */
#ifndef TLSP_EXPIRY_H
#define TLSP_EXPIRY_H

#include "policy/expiry/certificate.h"

/* A certificate that is about to expire, or has. */
struct tlsp_expiring
{
	const struct tlsp_certificate *certificate;
	int days;		  /* whole days left; negative once it has expired */
	const char *text; /* the log line */
};

/*
 * tlsp_expiry_tick: to be called often by one process. Looks at our own
 * certificates and the trust anchors at start-up, when policy or tls.cfg are put
 * in force anew, and every period; at those of peers each second. Writes one log
 * line for each certificate that is to be told and calls |event| (may be NULL)
 * with it.
 */
void tlsp_expiry_tick(void (*event)(const struct tlsp_expiring *expiring));

#endif
