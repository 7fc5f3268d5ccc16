/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * own_files and own_identity: what is read and refused, and whose certificate
 * and trust anchors a handshake has, with a TLS domain that the server name
 * chooses as in the tls module.
 */
#include "tls_ends.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "openssl/certificate/ends.h"
#include "openssl/certificate/own_dates.h"
#include "openssl/certificate/own_files.h"
#include "openssl/judgement.h"

static char directory[] = "/tmp/own_files.XXXXXX";
static struct tlsp_own_files *files; /* in |terms| */
static SSL_CTX *domain, *sni_domain;
static bool contexts_are_visited;

static char *path_of(const char *name)
{
	static char paths[4][128];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", directory, name);
	return path;
}

static FILE *create(const char *name)
{
	FILE *file = fopen(path_of(name), "w");

	assert_non_null(file);
	return file;
}

static void write_identity(const char *certificate_file, const char *key_file,
		const struct identity *who, const struct identity *key_of)
{
	FILE *file = create(certificate_file);

	assert_true(PEM_write_X509(file, who->certificate));
	fclose(file);
	if(!key_file)
		return;
	file = fopen(path_of(key_file), "a");
	assert_non_null(file);
	assert_true(
			PEM_write_PrivateKey(file, key_of->key, NULL, NULL, 0, NULL, NULL));
	fclose(file);
}

static void write_text(const char *name, const char *text)
{
	FILE *file = create(name);

	fputs(text, file);
	fclose(file);
}

static void name_file(char *parameter, const char *name)
{
	snprintf(parameter, TLSP_FILE_NAME_MAX_OCTETS + 1, "%s",
			name ? path_of(name) : "");
}

/* The files of the policy, put in force as a new generation. */
static void put_in_force(const char *certificate, const char *roots)
{
	char error[1024] = "";

	setup_policy(NULL);
	name_file(policy.https_cert_file_name, certificate);
	name_file(policy.https_root_file_name, roots);
	tlsp_own_files_free(files);
	files = tlsp_own_files_read(&policy, error, sizeof(error));
	if(!files)
		print_message("%s\n", error);
	assert_non_null(files);
	terms.own_files = files;
}

static int choose_domain(SSL *ssl, int *alert, void *unused)
{
	(void)alert, (void)unused;
	if(!SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name))
		return SSL_TLSEXT_ERR_NOACK;
	SSL_set_SSL_CTX(ssl, sni_domain);
	SSL_set_verify(ssl, SSL_CTX_get_verify_mode(sni_domain), NULL);
	return SSL_TLSEXT_ERR_OK;
}

static SSL_CTX *context_for(SSL *ssl, const char *server_name)
{
	(void)ssl;
	return contexts_are_visited && server_name ? sni_domain : NULL;
}

static int make_files(void **state)
{
	if(make_ends(state) != 0)
		return -1;
	assert_non_null(mkdtemp(directory));
	gate.context_for = context_for;
	write_identity("own.pem", "own.key", &trusted, &trusted);
	write_identity("next.pem", "next.pem.key", &other, &other);
	write_identity("one.pem", "one.pem", &stranger, &stranger);
	write_identity("ca.pem", NULL, &ca, NULL);
	write_identity("foreign-ca.pem", NULL, &foreign_ca, NULL);
	return 0;
}

static int remove_files(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -r '%s'", directory);
	tlsp_own_files_free(files);
	return free_ends(state) || system(command) != 0;
}

static int setup(void **state)
{
	contexts_are_visited = true;
	terms.own_files = NULL;
	domain = new_context(&gateway);
	sni_domain = new_context(&gateway);
	SSL_CTX_set_tlsext_servername_callback(domain, choose_domain);
	return setup_policy(state);
}

static int teardown(void **state)
{
	(void)state;
	SSL_CTX_free(domain);
	SSL_CTX_free(sni_domain);
	return 0;
}

