/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * request - see request.h.
 */
#include "request.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "policy/escape.h"
#include "policy/names/identity.h"
#include "policy/verdict.h"

enum
{
	TIMEOUT_SECONDS = 10,
	PORT_OCTETS_MAX = 5
};

static const char default_port[] = "5061"; /* RFC 3261, 19.1.2: sips */

static bool read_check(struct request *request, int argc, char **argv)
{
	if(!options_read(request, REQUEST_CHECK, argc, argv))
		return false;
	request->certificates = argv + optind;
	request->certificate_count = (size_t)(argc - optind);
	if(request->certificate_count == 0)
		return command_complain(
				"name a certificate file (see tls-policy check --help)");
	for(size_t i = 0; i < request->certificate_count; i++)
		if(!options_take_path(request, request->certificates[i]))
			return false;
	if(request->dialled_name.octets && request->role != TLSP_ROLE_CLIENT)
		return command_complain(
				"--dialled-name is of a server: it needs --peer "
				"server");
	return true;
}

/* Where the port begins, or NULL: of an IPv6 address only behind brackets. */
static const char *port_of(const char *text)
{
	const char *closed = text[0] == '[' ? strchr(text, ']') : NULL;
	const char *colon = strchr(closed ? closed : text, ':');

	return colon && !strchr(colon + 1, ':') ? colon + 1 : NULL;
}

/* HOST, HOST:PORT, [IPv6]:PORT, IPv6. */
static bool read_target(struct request *request, const char *text)
{
	const char *port = port_of(text);
	struct tlsp_host *host = &request->target;
	enum tlsp_host_error error =
			tlsp_hostname_from_operator(host, text, strlen(text));
	char sentence[400], escaped[300];

	if(error == TLSP_HOST_OK && host->kind == TLSP_HOST_WILDCARD)
		error = TLSP_HOST_BAD_WILDCARD;
	if(error == TLSP_HOST_OK && port
			&& (strlen(port) > PORT_OCTETS_MAX
					|| port[strspn(port, "0123456789")]))
		error = TLSP_HOST_BAD_PORT;
	/* a URI is none: its transport and its parameters would say more */
	if(error == TLSP_HOST_OK
			&& (strpbrk(text, "<>@;?/")
					|| (!port && strchr(text, ':')
							&& host->kind != TLSP_HOST_IPV6)))
		error = TLSP_HOST_BAD_CHARACTER;
	if(error == TLSP_HOST_OK) {
		snprintf(request->port, sizeof(request->port), "%s",
				port ? port : default_port);
		return true;
	}
	snprintf(sentence, sizeof(sentence), "HOST:PORT \"%s\" %s",
			tlsp_escape_written(text, strlen(text), escaped, sizeof(escaped)),
			tlsp_hostname_error_text(error));
	return command_complain(sentence);
}

/* A name is asked for, too. Where nothing else is there to compare with, it is
 * what was asked for, or else where it was connected to. */
static bool complete_probe(struct request *request)
{
	char target[TLSP_HOSTNAME_MAX_OCTETS + 8];
	const char *wanted = target;

	tlsp_hostname_print(&request->target, target, sizeof(target));
	if(!request->server_name) {
		request->server_name = request->server_name_text;
		if(request->target.kind == TLSP_HOST_NAME)
			tlsp_hostname_print(&request->target, request->server_name_text,
					sizeof(request->server_name_text));
	}
	if(request->server_name[0]) {
		wanted = request->server_name;
		if(request->dialled_name.octets == 0)
			(void)tlsp_hostname_from_operator(
					&request->dialled_name, wanted, strlen(wanted));
	}
	if(request->proxies_given || request->config
			|| request->policy.tls_remote_subject_name[0])
		return true;
	return tlsp_proxy_list_add(
				   &request->list, "HOST:PORT", wanted, strlen(wanted))
		   || command_complain(request->list.error);
}

static bool read_probe(struct request *request, int argc, char **argv)
{
	request->role = TLSP_ROLE_CLIENT;
	if(!options_read(request, REQUEST_PROBE, argc, argv))
		return false;
	if(optind != argc - 1)
		return command_complain(
				"name one HOST:PORT (see tls-policy probe --help)");
	if(request->own_key && !request->own_certificate)
		return command_complain("--key needs --cert");
	return read_target(request, argv[optind]) && complete_probe(request);
}

/* The rule's policy instead of the options', and its trust anchors. */
static bool take_rule(struct request *request)
{
	const struct tlsp_policy *policy;
	char error[TLSP_PROXY_ERROR_OCTETS];

	if(!request->config || !request->rule_name)
		return command_complain("--config and --rule go together");
	if(request->said) {
		snprintf(error, sizeof(error),
				"--%s contradicts --config: the rule says it", request->said);
		return command_complain(error);
	}
	if(!rule_request_read(&request->rule, request->config, request->rule_name,
			   &request->list, request->proxies_given, error, sizeof(error)))
		return command_complain(error);
	policy = &request->rule.rule->policy;
	request->policy = *policy;
	if(!policy->https_root_file_name[0])
		return true;
	if(request->ca_file || request->crl_count)
		return command_complain("--ca and --crl contradict --config: the rule "
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
		return command_complain("no memory for the index of proxies");
	request->proxies = tlsp_proxies_builder_write(request->list.builder, block);
	if(!tlsp_identity_check_proxies(request->proxies,
			   request->policy.wildcard_proxies, error, sizeof(error)))
		return command_complain(error);
	if(request->config)
		return (tlsp_parameters_check_combination(&request->policy,
						tlsp_proxies_count(request->proxies), error,
						sizeof(error))
					   && tlsp_verdict_check_expected(&request->policy,
							   request->proxies, error, sizeof(error)))
			   || command_complain(error);
	if(tlsp_proxies_count(request->proxies) > 0
			|| request->policy.tls_remote_subject_name[0])
		return true;
	return command_complain(
			"nothing to compare with: give --proxy, --proxies or "
			"--remote-subject-name");
}

static bool begin(struct request *request)
{
	memset(request, 0, sizeof(*request));
	request->role = TLSP_ROLE_SERVER;
	tlsp_parameters_defaults(&request->policy);
	request->policy.sips_require_client_certificate = 1;
	request->policy.peer_host_name_verification_mode = TLSP_VERIFY_NAMES_BOTH;
	request->timeout_s = TIMEOUT_SECONDS;
	opterr = 0;
	return tlsp_proxy_list_init(&request->list, true)
		   || command_complain("no memory for the list of proxies");
}

static bool finish(struct request *request)
{
	return ((!request->config && !request->rule_name) || take_rule(request))
		   && build_index(request);
}

bool request_read_check(struct request *request, int argc, char **argv)
{
	return begin(request) && read_check(request, argc, argv) && finish(request);
}

bool request_read_probe(struct request *request, int argc, char **argv)
{
	return begin(request) && read_probe(request, argc, argv) && finish(request);
}

void request_cleanup(struct request *request)
{
	tlsp_proxy_list_cleanup(&request->list);
	free(request->proxies);
	rule_request_cleanup(&request->rule);
}
