/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wire_keys - see wire_keys.h.
 */
#include "wire_keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

void wire_demand(bool holds, const char *what)
{
	if(holds)
		return;
	printf("Bail out! wire: %s\n", what);
	exit(1);
}

static void hmac(const unsigned char *key, size_t key_octets,
		const unsigned char *data, size_t octets, unsigned char out[32])
{
	wire_demand(
			HMAC(EVP_sha256(), key, (int)key_octets, data, octets, out, NULL),
			"HMAC");
}

/* HKDF-Expand-Label without context (RFC 8446, 7.1), of 32 octets at most. */
static void expand(const unsigned char *secret, const char *label,
		unsigned char *out, size_t octets)
{
	unsigned char info[64] = {0}, made[32];
	size_t text = strlen(label) + 6, used;

	info[1] = (unsigned char)octets;
	info[2] = (unsigned char)text;
	snprintf((char *)info + 3, sizeof(info) - 3, "tls13 %s", label);
	used = 3 + text;
	info[used++] = 0;
	info[used++] = 1;
	hmac(secret, WIRE_SECRET_OCTETS, info, used, made);
	memcpy(out, made, octets);
}

static void next_key(struct wire *wire)
{
	wire->key++;
	wire_demand(wire->key < WIRE_KEYS, "too many keys");
}

void wire_use_secret(struct wire *wire, const unsigned char *secret)
{
	struct wire_key *key;

	next_key(wire);
	key = &wire->keys[wire->key];
	memset(key, 0, sizeof(*key));
	memcpy(key->secret, secret, sizeof(key->secret));
	expand(secret, "key", key->key, sizeof(key->key));
	expand(secret, "iv", key->iv, sizeof(key->iv));
}

/* RFC 5246, 5 and 6.3: two rounds of P_SHA256 hold all of the key block. */
void wire_use_master_secret(struct wire *wire)
{
	unsigned char master[48], block[64];
	unsigned char seed[32 + 13 + 64]; /* A(i) in front of what is hashed */
	unsigned char a[32];
	bool client = !SSL_is_server(wire->peer);
	struct wire_key *key;

	memcpy(seed + 32, "key expansion", 13);
	wire_demand(
			SSL_SESSION_get_master_key(
					SSL_get_session(wire->peer), master, sizeof(master))
							== sizeof(master)
					&& SSL_get_server_random(wire->peer, seed + 45, 32) == 32
					&& SSL_get_client_random(wire->peer, seed + 77, 32) == 32,
			"no master secret");
	hmac(master, sizeof(master), seed + 32, sizeof(seed) - 32, a);
	for(size_t i = 0; i < 2; i++) {
		memcpy(seed, a, sizeof(a));
		hmac(master, sizeof(master), seed, sizeof(seed), block + 32 * i);
		hmac(master, sizeof(master), seed, sizeof(a), a);
	}
	next_key(wire);
	key = &wire->keys[wire->key];
	memset(key, 0, sizeof(*key));
	memcpy(key->key, block + (client ? 0 : 16), sizeof(key->key));
	memcpy(key->iv, block + 32 + (client ? 0 : 4), 4);
}

static void read_hex(const char *hex, unsigned char *out)
{
	for(size_t i = 0; i < WIRE_SECRET_OCTETS; i++) {
		unsigned octet;

		wire_demand(sscanf(hex + 2 * i, "%2x", &octet) == 1, "not a secret");
		out[i] = (unsigned char)octet;
	}
}

void wire_log_key(const SSL *ssl, const char *line)
{
	struct wire *wire = SSL_get_app_data(ssl);
	const char *own = SSL_is_server(ssl) ? "SERVER_" : "CLIENT_";
	const char *secret = strrchr(line, ' ') + 1;

	if(!wire || strncmp(line, own, 7) != 0)
		return;
	if(strncmp(line + 7, "HANDSHAKE_TRAFFIC_SECRET ", 25) == 0)
		read_hex(secret, wire->handshake_secret);
	else if(strncmp(line + 7, "TRAFFIC_SECRET_0 ", 17) == 0)
		read_hex(secret, wire->traffic_secret);
}

void wire_use_next_secret(struct wire *wire)
{
	unsigned char secret[WIRE_SECRET_OCTETS];

	expand(wire->keys[wire->key].secret, "traffic upd", secret, sizeof(secret));
	wire_use_secret(wire, secret);
}