static void reading_says_what_is_wrong(void **state)
{
	struct identity expired, early;
	static const struct
	{
		const char *certificate, *roots, *says;
	} rows[] = {
			{NULL, NULL, NULL},
			{"own.pem", NULL, NULL},
			{"next.pem", NULL, NULL},
			{"one.pem", NULL, NULL},
			{NULL, "ca.pem", NULL},
			{"own.pem", "one.pem", NULL},
			{"none.pem", NULL, "none.pem cannot be opened: No such file"},
			{NULL, "none.pem", "none.pem cannot be opened: No such file"},
			{".", NULL, " is a directory, not a PEM file"},
			{"pipe", NULL, "pipe is not a regular file"},
			{NULL, "pipe", "pipe is not a regular file"},
			{"empty", NULL, "empty is empty"},
			{"text", NULL, "text holds no certificate in PEM"},
			{"cut", NULL, "cut has a PEM block that is cut off or damaged"},
			{"expired.pem", NULL, NULL}, /* own_dates tells it */
			{"early.pem", NULL, NULL},
			{"ca.pem", NULL, "ca.pem holds no private key, and there is no "},
			{"wrong.pem", NULL,
					"wrong.key holds a private key that is not the "
					"certificate's"},
			{"both.pem", NULL,
					"both.pem holds a private key that is not the "
					"certificate's"},
			{"secret.pem", NULL, "secret.key holds no private key that can"},
			{"many.pem", NULL, "many.pem holds more than 16 certificates"},
			{NULL, "crl.pem", "crl.pem holds a CRL"},
	};
	int failures = 0;
	FILE *file;

	(void)state;
	make_identity_for(&expired, "expired", NULL, &ca, -1);
	make_identity(&early, "early", NULL, &ca);
	X509_gmtime_adj(X509_getm_notBefore(early.certificate), 600);
	X509_sign(early.certificate, ca.key, EVP_sha256());
	write_identity("expired.pem", "expired.key", &expired, &expired);
	write_identity("early.pem", "early.key", &early, &early);
	write_identity("wrong.pem", "wrong.key", &trusted, &other);
	write_identity("both.pem", "both.pem", &trusted, &other);
	write_identity("secret.pem", NULL, &trusted, NULL);
	file = create("secret.key");
	PEM_write_PKCS8PrivateKey(
			file, trusted.key, EVP_aes_128_cbc(), "x", 1, NULL, NULL);
	fclose(file);
	write_text("empty", "");
	write_text("text", "no PEM\n");
	write_text("cut", "-----BEGIN CERTIFICATE-----\nMIIB\n");
	file = create("many.pem");
	for(int i = 0; i < 17; i++)
		PEM_write_X509(file, trusted.certificate);
	fclose(file);
	file = create("crl.pem");
	PEM_write_X509(file, ca.certificate);
	fputs("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n", file);
	fclose(file);
	assert_int_equal(mkfifo(path_of("pipe"), 0600), 0);
	for(size_t i = 0; i < COUNT(rows); i++) {
		char error[1024] = "";
		struct tlsp_own_files *read;
		bool holds;

		name_file(policy.https_cert_file_name, rows[i].certificate);
		name_file(policy.https_root_file_name, rows[i].roots);
		read = tlsp_own_files_read(&policy, error, sizeof(error));
		holds = rows[i].says
						? !read && strstr(error, rows[i].says)
								  && strstr(error, rows[i].certificate
														   ? "https_cert_file_"
															 "name: /tmp/"
														   : "https_root_file_"
															 "name: /tmp/")
								  && !strchr(error, '\n')
						: read != NULL;
		if(!holds) {
			print_message("FAIL %s %s: [%s]\n",
					rows[i].certificate ? rows[i].certificate : "-",
					rows[i].roots ? rows[i].roots : "-", error);
			failures++;
		}
		tlsp_own_files_free(read);
	}
	assert_int_equal(ERR_peek_error(), 0); /* nothing left for the next SSL */
	free_identity(&expired);
	free_identity(&early);
	assert_int_equal(failures, 0);
}

