/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer_chain_test - chains as OpenSSL builds them -> facts: what each
 * certificate may be used for, what an error is about, and which error of a
 * purpose is forgiven.
 */
#include "made_chain.h"

#include <string.h>

#include <openssl/err.h>

#include "openssl/certificate/peer_chain.h"
#include "openssl/certificate/verify_file.h"

#define SERVER TLSP_ROLE_SERVER
#define CLIENT TLSP_ROLE_CLIENT
#define SIP "1.3.6.1.5.5.7.3.20"
#define NAME "subjectAltName=DNS:a.example"

static struct tlsp_peer_cert peer;
static struct tlsp_policy policy;

/* |certificates| from the end entity to the root, which is trusted. */
static void verify(X509 **certificates, size_t count, enum tlsp_role role)
{
	STACK_OF(X509) *stack = stack_of(certificates, count);
	X509_STORE *store = X509_STORE_new();
	struct tlsp_verify_trust trust = {store, 9, 1};

	assert_true(X509_STORE_add_cert(store, certificates[count - 1]));
	memset(&peer, 0xa5, sizeof(peer));
	ERR_clear_error();
	tlsp_verify_file_peer(&peer, stack, &trust, &policy, role);
	assert_int_equal(ERR_peek_error(), 0);
	X509_STORE_free(store);
	sk_X509_free(stack);
}

static void free_all(X509 **certificates, size_t count)
{
	tlsp_peer_cert_cleanup(&peer);
	for(size_t i = 0; i < count; i++)
		X509_free(certificates[i]);
}

static int defaults(void **state)
{
	(void)state;
	tlsp_parameters_defaults(&policy);
	policy.sips_require_client_certificate = 1;
	return 0;
}

/* A purpose that the peer's part needs, and settings that forgive another. */
static const struct row
{
	const char *label;
	enum tlsp_role role;
	bool server_auth;	   /* accept_server_auth_clients */
	int sip_domain;		   /* sip_domain_purpose */
	const char *leaf, *ca; /* extensions */
	const char *says;	   /* NULL: verified */
} rows[] = {
		{"no purposes", SERVER, false, 0, NAME, NULL, NULL},
		{"clientAuth", SERVER, false, 0, "extendedKeyUsage=clientAuth", NULL,
				NULL},
		{"serverAuth of a client", SERVER, false, 0,
				"extendedKeyUsage=serverAuth", NULL,
				"extendedKeyUsage has serverAuth and lacks clientAuth (see "
				"accept_server_auth_clients)"},
		{"clientAuth of a server", CLIENT, true, 0,
				"extendedKeyUsage=clientAuth", NULL,
				"extendedKeyUsage lacks serverAuth"},
		{"codeSigning", SERVER, true, 2, "extendedKeyUsage=codeSigning", NULL,
				"extendedKeyUsage lacks clientAuth"},
		{"serverAuth, forgiven", SERVER, true, 0, "extendedKeyUsage=serverAuth",
				NULL, NULL},
		{"serverAuth of a CA", SERVER, false, 0, "extendedKeyUsage=clientAuth",
				"extendedKeyUsage=serverAuth",
				"extendedKeyUsage has serverAuth and lacks clientAuth"},
		{"serverAuth of a CA, forgiven", SERVER, true, 0,
				"extendedKeyUsage=clientAuth", "extendedKeyUsage=serverAuth",
				NULL},
		{"id-kp-sipDomain, forgiven", SERVER, false, 1, "extendedKeyUsage=" SIP,
				NULL, NULL},
		{"id-kp-sipDomain of a server, forgiven", CLIENT, false, 1,
				"extendedKeyUsage=" SIP, NULL, NULL},
		{"id-kp-sipDomain, ignored", SERVER, true, 0, "extendedKeyUsage=" SIP,
				NULL, "extendedKeyUsage lacks clientAuth"},
		{"serverAuth, but the key may only be encrypted to", SERVER, true, 0,
				"extendedKeyUsage=serverAuth|keyUsage=keyEncipherment", NULL,
				"purpose: keyUsage does not allow TLS"},
		{"the same, not forgiven: the key is told, not the purpose", SERVER,
				false, 0,
				"extendedKeyUsage=serverAuth|keyUsage=keyEncipherment", NULL,
				"purpose: keyUsage does not allow TLS"},
		{"clientAuth, and the key may not sign", SERVER, false, 0,
				"extendedKeyUsage=clientAuth|keyUsage=keyCertSign", NULL,
				"purpose: keyUsage does not allow TLS"},
		{"a key that agrees does for a client", SERVER, true, 0,
				"extendedKeyUsage=serverAuth|keyUsage=keyAgreement", NULL,
				NULL},
		{"a key that is encrypted to does for a server", CLIENT, false, 1,
				"extendedKeyUsage=" SIP "|keyUsage=keyEncipherment", NULL,
				NULL},
		{"a key that only signs CRLs does for nobody", CLIENT, false, 1,
				"extendedKeyUsage=" SIP "|keyUsage=cRLSign", NULL,
				"purpose: keyUsage does not allow TLS"},
		{"nsCertType that says server", SERVER, true, 0,
				"extendedKeyUsage=serverAuth|nsCertType=server", NULL, NULL},
		{"nsCertType that says client only", SERVER, true, 0,
				"extendedKeyUsage=serverAuth|nsCertType=client", NULL,
				"purpose: nsCertType does not allow TLS"},
		{"nsCertType that says email only", SERVER, false, 0,
				"extendedKeyUsage=clientAuth|nsCertType=email", NULL,
				"purpose: nsCertType does not allow TLS"},
		{"nsCertType of a CA that has basicConstraints says nothing", SERVER,
				true, 0, "extendedKeyUsage=clientAuth",
				"extendedKeyUsage=serverAuth|nsCertType=emailCA", NULL},
		{"nsCertType of a CA for TLS", SERVER, true, 0,
				"extendedKeyUsage=clientAuth",
				"extendedKeyUsage=serverAuth|nsCertType=sslCA", NULL},
};

