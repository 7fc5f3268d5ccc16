/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wire - see wire.h.
 */
#include "wire.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "wire_keys.h"

enum
{
	HEADER = 5,
	TAG = 16,
	EXPLICIT = 8, /* nonce of TLS 1.2, RFC 5288, 3 */
	MAX_RECORD = 17 * 1024
};

/* ---- records ---- */

static bool is_1_3(const struct wire *wire)
{
	return wire->version == TLS1_3_VERSION;
}

/* The nonce and the additional data of one record; the octets of the data. */
static size_t bind_record(const struct wire *wire, const struct wire_key *key,
		uint64_t number, const unsigned char *header, size_t octets,
		unsigned char nonce[12], unsigned char data[13])
{
	memcpy(nonce, key->iv, 12);
	for(size_t i = 0; i < 8; i++) {
		unsigned char octet = (unsigned char)(number >> (56 - 8 * i));

		nonce[4 + i] = is_1_3(wire) ? nonce[4 + i] ^ octet : octet;
		data[i] = octet;
	}
	if(is_1_3(wire)) {
		memcpy(data, header, HEADER);
		return HEADER;
	}
	memcpy(data + 8, header, 3);
	data[11] = (unsigned char)(octets >> 8);
	data[12] = (unsigned char)octets;
	return 13;
}

static void keep(struct wire *wire, unsigned char type,
		const unsigned char *data, size_t octets)
{
	struct wire_item *item = &wire->items[wire->end];

	wire_demand(wire->end < WIRE_ITEMS && octets > 0, "too many records");
	item->type = type;
	item->message = data[0];
	item->key = wire->key;
	item->octets = octets;
	item->data = malloc(octets);
	memcpy(item->data, data, octets);
	wire->end++;
}

/* After what changes the key of what comes next. */
static void follow(struct wire *wire)
{
	const struct wire_item *item = &wire->items[wire->end - 1];

	if(!is_1_3(wire)) {
		if(item->type == SSL3_RT_CHANGE_CIPHER_SPEC)
			wire_use_master_secret(wire);
		return;
	}
	if(item->type != SSL3_RT_HANDSHAKE || wire->key < 0)
		return;
	if(item->data[0] == SSL3_MT_FINISHED && !wire->finished) {
		wire->finished = true;
		wire_use_secret(wire, wire->traffic_secret);
	} else if(item->data[0] == SSL3_MT_KEY_UPDATE) {
		wire_use_next_secret(wire);
	}
}

static void take_protected(struct wire *wire, const unsigned char *record)
{
	size_t body = (size_t)record[3] << 8 | record[4],
		   front = is_1_3(wire) ? 0 : EXPLICIT, octets = body - front - TAG;
	unsigned char clear[MAX_RECORD], nonce[12], data[13];
	struct wire_key *key = &wire->keys[wire->key];
	size_t data_octets =
			bind_record(wire, key, key->taken++, record, octets, nonce, data);
	const unsigned char *sealed = record + HEADER + front;
	unsigned char type = record[0];
	int made;

	if(front)
		memcpy(nonce + 4, record + HEADER, EXPLICIT);
	wire_demand(
			EVP_DecryptInit_ex(
					wire->cipher, EVP_aes_128_gcm(), NULL, key->key, nonce)
					&& EVP_DecryptUpdate(
							wire->cipher, NULL, &made, data, (int)data_octets)
					&& EVP_DecryptUpdate(
							wire->cipher, clear, &made, sealed, (int)octets)
					&& EVP_CIPHER_CTX_ctrl(wire->cipher, EVP_CTRL_AEAD_SET_TAG,
							TAG, (void *)(uintptr_t)(sealed + octets))
					&& EVP_DecryptFinal_ex(wire->cipher, clear + made, &made),
			"a record of the peer does not decrypt");
	if(is_1_3(wire))
		type = clear[--octets];
	keep(wire, type, clear, octets);
}

static void take_record(struct wire *wire, const unsigned char *record)
{
	size_t body = (size_t)record[3] << 8 | record[4];

	if(wire->key < 0 && is_1_3(wire) && record[0] == SSL3_RT_APPLICATION_DATA)
		wire_use_secret(wire, wire->handshake_secret);
	if(wire->key < 0
			|| (is_1_3(wire) && record[0] == SSL3_RT_CHANGE_CIPHER_SPEC))
		keep(wire, record[0], record + HEADER, body);
	else
		take_protected(wire, record);
	follow(wire);
}

bool wire_take(struct wire *wire)
{
	unsigned char record[MAX_RECORD];
	bool any = false;

	while(BIO_read(wire->from_peer, record, HEADER) == HEADER) {
		int body = record[3] << 8 | record[4];

		wire_demand(BIO_read(wire->from_peer, record + HEADER, body) == body,
				"half a record");
		take_record(wire, record);
		any = true;
	}
	return any;
}