static X509_CRL *make_crl_of(const struct identity *issuer,
		const struct identity *signer, const struct identity *revoked,
		long seconds)
{
	X509_CRL *crl = X509_CRL_new();
	X509_REVOKED *entry = X509_REVOKED_new();
	ASN1_TIME *time = X509_gmtime_adj(NULL, -7200);

	X509_CRL_set_version(crl, X509_CRL_VERSION_2);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer->certificate));
	X509_CRL_set1_lastUpdate(crl, time);
	X509_REVOKED_set_serialNumber(
			entry, X509_get_serialNumber(revoked->certificate));
	X509_REVOKED_set_revocationDate(entry, time);
	X509_CRL_add0_revoked(crl, entry);
	X509_gmtime_adj(time, seconds);
	X509_CRL_set1_nextUpdate(crl, time);
	ASN1_TIME_free(time);
	assert_true(X509_CRL_sign(crl, signer->key, EVP_sha256()));
	return crl;
}

/* The CRL of |issuer|, signed by |signer|, behind what is in the file. */
static void write_crl(const char *name, const struct identity *issuer,
		const struct identity *signer, long seconds)
{
	X509_CRL *crl = make_crl_of(issuer, signer, &other, seconds);
	FILE *file = fopen(path_of(name), "a");

	assert_non_null(file);
	assert_true(PEM_write_X509_CRL(file, crl));
	fclose(file);
	X509_CRL_free(crl);
}

/* Two trust anchors in one file, and files of CRLs. */
static void write_crls(void)
{
	FILE *file = create("two.pem");

	PEM_write_X509(file, ca.certificate);
	PEM_write_X509(file, foreign_ca.certificate);
	fclose(file);
	write_crl("ca.crl", &ca, &ca, 3600);
	write_crl("foreign.crl", &foreign_ca, &foreign_ca, 3600);
	write_crl("forged.crl", &ca, &foreign_ca, 3600);
	write_crl("old.crl", &ca, &ca, -60);
	write_crl("both.crl", &ca, &ca, 3600);
	write_crl("both.crl", &foreign_ca, &foreign_ca, -60);
	write_crl("renewed.crl", &ca, &ca, -60);
	write_crl("renewed.crl", &ca, &ca, 3600);
}

static void crls_are_those_of_the_trust_anchors(void **state)
{
	static const struct
	{
		int count;
		const char *roots, *crls, *says;
	} rows[] = {
			{1, "ca.pem", "ca.crl", NULL},
			{2, "two.pem", "both.crl", NULL},
			{1, "two.pem", "ca.crl", NULL},
			{2, "ca.pem", "both.crl", NULL}, /* an intermediate's, it may be */
			{1, "ca.pem", "old.crl", NULL},	 /* own_dates tells it */
			{0, "ca.pem", "foreign.crl",
					"foreign.crl holds no CRL of any CA in "
					"https_root_file_name"},
			{0, "ca.pem", "forged.crl",
					"forged.crl holds a CRL that its issuer in "
					"https_root_file_name has not signed"},
			{0, "ca.pem", "ca.pem",
					"ca.pem holds \"CERTIFICATE\", and CRLs are wanted"},
			{0, "ca.pem", "empty", "empty is empty"},
			{0, "ca.pem", "pipe", "pipe is not a regular file"},
			{0, "ca.pem", "none.crl",
					"none.crl cannot be opened: No such file"},
			{0, NULL, "ca.crl", "crl_file_name needs https_root_file_name"},
	};
	int failures = 0;

	(void)state;
	write_crls();
	for(size_t i = 0; i < COUNT(rows); i++) {
		char error[1024] = "";
		struct tlsp_own_files *read;
		struct tlsp_own_objects own;
		bool holds;

		name_file(policy.https_root_file_name, rows[i].roots);
		name_file(policy.crl_file_name, rows[i].crls);
		read = tlsp_own_files_read(&policy, error, sizeof(error));
		holds = rows[i].says
						? !read && strstr(error, rows[i].says)
								  && strstr(error, "crl_file_name") == error
						: read != NULL;
		if(read && tlsp_own_files_open(&own, read)) {
			holds = holds && sk_X509_CRL_num(own.crls) == rows[i].count;
			tlsp_own_files_close(&own);
		}
		if(!holds) {
			print_message("FAIL %s %s: [%s]\n",
					rows[i].roots ? rows[i].roots : "-", rows[i].crls, error);
			failures++;
		}
		tlsp_own_files_free(read);
	}
	assert_int_equal(ERR_peek_error(), 0);
	assert_int_equal(failures, 0);
}

