/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * strict_certs DIR - a small PKI in which every certificate lacks one thing, or
 * nothing: keyUsage, extendedKeyUsage, basicConstraints, a date, a CRL. Each
 * NAME.pem holds the chain up to the root, which is ca.pem; NAME.key its key.
 * The SubjectAltName of each end entity is trusted.example.com.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define DAY (24L * 3600)
#define CA "critical,CA:TRUE"
#define EE "CA:FALSE"
#define SIGN_CERTS "critical,keyCertSign,cRLSign"
#define BOTH "clientAuth,serverAuth"
#define SIP "1.3.6.1.5.5.7.3.20"

/* clang-format off */
static const struct row
{
	const char *name, *issuer; /* NULL: itself */
	const char *constraints, *key_usage, *purposes; /* NULL: none */
	long from_s, to_s; /* from now */
} rows[] = {
	{"ca", NULL, CA, SIGN_CERTS, NULL, -DAY, 30 * DAY},
	{"plain-ca", NULL, CA, NULL, NULL, -DAY, 30 * DAY},
	{"server", "ca", EE, "digitalSignature", BOTH, -DAY, 30 * DAY},
	{"int", "ca", CA, SIGN_CERTS, BOTH, -DAY, 30 * DAY},
	{"int-no-purposes", "ca", CA, SIGN_CERTS, NULL, -DAY, 30 * DAY},
	{"int-no-usage", "ca", CA, NULL, BOTH, -DAY, 30 * DAY},
	{"int-server", "ca", CA, SIGN_CERTS, "serverAuth", -DAY, 30 * DAY},
	{"int-utf8", "ca", CA, SIGN_CERTS, BOTH, -9 * DAY, -3 * DAY - 60},
	{"int-expired", "ca", CA, SIGN_CERTS, BOTH, -9 * DAY, -3 * DAY - 60},
	{"good", "int", EE, "digitalSignature", BOTH, -DAY, 30 * DAY},
	{"good-root", "ca", EE, "digitalSignature", BOTH, -DAY, 30 * DAY},
	{"good-plain", "plain-ca", EE, "digitalSignature", BOTH, -DAY, 30 * DAY},
	{"no-usage", "int", EE, NULL, BOTH, -DAY, 30 * DAY},
	{"no-purposes", "int", EE, "digitalSignature", NULL, -DAY, 30 * DAY},
	{"nothing", "int", NULL, NULL, NULL, -DAY, 30 * DAY},
	{"no-signature", "int", EE, "keyAgreement", BOTH, -DAY, 30 * DAY},
	{"client-only", "int", EE, "digitalSignature", "clientAuth", -DAY, 30 * DAY},
	{"server-only", "int", EE, "digitalSignature", "serverAuth", -DAY, 30 * DAY},
	{"server-chain", "int-server", EE, "digitalSignature", "serverAuth", -DAY, 30 * DAY},
	{"client-under-server", "int-server", EE, "digitalSignature", "clientAuth", -DAY, 30 * DAY},
	{"server-encrypts", "int", EE, "keyEncipherment", "serverAuth", -DAY, 30 * DAY},
	{"sip-only", "int", EE, "digitalSignature", SIP, -DAY, 30 * DAY},
	{"sip-both", "int", EE, "digitalSignature", BOTH "," SIP, -DAY, 30 * DAY},
	{"any-purpose", "int", EE, "digitalSignature", "anyExtendedKeyUsage", -DAY, 30 * DAY},
	{"gated", "int", EE, "digitalSignature", "msSGC,nsSGC", -DAY, 30 * DAY},
	{"code-signing", "int", EE, "digitalSignature", "codeSigning", -DAY, 30 * DAY},
	{"under-no-purposes", "int-no-purposes", EE, "digitalSignature", BOTH, -DAY, 30 * DAY},
	{"under-no-usage", "int-no-usage", EE, "digitalSignature", BOTH, -DAY, 30 * DAY},
	{"under-expired", "int-expired", EE, "digitalSignature", BOTH, -DAY, 30 * DAY},
	{"under-utf8", "int-utf8", EE, "digitalSignature", BOTH, -DAY, 30 * DAY},
	{"expired", "int", EE, "digitalSignature", BOTH, -9 * DAY, -3 * DAY - 60},
	{"just-expired", "int", EE, "digitalSignature", BOTH, -9 * DAY, -90},
	{"future", "int", EE, "digitalSignature", BOTH, 3 * 3600 + 60, 30 * DAY},
	{"revoked", "int", EE, "digitalSignature", BOTH, -DAY, 30 * DAY},
};
/* clang-format on */

static X509 *certificates[COUNT(rows)];
static EVP_PKEY *keys[COUNT(rows)];
static const char *dir;

static void need(int done, const char *what)
{
	if(done)
		return;
	fprintf(stderr, "strict_certs: %s\n", what);
	ERR_print_errors_fp(stderr);
	exit(1);
}

