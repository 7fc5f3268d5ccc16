/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probe - see probe.h.
 */
#include "probe.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/judge.h"
#include "cli/request.h"
#include "dial.h"
#include "policy/versions.h"
#include "server_view.h"
#include "view_print.h"

/* clang-format off */
const char probe_usage[] =
	"usage: tls-policy probe [--server-name NAME] [--cert FILE [--key FILE]]\n"
	"           [--timeout SECONDS] [OPTION of check]... HOST[:PORT]\n"
	"\n"
	"Connects to a server as TLS client, shows what it shows (version, cipher,\n"
	"certificates, whether it asks for ours), and says whether it is accepted, by\n"
	"the options that check has for servers. It sends no SIP. PORT is 5061 if it is\n"
	"left out; an IPv6 address stands in brackets. The server name (SNI) that is\n"
	"asked for is NAME (\"\": none), else HOST if it is a name. Without --proxy,\n"
	"--proxies, --remote-subject-name and --config the certificate must be that\n"
	"name's, or HOST's. --cert and --key (PEM; the key may be in the certificate's\n"
	"file) are shown to a server that asks. After --timeout (10 s) it is given up.\n"
	"Exit status: 0 accepted, 1 refused, 2 bad usage, no connection, or the peer has\n"
	"ended it.\n";
/* clang-format on */

/* A handshake over a connection of its own. False if there is no connection;
 * view->why then says all. */
static bool take_view(struct server_view *view, SSL_CTX *context,
		const struct server_offer *offer, struct request *request,
		struct dialled *dialled)
{
	char host[TLSP_HOSTNAME_MAX_OCTETS + 8];
	int fd;

	memset(view, 0, sizeof(*view));
	tlsp_hostname_print(&request->target, host, sizeof(host));
	fd = dial(host, request->port, request->timeout_s, dialled, view->why,
			sizeof(view->why));
	if(fd < 0)
		return false;
	request->peer_address = dialled->address;
	server_view_take(view, context, offer, fd);
	return true;
}

/* Versions and ciphers that our side has not offered: a second handshake with
 * everything tells what there is. True if it shows more than the first. */
static bool look_wider(struct server_view *view,
		const struct server_offer *offer, struct request *request)
{
	struct server_offer wide = *offer;
	struct server_view wider;
	struct dialled dialled;
	char error[512];
	SSL_CTX *context;
	bool more = false;

	wide.wide = true;
	context = server_view_open(&wide, error, sizeof(error));
	if(!context)
		return false;
	if(take_view(&wider, context, &wide, request, &dialled) && wider.version) {
		snprintf(wider.why, sizeof(wider.why), "%s", view->why);
		server_view_cleanup(view);
		*view = wider;
		more = true;
	} else {
		server_view_cleanup(&wider);
	}
	SSL_CTX_free(context);
	return more;
}

/* What is refused without a look at the certificate: no version, or one in a
 * gap of the policy's. */
static bool agreed(const struct server_view *view,
		const struct request *request, bool wider)
{
	int tls_version = request->policy.tls_version;
	unsigned set = tlsp_versions_from_parameter(tls_version);
	char versions[32] = "what OpenSSL offers by itself";

	if(!wider && set & tlsp_versions_of_wire(view->version))
		return true;
	if(tls_version)
		tlsp_versions_print(set, versions, sizeof(versions));
	printf("refused\nhandshake-failed: with %s (tls_version=%d) %s%s; the peer "
		   "speaks %s, %s\n",
			versions, tls_version, wider ? "there is no handshake: " : "",
			wider ? view->why : "it would be refused", view->version_word,
			view->cipher);
	return false;
}

static enum command_status judge_view(const struct judge *judge,
		const struct server_view *view, const struct dialled *dialled,
		bool wider)
{
	const struct request *request = judge->request;
	enum command_status status;
	char sentence[512];

	view_print(view, dialled->text, request->server_name);
	if(view->version && request->policy.enforcement == TLSP_ENFORCE
			&& !agreed(view, request, wider))
		return COMMAND_REFUSED;
	status = judge_print(judge, view->chain, NULL);
	if(view->established || status != COMMAND_ACCEPTED)
		return status;
	snprintf(sentence, sizeof(sentence), "the connection has ended: %s%s",
			view->why,
			view->asked ? " (it asks for a client certificate: --cert)" : "");
	command_complain(sentence);
	return COMMAND_UNUSABLE;
}

static enum command_status probe(struct judge *judge, struct request *request)
{
	const struct server_offer offer = {
			.tls_version = request->policy.tls_version,
			.server_name = request->server_name,
			.certificate = request->own_certificate,
			.key = request->own_key};
	enum command_status status = COMMAND_UNUSABLE;
	struct server_view view = {0};
	struct dialled dialled;
	char error[1024];
	bool there, wider = false;
	SSL_CTX *context = server_view_open(&offer, error, sizeof(error));

	if(!context) {
		command_complain(error);
		return COMMAND_UNUSABLE;
	}
	there = take_view(&view, context, &offer, request, &dialled);
	if(there && !view.version && !view.asked)
		wider = look_wider(&view, &offer, request);
	if(view.chain) {
		status = judge_view(judge, &view, &dialled, wider);
	} else {
		snprintf(error, sizeof(error), "no TLS connection: %s%s%s",
				there ? dialled.text : "", there ? ": " : "", view.why);
		command_complain(error);
	}
	server_view_cleanup(&view);
	SSL_CTX_free(context);
	return command_written(status);
}

static void limit_time(const struct request *request)
{
	char host[TLSP_HOSTNAME_MAX_OCTETS + 8], what[sizeof(host) + 16];

	tlsp_hostname_print(&request->target, host, sizeof(host));
	snprintf(what, sizeof(what), "%s port %s", host, request->port);
	dial_limit(request->timeout_s, what, COMMAND_UNUSABLE);
}

enum command_status probe_run(int argc, char **argv)
{
	enum command_status status = COMMAND_UNUSABLE;
	struct judge judge = {0};
	struct request request;

	(void)signal(SIGPIPE, SIG_IGN);
	if(request_read_probe(&request, argc, argv)
			&& judge_open(&judge, &request)) {
		limit_time(&request);
		status = probe(&judge, &request);
	}
	judge_close(&judge);
	request_cleanup(&request);
	return status;
}
