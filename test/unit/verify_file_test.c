/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verify_file_test - a peer's file against trust anchors and CRLs as a
 * handshake would check it: depth, security level, purpose, revocation; and
 * which files are no good, in one sentence.
 */
#include "made_chain.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/rsa.h>

#include "openssl/certificate/verify_file.h"

#define CHAIN 6 /* certificates of |line|, the end entity first */
#define SERVER TLSP_ROLE_SERVER
#define CLIENT TLSP_ROLE_CLIENT

static char directory[] = "/tmp/verify_file.XXXXXX";
static struct tlsp_peer_cert peer;
static struct tlsp_policy policy;
static X509 *line[CHAIN];

static const char *path_of(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return path;
}

static FILE *create(const char *name)
{
	FILE *file = fopen(path_of(name), "w");

	assert_non_null(file);
	return file;
}

static int make_line(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(directory));
	for(size_t i = CHAIN; i-- > 0;) {
		char name[16];

		snprintf(name, sizeof(name), "link %zu", i);
		line[i] = make_certificate(name, i + 1 < CHAIN ? line[i + 1] : NULL,
				i ? MADE_CA : "subjectAltName=DNS:a.example");
	}
	tlsp_parameters_defaults(&policy);
	policy.sips_require_client_certificate = 1;
	return 0;
}

static int free_line(void **state)
{
	char command[64];

	(void)state;
	for(size_t i = 0; i < CHAIN; i++)
		X509_free(line[i]);
	EVP_PKEY_free(made_key());
	snprintf(command, sizeof(command), "rm -r '%s'", directory);
	return system(command);
}

/* The chain's state of |certificates|, of which the last is trusted. */
static enum tlsp_chain chain_of(X509 **certificates, size_t count, int depth,
		int level, enum tlsp_role role)
{
	STACK_OF(X509) *stack = stack_of(certificates, count);
	X509_STORE *store = X509_STORE_new();
	struct tlsp_verify_trust trust = {store, depth, level};
	enum tlsp_chain chain;

	assert_true(X509_STORE_add_cert(store, certificates[count - 1]));
	ERR_clear_error();
	tlsp_verify_file_peer(&peer, stack, &trust, &policy, role);
	assert_int_equal(ERR_peek_error(), 0);
	chain = peer.facts.chain;
	tlsp_peer_cert_cleanup(&peer);
	sk_X509_free(stack);
	X509_STORE_free(store);
	return chain;
}

/* SSL_CTX_set_verify_depth(3): intermediates, without end entity and root. */
static void depth_bounds_the_chain(void **state)
{
	(void)state;
	for(int depth = 0; depth <= CHAIN; depth++)
		for(size_t count = 2; count <= CHAIN; count++) {
			X509 *all[CHAIN];
			enum tlsp_chain wanted = (int)count - 2 <= depth
											 ? TLSP_CHAIN_VERIFIED
											 : TLSP_CHAIN_NOT_TRUSTED;

			/* the end entity under as many CAs as are wanted */
			for(size_t i = 1; i < count; i++)
				all[i] = line[CHAIN - count + i];
			all[0] = make_certificate("leaf", all[1], NULL);
			assert_int_equal(chain_of(all, count, depth, 1, SERVER), wanted);
			X509_free(all[0]);
		}
}

