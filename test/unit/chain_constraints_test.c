/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * chain_constraints_test - name constraints of real chains: what is laid on
 * which identity, beside what OpenSSL makes of the same subtree.
 */
#include "made_chain.h"

#include <string.h>

#include <openssl/err.h>

#include "openssl/certificate/chain_constraints.h"
#include "openssl/certificate/verify_file.h"
#include "policy/names/name_constraints.h"

static struct tlsp_peer_cert peer;

static NAME_CONSTRAINTS *new_constraints(void)
{
	NAME_CONSTRAINTS *out = NAME_CONSTRAINTS_new();

	assert_non_null(out);
	out->permittedSubtrees = sk_GENERAL_SUBTREE_new_null();
	out->excludedSubtrees = sk_GENERAL_SUBTREE_new_null();
	return out;
}

static GENERAL_SUBTREE *add_subtree(
		STACK_OF(GENERAL_SUBTREE) * subtrees, const char *base)
{
	GENERAL_SUBTREE *subtree = GENERAL_SUBTREE_new();
	ASN1_IA5STRING *text = ASN1_IA5STRING_new();

	assert_true(ASN1_STRING_set(text, base, -1));
	GENERAL_NAME_set0_value(subtree->base, GEN_DNS, text);
	assert_true(sk_GENERAL_SUBTREE_push(subtrees, subtree));
	return subtree;
}

/* OpenSSL's own judgement of a dNSName: NAME_CONSTRAINTS_check(3ossl). */
static bool openssl_allows(const char *name, const char *base, bool excluded)
{
	NAME_CONSTRAINTS *constraints = new_constraints();
	char san[300] = "subjectAltName=DNS:";
	X509 *certificate;
	bool allows;

	add_subtree(excluded ? constraints->excludedSubtrees
						 : constraints->permittedSubtrees,
			base);
	strncat(san, name, sizeof(san) - 64);
	certificate = make_certificate(NULL, NULL, san);
	X509_check_purpose(certificate, -1, 0); /* decodes the SAN */
	allows = NAME_CONSTRAINTS_check(certificate, constraints) == X509_V_OK;
	X509_free(certificate);
	NAME_CONSTRAINTS_free(constraints);
	return allows;
}

/* Permitted: the same as OpenSSL, but for a wildcard as base, which is no
 * dNSName. Excluded: at least what OpenSSL excludes. */
static void subtrees_are_openssls_or_stricter(void **state)
{
	static const char *const names[] = {"example.com", "www.example.com",
			"a.b.example.com", "EXAMPLE.com", "badexample.com", "example.org",
			"*.example.com", "*.www.example.com", "*.b.example.com", "com.au"};
	static const char *const bases[] = {"example.com", ".example.com", ".", "",
			"..", "com", ".com", "www.example.com", ".www.example.com",
			"xample.com", ".Example.Com", "example.com.", "*.example.com",
			"..example.com", "e"};
	unsigned failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(names) * COUNT(bases); i++) {
		const char *name = names[i / COUNT(bases)];
		const char *base = bases[i % COUNT(bases)];
		enum tlsp_subtree place;
		struct tlsp_host host;

		assert_int_equal(tlsp_hostname_from_dns_name(&host,
								 (const unsigned char *)name, strlen(name)),
				TLSP_HOST_OK);
		place = tlsp_name_constraints_of_name(
				&host, (const unsigned char *)base, strlen(base));
		if((openssl_allows(name, base, false) != (place == TLSP_SUBTREE_INSIDE)
				   && (*base != '*' || place == TLSP_SUBTREE_INSIDE))
				|| (!openssl_allows(name, base, true)
						&& place < TLSP_SUBTREE_PARTLY)) {
			print_message("FAIL %s in %s: %d\n", name, base, place);
			failures++;
		}
	}
	assert_int_equal(failures, 0);
}

/* The end entity under a CA of its own, or under the root itself. */
struct chain
{
	X509 *all[3]; /* the end entity first */
	size_t count;
	X509_STORE *store;
};

