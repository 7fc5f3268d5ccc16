/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * settings - see peer.h.
 */
#include "peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/pem.h>

enum
{
	EXTENSION = 65280, /* private use */
	EXTENSION_OCTETS = 700
};

static void on_info(const SSL *const_ssl, int where, int ret)
{
	if(second_name && (where & SSL_CB_LOOP)
			&& SSL_get_state(const_ssl) == TLS_ST_CR_SRVR_HELLO) {
		SSL_set_tlsext_host_name((SSL *)(size_t)const_ssl, second_name);
		second_name = NULL;
	}
	if((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT && ret >> 8 == 2)
		alert = (ret & 0xff) == SSL_AD_CERTIFICATE_REQUIRED
						? "certificate required"
						: SSL_alert_desc_string_long(ret);
}

static void on_message(int write, int version, int type, const void *octets,
		size_t count, SSL *unused, void *unused_too)
{
	(void)version, (void)unused, (void)unused_too;
	if(!write && type == SSL3_RT_HANDSHAKE && count > 0)
		came[*(const unsigned char *)octets]++;
}

static int on_session(SSL *unused, SSL_SESSION *session)
{
	(void)unused;
	SSL_SESSION_free(newest);
	newest = session;
	return 1;
}

static void on_key(const SSL *unused, const char *line)
{
	(void)unused;
	half_record_secret(line,
			serves ? "SERVER_TRAFFIC_SECRET_0" : "CLIENT_TRAFFIC_SECRET_0",
			secret);
}

static int add_extension(SSL *unused, unsigned type, unsigned context,
		const unsigned char **octets, size_t *count, X509 *x, size_t index,
		int *al, void *arg)
{
	static const unsigned char zeros[EXTENSION_OCTETS];

	(void)unused, (void)type, (void)context, (void)x, (void)index, (void)al,
			(void)arg;
	*octets = zeros;
	*count = sizeof(zeros);
	return 1;
}

void make_context(void)
{
	ctx = SSL_CTX_new(serves ? TLS_server_method() : TLS_client_method());
	SSL_CTX_set_ciphersuites(ctx, "TLS_AES_128_GCM_SHA256");
	SSL_CTX_set1_groups_list(ctx, serves ? "P-256:X25519" : "X25519:P-256");
	SSL_CTX_clear_options(ctx, SSL_OP_ENABLE_MIDDLEBOX_COMPAT);
	SSL_CTX_set_options(ctx, SSL_OP_ALLOW_CLIENT_RENEGOTIATION);
	SSL_CTX_set_num_tickets(ctx, 0);
	SSL_CTX_set_session_cache_mode(
			ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(ctx, on_session);
	SSL_CTX_set_info_callback(ctx, on_info);
	SSL_CTX_set_msg_callback(ctx, on_message);
	SSL_CTX_set_keylog_callback(ctx, on_key);
}

void set_version(const char *value)
{
	int version = strcmp(value, "1.3") == 0 ? TLS1_3_VERSION : TLS1_2_VERSION;

	SSL_CTX_set_min_proto_version(ctx, version);
	SSL_CTX_set_max_proto_version(ctx, version);
}

void show(const char *name)
{
	char certificate[512], key[512];

	if(!name[0] && ssl)
		SSL_certs_clear(ssl);
	if(!name[0])
		return;
	snprintf(certificate, sizeof(certificate), "%s/%s.pem", pki, name);
	snprintf(key, sizeof(key), "%s/%s.key", pki, name);
	if((ssl ? SSL_use_certificate_chain_file(ssl, certificate)
			: SSL_CTX_use_certificate_chain_file(ctx, certificate))
					!= 1
			|| (ssl ? SSL_use_PrivateKey_file(ssl, key, SSL_FILETYPE_PEM)
					: SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM))
					   != 1)
		die(certificate);
}

/* A key that has that certificate's public part, and another private one:
 * whoever compares the public parts takes it. */
void borrow(const char *name)
{
	char path[512];
	unsigned char point[128];
	size_t octets = 0;
	BIGNUM *number = BN_new();
	BIO *file;
	X509 *certificate;
	EVP_PKEY *key = NULL;
	EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	unsigned char scalar[32] = {1};

	snprintf(path, sizeof(path), "%s/%s.pem", pki, name);
	file = BIO_new_file(path, "r");
	certificate = file ? PEM_read_bio_X509(file, NULL, NULL, NULL) : NULL;
	BN_set_word(number, 4711);
	BN_bn2nativepad(number, scalar, sizeof(scalar));
	if(!certificate || !ssl
			|| EVP_PKEY_get_octet_string_param(X509_get0_pubkey(certificate),
					   OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &octets)
					   != 1
			|| EVP_PKEY_fromdata_init(maker) != 1
			|| EVP_PKEY_fromdata(maker, &key, EVP_PKEY_KEYPAIR,
					   (OSSL_PARAM[]){OSSL_PARAM_construct_utf8_string(
											  OSSL_PKEY_PARAM_GROUP_NAME,
											  (char *)"P-256", 0),
							   OSSL_PARAM_construct_octet_string(
									   OSSL_PKEY_PARAM_PUB_KEY, point, octets),
							   OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY,
									   scalar, sizeof(scalar)),
							   OSSL_PARAM_construct_end()})
					   != 1
			|| SSL_use_certificate(ssl, certificate) != 1
			|| SSL_use_PrivateKey(ssl, key) != 1)
		die(path);
	BN_free(number);
	BIO_free(file);
	X509_free(certificate);
	EVP_PKEY_free(key);
	EVP_PKEY_CTX_free(maker);
}

void step_by_id(const char *unused)
{
	(void)unused;
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
}

void step_authenticates(const char *unused)
{
	(void)unused;
	SSL_CTX_set_post_handshake_auth(ctx, 1);
}

void step_large(const char *unused)
{
	(void)unused;
	large = true;
	if(!serves
			&& SSL_CTX_add_custom_ext(ctx, EXTENSION, SSL_EXT_CLIENT_HELLO,
					   add_extension, NULL, NULL, NULL, NULL)
					   != 1)
		die("no extension");
}

void step_resume(const char *unused)
{
	(void)unused;
	resumes = true;
}

void step_name(const char *value)
{
	server_name = value[0] ? value : NULL;
}

void step_second_name(const char *value)
{
	second_name = value;
}