/* SSL_CTX_set_security_level(3): the keys of all, and the CAs' signatures. */
static void security_level_bounds_the_keys(void **state)
{
	static const struct
	{
		const char *label;
		unsigned leaf_bits, ca_bits; /* of RSA; 0: P-256 */
		int level;
		bool verified;
	} rows[] = {
			{"P-256 at 2", 0, 0, 2, true},
			{"P-256 at 3", 0, 0, 3, true},
			{"P-256 at 4", 0, 0, 4, false},
			{"leaf of 1024 bits at 0", 1024, 0, 0, true},
			{"leaf of 1024 bits at 1", 1024, 0, 1, true},
			{"leaf of 1024 bits at 2", 1024, 0, 2, false},
			{"leaf of 2048 bits at 2", 2048, 0, 2, true},
			{"leaf of 2048 bits at 3", 2048, 0, 3, false},
			{"CA of 1024 bits at 1", 0, 1024, 1, true},
			{"CA of 1024 bits at 2", 0, 1024, 2, false},
	};
	unsigned failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++) {
		EVP_PKEY *leaf =
				rows[i].leaf_bits ? EVP_RSA_gen(rows[i].leaf_bits) : made_key();
		EVP_PKEY *ca =
				rows[i].ca_bits ? EVP_RSA_gen(rows[i].ca_bits) : made_key();
		X509 *all[3];

		all[2] = line[CHAIN - 1];
		all[1] = make_certificate_for(
				"middle", all[2], MADE_CA, ca, -MADE_DAY_S, 30 * MADE_DAY_S);
		all[0] = make_certificate_for(
				"leaf", all[1], NULL, leaf, -MADE_DAY_S, 30 * MADE_DAY_S);
		if(rows[i].ca_bits)
			assert_true(X509_sign(all[0], ca, EVP_sha256()) > 0);
		if((chain_of(all, 3, 9, rows[i].level, SERVER) == TLSP_CHAIN_VERIFIED)
				!= rows[i].verified) {
			print_message("FAIL %s\n", rows[i].label);
			failures++;
		}
		X509_free(all[0]);
		X509_free(all[1]);
		if(rows[i].leaf_bits)
			EVP_PKEY_free(leaf);
		if(rows[i].ca_bits)
			EVP_PKEY_free(ca);
	}
	assert_int_equal(failures, 0);
}

static void the_purpose_is_the_peers(void **state)
{
	X509 *root = line[CHAIN - 1];
	X509 *client[] = {
			make_certificate("c", root, "extendedKeyUsage=clientAuth"), root};
	X509 *server[] = {
			make_certificate("s", root, "extendedKeyUsage=serverAuth"), root};

	(void)state;
	assert_int_equal(chain_of(client, 2, 9, 1, SERVER), TLSP_CHAIN_VERIFIED);
	assert_int_equal(chain_of(client, 2, 9, 1, CLIENT), TLSP_CHAIN_NOT_TRUSTED);
	assert_int_equal(chain_of(server, 2, 9, 1, CLIENT), TLSP_CHAIN_VERIFIED);
	assert_int_equal(chain_of(server, 2, 9, 1, SERVER), TLSP_CHAIN_NOT_TRUSTED);
	X509_free(client[0]);
	X509_free(server[0]);
}

/* What others would be trusted for is no help, and an intermediate that is not
 * among them is missing. */
static void only_the_anchors_are_trusted(void **state)
{
	X509 *other = make_certificate("other", NULL, MADE_CA);
	X509 *foreign[] = {line[0], line[1], line[2], line[3], line[4], other};
	X509 *gap[] = {line[0], line[2], line[3], line[4], line[5]};

	(void)state;
	assert_int_equal(chain_of(line, CHAIN, 9, 1, SERVER), TLSP_CHAIN_VERIFIED);
	assert_int_equal(
			chain_of(foreign, CHAIN, 9, 1, SERVER), TLSP_CHAIN_NOT_TRUSTED);
	assert_int_equal(
			chain_of(gap, CHAIN - 1, 9, 1, SERVER), TLSP_CHAIN_NOT_TRUSTED);
	X509_free(other);
}

static void without_trust_the_end_entity_alone_counts(void **state)
{
	STACK_OF(X509) *stack = stack_of(line, 1);

	(void)state;
	tlsp_verify_file_peer(&peer, stack, NULL, &policy, SERVER);
	assert_int_equal(peer.facts.chain, TLSP_CHAIN_VERIFIED);
	assert_true(peer.facts.usage.vouched);
	assert_false(peer.facts.usage.complete);
	assert_int_equal(peer.facts.usage.count, 1);
	tlsp_peer_cert_cleanup(&peer);
	sk_X509_free(stack);
}

static void save_crls(const char *name, X509_CRL **crls, size_t count)
{
	FILE *file = create(name);

	for(size_t i = 0; i < count; i++)
		assert_true(PEM_write_X509_CRL(file, crls[i]));
	fclose(file);
}

