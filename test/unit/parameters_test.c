/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parameters_test - the table of parameters against the manual's: both
 * spellings, bounds, words, and nothing changed by a value that is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/parameters.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define THIRTY_DIGITS "123456789012345678901234567890"

/* The manual's table, written out once more. */
static const struct
{
	const char *name, *manual_name;
	enum tlsp_parameter_type type;
	int min, max, default_number;
} specification[] = {
		{"tls_version", "TLSVersion", TLSP_PARAMETER_NUMBER, 0, 15, 0},
		{"tls_rehandshake_interval", "TLSReHandshakeInterval",
				TLSP_PARAMETER_NUMBER, 0, 1500, 0},
		{"sips_require_client_certificate", "SIPSRequireClientCertificate",
				TLSP_PARAMETER_NUMBER, 0, 1, 0},
		{"peer_host_name_verification_mode", "PeerHostNameVerificationMode",
				TLSP_PARAMETER_NUMBER, 0, 3, 0},
		{"https_cert_file_name", "HTTPSCertFileName", TLSP_PARAMETER_FILE, 0,
				1023, 0},
		{"https_root_file_name", "HTTPSRootFileName", TLSP_PARAMETER_FILE, 0,
				1023, 0},
		{"tls_remote_subject_name", "TLSRemoteSubjectName", TLSP_PARAMETER_TEXT,
				0, 255, 0},
		{"verify_server_certificate", "VerifyServerCertificate",
				TLSP_PARAMETER_NUMBER, 0, 1, 0},
		{"require_strict_cert", "RequireStrictCert", TLSP_PARAMETER_NUMBER, 0,
				1, 0},
		{"accept_server_auth_clients", NULL, TLSP_PARAMETER_NUMBER, 0, 1, 0},
		{"sip_domain_purpose", NULL, TLSP_PARAMETER_NUMBER, 0, 2, 0},
		{"tls_expiry_check_start", "TLSExpiryCheckStart", TLSP_PARAMETER_NUMBER,
				0, 3650, 60},
		{"tls_expiry_check_period", "TLSExpiryCheckPeriod",
				TLSP_PARAMETER_NUMBER, 1, 3650, 7},
		{"wildcards", NULL, TLSP_PARAMETER_NUMBER, 0, 1, 1},
		{"wildcard_proxies", NULL, TLSP_PARAMETER_NUMBER, 0, 1, 0},
		{"sip_uri_identities", NULL, TLSP_PARAMETER_NUMBER, 0, 1, 0},
		{"bind_to_peer", NULL, TLSP_PARAMETER_NUMBER, 0, 1, 0},
		{"expect", NULL, TLSP_PARAMETER_HOST, 0, 253, 0},
		{"reuse_accepted_connections", NULL, TLSP_PARAMETER_NUMBER, 0, 1, 0},
		{"tls_rehandshake_interval_seconds", NULL, TLSP_PARAMETER_NUMBER, 0,
				90000, 0},
		{"tls_rehandshake_method", NULL, TLSP_PARAMETER_NUMBER, 0, 2, 0},
		{"tls_rehandshake_peers", NULL, TLSP_PARAMETER_HOSTS, 0, 1023, 0},
		{"tls_rehandshake_quiet_ms", NULL, TLSP_PARAMETER_NUMBER, 10, 5000, 50},
		{"tls_rehandshake_quiet_wait_ms", NULL, TLSP_PARAMETER_NUMBER, 0, 60000,
				5000},
		{"tls_rehandshake_min_spacing", NULL, TLSP_PARAMETER_NUMBER, 0, 90000,
				240},
		{"tls_rehandshake_hold_octets", NULL, TLSP_PARAMETER_NUMBER, 1024,
				16777216, 1048576},
		{"tls_rehandshake_hold_timeout_ms", NULL, TLSP_PARAMETER_NUMBER, 100,
				60000, 5000},
		{"tls_rehandshake_drain", NULL, TLSP_PARAMETER_NUMBER, 1, 3600, 32},
		{"handshake_timeout", NULL, TLSP_PARAMETER_NUMBER, 1, 120, 10},
		{"session_tickets", NULL, TLSP_PARAMETER_NUMBER, 0, 2, 1},
		{"session_cache_octets", NULL, TLSP_PARAMETER_NUMBER, 1048576,
				1073741824, 8388608},
		{"enforcement", NULL, TLSP_PARAMETER_NUMBER, 0, 2, 0},
		{"crl_file_name", NULL, TLSP_PARAMETER_FILE, 0, 1023, 0},
		{"refusal_log_interval", NULL, TLSP_PARAMETER_NUMBER, 0, 86400, 60},
		{"watch", NULL, TLSP_PARAMETER_NUMBER, 0, 86400, 0},
};

