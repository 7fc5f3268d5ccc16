/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rules_text_test - what a rules file says: rules with what they inherit, or
 * each sentence that names the line and the remedy; and what is read of a file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "files/rules_file.h"
#include "policy/rules/selection.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define TEXT(text) text, sizeof(text) - 1
#define X50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

/* As the design of the project shows it. */
static const char example[] =
		"[default]                          # parameters that every rule "
		"inherits; modparams are the same thing\n"
		"tls_version = 12\n"
		"[rule:carriers]                    # NAME: [A-Za-z0-9_.-]{1,64}, not "
		"default. The first rule in the file's order whose conditions all hold "
		"applies\n"
		"listen = 192.0.2.1:5061            # conditions: listen: our "
		"address:port, :port, address, [v6]:port (for peer_role = server: an "
		"address only),\n"
		"peer = 203.0.113.0/24, 2001:db8::/32   # peer: addresses and "
		"networks, server_name: the SNI that the client asked for, or that we "
		"ask; *.x is one label\n"
		"server_name = trunk.example.net    # lists by comma or by repeating "
		"the line\n"
		"peer_role = client                 # client: a peer that connects to "
		"us; server: one that we connect to; both (default)\n"
		"sips_require_client_certificate = 1\n"
		"peer_host_name_verification_mode = both\n"
		"proxy = sip.carrier.example        # a rule that names any proxy "
		"source has its own list, else it has the default's\n"
		"proxy_file = carriers.list\n"
		"dispatcher_set = 2                 # only this set of a "
		"dispatcher.list or dispatcher table\n"
		"https_root_file_name = carriers-ca.pem\n"
		"crl_file_name = carriers.crl       # only beside "
		"https_root_file_name\n"
		"enforcement = testing\n";

static struct tlsp_rules *read_text(
		const char *file, const char *text, size_t octets)
{
	struct tlsp_policy defaults;
	char *exact = malloc(octets + 1); /* so that a step too far is seen */
	struct tlsp_rules *rules;

	tlsp_parameters_defaults(&defaults);
	assert_non_null(exact);
	memcpy(exact + 1, text, octets);
	rules = tlsp_rules_text_read(file, exact + 1, octets, &defaults, 0);
	free(exact);
	assert_non_null(rules);
	return rules;
}

static void test_example(void **state)
{
	struct tlsp_rules *rules = read_text("/etc/x/r.cfg", TEXT(example));
	const struct tlsp_rule *rule;
	char text[256];

	(void)state;
	assert_int_equal(rules->error_count, 0);
	assert_int_equal(rules->warning_count, 0);
	assert_int_equal(rules->count, 1);
	assert_int_equal(rules->base->policy.tls_version, 12);
	rule = rules->rules[0];
	assert_string_equal(rule->name, "carriers");
	assert_int_equal(rule->line, 3);
	tlsp_rule_print_conditions(rule, text, sizeof(text));
	assert_string_equal(text, "listen = 192.0.2.1:5061\n"
							  "peer = 203.0.113.0/24, 2001:db8::/32\n"
							  "server_name = trunk.example.net\n"
							  "peer_role = client\n");
	tlsp_rule_print_sources(rule, text, sizeof(text));
	assert_string_equal(text, "proxy = sip.carrier.example\n"
							  "proxy_file = /etc/x/carriers.list\n"
							  "dispatcher_set = 2\n");
	assert_int_equal(rule->policy.tls_version, 12);
	assert_int_equal(rule->policy.sips_require_client_certificate, 1);
	assert_int_equal(rule->policy.peer_host_name_verification_mode,
			TLSP_VERIFY_NAMES_BOTH);
	assert_string_equal(
			rule->policy.https_root_file_name, "/etc/x/carriers-ca.pem");
	assert_string_equal(rule->policy.crl_file_name, "/etc/x/carriers.crl");
	assert_int_equal(rule->policy.enforcement, TLSP_ENFORCE_TESTING);
	tlsp_rules_free(rules);
}

/* Texts that are wrong, and the one sentence. */
struct row
{
	const char *label;
	const char *text;
	size_t octets;
	const char *sentence;
};

