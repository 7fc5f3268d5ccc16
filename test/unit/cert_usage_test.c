/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cert_usage_test - what RequireStrictCert, accept_server_auth_clients and
 * sip_domain_purpose ask of each certificate of a chain, in both roles; and
 * the sentences.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "policy/cert_usage.h"
#include "policy/explain.h"
#include "policy/verdict.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define SERVER TLSP_ROLE_SERVER
#define CLIENT TLSP_ROLE_CLIENT
#define SIGNS TLSP_KEY_DIGITAL_SIGNATURE
#define ENCIPHERS TLSP_KEY_ENCIPHERMENT
#define CERTS TLSP_KEY_CERT_SIGN
#define FOR_CLIENT TLSP_PURPOSE_CLIENT_AUTH
#define FOR_SERVER TLSP_PURPOSE_SERVER_AUTH
#define FOR_SIP TLSP_PURPOSE_SIP_DOMAIN
#define FOR_BOTH (FOR_CLIENT | FOR_SERVER)
#define NONE (-1) /* the extension is absent */

struct row
{
	const char *label;
	enum tlsp_role role;
	int strict, accept_server_auth, sip_domain;
	int end_usage, end_purposes;   /* bits or NONE */
	int ca, ca_usage, ca_purposes; /* an intermediate; ca 0: no CA */
	int root, root_usage, root_purposes;
	unsigned end_faults, ca_faults, root_faults;
};

#define GOOD_CA 1, CERTS, FOR_BOTH
#define ROOT 1, CERTS, NONE

