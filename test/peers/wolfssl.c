/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wolfssl - the peer on wolfSSL. Debian builds the library without secure
 * renegotiation (RFC 5746) and without TLS 1.0; where it is there,
 * renegotiation=allow switches it on. Key updates are not told to the program.
 */
#include "peer.h"

#include <stdio.h>
#include <string.h>

#include <wolfssl/options.h>
#include <wolfssl/ssl.h>

static WOLFSSL_CTX *context;

static int version_number(const char *text)
{
	static const char *const texts[] = {"1.0", "1.1", "1.2", "1.3"};

	for(int i = 0; text && i < 4; i++)
		if(strcmp(text, texts[i]) == 0)
			return TLS1_VERSION + i;
	return 0;
}

static void prepare(const struct peer_options *o)
{
	int version = version_number(o->version);

	wolfSSL_Init();
	context = wolfSSL_CTX_new(
			o->server ? wolfTLS_server_method() : wolfTLS_client_method());
	if(version
			&& (wolfSSL_CTX_set_min_proto_version(context, version) != 1
					|| wolfSSL_CTX_set_max_proto_version(context, version)
							   != 1))
		peer_die("this wolfSSL does not have the version");
	wolfSSL_CTX_set_mode(
			context, SSL_MODE_ENABLE_PARTIAL_WRITE
							 | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	if(o->cert
			&& (wolfSSL_CTX_use_certificate_chain_file(context, o->cert) != 1
					|| wolfSSL_CTX_use_PrivateKey_file(
							   context, o->key, SSL_FILETYPE_PEM)
							   != 1))
		peer_die("cert, key: cannot load");
	if(o->ca && wolfSSL_CTX_load_verify_locations(context, o->ca, NULL) != 1)
		peer_die("ca: cannot load");
	wolfSSL_CTX_set_verify(context,
			o->ca ? WOLFSSL_VERIFY_PEER | WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT
				  : WOLFSSL_VERIFY_NONE,
			NULL);
}

static bool open_connection(struct peer_connection *connection)
{
	WOLFSSL *ssl = wolfSSL_new(context);

	connection->tls = ssl;
	if(!ssl || wolfSSL_set_fd(ssl, connection->fd) != WOLFSSL_SUCCESS)
		return false;
	wolfSSL_set_using_nonblock(ssl, 1);
	if(peer_options.sni)
		wolfSSL_UseSNI(ssl, WOLFSSL_SNI_HOST_NAME, peer_options.sni,
				(unsigned short)strlen(peer_options.sni));
#ifdef HAVE_SECURE_RENEGOTIATION
	if(strcmp(peer_options.renegotiation, "allow") == 0)
		wolfSSL_UseSecureRenegotiation(ssl);
#endif
	if(peer_options.post_handshake)
		wolfSSL_allow_post_handshake_auth(ssl);
	return true;
}

/* What a failed call meant, in the words of peer.h. */
static int outcome(struct peer_connection *connection, int ret)
{
	WOLFSSL_ALERT_HISTORY history = {{0}, {0}};
	char text[WOLFSSL_MAX_ERROR_SZ];
	int error = wolfSSL_get_error(connection->tls, ret);

	if(error == WOLFSSL_ERROR_WANT_READ)
		return PEER_AGAIN;
	if(error == WOLFSSL_ERROR_WANT_WRITE) {
		connection->want_write = true;
		return PEER_AGAIN;
	}
	wolfSSL_get_alert_history(connection->tls, &history);
	if(history.last_rx.level > 0)
		peer_alert_received(history.last_rx.code);
	if(error == WOLFSSL_ERROR_ZERO_RETURN)
		connection->ended = "close_notify";
	else if(error == SOCKET_PEER_CLOSED_E)
		connection->ended = "eof";
	else if(history.last_rx.level == alert_fatal)
		connection->ended = "alert";
	else if(error == SOCKET_ERROR_E)
		connection->ended = "reset";
	else {
		connection->ended = "error";
		fprintf(stderr, "wolfSSL: %s\n",
				wolfSSL_ERR_error_string((unsigned long)error, text));
	}
	return PEER_ENDED;
}

static int handshake(struct peer_connection *connection)
{
	int ret = peer_options.server ? wolfSSL_accept(connection->tls)
								  : wolfSSL_connect(connection->tls);

	if(ret != WOLFSSL_SUCCESS)
		return outcome(connection, ret);
	peer_handshake_done(connection);
	return 1;
}

static int read_octets(
		struct peer_connection *connection, char *to, size_t size)
{
	int ret = wolfSSL_read(connection->tls, to, (int)size);

	return ret > 0 ? ret : outcome(connection, ret);
}

static int write_octets(
		struct peer_connection *connection, const char *from, size_t size)
{
	int ret = wolfSSL_write(connection->tls, from, (int)size);

	return ret > 0 ? ret : outcome(connection, ret);
}

static const char *version(struct peer_connection *connection)
{
	return wolfSSL_get_version(connection->tls) + strlen("TLSv");
}

static void close_connection(struct peer_connection *connection, bool politely)
{
	if(politely)
		wolfSSL_shutdown(connection->tls);
	wolfSSL_free(connection->tls);
}

const struct peer_stack peer_stack = {
		.prepare = prepare,
		.open = open_connection,
		.handshake = handshake,
		.read = read_octets,
		.write = write_octets,
		.version = version,
		.close = close_connection,
};