static const struct row errors[] = {
		{"a key before any section", TEXT("\ntls_version = 12\n"),
				"f:2: tls_version stands before the first section: write "
				"[default] or [rule:NAME] above it"},
		{"an unknown key", TEXT("[default]\ntls_versoin = 12\n"),
				"f:2: unknown key \"tls_versoin\""},
		{"an unknown section", TEXT("[carriers]\nlisten = :1\n"),
				"f:1: \"[carriers]\" is neither [default] nor [rule:NAME], "
				"where NAME is 1 to 64 letters, digits, '_', '.' and '-', and "
				"not default"},
		{"a rule without a name", TEXT("[rule:]\n"),
				"f:1: \"[rule:]\" is neither [default] nor [rule:NAME], where "
				"NAME is 1 to 64 letters, digits, '_', '.' and '-', and not "
				"default"},
		{"a rule that is named default", TEXT("[rule:Default]\n"),
				"f:1: \"[rule:Default]\" is neither [default] nor [rule:NAME], "
				"where NAME is 1 to 64 letters, digits, '_', '.' and '-', and "
				"not default"},
		{"a rule with a blank in its name", TEXT("[rule:a b]\n"),
				"f:1: \"[rule:a b]\" is neither [default] nor [rule:NAME], "
				"where NAME is 1 to 64 letters, digits, '_', '.' and '-', and "
				"not default"},
		{"something behind a section", TEXT("[default] tls_version = 12\n"),
				"f:1: \"[default] tls_version = 12\" is neither [default] nor "
				"[rule:NAME], where NAME is 1 to 64 letters, digits, '_', '.' "
				"and '-', and not default"},
		{"a section that does not end", TEXT("[rule:a\n"),
				"f:1: \"[rule:a\" is neither [default] nor [rule:NAME], where "
				"NAME is 1 to 64 letters, digits, '_', '.' and '-', and not "
				"default"},
		{"a rule twice",
				TEXT("[rule:a]\npeer = 10.0.0.1\nwildcards = 0\n"
					 "[rule:b]\npeer = 10.0.0.2\nwildcards = 0\n"
					 "[rule:a]\npeer = 10.0.0.3\nwildcards = 0\n"),
				"f:7: [rule:a] stands twice: line 1 has it already"},
		{"the default twice",
				TEXT("[default]\ntls_version = 8\n[default]\nwildcards = 0\n"),
				"f:3: [default] stands twice: line 1 has it already"},
		{"a parameter twice",
				TEXT("[rule:a]\ntls_version = 12\nTLSVersion = 8\n"),
				"f:3: TLSVersion stands twice in one section"},
		{"a role twice",
				TEXT("[rule:a]\npeer_role = client\npeer_role = both\n"
					 "wildcards = 0\n"),
				"f:3: peer_role stands twice in one section"},
		{"a database without its equals sign",
				TEXT("[rule:a]\ndb_url mysql://u:secret@h/d\n"),
				"f:2: \"db_url ***\" is not KEY = VALUE"},
		{"a database that is indented",
				TEXT("[rule:a]\n db_url = mysql://u:secret@h/d\n"),
				"f:2: \" db_url ***\" is indented: begin every line at the "
				"margin, and write a list that goes on as another line of the "
				"same key"},
		{"a database alone", TEXT("[rule:a]\nmysql://u:secret@h/d\n"),
				"f:2: \"mysql ***\" is not KEY = VALUE"},
		{"a database twice",
				TEXT("[rule:a]\ndb_url = mysql://u:secret@h/d\n"
					 "db_url = mysql://u:secret@h/e\n"),
				"f:3: db_url: what is written is named a second time"},
		{"a set twice",
				TEXT("[rule:a]\ndispatcher_set = 1\ndispatcher_set = 2\n"),
				"f:3: dispatcher_set: \"2\" is named a second time"},
		{"a parameter for the whole server in a rule",
				TEXT("[rule:a]\nhandshake_timeout = 3\n"),
				"f:2: handshake_timeout is for the whole server: write it in "
				"[default]"},
		{"a value out of range", TEXT("[rule:a]\ntls_version = 16\n"),
				"f:2: tls_version: \"16\" is not a number from 0 to 15 (bit "
				"mask)"},
		{"a word that is none", TEXT("[rule:a]\nenforcement = test\n"),
				"f:2: enforcement: \"test\" is not a number from 0 to 2 or one "
				"of enforce, testing, none"},
		{"a number without a value", TEXT("[rule:a]\ntls_version =\n"),
				"f:2: tls_version: \"\" is not a number from 0 to 15 (bit "
				"mask)"},
		{"a comment that no blank precedes",
				TEXT("[rule:a]\ntls_version = 12# old\n"),
				"f:2: tls_version: \"12# old\" is not a number from 0 to 15 "
				"(bit mask)"},
		{"a condition in the default", TEXT("[default]\npeer = 10.0.0.1\n"),
				"f:2: peer is a condition, and [default] has none: it is for "
				"every connection that no rule is for"},
		{"an indented pair", TEXT("[rule:a]\nwildcards = 0\n\tpeer = ::1\n"),
				"f:3: \"\\x09peer = ::1\" is indented: begin every line at the "
				"margin, and write a list that goes on as another line of the "
				"same key"},
		{"no equals sign", TEXT("[rule:a]\nwildcards\n"),
				"f:2: \"wildcards\" is not KEY = VALUE"},
		{"a colon instead", TEXT("[rule:a]\nwildcards : 0\n"),
				"f:2: \"wildcards : 0\" is not KEY = VALUE"},
		{"a colon before it", TEXT("[rule:a]\nlisten:x = :5061\n"),
				"f:2: \"listen:x = :5061\" is not KEY = VALUE"},
		{"no key", TEXT("[rule:a]\n= 0\n"), "f:2: \"= 0\" is not KEY = VALUE"},
		{"quotes", TEXT("[rule:a]\nproxy = \"sip.example.com\"\n"),
				"f:2: \"proxy = \\x22sip.example.com\\x22\": a value is "
				"written without quotes"},
		{"a line too long for libinih",
				TEXT("[rule:a]\ntls_remote_subject_name = " X50 X50 X50
					 "xxxxxxxxxxxxxxxxxxxxxxxx\n"),
				"f:2: the line is longer than 199 octets: write a list as "
				"several lines of the same key"},
		{"a NUL octet", TEXT("[rule:a]\nwildcards = 0\0\n"),
				"f:2: the line has a NUL octet"},
		{"a NUL octet in a comment", TEXT("[rule:a]\nwildcards = 0 # \0\n"),
				"f:2: the line has a NUL octet"},
		{"a control character", TEXT("[rule:a]\nwildcards = 0\f\n"),
				"f:2: the line has a control character"},
		{"a carriage return inside", TEXT("[rule:a]\rwildcards = 0\n"),
				"f:1: the line has a control character"},
		{"a byte order mark", TEXT("\xef\xbb\xbf[default]\nwildcards = 0\n"),
				"f:1: the file begins with a byte order mark: save it without "
				"one"},
		{"a listen that is none",
				TEXT("[rule:a]\nlisten = tls:10.0.0.1:5061\n"),
				"f:2: listen: \"tls:10.0.0.1:5061\" is not ADDRESS:PORT, "
				"[IPv6 ADDRESS]:PORT, :PORT or ADDRESS"},
		{"a port of 0", TEXT("[rule:a]\nlisten = :0\n"),
				"f:2: listen: \":0\" is not ADDRESS:PORT, [IPv6 ADDRESS]:PORT, "
				":PORT or ADDRESS"},
		{"a port beyond 65535", TEXT("[rule:a]\nlisten = 10.0.0.1:65536\n"),
				"f:2: listen: \"10.0.0.1:65536\" is not ADDRESS:PORT, [IPv6 "
				"ADDRESS]:PORT, :PORT or ADDRESS"},
		{"every address of ours", TEXT("[rule:a]\nlisten = 0.0.0.0:5061\n"),
				"f:2: listen: \"0.0.0.0:5061\" is no address that a connection "
				"has: write :PORT for every address"},
		{"a peer that is a name", TEXT("[rule:a]\npeer = sip.example.com\n"),
				"f:2: peer: \"sip.example.com\" is neither an address nor a "
				"network (ADDRESS/BITS)"},
		{"a network with too many bits", TEXT("[rule:a]\npeer = 10.0.0.0/33\n"),
				"f:2: peer: \"10.0.0.0/33\" is neither an address nor a "
				"network "
				"(ADDRESS/BITS)"},
		{"an address in a network", TEXT("[rule:a]\npeer = 10.0.0.1/8\n"),
				"f:2: peer: \"10.0.0.1/8\" has bits behind those of its "
				"network: write the network's first address, or the address "
				"alone"},
		{"a peer twice", TEXT("[rule:a]\npeer = 10.0.0.1, 10.0.0.1/32\n"),
				"f:2: peer: \"10.0.0.1/32\" is listed twice"},
		{"a name with a port", TEXT("[rule:a]\nserver_name = a.b.c:5061\n"),
				"f:2: server_name: \"a.b.c:5061\" is not a server name: a host "
				"name or *.NAME alone"},
		{"a name that is an address",
				TEXT("[rule:a]\nserver_name = 192.0.2.1\n"),
				"f:2: server_name: \"192.0.2.1\" is an address, and no client "
				"asks for an address as the server name (RFC 6066, 3)"},
		{"a misplaced wildcard", TEXT("[rule:a]\nserver_name = a.*.c\n"),
				"f:2: server_name: \"a.*.c\" has a misplaced wildcard"},
		{"a role that is none", TEXT("[rule:a]\npeer_role = Server\n"),
				"f:2: peer_role: \"Server\" is not client, server or both"},
		{"a proxy that is none", TEXT("[rule:a]\nproxy = a.b, x..y\n"),
				"f:2: proxy: \"x..y\" has an empty label"},
		{"no proxy file", TEXT("[rule:a]\nproxy_file =\n"),
				"f:2: proxy_file: \"\" is empty"},
		{"a database that is none", TEXT("[rule:a]\ndb_url = secret\n"),
				"f:2: db_url: what is written is no URL of a database "
				"(DRIVER://...)"},
		{"a table that is none", TEXT("[rule:a]\ndb_table = a b\n"),
				"f:2: db_table: \"a b\" is no name of letters, digits, '_', "
				"'.' and '$'"},
		{"a set that is none", TEXT("[rule:a]\ndispatcher_set = -1\n"),
				"f:2: dispatcher_set: \"-1\" is not a number from 0 to "
				"2147483647"},
		{"a set beyond an int", TEXT("[rule:a]\ndispatcher_set = 2147483648\n"),
				"f:2: dispatcher_set: \"2147483648\" is not a number from 0 to "
				"2147483647"},
		{"CRLs without trust anchors", TEXT("[rule:a]\ncrl_file_name = c\n"),
				"f:1: [rule:a] crl_file_name needs https_root_file_name beside "
				"it: without one tls.cfg's trust anchors and its crl count"},
		{"inherited CRLs without trust anchors",
				TEXT("[default]\ncrl_file_name = c\nhttps_root_file_name = r\n"
					 "[rule:a]\nhttps_root_file_name =\n"),
				"f:4: [rule:a] crl_file_name, which is inherited, needs "
				"https_root_file_name beside it: without one tls.cfg's trust "
				"anchors and its crl count"},
		{"CRLs of the default without trust anchors",
				TEXT("[default]\ncrl_file_name = c\n"),
				"f:1: [default] crl_file_name needs https_root_file_name "
				"beside it: without one tls.cfg's trust anchors and its crl "
				"count"},
		{"a port of a connection to a server",
				TEXT("[rule:a]\nlisten = 10.0.0.1, 10.0.0.2:5061\n"
					 "peer_role = server\nwildcards = 0\n"),
				"f:1: [rule:a] has peer_role = server and a listen with a "
				"port, which no connection to a server has: write the address "
				"alone"},
		{"two families",
				TEXT("[rule:a]\nlisten = 10.0.0.1\npeer = ::1\nwildcards=0\n"),
				"f:1: [rule:a] can never hold: its addresses in listen and "
				"those in peer are of different families (IPv4 and IPv6)"},
		{"many hosts that are expected",
				TEXT("[rule:a]\npeer = 10.0.0.1\nexpect = *.example.com\n"),
				"f:3: expect: \"*.example.com\" stands for many names: write "
				"one"},
		{"a server that is expected by a rule for clients",
				TEXT("[rule:a]\npeer_role = client\nexpect = a.example\n"),
				"f:1: [rule:a] expect says who a server must be, and this rule "
				"is for clients alone: by peer_role, or a port in each listen"},
		{"two hosts that are expected",
				TEXT("[rule:a]\nexpect = a.example\nexpect = b.example\n"),
				"f:3: expect stands twice in one section"},
		{"a wildcard proxy", TEXT("[rule:a]\nproxy = *.example.com\n"),
				"f:1: [rule:a] a proxy stands for every name below it, which "
				"wildcard_proxies = 1 has to permit"},
};