/* clang-format off */
static const struct row rows[] = {
	{"off: nothing is asked", SERVER, 0, 0, 0, NONE, NONE, 0, NONE, NONE, 0, NONE, NONE, 0, 0, 0},
	{"off: no bit of keyUsage is asked for", SERVER, 0, 0, 0, 0, FOR_CLIENT, 0, 0, NONE, 0, 0, NONE, 0, 0, 0},
	{"off: a purpose that is there must be right", SERVER, 0, 0, 0, NONE, 0, 0, NONE, FOR_SERVER, 0, NONE, FOR_SERVER, TLSP_FAULT_CLIENT_AUTH, TLSP_FAULT_CLIENT_AUTH, 0},
	{"off: accept_server_auth_clients asks nothing", SERVER, 0, 1, 0, NONE, NONE, 0, NONE, NONE, 0, NONE, NONE, 0, 0, 0},
	{"strict: a client that signs and may", SERVER, 1, 0, 0, SIGNS, FOR_CLIENT, GOOD_CA, ROOT, 0, 0, 0},
	{"strict: a server that signs and may", CLIENT, 1, 0, 0, SIGNS, FOR_SERVER, GOOD_CA, ROOT, 0, 0, 0},
	{"strict: more bits do no harm", SERVER, 1, 0, 0, SIGNS | ENCIPHERS, FOR_BOTH | FOR_SIP, GOOD_CA, ROOT, 0, 0, 0},
	{"strict: end entity without keyUsage", SERVER, 1, 0, 0, NONE, FOR_BOTH, GOOD_CA, ROOT, TLSP_FAULT_NO_KEY_USAGE, 0, 0},
	{"strict: end entity without digitalSignature", SERVER, 1, 0, 0, ENCIPHERS, FOR_BOTH, GOOD_CA, ROOT, TLSP_FAULT_DIGITAL_SIGNATURE, 0, 0},
	{"strict: a server without digitalSignature", CLIENT, 1, 0, 0, ENCIPHERS, FOR_BOTH, GOOD_CA, ROOT, TLSP_FAULT_DIGITAL_SIGNATURE, 0, 0},
	{"strict: keyUsage of no bit", SERVER, 1, 0, 0, 0, FOR_BOTH, GOOD_CA, ROOT, TLSP_FAULT_DIGITAL_SIGNATURE, 0, 0},
	{"strict: end entity without extendedKeyUsage", SERVER, 1, 0, 0, SIGNS, NONE, GOOD_CA, ROOT, TLSP_FAULT_NO_PURPOSES, 0, 0},
	{"strict: a client with other purposes", SERVER, 1, 0, 0, SIGNS, 0, GOOD_CA, ROOT, TLSP_FAULT_CLIENT_AUTH, 0, 0},
	{"strict: a client with serverAuth", SERVER, 1, 0, 0, SIGNS, FOR_SERVER, GOOD_CA, ROOT, TLSP_FAULT_CLIENT_AUTH, 0, 0},
	{"strict: a server with clientAuth", CLIENT, 1, 0, 0, SIGNS, FOR_CLIENT, GOOD_CA, ROOT, TLSP_FAULT_SERVER_AUTH, 0, 0},
	{"strict: a client with sipDomain alone", SERVER, 1, 0, 0, SIGNS, FOR_SIP, GOOD_CA, ROOT, TLSP_FAULT_CLIENT_AUTH, 0, 0},
	{"strict: both faults of an end entity", SERVER, 1, 0, 0, NONE, NONE, GOOD_CA, ROOT, TLSP_FAULT_NO_KEY_USAGE | TLSP_FAULT_NO_PURPOSES, 0, 0},
	{"strict: intermediate without keyUsage", SERVER, 1, 0, 0, SIGNS, FOR_BOTH, 1, NONE, FOR_BOTH, ROOT, 0, TLSP_FAULT_NO_KEY_USAGE, 0},
	{"strict: intermediate without keyCertSign", SERVER, 1, 0, 0, SIGNS, FOR_BOTH, 1, SIGNS, FOR_BOTH, ROOT, 0, TLSP_FAULT_KEY_CERT_SIGN, 0},
	{"strict: intermediate without extendedKeyUsage", SERVER, 1, 0, 0, SIGNS, FOR_BOTH, 1, CERTS, NONE, ROOT, 0, TLSP_FAULT_NO_PURPOSES, 0},
	{"strict: intermediate for servers, peer a client", SERVER, 1, 0, 0, SIGNS, FOR_BOTH, 1, CERTS, FOR_SERVER, ROOT, 0, TLSP_FAULT_CLIENT_AUTH, 0},
	{"strict: intermediate for clients, peer a server", CLIENT, 1, 0, 0, SIGNS, FOR_BOTH, 1, CERTS, FOR_CLIENT, ROOT, 0, TLSP_FAULT_SERVER_AUTH, 0},
	{"strict: intermediate that is no CA", SERVER, 1, 0, 0, SIGNS, FOR_BOTH, 0, CERTS, FOR_BOTH, ROOT, 0, TLSP_FAULT_NO_CA, 0},
	{"strict: trust anchor of version 1", SERVER, 1, 0, 0, SIGNS, FOR_BOTH, GOOD_CA, 0, NONE, NONE, 0, 0, 0},
	{"strict: trust anchor without keyCertSign", SERVER, 1, 0, 0, SIGNS, FOR_BOTH, GOOD_CA, 1, SIGNS, NONE, 0, 0, TLSP_FAULT_KEY_CERT_SIGN},
	{"strict: trust anchor for servers, peer a client", SERVER, 1, 0, 0, SIGNS, FOR_BOTH, GOOD_CA, 1, CERTS, FOR_SERVER, 0, 0, TLSP_FAULT_CLIENT_AUTH},
	{"strict: a fault everywhere", SERVER, 1, 0, 0, NONE, FOR_BOTH, 1, CERTS, NONE, 1, SIGNS, NONE, TLSP_FAULT_NO_KEY_USAGE, TLSP_FAULT_NO_PURPOSES, TLSP_FAULT_KEY_CERT_SIGN},
	{"accepting serverAuth: a client with it", SERVER, 1, 1, 0, SIGNS, FOR_SERVER, 1, CERTS, FOR_SERVER, 1, CERTS, FOR_SERVER, 0, 0, 0},
	{"accepting serverAuth: a client with another", SERVER, 1, 1, 0, SIGNS, FOR_SIP, GOOD_CA, ROOT, TLSP_FAULT_CLIENT_AUTH, 0, 0},
	{"accepting serverAuth: a client with none", SERVER, 1, 1, 0, SIGNS, NONE, GOOD_CA, ROOT, TLSP_FAULT_NO_PURPOSES, 0, 0},
	{"accepting serverAuth: digitalSignature as before", SERVER, 1, 1, 0, ENCIPHERS, FOR_SERVER, GOOD_CA, ROOT, TLSP_FAULT_DIGITAL_SIGNATURE, 0, 0},
	{"accepting serverAuth: a server with clientAuth is not meant", CLIENT, 1, 1, 0, SIGNS, FOR_CLIENT, GOOD_CA, ROOT, TLSP_FAULT_SERVER_AUTH, 0, 0},
	{"sipDomain accepted: a client", SERVER, 1, 0, 1, SIGNS, FOR_SIP, 1, CERTS, FOR_SIP, ROOT, 0, 0, 0},
	{"sipDomain accepted: a server", CLIENT, 1, 0, 1, SIGNS, FOR_SIP, GOOD_CA, ROOT, 0, 0, 0},
	{"sipDomain accepted: a client with serverAuth", SERVER, 1, 0, 1, SIGNS, FOR_SERVER, GOOD_CA, ROOT, TLSP_FAULT_CLIENT_AUTH, 0, 0},
	{"sipDomain accepted: nobody needs it", SERVER, 0, 0, 1, NONE, NONE, 0, NONE, NONE, 0, NONE, NONE, 0, 0, 0},
	{"sipDomain required: of the end entity alone", SERVER, 0, 0, 2, NONE, FOR_SIP, 1, NONE, NONE, ROOT, 0, 0, 0},
	{"sipDomain required: clientAuth will not do", SERVER, 0, 0, 2, NONE, FOR_CLIENT, 1, NONE, NONE, ROOT, TLSP_FAULT_SIP_DOMAIN, 0, 0},
	{"sipDomain required: no extension will not do", CLIENT, 0, 0, 2, NONE, NONE, 1, NONE, NONE, ROOT, TLSP_FAULT_SIP_DOMAIN, 0, 0},
	{"sipDomain required and strict", CLIENT, 1, 0, 2, SIGNS, NONE, GOOD_CA, ROOT, TLSP_FAULT_NO_PURPOSES | TLSP_FAULT_SIP_DOMAIN, 0, 0},
};
/* clang-format on */

