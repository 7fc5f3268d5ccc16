/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tls_ends - for unit tests: two real OpenSSL ends over memory BIOs. The one
 * under test is made inside the gate, the other is a plain peer. No network,
 * no Kamailio.
 */
#ifndef TLSP_TEST_TLS_ENDS_H
#define TLSP_TEST_TLS_ENDS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "openssl/handshake.h"
#include "openssl/tickets.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

struct identity
{
	EVP_PKEY *key;
	X509 *certificate;
};

/* |trusted| and |other| are proxies, |renewed| is |trusted| with another name
 * before it, |stranger| is of our CA too, |foreign|
 * has the name of a proxy by another CA. */
extern struct identity ca, foreign_ca, gateway, trusted, renewed, other,
		stranger, foreign;
extern struct tlsp_gate gate;
extern struct tlsp_policy policy;
extern struct tlsp_terms terms; /* of |policy| and the two proxies */
extern unsigned last_alert;		/* that the plain peer received */
/* As after a tls.reload: the context of now of every connection; NULL: its
 * own. */
extern SSL_CTX *context_now;
extern struct tlsp_session_cache *cache; /* as of all processes */
extern struct tlsp_ticket_keys *keys;	 /* likewise */

/* make_ends, free_ends: all of the above; for cmocka_run_group_tests. */
int make_ends(void **state);
int free_ends(void **state);

/* setup_policy: the defaults again, as a new generation; for a test. */
int setup_policy(void **state);

/* make_identity: |san| as in openssl.cnf, or NULL; |issuer| NULL for a CA. */
void make_identity(struct identity *out, const char *common_name,
		const char *san, const struct identity *issuer);
void make_identity_for(struct identity *out, const char *common_name,
		const char *san, const struct identity *issuer, long seconds);
void free_identity(struct identity *identity);

/* make_proxies: an index of |names|; the caller frees it. */
struct tlsp_proxies *make_proxies(const char *const *names, size_t count);

/* new_context: speaks everything, as a TLS domain with SECLEVEL=0. */
SSL_CTX *new_context(const struct identity *own);

/* Two ends of a connection; |ours| is guarded. */
struct pair
{
	SSL *ours, *peer;
};

void new_pair(
		struct pair *out, SSL_CTX *ours, SSL_CTX *peer, enum tlsp_role role);
void free_pair(struct pair *pair);

/* open_gate, close_gate: around what is done to |ours|. */
void open_gate(void);
void close_gate(void);

void step_ours(SSL *ssl);

/* shake_hands: true if both ends finished and our end lets bytes pass. */
bool shake_hands(struct pair *pair);

#endif