static void add_sentence(void *user, const char *sentence)
{
	char *all = user;

	strcat(all, sentence);
	strcat(all, "\n");
}

/* What |files| says of dates, each sentence up to the date itself. */
static void what_has_expired_is_told(void **state)
{
	static const struct
	{
		const char *certificate, *roots, *crls;
		bool serves;
		const char *says; /* NULL = nothing */
	} rows[] = {
			{NULL, NULL, NULL, true, NULL},
			{"own.pem", "ca.pem", "ca.crl", true, NULL},
			{"own.pem", "ca.pem", "renewed.crl", true, NULL},
			{"expired.pem", NULL, NULL, true,
					"expired.pem: our certificate (/CN=expired) expired on 20"},
			{"early.pem", NULL, NULL, true,
					"early.pem: our certificate (/CN=early) is not valid "
					"before "
					"20"},
			{NULL, "expired.pem", NULL, false,
					"expired.pem: the trust anchor (/CN=expired) expired on "
					"20"},
			{NULL, "ca.pem", "old.crl", false,
					"old.crl: the trust anchor (/CN=Test CA) vouches for "
					"nobody: "
					"its "
					"CRL expired on 20"},
			{NULL, "ca.pem", "both.crl", true,
					"both.crl: the CRL of the CA (/CN=Foreign CA) expired on "
					"20"},
			{NULL, "two.pem", "both.crl", true,
					"both.crl: the trust anchor (/CN=Foreign CA) vouches for "
					"nobody: its CRL expired on 20"},
			{NULL, "two.pem", "ca.crl", true,
					"ca.crl: the trust anchor (/CN=Foreign CA) vouches for "
					"nobody: it has no CRL here\n"},
	};
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++) {
		char error[1024] = "", told[4096] = "";
		struct tlsp_own_files *read;
		bool serves;

		name_file(policy.https_cert_file_name, rows[i].certificate);
		name_file(policy.https_root_file_name, rows[i].roots);
		name_file(policy.crl_file_name, rows[i].crls);
		read = tlsp_own_files_read(&policy, error, sizeof(error));
		assert_non_null(read);
		serves = tlsp_own_dates_tell(read, &policy, add_sentence, told);
		if(serves != rows[i].serves
				|| (rows[i].says ? !strstr(told, rows[i].says)
								 : told[0] != '\0')) {
			print_message("FAIL row %zu: %d [%s]\n", i, serves, told);
			failures++;
		}
		tlsp_own_files_free(read);
	}
	assert_int_equal(ERR_peek_error(), 0);
	assert_int_equal(failures, 0);
}

static void either_spelling_names_a_file(void **state)
{
	(void)state;
	assert_true(tlsp_own_files_named_by("https_cert_file_name"));
	assert_true(tlsp_own_files_named_by("HTTPSRootFileName"));
	assert_true(tlsp_own_files_named_by("httpscertfilename"));
	assert_true(tlsp_own_files_named_by("crl_file_name"));
	assert_false(tlsp_own_files_named_by("tls_version"));
	assert_false(tlsp_own_files_named_by("nonsense"));
}

static void append_name(void *names, const char *name)
{
	strcat(names, name);
	strcat(names, " ");
}

static void every_file_that_may_be_read_is_named(void **state)
{
	static const struct
	{
		const char *certificate, *roots, *crls, *names;
	} rows[] = {{"", "", "", ""}, {"", "r", "", "r "}, {"", "r", "c", "r c "},
			{"/a/own.pem", "r", "", "/a/own.pem r /a/own.pem.key /a/own.key "},
			{"/a.b/own", "", "", "/a.b/own /a.b/own.key "}};
	struct tlsp_policy policy;

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++) {
		char names[128] = "";

		tlsp_parameters_defaults(&policy);
		strcpy(policy.https_cert_file_name, rows[i].certificate);
		strcpy(policy.https_root_file_name, rows[i].roots);
		strcpy(policy.crl_file_name, rows[i].crls);
		tlsp_own_files_each_name(&policy, append_name, names);
		assert_string_equal(names, rows[i].names);
	}
}

