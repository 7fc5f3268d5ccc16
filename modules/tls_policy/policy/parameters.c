/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parameters - see parameters.h. The table, and what reads and prints it.
 */
#include "parameters.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "escape.h"
#include "policy/host/hostname.h"

static const char *const sip_domain_words[] = {"ignore", "accept", "require"};
static const char *const mode_words[] = {"off", "server", "both", "client"};
static const char *const method_words[] = {"auto", "renegotiate", "reconnect"};
static const char *const reuse_words[] = {"judged", "always"};
static const char *const ticket_words[] = {"shared", "cache", "off"};
static const char *const enforcement_words[] = {"enforce", "testing", "none"};

#define OF(member) offsetof(struct tlsp_policy, member)

/* clang-format off */
static const struct tlsp_parameter table[] = {
	{"tls_version", "TLSVersion", TLSP_PARAMETER_NUMBER, 0, 15, 0, "bit mask",
		NULL, OF(tls_version), TLSP_DECIDES_NOTHING, TLSP_SCOPE_RULE,
		"versions of TLS: 0 = as tls.cfg allows, 1 = TLS 1.0, 2 = 1.1, "
		"4 = 1.2, 8 = 1.3, or a sum of these"},
	{"tls_rehandshake_interval", "TLSReHandshakeInterval",
		TLSP_PARAMETER_NUMBER, 0, 1500, 0, "minutes",
		NULL, OF(tls_rehandshake_interval), TLSP_DECIDES_NOTHING, TLSP_SCOPE_RULE,
		"time between re-handshakes that we start; 0 = none"},
	{"sips_require_client_certificate", "SIPSRequireClientCertificate",
		TLSP_PARAMETER_NUMBER, 0, 1, 0, "",
		NULL, OF(sips_require_client_certificate), TLSP_DECIDES_LEAF, TLSP_SCOPE_RULE,
		"1 = as server, require and verify a client certificate"},
	{"peer_host_name_verification_mode", "PeerHostNameVerificationMode",
		TLSP_PARAMETER_NUMBER, 0, 3, 0, "",
		mode_words, OF(peer_host_name_verification_mode), TLSP_DECIDES_LEAF, TLSP_SCOPE_RULE,
		"when the names of a peer's certificate are compared with the "
		"proxies: off, server (when we are server), both, client"},
	{"https_cert_file_name", "HTTPSCertFileName",
		TLSP_PARAMETER_FILE, 0, TLSP_FILE_NAME_MAX_OCTETS, 0, "",
		NULL, OF(https_cert_file_name), TLSP_DECIDES_NOTHING, TLSP_SCOPE_GLOBAL,
		"a PEM file with our certificate and its chain, shown to every peer "
		"instead of tls.cfg's; the key in it or beside it"},
	{"https_root_file_name", "HTTPSRootFileName",
		TLSP_PARAMETER_FILE, 0, TLSP_FILE_NAME_MAX_OCTETS, 0, "",
		NULL, OF(https_root_file_name), TLSP_DECIDES_CHAIN, TLSP_SCOPE_RULE,
		"a PEM file with the trust anchors for every peer, instead of "
		"tls.cfg's ca_list"},
	{"tls_remote_subject_name", "TLSRemoteSubjectName",
		TLSP_PARAMETER_TEXT, 0, TLSP_SUBJECT_NAME_MAX_OCTETS, 0, "",
		NULL, OF(tls_remote_subject_name), TLSP_DECIDES_LEAF, TLSP_SCOPE_RULE,
		"a CN that is accepted where no SubjectAltName entry matches"},
	{"verify_server_certificate", "VerifyServerCertificate",
		TLSP_PARAMETER_NUMBER, 0, 1, 0, "",
		NULL, OF(verify_server_certificate), TLSP_DECIDES_LEAF, TLSP_SCOPE_RULE,
		"1 = as client, verify the server's certificate chain"},
	{"require_strict_cert", "RequireStrictCert",
		TLSP_PARAMETER_NUMBER, 0, 1, 0, "",
		NULL, OF(require_strict_cert), TLSP_DECIDES_CHAIN, TLSP_SCOPE_RULE,
		"1 = keyUsage and extendedKeyUsage of every certificate of a peer's "
		"chain must be there and allow what the peer does"},
	{"accept_server_auth_clients", NULL, TLSP_PARAMETER_NUMBER, 0, 1, 0, "",
		NULL, OF(accept_server_auth_clients), TLSP_DECIDES_CHAIN, TLSP_SCOPE_RULE,
		"1 = a client's certificate may have the purpose serverAuth instead "
		"of clientAuth"},
	{"sip_domain_purpose", NULL, TLSP_PARAMETER_NUMBER, 0, 2, 0, "",
		sip_domain_words, OF(sip_domain_purpose), TLSP_DECIDES_CHAIN, TLSP_SCOPE_RULE,
		"the purpose id-kp-sipDomain (RFC 5924): ignore, accept (as good as "
		"clientAuth and serverAuth), require"},
	{"tls_expiry_check_start", "TLSExpiryCheckStart",
		TLSP_PARAMETER_NUMBER, 0, 3650, 60, "days",
		NULL, OF(tls_expiry_check_start), TLSP_DECIDES_NOTHING, TLSP_SCOPE_GLOBAL,
		"certificates (ours, trust anchors, those of peers) are reported from so "
		"many days before their end"},
	{"tls_expiry_check_period", "TLSExpiryCheckPeriod",
		TLSP_PARAMETER_NUMBER, 1, 3650, 7, "days",
		NULL, OF(tls_expiry_check_period), TLSP_DECIDES_NOTHING, TLSP_SCOPE_GLOBAL,
		"time between two reports of the same certificate"},
	{"wildcards", NULL, TLSP_PARAMETER_NUMBER, 0, 1, 1, "",
		NULL, OF(wildcards), TLSP_DECIDES_LEAF, TLSP_SCOPE_RULE,
		"1 = a certificate's *.example.com stands for one whole label"},
	{"wildcard_proxies", NULL, TLSP_PARAMETER_NUMBER, 0, 1, 0, "",
		NULL, OF(wildcard_proxies), TLSP_DECIDES_LEAF, TLSP_SCOPE_RULE,
		"1 = a proxy may be *.example.com: every name one label below"},
	{"sip_uri_identities", NULL, TLSP_PARAMETER_NUMBER, 0, 1, 0, "",
		NULL, OF(sip_uri_identities), TLSP_DECIDES_LEAF, TLSP_SCOPE_RULE,
		"1 = a SubjectAltName's URI:sip:example.com is an identity, and beside "
		"one neither dNSName nor CN is (RFC 5922, 7.1)"},
	{"bind_to_peer", NULL, TLSP_PARAMETER_NUMBER, 0, 1, 0, "",
		NULL, OF(bind_to_peer), TLSP_DECIDES_LEAF, TLSP_SCOPE_RULE,
		"1 = as client, only the proxy that the connection was opened to; as "
		"server, a proxy given by address only from that address"},
	{"expect", NULL, TLSP_PARAMETER_HOST, 0, TLSP_HOSTNAME_MAX_OCTETS, 0, "",
		NULL, OF(expect), TLSP_DECIDES_LEAF, TLSP_SCOPE_RULE,
		"the host that a server must prove to be where no server name is asked "
		"for; as client it binds as bind_to_peer does"},
	{"reuse_accepted_connections", NULL, TLSP_PARAMETER_NUMBER, 0, 1, 0, "",
		reuse_words, OF(reuse_accepted_connections), TLSP_DECIDES_NOTHING, TLSP_SCOPE_RULE,
		"which connections that a peer opened carry our requests to it: judged "
		"(only where it would be accepted as a server, if anything is asked of "
		"servers), always (phones that register get their calls so)"},
	{"tls_rehandshake_interval_seconds", NULL,
		TLSP_PARAMETER_NUMBER, 0, 90000, 0, "s",
		NULL, OF(tls_rehandshake_interval_seconds), TLSP_DECIDES_NOTHING, TLSP_SCOPE_RULE,
		"time between re-handshakes that we start, instead of "
		"tls_rehandshake_interval; 0 = the minutes count"},
	{"tls_rehandshake_method", NULL, TLSP_PARAMETER_NUMBER, 0, 2, 0, "",
		method_words, OF(tls_rehandshake_method), TLSP_DECIDES_NOTHING, TLSP_SCOPE_RULE,
		"what a re-handshake is: auto, renegotiate (the manual's), reconnect"},
	{"tls_rehandshake_peers", NULL, TLSP_PARAMETER_HOSTS, 0,
		TLSP_REHANDSHAKE_PEERS_MAX_OCTETS, 0, "",
		NULL, OF(tls_rehandshake_peers), TLSP_DECIDES_NOTHING, TLSP_SCOPE_RULE,
		"hosts that are known to take a renegotiation, separated by blanks "
		"or commas"},
	{"tls_rehandshake_quiet_ms", NULL,
		TLSP_PARAMETER_NUMBER, 10, 5000, 50, "ms",
		NULL, OF(tls_rehandshake_quiet_ms), TLSP_DECIDES_NOTHING, TLSP_SCOPE_GLOBAL,
		"time without data in either direction that is a quiet moment"},
	{"tls_rehandshake_quiet_wait_ms", NULL,
		TLSP_PARAMETER_NUMBER, 0, 60000, 5000, "ms",
		NULL, OF(tls_rehandshake_quiet_wait_ms), TLSP_DECIDES_NOTHING, TLSP_SCOPE_GLOBAL,
		"how long a renegotiation waits for a quiet moment"},
	{"tls_rehandshake_min_spacing", NULL,
		TLSP_PARAMETER_NUMBER, 0, 90000, 240, "s",
		NULL, OF(tls_rehandshake_min_spacing), TLSP_DECIDES_NOTHING, TLSP_SCOPE_RULE,
		"least time between two renegotiations of a connection (TLS 1.2 and "
		"below)"},
	{"tls_rehandshake_hold_octets", NULL,
		TLSP_PARAMETER_NUMBER, 1024, 16777216, 1048576, "octets",
		NULL, OF(tls_rehandshake_hold_octets), TLSP_DECIDES_NOTHING, TLSP_SCOPE_GLOBAL,
		"how much of ours is held back during a renegotiation"},
	{"tls_rehandshake_hold_timeout_ms", NULL,
		TLSP_PARAMETER_NUMBER, 100, 60000, 5000, "ms",
		NULL, OF(tls_rehandshake_hold_timeout_ms), TLSP_DECIDES_NOTHING, TLSP_SCOPE_GLOBAL,
		"how long it is held back"},
	{"tls_rehandshake_drain", NULL, TLSP_PARAMETER_NUMBER, 1, 3600, 32, "s",
		NULL, OF(tls_rehandshake_drain), TLSP_DECIDES_NOTHING, TLSP_SCOPE_GLOBAL,
		"how long a replaced connection must be without data before it is "
		"closed"},
	{"handshake_timeout", NULL, TLSP_PARAMETER_NUMBER, 1, 120, 10, "s",
		NULL, OF(handshake_timeout), TLSP_DECIDES_NOTHING, TLSP_SCOPE_GLOBAL,
		"how long a first handshake may take"},
	{"session_tickets", NULL, TLSP_PARAMETER_NUMBER, 0, 2, 1, "",
		ticket_words, OF(session_tickets), TLSP_DECIDES_NOTHING, TLSP_SCOPE_GLOBAL,
		"how a client's session comes back in any process: shared (a ticket "
		"under keys that all processes share), cache (kept here, in memory "
		"that they share), off (nobody is resumed)"},
	{"session_cache_octets", NULL,
		TLSP_PARAMETER_NUMBER, 1048576, 1073741824, 8388608, "octets",
		NULL, OF(session_cache_octets), TLSP_DECIDES_NOTHING, TLSP_SCOPE_GLOBAL,
		"shared memory for the sessions of session_tickets=cache; the oldest "
		"make room"},
	{"enforcement", NULL, TLSP_PARAMETER_NUMBER, 0, 2, 0, "",
		enforcement_words, OF(enforcement), TLSP_DECIDES_CHAIN, TLSP_SCOPE_RULE,
		"enforce, testing (everything is judged and counted, no outcome "
		"changes), none (the connection is left alone)"},
	{"crl_file_name", NULL, TLSP_PARAMETER_FILE, 0, TLSP_FILE_NAME_MAX_OCTETS,
		0, "", NULL, OF(crl_file_name), TLSP_DECIDES_CHAIN, TLSP_SCOPE_RULE,
		"a PEM file with the CRLs of the trust anchors of "
		"https_root_file_name"},
	{"refusal_log_interval", NULL, TLSP_PARAMETER_NUMBER, 0, 86400, 60, "s",
		NULL, OF(refusal_log_interval), TLSP_DECIDES_NOTHING, TLSP_SCOPE_GLOBAL,
		"how long the log does not repeat what it has told of a refused peer, "
		"and then says how often that was; 0 = every refusal is told"},
	{"watch", NULL, TLSP_PARAMETER_NUMBER, 0, 86400, 0, "s",
		NULL, OF(watch), TLSP_DECIDES_NOTHING, TLSP_SCOPE_GLOBAL,
		"time between two looks at the files that rules, proxies, certificates "
		"and CRLs were read from: what has changed is loaded; 0 = none"},
};
/* clang-format on */