/* A policy in which no member has its default. */
static void fill(struct tlsp_policy *policy)
{
	memset(policy, 0, sizeof(*policy));
	policy->tls_version = 12;
	policy->tls_rehandshake_interval = 77;
	policy->sips_require_client_certificate = 1;
	policy->peer_host_name_verification_mode = TLSP_VERIFY_NAMES_CLIENT;
	strcpy(policy->tls_remote_subject_name, "gw.example.com");
	policy->verify_server_certificate = 1;
	policy->require_strict_cert = 1;
	policy->accept_server_auth_clients = 1;
	policy->sip_domain_purpose = TLSP_SIP_DOMAIN_REQUIRE;
	policy->wildcards = 0;
	policy->wildcard_proxies = 1;
	policy->sip_uri_identities = 1;
	policy->bind_to_peer = 1;
	strcpy(policy->expect, "b.example.com");
	policy->reuse_accepted_connections = 1;
	policy->tls_rehandshake_interval_seconds = 3;
	policy->tls_rehandshake_method = TLSP_METHOD_RECONNECT;
	strcpy(policy->tls_rehandshake_peers, "a.example.com 192.0.2.1");
	policy->tls_rehandshake_quiet_ms = 70;
	policy->tls_rehandshake_quiet_wait_ms = 71;
	policy->tls_rehandshake_min_spacing = 72;
	policy->tls_rehandshake_hold_octets = 7300;
	policy->tls_rehandshake_hold_timeout_ms = 740;
	policy->tls_rehandshake_drain = 75;
	policy->handshake_timeout = 76;
	policy->session_tickets = TLSP_TICKETS_OFF;
	policy->session_cache_octets = 7700000;
	policy->enforcement = TLSP_ENFORCE_NONE;
	strcpy(policy->crl_file_name, "/etc/kamailio/ca.crl");
	policy->refusal_log_interval = 77;
	policy->watch = 77;
}

/* One value that is set: is it |printed| then, and all else as it was? */
static bool takes(const char *name, const char *text, const char *printed)
{
	struct tlsp_policy policy, filled;
	const struct tlsp_parameter *parameter = tlsp_parameters_find(name);
	char error[512] = "", got[TLSP_PARAMETER_VALUE_OCTETS] = "";
	char other[sizeof(got)], old[sizeof(got)];
	bool taken, held;

	fill(&policy);
	filled = policy;
	taken = tlsp_parameters_set(&policy, name, text, error, sizeof(error));
	if(taken && parameter)
		tlsp_parameters_print(parameter, &policy, got, sizeof(got));
	held = taken && strcmp(got, printed) == 0;
	for(size_t i = 0; i < tlsp_parameters_count(); i++)
		if(tlsp_parameters_at(i) != parameter)
			held = held
				   && strcmp(tlsp_parameters_print(tlsp_parameters_at(i),
									 &policy, other, sizeof(other)),
							  tlsp_parameters_print(tlsp_parameters_at(i),
									  &filled, old, sizeof(old)))
							  == 0;
	if(!held)
		print_message("FAIL %s=\"%s\" becomes %s: %s [%s] %s\n", name, text,
				printed, taken ? "taken" : "refused", got, error);
	return held;
}

