/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hostile_certs DIR - certificates that no honest CA signs, in PEM, and the CA
 * that signed them all as ca.pem; key.pem is everybody's. The CN of each is
 * sip.carrier.example. What is wrong with san-*.pem is the SubjectAltName
 * alone, with ext-*.pem another extension; nc-*.pem hold a chain whose CA may
 * vouch for names below other.example only, and not for no.other.example; that
 * of ncdot-*.pem for .carrier.example, so not for carrier.example, which is
 * their CN. chain-64k.pem is one whose chain has more than 64 KB, for a name
 * that is no proxy.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#define OCTETS(literal) (const unsigned char *)(literal), sizeof(literal) - 1

#define CARRIER "sip.carrier.example"
static const char common_name[] = CARRIER;
static const unsigned char good_san[] = "\x30\x15\x82\x13sip.carrier.example";

static void need(int done, const char *what)
{
	if(done)
		return;
	fprintf(stderr, "hostile_certs: %s\n", what);
	ERR_print_errors_fp(stderr);
	exit(1);
}

static void add_text(X509 *certificate, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	need(extension && X509_add_ext(certificate, extension, -1), value);
	X509_EXTENSION_free(extension);
}

static void add_san(X509 *certificate, const unsigned char *der, size_t octets)
{
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	X509_EXTENSION *extension;

	need(value && ASN1_OCTET_STRING_set(value, der, (int)octets), "memory");
	extension =
			X509_EXTENSION_create_by_NID(NULL, NID_subject_alt_name, 0, value);
	need(extension && X509_add_ext(certificate, extension, -1), "SAN");
	X509_EXTENSION_free(extension);
	ASN1_OCTET_STRING_free(value);
}

static X509 *new_certificate(const char *name, EVP_PKEY *key, X509 *issuer)
{
	static long serial;
	X509 *out = X509_new();
	X509_NAME *subject;

	need(out && X509_set_version(out, X509_VERSION_3), "memory");
	ASN1_INTEGER_set(X509_get_serialNumber(out), ++serial);
	X509_gmtime_adj(X509_getm_notBefore(out), -60);
	X509_gmtime_adj(X509_getm_notAfter(out), 24L * 3600);
	need(X509_set_pubkey(out, key), "key");
	subject = X509_get_subject_name(out);
	need(X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_ASC,
				 (const unsigned char *)name, -1, -1, 0),
			"CN");
	need(X509_set_issuer_name(
				 out, issuer ? X509_get_subject_name(issuer) : subject),
			"issuer");
	return out;
}

static void save(X509 *certificate, const char *dir, const char *name)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s.pem", dir, name);
	file = fopen(path, "w");
	need(file && PEM_write_X509(file, certificate) && fclose(file) == 0, path);
}

/* Signs and writes |certificate| as DIR/NAME.pem. */
static void finish(
		X509 *certificate, EVP_PKEY *key, const char *dir, const char *name)
{
	need(X509_sign(certificate, key, EVP_sha256()) > 0, "signature");
	save(certificate, dir, name);
}

/* X509_sign of OpenSSL 3.4 and later makes version 3 of what has extensions: so
 * the version is set after it, and what was signed is signed again. */
static void finish_as_version_1(
		X509 *certificate, EVP_PKEY *key, const char *dir, const char *name)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	const ASN1_BIT_STRING *signature;
	unsigned char made[512], *tbs = NULL;
	size_t octets = sizeof(made);
	int tbs_octets;

	need(X509_sign(certificate, key, EVP_sha256()) > 0
					&& X509_set_version(certificate, X509_VERSION_1),
			"version 1");
	tbs_octets = i2d_re_X509_tbs(certificate, &tbs);
	need(context && tbs_octets > 0
					&& EVP_DigestSignInit(
							   context, NULL, EVP_sha256(), NULL, key)
							   > 0
					&& EVP_DigestSign(
							   context, made, &octets, tbs, (size_t)tbs_octets)
							   > 0,
			"signature");
	X509_get0_signature(&signature, NULL, certificate);
	need(ASN1_STRING_set((ASN1_STRING *)signature, made, (int)octets),
			"signature");
	save(certificate, dir, name);
	EVP_MD_CTX_free(context);
	OPENSSL_free(tbs);
}

/* DIR/key.pem belongs to all of them. */
static void save_key(EVP_PKEY *key, const char *dir)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/key.pem", dir);
	file = fopen(path, "w");
	need(file && PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL)
					&& fclose(file) == 0,
			path);
}

