/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpc_check - see rpc_check.h. The same code judges as on the command line and
 * in a handshake.
 */
#include "rpc_check.h"

#include <stdio.h>
#include <string.h>

#include "openssl/own_identity.h"
#include "openssl/certificate/verify_file.h"
#include "policy/names/names.h"
#include "kamailio/policy/live_policy.h"
#include "kamailio/policy/tls_domains.h"
#include "kamailio/report/peer_text.h"
#include "policy/explain.h"
#include "rpc_arguments.h"
#include "rpc_fault.h"
#include "rpc_rules.h"

enum
{
	ERROR_OCTETS = 2048,
	TEXT_OCTETS = 2048
};

static const char usage[] =
		"check PEMFILE peer=client|server [rule=RULE] [host=HOST]";

/* clang-format off */
const char *tlsp_rpc_check_doc[] = {
	"Judges the peer's certificate in PEMFILE (then its chain) by the policy in "
	"force: PEMFILE peer=client|server [rule=RULE] [host=HOST]; HOST is whom "
	"the connection was opened to, or comes from, for bind_to_peer and expect",
	NULL};
/* clang-format on */

static struct tlsp_rpc_argument arguments[] = {{TLSP_RPC_PLACE},
		{TLSP_RPC_KEY, "peer"}, {TLSP_RPC_KEY, "rule"}, {TLSP_RPC_KEY, "host"}};

struct question
{
	const char *path;
	enum tlsp_role role; /* ours */
	bool host_given;
	struct tlsp_host host;
};

static bool read_question(rpc_t *rpc, void *ctx, struct question *out)
{
	const char *peer = arguments[1].text, *host = arguments[3].text;

	memset(out, 0, sizeof(*out));
	if(!tlsp_rpc_arguments_read(rpc, ctx, arguments,
			   sizeof(arguments) / sizeof(*arguments), usage))
		return false;
	out->path = arguments[0].text;
	out->host_given = arguments[3].given;
	if(!arguments[0].given)
		return tlsp_rpc_usage(rpc, ctx, usage);
	if(strcmp(peer, "server") == 0)
		out->role = TLSP_ROLE_CLIENT;
	else if(strcmp(peer, "client") == 0)
		out->role = TLSP_ROLE_SERVER;
	else
		return tlsp_rpc_usage(rpc, ctx, usage);
	if(!out->host_given
			|| (tlsp_hostname_from_operator(&out->host, host, strlen(host))
							== TLSP_HOST_OK
					&& out->host.kind != TLSP_HOST_WILDCARD))
		return true;
	rpc->fault(ctx, 400, "host is no host name and no address");
	return false;
}

/* What bind_to_peer and expect compare with. */
static void read_connection(const struct question *question,
		const struct tlsp_policy *policy, struct tlsp_peer_facts *facts)
{
	const struct tlsp_host *host =
			question->host_given ? &question->host : NULL;
	bool address =
			host
			&& (host->kind == TLSP_HOST_IPV4 || host->kind == TLSP_HOST_IPV6);
	char name[TLSP_HOSTNAME_MAX_OCTETS + 8];

	if(host)
		tlsp_hostname_print(host, name, sizeof(name));
	tlsp_names_set_connection(facts, policy, question->role,
			host && !address ? name : NULL, address ? host : NULL);
}

/* Nobody knows whom the connection would be with. */
static bool is_left_out(
		const struct tlsp_policy *policy, const struct question *question)
{
	return policy->bind_to_peer && !question->host_given
		   && !(question->role == TLSP_ROLE_CLIENT && policy->expect[0]);
}

static void answer(rpc_t *rpc, void *ctx, const struct question *question,
		const struct tlsp_terms *terms, const struct tlsp_verdict *verdict,
		const struct tlsp_peer_facts *facts)
{
	const struct tlsp_policy *policy = terms->policy;
	char text[TEXT_OCTETS];
	void *row, *list;

	if(rpc->add(ctx, "{", &row) < 0
			|| rpc->struct_add(row, "ssss[", "verdict",
					   verdict->accepted ? "accepted" : "refused", "peer_role",
					   tlsp_peer_role_word(question->role), "rule", terms->rule,
					   "text",
					   tlsp_explain_verdict(verdict, facts, text, sizeof(text)),
					   "reasons", &list)
					   < 0)
		return;
	for(unsigned reason = 1; reason && reason <= verdict->reasons; reason <<= 1)
		if(verdict->reasons & reason)
			rpc->array_add(list, "s",
					tlsp_explain_reason((enum tlsp_reason)reason, verdict,
							facts, text, sizeof(text)));
	if(policy->enforcement != TLSP_ENFORCE)
		rpc->struct_add(row, "s", "note",
				policy->enforcement == TLSP_ENFORCE_NONE
						? "the rule judges nobody: enforcement = none"
						: "nobody is refused: enforcement = testing");
	else if(!tlsp_verdict_asks_certificate(policy, question->role))
		rpc->struct_add(row, "s", "note",
				"the policy asks no peer for a certificate in this role");
	else if(is_left_out(policy, question))
		rpc->struct_add(
				row, "s", "note", "bind_to_peer is left out: it needs host=");
}

static void judge(rpc_t *rpc, void *ctx, const struct question *question,
		STACK_OF(X509) * certificates, const struct tlsp_terms *terms,
		SSL_CTX *context)
{
	static struct tlsp_peer_cert peer; /* too large for a stack */
	struct tlsp_policy policy = *terms->policy;
	struct tlsp_verdict verdict;
	struct tlsp_verify_trust trust = {tlsp_own_identity_anchors(context, terms),
			SSL_CTX_get_verify_depth(context),
			SSL_CTX_get_security_level(context)};

	if(!trust.anchors) {
		rpc->fault(ctx, 500, "no memory");
		return;
	}
	if(is_left_out(&policy, question))
		policy.bind_to_peer = 0;
	tlsp_verify_file_peer(&peer, certificates, &trust, &policy, question->role);
	read_connection(question, &policy, &peer.facts);
	tlsp_verdict_judge(
			&policy, terms->proxies, question->role, &peer.facts, &verdict);
	answer(rpc, ctx, question, terms, &verdict, &peer.facts);
	tlsp_peer_cert_cleanup(&peer);
}

void tlsp_rpc_check(rpc_t *rpc, void *ctx)
{
	char error[ERROR_OCTETS];
	struct tlsp_tls_domain domain;
	const struct tlsp_in_force *all;
	STACK_OF(X509) * certificates;
	struct question question;
	size_t number;

	if(!read_question(rpc, ctx, &question))
		return;
	certificates = tlsp_verify_file_read(
			question.path, TLSP_PEM_REGULAR_FILE, error, sizeof(error));
	if(!certificates) {
		tlsp_rpc_fault(rpc, ctx, 400, error);
		return;
	}
	all = tlsp_live_policy_acquire();
	tlsp_tls_domains_find_default(question.role, &domain);
	if(!domain.context)
		rpc->fault(ctx, 500, "no TLS domain is in force");
	else if(tlsp_rpc_find_rule(rpc, ctx, all, &arguments[2], &number))
		judge(rpc, ctx, &question, certificates, &all->terms[number],
				domain.context);
	tlsp_tls_domains_release(&domain);
	tlsp_live_policy_release(all);
	tlsp_verify_file_free(certificates);
}
