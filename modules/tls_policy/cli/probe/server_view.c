/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * server_view - see server_view.h.
 */
#include "server_view.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include "policy/escape.h"
#include "policy/versions.h"

enum
{
	SETTLE_MS = 1000 /* for a TLS 1.3 server to refuse what we showed */
};

/* What the callbacks of one handshake write. */
struct taking
{
	struct server_view *view;
	bool ticket;	   /* one came: the server has accepted us */
	const char *alert; /* the last one that came */
};

/* SSL_CTX_set_cert_verify_callback(3): who judges the chain comes later. */
static int keep_chain(X509_STORE_CTX *store, void *unused)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(
			store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct taking *taking = SSL_get_app_data(ssl);

	(void)unused;
	if(!taking->view->chain && X509_STORE_CTX_get0_untrusted(store))
		taking->view->chain =
				X509_chain_up_ref(X509_STORE_CTX_get0_untrusted(store));
	X509_STORE_CTX_set_error(store, X509_V_OK);
	return 1;
}

/* SSL_CTX_set_cert_cb(3): as client, when the server asks for a certificate. */
static int keep_authorities(SSL *ssl, void *unused)
{
	struct taking *taking = SSL_get_app_data(ssl);
	const STACK_OF(X509_NAME) *names = SSL_get0_peer_CA_list(ssl);

	(void)unused;
	taking->view->asked = true;
	if(names && !taking->view->authorities)
		taking->view->authorities =
				sk_X509_NAME_deep_copy(names, X509_NAME_dup, X509_NAME_free);
	return 1;
}

