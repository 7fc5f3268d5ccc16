/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gnutls - the peer on GnuTLS. The library leaves it to the program what to do
 * when the other end asks for a new handshake: take it (default, allow), answer
 * no_renegotiation (refuse), or go on as if nothing had come (ignore).
 */
#include "peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/gnutls.h>

struct session
{
	gnutls_session_t tls;
	bool in_handshake; /* a second one */
	bool unsent;	   /* a record that GnuTLS keeps after PEER_AGAIN */
};

static gnutls_certificate_credentials_t credentials;
static gnutls_priority_t priority;

static struct session *session_of(struct peer_connection *connection)
{
	return connection->tls;
}

static int note_message(gnutls_session_t tls, unsigned int type,
		unsigned int when, unsigned int incoming, const gnutls_datum_t *message)
{
	(void)tls;
	(void)when;
	(void)message;
	if(incoming && type == GNUTLS_HANDSHAKE_KEY_UPDATE)
		peer_figures.key_updates++;
	return 0;
}

static void prepare(const struct peer_options *o)
{
	char text[128];

	snprintf(text, sizeof(text), "NORMAL:%s%s%s",
			o->version ? "-VERS-ALL:+VERS-TLS" : "%COMPAT",
			o->version ? o->version : "",
			o->version && o->version[2] < '2' ? ":+SHA1:+SIGN-ALL:%COMPAT"
											  : "");
	if(gnutls_priority_init(&priority, text, NULL) != 0)
		peer_die("this GnuTLS does not have the version");
	gnutls_certificate_allocate_credentials(&credentials);
	if(o->cert
			&& gnutls_certificate_set_x509_key_file(
					   credentials, o->cert, o->key, GNUTLS_X509_FMT_PEM)
					   < 0)
		peer_die("cert, key: cannot load");
	if(o->ca
			&& gnutls_certificate_set_x509_trust_file(
					   credentials, o->ca, GNUTLS_X509_FMT_PEM)
					   < 1)
		peer_die("ca: cannot load");
}

static bool open_connection(struct peer_connection *connection)
{
	const struct peer_options *o = &peer_options;
	struct session *session = calloc(1, sizeof(*session));
	unsigned int flags = o->server ? GNUTLS_SERVER : GNUTLS_CLIENT;

	if(!session)
		return false;
	connection->tls = session;
	if(o->post_handshake)
		flags |= GNUTLS_POST_HANDSHAKE_AUTH;
	if(gnutls_init(&session->tls, flags | GNUTLS_NONBLOCK) != 0)
		return false;
	gnutls_priority_set(session->tls, priority);
	gnutls_credentials_set(session->tls, GNUTLS_CRD_CERTIFICATE, credentials);
	gnutls_transport_set_int(session->tls, connection->fd);
	gnutls_handshake_set_timeout(session->tls, GNUTLS_INDEFINITE_TIMEOUT);
	gnutls_handshake_set_hook_function(
			session->tls, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_POST, note_message);
	if(o->sni)
		gnutls_server_name_set(
				session->tls, GNUTLS_NAME_DNS, o->sni, strlen(o->sni));
	if(o->ca)
		gnutls_session_set_verify_cert(session->tls, NULL, 0);
	if(o->ca && o->server)
		gnutls_certificate_server_set_request(
				session->tls, GNUTLS_CERT_REQUIRE);
	return true;
}

/* What a failed call meant, in the words of peer.h. */
static int outcome(struct peer_connection *connection, int ret)
{
	gnutls_session_t tls = session_of(connection)->tls;

	if(ret == GNUTLS_E_AGAIN || ret == GNUTLS_E_INTERRUPTED) {
		connection->want_write = gnutls_record_get_direction(tls) == 1;
		return PEER_AGAIN;
	}
	if(ret == GNUTLS_E_WARNING_ALERT_RECEIVED
			|| ret == GNUTLS_E_FATAL_ALERT_RECEIVED)
		peer_alert_received((int)gnutls_alert_get(tls));
	if(ret == 0)
		connection->ended = "close_notify";
	else if(ret == GNUTLS_E_PREMATURE_TERMINATION)
		connection->ended = "eof";
	else if(ret == GNUTLS_E_FATAL_ALERT_RECEIVED)
		connection->ended = "alert";
	else if(ret == GNUTLS_E_PULL_ERROR || ret == GNUTLS_E_PUSH_ERROR)
		connection->ended = "reset";
	else if(gnutls_error_is_fatal(ret)) {
		fprintf(stderr, "GnuTLS: %s\n", gnutls_strerror(ret));
		gnutls_alert_send_appropriate(tls, ret);
		connection->ended = "error";
	}
	return connection->ended ? PEER_ENDED : PEER_AGAIN;
}

