/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * world - see world.h.
 */
#include "world.h"

#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "wire.h"

enum
{
	READINGS = 4, /* of tls.cfg, in one state */
	PEERS = 64
};

struct identity same_names, both_names, server_only, constrained,
		constraining_ca;
struct tlsp_proxies *list_of_both, *list_of_trusted, *list_of_other,
		*list_of_three;

static struct tls_cfg readings[READINGS];
static size_t reading;		   /* in force */
static size_t reading_of_ours; /* when our end was made */
static struct state about;

static struct
{
	enum peer_role peer;
	enum version version;
	const struct identity *identity;
	bool by_id;
	SSL_CTX *ctx;
} peers[PEERS];
static size_t peer_count;

/* ---- the clock: of OpenSSL and of the code under test ---- */

static long passed_seconds;

static struct timespec present(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	now.tv_sec += passed_seconds;
	return now;
}

time_t time(time_t *out)
{
	time_t seconds = present().tv_sec;

	if(out)
		*out = seconds;
	return seconds;
}

/* OpenSSL 3.2 and later ask this one. */
int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
	struct timespec now = present();

	(void)zone;
	out->tv_sec = now.tv_sec;
	out->tv_usec = now.tv_nsec / 1000;
	return 0;
}

void world_pass_time(long seconds)
{
	passed_seconds += seconds;
}

/* ---- identities ---- */

static void extend(struct identity *identity, const struct identity *issuer,
		int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	assert_non_null(extension);
	X509_add_ext(identity->certificate, extension, -1);
	X509_EXTENSION_free(extension);
	assert_true(X509_sign(identity->certificate, issuer->key, EVP_sha256()));
}

void world_make(void)
{
	const char *const names[] = {
			"trusted.example.com", "other.example.com", "third.example.com"};

	make_identity(&same_names, "peer", "DNS:trusted.example.com", &ca);
	make_identity(&both_names, "peer",
			"DNS:trusted.example.com,DNS:other.example.com", &ca);
	make_identity(&server_only, "peer", "DNS:trusted.example.com", &ca);
	extend(&server_only, &ca, NID_ext_key_usage, "serverAuth");
	make_identity(&constraining_ca, "Constraining CA", NULL, &ca);
	extend(&constraining_ca, &ca, NID_basic_constraints, "critical,CA:TRUE");
	extend(&constraining_ca, &ca, NID_name_constraints,
			"critical,excluded;DNS:trusted.example.com");
	make_identity(&constrained, "peer",
			"URI:sip:trusted.example.com,URI:sip:other.example.com",
			&constraining_ca);
	list_of_both = make_proxies(names, 2);
	list_of_three = make_proxies(names, 3);
	list_of_trusted = make_proxies(names, 1);
	list_of_other = make_proxies(names + 1, 1);
}

void world_unmake(void)
{
	while(peer_count > 0)
		SSL_CTX_free(peers[--peer_count].ctx);
	free_identity(&same_names);
	free_identity(&both_names);
	free_identity(&server_only);
	free_identity(&constrained);
	free_identity(&constraining_ca);
	free(list_of_both);
	free(list_of_three);
	free(list_of_trusted);
	free(list_of_other);
}

/* ---- tls.cfg ---- */

static X509_CRL *make_crl(const struct identity *revoked)
{
	X509_CRL *crl = X509_CRL_new();
	X509_REVOKED *entry = X509_REVOKED_new();
	ASN1_TIME *now = X509_gmtime_adj(NULL, -60),
			  *next = X509_gmtime_adj(NULL, 3600);

	X509_CRL_set_version(crl, X509_CRL_VERSION_2);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(ca.certificate));
	X509_CRL_set1_lastUpdate(crl, now);
	X509_CRL_set1_nextUpdate(crl, next);
	X509_REVOKED_set_serialNumber(
			entry, X509_get_serialNumber(revoked->certificate));
	X509_REVOKED_set_revocationDate(entry, now);
	assert_true(X509_CRL_add0_revoked(crl, entry));
	assert_true(X509_CRL_sign(crl, ca.key, EVP_sha256()));
	ASN1_TIME_free(now);
	ASN1_TIME_free(next);
	return crl;
}