_Static_assert(sizeof(table) / sizeof(*table) <= 64,
		"who says which row is kept in 64 bits (rules.h)");

size_t tlsp_parameters_count(void)
{
	return sizeof(table) / sizeof(*table);
}

const struct tlsp_parameter *tlsp_parameters_at(size_t i)
{
	return &table[i];
}

const struct tlsp_parameter *tlsp_parameters_find(const char *name)
{
	for(size_t i = 0; i < tlsp_parameters_count(); i++)
		if(strcasecmp(table[i].name, name) == 0
				|| (table[i].manual_name
						&& strcasecmp(table[i].manual_name, name) == 0))
			return &table[i];
	return NULL;
}

size_t tlsp_parameters_row(const struct tlsp_parameter *parameter)
{
	return (size_t)(parameter - table);
}

static size_t octets_of(const struct tlsp_parameter *parameter)
{
	return parameter->type == TLSP_PARAMETER_NUMBER
				   ? sizeof(int)
				   : (size_t)parameter->max + 1;
}

void tlsp_parameters_take(
		struct tlsp_policy *to, const struct tlsp_policy *from, uint64_t rows)
{
	for(size_t i = 0; i < tlsp_parameters_count(); i++)
		if(rows >> i & 1)
			memcpy((char *)to + table[i].offset,
					(const char *)from + table[i].offset, octets_of(&table[i]));
}

