/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tls_probe - one TLS connection to a SIP server on loopback, told in one line:
 *   tls_probe PORT [version=1.0|1.1|1.2|1.3] [cert=FILE key=FILE] [sni=NAME]
 *             [call_id=TEXT] [session_out=FILE] [session_in=FILE] [ssl2hello=1]
 *             [silent=1] [touch=BIT]
 * prints "established=TLSv1.2 resumed=0 alert=none answer=200". `established`
 * is our end's view: with TLS 1.3 a refusal comes after it, as an alert.
 * silent=1 sends no SIP. touch: that bit of the ticket of session_in is another,
 * or of its id, if it has no ticket. An empty file of session_in is none. The
 * server is not verified; this end is the test's.
 */
#define _GNU_SOURCE /* memmem(3) */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

static const char *alert = "none";
static SSL_SESSION *received;
static int count;
static char **arguments;

static const char *option(const char *name)
{
	size_t octets = strlen(name);

	for(int i = 2; i < count; i++)
		if(strncmp(arguments[i], name, octets) == 0
				&& arguments[i][octets] == '=')
			return arguments[i] + octets + 1;
	return NULL;
}

/* OpenSSL 3.0 has no text for certificate_required (RFC 8446, 6.2). */
static void note_alert(const SSL *ssl, int where, int ret)
{
	(void)ssl;
	if((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT && ret >> 8 == 2)
		alert = (ret & 0xff) == SSL_AD_CERTIFICATE_REQUIRED
						? "certificate required"
						: SSL_alert_desc_string_long(ret);
}

static int keep_session(SSL *ssl, SSL_SESSION *session)
{
	(void)ssl;
	SSL_SESSION_free(received);
	received = session;
	return 1;
}

static int connect_to(int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	struct timeval timeout = {.tv_sec = 60};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_port = htons((unsigned short)port);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	if(connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		perror("connect");
		exit(2);
	}
	return fd;
}

/* RFC 5246, E.2: TLS 1.0 offered inside an SSL 2.0 CLIENT-HELLO, with
 * TLS_RSA_WITH_AES_128_CBC_SHA. */
static int send_ssl2_hello(int fd)
{
	static const unsigned char hello[] = {0x80, 28, 1, 3, 1, 0, 3, 0, 0, 0, 16,
			0x00, 0x00, 0x2f, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
			16};
	unsigned char answer[7];

	if(write(fd, hello, sizeof(hello)) != sizeof(hello)
			|| recv(fd, answer, sizeof(answer), MSG_WAITALL)
					   != sizeof(answer)) {
		puts("ssl2hello=closed");
		return 1;
	}
	if(answer[0] == 0x15)
		printf("ssl2hello=alert alert=%s\n",
				SSL_alert_desc_string_long(answer[6]));
	else
		printf("ssl2hello=%s\n",
				answer[0] == 0x16 ? "server-hello" : "garbage");
	return answer[0] != 0x16;
}

static int wire_version(const char *text)
{
	static const char *const texts[] = {"1.0", "1.1", "1.2", "1.3"};

	for(int i = 0; text && i < 4; i++)
		if(strcmp(text, texts[i]) == 0)
			return TLS1_VERSION + i;
	return 0;
}

/* With its chain; but of a certificate whose extensions do not decode OpenSSL
 * takes only the certificate. */
static bool use_certificate(SSL_CTX *ctx, const char *path)
{
	if(SSL_CTX_use_certificate_chain_file(ctx, path) != 1) {
		ERR_clear_error();
		if(SSL_CTX_use_certificate_file(ctx, path, SSL_FILETYPE_PEM) != 1)
			return false;
		ERR_clear_error();
	}
	return SSL_CTX_use_PrivateKey_file(ctx, option("key"), SSL_FILETYPE_PEM)
		   == 1;
}

static SSL_CTX *new_context(void)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	int version = wire_version(option("version"));

	SSL_CTX_set_cipher_list(ctx, "DEFAULT:@SECLEVEL=0");
	SSL_CTX_set_min_proto_version(ctx, version ? version : TLS1_VERSION);
	SSL_CTX_set_max_proto_version(ctx, version);
	SSL_CTX_set_info_callback(ctx, note_alert);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT);
	SSL_CTX_sess_set_new_cb(ctx, keep_session);
	if(option("cert") && !use_certificate(ctx, option("cert"))) {
		ERR_print_errors_fp(stderr);
		exit(2);
	}
	return ctx;
}

