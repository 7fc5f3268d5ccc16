/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trust_peer - one SIP-over-TLS peer on loopback that does what it is told, step
 * by step; what OpenSSL writes can be kept back, record by record.
 *   trust_peer client|server PORT PKI [step | step=VALUE]...
 * PORT is Kamailio's (TLS and UDP); PKI has NAME.pem and NAME.key. A line is
 * printed for each step that tells something, and one when the connection ends.
 * Before the connection:
 *   version=1.2|1.3  show=NAME (a certificate; `show=` none)  name=SERVER-NAME
 *   second_name=SERVER-NAME (after HelloRetryRequest)  by_id  authenticates
 *   (post-handshake authentication is offered)  large (the ClientHello, and
 *   records are of 512 octets at most)  resume (what `keep` kept)
 * The connection:
 *   open  listen (prints the port)  accept  handshake  close  abandon
 *   leave (it stays open, and another can be opened)
 *   hold (what is written from now on)  pass=N (records, then hold)
 *   held (until something is)  cut (half of the first record goes out)
 *    release (all, as one segment)
 *   octets=N (of what is held, one each second)
 *   until=TYPE (of RFC 8446, 4: a handshake message came)
 *   keep (a session; in TLS 1.3 once a ticket has come)
 *   half_update  half_ticket (half a message in a whole record, TLS 1.3)
 *   borrow=NAME (another's certificate, without its key)
 * SIP:
 *   options=CALL-ID (OPTIONS is written)  half=CALL-ID (half of it)
 *   request=CALL-ID (Kamailio is asked over UDP to relay one to us)
 *   answer=CALL-ID, reached=CALL-ID (it came, or the connection has ended)
 *   end (the connection has ended)  alive (it has not)
 *    go=FILE (until it exists)
 * The one who uses this waits for lines; nothing is waited for longer than PATIENCE
 * seconds (environment).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "half_record.h"

enum
{
	PATIENCE_S = 150,
	UNLIMITED = 1 << 20,
	RECORD_HEAD = 5,
	EXTENSION = 65280, /* private use */
	EXTENSION_OCTETS = 700
};

static bool serves;
static int kamailio, own_port, listener = -1, fd = -1;
static const char *pki, *server_name, *second_name;
static SSL_CTX *ctx;
static SSL *ssl;
static SSL_SESSION *kept, *newest;
static bool resumes, established, ended, large;
static const char *alert;
static unsigned char out[1 << 18]; /* written, not sent */
static size_t out_octets;
static int allowed = UNLIMITED; /* records */
static char text[1 << 16];		/* SIP that came */
static size_t text_octets;
static unsigned came[256]; /* handshake messages, since the first Finished */
static unsigned char secret[HALF_RECORD_SECRET];
static unsigned long records; /* written since then */

static void die(const char *what)
{
	fprintf(stderr, "trust_peer: %s\n", what);
	ERR_print_errors_fp(stderr);
	exit(2);
}

static void tell(const char *what, const char *value)
{
	printf("%s%s%s\n", what, value ? " " : "", value ? value : "");
	fflush(stdout);
}

static struct sockaddr_in loopback(int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET};

	address.sin_port = htons((unsigned short)port);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return address;
}

/* ---- the wire ---- */

static void ends(const char *how)
{
	if(ended)
		return;
	ended = true;
	if(alert)
		printf("ended alert %s\n", alert);
	else
		printf("ended %s\n", how);
	fflush(stdout);
}

static void transmit(size_t octets)
{
	if(octets > 0 && fd >= 0 && !ended
			&& send(fd, out, octets, MSG_NOSIGNAL) != (ssize_t)octets
			&& errno != EPIPE && errno != ECONNRESET)
		die("send");
	out_octets -= octets;
	memmove(out, out + octets, out_octets);
}

static size_t first_record(void)
{
	return out_octets < RECORD_HEAD
				   ? 0
				   : RECORD_HEAD + (size_t)(out[3] << 8 | out[4]);
}

static void flush(void)
{
	size_t octets = 0, before = out_octets;
	int got = ssl ? BIO_read(SSL_get_wbio(ssl), out + out_octets,
					  (int)(sizeof(out) - out_octets))
				  : 0;

	if(got > 0)
		out_octets += (size_t)got;
	for(size_t at = before; established && at < out_octets;
			at += RECORD_HEAD + (size_t)(out[at + 3] << 8 | out[at + 4]))
		records++;
	while(allowed > 0 && octets < out_octets) {
		octets +=
				RECORD_HEAD + (size_t)(out[octets + 3] << 8 | out[octets + 4]);
		allowed -= allowed < UNLIMITED;
	}
	transmit(octets);
}