static bool says(const struct row *row, char *const *texts, size_t count)
{
	if(count == 1 && strcmp(texts[0], row->sentence) == 0)
		return true;
	print_message("FAIL %s:\n  wanted [%s]\n", row->label, row->sentence);
	for(size_t i = 0; i < count; i++)
		print_message("  got    [%s]\n", texts[i]);
	return false;
}

static void test_errors(void **state)
{
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(errors); i++) {
		struct tlsp_rules *rules =
				read_text("f", errors[i].text, errors[i].octets);

		failures += !says(&errors[i], rules->errors, rules->error_count);
		tlsp_rules_free(rules);
	}
	assert_int_equal(failures, 0);
}

static const struct row warnings[] = {
		{"a rule that says nothing", TEXT("[rule:a]\npeer = 10.0.0.1\n"),
				"f:1: [rule:a] is without effect: it says nothing that "
				"[default] does not. If it is to except its connections from "
				"the rules behind it, write what they get, such as enforcement "
				"= enforce"},
		{"a rule behind one for all",
				TEXT("[rule:all]\nwildcards = 0\n[rule:a]\npeer = ::1\n"
					 "wildcards = 0\n"),
				"f:3: [rule:a] is never reached: [rule:all] of line 1, which "
				"stands before it, holds wherever it does"},
		{"a rule behind one of a larger network",
				TEXT("[rule:x]\npeer = 10.0.0.0/9\nwildcards = 0\n"
					 "[rule:n]\npeer = 10.0.0.0/8, ::/0\nwildcards = 0\n"
					 "[rule:a]\npeer = 10.128.0.0/24, ::1\nlisten = :5061\n"
					 "wildcards = 0\n"),
				"f:7: [rule:a] is never reached: [rule:n] of line 4, which "
				"stands before it, holds wherever it does"},
		{"a rule behind one for clients",
				TEXT("[rule:c]\npeer_role = client\nwildcards = 0\n"
					 "[rule:a]\nlisten = :5061\nwildcards = 0\n"),
				"f:4: [rule:a] is never reached: [rule:c] of line 1, which "
				"stands before it, holds wherever it does"},
		{"a rule behind one of a wildcard",
				TEXT("[rule:w]\nserver_name = *.b.c\nwildcards = 0\n"
					 "[rule:a]\nserver_name = a.b.c, x.b.c\nwildcards = 0\n"),
				"f:4: [rule:a] is never reached: [rule:w] of line 1, which "
				"stands before it, holds wherever it does"},
		{"names of clients that need none",
				TEXT("[rule:a]\npeer_host_name_verification_mode = server\n"
					 "proxy = a.b\n"),
				"f:1: [rule:a] peer_host_name_verification_mode=server without "
				"sips_require_client_certificate=1: a client that shows no "
				"certificate is accepted unjudged"},
};