static int *number_of(
		const struct tlsp_parameter *parameter, struct tlsp_policy *policy)
{
	return (int *)(void *)((char *)policy + parameter->offset);
}

static char *text_of(
		const struct tlsp_parameter *parameter, struct tlsp_policy *policy)
{
	return (char *)policy + parameter->offset;
}

void tlsp_parameters_defaults(struct tlsp_policy *policy)
{
	memset(policy, 0, sizeof(*policy));
	for(size_t i = 0; i < tlsp_parameters_count(); i++)
		if(table[i].type == TLSP_PARAMETER_NUMBER)
			*number_of(&table[i], policy) = table[i].default_number;
}

/* Decimal digits alone, no leading zero, no overflow; or a word of the row. */
static bool read_number(
		const struct tlsp_parameter *parameter, const char *text, int *out)
{
	int64_t number = 0; /* one digit more than fits */

	for(int i = parameter->min; parameter->words && i <= parameter->max; i++)
		if(strcasecmp(text, parameter->words[i - parameter->min]) == 0) {
			*out = i;
			return true;
		}
	if(text[0] == '\0' || (text[0] == '0' && text[1] != '\0'))
		return false;
	for(; *text; text++) {
		if(*text < '0' || *text > '9' || number > parameter->max)
			return false;
		number = number * 10 + (*text - '0');
	}
	if(number < parameter->min || number > parameter->max)
		return false;
	*out = (int)number;
	return true;
}