/* One value that is refused: policy untouched, name and |shown| in one line. */
static bool refuses(const char *name, const char *text, const char *shown)
{
	struct tlsp_policy policy, filled;
	char error[512] = "";
	bool taken, held;

	fill(&policy);
	memcpy(&filled, &policy, sizeof(policy));
	taken = tlsp_parameters_set(&policy, name, text, error, sizeof(error));
	held = !taken && memcmp(&filled, &policy, sizeof(policy)) == 0
		   && strstr(error, name) && strstr(error, shown)
		   && !strchr(error, '\n');
	if(!held)
		print_message("FAIL %s=\"%s\" is refused: %s, %s [%s]\n", name, text,
				taken ? "taken" : "refused",
				memcmp(&filled, &policy, sizeof(policy)) ? "policy changed"
														 : "policy as before",
				error);
	return held;
}

static void the_table_is_the_manuals(void **state)
{
	int failures = 0;

	(void)state;
	assert_int_equal(tlsp_parameters_count(), COUNT(specification));
	for(size_t i = 0; i < COUNT(specification); i++) {
		const struct tlsp_parameter *row = tlsp_parameters_at(i);
		const char *manual = specification[i].manual_name;

		if(strcmp(row->name, specification[i].name) != 0
				|| (row->manual_name != NULL) != (manual != NULL)
				|| (manual && strcmp(row->manual_name, manual) != 0)
				|| row->type != specification[i].type
				|| row->min != specification[i].min
				|| row->max != specification[i].max
				|| row->default_number != specification[i].default_number
				|| !row->unit || !row->help || row->help[0] == '\0') {
			print_message("FAIL row %zu is %s\n", i, specification[i].name);
			failures++;
		}
	}
	assert_int_equal(failures, 0);
}

static void a_name_is_found_in_both_spellings_in_any_case(void **state)
{
	static const struct
	{
		const char *label, *name, *found;
	} rows[] = {
			{"Kamailio's style", "tls_version", "tls_version"},
			{"the manual's name", "TLSVersion", "tls_version"},
			{"Kamailio's style in capitals", "TLS_VERSION", "tls_version"},
			{"the manual's name in small letters", "tlsversion", "tls_version"},
			{"the interval", "tlsREhandshakeINTERVAL",
					"tls_rehandshake_interval"},
			{"the client certificate", "SIPSRequireClientCertificate",
					"sips_require_client_certificate"},
			{"the mode", "PeerHostNameVerificationMode",
					"peer_host_name_verification_mode"},
			{"the subject name", "TLSRemoteSubjectName",
					"tls_remote_subject_name"},
			{"the server certificate", "VerifyServerCertificate",
					"verify_server_certificate"},
			{"a parameter of ours", "Wildcards", "wildcards"},
			{"nothing", "", NULL},
			{"a name that is cut", "tls_versio", NULL},
			{"a name with more behind it", "tls_version2", NULL},
			{"a blank before the name", " tls_version", NULL},
			{"a blank behind the name", "tls_version ", NULL},
			{"a mixture of the spellings", "TLS_ReHandshakeInterval", NULL},
			{"a hyphen for the underscore", "tls-version", NULL},
	};
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++) {
		const struct tlsp_parameter *row = tlsp_parameters_find(rows[i].name);

		if((row != NULL) != (rows[i].found != NULL)
				|| (row && strcmp(row->name, rows[i].found) != 0)) {
			print_message("FAIL %s: \"%s\"\n", rows[i].label, rows[i].name);
			failures++;
		}
	}
	assert_int_equal(failures, 0);
}

static void defaults_are_the_manuals(void **state)
{
	struct tlsp_policy policy;
	int failures = 0;

	(void)state;
	memset(&policy, 0x5a, sizeof(policy));
	tlsp_parameters_defaults(&policy);
	for(size_t i = 0; i < COUNT(specification); i++) {
		const struct tlsp_parameter *row = tlsp_parameters_at(i);
		char expected[32] = "", value[TLSP_PARAMETER_VALUE_OCTETS],
			 text[sizeof(value)];

		if(specification[i].type == TLSP_PARAMETER_NUMBER)
			snprintf(expected, sizeof(expected), "%d",
					specification[i].default_number);
		tlsp_parameters_print(row, &policy, value, sizeof(value));
		tlsp_parameters_default_text(row, text, sizeof(text));
		if(strcmp(value, expected) != 0 || strcmp(text, expected) != 0) {
			print_message("FAIL %s is [%s] by default: [%s], said [%s]\n",
					row->name, expected, value, text);
			failures++;
		}
	}
	assert_int_equal(failures, 0);
}

