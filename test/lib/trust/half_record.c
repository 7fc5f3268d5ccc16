/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * half_record - see half_record.h.
 */
#include "half_record.h"

#include <stdio.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

enum
{
	KEY = 16,
	IV = 12,
	TAG = 16,
	HEAD = 5
};

bool half_record_secret(const char *line, const char *label,
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

size_t half_record_make(const unsigned char *secret, unsigned long number,
		unsigned char type, const unsigned char *text, size_t octets,
		unsigned char out[HALF_RECORD_MAX])
{
	unsigned char key[KEY], iv[IV], inner[HALF_RECORD_MAX];
	size_t length = octets + 1 + TAG;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	unsigned char *sealed = out + HEAD;
	int made = 0;
	bool done;

	if(HEAD + length > HALF_RECORD_MAX
			|| !half_record_expand(secret, "key", key, sizeof(key))
			|| !half_record_expand(secret, "iv", iv, sizeof(iv)))
		return 0;
	for(size_t i = 0; i < sizeof(number); i++)
		iv[sizeof(iv) - 1 - i] ^= (unsigned char)(number >> (8 * i));
	memcpy(inner, text, octets);
	inner[octets] = type;
	memcpy(out, (unsigned char[]){23, 3, 3, 0, (unsigned char)length}, HEAD);
	done = ctx && EVP_EncryptInit_ex(ctx, EVP_aes_128_gcm(), NULL, key, iv) == 1
		   && EVP_EncryptUpdate(ctx, NULL, &made, out, HEAD) == 1
		   && EVP_EncryptUpdate(ctx, sealed, &made, inner, (int)octets + 1) == 1
		   && EVP_EncryptFinal_ex(ctx, sealed + made, &made) == 1
		   && EVP_CIPHER_CTX_ctrl(
					  ctx, EVP_CTRL_GCM_GET_TAG, TAG, sealed + octets + 1)
					  == 1;
	EVP_CIPHER_CTX_free(ctx);
	return done ? HEAD + length : 0;
}
