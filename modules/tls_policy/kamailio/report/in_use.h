/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * in_use - which certificates we show and which trust anchors we verify by, now:
 * those of tls.cfg and of the files that parameters name. One process; no lock
 * but the tls module's for a moment.
 */
#ifndef TLSP_IN_USE_H
#define TLSP_IN_USE_H

#include "openssl/terms.h"
#include "policy/expiry/soonest.h"

/*
 * tlsp_in_use_read: into |out|, those that end first, each certificate once
 * though many TLS domains and rules may have it. |all| is what is in force,
 * acquired. What named files replace for all connections, of tls.cfg's, is not
 * in use.
 */
void tlsp_in_use_read(
		struct tlsp_soonest *out, const struct tlsp_in_force *all);

#endif