static void a_number_is_taken_from_min_to_max_alone(void **state)
{
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(specification); i++)
		for(int spelling = 0; spelling < 2; spelling++) {
			const char *name = spelling ? specification[i].manual_name
										: specification[i].name;
			int min = specification[i].min, max = specification[i].max;
			char text[32];

			if(!name || specification[i].type != TLSP_PARAMETER_NUMBER)
				continue;
			for(int number = min - 1; number <= max + 1; number++) {
				bool good = number >= min && number <= max;

				if(number > min + 2000 && number < max - 2000)
					number = max - 2000; /* the ends of a wide range */
				snprintf(text, sizeof(text), "%d", number);
				failures += good ? !takes(name, text, text)
								 : !refuses(name, text, text);
			}
		}
	assert_int_equal(failures, 0);
}

static void what_is_no_plain_number_is_refused(void **state)
{
	static const struct
	{
		const char *label, *text, *shown;
	} rows[] = {
			{"nothing", "", "\"\""},
			{"a minus sign", "-1", "\"-1\""},
			{"minus zero", "-0", "\"-0\""},
			{"a plus sign", "+1", "\"+1\""},
			{"a blank before", " 1", "\" 1\""},
			{"a blank behind", "1 ", "\"1 \""},
			{"a leading zero", "01", "\"01\""},
			{"two zeros", "00", "\"00\""},
			{"a hexadecimal number", "0x1", "\"0x1\""},
			{"an exponent", "1e1", "\"1e1\""},
			{"a fraction", "1.0", "\"1.0\""},
			{"a comma", "1,0", "\"1,0\""},
			{"thirty digits", THIRTY_DIGITS, THIRTY_DIGITS},
			{"2^32, which wraps to 0", "4294967296", "\"4294967296\""},
			{"2^32 + 1, which wraps to 1", "4294967297", "\"4294967297\""},
			{"2^64 + 1, which wraps to 1", "18446744073709551617",
					"18446744073709551617"},
			{"a word of no row", "yes", "\"yes\""},
			{"a newline behind, escaped", "1\n", "1\\x0a"},
			{"a quote, escaped", "1\"", "1\\x22"},
			{"a digit of another script, escaped", "\xd9\xa1", "\\xd9\\xa1"},
	};
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++)
		for(size_t j = 0; j < COUNT(specification); j++) {
			if(specification[j].type != TLSP_PARAMETER_NUMBER)
				continue;
			if(!refuses(specification[j].name, rows[i].text, rows[i].shown)) {
				print_message("  (%s)\n", rows[i].label);
				failures++;
			}
			if(specification[j].manual_name
					&& !refuses(specification[j].manual_name, rows[i].text,
							rows[i].shown))
				failures++;
		}
	assert_int_equal(failures, 0);
}