static void make_chain(struct chain *out, const char *common_name,
		const char *san, const char *constraints, bool of_anchor)
{
	char ca[512], leaf[512];
	X509 *root;

	snprintf(ca, sizeof(ca), MADE_CA "|nameConstraints=%s", constraints);
	snprintf(leaf, sizeof(leaf), "extendedKeyUsage=clientAuth|%s%s",
			san ? "subjectAltName=" : "", san ? san : "");
	root = make_certificate("root", NULL, of_anchor ? ca : MADE_CA);
	out->count = of_anchor ? 2 : 3;
	out->all[out->count - 1] = root;
	if(!of_anchor)
		out->all[1] = make_certificate("constrained", root, ca);
	out->all[0] = make_certificate(common_name, out->all[1], leaf);
	out->store = X509_STORE_new();
	assert_true(X509_STORE_add_cert(out->store, root));
}

static void free_chain(struct chain *chain)
{
	for(size_t i = 0; i < chain->count; i++)
		X509_free(chain->all[i]);
	X509_STORE_free(chain->store);
}

static void verify(const struct chain *chain)
{
	STACK_OF(X509) *stack = stack_of((X509 **)chain->all, chain->count);
	struct tlsp_verify_trust trust = {chain->store, 9, 1};
	struct tlsp_policy policy;

	tlsp_parameters_defaults(&policy);
	policy.sips_require_client_certificate = 1;
	tlsp_verify_file_peer(&peer, stack, &trust, &policy, TLSP_ROLE_SERVER);
	sk_X509_free(stack);
}

enum outcome
{
	FREE,
	STRUCK,
	NONE,	/* there is no such identity */
	REFUSED /* by OpenSSL, with the whole chain */
};

/* |first| is the first dNSName or iPAddress. */
static const struct row
{
	const char *label, *constraints, *common_name, *san;
	enum outcome cn, uri, first;
} rows[] = {
		{"CN inside", "permitted;DNS:other.example", "sip.other.example", NULL,
				FREE, NONE, NONE},
		{"CN outside and a SAN without names", "permitted;DNS:other.example",
				"sip.carrier.example", "URI:sip:sip.other.example", REFUSED,
				NONE, NONE},
		{"CN outside beside a dNSName inside", "permitted;DNS:other.example",
				"sip.carrier.example", "DNS:sip.other.example", STRUCK, NONE,
				FREE},
		{"the base itself", "permitted;DNS:other.example", "other.example",
				"DNS:sip.other.example,URI:sip:other.example", FREE, FREE,
				FREE},
		{"a dot in front: the base itself is outside, CN and URI",
				"permitted;DNS:.other.example", "other.example",
				"DNS:sip.other.example,URI:sip:other.example", STRUCK, STRUCK,
				FREE},
		{"a dot in front: a label before it is inside",
				"permitted;DNS:.other.example", "sip.other.example",
				"DNS:sip.other.example,URI:sip:a.b.other.example", FREE, FREE,
				FREE},
		{"a dot in front: a wildcard is inside", "permitted;DNS:.other.example",
				"*.other.example", "DNS:*.other.example", FREE, NONE, FREE},
		{"a dot alone permits no name",
				"permitted;DNS:.,permitted;IP:0.0.0.0/0."
				"0.0.0",
				"sip.other.example", "IP:192.0.2.1,URI:sip:other.example",
				REFUSED, NONE, NONE},
		{"a dot alone, where OpenSSL does not look",
				"permitted;DNS:.,permitted;DNS:a.example", "sip.other.example",
				"DNS:a.example,URI:sip:other.example", STRUCK, STRUCK, FREE},
		{"excluded with a dot in front, the base itself: CN and URI",
				"excluded;DNS:.other.example", "other.example",
				"DNS:a.example,URI:sip:other.example", STRUCK, STRUCK, FREE},
		{"excluded with a dot in front, another", "excluded;DNS:.other.example",
				"a.example", "DNS:a.example,URI:sip:a.example", FREE, FREE,
				FREE},
		{"a dot alone excluded: everything", "excluded;DNS:.", "a.example",
				"DNS:a.example,URI:sip:a.example", STRUCK, STRUCK, STRUCK},
		{"a wildcard that may be the excluded name",
				"excluded;DNS:no.other.example", "a.example",
				"DNS:*.other.example", FREE, NONE, STRUCK},
		{"the same with a dot in front", "excluded;DNS:.no.other.example",
				"a.example", "DNS:*.other.example", FREE, NONE, STRUCK},
		{"a wildcard elsewhere", "excluded;DNS:no.other.example", "a.example",
				"DNS:*.a.example", FREE, NONE, FREE},
		{"a wildcard as CN", "excluded;DNS:no.other.example", "*.other.example",
				"DNS:a.example", STRUCK, NONE, FREE},
		{"of two permitted one is enough",
				"permitted;DNS:a.example,permitted;DNS:b.example", "b.example",
				"DNS:a.example,URI:sip:c.b.example", FREE, FREE, FREE},
		{"constraints on addresses hold no name",
				"permitted;IP:192.0.2.0/"
				"255.255.255.0",
				"a.example", "IP:192.0.2.1,URI:sip:a.example", FREE, FREE,
				FREE},
		{"a URI with an address outside",
				"permitted;IP:192.0.2.0/"
				"255.255.255.0",
				"192.0.3.1", "IP:192.0.2.1,URI:sip:192.0.3.1", STRUCK, STRUCK,
				FREE},
		{"an excluded address", "excluded;IP:192.0.2.0/255.255.255.0",
				"192.0.2.1", "IP:192.0.3.1,URI:sip:192.0.2.1", STRUCK, STRUCK,
				FREE},
		{"constraints on directories hold no name",
				"permitted;email:other.example", "a.example", "DNS:a.example",
				FREE, NONE, FREE},
		{"what is no host is not marked", "permitted;DNS:other.example",
				"no host", "DNS:other.example,URI:sip:u@other.example", FREE,
				FREE, FREE},
};

