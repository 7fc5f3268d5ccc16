/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * expiry - looks at our own certificates every tls_expiry_check_period days and
 * says which of them end within tls_expiry_check_start days. One process runs
 * it; no lock but the tls module's for a moment.
 */
#ifndef TLSP_EXPIRY_H
#define TLSP_EXPIRY_H

/* A certificate that is about to expire, or has. */
struct tlsp_expiring
{
	const char *file;	 /* as named in tls.cfg or the parameter */
	const char *subject; /* escaped and bounded */
	int days;			 /* whole days left; negative once it has expired */
	const char *text;	 /* the log line */
};

/*
 * tlsp_expiry_tick: to be called often by one process. Looks at start-up,
 * every period, and when the parameters have changed; writes one log line for
 * each certificate that is due and calls |event| (may be NULL) with it.
 */
void tlsp_expiry_tick(void (*event)(const struct tlsp_expiring *expiring));

#endif