static X509 *new_named_end_entity(const char *name, EVP_PKEY *key, X509 *ca)
{
	X509 *out = new_certificate(name, key, ca);

	add_text(out, NID_basic_constraints, "CA:FALSE");
	add_text(out, NID_ext_key_usage, "serverAuth,clientAuth");
	return out;
}

static X509 *new_end_entity(EVP_PKEY *key, X509 *ca)
{
	return new_named_end_entity(common_name, key, ca);
}

static void add_many(X509 *certificate, int count)
{
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	unsigned char *der = NULL;
	char text[64];
	int octets;

	for(int i = 0; i < count; i++) {
		GENERAL_NAME *name = GENERAL_NAME_new();
		ASN1_IA5STRING *host = ASN1_IA5STRING_new();

		snprintf(text, sizeof(text), "n%d.carrier.example", i);
		need(name && host && ASN1_STRING_set(host, text, -1), "memory");
		GENERAL_NAME_set0_value(name, GEN_DNS, host);
		need(sk_GENERAL_NAME_push(names, name), "memory");
	}
	octets = i2d_GENERAL_NAMES(names, &der);
	need(octets > 0, "SAN");
	add_san(certificate, der, (size_t)octets);
	OPENSSL_free(der);
	GENERAL_NAMES_free(names);
}

/* Each SAN lies in the certificate as it stands here. */
static void write_sans(EVP_PKEY *key, X509 *ca, const char *dir)
{
	/* clang-format off */
	static const struct
	{
		const char *name;
		const unsigned char *der;
		size_t octets;
		int copies;
	} sans[] = {
		{"san-nul", OCTETS("\x30\x22\x82\x20" "sip.carrier.example\0evil.example"), 1},
		{"san-malformed", good_san, sizeof(good_san) - 6, 1}, /* cut off */
		{"san-twice", good_san, sizeof(good_san) - 1, 2},
		{"san-empty", OCTETS("\x30\0"), 1},
		{"san-long-length", OCTETS("\x30\x81\x15\x82\x13" "sip.carrier.example"), 1},
		{"san-long-entry", OCTETS("\x30\x16\x82\x81\x13" "sip.carrier.example"), 1},
		{"san-indefinite", OCTETS("\x30\x80\x82\x13" "sip.carrier.example\0\0"), 1},
		{"san-constructed", OCTETS("\x30\x17\xa2\x15\x16\x13" "sip.carrier.example"), 1},
		{"san-trailing", OCTETS("\x30\x15\x82\x13" "sip.carrier.example\0"), 1},
		{"san-latin1", OCTETS("\x30\x16\x82\x14" "s\xefp.carrier.example\x20"), 1},
		{"san-ip-5", OCTETS("\x30\x1c\x82\x13" "sip.carrier.example\x87\x05\xc0\0\x02\x01\0"), 1},
	};
	/* clang-format on */

	for(size_t i = 0; i < sizeof(sans) / sizeof(*sans); i++) {
		X509 *out = new_end_entity(key, ca);

		for(int copy = 0; copy < sans[i].copies; copy++)
			add_san(out, sans[i].der, sans[i].octets);
		finish(out, key, dir, sans[i].name);
		X509_free(out);
	}
	for(int count = 3500; count <= 10000; count += 6500) {
		X509 *out = new_end_entity(key, ca);
		char name[32];

		snprintf(name, sizeof(name), "san-%d", count);
		add_many(out, count);
		finish(out, key, dir, name);
		X509_free(out);
	}
}

/* A good SAN beside extensions that are not. */
static void write_extensions(EVP_PKEY *key, X509 *ca, const char *dir)
{
	X509 *out = new_end_entity(key, ca);

	add_san(out, good_san, sizeof(good_san) - 1);
	add_text(out, NID_ext_key_usage, "serverAuth,clientAuth");
	finish(out, key, dir, "ext-twice");
	X509_free(out);

	out = new_end_entity(key, ca);
	add_san(out, good_san, sizeof(good_san) - 1);
	for(int i = 0; i < 70; i++) {
		char oid[32];
		ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
		ASN1_OBJECT *object;
		X509_EXTENSION *extension;

		snprintf(oid, sizeof(oid), "1.3.6.1.4.1.32473.%d", i);
		object = OBJ_txt2obj(oid, 1);
		need(value && object && ASN1_OCTET_STRING_set(value, OCTETS("\5\0")),
				"memory");
		extension = X509_EXTENSION_create_by_OBJ(NULL, object, 0, value);
		need(extension && X509_add_ext(out, extension, -1), oid);
		X509_EXTENSION_free(extension);
		ASN1_OBJECT_free(object);
		ASN1_OCTET_STRING_free(value);
	}
	finish(out, key, dir, "ext-70");
	X509_free(out);

	out = new_end_entity(key, ca);
	add_san(out, good_san, sizeof(good_san) - 1);
	finish_as_version_1(out, key, dir, "ext-version-1");
	X509_free(out);
}

