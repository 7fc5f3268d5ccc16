/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tls-policy - the verdict of the module from the command line, without
 * Kamailio: `tls-policy check`. Exit status: 0 accepted, 1 refused, 2 bad usage
 * or unreadable input.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files/proxy_file.h"
#include "openssl/certificate/verify_file.h"
#include "policy/escape.h"
#include "policy/names/identity.h"
#include "policy/names/names.h"

enum exit_status
{
	ACCEPTED = 0,
	REFUSED = 1,
	UNUSABLE = 2
};

static const char usage[] =
		"usage: tls-policy check [--role server|client] [--ca FILE] "
		"[--names-only]\n"
		"           [--proxy NAME]... [--proxies FILE] "
		"[--remote-subject-name NAME]\n"
		"           [--no-wildcards] [--wildcard-proxies] "
		"[--sip-uri-identities]\n"
		"           [--dialled-name NAME] [--peer-address ADDRESS]\n"
		"           [--strict] [--accept-server-auth-clients]\n"
		"           [--sip-domain-purpose ignore|accept|require] CERT.pem\n"
		"\n"
		"Says whether a peer with this certificate (the end entity first, then "
		"its chain)\n"
		"is accepted, and every reason why not. --role is ours: with `server` "
		"(default)\n"
		"the peer is a TLS client. Without --ca the system's trust anchors "
		"count. With\n"
		"--names-only the chain is not verified. With --dialled-name or "
		"--peer-address\n"
		"the certificate must be that peer's (bind_to_peer).\n"
		"Exit status: 0 accepted, 1 refused, 2 bad usage or unreadable "
		"input.\n";

struct request
{
	enum tlsp_role role;
	const char *ca_file;
	const char *certificate;
	bool names_only;
	struct tlsp_policy policy;
	const char *dialled_name;
	struct tlsp_host peer_address; /* if not of 0 octets */
	struct tlsp_proxy_list list;
	struct tlsp_proxies *proxies;
};

static bool complain(const char *sentence)
{
	fprintf(stderr, "tls-policy: %s\n", sentence);
	return false;
}

static bool add_proxy(struct request *request, const char *text)
{
	return tlsp_proxy_list_add(&request->list, "--proxy", text, strlen(text))
		   || complain(request->list.error);
}

static bool add_file(struct request *request, const char *path)
{
	return tlsp_proxy_file_add_any(&request->list, path)
		   || complain(request->list.error);
}

static bool set_role(struct request *request, const char *word)
{
	if(strcmp(word, "server") == 0)
		request->role = TLSP_ROLE_SERVER;
	else if(strcmp(word, "client") == 0)
		request->role = TLSP_ROLE_CLIENT;
	else
		return complain("--role is server or client");
	return true;
}

static bool set(struct request *request, const char *name, const char *value)
{
	char error[512];

	return tlsp_parameters_set(
				   &request->policy, name, value, error, sizeof(error))
		   || complain(error);
}

static bool set_address(struct request *request, const char *text)
{
	enum tlsp_host_error error = tlsp_hostname_from_common_name(
			&request->peer_address, (const unsigned char *)text, strlen(text));

	request->policy.bind_to_peer = 1;
	return (error == TLSP_HOST_OK
				   && (request->peer_address.kind == TLSP_HOST_IPV4
						   || request->peer_address.kind == TLSP_HOST_IPV6))
		   || complain("--peer-address is an IPv4 or IPv6 address");
}

static bool take_option(struct request *request, int option)
{
	switch(option) {
		case 'r':
			return set_role(request, optarg);
		case 'c':
			request->ca_file = optarg;
			return true;
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
			request->dialled_name = optarg;
			request->policy.bind_to_peer = 1;
			return true;
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
		default:
			return complain("an option without its row in take_option");
	}
}

/* getopt's own sentences are not escaped, and not ours. */
static bool refuse_option(int option, const char *argument)
{
	char sentence[192], escaped[128];

	snprintf(sentence, sizeof(sentence), "%s \"%s\" (see tls-policy --help)",
			option == ':' ? "no value follows" : "bad option",
			tlsp_escape(argument, strlen(argument), escaped, sizeof(escaped)));
	return complain(sentence);
}