static void test_warnings(void **state)
{
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(warnings); i++) {
		struct tlsp_rules *rules =
				read_text("f", warnings[i].text, warnings[i].octets);

		failures += rules->error_count > 0;
		failures += !says(&warnings[i], rules->warnings, rules->warning_count);
		tlsp_rules_free(rules);
	}
	assert_int_equal(failures, 0);
}

/* Texts without fault, and what the last rule says; or [default], if alone. */
static const struct row texts[] = {
		{"nothing", TEXT(""), ""},
		{"comments alone", TEXT("# a\n; b\n  # c\n\t; d"), ""},
		{"no newline at the end", TEXT("[rule:a]\nwildcards = 0\npeer = ::1"),
				"peer = ::1\n"},
		{"CRLF", TEXT("[rule:a]\r\nwildcards = 0\r\n\r\npeer = ::1\r\n"),
				"peer = ::1\n"},
		{"no blanks", TEXT("[rule:a]\npeer=::1,::2\nwildcards=0\n"),
				"peer = ::1, ::2\n"},
		{"blanks and tabs",
				TEXT("[rule:a]\npeer\t=\t::1 ,\t::2  \t\nwildcards=0\t;x\n"),
				"peer = ::1, ::2\n"},
		{"lists by repeating",
				TEXT("[rule:a]\nlisten = :5061\nlisten = 10.0.0.1, [::1]:5\n"
					 "peer = 10.0.0.0/8\npeer = 1.2.3.4\nwildcards = 0\n"),
				"listen = :5061, 10.0.0.1, [::1]:5\n"
				"peer = 10.0.0.0/8, 1.2.3.4\n"},
		{"capitals in a key", TEXT("[rule:a]\nPeer = ::1\nWildcards = 0\n"),
				"peer = ::1\n"},
		{"canonical values",
				TEXT("[rule:a]\nwildcards = 0\npeer = ::ffff:10.0.0.0/104, "
					 "[2001:DB8::0]\nserver_name = B\xc3\xbc"
					 "cher.Example., *.X.Y\nlisten = [::ffff:10.1.1.1]:7\n"),
				"listen = 10.1.1.1:7\npeer = 10.0.0.0/8, 2001:db8::\n"
				"server_name = xn--bcher-kva.example, *.x.y\n"},
		{"everybody", TEXT("[rule:a]\nwildcards = 0\npeer = 0.0.0.0/0, ::/0\n"),
				"peer = 0.0.0.0/0, ::/0\n"},
		{"a URI with parameters, and a comment",
				TEXT("[rule:a]\nproxy = sip:a.b:5061;transport=tls ; c\n"
					 "proxy = c.d, e.f # g\n"),
				"proxy = sip:a.b:5061;transport=tls\nproxy = c.d\n"
				"proxy = e.f\n"},
		{"files of every kind",
				TEXT("[rule:a]\nproxy_file = l, /x/l, ./l, ../l, d/l\n"),
				"proxy_file = l\nproxy_file = /x/l\nproxy_file = ./l\n"
				"proxy_file = ../l\nproxy_file = d/l\n"},
		{"a database",
				TEXT("[rule:a]\ndb_url = mysql://u:secret@h/d\n"
					 "db_table = t\ndb_column = c\ndispatcher_set = 0\n"),
				"db_url = mysql://u:***@h/d\ndb_table = t\ndb_column = c\n"
				"dispatcher_set = 0\n"},
		{"a database whose password has an '@' and a '/'",
				TEXT("[rule:a]\ndb_url = mysql://u:s@c/r:t@h:3306/d\n"),
				"db_url = mysql://u:***@h:3306/d\n"},
		{"a database without a password",
				TEXT("[rule:a]\ndb_url = sqlite:///var/lib/k.db\n"),
				"db_url = sqlite:///var/lib/k.db\n"},
		{"a database that is written in a way of its own",
				TEXT("[rule:a]\ndb_url = odbc:secret\n"),
				"db_url = odbc:***\n"},
		{"a database whose host was forgotten",
				TEXT("[rule:a]\ndb_url = mysql://k:secret\n"),
				"db_url = mysql:***\n"},
		{"a database of a host alone", TEXT("[rule:a]\ndb_url = mysql://h/d\n"),
				"db_url = mysql://h/d\n"},
		{"a set of the default's files",
				TEXT("[default]\nproxy_file = d.list\n[rule:a]\n"
					 "dispatcher_set = 7\n"),
				"dispatcher_set = 7\n"},
};