static void the_mode_and_the_method_have_words(void **state)
{
	static const struct
	{
		const char *name, *text, *printed; /* NULL: refused */
	} rows[] = {
			{"peer_host_name_verification_mode", "off", "0"},
			{"peer_host_name_verification_mode", "server", "1"},
			{"peer_host_name_verification_mode", "both", "2"},
			{"peer_host_name_verification_mode", "client", "3"},
			{"PeerHostNameVerificationMode", "off", "0"},
			{"PeerHostNameVerificationMode", "Server", "1"},
			{"PeerHostNameVerificationMode", "BOTH", "2"},
			{"peerhostnameverificationmode", "cLiEnT", "3"},
			{"peer_host_name_verification_mode", "server ", NULL},
			{"peer_host_name_verification_mode", " server", NULL},
			{"peer_host_name_verification_mode", "serv", NULL},
			{"peer_host_name_verification_mode", "servers", NULL},
			{"peer_host_name_verification_mode", "on", NULL},
			{"peer_host_name_verification_mode", "Server Only", NULL},
			{"tls_version", "off", NULL},
			{"tls_rehandshake_interval", "off", NULL},
			{"sips_require_client_certificate", "off", NULL},
			{"verify_server_certificate", "client", NULL},
			{"wildcards", "off", NULL},
			{"wildcard_proxies", "on", NULL},
			{"sip_uri_identities", "yes", NULL},
			{"bind_to_peer", "both", NULL},
			{"reuse_accepted_connections", "judged", "0"},
			{"reuse_accepted_connections", "Always", "1"},
			{"reuse_accepted_connections", "never", NULL},
			{"sip_domain_purpose", "ignore", "0"},
			{"sip_domain_purpose", "Accept", "1"},
			{"SIP_DOMAIN_PURPOSE", "require", "2"},
			{"sip_domain_purpose", "required", NULL},
			{"RequireStrictCert", "on", NULL},
			{"tls_rehandshake_method", "auto", "0"},
			{"tls_rehandshake_method", "Renegotiate", "1"},
			{"tls_rehandshake_method", "reconnect", "2"},
			{"tls_rehandshake_method", "keyupdate", NULL},
			{"tls_rehandshake_method", "off", NULL},
	};
	static const char *const words[] = {"off", "server", "both", "client"};
	struct tlsp_policy policy;
	char error[512] = "";
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++)
		failures +=
				rows[i].printed
						? !takes(rows[i].name, rows[i].text, rows[i].printed)
						: !refuses(rows[i].name, rows[i].text, rows[i].text);
	fill(&policy);
	tlsp_parameters_set(
			&policy, "PeerHostNameVerificationMode", "4", error, sizeof(error));
	for(size_t i = 0; i < COUNT(words); i++)
		if(!strstr(error, words[i])) {
			print_message("FAIL a refusal offers %s: %s\n", words[i], error);
			failures++;
		}
	assert_int_equal(failures, 0);
}

static void a_refusal_says_what_is_allowed(void **state)
{
	static const struct
	{
		const char *name, *text, *allowed;
	} rows[] = {
			{"TLSVersion", "16", "from 0 to 15"},
			{"TLSReHandshakeInterval", "1501", "from 0 to 1500 (minutes)"},
			{"SIPSRequireClientCertificate", "2", "from 0 to 1"},
			{"PeerHostNameVerificationMode", "4", "from 0 to 3"},
			{"VerifyServerCertificate", "2", "from 0 to 1"},
			{"wildcards", "2", "from 0 to 1"},
			{"tls_rehandshake_interval_seconds", "90001",
					"from 0 to 90000 (s)"},
			{"tls_rehandshake_method", "3", "auto, renegotiate, reconnect"},
			{"tls_rehandshake_quiet_ms", "9", "from 10 to 5000 (ms)"},
			{"tls_rehandshake_hold_octets", "1023",
					"from 1024 to 16777216 (octets)"},
			{"tls_rehandshake_peers", "a b..c", "\"b..c\" has an empty label"},
			{"TLSRemoteSubjectName", "a\tb", "255 octets"},
	};
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++) {
		struct tlsp_policy policy;
		char error[512] = "";

		fill(&policy);
		if(tlsp_parameters_set(
				   &policy, rows[i].name, rows[i].text, error, sizeof(error))
				|| !strstr(error, rows[i].allowed)) {
			print_message(
					"FAIL %s=%s: [%s]\n", rows[i].name, rows[i].text, error);
			failures++;
		}
	}
	assert_int_equal(failures, 0);
}