/* |session| with one bit of its ticket or id other than it was. */
static SSL_SESSION *touch(SSL_SESSION *session, unsigned bit)
{
	unsigned char *encoded = NULL, *found;
	const unsigned char *begin, *octets;
	unsigned id_octets;
	size_t count;
	int encoded_octets = i2d_SSL_SESSION(session, &encoded);

	SSL_SESSION_get0_ticket(session, &octets, &count);
	if(!SSL_SESSION_has_ticket(session)) {
		octets = SSL_SESSION_get_id(session, &id_octets);
		count = id_octets;
	}
	found = memmem(encoded, (size_t)encoded_octets, octets, count);
	if(!found || bit / 8 >= count)
		exit(2);
	found[bit / 8] ^= (unsigned char)(1U << bit % 8);
	SSL_SESSION_free(session);
	begin = encoded;
	session = d2i_SSL_SESSION(NULL, &begin, encoded_octets);
	OPENSSL_free(encoded);
	return session;
}

static void offer_session(SSL *ssl)
{
	FILE *file = option("session_in") ? fopen(option("session_in"), "r") : NULL;
	SSL_SESSION *session =
			file ? PEM_read_SSL_SESSION(file, NULL, NULL, NULL) : NULL;

	if(session && option("touch"))
		session = touch(session, (unsigned)atoi(option("touch")));
	if(option("session_in") && !file)
		exit(2);
	if(session && SSL_set_session(ssl, session) != 1)
		exit(2);
	SSL_SESSION_free(session);
	if(file)
		fclose(file);
}

static void write_session(void)
{
	FILE *file =
			option("session_out") ? fopen(option("session_out"), "w") : NULL;

	if(!file)
		return;
	if(received)
		PEM_write_SSL_SESSION(file, received);
	fclose(file);
}

/* The status of the answer to one OPTIONS, or "none". */
static const char *exchange(SSL *ssl, int port)
{
	static char status[4];
	char message[512], answer[2048];
	const char *call_id = option("call_id") ? option("call_id") : "probe";
	int octets = snprintf(message, sizeof(message),
			"OPTIONS sip:127.0.0.1:%d SIP/2.0\r\n"
			"Via: SIP/2.0/TLS 127.0.0.1:9;branch=z9hG4bK%d;rport\r\n"
			"From: <sip:probe@example.com>;tag=1\r\n"
			"To: <sip:probe@example.com>\r\nCall-ID: %s\r\n"
			"CSeq: 1 OPTIONS\r\nMax-Forwards: 5\r\nContent-Length: 0\r\n\r\n",
			port, (int)getpid(), call_id);

	if(!option("silent"))
		SSL_write(ssl, message, octets);
	octets = SSL_read(ssl, answer, sizeof(answer) - 1);
	if(octets < 11 || memcmp(answer, "SIP/2.0 ", 8) != 0)
		return "none";
	memcpy(status, answer + 8, 3);
	return status;
}

int main(int argc, char **argv)
{
	int port = argc > 1 ? atoi(argv[1]) : 0;
	const char *answer = "none", *established = "no";
	SSL_CTX *ctx;
	SSL *ssl;
	int fd;

	count = argc;
	arguments = argv;
	fd = connect_to(port);
	if(option("ssl2hello"))
		return send_ssl2_hello(fd);
	ctx = new_context();
	ssl = SSL_new(ctx);
	SSL_set_fd(ssl, fd);
	if(option("sni"))
		SSL_set_tlsext_host_name(ssl, option("sni"));
	offer_session(ssl);
	if(SSL_connect(ssl) == 1) {
		established = SSL_get_version(ssl);
		answer = exchange(ssl, port);
		if(strcmp(answer, "none") != 0)
			SSL_shutdown(ssl);
	}
	printf("established=%s resumed=%d alert=%s answer=%s\n", established,
			SSL_session_reused(ssl), alert, answer);
	write_session();
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	close(fd);
	return strcmp(answer, "200") != 0;
}