static void test_texts(void **state)
{
	char text[1024];
	size_t used;
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(texts); i++) {
		struct tlsp_rules *rules;
		const struct tlsp_rule *rule;

		rules = read_text("f", texts[i].text, texts[i].octets);
		rule = rules->count ? rules->rules[rules->count - 1] : rules->base;
		used = tlsp_rule_print_conditions(rule, text, sizeof(text));
		tlsp_rule_print_sources(rule, text + used, sizeof(text) - used);
		if(rules->error_count || strcmp(text, texts[i].sentence) != 0) {
			print_message("FAIL %s: [%s]\n", texts[i].label,
					rules->error_count ? rules->errors[0] : text);
			failures++;
		}
		tlsp_rules_free(rules);
	}
	assert_int_equal(failures, 0);
}

static bool any_says(char *const *sentences, size_t count, const char *text)
{
	for(size_t i = 0; i < count; i++)
		if(strstr(sentences[i], text)) {
			print_message("FAIL: %s\n", sentences[i]);
			return true;
		}
	return false;
}

/* However the line is wrong that an operator meant for a database. */
static void test_no_password_is_told(void **state)
{
	static const char *const urls[] = {"mysql://kamailio:S3CRET@h/d",
			"mysql://kamailio:S3CRET", "postgres://S3CRET@h/d", "odbc:S3CRET",
			"mysql:kamailio:S3CRET@h/d"};
	static const char *const keys[] = {"db_url", "DB_URL", "db_table",
			"db_column", "dispatcher_set", "proxy", "proxy_file", "peer",
			"listen", "server_name", "peer_role", "tls_version", "enforcement",
			"TLSRemoteSubjectName", "expect", "tls_rehandshake_peers", "dburl"};
	static const char *const shapes[] = {"%s = %s", "%s %s", "%s\t%s", "%s: %s",
			"%s:%s", " %s = %s", "\t%s %s", "%s = \"%s\"", "%s = %s = x",
			"[%s %s", "[rule:%s %s]", "%s = x, %s", "%s = %s\x01", "= %s %s",
			"%s %s = x", "\"%s\" = %s"};
	char text[512], line[256];

	(void)state;
	for(size_t i = 0; i < COUNT(urls) * COUNT(keys) * COUNT(shapes); i++) {
		const char *url = urls[i % COUNT(urls)];
		const char *key = keys[i / COUNT(urls) % COUNT(keys)];
		bool is_url = strstr(url, "://") || strchr(url, '@');
		struct tlsp_rules *rules;
		int octets;

		if(!is_url && strncasecmp(key, "db_url", 6) != 0)
			continue; /* nothing tells that it is a secret */
		snprintf(line, sizeof(line), shapes[i / COUNT(urls) / COUNT(keys)], key,
				url);
		octets = snprintf(text, sizeof(text), "[rule:a]\npeer = ::1\n%s\n%s\n",
				line, line);
		rules = read_text("f", text, (size_t)octets);
		assert_false(any_says(rules->errors, rules->error_count, "S3CRET"));
		assert_false(any_says(rules->warnings, rules->warning_count, "S3CRET"));
		tlsp_rules_free(rules);
	}
}