static size_t seal(struct wire *wire, const struct wire_item *item,
		const unsigned char *clear, size_t octets, unsigned char *record)
{
	struct wire_key *key = &wire->keys[item->key];
	size_t front = is_1_3(wire) ? 0 : EXPLICIT, body, data_octets;
	unsigned char inner[MAX_RECORD], nonce[12], data[13];
	int made;

	memcpy(inner, clear, octets);
	record[0] = item->type;
	if(is_1_3(wire)) {
		inner[octets++] = item->type;
		record[0] = SSL3_RT_APPLICATION_DATA;
	}
	body = front + octets + TAG;
	record[3] = (unsigned char)(body >> 8);
	record[4] = (unsigned char)body;
	data_octets =
			bind_record(wire, key, key->passed++, record, octets, nonce, data);
	if(front)
		memcpy(record + HEADER, nonce + 4, EXPLICIT);
	record += HEADER + front;
	wire_demand(EVP_EncryptInit_ex(
						wire->cipher, EVP_aes_128_gcm(), NULL, key->key, nonce)
						&& EVP_EncryptUpdate(wire->cipher, NULL, &made, data,
								(int)data_octets)
						&& EVP_EncryptUpdate(
								wire->cipher, record, &made, inner, (int)octets)
						&& EVP_EncryptFinal_ex(wire->cipher, inner, &made)
						&& EVP_CIPHER_CTX_ctrl(wire->cipher,
								EVP_CTRL_AEAD_GET_TAG, TAG, record + octets),
			"cannot encrypt");
	return HEADER + body;
}

static void put(struct wire *wire, const struct wire_item *item,
		const unsigned char *clear, size_t octets)
{
	unsigned char record[MAX_RECORD + 64] = {item->type, 3, 3};
	size_t total = HEADER + octets;

	if(item->key >= 0
			&& !(is_1_3(wire) && item->type == SSL3_RT_CHANGE_CIPHER_SPEC)) {
		total = seal(wire, item, clear, octets, record);
	} else {
		record[3] = (unsigned char)(octets >> 8);
		record[4] = (unsigned char)octets;
		memcpy(record + HEADER, clear, octets);
	}
	wire_demand(BIO_write(wire->to_ours, record, (int)total) == (int)total,
			"cannot write");
}

/* ---- messages ---- */

static void pass_item(struct wire *wire)
{
	struct wire_item *item = &wire->items[wire->first];

	put(wire, item, item->data, item->octets);
	free(item->data);
	item->data = NULL;
	if(++wire->first == wire->end)
		wire->first = wire->end = 0;
}

static size_t message_index(const struct wire *wire)
{
	size_t i = wire->first;

	while(i < wire->end && wire->items[i].type == SSL3_RT_CHANGE_CIPHER_SPEC)
		i++;
	return i;
}

static void pass_up_to(struct wire *wire, size_t index)
{
	for(size_t count = index - wire->first; count > 0; count--)
		pass_item(wire);
}

int wire_message(struct wire *wire)
{
	for(;;) {
		size_t i = message_index(wire);

		if(i == wire->end)
			return -1;
		if(wire->items[i].type == SSL3_RT_HANDSHAKE)
			return wire->items[i].message;
		pass_up_to(wire, i + 1);
	}
}

void wire_pass(struct wire *wire)
{
	if(wire_message(wire) < 0)
		return;
	pass_up_to(wire, message_index(wire));
	pass_item(wire);
}

/* Of a short one its whole header: RFC 8446, 4. */
bool wire_pass_part(struct wire *wire)
{
	size_t index = message_index(wire), part;
	struct wire_item *item = &wire->items[index];

	if(wire_message(wire) < 0 || item->octets < 2)
		return false;
	pass_up_to(wire, index);
	part = item->octets / 2;
	if(item->octets > 4 && part < 4)
		part = 4;
	put(wire, item, item->data, part);
	item->octets -= part;
	memmove(item->data, item->data + part, item->octets);
	return true;
}

void wire_break(struct wire *wire)
{
	struct wire_item *item = &wire->items[message_index(wire)];

	if(wire_message(wire) >= 0)
		item->data[item->octets - 1] ^= 0x40;
}

void wire_pass_clear_text(struct wire *wire, const char *text)
{
	struct wire_item item = {.type = SSL3_RT_APPLICATION_DATA,
			.key = wire->first < wire->end ? wire->items[wire->first].key
										   : wire->key};

	put(wire, &item, (const unsigned char *)text, strlen(text));
}

bool wire_answer(struct wire *wire)
{
	unsigned char octets[4096];
	bool any = false;
	int got;

	while((got = BIO_read(wire->from_ours, octets, sizeof(octets))) > 0) {
		BIO_write(wire->to_peer, octets, got);
		any = true;
	}
	return any;
}

void wire_open(struct wire *wire, SSL *ours, SSL *peer, int version)
{
	memset(wire, 0, sizeof(*wire));
	wire->peer = peer;
	wire->version = version;
	wire->key = -1;
	wire->cipher = EVP_CIPHER_CTX_new();
	wire->from_peer = BIO_new(BIO_s_mem());
	wire->to_peer = BIO_new(BIO_s_mem());
	wire->from_ours = BIO_new(BIO_s_mem());
	wire->to_ours = BIO_new(BIO_s_mem());
	SSL_set_bio(ours, wire->to_ours, wire->from_ours);
	SSL_set_bio(peer, wire->to_peer, wire->from_peer);
	SSL_set_app_data(peer, (char *)wire);
}

void wire_close(struct wire *wire)
{
	for(size_t i = wire->first; i < wire->end; i++)
		free(wire->items[i].data);
	EVP_CIPHER_CTX_free(wire->cipher);
}