static bool comes_out(const struct row *row)
{
	const struct tlsp_peer_facts *facts = &peer.facts;

	if(!row->says)
		return facts->chain == TLSP_CHAIN_VERIFIED && facts->usage.complete
			   && facts->usage.count == 3 && !facts->chain_error;
	return facts->chain == TLSP_CHAIN_NOT_TRUSTED && facts->chain_error
		   && strstr(facts->chain_error, row->says)
		   && strncmp(facts->chain_error,
					  "unsuitable certificate purpose: ", 32)
					  == 0
		   && !facts->usage.complete
		   && facts->chain_place.depth == (row->ca != NULL);
}

static void purposes_are_told_or_forgiven(void **state)
{
	unsigned failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++) {
		const struct row *row = &rows[i];
		char ca[512];
		X509 *all[3];

		defaults(NULL);
		policy.accept_server_auth_clients = row->server_auth;
		policy.sip_domain_purpose = row->sip_domain;
		snprintf(ca, sizeof(ca), MADE_CA "|%s", row->ca ? row->ca : "");
		all[2] = make_certificate("root", NULL, MADE_CA);
		all[1] = make_certificate("middle", all[2], ca);
		all[0] = make_certificate("leaf", all[1], row->leaf);
		verify(all, 3, row->role);
		if(!comes_out(row)) {
			print_message("FAIL %s: chain %d, %s\n", row->label,
					peer.facts.chain,
					peer.facts.chain_error ? peer.facts.chain_error : "-");
			failures++;
		}
		free_all(all, 3);
	}
	assert_int_equal(failures, 0);
}