static void believe(SSL_CTX *ctx, const struct trust *trust)
{
	X509_STORE *store = SSL_CTX_get_cert_store(ctx);
	X509_CRL *crl;

	if(trust->ca)
		X509_STORE_add_cert(store, ca.certificate);
	if(trust->foreign_ca)
		X509_STORE_add_cert(store, foreign_ca.certificate);
	if(!trust->revoked)
		return;
	crl = make_crl(trust->revoked);
	X509_STORE_add_crl(store, crl);
	X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
	X509_CRL_free(crl);
}

static SSL_CTX *plain_context(const struct identity *own)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_method());

	assert_non_null(ctx);
	/* As the tls module has it: without, who is asked is never resumed. */
	SSL_CTX_set_session_id_context(ctx, (const unsigned char *)"world", 5);
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set1_groups_list(ctx, "P-256");
	SSL_CTX_set_num_tickets(ctx, 1);
	if(!own)
		return ctx;
	assert_true(SSL_CTX_use_certificate(ctx, own->certificate));
	assert_true(SSL_CTX_use_PrivateKey(ctx, own->key));
	return ctx;
}

static int choose_domain(SSL *ssl, int *alert, void *unused);

static SSL_CTX *domain_context(const struct trust *trust)
{
	SSL_CTX *ctx = plain_context(&gateway);

	believe(ctx, trust);
	SSL_CTX_set_tlsext_servername_callback(ctx, choose_domain);
	if(about.session == BY_ID)
		SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
	return ctx;
}

static void read_cfg(const struct trust *trust)
{
	const struct trust stricter = {.foreign_ca = true};
	struct tls_cfg *cfg = &readings[reading];

	memset(cfg, 0, sizeof(*cfg));
	if(about.peer == PEER_IS_SERVER) {
		cfg->client = plain_context(&gateway);
		believe(cfg->client, trust);
		return;
	}
	cfg->server = domain_context(trust);
	if(about.domain == DEFAULT_DOMAIN)
		return;
	cfg->a = domain_context(trust);
	if(about.name != NAME_SAME && about.name != NAME_SAME_AFTER_RETRY)
		cfg->b = domain_context(
				about.domain == SNI_DOMAIN_STRICTER ? &stricter : trust);
}

void world_start(const struct state *state, const struct trust *trust)
{
	passed_seconds = 0;
	about = *state;
	reading = 0;
	read_cfg(trust);
}

void world_end(void)
{
	for(size_t i = 0; i <= reading; i++) {
		SSL_CTX_free(readings[i].server);
		SSL_CTX_free(readings[i].a);
		SSL_CTX_free(readings[i].b);
		SSL_CTX_free(readings[i].client);
	}
	reading = 0;
	memset(readings, 0, sizeof(readings));
}

static void copy_session(SSL_SESSION *session, void *to)
{
	SSL_SESSION *copy = SSL_SESSION_dup(session);

	SSL_CTX_add_session(to, copy);
	SSL_SESSION_free(copy);
}

void world_reload(const struct trust *trust)
{
	const struct tls_cfg *before = &readings[reading++];

	assert_true(reading < READINGS);
	read_cfg(trust);
	if(before->server)
		OPENSSL_LH_doall_arg((OPENSSL_LHASH *)SSL_CTX_sessions(before->server),
				(OPENSSL_LH_DOALL_FUNCARG)copy_session,
				readings[reading].server);
}

static SSL_CTX *chosen(const char *server_name)
{
	if(server_name && strcmp(server_name, NAME_A) == 0)
		return readings[reading].a;
	if(server_name && strcmp(server_name, NAME_B) == 0)
		return readings[reading].b;
	return NULL;
}