static size_t find(const char *name)
{
	for(size_t i = 0; i < COUNT(rows); i++)
		if(strcmp(rows[i].name, name) == 0)
			return i;
	need(0, name);
	return 0;
}

static FILE *create(const char *name, const char *suffix)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s%s", dir, name, suffix);
	file = fopen(path, "w");
	need(file != NULL, path);
	return file;
}

static void add(X509 *certificate, int nid, const char *value)
{
	X509_EXTENSION *extension;

	if(!value)
		return;
	extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	need(extension && X509_add_ext(certificate, extension, -1), value);
	X509_EXTENSION_free(extension);
}

static void make(size_t i)
{
	const struct row *row = &rows[i];
	size_t issuer = row->issuer ? find(row->issuer) : i;
	X509 *out = certificates[i] = X509_new();
	X509_NAME *subject;

	/* RSA key transport needs one */
	keys[i] = strcmp(row->name, "server-encrypts") == 0 ? EVP_RSA_gen(2048)
														: EVP_EC_gen("P-256");
	need(out && keys[i] && X509_set_version(out, X509_VERSION_3), "memory");
	ASN1_INTEGER_set(X509_get_serialNumber(out), (long)i + 1);
	X509_gmtime_adj(X509_getm_notBefore(out), row->from_s);
	X509_gmtime_adj(X509_getm_notAfter(out), row->to_s);
	need(X509_set_pubkey(out, keys[i]), "key");
	subject = X509_get_subject_name(out);
	need(X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8,
				 (const unsigned char *)(strcmp(row->name, "int-utf8") == 0
												 ? "M\xc3\xbcnchen"
												 : row->name),
				 -1, -1, 0),
			"CN");
	need(X509_set_issuer_name(out, X509_get_subject_name(certificates[issuer])),
			"issuer");
	add(out, NID_basic_constraints, row->constraints);
	add(out, NID_key_usage, row->key_usage);
	add(out, NID_ext_key_usage, row->purposes);
	if(!row->constraints || strcmp(row->constraints, EE) == 0)
		add(out, NID_subject_alt_name, "DNS:trusted.example.com");
	need(X509_sign(out, keys[issuer], EVP_sha256()) > 0, "signature");
}

static void save(size_t i)
{
	FILE *file = create(rows[i].name, ".key");

	need(PEM_write_PrivateKey(file, keys[i], NULL, NULL, 0, NULL, NULL), "key");
	fclose(file);
	file = create(rows[i].name, ".pem");
	for(;; i = find(rows[i].issuer)) {
		need(PEM_write_X509(file, certificates[i]), "certificate");
		if(!rows[i].issuer)
			break;
	}
	fclose(file);
}

/* A CRL of |issuer|; |revoked| may be NULL. */
static void add_crl(FILE *file, const char *issuer, const char *revoked,
		long from_s, long to_s)
{
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *time = ASN1_TIME_new();
	size_t i = find(issuer);

	need(crl && time && X509_CRL_set_version(crl, X509_CRL_VERSION_2), "CRL");
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(certificates[i]));
	X509_gmtime_adj(time, from_s);
	X509_CRL_set1_lastUpdate(crl, time);
	if(revoked) {
		X509_REVOKED *entry = X509_REVOKED_new();

		need(entry != NULL, "memory");
		X509_REVOKED_set_serialNumber(
				entry, X509_get_serialNumber(certificates[find(revoked)]));
		X509_REVOKED_set_revocationDate(entry, time);
		X509_CRL_add0_revoked(crl, entry);
	}
	X509_gmtime_adj(time, to_s);
	X509_CRL_set1_nextUpdate(crl, time);
	need(X509_CRL_sign(crl, keys[i], EVP_sha256()) > 0, "CRL");
	need(PEM_write_X509_CRL(file, crl), "CRL");
	ASN1_TIME_free(time);
	X509_CRL_free(crl);
}

int main(int argc, char **argv)
{
	FILE *file;

	if(argc != 2) {
		fputs("usage: strict_certs DIR\n", stderr);
		return 2;
	}
	dir = argv[1];
	for(size_t i = 0; i < COUNT(rows); i++)
		make(i);
	for(size_t i = 0; i < COUNT(rows); i++)
		save(i);
	file = create("good", ".crl");
	add_crl(file, "ca", NULL, -DAY, 30 * DAY);
	add_crl(file, "int", "revoked", -DAY, 30 * DAY);
	fclose(file);
	file = create("expired", ".crl");
	add_crl(file, "ca", NULL, -DAY, 30 * DAY);
	add_crl(file, "int", "revoked", -9 * DAY, -3 * DAY - 60);
	fclose(file);
	file = create("missing", ".crl"); /* of the CA that issues most */
	add_crl(file, "ca", NULL, -DAY, 30 * DAY);
	fclose(file);
	for(size_t i = 0; i < COUNT(rows); i++) {
		X509_free(certificates[i]);
		EVP_PKEY_free(keys[i]);
	}
	return 0;
}