/* One handshake as |role|; which certificate the plain peer was shown. */
static bool shown(const struct identity *expected, enum tlsp_role role,
		int version, const char *server_name)
{
	SSL_CTX *peer = new_context(&gateway);
	struct pair pair;
	X509 *seen;
	bool done;

	SSL_CTX_set_min_proto_version(peer, version);
	SSL_CTX_set_max_proto_version(peer, version);
	if(role == TLSP_ROLE_CLIENT)
		SSL_CTX_set_verify(peer, SSL_VERIFY_PEER, NULL);
	new_pair(&pair, domain, peer, role);
	if(server_name)
		SSL_set_tlsext_host_name(pair.peer, server_name);
	done = shake_hands(&pair);
	seen = SSL_get0_peer_certificate(pair.peer);
	done = done && seen && X509_cmp(seen, expected->certificate) == 0;
	free_pair(&pair);
	SSL_CTX_free(peer);
	return done;
}

static void assert_shown_everywhere(const struct identity *expected)
{
	static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

	for(size_t i = 0; i < COUNT(versions); i++) {
		assert_true(shown(expected, TLSP_ROLE_SERVER, versions[i], NULL));
		assert_true(shown(expected, TLSP_ROLE_SERVER, versions[i], "sni"));
		assert_true(shown(expected, TLSP_ROLE_CLIENT, versions[i], NULL));
	}
}

static void the_named_certificate_is_shown_in_every_domain_and_role(
		void **state)
{
	(void)state;
	assert_shown_everywhere(&gateway);
	put_in_force("own.pem", NULL);
	assert_shown_everywhere(&trusted);
	put_in_force("next.pem", NULL);
	assert_shown_everywhere(&other);
	put_in_force(NULL, NULL);
	assert_shown_everywhere(&gateway);
}

static void an_open_connection_keeps_its_certificate(void **state)
{
	SSL_CTX *peer = new_context(NULL);
	struct pair pair;

	(void)state;
	put_in_force("own.pem", NULL);
	new_pair(&pair, domain, peer, TLSP_ROLE_SERVER);
	assert_true(shake_hands(&pair));
	put_in_force("next.pem", NULL);
	assert_true(shown(&other, TLSP_ROLE_SERVER, TLS1_3_VERSION, NULL));
	assert_int_equal(
			X509_cmp(SSL_get_certificate(pair.ours), trusted.certificate), 0);
	assert_true(tlsp_record_passes(tlsp_record_of(pair.ours)));
	free_pair(&pair);
	SSL_CTX_free(peer);
}

/* tls.cfg loaded anew between ClientHello and the choice of the domain. */
static void a_domain_that_was_missed_is_refused(void **state)
{
	(void)state;
	put_in_force("own.pem", NULL);
	contexts_are_visited = false;
	assert_true(shown(&trusted, TLSP_ROLE_SERVER, TLS1_3_VERSION, NULL));
	assert_false(shown(&gateway, TLSP_ROLE_SERVER, TLS1_3_VERSION, "sni"));
	assert_true(gate.refused);
	assert_non_null(strstr(gate.refusal.why, "tls.cfg was loaded anew"));
}

static void no_other_type_of_certificate_is_left(void **state)
{
	struct identity rsa;
	SSL_CTX *peer = new_context(NULL);
	struct pair pair;

	(void)state;
	rsa.key = EVP_RSA_gen(2048);
	rsa.certificate = X509_dup(gateway.certificate);
	X509_set_pubkey(rsa.certificate, rsa.key);
	X509_sign(rsa.certificate, ca.key, EVP_sha256());
	assert_true(SSL_CTX_use_certificate(domain, rsa.certificate));
	assert_true(SSL_CTX_use_PrivateKey(domain, rsa.key));
	SSL_CTX_set1_sigalgs_list(peer, "RSA-PSS+SHA256:RSA+SHA256");
	new_pair(&pair, domain, peer, TLSP_ROLE_SERVER);
	assert_true(shake_hands(&pair)); /* the domain's own RSA one */
	free_pair(&pair);
	put_in_force("own.pem", NULL);
	new_pair(&pair, domain, peer, TLSP_ROLE_SERVER);
	assert_false(shake_hands(&pair));
	free_pair(&pair);
	SSL_CTX_free(peer);
	free_identity(&rsa);
}

