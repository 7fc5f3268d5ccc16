/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tls_ends - see tls_ends.h.
 */
#include "tls_ends.h"

#include <stdlib.h>
#include <string.h>

struct identity ca, foreign_ca, gateway, trusted, renewed, other, stranger,
		foreign;
struct tlsp_gate gate;
struct tlsp_policy policy;
struct tlsp_terms terms;
unsigned last_alert;
SSL_CTX *context_now;
struct tlsp_session_cache *cache;
struct tlsp_ticket_keys *keys;

static struct tlsp_proxies *proxies;
static void *kept_sessions;

/* As the publisher of a generation does; a test may have changed anything. */
static const struct tlsp_in_force *offer_terms(void)
{
	static const struct tlsp_in_force in_force = {.terms = &terms};
	struct tlsp_digest index;

	assert_true(tlsp_digest(&index,
			&(const struct tlsp_part){&terms.proxies, sizeof(terms.proxies)},
			1));
	assert_true(tlsp_terms_digest(&terms, &index));
	return &in_force;
}

static SSL_CTX *offer_context(SSL *ssl)
{
	(void)ssl;
	return context_now;
}

static void add_extension(X509 *certificate, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	assert_non_null(extension);
	assert_true(X509_add_ext(certificate, extension, -1));
	X509_EXTENSION_free(extension);
}

void make_identity_for(struct identity *out, const char *common_name,
		const char *san, const struct identity *issuer, long seconds)
{
	static long serial;
	X509_NAME *name;

	out->key = EVP_EC_gen("P-256");
	out->certificate = X509_new();
	assert_non_null(out->key);
	X509_set_version(out->certificate, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(out->certificate), ++serial);
	X509_gmtime_adj(X509_getm_notBefore(out->certificate), -60);
	X509_gmtime_adj(X509_getm_notAfter(out->certificate), seconds);
	X509_set_pubkey(out->certificate, out->key);
	name = X509_get_subject_name(out->certificate);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
			(const unsigned char *)common_name, -1, -1, 0);
	X509_set_issuer_name(out->certificate,
			issuer ? X509_get_subject_name(issuer->certificate) : name);
	if(!issuer)
		add_extension(
				out->certificate, NID_basic_constraints, "critical,CA:TRUE");
	if(san)
		add_extension(out->certificate, NID_subject_alt_name, san);
	assert_true(X509_sign(
			out->certificate, issuer ? issuer->key : out->key, EVP_sha256()));
}

void make_identity(struct identity *out, const char *common_name,
		const char *san, const struct identity *issuer)
{
	make_identity_for(out, common_name, san, issuer, 3600);
}

void free_identity(struct identity *identity)
{
	X509_free(identity->certificate);
	EVP_PKEY_free(identity->key);
}

static void note_alert(const SSL *ssl, int where, int ret)
{
	(void)ssl;
	if((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT)
		last_alert = (unsigned)ret & 0xff;
}

SSL_CTX *new_context(const struct identity *own)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_method());

	assert_non_null(ctx);
	SSL_CTX_set_security_level(ctx, 0);
	/* As the tls module has it: without, who is asked is never resumed. */
	SSL_CTX_set_session_id_context(ctx, (const unsigned char *)"tests", 5);
	SSL_CTX_set_cipher_list(ctx, "ALL:@SECLEVEL=0");
	SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION);
	X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), ca.certificate);
	if(own) {
		assert_true(SSL_CTX_use_certificate(ctx, own->certificate));
		assert_true(SSL_CTX_use_PrivateKey(ctx, own->key));
	}
	return ctx;
}

void open_gate(void)
{
	gate.open = true;
	gate.in_force = NULL;
}

void close_gate(void)
{
	gate.open = false;
}

static SSL *new_guarded(SSL_CTX *ctx)
{
	SSL *ssl;

	gate.open = gate.may_attach = true;
	ssl = SSL_new(ctx);
	gate.open = false;
	assert_non_null(ssl);
	return ssl;
}

void new_pair(
		struct pair *out, SSL_CTX *ours, SSL_CTX *peer, enum tlsp_role role)
{
	BIO *a, *b;