struct constrained
{
	const char *name, *common_name, *san;
};

/* Under a CA of its own, which lies behind it in the file. */
static void write_constrained(EVP_PKEY *key, X509 *ca, const char *dir,
		const char *constraints, const struct constrained *rows, size_t count)
{
	X509 *middle = new_certificate("Constrained CA", key, ca);

	add_text(middle, NID_basic_constraints, "critical,CA:TRUE");
	add_text(middle, NID_key_usage, "critical,keyCertSign");
	add_text(middle, NID_name_constraints, constraints);
	need(X509_sign(middle, key, EVP_sha256()) > 0, "signature");
	for(size_t i = 0; i < count; i++) {
		X509 *out = new_named_end_entity(rows[i].common_name, key, middle);
		char path[4096];
		FILE *file;

		add_text(out, NID_subject_alt_name, rows[i].san);
		finish(out, key, dir, rows[i].name);
		snprintf(path, sizeof(path), "%s/%s.pem", dir, rows[i].name);
		file = fopen(path, "a");
		need(file && PEM_write_X509(file, middle) && fclose(file) == 0, path);
		X509_free(out);
	}
	X509_free(middle);
}

static void write_all_constrained(EVP_PKEY *key, X509 *ca, const char *dir)
{
	static const struct constrained plain[] = {
			{"nc-cn", CARRIER, "DNS:sip.other.example"}, /* CN outside */
			{"nc-cn-email", CARRIER, "email:a@other.example"},
			{"nc-uri", CARRIER,
					"DNS:sip.other.example,URI:sip:sip.carrier.example"},
			{"nc-wildcard", CARRIER,
					"DNS:*.other.example"}, /* no.other.example */
			{"nc-outside", CARRIER, "DNS:sip.carrier.example"},
	};
	static const struct constrained dotted[] = {
			{"ncdot-cn", "carrier.example", "DNS:x.carrier.example"},
			{"ncdot-uri", "carrier.example",
					"DNS:x.carrier.example,URI:sip:carrier.example"},
	};

	write_constrained(key, ca, dir,
			"critical,permitted;DNS:other.example,excluded;DNS:no.other."
			"example",
			plain, sizeof(plain) / sizeof(*plain));
	write_constrained(key, ca, dir, "critical,permitted;DNS:.carrier.example",
			dotted, sizeof(dotted) / sizeof(*dotted));
}

/* Behind the end entity lie those that signed each other, its issuer first. */
static void write_long_chain(EVP_PKEY *key, X509 *ca, const char *dir)
{
	enum
	{
		LINKS = 160
	};
	X509 *links[LINKS], *issuer = ca, *out;
	char path[4096], name[64];
	FILE *file;

	for(int i = 0; i < LINKS; i++) {
		snprintf(name, sizeof(name), "Link %d of a long chain", i);
		links[i] = new_certificate(name, key, issuer);
		add_text(links[i], NID_basic_constraints, "critical,CA:TRUE");
		need(X509_sign(links[i], key, EVP_sha256()) > 0, "signature");
		issuer = links[i];
	}
	out = new_named_end_entity("sip.stranger.example", key, issuer);
	finish(out, key, dir, "chain-64k");
	snprintf(path, sizeof(path), "%s/chain-64k.pem", dir);
	file = fopen(path, "a");
	for(int i = LINKS - 1; i >= 0; i--)
		need(file && PEM_write_X509(file, links[i]), path);
	need(fclose(file) == 0, path);
	for(int i = 0; i < LINKS; i++)
		X509_free(links[i]);
	X509_free(out);
}

int main(int argc, char **argv)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *ca;

	if(argc != 2) {
		fputs("usage: hostile_certs DIR\n", stderr);
		return 2;
	}
	need(key != NULL, "key");
	ca = new_certificate("Hostile CA", key, NULL);
	add_text(ca, NID_basic_constraints, "critical,CA:TRUE");
	add_text(ca, NID_key_usage, "critical,keyCertSign");
	finish(ca, key, argv[1], "ca");
	save_key(key, argv[1]);

	write_sans(key, ca, argv[1]);
	write_extensions(key, ca, argv[1]);
	write_all_constrained(key, ca, argv[1]);
	write_long_chain(key, ca, argv[1]);
	X509_free(ca);
	EVP_PKEY_free(key);
	return 0;
}