/* A setting forgives the purpose and nothing else. */
static void nothing_but_the_purpose_is_forgiven(void **state)
{
	X509 *all[2], *other = make_certificate("root", NULL, MADE_CA);
	X509_STORE *store = X509_STORE_new();
	struct tlsp_verify_trust trust = {store, 9, 1};
	STACK_OF(X509) * stack;

	(void)state;
	policy.accept_server_auth_clients = 1;
	all[1] = make_certificate("root", NULL, MADE_CA);
	all[0] = make_certificate_for("leaf", all[1], "extendedKeyUsage=serverAuth",
			made_key(), -2 * MADE_DAY_S, -MADE_DAY_S);
	verify(all, 2, SERVER);
	assert_int_equal(peer.facts.chain, TLSP_CHAIN_EXPIRED);
	assert_int_equal(peer.facts.chain_place.depth, 0);
	assert_true(peer.facts.chain_place.seconds > MADE_DAY_S - 60
				&& peer.facts.chain_place.seconds < MADE_DAY_S + 600);
	assert_non_null(strstr(peer.facts.chain_place.date, " UTC"));
	free_all(all, 2);

	all[1] = make_certificate("another", NULL, MADE_CA);
	all[0] = make_certificate("leaf", all[1], "extendedKeyUsage=serverAuth");
	stack = stack_of(all, 2);
	X509_STORE_add_cert(store, other);
	tlsp_verify_file_peer(&peer, stack, &trust, &policy, SERVER);
	assert_int_equal(peer.facts.chain, TLSP_CHAIN_NOT_TRUSTED);
	sk_X509_free(stack);
	free_all(all, 2);
	X509_STORE_free(store);
	X509_free(other);
}

static void an_error_names_its_certificate_and_date(void **state)
{
	X509 *all[3];

	(void)state;
	all[2] = make_certificate("root", NULL, MADE_CA);
	all[1] = make_certificate_for("M\xc3\xbcnchen \"CA\"", all[2], MADE_CA,
			made_key(), 2 * MADE_DAY_S, 30 * MADE_DAY_S);
	all[0] = make_certificate("leaf", all[1], NAME);
	verify(all, 3, SERVER);
	assert_int_equal(peer.facts.chain, TLSP_CHAIN_NOT_YET_VALID);
	assert_int_equal(peer.facts.chain_place.depth, 1);
	assert_true(peer.facts.chain_place.seconds > 2 * MADE_DAY_S - 600
				&& peer.facts.chain_place.seconds <= 2 * MADE_DAY_S);
	/* as it is: who prints it escapes it, once */
	assert_string_equal(
			peer.facts.chain_place.subject, "/CN=M\xc3\xbcnchen \"CA\"");
	free_all(all, 3);
}

/* The whole chain by value: purposes, key, CA and which is the trust anchor. */
static void every_certificate_of_a_chain_is_read(void **state)
{
	const struct tlsp_chain_usage *usage = &peer.facts.usage;
	X509 *all[3];

	(void)state;
	all[2] = make_certificate("root", NULL, "basicConstraints=CA:TRUE");
	all[1] = make_certificate("middle", all[2], MADE_CA);
	all[0] =
			make_certificate("leaf", all[1], "keyUsage=digitalSignature|" NAME);
	verify(all, 3, SERVER);
	assert_int_equal(usage->count, 3);
	assert_true(usage->complete);
	assert_false(usage->vouched);
	for(size_t i = 0; i < 3; i++) {
		assert_int_equal(usage->certificates[i].trust_anchor, i == 2);
		assert_int_equal(usage->certificates[i].ca, i > 0);
		assert_int_equal(usage->certificates[i].key_usage_present, i < 2);
	}
	assert_int_equal(
			usage->certificates[0].key_usage, TLSP_KEY_DIGITAL_SIGNATURE);
	assert_int_equal(usage->certificates[1].key_usage, TLSP_KEY_CERT_SIGN);
	assert_string_equal(usage->certificates[1].subject, "/CN=middle");
	free_all(all, 3);
}

/* Subjects are cut, and what no text can hold is marked. */
static void odd_subjects_stay_within_their_bounds(void **state)
{
	char name[200], unit[64];
	X509 *certificate = make_certificate("a", NULL, NULL);
	X509_NAME *subject = X509_get_subject_name(certificate);
	struct tlsp_cert_usage usage;

	(void)state;
	X509_NAME_add_entry_by_NID(subject, NID_organizationName, MBSTRING_ASC,
			(const unsigned char *)"b\0c\n", 4, -1, 0);
	tlsp_peer_cert_read_usage(&usage, certificate);
	assert_string_equal(usage.subject, "/CN=a/O=b\xef\xbf\xbd"
									   "c\n");
	memset(name, 'x', sizeof(name));
	memset(unit, 'y', sizeof(unit));
	for(int i = 0; i < 3; i++)
		X509_NAME_add_entry_by_NID(subject, NID_organizationalUnitName,
				MBSTRING_ASC, (const unsigned char *)unit, sizeof(unit), -1, 0);
	tlsp_peer_cert_read_usage(&usage, certificate);
	assert_int_equal(strlen(usage.subject), TLSP_SUBJECT_OCTETS - 1);
	X509_NAME_add_entry_by_txt(subject, "1.3.6.1.4.1.32473.1", MBSTRING_ASC,
			(const unsigned char *)"z", 1, 0, 0);
	tlsp_peer_cert_read_usage(&usage, certificate);
	assert_memory_equal(usage.subject, "/1.3.6.1.4.1.32473.1=z/CN=a", 27);
	X509_free(certificate);
}