static void a_subject_name_is_text_of_up_to_255_octets(void **state)
{
	static const char *const taken[] = {"", "a", "gw.example.com",
			"*.example.com", "My Gateway 01", " ", "+1", "01", "off", "\"",
			"\\",
			"b\xc3\xbc"
			"cher.example",
			"192.0.2.1"};
	static const struct
	{
		const char *text, *shown;
	} refused[] = {
			{"a\n", "a\\x0a"},
			{"\r", "\\x0d"},
			{"a\tb", "a\\x09b"},
			{"\x01", "\\x01"},
			{"\x1f", "\\x1f"},
			{"\x7f", "\\x7f"},
			{"\x1b[2J", "\\x1b[2J"},
	};
	static const char *const names[] = {
			"tls_remote_subject_name", "TLSRemoteSubjectName"};
	char longest[256], too_long[257], far_too_long[5001];
	int failures = 0;

	(void)state;
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	memset(too_long, 'a', sizeof(too_long) - 1);
	too_long[sizeof(too_long) - 1] = '\0';
	memset(far_too_long, 'a', sizeof(far_too_long) - 1);
	far_too_long[sizeof(far_too_long) - 1] = '\0';
	for(size_t j = 0; j < COUNT(names); j++) {
		for(size_t i = 0; i < COUNT(taken); i++)
			failures += !takes(names[j], taken[i], taken[i]);
		for(size_t i = 0; i < COUNT(refused); i++)
			failures += !refuses(names[j], refused[i].text, refused[i].shown);
		failures += !takes(names[j], longest + 1, longest + 1);
		failures += !takes(names[j], longest, longest);
		failures += !refuses(names[j], too_long, "aaaaaaaa");
		failures += !refuses(names[j], far_too_long, "aaaaaaaa");
	}
	assert_int_equal(failures, 0);
}

static void rehandshake_peers_are_hosts_in_canonical_form(void **state)
{
	static const struct
	{
		const char *label, *text, *printed; /* NULL: refused */
		const char *shown;
	} rows[] = {
			{"nothing", "", "", NULL},
			{"blanks and commas alone", " ,\t, ", "", NULL},
			{"a name", "GW.Example.com.", "gw.example.com", NULL},
			{"names and addresses",
					"gw.example.com,192.0.2.1  ,[2001:DB8::1]:5061",
					"gw.example.com 192.0.2.1 2001:db8::1", NULL},
			{"a SIP URI", "<sip:u@gw.example.com:5061>", "gw.example.com",
					NULL},
			{"a wildcard", "*.example.com", "*.example.com", NULL},
			{"UTF-8",
					"b\xc3\xbc"
					"cher.example",
					"xn--bcher-kva.example", NULL},
			{"an empty label", "gw.example.com a..b c.example", NULL,
					"\"a..b\" has an empty label"},
			{"a control character", "gw\x01", NULL, "\"gw\\x01\""},
			{"a newline", "a\nb", NULL, "a\\x0ab"},
			{"another separator", "a;b", NULL, "\"a;b\""},
			{"no address", "192.0.2.256", NULL, "looks like an address"},
			{"a partial wildcard", "a*.example.com", NULL, "wildcard"},
	};
	char longest[1024], too_long[1025];
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++)
		if(rows[i].printed ? !takes(
				   "tls_rehandshake_peers", rows[i].text, rows[i].printed)
						   : !refuses("tls_rehandshake_peers", rows[i].text,
								   rows[i].shown)) {
			print_message("  (%s)\n", rows[i].label);
			failures++;
		}
	for(size_t i = 0; i < 1024; i += 2) {
		memcpy(longest + i, "a ", 2);
		memcpy(too_long + i, "b ", 2);
	}
	longest[1023] = '\0';
	memcpy(too_long + 1022, "bb", 3);
	failures += !takes("tls_rehandshake_peers", longest, longest);
	failures += !refuses("tls_rehandshake_peers", too_long,
			"the hosts up to \"bb\" are more than 1023 octets");
	assert_int_equal(failures, 0);
}

