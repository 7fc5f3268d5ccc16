/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tickets - a session as OpenSSL writes it (d2i_SSL_SESSION(3)) is a SEQUENCE, in
 * which the ticket is an OCTET STRING in [10]. See hostile.h.
 */
#include "hostile.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum
{
	SEQUENCE = 0x30,
	OCTET_STRING = 0x04,
	TICKET = 0xaa
};

/* The head of what begins at |at|: its octets, and in |length| those behind. */
static size_t read_head(const unsigned char *at, size_t *length)
{
	size_t count = at[1] & 0x7f;

	*length = at[1];
	if(at[1] < 0x80)
		return 2;
	*length = 0;
	for(size_t i = 0; i < count; i++)
		*length = *length << 8 | at[2 + i];
	return 2 + count;
}

/* Always with three octets of length, which d2i_SSL_SESSION takes. */
static size_t write_head(unsigned char *to, unsigned tag, size_t length)
{
	to[0] = (unsigned char)tag;
	to[1] = 0x83;
	to[2] = (unsigned char)(length >> 16);
	to[3] = (unsigned char)(length >> 8);
	to[4] = (unsigned char)length;
	return 5;
}

static size_t write_ticket(
		unsigned char *to, const unsigned char *ticket, size_t octets)
{
	size_t used = write_head(to, TICKET, octets + 5);

	used += write_head(to + used, OCTET_STRING, octets);
	memcpy(to + used, ticket, octets);
	return used + octets;
}

SSL_SESSION *session_with_ticket(
		SSL_SESSION *session, const unsigned char *ticket, size_t octets)
{
	unsigned char *der = NULL, *made;
	int all = i2d_SSL_SESSION(session, &der);
	size_t length, head, used = 5;
	const unsigned char *at, *end;
	SSL_SESSION *out;

	if(all <= 0)
		return NULL;
	made = malloc((size_t)all + octets + 32);
	at = der + read_head(der, &length);
	end = der + all;
	while(made && at < end) {
		head = read_head(at, &length);
		if(at[0] == TICKET) {
			used += write_ticket(made + used, ticket, octets);
		} else {
			memcpy(made + used, at, head + length);
			used += head + length;
		}
		at += head + length;
	}
	write_head(made, SEQUENCE, used - 5);
	at = made;
	out = d2i_SSL_SESSION(NULL, &at, (long)used);
	free(made);
	OPENSSL_free(der);
	return out;
}

/* ---- a peer that is accepted ---- */

static SSL_SESSION *newest;
static unsigned char *capture;
static size_t capture_size, capture_used;

static int on_session(SSL *unused, SSL_SESSION *session)
{
	(void)unused;
	SSL_SESSION_free(newest);
	newest = session;
	return 1;
}

static long on_octets(BIO *unused, int what, const char *octets, size_t count,
		int argi, long argl, int result, size_t *done)
{
	(void)unused, (void)argi, (void)argl, (void)done;
	if(what == (BIO_CB_WRITE | BIO_CB_RETURN) && result > 0 && capture
			&& capture_used + count <= capture_size) {
		memcpy(capture + capture_used, octets, count);
		capture_used += count;
	}
	return result;
}

static SSL *connect_as_trusted(SSL_CTX *ctx)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
			.sin_port = htons((unsigned short)settings.port),
			.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	char file[512], key[512];
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	SSL *ssl = SSL_new(ctx);

	snprintf(file, sizeof(file), "%s/trusted.pem", settings.pki);
	snprintf(key, sizeof(key), "%s/trusted.key", settings.pki);
	if(connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0
			|| SSL_use_certificate_file(ssl, file, SSL_FILETYPE_PEM) != 1
			|| SSL_use_PrivateKey_file(ssl, key, SSL_FILETYPE_PEM) != 1
			|| SSL_set_fd(ssl, fd) != 1)
		die("trusted");
	BIO_set_callback_ex(SSL_get_wbio(ssl), on_octets);
	return ssl;
}

SSL_SESSION *session_of(int version, SSL_SESSION *offered, unsigned char *out,
		size_t size, size_t *octets)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	char text[2048];
	SSL *ssl;
	int used;

	SSL_CTX_set_min_proto_version(ctx, version);
	SSL_CTX_set_max_proto_version(ctx, version);
	SSL_CTX_set_session_cache_mode(
			ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(ctx, on_session);
	newest = NULL;
	capture = out;
	capture_size = size;
	capture_used = 0;
	ssl = connect_as_trusted(ctx);
	if(offered)
		SSL_set_session(ssl, offered);
	used = options_write(text, sizeof(text), "ticket", settings.port);
	if(SSL_connect(ssl) != 1 || SSL_write(ssl, text, used) != used
			|| SSL_read(ssl, text, sizeof(text)) <= 0)
		die("trusted is not served");
	if(octets)
		*octets = capture_used;
	capture = NULL;
	if(!newest)
		newest = SSL_get1_session(ssl);
	SSL_set_quiet_shutdown(ssl, 1);
	close(SSL_get_fd(ssl));
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	return newest;
}
