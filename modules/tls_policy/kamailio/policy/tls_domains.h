/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tls_domains - looks at the TLS domains of tls.cfg as the tls module holds
 * them: which one a connection is in. With tls_hooks and tls_module the only
 * files that include its private headers. Any process, unless it is
 * said otherwise; takes the tls module's lock of its configuration for a
 * moment, and may be called with a write_lock held.
 */
#ifndef TLSP_TLS_DOMAINS_H
#define TLSP_TLS_DOMAINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>

#include "core/tcp_conn.h"

#include "openssl/digest.h"
#include "policy/verdict.h"

/* A TLS domain; between tlsp_tls_domains_find... and
 * tlsp_tls_domains_release. Zeroed: none. */
struct tlsp_tls_domain
{
	SSL_CTX *context; /* this process'; NULL if there is none */
	void *configuration;
};

/* What a TLS domain is made of. */
struct tlsp_tls_domain_files
{
	enum tlsp_role role;			   /* ours */
	const char *name;				   /* as tls.cfg has it */
	const char *certificate, *anchors; /* as it names the files; "" if not */
	SSL_CTX *context;				   /* this process' */
};

/* tlsp_tls_domains_each calls |visit| for every TLS domain, those of servers
 * and clients by default first. Any process, as above. */
void tlsp_tls_domains_each(
		void (*visit)(void *user, const struct tlsp_tls_domain_files *domain),
		void *user);

/* What the TLS domains trust in which we are client: in the default one, and in
 * all; see tlsp_gate_client_trust. */
struct tlsp_client_trust
{
	uint64_t by_default, of_all;
};

/* tlsp_tls_domains_init: main process, mod_init. 0, or -1 without memory.
 * _destroy: main process, at the end. */
int tlsp_tls_domains_init(void);
void tlsp_tls_domains_destroy(void);

/* tlsp_tls_domains_client_trust: of now. No lock, but after each tls.reload: who
 * notices it first, in whichever process, reads through what was loaded, and others
 * wait for that. Zeros if there is nothing, or without memory. */
struct tlsp_client_trust tlsp_tls_domains_client_trust(void);

/* tlsp_tls_domains_changed: was tls.cfg loaded anew since |c|'s SSL was made?
 * No lock. */
bool tlsp_tls_domains_changed(const struct tcp_connection *c);

/*
 * tlsp_tls_domains_find: the domain that a connection like |c| would get if it
 * came now, so after a tls.reload the new one, with its trust anchors and
 * CRLs. |ssl| is the connection's; |asked_id| the tlsp_tls_domains_asked_id with
 * which it was opened, zeros if that is not known. Under its write_lock, any
 * process; takes the tls module's configuration lock for a moment, if tls.cfg
 * was loaded anew.
 */
void tlsp_tls_domains_find(const struct tcp_connection *c, SSL *ssl,
		const struct tlsp_digest *asked_id, struct tlsp_tls_domain *out);

/* tlsp_tls_domains_find_named: the domain that the tls module's SNI callback is
 * going to choose for |server_name| (NULL: the one that |c| has by its socket);
 * likewise. */
void tlsp_tls_domains_find_named(const struct tcp_connection *c,
		const char *server_name, struct tlsp_tls_domain *out);

/* tlsp_tls_domains_find_default: the default domain of |role| that is in force
 * now; any process, as above. */
void tlsp_tls_domains_find_default(
		enum tlsp_role role, struct tlsp_tls_domain *out);

/* tlsp_tls_domains_release: to be called after tlsp_tls_domains_find...;
 * |domain| is none afterwards. */
void tlsp_tls_domains_release(struct tlsp_tls_domain *domain);

/* tlsp_tls_domains_asked_name: the server name that a connection would ask for
 * if this process opened it now, and its |octets|; 0 of them if none. Borrowed
 * from the script's xavps. */
const char *tlsp_tls_domains_asked_name(size_t *octets);

/* tlsp_tls_domains_asked_id: likewise the server_id, as a digest; zeros if
 * none. What the script's function tls_set_connect_server_id says is not seen.
 * False without memory. */
bool tlsp_tls_domains_asked_id(struct tlsp_digest *out);

/*
 * tlsp_tls_domains_choose_as: what this process opens as client gets the
 * server name of |ssl| and the server_id, |asked_id| as above, if it had any,
 * until tlsp_tls_domains_choose_default. Under the write_lock of |c|; the
 * process may have no script's xavps. False without memory, or if the tls
 * module has no xavp_cfg to name it with.
 */
bool tlsp_tls_domains_choose_as(const struct tcp_connection *c, SSL *ssl,
		const struct tlsp_digest *asked_id);
void tlsp_tls_domains_choose_default(void);

#endif
