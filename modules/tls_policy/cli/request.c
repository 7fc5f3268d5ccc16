/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * request - see request.h.
 */
#include "request.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files/proxy_file.h"
#include "policy/escape.h"
#include "policy/names/identity.h"

const char request_usage[] =
		"usage: tls-policy check [--peer client|server] [--ca FILE] "
		"[--crl FILE]...\n"
		"           [--names-only] [--proxy NAME]... [--proxies FILE]\n"
		"           [--remote-subject-name NAME] [--no-wildcards] "
		"[--wildcard-proxies]\n"
		"           [--sip-uri-identities] [--dialled-name HOST[:PORT]]\n"
		"           [--peer-address ADDRESS[:PORT]] [--strict]\n"
		"           [--accept-server-auth-clients]\n"
		"           [--sip-domain-purpose ignore|accept|require]\n"
		"           [--config FILE --rule NAME] CERT.pem|-\n"
		"       tls-policy check-config FILE\n"
		"\n"
		"Says whether a peer with this certificate (the end entity first, then "
		"its chain)\n"
		"is accepted, and every reason why not. --peer is the part that the "
		"peer plays: a\n"
		"client (default) connects to us, to a server we connect. Without --ca "
		"the\n"
		"system's trust anchors count. With --crl a CRL of every CA of the "
		"chain is asked\n"
		"for, the root included. With --names-only the chain is not verified. "
		"With\n"
		"--dialled-name (of a server) or --peer-address the certificate must "
		"be that\n"
		"peer's (bind_to_peer). \"-\" is the standard input, for one of "
		"CERT.pem and\n"
		"--proxies. With --config the rule NAME of a rules file (default: what "
		"no rule is\n"
		"for) says policy, proxies and trust anchors.\n"
		"Exit status: 0 accepted, 1 refused, 2 bad usage or unreadable "
		"input.\n"
		"\n"
		"check-config says what is wrong with a rules file and the files that "
		"it names.\n"
		"Exit status: 0 the server would start with it, 1 it would not or "
		"would refuse\n"
		"everybody, 2 bad usage or unreadable input.\n";

bool request_complain(const char *sentence)
{
	fprintf(stderr, "tls-policy: %s\n", sentence);
	return false;
}

static bool add_proxy(struct request *request, const char *text)
{
	return tlsp_proxy_list_add(&request->list, "--proxy", text, strlen(text))
		   || request_complain(request->list.error);
}

static bool add_file(struct request *request, const char *path)
{
	return tlsp_proxy_file_add_any(&request->list, path)
		   || request_complain(request->list.error);
}

static bool add_crl_file(struct request *request, const char *path)
{
	if(request->crl_count == TLSP_REQUEST_CRL_FILES)
		return request_complain("--crl names more than 64 files");
	request->crl_files[request->crl_count++] = path;
	return true;
}

static bool set_peer(struct request *request, const char *word)
{
	if(strcmp(word, "client") == 0)
		request->role = TLSP_ROLE_SERVER;
	else if(strcmp(word, "server") == 0)
		request->role = TLSP_ROLE_CLIENT;
	else
		return request_complain("--peer is client or server");
	return true;
}

/* --role was ours. */
static bool refuse_role(const char *word)
{
	if(strcmp(word, "server") == 0)
		return request_complain(
				"--role server is now --peer client: the peer's part is named");
	if(strcmp(word, "client") == 0)
		return request_complain(
				"--role client is now --peer server: the peer's part is named");
	return request_complain(
			"--role is now --peer client or --peer server: the peer's part is "
			"named");
}

static bool set(struct request *request, const char *name, const char *value)
{
	char error[512];

	return tlsp_parameters_set(
				   &request->policy, name, value, error, sizeof(error))
		   || request_complain(error);
}

/* As an operator writes a host: HOST, HOST:PORT, [IPv6]:PORT, a SIP URI. */
static bool read_host(struct tlsp_host *out, const char *option,
		const char *text, struct request *request)
{
	enum tlsp_host_error error =
			tlsp_hostname_from_operator(out, text, strlen(text));
	char sentence[400], escaped[300];

	request->policy.bind_to_peer = 1;
	if(error == TLSP_HOST_OK && out->kind == TLSP_HOST_WILDCARD)
		error = TLSP_HOST_BAD_WILDCARD;
	if(error == TLSP_HOST_OK)
		return true;
	snprintf(sentence, sizeof(sentence), "%s \"%s\" %s", option,
			tlsp_escape(text, strlen(text), escaped, sizeof(escaped)),
			tlsp_hostname_error_text(error));
	return request_complain(sentence);
}

static bool set_dialled_name(struct request *request, const char *text)
{
	return read_host(&request->dialled_name, "--dialled-name", text, request);
}

static bool set_address(struct request *request, const char *text)
{
	struct tlsp_host *address = &request->peer_address;

	return read_host(address, "--peer-address", text, request)
		   && (address->kind == TLSP_HOST_IPV4
				   || address->kind == TLSP_HOST_IPV6
				   || request_complain(
						   "--peer-address is an IPv4 or IPv6 address"));
}

static bool take_option(struct request *request, int option)
{
	switch(option) {
		case 'P':
			return set_peer(request, optarg);
		case 'r':
			return refuse_role(optarg);
		case 'c':
			request->ca_file = optarg;
			return true;
		case 'C':
			return add_crl_file(request, optarg);
		case 'n':
			request->names_only = true;
			return true;
		case 'p':
			return add_proxy(request, optarg);
		case 'f':
			return add_file(request, optarg);
		case 's':
			return set(request, "tls_remote_subject_name", optarg);
		case 'w':
			request->policy.wildcards = 0;
			return true;
		case 'W':
			request->policy.wildcard_proxies = 1;
			return true;
		case 'u':
			request->policy.sip_uri_identities = 1;
			return true;
		case 'D':
			return set_dialled_name(request, optarg);
		case 'A':
			return set_address(request, optarg);
		case 'S':
			request->policy.require_strict_cert = 1;
			return true;
		case 'a':
			request->policy.accept_server_auth_clients = 1;
			return true;
		case 'd':
			return set(request, "sip_domain_purpose", optarg);
		case 'F':
			request->config = optarg;
			return true;
		case 'R':
			request->rule_name = optarg;
			return true;
		default:
			return request_complain("an option without its row in take_option");
	}
}

