/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpc_check - see rpc_check.h. The same code judges as on the command line and
 * in a handshake.
 */
#include "rpc_check.h"

#include <stdio.h>
#include <string.h>

#include "core/str.h"

#include "openssl/own_identity.h"
#include "openssl/certificate/verify_file.h"
#include "policy/names/names.h"
#include "kamailio/policy/live_policy.h"
#include "kamailio/policy/tls_domains.h"
#include "policy/explain.h"
#include "rpc_fault.h"

enum
{
	PATH_OCTETS = 1024,
	ERROR_OCTETS = 2048,
	TEXT_OCTETS = 2048
};

/* clang-format off */
const char *tlsp_rpc_check_doc[] = {
	"Judges the peer's certificate in PEMFILE (then its chain) by the policy in "
	"force, for the role that we play: PEMFILE [server|client] [HOST]; HOST is "
	"whom the connection was opened to, for bind_to_peer", NULL};
/* clang-format on */

struct question
{
	char path[PATH_OCTETS];
	enum tlsp_role role;
	bool host_given;
	struct tlsp_host host;
	char host_text[TLSP_HOSTNAME_MAX_OCTETS + 1];
};

static bool is_text(const str *text, size_t size)
{
	return text->len > 0 && (size_t)text->len < size
		   && !memchr(text->s, 0, (size_t)text->len);
}

static bool read_role(const str *word, enum tlsp_role *out)
{
	bool is_client = word->len == 6 && memcmp(word->s, "client", 6) == 0;

	*out = is_client ? TLSP_ROLE_CLIENT : TLSP_ROLE_SERVER;
	return is_client || (word->len == 6 && memcmp(word->s, "server", 6) == 0);
}

static bool read_question(rpc_t *rpc, void *ctx, struct question *out)
{
	str path, role, host;
	int given = rpc->scan(ctx, ".S*.S.S", &path, &role, &host);

	memset(out, 0, sizeof(*out));
	out->role = TLSP_ROLE_SERVER;
	out->host_given = given > 2;
	if(given < 1 || !is_text(&path, sizeof(out->path))
			|| (given > 1 && !read_role(&role, &out->role))
			|| (given > 2 && !is_text(&host, sizeof(out->host_text)))) {
		rpc->fault(ctx, 400,
				"usage: tls_policy.check PEMFILE [server|client] [HOST]");
		return false;
	}
	memcpy(out->path, path.s, (size_t)path.len);
	if(given > 2)
		memcpy(out->host_text, host.s, (size_t)host.len);
	if(given > 2
			&& tlsp_hostname_from_operator(&out->host, host.s, (size_t)host.len)
					   != TLSP_HOST_OK) {
		rpc->fault(ctx, 400, "HOST is no host name and no address");
		return false;
	}
	return true;
}

/* What bind_to_peer compares with. */
static void read_connection(
		const struct question *question, struct tlsp_peer_facts *facts)
{
	bool address = question->host.kind == TLSP_HOST_IPV4
				   || question->host.kind == TLSP_HOST_IPV6;
	char name[TLSP_HOSTNAME_MAX_OCTETS + 8];

	if(!question->host_given)
		return;
	tlsp_hostname_print(&question->host, name, sizeof(name));
	tlsp_names_set_connection(facts, question->role, address ? NULL : name,
			address ? &question->host : NULL);
}

static void answer(rpc_t *rpc, void *ctx, const struct question *question,
		const struct tlsp_policy *policy, const struct tlsp_verdict *verdict,
		const struct tlsp_peer_facts *facts)
{
	char text[TEXT_OCTETS];
	void *row, *list;

	if(rpc->add(ctx, "{", &row) < 0
			|| rpc->struct_add(row, "sss[", "verdict",
					   verdict->accepted ? "accepted" : "refused", "role",
					   question->role == TLSP_ROLE_SERVER ? "server" : "client",
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
	if(!tlsp_verdict_asks_certificate(policy, question->role))
		rpc->struct_add(row, "s", "note",
				"the policy asks no peer for a certificate in this role");
	else if(policy->bind_to_peer && !question->host_given)
		rpc->struct_add(
				row, "s", "note", "bind_to_peer is left out: it needs HOST");
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
	policy.bind_to_peer = policy.bind_to_peer && question->host_given;
	tlsp_verify_file_peer(&peer, certificates, &trust, &policy, question->role);
	read_connection(question, &peer.facts);
	tlsp_verdict_judge(
			&policy, terms->proxies, question->role, &peer.facts, &verdict);
	answer(rpc, ctx, question, terms->policy, &verdict, &peer.facts);
	tlsp_peer_cert_cleanup(&peer);
}

void tlsp_rpc_check(rpc_t *rpc, void *ctx)
{
	char error[ERROR_OCTETS];
	struct tlsp_tls_domain domain;
	const struct tlsp_in_force *all;
	const struct tlsp_terms *terms;
	STACK_OF(X509) * certificates;
	struct question question;

	if(!read_question(rpc, ctx, &question))
		return;
	certificates = tlsp_verify_file_read(
			question.path, TLSP_PEM_REGULAR_FILE, error, sizeof(error));
	if(!certificates) {
		tlsp_rpc_fault(rpc, ctx, 400, error);
		return;
	}
	all = tlsp_live_policy_acquire();
	terms = all ? all->terms : NULL;
	tlsp_tls_domains_find_default(question.role, &domain);
	if(terms && domain.context)
		judge(rpc, ctx, &question, certificates, terms, domain.context);
	else
		rpc->fault(ctx, 500, "no policy or no TLS domain is in force");
	tlsp_tls_domains_release(&domain);
	tlsp_live_policy_release(all);
	tlsp_verify_file_free(certificates);
}