static void test_names_of_rules(void **state)
{
	static const char longest[] =
			"[rule:" X50 "Az09_.-8901234]\nwildcards = 0\n";
	static const char longer[] =
			"[rule:" X50 "Az09_.-89012345]\nwildcards = 0\n";
	struct tlsp_rules *rules = read_text("f", TEXT(longest));

	(void)state;
	assert_int_equal(rules->error_count, 0);
	assert_string_equal(rules->rules[0]->name, X50 "Az09_.-8901234");
	tlsp_rules_free(rules);
	rules = read_text("f", TEXT(longer));
	assert_int_equal(rules->error_count, 1);
	tlsp_rules_free(rules);
}

/* Wherever [default] stands, and both spellings. */
static void test_inheritance(void **state)
{
	static const char text[] =
			"[rule:a]\nTLSVersion = 8\npeer = 10.0.0.1\n"
			"[rule:b]\ntls_rehandshake_interval = 60\npeer = 10.0.0.2\n"
			"https_root_file_name =\ncrl_file_name =\n"
			"[default]\nTLSVersion = 12\nHTTPSRootFileName = r.pem\n"
			"crl_file_name = /c.crl\ntls_rehandshake_interval_seconds = 30\n"
			"handshake_timeout = 5\n"
			"tls_rehandshake_peers = a.b c.d\ntls_rehandshake_peers = E.F\n"
			"[rule:c]\nrequire_strict_cert = 1\nverify_server_certificate = "
			"1\nproxy_file = ./x, ../y, z/w, /v\n";
	struct tlsp_rules *rules = read_text("/d/f", TEXT(text));
	const struct tlsp_policy *a, *b, *c, *base;
	char text_of[128];

	(void)state;
	if(rules->error_count || rules->warning_count)
		print_message("%s\n",
				rules->error_count ? rules->errors[0] : rules->warnings[0]);
	assert_int_equal(rules->error_count + rules->warning_count, 0);
	base = &rules->base->policy;
	a = &rules->rules[0]->policy;
	b = &rules->rules[1]->policy;
	c = &rules->rules[2]->policy;
	assert_int_equal(base->tls_version, 12);
	assert_int_equal(a->tls_version, 8);
	assert_int_equal(b->tls_version, 12);
	assert_string_equal(a->https_root_file_name, "/d/r.pem");
	assert_string_equal(b->https_root_file_name, "");
	assert_string_equal(b->crl_file_name, "");
	assert_string_equal(c->crl_file_name, "/c.crl");
	assert_int_equal(c->require_strict_cert, 1);
	assert_int_equal(base->require_strict_cert, 0);
	assert_int_equal(b->handshake_timeout, 5);
	assert_string_equal(c->tls_rehandshake_peers, "a.b c.d e.f");
	/* minutes that a rule says count, whatever the default's seconds are */
	assert_int_equal(a->tls_rehandshake_interval_seconds, 30);
	assert_int_equal(b->tls_rehandshake_interval_seconds, 0);
	assert_int_equal(b->tls_rehandshake_interval, 60);
	/* as tls.cfg has it: what begins with '.' or '/' is left alone */
	tlsp_rule_print_sources(rules->rules[2], text_of, sizeof(text_of));
	assert_string_equal(text_of, "proxy_file = ./x\nproxy_file = ../y\n"
								 "proxy_file = /d/z/w\nproxy_file = /v\n");
	tlsp_rules_free(rules);
}