static bool is(enum outcome expected, bool there, bool constrained)
{
	return expected == NONE || expected == REFUSED
				   ? true
				   : there && constrained == (expected == STRUCK);
}

static bool comes_out(const struct row *row)
{
	const struct tlsp_peer_facts *facts = &peer.facts;

	if(row->cn == REFUSED)
		return facts->chain == TLSP_CHAIN_NOT_TRUSTED;
	return facts->chain == TLSP_CHAIN_VERIFIED && !facts->malformed
		   && is(row->cn, facts->common_name_present,
				   facts->common_name.constrained)
		   && is(row->uri, facts->uri_count > 0, facts->uris[0].constrained)
		   && is(row->first, facts->identity_count > 0,
				   facts->identities[0].constrained);
}

/* A constraint of the trust anchor holds as well as one of a CA below it. */
static void constraints_hold_cn_uri_and_wildcard(void **state)
{
	unsigned failures = 0;

	(void)state;
	for(size_t i = 0; i < 2 * COUNT(rows); i++) {
		const struct row *row = &rows[i / 2];
		struct chain chain;

		make_chain(&chain, row->common_name, row->san, row->constraints, i % 2);
		ERR_clear_error();
		verify(&chain);
		if(!comes_out(row) || ERR_peek_error() != 0) {
			print_message("FAIL %s, %s: chain %d, CN %d, URI %d, first %d\n",
					row->label, i % 2 ? "trust anchor" : "CA", peer.facts.chain,
					peer.facts.common_name.constrained,
					peer.facts.uris[0].constrained,
					peer.facts.identities[0].constrained);
			failures++;
		}
		tlsp_peer_cert_cleanup(&peer);
		free_chain(&chain);
	}
	assert_int_equal(failures, 0);
}

/* Every identity is struck by what cannot be read, and by too much to read. */
static void apply_to(X509 *leaf, X509 *ca)
{
	X509 *both[] = {leaf, ca};
	STACK_OF(X509) *stack = stack_of(both, 2);

	ERR_clear_error();
	tlsp_peer_cert_read(&peer, leaf);
	assert_null(peer.facts.malformed);
	tlsp_chain_constraints_apply(&peer, stack);
	assert_int_equal(ERR_peek_error(), 0);
	sk_X509_free(stack);
}

static size_t struck(void)
{
	size_t count = peer.facts.common_name.constrained;

	for(size_t i = 0; i < peer.facts.identity_count; i++)
		count += peer.facts.identities[i].constrained;
	for(size_t i = 0; i < peer.facts.uri_count; i++)
		count += peer.facts.uris[i].constrained;
	return count;
}

static void constraints_that_cannot_be_read_allow_nothing(void **state)
{
	X509 *leaf = make_certificate("a.example", NULL,
			"subjectAltName=DNS:a.example,URI:sip:b.example");
	X509 *ca = make_certificate("ca", NULL,
			MADE_CA "|nameConstraints=DER:30:03:a0:05:00"); /* cut off */

	(void)state;
	apply_to(leaf, ca);
	assert_int_equal(struck(), 3);
	tlsp_peer_cert_cleanup(&peer);
	X509_free(leaf);
	X509_free(ca);
}