static void say_number(const struct tlsp_parameter *parameter, const char *name,
		const char *text, char *error, size_t size)
{
	char escaped[TLSP_ESCAPE_QUOTED_OCTETS], words[96] = "";

	for(int i = parameter->min; parameter->words && i <= parameter->max; i++) {
		size_t used = strlen(words);

		snprintf(words + used, sizeof(words) - used, "%s%s",
				used ? ", " : " or one of ",
				parameter->words[i - parameter->min]);
	}
	tlsp_escape_written(text, strlen(text), escaped, sizeof(escaped));
	snprintf(error, size, "%s: \"%s\" is not a number from %d to %d%s%s%s%s",
			name, escaped, parameter->min, parameter->max,
			parameter->unit[0] ? " (" : "", parameter->unit,
			parameter->unit[0] ? ")" : "", words);
}

static bool set_text(const struct tlsp_parameter *parameter, const char *name,
		const char *text, struct tlsp_policy *policy, char *error, size_t size)
{
	size_t octets = strlen(text);
	bool control = false;
	char escaped[TLSP_ESCAPE_QUOTED_OCTETS];

	for(size_t i = 0; i < octets; i++)
		control = control || (unsigned char)text[i] < 0x20 || text[i] == 0x7f;
	if(control || octets > (size_t)parameter->max) {
		snprintf(error, size,
				"%s: \"%s\" is not text of at most %d octets without control "
				"characters",
				name,
				tlsp_escape_written(text, octets, escaped, sizeof(escaped)),
				parameter->max);
		return false;
	}
	memset(text_of(parameter, policy), 0, (size_t)parameter->max + 1);
	memcpy(text_of(parameter, policy), text, octets);
	return true;
}

