/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tls_module - the tls module's configuration, as it holds it: found by its
 * names, held so that a tls.reload cannot free it, its TLS domains as tls.cfg
 * writes them. For tls_domains and tls_check. Any process; takes the tls
 * module's lock of its configuration for a moment, and may be called with a
 * write_lock held.
 */
#ifndef TLSP_TLS_MODULE_H
#define TLSP_TLS_MODULE_H

#include <stddef.h>

#include "modules/tls/tls_domain.h"

enum
{
	TLSP_TLS_DOMAIN_OCTETS = 384 /* its name, as it is printed */
};

/* tlsp_tls_module_current: the configuration that was loaded last, to be
 * compared with another; NULL if there is none. No lock. */
const tls_domains_cfg_t *tlsp_tls_module_current(void);

/* tlsp_tls_module_hold: the same one, which stays until
 * tlsp_tls_module_let_go (of NULL: nothing). */
tls_domains_cfg_t *tlsp_tls_module_hold(void);
void tlsp_tls_module_let_go(tls_domains_cfg_t *configuration);

/* tlsp_tls_module_find: the domain that the tls module chooses for these
 * (tls_lookup_cfg); |configuration| is held. */
tls_domain_t *tlsp_tls_module_find(tls_domains_cfg_t *configuration, int type,
		struct ip_addr *ip, unsigned short port, str *server_name,
		str *server_id);

/* tlsp_tls_module_print: |domain| as tls.cfg writes it; TLSP_TLS_DOMAIN_OCTETS
 * suffice. */
void tlsp_tls_module_print(
		const tls_domain_t *domain, char *buffer, size_t size);

#endif