	last_alert = 0;
	gate.refused = false;
	out->ours = new_guarded(ours);
	out->peer = SSL_new(peer);
	BIO_new_bio_pair(&a, 1 << 16, &b, 1 << 16);
	SSL_set_bio(out->ours, a, a);
	SSL_set_bio(out->peer, b, b);
	SSL_set_info_callback(out->peer, note_alert);
	if(role == TLSP_ROLE_SERVER) {
		SSL_set_accept_state(out->ours);
		SSL_set_connect_state(out->peer);
	} else {
		SSL_set_connect_state(out->ours);
		SSL_set_accept_state(out->peer);
	}
}

void step_ours(SSL *ssl)
{
	open_gate();
	SSL_do_handshake(ssl);
	close_gate();
}

bool shake_hands(struct pair *pair)
{
	char octet;

	for(int i = 0; i < 6; i++) {
		SSL_do_handshake(pair->peer);
		step_ours(pair->ours);
	}
	SSL_read(pair->peer, &octet, 1); /* an alert after TLS 1.3's Finished */
	return SSL_is_init_finished(pair->ours) && SSL_is_init_finished(pair->peer)
		   && tlsp_record_passes(tlsp_record_of(pair->ours));
}

void free_pair(struct pair *pair)
{
	SSL_free(pair->ours);
	SSL_free(pair->peer);
}

int setup_policy(void **state)
{
	static unsigned long generation;

	(void)state;
	gate.peer_address = NULL;
	context_now = NULL;
	tlsp_parameters_defaults(&policy);
	terms.rule = "default";
	terms.policy = &policy;
	terms.proxies = proxies;
	terms.generation = ++generation;
	return 0;
}

struct tlsp_proxies *make_proxies(const char *const *names, size_t count)
{
	struct tlsp_proxies_builder *builder = tlsp_proxies_builder_new();
	struct tlsp_proxies *made;
	struct tlsp_host host;

	for(size_t i = 0; i < count; i++) {
		assert_int_equal(
				tlsp_hostname_from_operator(&host, names[i], strlen(names[i])),
				TLSP_HOST_OK);
		assert_true(tlsp_proxies_builder_add(builder, &host));
	}
	made = tlsp_proxies_builder_write(
			builder, malloc(tlsp_proxies_builder_octets(builder)));
	tlsp_proxies_builder_free(builder);
	return made;
}

static void share_sessions(void)
{
	const size_t octets = 1 << 20;

	keys = tlsp_ticket_keys_init(malloc(tlsp_ticket_keys_octets()));
	cache = tlsp_session_cache_init(malloc(tlsp_session_cache_octets()));
	kept_sessions = malloc(octets);
	assert_null(tlsp_session_cache_use(cache, kept_sessions, octets));
	tlsp_tickets_share(keys, cache);
}

int make_ends(void **state)
{
	const char *const names[] = {"trusted.example.com", "other.example.com"};

	(void)state;
	make_identity(&ca, "Test CA", NULL, NULL);
	make_identity(&foreign_ca, "Foreign CA", NULL, NULL);
	make_identity(&gateway, "gateway", "DNS:gateway.example", &ca);
	make_identity(&trusted, "peer", "DNS:trusted.example.com", &ca);
	make_identity(&renewed, "peer",
			"DNS:other.example.com,DNS:trusted.example.com", &ca);
	make_identity(&other, "peer", "DNS:other.example.com", &ca);
	make_identity(&stranger, "peer", "DNS:stranger.example.com", &ca);
	make_identity(&foreign, "peer", "DNS:trusted.example.com", &foreign_ca);
	proxies = make_proxies(names, COUNT(names));
	share_sessions();
	gate.acquire = offer_terms;
	gate.context_now = offer_context;
	return tlsp_handshake_init(&gate) ? 0 : -1;
}

int free_ends(void **state)
{
	(void)state;
	free_identity(&ca);
	free_identity(&foreign_ca);
	free_identity(&gateway);
	free_identity(&trusted);
	free_identity(&renewed);
	free_identity(&other);
	free_identity(&stranger);
	free_identity(&foreign);
	free(proxies);
	free(kept_sessions);
	free(cache);
	free(keys);
	return 0;
}
