/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * certificates - which certificates will end, and when: of our own and the trust
 * anchors those that end first, as the process of expiry has found them; of
 * peers what they have shown lately. In shared memory that never grows. Any
 * process; no lock that a handshake would wait for.
 */
#ifndef TLSP_CERTIFICATES_H
#define TLSP_CERTIFICATES_H

#include <stdbool.h>
#include <stddef.h>

#include "openssl/gate.h"
#include "policy/expiry/shown_table.h"
#include "policy/expiry/soonest.h"

enum
{
	TLSP_CERTIFICATES_MAX = TLSP_SOONEST_MAX + TLSP_SHOWN_PLACES
};

/* tlsp_certificates_init: main process, mod_init. 0, or -1 without memory. */
int tlsp_certificates_init(void);

/* tlsp_certificates_destroy: main process, at the very end. */
void tlsp_certificates_destroy(void);

/* tlsp_certificates_shown: a peer was accepted that has |shown| one. After the
 * decision, by the process that took it, whatever locks it holds; waits for
 * nobody. */
void tlsp_certificates_shown(const struct tlsp_shown *shown);

/* tlsp_certificates_replace: our own and the trust anchors are those of |list|
 * now. The process of expiry. */
void tlsp_certificates_replace(const struct tlsp_soonest *list);

/* tlsp_certificates_list: copies of all, those that end first at first, into
 * |rows|, which has TLSP_CERTIFICATES_MAX; returns how many. */
size_t tlsp_certificates_list(struct tlsp_certificate *rows);

/* tlsp_certificates_days_left: of the first of |kind| to end; false if there is
 * none. */
bool tlsp_certificates_days_left(enum tlsp_certificate_kind kind, int *days);

/* tlsp_certificates_due: the next one that peers have shown from *|place| on, 0
 * at first, and that is to be told now (shown_table.h), into |out|; it counts as
 * told. False if there is none. The process of expiry. */
bool tlsp_certificates_due(size_t *place, int within_days, int again_days,
		struct tlsp_certificate *out);

#endif