static void receive(int wait_ms)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	unsigned char octets[16384];
	ssize_t got;

	if(fd < 0 || ended) {
		poll(NULL, 0, wait_ms);
		return;
	}
	if(poll(&poll_fd, 1, wait_ms) != 1)
		return;
	got = recv(fd, octets, sizeof(octets), 0);
	if(got > 0)
		BIO_write(SSL_get_rbio(ssl), octets, (int)got);
	else
		BIO_set_mem_eof_return(SSL_get_rbio(ssl), 0);
}

static void read_text(void)
{
	int got;

	while((got = SSL_read(ssl, text + text_octets,
				   (int)(sizeof(text) - 1 - text_octets)))
			> 0) {
		text_octets += (size_t)got;
		text[text_octets] = '\0';
	}
	switch(SSL_get_error(ssl, got)) {
		case SSL_ERROR_WANT_READ:
		case SSL_ERROR_WANT_WRITE:
			break;
		case SSL_ERROR_ZERO_RETURN:
			ends("close_notify");
			break;
		default:
			ends("eof");
	}
}

/* Everything that can be done now, and what comes within a moment. */
static void move(int wait_ms)
{
	int done;

	if(ssl)
		flush();
	receive(wait_ms);
	if(!ssl || ended)
		return;
	ERR_clear_error();
	if(established) {
		read_text();
	} else if((done = SSL_do_handshake(ssl)) == 1) {
		memset(came, 0, sizeof(came));
		flush();
		established = true;
	} else if(SSL_get_error(ssl, done) != SSL_ERROR_WANT_READ) {
		ends("eof");
	}
	flush();
}

/* False: in vain. */
static bool wait_for(bool (*condition)(const char *), const char *value)
{
	const char *patience = getenv("PATIENCE");
	time_t until = time(NULL) + (patience ? atoi(patience) : PATIENCE_S);

	while(!condition(value)) {
		if(time(NULL) > until)
			die("nothing comes");
		if(ended)
			return false;
		move(20);
	}
	return true;
}

static bool is_held(const char *unused)
{
	(void)unused;
	return allowed == 0 && out_octets > 0;
}

static bool is_established(const char *unused)
{
	(void)unused;
	return established || is_held(NULL);
}

/* No renegotiation goes on. */
static bool is_settled(const char *unused)
{
	(void)unused;
	return !SSL_in_init(ssl) || !established;
}

static bool is_over(const char *unused)
{
	(void)unused;
	return ended;
}

static bool has_ticket(const char *unused)
{
	(void)unused;
	return newest != NULL;
}

static bool has_come(const char *type)
{
	return came[atoi(type) & 255] > 0;
}

static bool is_in_text(const char *call_id)
{
	char line[128];

	snprintf(line, sizeof(line), "\r\nCall-ID: %s\r\n", call_id);
	return strstr(text, line);
}

/* ---- OpenSSL's callbacks ---- */