static bool read_arguments(struct request *request, int argc, char **argv)
{
	/* clang-format off */
	static const struct option options[] = {
		{"role", required_argument, NULL, 'r'},
		{"ca", required_argument, NULL, 'c'},
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
		{NULL, 0, NULL, 0}
	};
	/* clang-format on */
	int option;

	opterr = 0;
	while((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		if(option == ':' || option == '?')
			return refuse_option(option, argv[optind - 1]);
		if(!take_option(request, option))
			return false;
	}
	if(optind != argc - 1)
		return complain("name one certificate file (see tls-policy --help)");
	request->certificate = argv[optind];
	return true;
}

static bool build_index(struct request *request)
{
	void *block = malloc(tlsp_proxies_builder_octets(request->list.builder));
	char error[512];

	if(!block)
		return complain("no memory for the index of proxies");
	request->proxies = tlsp_proxies_builder_write(request->list.builder, block);
	if(!tlsp_identity_check_proxies(
			   &request->policy, request->proxies, error, sizeof(error)))
		return complain(error);
	if(tlsp_proxies_count(request->proxies) > 0
			|| request->policy.tls_remote_subject_name[0])
		return true;
	return complain("nothing to compare with: give --proxy, --proxies or "
					"--remote-subject-name");
}

static void print_verdict(
		const struct tlsp_verdict *verdict, const struct tlsp_peer_facts *facts)
{
	char text[2048];

	if(verdict->accepted)
		puts(tlsp_verdict_print(verdict, facts, text, sizeof(text)));
	else
		puts("refused");
	for(unsigned reason = 1; reason && reason <= verdict->reasons; reason <<= 1)
		if(verdict->reasons & reason)
			puts(tlsp_verdict_explain((enum tlsp_reason)reason, verdict, facts,
					text, sizeof(text)));
}

static enum exit_status judge(
		const struct request *request, STACK_OF(X509) * certificates)
{
	static struct tlsp_peer_cert peer;
	struct tlsp_verdict verdict;
	struct tlsp_verify_trust trust = {
			NULL, TLSP_VERIFY_FILE_DEPTH, TLSP_VERIFY_FILE_SECURITY_LEVEL};
	char error[4608];

	if(!request->names_only) {
		trust.anchors =
				tlsp_verify_file_trust(request->ca_file, error, sizeof(error));
		if(!trust.anchors) {
			complain(error);
			return UNUSABLE;
		}
	}
	tlsp_verify_file_peer(&peer, certificates,
			request->names_only ? NULL : &trust, &request->policy,
			request->role);
	X509_STORE_free(trust.anchors);
	tlsp_names_set_connection(&peer.facts, request->role, request->dialled_name,
			request->peer_address.octets ? &request->peer_address : NULL);
	tlsp_verdict_judge(&request->policy, request->proxies, request->role,
			&peer.facts, &verdict);
	print_verdict(&verdict, &peer.facts);
	if(request->names_only)
		puts("the chain was not verified (--names-only)");
	tlsp_peer_cert_cleanup(&peer);
	if(fflush(stdout) != 0) {
		complain("the verdict cannot be written");
		return UNUSABLE;
	}
	return verdict.accepted ? ACCEPTED : REFUSED;
}

static enum exit_status check(int argc, char **argv)
{
	struct request request = {.role = TLSP_ROLE_SERVER};
	STACK_OF(X509) *certificates = NULL;
	enum exit_status status = UNUSABLE;
	char error[4608];

	tlsp_parameters_defaults(&request.policy);
	request.policy.sips_require_client_certificate = 1;
	request.policy.peer_host_name_verification_mode = TLSP_VERIFY_NAMES_BOTH;
	if(!tlsp_proxy_list_init(&request.list, true))
		complain("no memory for the list of proxies");
	else if(read_arguments(&request, argc, argv) && build_index(&request)) {
		certificates = tlsp_verify_file_read(
				request.certificate, TLSP_PEM_ANY_FILE, error, sizeof(error));
		if(certificates)
			status = judge(&request, certificates);
		else
			complain(error);
	}
	tlsp_verify_file_free(certificates);
	tlsp_proxy_list_cleanup(&request.list);
	free(request.proxies);
	return status;
}

int main(int argc, char **argv)
{
	if(argc >= 2 && strcmp(argv[argc - 1], "--help") == 0) {
		fputs(usage, stdout);
		return ACCEPTED;
	}
	if(argc >= 2 && strcmp(argv[1], "check") == 0)
		return (int)check(argc - 1, argv + 1);
	complain("the only command is \"check\" (see tls-policy --help)");
	return UNUSABLE;
}