static struct tlsp_policy policy;
static struct tlsp_chain_usage chain;
static struct tlsp_usage_faults faults;

static void set_certificate(size_t depth, int ca, int usage, int purposes)
{
	struct tlsp_cert_usage *out = &chain.certificates[depth];

	memset(out, 0, sizeof(*out));
	out->ca = ca;
	out->key_usage_present = usage != NONE;
	out->key_usage = usage != NONE ? (unsigned)usage : 0;
	out->purposes_present = purposes != NONE;
	out->purposes = purposes != NONE ? (unsigned)purposes : 0;
	snprintf(out->subject, sizeof(out->subject), "/CN=%zu", depth);
}

static void set_chain(const struct row *row)
{
	memset(&chain, 0, sizeof(chain));
	chain.complete = true;
	chain.count = 3;
	set_certificate(0, 0, row->end_usage, row->end_purposes);
	set_certificate(1, row->ca, row->ca_usage, row->ca_purposes);
	set_certificate(2, row->root, row->root_usage, row->root_purposes);
	chain.certificates[2].trust_anchor = true;
	tlsp_parameters_defaults(&policy);
	policy.require_strict_cert = row->strict;
	policy.accept_server_auth_clients = row->accept_server_auth;
	policy.sip_domain_purpose = row->sip_domain;
}

static void every_certificate_is_asked_for_its_bits(void **state)
{
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++) {
		const struct row *row = &rows[i];

		set_chain(row);
		memset(&faults, 0xa5, sizeof(faults));
		tlsp_cert_usage_judge(&policy, row->role, &chain, &faults);
		if(faults.at[0] != row->end_faults || faults.at[1] != row->ca_faults
				|| faults.at[2] != row->root_faults || faults.at[3] != 0
				|| faults.unknown
				|| faults.all
						   != (row->end_faults | row->ca_faults
								   | row->root_faults)) {
			print_message("FAIL %s: 0x%x 0x%x 0x%x\n", row->label, faults.at[0],
					faults.at[1], faults.at[2]);
			failures++;
		}
	}
	assert_int_equal(failures, 0);
}

