/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer - one of them, see hostile.h: what OpenSSL writes goes out as its plan has
 * it.
 */
#define _GNU_SOURCE
#include "hostile.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum
{
	CHANGE_CIPHER_SPEC = 20,
	HANDSHAKE = 22,
	DRIP_MS = 1000,
	FLOOD = 10 /* at a time */
};

/* ---- OpenSSL ---- */

static void on_info(const SSL *ssl, int where, int ret)
{
	struct peer *peer = SSL_get_app_data(ssl);

	if((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT && ret >> 8 == 2)
		peer->alerted = true;
}

static void on_key(const SSL *ssl, const char *line)
{
	struct peer *peer = SSL_get_app_data(ssl);

	half_record_secret(line, "CLIENT_TRAFFIC_SECRET_0", peer->secret);
}

static SSL_CTX *context(void)
{
	static SSL_CTX *made;

	if(made)
		return made;
	made = SSL_CTX_new(
			settings.own_port ? TLS_server_method() : TLS_client_method());
	SSL_CTX_set_ciphersuites(made, "TLS_AES_128_GCM_SHA256");
	SSL_CTX_clear_options(made, SSL_OP_ENABLE_MIDDLEBOX_COMPAT);
	SSL_CTX_set_options(made, SSL_OP_ALLOW_CLIENT_RENEGOTIATION);
	SSL_CTX_set_mode(made, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(made, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_info_callback(made, on_info);
	SSL_CTX_set_keylog_callback(made, on_key);
	return made;
}

static void show(SSL *ssl, const char *name)
{
	char file[512], key[512];

	snprintf(file, sizeof(file), "%s/%s.pem", settings.pki, name);
	snprintf(key, sizeof(key), "%s/%s.key", settings.pki, name);
	if(SSL_use_certificate_chain_file(ssl, file) != 1
			|| SSL_use_PrivateKey_file(ssl, key, SSL_FILETYPE_PEM) != 1)
		die(file);
}

void peer_new_ssl(struct peer *peer)
{
	SSL *ssl = SSL_new(context());

	SSL_set_app_data(ssl, peer);
	SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	BIO_set_mem_eof_return(SSL_get_rbio(ssl), -1);
	SSL_set_min_proto_version(ssl, peer->plan.version);
	SSL_set_max_proto_version(ssl, peer->plan.version);
	if(peer->plan.shows)
		show(ssl, peer->plan.shows);
	if(peer->plan.session)
		SSL_set_session(ssl, peer->plan.session);
	if(settings.own_port)
		SSL_set_accept_state(ssl);
	else
		SSL_set_connect_state(ssl);
	peer->ssl = ssl;
}

/* ---- what goes out ---- */

static void put(struct peer *peer, const void *octets, size_t count)
{
	size_t sent = 0;

	while(sent < count) {
		ssize_t now = send(peer->fd, (const char *)octets + sent, count - sent,
				MSG_NOSIGNAL);

		if(now > 0)
			sent += (size_t)now;
		else if(errno != EINTR)
			return; /* it is over, or full: what follows is garbage */
	}
}

static size_t waiting(const struct peer *peer, unsigned char **octets)
{
	char *data = NULL;
	long count = BIO_get_mem_data(SSL_get_wbio(peer->ssl), &data);

	*octets = (unsigned char *)data;
	return count > 0 ? (size_t)count : 0;
}

static void drop(struct peer *peer, size_t octets)
{
	unsigned char lost[4096];

	while(octets > 0) {
		size_t part = octets < sizeof(lost) ? octets : sizeof(lost);

		if(BIO_read(SSL_get_wbio(peer->ssl), lost, (int)part) <= 0)
			return;
		octets -= part;
	}
}

/* A record in clear, as many as hold |argument| octets each. */
static void put_slices(struct peer *peer, const unsigned char *record)
{
	size_t octets = (size_t)(record[3] << 8 | record[4]), slice;

	for(size_t at = 0; at < octets; at += slice) {
		unsigned char head[RECORD_HEAD] = {record[0], record[1], record[2]};

		slice = octets - at < peer->plan.argument ? octets - at
												  : peer->plan.argument;
		head[4] = (unsigned char)slice;
		put(peer, head, sizeof(head));
		put(peer, record + RECORD_HEAD + at, slice);
	}
}

/* The first record, which is there whole. */
static void put_record(struct peer *peer, const unsigned char *record)
{
	size_t octets = RECORD_HEAD + (size_t)(record[3] << 8 | record[4]);
	bool in_clear =
			record[0] == HANDSHAKE
			&& (peer->passed == 0 || peer->plan.version == TLS1_2_VERSION);

	peer->sealed_now = peer->sealed_now || record[0] == CHANGE_CIPHER_SPEC;
	if(peer->deed_done && peer->plan.deed == DEED_SLICES && in_clear
			&& !peer->sealed_now)
		put_slices(peer, record);
	else
		put(peer, record, octets);
	drop(peer, octets);
	peer->passed++;
}

/* ---- what it does ---- */

static void reset(struct peer *peer)
{
	struct linger now = {.l_onoff = 1};

	setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

static void seal_alert(struct peer *peer)
{
	unsigned char alert[2] = {(unsigned char)(1 + peer->plan.argument / 256),
			(unsigned char)peer->plan.argument};
	unsigned char record[HALF_RECORD_MAX];
	size_t octets = half_record_make(
			peer->secret, peer->sealed++, 21, alert, sizeof(alert), record);

	put(peer, record, octets);
}

/* Once the handshake is over; more of it each time. */
static void flood(struct peer *peer)
{
	for(int i = 0; i < FLOOD && peer->plan.argument > 0; i++) {
		peer->plan.argument--;
		if(peer->plan.deed == DEED_UPDATES)
			SSL_key_update(peer->ssl, SSL_KEY_UPDATE_NOT_REQUESTED);
		else
			SSL_renegotiate(peer->ssl);
		SSL_do_handshake(peer->ssl);
	}
}

/* False: the peer leaves. */
static bool do_deed(struct peer *peer, int64_t now_ms)
{
	peer->deed_done = true;
	switch(peer->plan.deed) {
		case DEED_RESET:
			reset(peer);
			return false;
		case DEED_FINISH:
			return false;
		case DEED_OCTETS:
		case DEED_REPLAY:
			plan_write_octets(&peer->plan);
			put(peer, peer->plan.octets, peer->plan.octet_count);
			break;
		case DEED_SEALED:
			seal_alert(peer);
			break;
		case DEED_DRIP:
			peer->drips = true;
			peer->drip_ms = now_ms;
			break;
		default:
			break;
	}
	return true;
}

static bool is_later(enum deed deed)
{
	return deed == DEED_SEALED || deed == DEED_UPDATES
		   || deed == DEED_RENEGOTIATE;
}

static bool is_due(const struct peer *peer)
{
	if(peer->deed_done || peer->plan.deed == DEED_NONE)
		return false;
	return is_later(peer->plan.deed) ? peer->established
									 : peer->passed >= peer->plan.pass;
}

/* False: the peer leaves. */
static bool write_out(struct peer *peer, int64_t now_ms)
{
	unsigned char *octets;

	for(;;) {
		size_t count = waiting(peer, &octets);

		if(is_due(peer) && !do_deed(peer, now_ms))
			return false;
		if(peer->deed_done
				&& (peer->plan.deed == DEED_STALL
						|| peer->plan.deed == DEED_REPLAY))
			return true;
		if(count == 0)
			return true;
		if(!peer->drips) {
			put_record(peer, octets);
			continue;
		}
		if(now_ms < peer->drip_ms)
			return true;
		peer->drip_ms = now_ms + DRIP_MS;
		put(peer, octets, 1);
		drop(peer, 1);
	}
}

int options_write(char *out, size_t size, const char *call_id, int to_port)
{
	return snprintf(out, size,
			"OPTIONS sip:127.0.0.1:%d SIP/2.0\r\n"
			"Via: SIP/2.0/TLS 127.0.0.1:9;branch=z9hG4bK%s;rport\r\n"
			"From: <sip:hostile@example.com>;tag=1\r\n"
			"To: <sip:hostile@example.com>\r\nCall-ID: hostile-%s\r\n"
			"CSeq: 1 OPTIONS\r\nMax-Forwards: 5\r\nContent-Length: 0\r\n\r\n",
			to_port, call_id, call_id);
}

/* SIP, where nothing else is to be done: the policy has refused it by then, or
 * will. */
static void write_options(struct peer *peer)
{
	char call_id[64], text[1024];
	int octets;

	peer->wrote = true;
	if(is_later(peer->plan.deed) || settings.own_port)
		return;
	snprintf(call_id, sizeof(call_id), "%s-%u", kind, peer->number);
	octets = options_write(text, sizeof(text), call_id, settings.port);
	SSL_write(peer->ssl, text, octets);
}

/* ---- what comes in ---- */

/* False at the end. */
static bool read_in(struct peer *peer)
{
	unsigned char octets[16384];
	ssize_t got;

	while((got = recv(peer->fd, octets, sizeof(octets), 0)) > 0) {
		if(peer->plan.deed == DEED_REPLAY)
			peer->alerted = peer->alerted || octets[0] == 21;
		else
			BIO_write(SSL_get_rbio(peer->ssl), octets, (int)got);
	}
	return got < 0 && (errno == EAGAIN || errno == EINTR);
}

static void move(struct peer *peer)
{
	char text[4096];
	int got;

	ERR_clear_error();
	if(!peer->established && peer->plan.deed != DEED_REPLAY
			&& SSL_do_handshake(peer->ssl) == 1)
		peer->established = true;
	while(peer->established
			&& (got = SSL_read(peer->ssl, text, sizeof(text))) > 0)
		peer->answered =
				peer->answered || memmem(text, (size_t)got, "SIP/2.0", 7);
	if(peer->established && !peer->wrote)
		write_options(peer);
	if(peer->established && peer->deed_done && is_later(peer->plan.deed)
			&& peer->plan.deed != DEED_SEALED)
		flood(peer);
}

bool peer_go(struct peer *peer, int64_t now_ms)
{
	bool there = read_in(peer);

	move(peer);
	if(!there) {
		outcomes.alerted += peer->alerted;
		outcomes.closed += !peer->alerted;
		return false;
	}
	if(!write_out(peer, now_ms)) {
		outcomes.left++;
		return false;
	}
	return true;
}
