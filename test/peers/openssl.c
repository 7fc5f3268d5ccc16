/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * openssl - the peer on OpenSSL 3, and all the ways to misbehave that the
 * re-handshake tests want (README.md of this directory lists them).
 */
#include "peer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

static SSL_CTX *context;
static int connection_index;

static struct peer_connection *connection_of(const SSL *ssl)
{
	return SSL_get_ex_data(ssl, connection_index);
}

/* For the second handshake of a connection. */
static void change_certificate(SSL *ssl)
{
	const struct peer_options *o = &peer_options;

	if(o->second_cert
			&& (SSL_use_certificate_chain_file(ssl, o->second_cert) != 1
					|| SSL_use_PrivateKey_file(
							   ssl, o->second_key, SSL_FILETYPE_PEM)
							   != 1))
		peer_die("second_cert, second_key: cannot load");
}

/* Counts handshakes; the second one gets another certificate if wanted. */
static void note_state(const SSL *ssl, int where, int ret)
{
	struct peer_connection *connection = connection_of(ssl);

	if((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT)
		peer_alert_received(ret & 0xff);
	if(where & SSL_CB_HANDSHAKE_START && connection->handshakes == 1)
		change_certificate((SSL *)(size_t)ssl);
}

/* At once, before OpenSSL writes its answer: disconnecting sends RST. */
static void reset(struct peer_connection *connection)
{
	struct sockaddr nowhere = {.sa_family = AF_UNSPEC};

	(void)connect(connection->fd, &nowhere, sizeof(nowhere));
	connection->abort = true;
}

/* RFC 5246, 7.4 and RFC 8446, 4: the types of handshake messages. */
static void note_message(int write, int version, int type, const void *octets,
		size_t size, SSL *ssl, void *unused)
{
	struct peer_connection *connection = connection_of(ssl);
	const unsigned char *message = octets;

	(void)version;
	(void)unused;
	if(write || type != SSL3_RT_HANDSHAKE || size < 4)
		return;
	if(SSL_version(ssl) == TLS1_3_VERSION && connection->handshakes == 1
			&& message[0] == SSL3_MT_CERTIFICATE_REQUEST)
		change_certificate(ssl);
	if(message[0]
			== (SSL_version(ssl) == TLS1_3_VERSION && connection->handshakes > 0
							? SSL3_MT_CERTIFICATE_REQUEST
							: SSL3_MT_FINISHED))
		peer_handshake_done(connection);
	if(message[0] == SSL3_MT_KEY_UPDATE) {
		if(peer_options.abort_at_key_update)
			reset(connection);
		peer_figures.key_updates++;
		/* OpenSSL reads the message from here: it shall not be asked. */
		if(peer_options.key_update_unanswered && size == 5)
			((unsigned char *)(size_t)octets)[4] = SSL_KEY_UPDATE_NOT_REQUESTED;
	}
	if(peer_options.abort_in_handshake && connection->handshakes > 0
			&& message[0]
					   == (peer_options.server ? SSL3_MT_CLIENT_HELLO
							   : SSL_version(ssl) == TLS1_3_VERSION
									   ? SSL3_MT_CERTIFICATE_REQUEST
									   : SSL3_MT_SERVER_DONE))
		reset(connection);
}

static int version_number(const char *text)
{
	static const char *const texts[] = {"1.0", "1.1", "1.2", "1.3"};

	for(int i = 0; text && i < 4; i++)
		if(strcmp(text, texts[i]) == 0)
			return TLS1_VERSION + i;
	return 0;
}

static void choose_renegotiation(const char *word)
{
	if(strcmp(word, "allow") == 0)
		SSL_CTX_set_options(context, SSL_OP_ALLOW_CLIENT_RENEGOTIATION);
	else if(strcmp(word, "refuse") == 0)
		SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
	else if(strcmp(word, "default") != 0)
		peer_die("renegotiation: default, allow or refuse");
}

static void prepare(const struct peer_options *o)
{
	int version = version_number(o->version);

	context =
			SSL_CTX_new(o->server ? TLS_server_method() : TLS_client_method());
	connection_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, NULL);
	SSL_CTX_set_cipher_list(context, "DEFAULT:@SECLEVEL=0");
	SSL_CTX_set_min_proto_version(context, version ? version : TLS1_VERSION);
	SSL_CTX_set_max_proto_version(context, version);
	SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE
									  | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_info_callback(context, note_state);
	SSL_CTX_set_msg_callback(context, note_message);
	choose_renegotiation(o->renegotiation);
	if(o->cert
			&& (SSL_CTX_use_certificate_chain_file(context, o->cert) != 1
					|| SSL_CTX_use_PrivateKey_file(
							   context, o->key, SSL_FILETYPE_PEM)
							   != 1))
		peer_die("cert, key: cannot load");
	if(!o->ca)
		return;
	if(SSL_CTX_load_verify_locations(context, o->ca, NULL) != 1)
		peer_die("ca: cannot load");
	SSL_CTX_set_verify(
			context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	SSL_CTX_set_session_id_context(context, (const unsigned char *)"peer", 4);
}

/* OpenSSL is about to read the head of a record: if that is the other end's
 * HelloRequest (client) or ClientHello (server), the flood comes first. To look
 * before SSL_read is not enough, for it may read on behind a Finished. */
static long before_read(BIO *bio, int operation, const char *to, size_t size,
		int unused, long unused_too, int ret, size_t *count)
{
	struct peer_connection *connection = (void *)BIO_get_callback_arg(bio);
	char type;

	(void)to, (void)unused, (void)unused_too, (void)count;
	if(operation != BIO_CB_READ || size != SSL3_RT_HEADER_LENGTH
			|| !SSL_is_init_finished(connection->tls)
			|| SSL_version(connection->tls) == TLS1_3_VERSION
			|| recv(connection->fd, &type, 1, MSG_PEEK) != 1
			|| type != SSL3_RT_HANDSHAKE)
		return ret;
	connection->flood_due = !connection->flooded;
	connection->flooded = false;
	if(!connection->flood_due)
		return ret;
	BIO_set_retry_read(bio);
	return -1;
}

static void watch_for_flood(struct peer_connection *connection)
{
	BIO *bio = SSL_get_rbio(connection->tls);

	BIO_set_callback_ex(bio, before_read);
	BIO_set_callback_arg(bio, (char *)connection);
}

static bool open_connection(struct peer_connection *connection)
{
	SSL *ssl = SSL_new(context);

	connection->tls = ssl;
	if(!ssl || SSL_set_ex_data(ssl, connection_index, connection) != 1
			|| SSL_set_fd(ssl, connection->fd) != 1)
		return false;
	if(peer_options.sni)
		SSL_set_tlsext_host_name(ssl, peer_options.sni);
	if(peer_options.flood > 0)
		watch_for_flood(connection);
	if(peer_options.post_handshake)
		SSL_set_post_handshake_auth(ssl, 1);
	if(peer_options.server)
		SSL_set_accept_state(ssl);
	else
		SSL_set_connect_state(ssl);
	return true;
}

/* What a failed call meant, in the words of peer.h. */
static int outcome(struct peer_connection *connection, int ret)
{
	int error = SSL_get_error(connection->tls, ret);
	int reason = ERR_GET_REASON(ERR_peek_error());

	if(error == SSL_ERROR_WANT_READ)
		return PEER_AGAIN;
	if(error == SSL_ERROR_WANT_WRITE) {
		connection->want_write = true;
		return PEER_AGAIN;
	}
	if(error == SSL_ERROR_ZERO_RETURN)
		connection->ended = "close_notify";
	else if(reason == SSL_R_UNEXPECTED_EOF_WHILE_READING)
		connection->ended = "eof";
	else if(error == SSL_ERROR_SYSCALL)
		connection->ended = "reset";
	else if(reason > SSL_AD_REASON_OFFSET)
		connection->ended = "alert";
	else
		connection->ended = "error";
	if(error == SSL_ERROR_SSL)
		ERR_print_errors_fp(stderr);
	ERR_clear_error();
	return PEER_ENDED;
}

static int handshake(struct peer_connection *connection)
{
	int ret;

	ERR_clear_error();
	ret = SSL_do_handshake(connection->tls);
	return ret == 1 ? 1 : outcome(connection, ret);
}

static void flood(struct peer_connection *connection)
{
	connection->flood_due = false;
	connection->flooded = true;
	for(int i = 0; i < peer_options.flood; i++)
		peer_send_request(connection);
	peer_flush(connection);
}

static int read_octets(
		struct peer_connection *connection, char *to, size_t size)
{
	int ret;

	ERR_clear_error();
	ret = SSL_read(connection->tls, to, (int)size);
	if(ret <= 0 && connection->flood_due) {
		flood(connection);
		ERR_clear_error();
		ret = SSL_read(connection->tls, to, (int)size);
	}
	return ret > 0 ? ret : outcome(connection, ret);
}

static int write_octets(
		struct peer_connection *connection, const char *from, size_t size)
{
	int ret;

	ERR_clear_error();
	ret = SSL_write(connection->tls, from, (int)size);
	return ret > 0 ? ret : outcome(connection, ret);
}

static const char *version(struct peer_connection *connection)
{
	const char *name = SSL_get_version(connection->tls);

	return strcmp(name, "TLSv1") == 0 ? "1.0" : name + strlen("TLSv");
}

/* Starts a key update or a renegotiation of its own after so many messages. */
static void misbehave(struct peer_connection *connection)
{
	if(peer_options.key_update_after > 0
			&& connection->received >= peer_options.key_update_after) {
		if(!peer_options.key_update_again)
			peer_options.key_update_after = 0;
		if(SSL_key_update(connection->tls, SSL_KEY_UPDATE_REQUESTED) != 1)
			peer_die("no key update here");
	}
	if(peer_options.renegotiate_after > 0
			&& connection->received >= peer_options.renegotiate_after) {
		peer_options.renegotiate_after = 0;
		/* SSL_read does it: SSL_do_handshake would fail at data in flight */
		if(SSL_renegotiate(connection->tls) != 1)
			peer_die("no renegotiation here");
	}
}

static void close_connection(struct peer_connection *connection, bool politely)
{
	if(politely)
		SSL_shutdown(connection->tls);
	SSL_free(connection->tls);
}

const struct peer_stack peer_stack = {
		.counts_key_updates = true,
		.prepare = prepare,
		.open = open_connection,
		.handshake = handshake,
		.read = read_octets,
		.write = write_octets,
		.version = version,
		.misbehave = misbehave,
		.close = close_connection,
};