/* What OpenSSL would not have built by itself, read as if it had. */
static void read_as_verified(X509 **certificates, size_t count)
{
	STACK_OF(X509) *stack = sk_X509_new_null();
	X509_STORE_CTX *context = X509_STORE_CTX_new();

	for(size_t i = 0; i < count; i++) {
		X509_up_ref(certificates[i]);
		sk_X509_push(stack, certificates[i]);
	}
	assert_true(X509_STORE_CTX_init(context, NULL, certificates[0], NULL));
	X509_STORE_CTX_set0_verified_chain(context, stack);
	ERR_clear_error();
	tlsp_peer_cert_read(&peer, certificates[0]);
	tlsp_peer_chain_read(&peer, true, context, SERVER);
	assert_int_equal(ERR_peek_error(), 0);
	X509_STORE_CTX_free(context);
}

static void a_ca_with_odd_extensions_makes_the_chain_malformed(void **state)
{
	static const struct
	{
		const char *label, *extensions;
		bool twice, malformed;
	} cas[] = {
			{"as it should be", "1.3.6.1.4.1.32473.1=ASN1:NULL", false, false},
			{"an unknown extension twice", "1.3.6.1.4.1.32473.1=ASN1:NULL",
					true, true},
			{"a keyUsage that is none", "keyUsage=DER:30:00", false, true},
			{"an extendedKeyUsage that is cut off",
					"extendedKeyUsage=DER:30:05:06:03", false, true},
			{"name constraints that are none", "nameConstraints=DER:04:00",
					false, true},
	};
	unsigned failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(cas); i++) {
		X509 *all[3];

		all[2] = make_certificate("root", NULL, MADE_CA);
		all[1] = make_certificate("middle", all[2], cas[i].extensions);
		if(cas[i].twice) {
			add_extension(all[1], "1.3.6.1.4.1.32473.1", "ASN1:NULL");
			sign_again(all[1]);
		}
		all[0] = make_certificate("leaf", all[1], NAME);
		read_as_verified(all, 3);
		if((peer.facts.malformed != NULL) != cas[i].malformed
				|| (cas[i].malformed
						&& !strstr(peer.facts.malformed, "a CA of the"))) {
			print_message("FAIL %s: %s\n", cas[i].label,
					peer.facts.malformed ? peer.facts.malformed : "-");
			failures++;
		}
		free_all(all, 3);
	}
	assert_int_equal(failures, 0);
}

/* More than are kept are counted, and of the last kept no trust anchor made. */
static void a_long_chain_is_counted(void **state)
{
	X509 *all[TLSP_CHAIN_MAX + 2];

	(void)state;
	for(size_t i = COUNT(all); i-- > 0;)
		all[i] = make_certificate(
				"ca", i + 1 < COUNT(all) ? all[i + 1] : NULL, MADE_CA);
	read_as_verified(all, COUNT(all));
	assert_int_equal(peer.facts.usage.count, TLSP_CHAIN_MAX + 2);
	assert_false(
			peer.facts.usage.certificates[TLSP_CHAIN_MAX - 1].trust_anchor);
	free_all(all, COUNT(all));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(purposes_are_told_or_forgiven),
			cmocka_unit_test_setup(
					nothing_but_the_purpose_is_forgiven, defaults),
			cmocka_unit_test_setup(
					an_error_names_its_certificate_and_date, defaults),
			cmocka_unit_test_setup(
					every_certificate_of_a_chain_is_read, defaults),
			cmocka_unit_test(odd_subjects_stay_within_their_bounds),
			cmocka_unit_test(
					a_ca_with_odd_extensions_makes_the_chain_malformed),
			cmocka_unit_test(a_long_chain_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