/* What is expected of servers is nothing to a rule that is for none. */
static void test_whom_rules_expect(void **state)
{
	static const char text[] =
			"[default]\nverify_server_certificate = 1\n"
			"peer_host_name_verification_mode = client\nexpect = A.Example.\n"
			"[rule:a]\npeer = 10.0.0.1\nwildcards = 0\n"
			"[rule:b]\npeer = 10.0.0.2\nexpect = b.example\n"
			"[rule:c]\npeer = 10.0.0.3\nexpect =\n"
			"[rule:d]\npeer = 10.0.0.4\npeer_role = client\nwildcards = 0\n"
			"[rule:e]\nlisten = :5061, :5062\nwildcards = 0\n"
			"[rule:f]\nlisten = 10.0.0.1\nwildcards = 0\n";
	static const char *const expected[] = {
			"a.example", "b.example", "", "", "", "a.example"};
	struct tlsp_rules *rules = read_text("f", TEXT(text));

	(void)state;
	assert_int_equal(rules->error_count + rules->warning_count, 0);
	assert_string_equal(rules->base->policy.expect, "a.example");
	for(size_t i = 0; i < COUNT(expected); i++)
		assert_string_equal(rules->rules[i]->policy.expect, expected[i]);
	tlsp_rules_free(rules);
}

static uint64_t bit_of(const char *name)
{
	return (uint64_t)1 << (tlsp_parameters_find(name) - tlsp_parameters_at(0));
}

static void test_modparams(void **state)
{
	static const char text[] = "[default]\nwildcards = 0\nTLSVersion = 8\n"
							   "[rule:a]\nsip_uri_identities = 1\n";
	struct tlsp_policy defaults;
	struct tlsp_rules *rules;

	(void)state;
	tlsp_parameters_defaults(&defaults);
	defaults.tls_version = 12;
	rules = tlsp_rules_text_read(
			"f", TEXT(text), &defaults, bit_of("tls_version"));
	assert_int_equal(rules->error_count, 1);
	assert_string_equal(rules->errors[0],
			"f:3: TLSVersion is said by modparam too: write it in one place "
			"only");
	tlsp_rules_free(rules);
	rules = tlsp_rules_text_read("f", text, 24, &defaults,
			bit_of("tls_version") | bit_of("tls_expiry_check_start"));
	assert_int_equal(rules->error_count, 0);
	assert_int_equal(rules->base->policy.tls_version, 12);
	assert_true(rules->base->own
				== (bit_of("tls_version") | bit_of("wildcards")
						| bit_of("tls_expiry_check_start")));
	tlsp_rules_free(rules);
}

/* All of them, in the order of their lines, and not without end. */
static void test_every_error_is_told(void **state)
{
	static const char text[] = "[rule:a]\nx = 1\ny = 1\ntls_version = 77\n"
							   "[rule:b\nz = 1\n[rule:c]\nw = 1\n";
	static const unsigned lines[] = {2, 3, 4, 5, 8};
	struct tlsp_rules *rules = read_text("f", TEXT(text));
	char start[16], *many;

	(void)state;
	assert_int_equal(rules->error_count, COUNT(lines));
	for(size_t i = 0; i < COUNT(lines); i++) {
		snprintf(start, sizeof(start), "f:%u: ", lines[i]);
		assert_memory_equal(rules->errors[i], start, strlen(start));
	}
	tlsp_rules_free(rules);
	many = malloc(4000);
	for(size_t i = 0; i < 4000; i += 4)
		memcpy(many + i, "x=1\n", 4);
	rules = read_text("f", many, 4000);
	assert_int_equal(rules->error_count, TLSP_RULES_ERRORS_MAX);
	tlsp_rules_free(rules);
	free(many);
}

