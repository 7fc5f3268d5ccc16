/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * own_dates - what of our own files (own_files.h) no longer serves, by the
 * system's clock: a warning where a server starts, since an old certificate
 * must not stop what has nothing to do with TLS. OpenSSL and policy/ only; any
 * process.
 */
#ifndef TLSP_OWN_DATES_H
#define TLSP_OWN_DATES_H

#include "own_files.h"

/* tlsp_own_dates_fn: |sentence| names parameter, file, subject and date. */
typedef void tlsp_own_dates_fn(void *user, const char *sentence);

/*
 * tlsp_own_dates_tell: |tell| with each certificate of |files|, read of
 * |policy|, that has expired or is not valid yet, each CRL that has expired, and
 * each trust anchor that has no CRL where CRLs are named. False if no trust
 * anchor is left that could vouch for a peer, of those that a file names; true
 * if none does. False too without memory.
 */
bool tlsp_own_dates_tell(const struct tlsp_own_files *files,
		const struct tlsp_policy *policy, tlsp_own_dates_fn *tell, void *user);

#endif
