/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * half_record - a record of TLS 1.3 that OpenSSL would not write: what is in it
 * is chosen octet by octet. TLS_AES_128_GCM_SHA256 only (RFC 8446, 5.2, 7.3).
 */
#ifndef HALF_RECORD_H
#define HALF_RECORD_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

enum
{
	HALF_RECORD_SECRET = 32,
	HALF_RECORD_KEY = 16,
	HALF_RECORD_IV = 12,
	HALF_RECORD_TAG = 16,
	HALF_RECORD_HEAD = 5,
	HALF_RECORD_MAX = 256
};

/* half_record_secret: |line| of a key log; false if it is no secret of
 * |label|, "CLIENT_TRAFFIC_SECRET_0" or "SERVER_...". */
static bool half_record_secret(const char *line, const char *label,
		unsigned char secret[HALF_RECORD_SECRET])
{
	const char *hex = strrchr(line, ' ');

	if(strncmp(line, label, strlen(label)) != 0 || !hex
			|| strlen(hex + 1) != 2 * (size_t)HALF_RECORD_SECRET)
		return false;
	for(size_t i = 0; i < HALF_RECORD_SECRET; i++)
		if(sscanf(hex + 1 + 2 * i, "%2hhx", secret + i) != 1)
			return false;
	return true;
}

static bool half_record_expand(const unsigned char *secret, const char *label,
		unsigned char *out, size_t octets)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "TLS13-KDF", NULL);
	EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
	int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
	OSSL_PARAM params[] = {OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
			OSSL_PARAM_construct_utf8_string(
					OSSL_KDF_PARAM_DIGEST, (char *)"SHA256", 0),
			OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY,
					(void *)(size_t)secret, HALF_RECORD_SECRET),
			OSSL_PARAM_construct_octet_string(
					OSSL_KDF_PARAM_PREFIX, (char *)"tls13 ", 6),
			OSSL_PARAM_construct_octet_string(
					OSSL_KDF_PARAM_LABEL, (void *)(size_t)label, strlen(label)),
			OSSL_PARAM_construct_end()};
	bool done = ctx && EVP_KDF_derive(ctx, out, octets, params) == 1;

	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	return done;
}

/* half_record_make: the |number|th record (from 0) under |secret|, with |text|
 * of |type| inside. Returns the octets in |out|, 0 if it fails. */
static size_t half_record_make(const unsigned char *secret,
		unsigned long number, unsigned char type, const unsigned char *text,
		size_t octets, unsigned char out[HALF_RECORD_MAX])
{
	unsigned char key[HALF_RECORD_KEY], iv[HALF_RECORD_IV],
			inner[HALF_RECORD_MAX];
	size_t length = octets + 1 + HALF_RECORD_TAG;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	unsigned char *sealed = out + HALF_RECORD_HEAD;
	int made = 0;
	bool done;

	if(HALF_RECORD_HEAD + length > HALF_RECORD_MAX
			|| !half_record_expand(secret, "key", key, sizeof(key))
			|| !half_record_expand(secret, "iv", iv, sizeof(iv)))
		return 0;
	for(size_t i = 0; i < sizeof(number); i++)
		iv[sizeof(iv) - 1 - i] ^= (unsigned char)(number >> (8 * i));
	memcpy(inner, text, octets);
	inner[octets] = type;
	memcpy(out, (unsigned char[]){23, 3, 3, 0, (unsigned char)length},
			HALF_RECORD_HEAD);
	done = ctx && EVP_EncryptInit_ex(ctx, EVP_aes_128_gcm(), NULL, key, iv) == 1
		   && EVP_EncryptUpdate(ctx, NULL, &made, out, HALF_RECORD_HEAD) == 1
		   && EVP_EncryptUpdate(ctx, sealed, &made, inner, (int)octets + 1) == 1
		   && EVP_EncryptFinal_ex(ctx, sealed + made, &made) == 1
		   && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, HALF_RECORD_TAG,
					  sealed + octets + 1)
					  == 1;
	EVP_CIPHER_CTX_free(ctx);
	return done ? HALF_RECORD_HEAD + length : 0;
}

#endif
