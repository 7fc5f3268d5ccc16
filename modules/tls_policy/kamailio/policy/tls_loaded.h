/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tls_loaded - what the tls module has last loaded tls.cfg into: another one than
 * before? of which files? One process; takes the tls module's lock of its
 * configuration for a moment.
 */
#ifndef TLSP_TLS_LOADED_H
#define TLSP_TLS_LOADED_H

#include <stdbool.h>

struct tls_domains_cfg;

/*
 * tlsp_tls_loaded_follow: true if tls.cfg was loaded anew since *|held| was
 * (NULL: at all); then *|held| is what it was loaded into. A reference is kept to
 * it until the next one is there, so that no other can lie at its address.
 */
bool tlsp_tls_loaded_follow(struct tls_domains_cfg **held);

/* tlsp_tls_loaded_visit: the |parameter| of the TLS |domain|, both as tls.cfg
 * writes them, names |file|. */
typedef void tlsp_tls_loaded_visit(void *user, const char *domain,
		const char *parameter, const char *file);

/* tlsp_tls_loaded_each_file: |visit| with each certificate, private_key, ca_list
 * and crl of each domain of |held|. */
void tlsp_tls_loaded_each_file(const struct tls_domains_cfg *held,
		tlsp_tls_loaded_visit *visit, void *user);

#endif