static void on_info(const SSL *const_ssl, int where, int ret)
{
	if(second_name && (where & SSL_CB_LOOP)
			&& SSL_get_state(const_ssl) == TLS_ST_CR_SRVR_HELLO) {
		SSL_set_tlsext_host_name((SSL *)(size_t)const_ssl, second_name);
		second_name = NULL;
	}
	if((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT && ret >> 8 == 2)
		alert = (ret & 0xff) == SSL_AD_CERTIFICATE_REQUIRED
						? "certificate required"
						: SSL_alert_desc_string_long(ret);
}

static void on_message(int write, int version, int type, const void *octets,
		size_t count, SSL *unused, void *unused_too)
{
	(void)version, (void)unused, (void)unused_too;
	if(!write && type == SSL3_RT_HANDSHAKE && count > 0)
		came[*(const unsigned char *)octets]++;
}

static int on_session(SSL *unused, SSL_SESSION *session)
{
	(void)unused;
	SSL_SESSION_free(newest);
	newest = session;
	return 1;
}

static void on_key(const SSL *unused, const char *line)
{
	(void)unused;
	half_record_secret(line,
			serves ? "SERVER_TRAFFIC_SECRET_0" : "CLIENT_TRAFFIC_SECRET_0",
			secret);
}

static int add_extension(SSL *unused, unsigned type, unsigned context,
		const unsigned char **octets, size_t *count, X509 *x, size_t index,
		int *al, void *arg)
{
	static const unsigned char zeros[EXTENSION_OCTETS];

	(void)unused, (void)type, (void)context, (void)x, (void)index, (void)al,
			(void)arg;
	*octets = zeros;
	*count = sizeof(zeros);
	return 1;
}

/* ---- steps ---- */

static void set_version(const char *value)
{
	int version = strcmp(value, "1.3") == 0 ? TLS1_3_VERSION : TLS1_2_VERSION;

	SSL_CTX_set_min_proto_version(ctx, version);
	SSL_CTX_set_max_proto_version(ctx, version);
}

static void show(const char *name)
{
	char certificate[512], key[512];

	if(!name[0] && ssl)
		SSL_certs_clear(ssl);
	if(!name[0])
		return;
	snprintf(certificate, sizeof(certificate), "%s/%s.pem", pki, name);
	snprintf(key, sizeof(key), "%s/%s.key", pki, name);
	if((ssl ? SSL_use_certificate_chain_file(ssl, certificate)
			: SSL_CTX_use_certificate_chain_file(ctx, certificate))
					!= 1
			|| (ssl ? SSL_use_PrivateKey_file(ssl, key, SSL_FILETYPE_PEM)
					: SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM))
					   != 1)
		die(certificate);
}

/* A key that has that certificate's public part, and another private one:
 * whoever compares the public parts takes it. */
static void borrow(const char *name)
{
	char path[512];
	unsigned char point[128];
	size_t octets = 0;
	BIGNUM *number = BN_new();
	BIO *file;
	X509 *certificate;
	EVP_PKEY *key = NULL;
	EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	unsigned char scalar[32] = {1};

	snprintf(path, sizeof(path), "%s/%s.pem", pki, name);
	file = BIO_new_file(path, "r");
	certificate = file ? PEM_read_bio_X509(file, NULL, NULL, NULL) : NULL;
	BN_set_word(number, 4711);
	BN_bn2nativepad(number, scalar, sizeof(scalar));
	if(!certificate || !ssl
			|| EVP_PKEY_get_octet_string_param(X509_get0_pubkey(certificate),
					   OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &octets)
					   != 1
			|| EVP_PKEY_fromdata_init(maker) != 1
			|| EVP_PKEY_fromdata(maker, &key, EVP_PKEY_KEYPAIR,
					   (OSSL_PARAM[]){OSSL_PARAM_construct_utf8_string(
											  OSSL_PKEY_PARAM_GROUP_NAME,
											  (char *)"P-256", 0),
							   OSSL_PARAM_construct_octet_string(
									   OSSL_PKEY_PARAM_PUB_KEY, point, octets),
							   OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY,
									   scalar, sizeof(scalar)),
							   OSSL_PARAM_construct_end()})
					   != 1
			|| SSL_use_certificate(ssl, certificate) != 1
			|| SSL_use_PrivateKey(ssl, key) != 1)
		die(path);
	BN_free(number);
	BIO_free(file);
	X509_free(certificate);
	EVP_PKEY_free(key);
	EVP_PKEY_CTX_free(maker);
}

static void begin(void)
{
	int one = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	SSL_free(ssl);
	ssl = SSL_new(ctx);
	SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	BIO_set_mem_eof_return(SSL_get_rbio(ssl), -1);
	if(server_name && !serves)
		SSL_set_tlsext_host_name(ssl, server_name);
	if(resumes && kept && SSL_set_session(ssl, kept) != 1)
		die("the session cannot be offered");
	if(large)
		SSL_set_max_send_fragment(ssl, 512);
	if(serves)
		SSL_set_accept_state(ssl);
	else
		SSL_set_connect_state(ssl);
	SSL_SESSION_free(newest);
	newest = NULL;
	established = ended = false;
	alert = NULL;
	text_octets = out_octets = 0;
	text[0] = '\0';
	records = 0;
	allowed = UNLIMITED;
}