static void an_end_entity_that_is_the_trust_anchor_is_an_end_entity(
		void **state)
{
	static const struct row strict = {
			"", SERVER, 1, 0, 0, NONE, NONE, 0, 0, 0, 0, 0, 0, 0, 0, 0};

	(void)state;
	set_chain(&strict);
	chain.count = 1;
	chain.certificates[0].trust_anchor = true;
	tlsp_cert_usage_judge(&policy, SERVER, &chain, &faults);
	assert_int_equal(
			faults.at[0], TLSP_FAULT_NO_KEY_USAGE | TLSP_FAULT_NO_PURPOSES);
}

static void rsa_key_transport_wants_key_encipherment(void **state)
{
	struct row row = rows[5]; /* a server that signs and may */

	(void)state;
	set_chain(&row);
	chain.key_transport = true;
	tlsp_cert_usage_judge(&policy, CLIENT, &chain, &faults);
	assert_int_equal(faults.at[0], TLSP_FAULT_KEY_ENCIPHERMENT);
	row.end_usage = ENCIPHERS;
	set_chain(&row);
	chain.key_transport = true;
	tlsp_cert_usage_judge(&policy, CLIENT, &chain, &faults);
	assert_int_equal(faults.all, 0);
}

static void a_chain_that_is_not_known_is_no_good(void **state)
{
	(void)state;
	set_chain(&rows[4]);
	chain.complete = false;
	tlsp_cert_usage_judge(&policy, SERVER, &chain, &faults);
	assert_true(faults.unknown);
	chain.vouched = true; /* a resumed session under the same policy */
	tlsp_cert_usage_judge(&policy, SERVER, &chain, &faults);
	assert_false(faults.unknown);
	chain.vouched = false;
	chain.complete = true;
	chain.count = TLSP_CHAIN_MAX + 1;
	for(size_t i = 1; i < TLSP_CHAIN_MAX; i++)
		set_certificate(i, 1, CERTS, FOR_BOTH);
	tlsp_cert_usage_judge(&policy, SERVER, &chain, &faults);
	assert_true(faults.unknown);
	chain.count = TLSP_CHAIN_MAX;
	tlsp_cert_usage_judge(&policy, SERVER, &chain, &faults);
	assert_false(faults.unknown);
	assert_int_equal(faults.all, 0);
	memset(&chain, 0, sizeof(chain));
	tlsp_cert_usage_judge(&policy, SERVER, &chain, &faults);
	assert_true(faults.unknown);
	policy.require_strict_cert = 0;
	tlsp_cert_usage_judge(&policy, SERVER, &chain, &faults);
	assert_false(faults.unknown);
	policy.sip_domain_purpose = TLSP_SIP_DOMAIN_REQUIRE;
	tlsp_cert_usage_judge(&policy, SERVER, &chain, &faults);
	assert_true(faults.unknown);
}

static void a_setting_that_was_needed_is_named(void **state)
{
	static const struct
	{
		const char *label;
		enum tlsp_role role;
		int accept_server_auth, sip_domain;
		unsigned purposes;
		const char *setting; /* NULL: none, or not allowed */
		bool allowed;
	} cases[] = {
			{"a client's own", SERVER, 1, 2, FOR_BOTH, NULL, true},
			{"serverAuth", SERVER, 1, 0, FOR_SERVER,
					"accept_server_auth_clients", true},
			{"serverAuth, not accepted", SERVER, 0, 1, FOR_SERVER, NULL, false},
			{"sipDomain", SERVER, 1, 1, FOR_SIP, "sip_domain_purpose", true},
			{"sipDomain of a server", CLIENT, 1, 2, FOR_SIP | FOR_CLIENT,
					"sip_domain_purpose", true},
			{"sipDomain, ignored", SERVER, 1, 0, FOR_SIP, NULL, false},
			{"clientAuth of a server", CLIENT, 1, 0, FOR_CLIENT, NULL, false},
			{"none", SERVER, 1, 1, 0, NULL, false},
	};
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(cases); i++) {
		const char *setting;

		tlsp_parameters_defaults(&policy);
		policy.accept_server_auth_clients = cases[i].accept_server_auth;
		policy.sip_domain_purpose = cases[i].sip_domain;
		setting = tlsp_cert_usage_setting(
				&policy, cases[i].role, cases[i].purposes);
		if((setting != NULL) != (cases[i].setting != NULL)
				|| (setting && strcmp(setting, cases[i].setting) != 0)
				|| tlsp_cert_usage_allows(
						   &policy, cases[i].role, cases[i].purposes)
						   != cases[i].allowed) {
			print_message("FAIL %s\n", cases[i].label);
			failures++;
		}
	}
	assert_int_equal(failures, 0);
}