static void an_expected_host_is_one_in_canonical_form(void **state)
{
	static const struct
	{
		const char *text, *printed, *shown; /* NULL: refused */
	} rows[] = {
			{"", "", NULL},
			{"GW.Example.com.", "gw.example.com", NULL},
			{"sip:u@gw.example.com;transport=tls", "gw.example.com", NULL},
			{"sip:gw.example.com", "gw.example.com", NULL},
			{"2001:db8::1", "2001:db8::1", NULL},
			{"sips:gw.example.com", "gw.example.com", NULL},
			{"<sips:u:p@gw.example.com?a:b>", "gw.example.com", NULL},
			{"gw.example.com:5061", NULL, "has a port"},
			{"sips:gw.example.com:5061", NULL, "has a port"},
			{"sip:u@gw.example.com:5061;transport=tls", NULL, "has a port"},
			{"<sip:gw.example.com:5061>", NULL, "has a port"},
			{"192.0.2.1", "192.0.2.1", NULL},
			{"[2001:DB8::1]", "2001:db8::1", NULL},
			{"[2001:DB8::1]:5061", NULL, "has a port"},
			{"b\xc3\xbc"
			 "cher.example",
					"xn--bcher-kva.example", NULL},
			{"*.example.com", NULL,
					"expect: \"*.example.com\" stands for many names: write "
					"one"},
			{"a.example b.example", NULL, "expect: \"a.example b.example\""},
			{"a.example,b.example", NULL, "expect: \"a.example,b.example\""},
			{"a..b", NULL, "expect: \"a..b\" has an empty label"},
			{" ", NULL, "expect: \" \""},
			{"a\n", NULL, "expect: \"a\\x0a\""},
			{"192.0.2.256", NULL, "looks like an address"},
	};
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++)
		failures += rows[i].printed
							? !takes("expect", rows[i].text, rows[i].printed)
							: !refuses("expect", rows[i].text, rows[i].shown);
	assert_int_equal(failures, 0);
}

/* Mode, another parameter that asks something, and what is said of a host that
 * is expected. */
static void an_expected_host_that_is_compared_with_nothing_is_told(void **state)
{
	static const struct
	{
		int mode, verify;
		const char *shown; /* NULL: nothing */
	} rows[] = {
			{TLSP_VERIFY_NAMES_OFF, 0, "expect has nothing to judge"},
			{TLSP_VERIFY_NAMES_OFF, 1, "mode=off compares no names of servers"},
			{TLSP_VERIFY_NAMES_SERVER, 0,
					"mode=server compares no names of servers"},
			{TLSP_VERIFY_NAMES_BOTH, 0, NULL},
			{TLSP_VERIFY_NAMES_CLIENT, 0, NULL},
	};

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++) {
		struct tlsp_policy policy;
		char buffer[512] = "", error[64];
		const char *told;

		tlsp_parameters_defaults(&policy);
		policy.peer_host_name_verification_mode = rows[i].mode;
		policy.verify_server_certificate = rows[i].verify;
		policy.sips_require_client_certificate =
				rows[i].mode != TLSP_VERIFY_NAMES_OFF;
		assert_null(tlsp_parameters_warning(&policy, buffer, sizeof(buffer)));
		assert_true(tlsp_parameters_set(
				&policy, "expect", "b.example", error, sizeof(error)));
		told = tlsp_parameters_warning(&policy, buffer, sizeof(buffer));
		assert_int_equal(told != NULL, rows[i].shown != NULL);
		if(told)
			assert_non_null(strstr(told, rows[i].shown));
	}
}

static void a_shorter_subject_name_leaves_nothing_of_the_longer(void **state)
{
	struct tlsp_policy once, twice;
	char error[256];

	(void)state;
	tlsp_parameters_defaults(&once);
	tlsp_parameters_defaults(&twice);
	assert_true(tlsp_parameters_set(&twice, "TLSRemoteSubjectName",
			"a-long-name.example.com", error, sizeof(error)));
	assert_true(tlsp_parameters_set(
			&twice, "TLSRemoteSubjectName", "gw", error, sizeof(error)));
	assert_true(tlsp_parameters_set(
			&once, "TLSRemoteSubjectName", "gw", error, sizeof(error)));
	assert_memory_equal(&once, &twice, sizeof(once));
}

static void an_unknown_parameter_is_named_and_changes_nothing(void **state)
{
	static const struct
	{
		const char *name, *shown;
	} rows[] = {
			{"tls_versions", "\"tls_versions\""},
			{"", "\"\""},
			{"tls_version\n", "tls_version\\x0a"},
			{"\x1b[2J", "\\x1b[2J"},
			{"a\"b", "a\\x22b"},
	};
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++) {
		struct tlsp_policy policy, filled;
		char error[512] = "";
		bool taken;

		fill(&policy);
		memcpy(&filled, &policy, sizeof(policy));
		taken = tlsp_parameters_set(
				&policy, rows[i].name, "1", error, sizeof(error));
		if(taken || memcmp(&filled, &policy, sizeof(policy)) != 0
				|| !strstr(error, rows[i].shown)) {
			print_message("FAIL %s: [%s]\n", rows[i].shown, error);
			failures++;
		}
	}
	assert_int_equal(failures, 0);
}