static void test_too_many(void **state)
{
	static const char rule[] = "[rule:%05d]\nwildcards=0\nserver_name=n%d.x\n";
	size_t size = 4000000, used = 0;
	char *text = malloc(size);
	struct tlsp_rules *rules;

	(void)state;
	for(int i = 0; i <= TLSP_RULES_MAX; i++)
		used += (size_t)snprintf(text + used, size - used, rule, i, i);
	rules = read_text("f", text, used);
	assert_int_equal(rules->error_count, 1);
	assert_string_equal(
			rules->errors[0], "f:196606: there are more than 65535 rules");
	tlsp_rules_free(rules);
	used = (size_t)snprintf(text, size, "[rule:a]\nwildcards = 0\n");
	for(int i = 0; i <= TLSP_CONDITION_VALUES_MAX; i++)
		used += (size_t)snprintf(text + used, size - used,
				"peer = 10.0.%d.%d\n", i / 256, i % 256);
	rules = read_text("f", text, used);
	assert_int_equal(rules->error_count, 1);
	assert_string_equal(rules->errors[0],
			"f:4099: peer: \"10.0.16.0\" is one value too many for one "
			"condition: make another rule");
	tlsp_rules_free(rules);
	free(text);
}

static void test_sources_in_force(void **state)
{
	static const char text[] =
			"[default]\nproxy = d.e\nproxy_file = /d.list\n"
			"db_url = mysql://h/d\ndb_table = t\n"
			"[rule:none]\npeer = ::1\nwildcards = 0\n"
			"[rule:own]\npeer = ::2\nproxy = a.b\n"
			"[rule:set]\npeer = ::3\ndispatcher_set = 3\n"
			"[rule:both]\npeer = ::4\nproxy = a.b\ndispatcher_set = 3\n"
			"[rule:file]\npeer = ::5\nproxy_file = /f\ndispatcher_set = 3\n"
			"[rule:table]\npeer = ::6\ndb_table = u\n";
	static const char *const wanted[] = {"d.e /d.list mysql://h/d t -1",
			"a.b - - - -1", "- /d.list mysql://h/d t 3",
			"a.b /d.list mysql://h/d t 3", "- /f - - 3",
			"- - mysql://h/d u -1"};
	struct tlsp_rules *rules = read_text("f", TEXT(text));
	struct tlsp_rule_sources sources;
	char got[128];

	(void)state;
	assert_int_equal(rules->error_count, 0);
	for(size_t i = 0; i < COUNT(wanted); i++) {
		tlsp_rule_sources_in_force(&sources, rules, rules->rules[i]);
		snprintf(got, sizeof(got), "%s %s %s %s %d",
				sources.proxy_count ? sources.proxies[0] : "-",
				sources.file_count ? sources.files[0] : "-",
				sources.db_url ? sources.db_url : "-",
				sources.db_table ? sources.db_table : "-",
				sources.dispatcher_set);
		assert_string_equal(got, wanted[i]);
	}
	tlsp_rules_free(rules);
}

static bool refused_as(const char *path, const char *sentence)
{
	struct tlsp_policy defaults;
	char wanted[256], error[1024] = "";
	struct tlsp_rules *rules;

	tlsp_parameters_defaults(&defaults);
	snprintf(wanted, sizeof(wanted), "%s%s", path, sentence);
	rules = tlsp_rules_file_read(path, &defaults, 0, error, sizeof(error));
	if(!rules && strcmp(error, wanted) == 0)
		return true;
	print_message("wanted [%s], got [%s]\n", wanted, error);
	return false;
}

static void test_files(void **state)
{
	char path[] = "/tmp/rules_text_test.XXXXXX", error[256];
	int fd = mkstemp(path);
	struct tlsp_policy defaults;
	struct tlsp_rules *rules;

	(void)state;
	tlsp_parameters_defaults(&defaults);
	assert_int_equal(
			write(fd, example, sizeof(example) - 1), (int)sizeof(example) - 1);
	rules = tlsp_rules_file_read(path, &defaults, 0, error, sizeof(error));
	assert_non_null(rules);
	assert_string_equal(rules->file, path);
	assert_string_equal(
			rules->rules[0]->sources.files[0], "/tmp/carriers.list");
	tlsp_rules_free(rules);
	assert_int_equal(write(fd, "x = 1\ny = 1\n", 12), 12);
	assert_true(refused_as(path, ":16: unknown key \"x\""));
	rules = tlsp_rules_file_read_all(path, &defaults, 0, error, sizeof(error));
	assert_int_equal(rules->error_count, 2);
	tlsp_rules_free(rules);
	assert_int_equal(ftruncate(fd, TLSP_RULES_FILE_MAX_OCTETS + 1), 0);
	assert_true(refused_as(path, ": larger than 67108864 octets"));
	close(fd);
	unlink(path);
	assert_true(refused_as(path, ": No such file or directory"));
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_true(refused_as(path, ": not a regular file"));
	unlink(path);
	assert_true(refused_as("/dev/zero", ": not a regular file"));
	assert_true(refused_as("/tmp", ": Is a directory"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_example),
			cmocka_unit_test(test_errors),
			cmocka_unit_test(test_warnings),
			cmocka_unit_test(test_texts),
			cmocka_unit_test(test_no_password_is_told),
			cmocka_unit_test(test_names_of_rules),
			cmocka_unit_test(test_inheritance),
			cmocka_unit_test(test_whom_rules_expect),
			cmocka_unit_test(test_modparams),
			cmocka_unit_test(test_every_error_is_told),
			cmocka_unit_test(test_too_many),
			cmocka_unit_test(test_sources_in_force),
			cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