/* As tls_server_name_cb of Kamailio's modules/tls/tls_domain.c. */
static int choose_domain(SSL *ssl, int *alert, void *unused)
{
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	SSL_CTX *ctx = chosen(name);

	(void)alert, (void)unused;
	if(!name)
		return SSL_TLSEXT_ERR_NOACK;
	if(!ctx)
		return SSL_TLSEXT_ERR_ALERT_WARNING;
	SSL_set_SSL_CTX(ssl, ctx);
	SSL_set_options(ssl, SSL_CTX_get_options(SSL_get_SSL_CTX(ssl)));
	if(SSL_get_verify_mode(ssl) == SSL_VERIFY_NONE
			|| SSL_num_renegotiations(ssl) == 0)
		SSL_set_verify(ssl, SSL_CTX_get_verify_mode(SSL_get_SSL_CTX(ssl)),
				SSL_CTX_get_verify_callback(SSL_get_SSL_CTX(ssl)));
	return SSL_TLSEXT_ERR_OK;
}

SSL_CTX *world_context(enum peer_role peer)
{
	reading_of_ours = reading;
	return peer == PEER_IS_CLIENT ? readings[reading].server
								  : readings[reading].client;
}

SSL_CTX *world_context_for(SSL *ssl, const char *server_name)
{
	SSL_CTX *ctx = chosen(server_name);

	return ctx ? ctx : world_context_now(ssl);
}

SSL_CTX *world_context_now(SSL *ssl)
{
	SSL_CTX *ctx = SSL_get_SSL_CTX(ssl);

	for(size_t i = 0; i < reading; i++) {
		if(ctx == readings[i].server)
			return readings[reading].server;
		if(ctx == readings[i].a)
			return readings[reading].a;
		if(ctx == readings[i].b)
			return readings[reading].b;
		if(ctx == readings[i].client)
			return readings[reading].client;
	}
	return ctx;
}

bool world_changed(SSL *ssl)
{
	(void)ssl;
	return reading != reading_of_ours;
}

/* ---- peers ---- */

static SSL_CTX *make_peer(enum peer_role peer, enum version version,
		const struct identity *identity, bool by_id)
{
	SSL_CTX *ctx = plain_context(identity);
	int wire = version == TLS_1_2 ? TLS1_2_VERSION : TLS1_3_VERSION;

	SSL_CTX_set_min_proto_version(ctx, wire);
	SSL_CTX_set_max_proto_version(ctx, wire);
	SSL_CTX_set_cipher_list(ctx, "ECDHE-ECDSA-AES128-GCM-SHA256");
	SSL_CTX_set_ciphersuites(ctx, "TLS_AES_128_GCM_SHA256");
	SSL_CTX_set_options(ctx, SSL_OP_ALLOW_CLIENT_RENEGOTIATION);
	if(by_id && peer == PEER_IS_SERVER)
		SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
	if(identity == &constrained)
		SSL_CTX_add1_chain_cert(ctx, constraining_ca.certificate);
	SSL_CTX_set_keylog_callback(ctx, wire_log_key);
	return ctx;
}

SSL_CTX *world_peer(enum peer_role peer, enum version version,
		const struct identity *identity, bool by_id)
{
	for(size_t i = 0; i < peer_count; i++)
		if(peers[i].peer == peer && peers[i].version == version
				&& peers[i].identity == identity && peers[i].by_id == by_id)
			return peers[i].ctx;
	assert_true(peer_count < PEERS);
	peers[peer_count].peer = peer;
	peers[peer_count].version = version;
	peers[peer_count].identity = identity;
	peers[peer_count].by_id = by_id;
	peers[peer_count].ctx = make_peer(peer, version, identity, by_id);
	return peers[peer_count++].ctx;
}

void world_show(SSL *peer, const struct identity *identity)
{
	SSL_certs_clear(peer);
	if(!identity)
		return;
	assert_true(SSL_use_certificate(peer, identity->certificate));
	assert_true(SSL_use_PrivateKey(peer, identity->key));
}