static X509 *new_ca(NAME_CONSTRAINTS *constraints)
{
	X509 *ca = make_certificate("ca", NULL, MADE_CA);

	assert_int_equal(
			X509_add1_ext_i2d(ca, NID_name_constraints, constraints, 1, 0), 1);
	return ca;
}

/* RFC 5280, 4.2.1.10: minimum is 0 and maximum absent. OpenSSL refuses others
 * where it compares (X509_V_ERR_SUBTREE_MINMAX). */
static void distances_in_a_subtree_allow_nothing(void **state)
{
	X509 *leaf = make_certificate("a.example", NULL,
			"subjectAltName=DNS:a.example,URI:sip:a.example");

	(void)state;
	for(int which = 0; which < 6; which++) {
		NAME_CONSTRAINTS *constraints = new_constraints();
		GENERAL_SUBTREE *subtree =
				add_subtree(which % 2 ? constraints->excludedSubtrees
									  : constraints->permittedSubtrees,
						which % 2 ? "b.example" : "a.example");
		ASN1_INTEGER *distance = ASN1_INTEGER_new();
		X509 *ca;

		ASN1_INTEGER_set(distance, which < 2 ? 0 : 1);
		if(which < 4)
			subtree->minimum = distance;
		else
			subtree->maximum = distance;
		ca = new_ca(constraints);
		apply_to(leaf, ca);
		assert_int_equal(struck(), which < 2 ? 0 : 3);
		tlsp_peer_cert_cleanup(&peer);
		X509_free(ca);
		NAME_CONSTRAINTS_free(constraints);
	}
	X509_free(leaf);
}

/* 2^18 comparisons are made for one CA, and no more. */
static void too_many_comparisons_allow_nothing(void **state)
{
	X509 *leaf = make_certificate("a.example", NULL, NULL);
	NAME_CONSTRAINTS *constraints = new_constraints();
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	X509 *ca;

	(void)state;
	for(int i = 0; i < 1023; i++) { /* and the CN */
		GENERAL_NAME *name = GENERAL_NAME_new();
		ASN1_IA5STRING *text = ASN1_IA5STRING_new();

		ASN1_STRING_set(text, i % 2 ? "sip:a.example" : "a.example", -1);
		GENERAL_NAME_set0_value(name, i % 2 ? GEN_URI : GEN_DNS, text);
		sk_GENERAL_NAME_push(names, name);
	}
	assert_int_equal(
			X509_add1_ext_i2d(leaf, NID_subject_alt_name, names, 0, 0), 1);
	for(int i = 0; i < 256; i++)
		add_subtree(i % 2 ? constraints->permittedSubtrees
						  : constraints->excludedSubtrees,
				i % 2 ? "a.example" : "b.example");
	ca = new_ca(constraints);
	apply_to(leaf, ca);
	assert_int_equal(struck(), 0);
	tlsp_peer_cert_cleanup(&peer);
	X509_free(ca);
	add_subtree(constraints->excludedSubtrees, "b.example");
	ca = new_ca(constraints);
	apply_to(leaf, ca);
	assert_int_equal(struck(), 1024);
	tlsp_peer_cert_cleanup(&peer);
	X509_free(ca);
	X509_free(leaf);
	GENERAL_NAMES_free(names);
	NAME_CONSTRAINTS_free(constraints);
}

/* Name constraints in an end entity mean nothing (RFC 5280, 4.2.1.10). */
static void constraints_of_the_end_entity_are_none(void **state)
{
	X509 *leaf = make_certificate("a.example", NULL,
			"nameConstraints=permitted;DNS:other.example|"
			"subjectAltName=DNS:a.example");
	X509 *ca = make_certificate("ca", NULL, MADE_CA);

	(void)state;
	apply_to(leaf, ca);
	assert_int_equal(struck(), 0);
	tlsp_peer_cert_cleanup(&peer);
	X509_free(leaf);
	X509_free(ca);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(subtrees_are_openssls_or_stricter),
			cmocka_unit_test(constraints_hold_cn_uri_and_wildcard),
			cmocka_unit_test(constraints_that_cannot_be_read_allow_nothing),
			cmocka_unit_test(distances_in_a_subtree_allow_nothing),
			cmocka_unit_test(too_many_comparisons_allow_nothing),
			cmocka_unit_test(constraints_of_the_end_entity_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
