/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * options - see options.h.
 */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "files/proxy_file.h"
#include "policy/escape.h"

enum
{
	TIMEOUT_MAX_SECONDS = 3600
};

static bool add_proxy(struct request *request, const char *text)
{
	request->proxies_given = true;
	return tlsp_proxy_list_add(&request->list, "--proxy", text, strlen(text))
		   || command_complain(request->list.error);
}

/* "-" is the standard input, which ends but once. */
bool options_take_path(struct request *request, const char *path)
{
	if(strcmp(path, "-") != 0)
		return true;
	if(request->input_taken)
		return command_complain(
				"\"-\" stands twice: the standard input can be read once");
	request->input_taken = true;
	return true;
}

static bool add_file(struct request *request, const char *path)
{
	request->proxies_given = true;
	if(!options_take_path(request, path))
		return false;
	return tlsp_proxy_file_add_any(&request->list, path)
		   || command_complain(request->list.error);
}

static bool add_crl_file(struct request *request, const char *path)
{
	if(request->crl_count == TLSP_REQUEST_CRL_FILES)
		return command_complain("--crl names more than 64 files");
	request->crl_files[request->crl_count++] = path;
	return options_take_path(request, path);
}

static bool set_peer(struct request *request, const char *word)
{
	if(strcmp(word, "client") == 0)
		request->role = TLSP_ROLE_SERVER;
	else if(strcmp(word, "server") == 0)
		request->role = TLSP_ROLE_CLIENT;
	else
		return command_complain("--peer is client or server");
	return true;
}

/* --role was ours. */
static bool refuse_role(const char *word)
{
	if(strcmp(word, "server") == 0)
		return command_complain(
				"--role server is now --peer client: the peer's part is named");
	if(strcmp(word, "client") == 0)
		return command_complain(
				"--role client is now --peer server: the peer's part is named");
	return command_complain(
			"--role is now --peer client or --peer server: the peer's part is "
			"named");
}

static bool set(struct request *request, const char *name, const char *value)
{
	char error[512];

	return tlsp_parameters_set(
				   &request->policy, name, value, error, sizeof(error))
		   || command_complain(error);
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
			tlsp_escape_written(text, strlen(text), escaped, sizeof(escaped)),
			tlsp_hostname_error_text(error));
	return command_complain(sentence);
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
				   || command_complain(
						   "--peer-address is an IPv4 or IPv6 address"));
}

static bool set_timeout(struct request *request, const char *text)
{
	size_t digits = strspn(text, "0123456789");
	long seconds =
			digits && digits <= 4 && !text[digits] ? strtol(text, NULL, 10) : 0;

	if(seconds < 1 || seconds > TIMEOUT_MAX_SECONDS)
		return command_complain("--timeout is a number from 1 to 3600 (s)");
	request->timeout_s = (unsigned)seconds;
	return true;
}

/* Whom a server is asked for: a name, since RFC 6066, 3 has no addresses. */
static bool set_server_name(struct request *request, const char *text)
{
	struct tlsp_host host;
	char sentence[400], escaped[300];

	request->server_name = text;
	if(!text[0])
		return true;
	if(tlsp_hostname_from_operator(&host, text, strlen(text)) == TLSP_HOST_OK
			&& host.kind == TLSP_HOST_NAME && !strpbrk(text, ":<@")) {
		tlsp_hostname_print(
				&host, request->server_name_text, TLSP_HOSTNAME_MAX_OCTETS + 1);
		request->server_name = request->server_name_text;
		return true;
	}
	snprintf(sentence, sizeof(sentence), "--server-name \"%s\" is no host name",
			tlsp_escape_written(text, strlen(text), escaped, sizeof(escaped)));
	return command_complain(sentence);
}

static bool take_probe_option(struct request *request, int option)
{
	switch(option) {
		case 'N':
			return set_server_name(request, optarg);
		case 'E':
			request->own_certificate = optarg;
			return true;
		case 'K':
			request->own_key = optarg;
			return true;
		case 'T':
			return set_timeout(request, optarg);
		default:
			return command_complain("an option without its row in take_option");
	}
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
			return options_take_path(request, optarg);
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
			return take_probe_option(request, option);
	}
}

static const char *word_of(enum request_command command)
{
	return command == REQUEST_PROBE ? "probe" : "check";
}

/* getopt's own sentences are not escaped, and not ours. */
static bool refuse_option(
		enum request_command command, int option, const char *argument)
{
	char sentence[192], escaped[128];

	snprintf(sentence, sizeof(sentence), "%s \"%s\" (see tls-policy %s --help)",
			option == ':' ? "no value follows" : "bad option",
			tlsp_escape_written(
					argument, strlen(argument), escaped, sizeof(escaped)),
			word_of(command));
	return command_complain(sentence);
}

/* What the other command has. Of a probe the peer is a server at an address. */
static bool refuse_foreign(
		enum request_command command, int option, const char *name)
{
	char sentence[96];

	if(!strchr(command == REQUEST_PROBE ? "PrA" : "NEKT", option))
		return true;
	snprintf(sentence, sizeof(sentence), "--%s is no option of %s", name,
			word_of(command));
	return command_complain(sentence);
}

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
	{"server-name", required_argument, NULL, 'N'},
	{"cert", required_argument, NULL, 'E'},
	{"key", required_argument, NULL, 'K'},
	{"timeout", required_argument, NULL, 'T'},
	{NULL, 0, NULL, 0}
};
/* clang-format on */


bool options_read(struct request *request, enum request_command command,
		int argc, char **argv)
{
	int option, place;

	while((option = getopt_long(argc, argv, ":", options, &place)) != -1) {
		if(option == ':' || option == '?')
			return refuse_option(command, option, argv[optind - 1]);
		if(!refuse_foreign(command, option, options[place].name)
				|| !take_option(request, option))
			return false;
		if(strchr("swWuSad", option))
			request->said = options[place].name;
	}
	return true;
}