/* One handshake as |role| with a peer that shows |who|. */
static bool believed(const struct identity *who, enum tlsp_role role,
		const char *server_name)
{
	SSL_CTX *peer = new_context(who);
	struct pair pair;
	bool done;

	new_pair(&pair, domain, peer, role);
	if(server_name)
		SSL_set_tlsext_host_name(pair.peer, server_name);
	done = shake_hands(&pair);
	free_pair(&pair);
	SSL_CTX_free(peer);
	return done;
}

static void require_certificates(void)
{
	policy.sips_require_client_certificate = 1;
	policy.verify_server_certificate = 1;
}

static void the_named_roots_alone_are_believed(void **state)
{
	static const struct
	{
		enum tlsp_role role;
		const char *server_name;
	} ways[] = {{TLSP_ROLE_SERVER, NULL}, {TLSP_ROLE_SERVER, "sni"},
			{TLSP_ROLE_CLIENT, NULL}};

	(void)state;
	for(size_t i = 0; i < COUNT(ways); i++) {
		put_in_force(NULL, NULL);
		require_certificates();
		assert_true(believed(&trusted, ways[i].role, ways[i].server_name));
		assert_false(believed(&foreign, ways[i].role, ways[i].server_name));
		put_in_force(NULL, "foreign-ca.pem");
		require_certificates();
		assert_true(believed(&foreign, ways[i].role, ways[i].server_name));
		assert_false(believed(&trusted, ways[i].role, ways[i].server_name));
		assert_int_equal(last_alert, SSL_AD_UNKNOWN_CA);
	}
}

static void the_named_roots_are_offered(void **state)
{
	SSL_CTX *peer = new_context(&trusted);
	const STACK_OF(X509_NAME) * names;
	struct pair pair;

	(void)state;
	put_in_force(NULL, "ca.pem");
	require_certificates();
	new_pair(&pair, domain, peer, TLSP_ROLE_SERVER);
	assert_true(shake_hands(&pair));
	names = SSL_get0_peer_CA_list(pair.peer);
	assert_int_equal(sk_X509_NAME_num(names), 1);
	assert_int_equal(X509_NAME_cmp(sk_X509_NAME_value(names, 0),
							 X509_get_subject_name(ca.certificate)),
			0);
	free_pair(&pair);
	SSL_CTX_free(peer);
}

static void the_crls_of_the_domain_stay_in_force(void **state)
{
	X509_STORE *store = SSL_CTX_get_cert_store(domain);
	X509_CRL *crl = make_crl_of(&ca, &ca, &other, 3600);

	(void)state;
	X509_STORE_add_crl(store, crl);
	X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
	put_in_force(NULL, "ca.pem");
	require_certificates();
	assert_true(believed(&trusted, TLSP_ROLE_SERVER, NULL));
	assert_false(believed(&other, TLSP_ROLE_SERVER, NULL));
	assert_int_equal(last_alert, SSL_AD_CERTIFICATE_REVOKED);
	X509_CRL_free(crl);
}

/* In the middle of a first handshake, that was armed with other roots: before
 * the peer has shown anything, and when all it has sent is there. */
static void roots_that_change_in_a_handshake_are_believed_no_more(void **state)
{
	static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
	static const char *const then[] = {"foreign-ca.pem", "ca.pem"};

	(void)state;
	for(size_t v = 0; v < COUNT(versions); v++)
		for(size_t i = 0; i < COUNT(then); i++) {
			SSL_CTX *peer = new_context(&foreign);
			struct pair pair;

			SSL_CTX_set_max_proto_version(peer, versions[v]);
			put_in_force(NULL, "foreign-ca.pem");
			require_certificates();
			new_pair(&pair, domain, peer, TLSP_ROLE_SERVER);
			SSL_do_handshake(pair.peer);
			step_ours(pair.ours);
			put_in_force(NULL, then[i]);
			require_certificates();
			assert_int_equal(shake_hands(&pair), i == 0);
			assert_true(
					i == 0 || gate.refusal.reasons == TLSP_REASON_NOT_TRUSTED);
			free_pair(&pair);
			SSL_CTX_free(peer);
		}
}