static enum tlsp_chain chain_with(
		X509 **certificates, size_t count, const char *const *files)
{
	STACK_OF(X509) *stack = stack_of(certificates, count);
	X509_STORE *store = X509_STORE_new();
	struct tlsp_verify_trust trust = {store, 9, 1};
	char error[512] = "";
	enum tlsp_chain chain;

	assert_true(X509_STORE_add_cert(store, certificates[count - 1]));
	for(; *files; files++)
		assert_true(tlsp_verify_file_add_crls(
				store, path_of(*files), error, sizeof(error)));
	tlsp_verify_file_peer(&peer, stack, &trust, &policy, SERVER);
	chain = peer.facts.chain;
	tlsp_peer_cert_cleanup(&peer);
	sk_X509_free(stack);
	X509_STORE_free(store);
	return chain;
}

/* Of every CA of the chain, from one file or from several. */
static void crls_revoke(void **state)
{
	X509 *root = line[CHAIN - 1], *middle = line[CHAIN - 2];
	X509 *leaf = make_certificate("leaf", middle, NULL);
	X509 *revoked = make_certificate("revoked", middle, NULL);
	X509 *good[] = {leaf, middle, root}, *bad[] = {revoked, middle, root};
	X509_CRL *crls[] = {make_crl(root, NULL, MADE_DAY_S),
			make_crl(middle, revoked, MADE_DAY_S)};
	X509_CRL *old = make_crl(middle, revoked, -3600);
	X509_CRL *of_middle = make_crl(root, middle, MADE_DAY_S);

	(void)state;
	save_crls("both", crls, 2);
	save_crls("root", crls, 1);
	save_crls("middle", crls + 1, 1);
	save_crls("old", &old, 1);
	save_crls("of-middle", &of_middle, 1);
#define WITH(...) ((const char *const[]){__VA_ARGS__, NULL})
	assert_int_equal(chain_with(good, 3, WITH("both")), TLSP_CHAIN_VERIFIED);
	assert_int_equal(chain_with(bad, 3, WITH("both")), TLSP_CHAIN_REVOKED);
	assert_int_equal(
			chain_with(good, 3, WITH("root", "middle")), TLSP_CHAIN_VERIFIED);
	assert_int_equal(
			chain_with(bad, 3, WITH("root", "middle")), TLSP_CHAIN_REVOKED);
	assert_int_equal(
			chain_with(good, 3, WITH("root")), TLSP_CHAIN_REVOCATION_UNKNOWN);
	assert_int_equal(
			chain_with(good, 3, WITH("middle")), TLSP_CHAIN_REVOCATION_UNKNOWN);
	assert_int_equal(chain_with(good, 3, WITH("root", "old")),
			TLSP_CHAIN_REVOCATION_UNKNOWN);
	assert_int_equal(chain_with(good, 3, WITH("middle", "of-middle")),
			TLSP_CHAIN_REVOKED);
	for(size_t i = 0; i < 2; i++)
		X509_CRL_free(crls[i]);
	X509_CRL_free(old);
	X509_CRL_free(of_middle);
	X509_free(leaf);
	X509_free(revoked);
}

static void write_text(const char *name, const char *text)
{
	FILE *file = create(name);

	fputs(text, file);
	fclose(file);
}

#define CRL_BEGIN "-----BEGIN X509 CRL-----\n"
#define CRL_END "-----END X509 CRL-----\n"