static int handshake(struct peer_connection *connection)
{
	int ret;

	do
		ret = gnutls_handshake(session_of(connection)->tls);
	while(ret == GNUTLS_E_WARNING_ALERT_RECEIVED);
	if(ret != 0)
		return outcome(connection, ret);
	peer_handshake_done(connection);
	return 1;
}

/* The other end wants a new handshake. */
static void decide(struct peer_connection *connection)
{
	const char *word = peer_options.renegotiation;

	if(strcmp(word, "refuse") == 0)
		gnutls_alert_send(session_of(connection)->tls, GNUTLS_AL_WARNING,
				GNUTLS_A_NO_RENEGOTIATION);
	else if(strcmp(word, "ignore") != 0)
		session_of(connection)->in_handshake = true;
}

/* Goes on with a second handshake; application data may come in between. */
static int second_handshake(struct peer_connection *connection)
{
	struct session *session = session_of(connection);
	int ret = gnutls_handshake(session->tls);

	if(ret == GNUTLS_E_GOT_APPLICATION_DATA)
		return 0;
	if(ret != 0)
		return outcome(connection, ret);
	session->in_handshake = false;
	peer_handshake_done(connection);
	return 0;
}

static int read_octets(
		struct peer_connection *connection, char *to, size_t size)
{
	struct session *session = session_of(connection);
	ssize_t ret;

	for(;;) {
		if(session->in_handshake) {
			int went = second_handshake(connection);

			if(went < 0)
				return went;
		}
		ret = gnutls_record_recv(session->tls, to, size);
		if(ret > 0)
			return (int)ret;
		if(ret == GNUTLS_E_REAUTH_REQUEST) {
			ret = gnutls_reauth(session->tls, 0);
			if(ret == 0)
				peer_handshake_done(connection);
		} else if(ret == GNUTLS_E_REHANDSHAKE)
			decide(connection);
		else if(outcome(connection, (int)ret) == PEER_ENDED
				|| ret != GNUTLS_E_WARNING_ALERT_RECEIVED)
			return connection->ended ? PEER_ENDED : PEER_AGAIN;
	}
}

static int write_octets(
		struct peer_connection *connection, const char *from, size_t size)
{
	struct session *session = session_of(connection);
	ssize_t ret;

	if(session->in_handshake)
		return PEER_AGAIN;
	/* NULL, 0: the record that it kept, whose octets are at |from| still */
	ret = session->unsent ? gnutls_record_send(session->tls, NULL, 0)
						  : gnutls_record_send(session->tls, from, size);
	session->unsent = ret == GNUTLS_E_AGAIN || ret == GNUTLS_E_INTERRUPTED;
	return ret > 0 ? (int)ret : outcome(connection, (int)ret);
}

static const char *version(struct peer_connection *connection)
{
	gnutls_session_t tls = session_of(connection)->tls;

	return gnutls_protocol_get_name(gnutls_protocol_get_version(tls))
		   + strlen("TLS");
}

static void close_connection(struct peer_connection *connection, bool politely)
{
	struct session *session = session_of(connection);

	if(politely)
		gnutls_bye(session->tls, GNUTLS_SHUT_WR);
	gnutls_deinit(session->tls);
	free(session);
}

const struct peer_stack peer_stack = {
		.counts_key_updates = true,
		.prepare = prepare,
		.open = open_connection,
		.handshake = handshake,
		.read = read_octets,
		.write = write_octets,
		.version = version,
		.close = close_connection,
};