/* getopt's own sentences are not escaped, and not ours. */
static bool refuse_option(int option, const char *argument)
{
	char sentence[192], escaped[128];

	snprintf(sentence, sizeof(sentence), "%s \"%s\" (see tls-policy --help)",
			option == ':' ? "no value follows" : "bad option",
			tlsp_escape(argument, strlen(argument), escaped, sizeof(escaped)));
	return request_complain(sentence);
}

static bool read_arguments(struct request *request, int argc, char **argv)
{
	/* clang-format off */
	static const struct option options[] = {
		{"peer", required_argument, NULL, 'P'},
		{"role", required_argument, NULL, 'r'},
		{"ca", required_argument, NULL, 'c'},
		{"crl", required_argument, NULL, 'C'},
		{"names-only", no_argument, NULL, 'n'},
		{"proxy", required_argument, NULL, 'p'},
		{"proxies", required_argument, NULL, 'f'},
		{"remote-subject-name", required_argument, NULL, 's'},
		{"no-wildcards", no_argument, NULL, 'w'},
		{"wildcard-proxies", no_argument, NULL, 'W'},
		{"sip-uri-identities", no_argument, NULL, 'u'},
		{"dialled-name", required_argument, NULL, 'D'},
		{"peer-address", required_argument, NULL, 'A'},
		{"strict", no_argument, NULL, 'S'},
		{"accept-server-auth-clients", no_argument, NULL, 'a'},
		{"sip-domain-purpose", required_argument, NULL, 'd'},
		{"config", required_argument, NULL, 'F'},
		{"rule", required_argument, NULL, 'R'},
		{NULL, 0, NULL, 0}
	};
	/* clang-format on */
	int option, place;

	opterr = 0;
	while((option = getopt_long(argc, argv, ":", options, &place)) != -1) {
		if(option == ':' || option == '?')
			return refuse_option(option, argv[optind - 1]);
		if(!take_option(request, option))
			return false;
		if(strchr("swWuSad", option))
			request->said = options[place].name;
		request->proxies_given |= option == 'p' || option == 'f';
	}
	if(optind != argc - 1)
		return request_complain(
				"name one certificate file (see tls-policy --help)");
	request->certificate = argv[optind];
	if(request->dialled_name.octets && request->role != TLSP_ROLE_CLIENT)
		return request_complain(
				"--dialled-name is of a server: it needs --peer "
				"server");
	return true;
}

/* The rule's policy instead of the options', and its trust anchors. */
static bool take_rule(struct request *request)
{
	const struct tlsp_policy *policy;
	char error[TLSP_PROXY_ERROR_OCTETS];

	if(!request->config || !request->rule_name)
		return request_complain("--config and --rule go together");
	if(request->said) {
		snprintf(error, sizeof(error),
				"--%s contradicts --config: the rule says it", request->said);
		return request_complain(error);
	}
	if(!rule_request_read(&request->rule, request->config, request->rule_name,
			   &request->list, request->proxies_given, error, sizeof(error)))
		return request_complain(error);
	policy = &request->rule.rule->policy;
	request->policy = *policy;
	if(!policy->https_root_file_name[0])
		return true;
	if(request->ca_file || request->crl_count)
		return request_complain("--ca and --crl contradict --config: the rule "
								"has https_root_file_name");
	request->ca_file = policy->https_root_file_name;
	if(policy->crl_file_name[0])
		request->crl_files[request->crl_count++] = policy->crl_file_name;
	return true;
}

static bool build_index(struct request *request)
{
	void *block = malloc(tlsp_proxies_builder_octets(request->list.builder));
	char error[512];

	if(!block)
		return request_complain("no memory for the index of proxies");
	request->proxies = tlsp_proxies_builder_write(request->list.builder, block);
	if(!tlsp_identity_check_proxies(request->proxies,
			   request->policy.wildcard_proxies, error, sizeof(error)))
		return request_complain(error);
	if(request->config)
		return tlsp_parameters_check_combination(&request->policy,
					   tlsp_proxies_count(request->proxies), error,
					   sizeof(error))
			   || request_complain(error);
	if(tlsp_proxies_count(request->proxies) > 0
			|| request->policy.tls_remote_subject_name[0])
		return true;
	return request_complain(
			"nothing to compare with: give --proxy, --proxies or "
			"--remote-subject-name");
}

bool request_read(struct request *request, int argc, char **argv)
{
	memset(request, 0, sizeof(*request));
	request->role = TLSP_ROLE_SERVER;
	tlsp_parameters_defaults(&request->policy);
	request->policy.sips_require_client_certificate = 1;
	request->policy.peer_host_name_verification_mode = TLSP_VERIFY_NAMES_BOTH;
	if(!tlsp_proxy_list_init(&request->list, true))
		return request_complain("no memory for the list of proxies");
	return read_arguments(request, argc, argv)
		   && ((!request->config && !request->rule_name) || take_rule(request))
		   && build_index(request);
}

void request_cleanup(struct request *request)
{
	tlsp_proxy_list_cleanup(&request->list);
	free(request->proxies);
	rule_request_cleanup(&request->rule);
}