static void the_sentence_names_certificate_and_bit(void **state)
{
	static const char word[] = "certificate-key-usage: ";
	static struct tlsp_peer_facts facts;
	struct tlsp_verdict verdict = {.accepted = false};
	char text[sizeof(word) + 447], small[sizeof(word) + 23];

	(void)state;
	set_chain(&rows[26]); /* a fault everywhere */
	strcpy(chain.certificates[1].subject, "/CN=a\"\n\xff");
	tlsp_cert_usage_judge(&policy, SERVER, &chain, &verdict.usage);
	facts.usage = chain;
	tlsp_explain_reason(
			TLSP_REASON_KEY_USAGE, &verdict, &facts, text, sizeof(text));
	assert_string_equal(text,
			"certificate-key-usage: the end entity has no keyUsage, keyUsage "
			"of the CA \"/CN=2\" at depth 2 lacks keyCertSign");
	tlsp_explain_reason(TLSP_REASON_EXTENDED_KEY_USAGE, &verdict, &facts, text,
			sizeof(text));
	assert_string_equal(text,
			"certificate-extended-key-usage: the CA "
			"\"/CN=a\\x22\\x0a\\xff\" at depth 1 has no extendedKeyUsage");
	tlsp_explain_reason(
			TLSP_REASON_KEY_USAGE, &verdict, &facts, small, sizeof(small));
	assert_string_equal(
			small, "certificate-key-usage: the end entity has no k");
	memset(&verdict.usage, 0xff, sizeof(verdict.usage)); /* all of it fits */
	memset(text, 'Z', sizeof(text));
	tlsp_explain_reason(
			TLSP_REASON_KEY_USAGE, &verdict, &facts, text, sizeof(text));
	assert_non_null(memchr(text, '\0', sizeof(text)));
}

static void a_verdict_holds_the_reasons(void **state)
{
	static struct tlsp_peer_facts facts;
	struct tlsp_verdict verdict;
	char text[2048];

	(void)state;
	set_chain(&rows[26]);
	policy.sips_require_client_certificate = 1;
	facts.certificate_presented = true;
	facts.chain = TLSP_CHAIN_VERIFIED;
	facts.usage = chain;
	tlsp_verdict_judge(&policy, NULL, SERVER, &facts, &verdict);
	assert_false(verdict.accepted);
	assert_int_equal(verdict.reasons,
			TLSP_REASON_KEY_USAGE | TLSP_REASON_EXTENDED_KEY_USAGE);
	tlsp_explain_verdict(&verdict, &facts, text, sizeof(text));
	assert_string_equal(text,
			"refused: certificate-key-usage: the end entity has no keyUsage, "
			"keyUsage of the CA \"/CN=2\" at depth 2 lacks keyCertSign; "
			"certificate-extended-key-usage: the CA \"/CN=1\" at depth 1 has "
			"no extendedKeyUsage");
	facts.usage.complete = false;
	facts.usage.count = 1;
	tlsp_verdict_judge(&policy, NULL, SERVER, &facts, &verdict);
	assert_int_equal(
			verdict.reasons, TLSP_REASON_KEY_USAGE | TLSP_REASON_CHAIN_UNKNOWN);
	facts.chain = TLSP_CHAIN_EXPIRED; /* a chain that failed is never whole */
	tlsp_verdict_judge(&policy, NULL, SERVER, &facts, &verdict);
	assert_int_equal(
			verdict.reasons, TLSP_REASON_KEY_USAGE | TLSP_REASON_EXPIRED);
	policy.require_strict_cert = 0;
	policy.accept_server_auth_clients = 1;
	facts.chain = TLSP_CHAIN_VERIFIED;
	facts.usage.certificates[0].purposes_present = true;
	facts.usage.certificates[0].purposes = FOR_SERVER;
	tlsp_verdict_judge(&policy, NULL, SERVER, &facts, &verdict);
	assert_true(verdict.accepted);
	tlsp_explain_verdict(&verdict, &facts, text, sizeof(text));
	assert_string_equal(text, "accepted: no name was judged; extendedKeyUsage "
							  "allows this only by accept_server_auth_clients");
}