/* Nothing of a file is passed over in silence. */
static void files_that_are_no_good_are_told(void **state)
{
	static const struct
	{
		const char *name, *anchors, *crls; /* NULL: taken */
	} rows[] = {
			{"anchor", NULL, "holds \"CERTIFICATE\", and CRLs are wanted"},
			{"crl", "holds a CRL, which belongs into a file of its own (--crl)",
					NULL},
			{"anchor-crl", "holds a CRL, which",
					"holds \"CERTIFICATE\", and CRLs are wanted"},
			{"crl-anchor", "holds a CRL, which",
					"holds \"CERTIFICATE\", and CRLs are wanted"},
			{"none", "cannot be opened: No such", "cannot be opened: No such"},
			{".", "is a directory", "is a directory"},
			{"empty", "is empty", "is empty"},
			{"text", "holds no certificate in PEM", "holds no CRL in PEM"},
			{"cut-crl", "holds a CRL", "cut off or damaged"},
			{"odd-crl", "holds a CRL", "cut off or damaged"},
			{"odd\nname", "no certificate", "holds no CRL"},
	};
	X509_CRL *crl = make_crl(line[CHAIN - 1], NULL, MADE_DAY_S);
	unsigned failures = 0;
	FILE *file;

	(void)state;
	for(int i = 0; i < 4; i++) {
		static const char *const names[] = {
				"anchor", "crl", "anchor-crl", "crl-anchor"};

		file = create(names[i]);
		if(i == 0 || i == 2)
			PEM_write_X509(file, line[CHAIN - 1]);
		if(i > 0)
			PEM_write_X509_CRL(file, crl);
		if(i == 3)
			PEM_write_X509(file, line[CHAIN - 1]);
		fclose(file);
	}
	X509_CRL_free(crl);
	write_text("empty", "");
	write_text("text", "text\n");
	write_text("odd\nname", "text\n");
	write_text("cut-crl", CRL_BEGIN "MIIB\n");
	write_text("odd-crl", CRL_BEGIN "AAAA\n" CRL_END);
	for(size_t i = 0; i < COUNT(rows); i++) {
		char error[512] = "";
		X509_STORE *store;
		bool right;

		ERR_clear_error();
		store = tlsp_verify_file_trust(
				path_of(rows[i].name), error, sizeof(error));
		right = rows[i].anchors ? !store && strstr(error, rows[i].anchors)
										  && !strchr(error, '\n')
								: store != NULL;
		X509_STORE_free(store);
		store = X509_STORE_new();
		error[0] = '\0';
		right = tlsp_verify_file_add_crls(
						store, path_of(rows[i].name), error, sizeof(error))
						== !rows[i].crls
				&& right
				&& (!rows[i].crls
						|| (strstr(error, rows[i].crls)
								&& !strchr(error, '\n')));
		X509_STORE_free(store);
		if(!right || ERR_peek_error() != 0) {
			print_message("FAIL %s: [%s]\n", rows[i].name, error);
			failures++;
		}
	}
	assert_int_equal(failures, 0);
}

static void a_peers_file_is_read_in_its_order(void **state)
{
	STACK_OF(X509) * read;
	char error[512] = "";
	FILE *file = create("peer");

	(void)state;
	for(size_t i = 0; i < 3; i++)
		PEM_write_X509(file, line[i]);
	fclose(file);
	read = tlsp_verify_file_read(
			path_of("peer"), TLSP_PEM_REGULAR_FILE, error, sizeof(error));
	assert_int_equal(sk_X509_num(read), 3);
	for(int i = 0; i < 3; i++)
		assert_int_equal(X509_cmp(sk_X509_value(read, i), line[i]), 0);
	tlsp_verify_file_free(read);
	file = create("many");
	for(int i = 0; i <= TLSP_VERIFY_FILE_MAX_CERTIFICATES; i++)
		PEM_write_X509(file, line[0]);
	fclose(file);
	assert_null(tlsp_verify_file_read(
			path_of("many"), TLSP_PEM_REGULAR_FILE, error, sizeof(error)));
	assert_non_null(strstr(error, "holds more than 256 certificates"));
	assert_int_equal(mkfifo(path_of("pipe"), 0600), 0);
	assert_null(tlsp_verify_file_read(
			path_of("pipe"), TLSP_PEM_REGULAR_FILE, error, sizeof(error)));
	assert_non_null(strstr(error, "is not a regular file"));
	assert_int_equal(truncate(path_of("peer"), 1024 * 1024 + 1), 0);
	assert_null(tlsp_verify_file_read(
			path_of("peer"), TLSP_PEM_REGULAR_FILE, error, sizeof(error)));
	assert_non_null(strstr(error, "is larger than 1048576 octets"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(depth_bounds_the_chain),
			cmocka_unit_test(security_level_bounds_the_keys),
			cmocka_unit_test(the_purpose_is_the_peers),
			cmocka_unit_test(only_the_anchors_are_trusted),
			cmocka_unit_test(without_trust_the_end_entity_alone_counts),
			cmocka_unit_test(crls_revoke),
			cmocka_unit_test(files_that_are_no_good_are_told),
			cmocka_unit_test(a_peers_file_is_read_in_its_order),
	};

	return cmocka_run_group_tests(tests, make_line, free_line);
}
