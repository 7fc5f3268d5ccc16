/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tls_domains - looks at the TLS domains of tls.cfg as the tls module holds
 * them. With tls_hooks the only files that include its private headers.
 */
#ifndef TLSP_TLS_DOMAINS_H
#define TLSP_TLS_DOMAINS_H

#include <stdbool.h>
#include <stddef.h>

#include "../policy/parameters.h"

/*
 * tlsp_tls_domains_check: can |policy| be carried out in every TLS domain? If
 * not, false and one sentence that names the domain in |error|. Main process
 * at PROC_INIT after the tls module's own, or an RPC process; takes the tls
 * module's configuration lock for a moment.
 */
bool tlsp_tls_domains_check(
		const struct tlsp_policy *policy, char *error, size_t error_size);

#endif