/* Also where only a CA of the chain needs it. */
static void a_setting_that_a_ca_needed_is_told(void **state)
{
	static struct tlsp_peer_facts facts;
	struct tlsp_verdict verdict;
	char text[2048];

	(void)state;
	tlsp_parameters_defaults(&policy);
	policy.sips_require_client_certificate = 1;
	policy.accept_server_auth_clients = 1;
	facts.certificate_presented = true;
	facts.chain = TLSP_CHAIN_VERIFIED;
	facts.usage.complete = true;
	facts.usage.count = 3;
	for(size_t i = 0; i < 3; i++) {
		facts.usage.certificates[i].purposes_present = i != 2;
		facts.usage.certificates[i].purposes = i == 1	? FOR_SERVER
											   : i == 0 ? FOR_CLIENT
														: 0;
	}
	strcpy(facts.usage.certificates[1].subject, "/CN=a\"b");
	tlsp_verdict_judge(&policy, NULL, SERVER, &facts, &verdict);
	assert_true(verdict.accepted);
	tlsp_explain_verdict(&verdict, &facts, text, sizeof(text));
	assert_string_equal(text,
			"accepted: no name was judged; extendedKeyUsage of the CA "
			"\"/CN=a\\x22b\" at depth 1 allows this only by "
			"accept_server_auth_clients");
	assert_true(verdict.by_server_auth);
	policy.sip_domain_purpose = TLSP_SIP_DOMAIN_ACCEPT; /* needed first */
	facts.usage.certificates[0].purposes = TLSP_PURPOSE_SIP_DOMAIN;
	tlsp_verdict_judge(&policy, NULL, SERVER, &facts, &verdict);
	assert_string_equal(verdict.by_setting, "sip_domain_purpose");
	assert_true(verdict.by_server_auth);
	policy.sip_domain_purpose = TLSP_SIP_DOMAIN_IGNORE;
	facts.usage.certificates[0].purposes = FOR_CLIENT;
	facts.usage.complete = false; /* nobody knows more than the end entity */
	tlsp_verdict_judge(&policy, NULL, SERVER, &facts, &verdict);
	assert_null(verdict.by_setting);
	assert_false(verdict.by_server_auth);
	facts.usage.complete = true;
	policy.accept_server_auth_clients = 0;
	tlsp_verdict_judge(&policy, NULL, SERVER, &facts, &verdict);
	assert_int_equal(verdict.reasons, TLSP_REASON_EXTENDED_KEY_USAGE);
	assert_null(verdict.by_setting);
}

int main(void)
{
	/* clang-format off */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_certificate_is_asked_for_its_bits),
		cmocka_unit_test(an_end_entity_that_is_the_trust_anchor_is_an_end_entity),
		cmocka_unit_test(rsa_key_transport_wants_key_encipherment),
		cmocka_unit_test(a_chain_that_is_not_known_is_no_good),
		cmocka_unit_test(a_setting_that_was_needed_is_named),
		cmocka_unit_test(the_sentence_names_certificate_and_bit),
		cmocka_unit_test(a_verdict_holds_the_reasons),
		cmocka_unit_test(a_setting_that_a_ca_needed_is_told),
	};
	/* clang-format on */

	return cmocka_run_group_tests(tests, NULL, NULL);
}