/* A re-handshake that shows no certificate again judges the stored one. */
static void judging_anew_believes_the_named_roots(void **state)
{
	SSL_CTX *peer = new_context(&foreign);
	struct tlsp_record *record;
	struct pair pair;

	(void)state;
	put_in_force(NULL, "foreign-ca.pem");
	require_certificates();
	new_pair(&pair, domain, peer, TLSP_ROLE_SERVER);
	assert_true(shake_hands(&pair));
	record = tlsp_record_of(pair.ours);
	open_gate();
	assert_int_equal(
			tlsp_judgement_again(pair.ours, record), TLSP_AGAIN_ACCEPTED);
	close_gate();
	put_in_force(NULL, "ca.pem");
	require_certificates();
	open_gate();
	assert_int_equal(
			tlsp_judgement_again(pair.ours, record), TLSP_AGAIN_REFUSED);
	close_gate();
	assert_true(record->reasons & TLSP_REASON_NOT_TRUSTED);
	free_pair(&pair);
	SSL_CTX_free(peer);
}

static void a_key_too_weak_for_a_domain_is_named(void **state)
{
	char error[512] = "";

	(void)state;
	put_in_force("own.pem", NULL);
	assert_true(tlsp_own_files_fit(
			files, domain, "[server:default]", error, sizeof(error)));
	SSL_CTX_set_security_level(domain, 5);
	assert_false(tlsp_own_files_fit(
			files, domain, "[server:default]", error, sizeof(error)));
	assert_string_equal(error,
			"https_cert_file_name: the certificate cannot be used in TLS "
			"domain [server:default]: ee key too small");
}

/* RFC 5280, 4.1.2.5. */
static void the_end_of_a_certificate_is_a_time(void **state)
{
	static const long rows[] = {59, 86400, -1, -86400L * 400, 86400L * 40000};

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++) {
		struct identity who;
		int64_t ends_s = 0, now_s = (int64_t)time(NULL);

		make_identity_for(&who, "who", NULL, &ca, rows[i]);
		assert_true(tlsp_cert_ends_s(who.certificate, &ends_s));
		assert_true(ends_s - now_s - rows[i] >= 0);
		assert_true(ends_s - now_s - rows[i] < 60);
		assert_true(tlsp_cert_about(who.certificate, "a")
					== tlsp_cert_about(who.certificate, "a"));
		assert_true(tlsp_cert_about(who.certificate, "a")
					!= tlsp_cert_about(who.certificate, "b"));
		assert_true(tlsp_cert_about(who.certificate, "a")
					!= tlsp_cert_about(ca.certificate, "a"));
		free_identity(&who);
	}
}

int main(void)
{
#define WITH_DOMAINS(test) \
	cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
			WITH_DOMAINS(reading_says_what_is_wrong),
			WITH_DOMAINS(crls_are_those_of_the_trust_anchors),
			WITH_DOMAINS(what_has_expired_is_told),
			WITH_DOMAINS(either_spelling_names_a_file),
			cmocka_unit_test(every_file_that_may_be_read_is_named),
			WITH_DOMAINS(
					the_named_certificate_is_shown_in_every_domain_and_role),
			WITH_DOMAINS(an_open_connection_keeps_its_certificate),
			WITH_DOMAINS(a_domain_that_was_missed_is_refused),
			WITH_DOMAINS(no_other_type_of_certificate_is_left),
			WITH_DOMAINS(the_named_roots_alone_are_believed),
			WITH_DOMAINS(the_named_roots_are_offered),
			WITH_DOMAINS(the_crls_of_the_domain_stay_in_force),
			WITH_DOMAINS(roots_that_change_in_a_handshake_are_believed_no_more),
			WITH_DOMAINS(judging_anew_believes_the_named_roots),
			WITH_DOMAINS(a_key_too_weak_for_a_domain_is_named),
			WITH_DOMAINS(the_end_of_a_certificate_is_a_time),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}