/* The canonical text is kept: what is shown is what is compared. */
static bool set_host(const struct tlsp_parameter *parameter, const char *name,
		const char *text, struct tlsp_policy *policy, char *error, size_t size)
{
	char printed[TLSP_HOSTNAME_MAX_OCTETS + 3] = "";
	char escaped[TLSP_ESCAPE_QUOTED_OCTETS];
	struct tlsp_host host;
	enum tlsp_host_error bad;
	bool port;

	if(text[0] == '\0')
		return set_text(parameter, name, text, policy, error, size);
	bad = tlsp_hostname_and_port_from_operator(
			&host, &port, text, strlen(text));
	if(bad == TLSP_HOST_OK && host.kind != TLSP_HOST_WILDCARD && !port)
		return set_text(parameter, name,
				tlsp_hostname_print(&host, printed, sizeof(printed)), policy,
				error, size);
	snprintf(error, size, "%s: \"%s\" %s", name,
			tlsp_escape_written(text, strlen(text), escaped, sizeof(escaped)),
			bad != TLSP_HOST_OK ? tlsp_hostname_error_text(bad)
			: host.kind == TLSP_HOST_WILDCARD
					? "stands for many names: write one"
					: "has a port, and a certificate has none: write the host "
					  "alone");
	return false;
}

/* Likewise. */
static bool set_hosts(const struct tlsp_parameter *parameter, const char *name,
		const char *text, struct tlsp_policy *policy, char *error, size_t size)
{
	char list[TLSP_PARAMETER_VALUE_OCTETS], why[512];

	if(!tlsp_rehandshake_peers_read(
			   list, (size_t)parameter->max + 1, text, why, sizeof(why))) {
		snprintf(error, size, "%s: %s", name, why);
		return false;
	}
	return set_text(parameter, name, list, policy, error, size);
}

bool tlsp_parameters_set(struct tlsp_policy *policy, const char *name,
		const char *text, char *error, size_t error_size)
{
	const struct tlsp_parameter *parameter = tlsp_parameters_find(name);
	char escaped[TLSP_ESCAPE_QUOTED_OCTETS];
	int number;

	if(!parameter) {
		snprintf(error, error_size, "unknown parameter \"%s\"",
				tlsp_escape_written(
						name, strlen(name), escaped, sizeof(escaped)));
		return false;
	}
	if(parameter->type == TLSP_PARAMETER_TEXT
			|| parameter->type == TLSP_PARAMETER_FILE)
		return set_text(parameter, name, text, policy, error, error_size);
	if(parameter->type == TLSP_PARAMETER_HOST)
		return set_host(parameter, name, text, policy, error, error_size);
	if(parameter->type == TLSP_PARAMETER_HOSTS)
		return set_hosts(parameter, name, text, policy, error, error_size);
	if(!read_number(parameter, text, &number)) {
		say_number(parameter, name, text, error, error_size);
		return false;
	}
	*number_of(parameter, policy) = number;
	return true;
}