static void keep_alert(const SSL *ssl, int where, int ret)
{
	struct taking *taking = SSL_get_app_data(ssl);

	if(taking && (where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT
			&& (ret & 0xff) != SSL_AD_CLOSE_NOTIFY)
		taking->alert = (ret & 0xff) == TLS13_AD_CERTIFICATE_REQUIRED
								? "certificate required" /* not in 3.0 */
								: SSL_alert_desc_string_long(ret);
}

static int note_ticket(SSL *ssl, SSL_SESSION *unused)
{
	struct taking *taking = SSL_get_app_data(ssl);

	(void)unused;
	taking->ticket = true;
	return 0;
}

/* Nobody is asked for the password of a key. */
static int no_password(char *buffer, int size, int writing, void *unused)
{
	(void)buffer, (void)size, (void)writing, (void)unused;
	return -1;
}

static void offer_versions(SSL_CTX *context, const struct server_offer *offer)
{
	unsigned set = tlsp_versions_from_parameter(offer->tls_version);

	if(offer->wide) {
		SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
		SSL_CTX_set_options(context, SSL_OP_LEGACY_SERVER_CONNECT);
	} else if(offer->tls_version) {
		SSL_CTX_set_min_proto_version(context, tlsp_versions_lowest(set));
		SSL_CTX_set_max_proto_version(context, tlsp_versions_highest(set));
	}
	/* as tls.cfg has to do for them, too */
	if(offer->wide
			|| (offer->tls_version && set & (TLSP_TLS_1_0 | TLSP_TLS_1_1)))
		(void)SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0");
}

static bool complain(
		const char *path, const char *what, char *error, size_t size)
{
	unsigned long first = ERR_peek_error();
	const char *why = ERR_SYSTEM_ERROR(first) ? strerror(ERR_GET_REASON(first))
											  : ERR_reason_error_string(first);
	char shown[300];

	snprintf(error, size, "%s %s: %s",
			tlsp_escape(path, strlen(path), shown, sizeof(shown)), what,
			why ? why : "unknown");
	return false;
}

static bool show_own(SSL_CTX *context, const struct server_offer *offer,
		char *error, size_t size)
{
	const char *key = offer->key ? offer->key : offer->certificate;

	if(!offer->certificate)
		return true;
	ERR_clear_error();
	if(SSL_CTX_use_certificate_chain_file(context, offer->certificate) != 1)
		return complain(offer->certificate,
				"is no certificate in PEM that can be shown", error, size);
	if(SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
		return complain(key,
				offer->key ? "holds no private key of the certificate, in PEM "
							 "and without a password"
						   : "holds no private key of the certificate, in PEM "
							 "and without a password, and no --key says where "
							 "it is",
				error, size);
	return true;
}

SSL_CTX *server_view_open(
		const struct server_offer *offer, char *error, size_t size)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());

	if(!context) {
		snprintf(error, size, "no memory for TLS");
		return NULL;
	}
	SSL_CTX_set_default_passwd_cb(context, no_password);
	SSL_CTX_set_cert_verify_callback(context, keep_chain, NULL);
	SSL_CTX_set_cert_cb(context, keep_authorities, NULL);
	SSL_CTX_set_info_callback(context, keep_alert);
	SSL_CTX_set_session_cache_mode(
			context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(context, note_ticket);
	offer_versions(context, offer);
	if(show_own(context, offer, error, size))
		return context;
	SSL_CTX_free(context);
	return NULL;
}

static void say_why(struct taking *taking, int error)
{
	unsigned long last = ERR_peek_last_error();
	const char *reason =
			ERR_GET_REASON(last) == SSL_R_UNEXPECTED_EOF_WHILE_READING
					? NULL
					: ERR_reason_error_string(last);
	struct server_view *view = taking->view;

	if(taking->alert)
		snprintf(view->why, sizeof(view->why), "the peer sent the alert \"%s\"",
				taking->alert);
	else if(error == SSL_ERROR_SSL && reason)
		snprintf(view->why, sizeof(view->why), "%s", reason);
	else if(error == SSL_ERROR_SYSCALL && errno)
		snprintf(view->why, sizeof(view->why), "%s", strerror(errno));
	else
		snprintf(
				view->why, sizeof(view->why), "the peer closed the connection");
}

/* A TLS 1.3 server sees our certificate, or that there is none, when we are
 * done: wait for its alert, or for a ticket that comes instead. */
static bool settles(SSL *ssl, struct taking *taking)
{
	struct pollfd ready = {.fd = SSL_get_fd(ssl), .events = POLLIN};
	char octet;

	if(SSL_version(ssl) != TLS1_3_VERSION || !taking->view->asked)
		return true;
	SSL_clear_mode(ssl, SSL_MODE_AUTO_RETRY);
	while(!taking->ticket
			&& (SSL_has_pending(ssl) || poll(&ready, 1, SETTLE_MS) > 0)) {
		int got, error;

		ERR_clear_error();
		errno = 0;
		got = SSL_read(ssl, &octet, 1);
		if(got > 0)
			return true;
		error = SSL_get_error(ssl, got);
		if(error != SSL_ERROR_WANT_READ) {
			say_why(taking, error);
			return false;
		}
	}
	return true;
}

static void read_agreed(struct server_view *view, SSL *ssl)
{
	const char *cipher = SSL_get_cipher_name(ssl);

	view->version = SSL_version(ssl);
	snprintf(view->version_word, sizeof(view->version_word), "%s",
			SSL_get_version(ssl));
	snprintf(
			view->cipher, sizeof(view->cipher), "%s", cipher ? cipher : "none");
}

void server_view_take(struct server_view *out, SSL_CTX *context,
		const struct server_offer *offer, int fd)
{
	struct taking taking = {.view = out};
	SSL *ssl = SSL_new(context);
	int got = -1;

	memset(out, 0, sizeof(*out));
	ERR_clear_error();
	if(!ssl || SSL_set_fd(ssl, fd) != 1
			|| (offer->server_name[0]
					&& SSL_set_tlsext_host_name(ssl, offer->server_name)
							   != 1)) {
		snprintf(out->why, sizeof(out->why), "no memory for TLS");
	} else {
		SSL_set_app_data(ssl, &taking);
		errno = 0;
		got = SSL_connect(ssl);
		if(got != 1)
			say_why(&taking, SSL_get_error(ssl, got));
		else
			read_agreed(out, ssl);
		out->established = got == 1 && settles(ssl, &taking);
		if(got == 1)
			(void)SSL_shutdown(ssl);
	}
	SSL_free(ssl);
	close(fd);
}

void server_view_cleanup(struct server_view *view)
{
	sk_X509_pop_free(view->chain, X509_free);
	sk_X509_NAME_pop_free(view->authorities, X509_NAME_free);
	memset(view, 0, sizeof(*view));
}