static void a_sentence_is_cut_at_any_size(void **state)
{
	static const char *const names[] = {
			"nonsense", "PeerHostNameVerificationMode", "TLSRemoteSubjectName"};
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(names); i++)
		for(size_t size = 1; size <= 28; size++) {
			char *error = malloc(size);
			struct tlsp_policy policy;

			assert_non_null(error);
			fill(&policy);
			if(tlsp_parameters_set(&policy, names[i], "\x01", error, size)
					|| strnlen(error, size) != size - 1) {
				print_message("FAIL %s cut at %zu octets\n", names[i], size);
				failures++;
			}
			free(error);
		}
	assert_int_equal(failures, 0);
}

/* For every mode: with and without proxies, with and without a required
 * client certificate. */
static void modes_need_proxies_and_some_deserve_a_warning(void **state)
{
	static const struct
	{
		const char *word;
		int mode;
		bool fits_none, warns;
	} rows[] = {
			{"off", 0, true, false},
			{"server", 1, false, true},
			{"both", 2, false, true},
			{"client", 3, false, false},
	};
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++) {
		struct tlsp_policy policy;
		char error[512] = "", buffer[512] = "";
		const char *warning;
		bool held;

		tlsp_parameters_defaults(&policy);
		policy.peer_host_name_verification_mode = rows[i].mode;
		held = tlsp_parameters_check_combination(
				&policy, 1, error, sizeof(error));
		held = held
			   && tlsp_parameters_check_combination(
					   &policy, 1000000, error, sizeof(error));
		held = held && error[0] == '\0';
		held = held
			   && tlsp_parameters_check_combination(
						  &policy, 0, error, sizeof(error))
						  == rows[i].fits_none;
		held = held
			   && (rows[i].fits_none
					   || (strstr(error, "peer_host_name_verification_mode")
							   && strstr(error, rows[i].word)));
		warning = tlsp_parameters_warning(&policy, buffer, sizeof(buffer));
		held = held && (warning != NULL) == rows[i].warns
			   && (!warning
					   || (strstr(warning, rows[i].word)
							   && strstr(warning,
									   "sips_require_client_certificate")));
		policy.sips_require_client_certificate = 1;
		held = held
			   && !tlsp_parameters_warning(&policy, buffer, sizeof(buffer));
		if(!held) {
			print_message(
					"FAIL mode %s: [%s] [%s]\n", rows[i].word, error, buffer);
			failures++;
		}
	}
	assert_int_equal(failures, 0);
}

int main(void)
{
	/* clang-format off */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_the_manuals),
		cmocka_unit_test(a_name_is_found_in_both_spellings_in_any_case),
		cmocka_unit_test(defaults_are_the_manuals),
		cmocka_unit_test(a_number_is_taken_from_min_to_max_alone),
		cmocka_unit_test(what_is_no_plain_number_is_refused),
		cmocka_unit_test(the_mode_and_the_method_have_words),
		cmocka_unit_test(a_refusal_says_what_is_allowed),
		cmocka_unit_test(a_subject_name_is_text_of_up_to_255_octets),
		cmocka_unit_test(rehandshake_peers_are_hosts_in_canonical_form),
		cmocka_unit_test(an_expected_host_is_one_in_canonical_form),
		cmocka_unit_test(an_expected_host_that_is_compared_with_nothing_is_told),
		cmocka_unit_test(a_shorter_subject_name_leaves_nothing_of_the_longer),
		cmocka_unit_test(an_unknown_parameter_is_named_and_changes_nothing),
		cmocka_unit_test(a_sentence_is_cut_at_any_size),
		cmocka_unit_test(modes_need_proxies_and_some_deserve_a_warning),
	};
	/* clang-format on */

	return cmocka_run_group_tests(tests, NULL, NULL);
}