bool tlsp_parameters_check_combination(const struct tlsp_policy *policy,
		size_t proxies, char *error, size_t error_size)
{
	if(policy->peer_host_name_verification_mode == TLSP_VERIFY_NAMES_OFF
			|| proxies > 0)
		return true;
	snprintf(error, error_size,
			"peer_host_name_verification_mode=%s compares names with the "
			"proxies, but no proxy is configured",
			mode_words[policy->peer_host_name_verification_mode]);
	return false;
}

/* The parameter that says how certificates are judged where none is; NULL if
 * there is nothing to say. */
static const char *idle_parameter(const struct tlsp_policy *policy)
{
	if(policy->sips_require_client_certificate
			|| policy->verify_server_certificate
			|| policy->peer_host_name_verification_mode
					   != TLSP_VERIFY_NAMES_OFF)
		return NULL;
	if(policy->expect[0])
		return "expect";
	if(policy->require_strict_cert)
		return "require_strict_cert";
	if(policy->accept_server_auth_clients)
		return "accept_server_auth_clients";
	return policy->sip_domain_purpose ? "sip_domain_purpose" : NULL;
}

const char *tlsp_parameters_warning(
		const struct tlsp_policy *policy, char *buffer, size_t size)
{
	int mode = policy->peer_host_name_verification_mode;
	const char *idle = idle_parameter(policy);

	if(idle) {
		snprintf(buffer, size,
				"%s has nothing to judge: set sips_require_client_certificate, "
				"verify_server_certificate or "
				"peer_host_name_verification_mode too",
				idle);
		return buffer;
	}
	if(!policy->sips_require_client_certificate
			&& (mode == TLSP_VERIFY_NAMES_SERVER
					|| mode == TLSP_VERIFY_NAMES_BOTH)) {
		snprintf(buffer, size,
				"peer_host_name_verification_mode=%s without "
				"sips_require_client_certificate=1: a client that shows no "
				"certificate is accepted unjudged",
				mode_words[mode]);
		return buffer;
	}
	if(policy->expect[0] && mode != TLSP_VERIFY_NAMES_CLIENT
			&& mode != TLSP_VERIFY_NAMES_BOTH) {
		snprintf(buffer, size,
				"expect=%s has nothing to compare with: "
				"peer_host_name_verification_mode=%s compares no names of "
				"servers",
				policy->expect, mode_words[mode]);
		return buffer;
	}
	return NULL;
}

static char *print(const struct tlsp_parameter *parameter, int number,
		const char *text, char *buffer, size_t size)
{
	if(parameter->type == TLSP_PARAMETER_NUMBER)
		snprintf(buffer, size, "%d", number);
	else
		snprintf(buffer, size, "%s", text);
	return buffer;
}

char *tlsp_parameters_print(const struct tlsp_parameter *parameter,
		const struct tlsp_policy *policy, char *buffer, size_t size)
{
	const char *member = (const char *)policy + parameter->offset;
	int number = 0;

	if(parameter->type == TLSP_PARAMETER_NUMBER)
		memcpy(&number, member, sizeof(number));
	return print(parameter, number, member, buffer, size);
}

char *tlsp_parameters_default_text(
		const struct tlsp_parameter *parameter, char *buffer, size_t size)
{
	return print(parameter, parameter->default_number, "", buffer, size);
}

const void *tlsp_parameters_value(const struct tlsp_parameter *parameter,
		const struct tlsp_policy *policy, size_t *octets)
{
	const char *member = (const char *)policy + parameter->offset;

	*octets = parameter->type == TLSP_PARAMETER_NUMBER ? sizeof(int)
													   : strlen(member) + 1;
	return member;
}