static void step_open(const char *unused)
{
	struct sockaddr_in address = loopback(kamailio);
	socklen_t octets = sizeof(address);

	(void)unused;
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if(connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		die("connect");
	if(getsockname(fd, (struct sockaddr *)&address, &octets) != 0)
		die("getsockname");
	printf("port %d\n", ntohs(address.sin_port));
	fflush(stdout);
	begin();
}

static void step_listen(const char *port)
{
	struct sockaddr_in address = loopback(atoi(port));
	int one = 1;

	own_port = atoi(port);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if(bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0
			|| listen(listener, 16) != 0)
		die("listen");
	tell("port", port);
}

static void step_accept(const char *unused)
{
	(void)unused;
	fd = accept(listener, NULL, NULL);
	if(fd < 0)
		die("accept");
	begin();
}

static void step_handshake(const char *unused)
{
	(void)unused;
	if(wait_for(is_established, NULL) && established)
		printf("established %s resumed=%d\n", SSL_get_version(ssl),
				SSL_session_reused(ssl));
	else if(!ended)
		printf("held\n");
	fflush(stdout);
}

static void step_abandon(const char *unused)
{
	(void)unused;
	close(fd);
	fd = -1;
}

static void step_close(const char *unused)
{
	if(ssl && established && !ended && SSL_shutdown(ssl) >= 0)
		flush();
	step_abandon(unused);
}

/* The connection stays open and is not looked at any more. The tls module forgets
 * a session that is kept by its id when its connection ends. */
static void step_leave(const char *unused)
{
	(void)unused;
	flush();
	ssl = NULL;
	fd = -1;
}

static void step_hold(const char *unused)
{
	(void)unused;
	flush();
	allowed = 0;
}

static void step_pass(const char *value)
{
	allowed = atoi(value);
	flush();
}

static void step_release(const char *unused)
{
	(void)unused;
	allowed = UNLIMITED;
	transmit(out_octets);
	flush();
}

static void step_held(const char *unused)
{
	(void)unused;
	wait_for(is_held, NULL);
}

static void step_cut(const char *unused)
{
	(void)unused;
	if(wait_for(is_held, NULL))
		transmit(first_record() / 2);
}

static void step_octets(const char *value)
{
	for(int i = atoi(value); i > 0 && !ended; i--) {
		transmit(out_octets > 0);
		for(int j = 0; j < 10 && !ended; j++)
			move(100);
	}
}

static void step_until(const char *type)
{
	if(wait_for(has_come, type))
		tell("came", type);
}

static void step_keep(const char *unused)
{
	(void)unused;
	if(SSL_version(ssl) >= TLS1_3_VERSION && !wait_for(has_ticket, NULL))
		return;
	SSL_SESSION_free(kept);
	kept = newest ? newest : SSL_get1_session(ssl);
	newest = NULL;
	tell("kept", NULL);
}

static void write_half_message(const unsigned char *message, size_t octets)
{
	flush();
	if(out_octets > 0)
		die("something is held");
	out_octets = half_record_make(
			secret, records++, SSL3_RT_HANDSHAKE, message, octets, out);
	if(out_octets == 0)
		die("no record");
	transmit(out_octets);
}

static void step_half_update(const char *unused)
{
	(void)unused;
	write_half_message((const unsigned char[]){SSL3_MT_KEY_UPDATE, 0, 0, 1}, 4);
}

static void step_half_ticket(const char *unused)
{
	(void)unused;
	write_half_message(
			(const unsigned char[]){SSL3_MT_NEWSESSION_TICKET, 0, 0, 64, 0}, 5);
}

static int print_options(
		char *message, size_t size, const char *call_id, int port)
{
	return snprintf(message, size,
			"OPTIONS sip:%s127.0.0.1:%d%s SIP/2.0\r\n"
			"Via: SIP/2.0/%s 127.0.0.1:9;branch=z9hG4bK%s;rport\r\n"
			"From: <sip:peer@example.com>;tag=1\r\n"
			"To: <sip:peer@example.com>\r\nCall-ID: %s\r\n"
			"CSeq: 1 OPTIONS\r\nMax-Forwards: 5\r\nContent-Length: 0\r\n\r\n",
			port == kamailio ? "" : "peer@", port,
			port == kamailio ? "" : ";transport=tls",
			port == kamailio ? "TLS" : "UDP", call_id, call_id);
}

static void write_options(const char *call_id, int share)
{
	char message[1024];
	int octets =
			print_options(message, sizeof(message), call_id, kamailio) / share;

	if(!wait_for(is_settled, NULL) || !established)
		return;
	if(SSL_write(ssl, message, octets) != octets)
		die("SSL_write");
	flush();
	tell("wrote", call_id);
}

static void step_options(const char *call_id)
{
	write_options(call_id, 1);
}

static void step_half(const char *call_id)
{
	write_options(call_id, 2);
}

static void step_request(const char *call_id)
{
	struct sockaddr_in address = loopback(kamailio);
	int udp = socket(AF_INET, SOCK_DGRAM, 0);
	char message[1024];
	int octets = print_options(message, sizeof(message), call_id, own_port);

	if(sendto(udp, message, (size_t)octets, 0, (struct sockaddr *)&address,
			   sizeof(address))
			!= octets)
		die("sendto");
	close(udp);
}

static void step_text(const char *call_id)
{
	tell(wait_for(is_in_text, call_id) ? "got" : "missed", call_id);
}

static void step_end(const char *unused)
{
	(void)unused;
	wait_for(is_over, NULL);
}

static bool is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

static void step_alive(const char *unused)
{
	(void)unused;
	move(0);
	if(!ended)
		tell("alive", NULL);
}

/* Also when the connection has ended. */
static void step_go(const char *path)
{
	tell("at", path);
	wait_for(is_there, path);
	while(!is_there(path))
		poll(NULL, 0, 20);
}

static void step_by_id(const char *unused)
{
	(void)unused;
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
}

static void step_authenticates(const char *unused)
{
	(void)unused;
	SSL_CTX_set_post_handshake_auth(ctx, 1);
}

static void step_large(const char *unused)
{
	(void)unused;
	large = true;
	if(!serves
			&& SSL_CTX_add_custom_ext(ctx, EXTENSION, SSL_EXT_CLIENT_HELLO,
					   add_extension, NULL, NULL, NULL, NULL)
					   != 1)
		die("no extension");
}

static void step_resume(const char *unused)
{
	(void)unused;
	resumes = true;
}

static void step_name(const char *value)
{
	server_name = value[0] ? value : NULL;
}

static void step_second_name(const char *value)
{
	second_name = value;
}

static const struct
{
	const char *name;
	void (*run)(const char *value);
} steps[] = {{"version", set_version}, {"show", show}, {"borrow", borrow},
		{"name", step_name}, {"second_name", step_second_name},
		{"by_id", step_by_id}, {"authenticates", step_authenticates},
		{"large", step_large}, {"resume", step_resume}, {"open", step_open},
		{"listen", step_listen}, {"accept", step_accept},
		{"handshake", step_handshake}, {"close", step_close},
		{"abandon", step_abandon}, {"leave", step_leave}, {"hold", step_hold},
		{"pass", step_pass}, {"held", step_held}, {"cut", step_cut},
		{"release", step_release}, {"octets", step_octets},
		{"until", step_until}, {"keep", step_keep},
		{"half_update", step_half_update}, {"half_ticket", step_half_ticket},
		{"options", step_options}, {"half", step_half},
		{"request", step_request}, {"answer", step_text},
		{"reached", step_text}, {"end", step_end}, {"alive", step_alive},
		{"go", step_go}};

static void run(char *step)
{
	char *value = strchr(step, '=');
	size_t i = 0, count = sizeof(steps) / sizeof(*steps);

	if(value)
		*value++ = '\0';
	while(i < count && strcmp(steps[i].name, step) != 0)
		i++;
	if(i == count)
		die(step);
	steps[i].run(value ? value : (char[]){""});
}

int main(int argc, char **argv)
{
	if(argc < 4)
		die("usage: trust_peer client|server PORT PKI STEP...");
	serves = strcmp(argv[1], "server") == 0;
	kamailio = atoi(argv[2]);
	pki = argv[3];
	ctx = SSL_CTX_new(serves ? TLS_server_method() : TLS_client_method());
	SSL_CTX_set_ciphersuites(ctx, "TLS_AES_128_GCM_SHA256");
	SSL_CTX_set1_groups_list(ctx, serves ? "P-256:X25519" : "X25519:P-256");
	SSL_CTX_clear_options(ctx, SSL_OP_ENABLE_MIDDLEBOX_COMPAT);
	SSL_CTX_set_options(ctx, SSL_OP_ALLOW_CLIENT_RENEGOTIATION);
	SSL_CTX_set_num_tickets(ctx, 0);
	SSL_CTX_set_session_cache_mode(
			ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(ctx, on_session);
	SSL_CTX_set_info_callback(ctx, on_info);
	SSL_CTX_set_msg_callback(ctx, on_message);
	SSL_CTX_set_keylog_callback(ctx, on_key);
	for(int i = 4; i < argc; i++)
		run(argv[i]);
	return 0;
}
