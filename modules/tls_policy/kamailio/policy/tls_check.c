/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tls_check - see tls_check.h.
 */
#include "tls_check.h"

#include <stdio.h>
#include <string.h>

#include "core/ip_addr.h"
#include "core/pt.h"

#include "openssl/tls_context.h"
#include "policy/verdict.h"
#include "tls_module.h"

static bool check_domain(const struct tlsp_book_rule *rule,
		const tls_domain_t *domain, char *error, size_t error_size)
{
	char name[TLSP_TLS_DOMAIN_OCTETS];

	tlsp_tls_module_print(domain, name, sizeof(name));
	if(!domain->ctx || !domain->ctx[process_no]) {
		snprintf(error, error_size,
				"TLS domain %s is not set up yet: load tls.so before "
				"tls_policy.so",
				name);
		return false;
	}
	if(rule->files
			&& !tlsp_own_files_fit(rule->files, domain->ctx[process_no], name,
					error, error_size))
		return false;
	return tlsp_tls_context_check(rule->policy, domain->ctx[process_no],
			(domain->type & TLS_DOMAIN_SRV) ? TLSP_ROLE_SERVER
											: TLSP_ROLE_CLIENT,
			domain->ca_path.s && domain->ca_path.s[0], name, error,
			error_size); /* an unset path has a length in 5.6 */
}

/* One look at the TLS domains, and whom it tells. */
struct look
{
	const struct tlsp_book_rule *rule;
	struct tlsp_conditions conditions;
	tlsp_tls_fault *fault;
	void *to;
};

static bool is_own_port(
		const struct tlsp_listen *listen, const tls_domain_t *domain)
{
	return (listen->address.count == 0
				   || (listen->address.count == domain->ip.len
						   && memcmp(listen->address.octets, domain->ip.u.addr,
									  domain->ip.len)
									  == 0))
		   && (listen->port == 0 || domain->port == 0
				   || listen->port == domain->port);
}

static bool listens_meet(
		const struct tlsp_conditions *conditions, const tls_domain_t *domain)
{
	bool meets = conditions->listen_count == 0
				 || (domain->type & (TLS_DOMAIN_DEF | TLS_DOMAIN_ANY));

	for(size_t i = 0; !meets && i < conditions->listen_count; i++)
		meets = is_own_port(&conditions->listens[i], domain);
	return meets;
}

static bool names_meet(
		const struct tlsp_conditions *conditions, const tls_domain_t *domain)
{
	struct tlsp_rule_facts facts = {.server_name = domain->server_name.s,
			.server_name_octets = (size_t)domain->server_name.len};
	struct tlsp_conditions names = {.server_names = conditions->server_names,
			.server_name_count = conditions->server_name_count};

	return conditions->server_name_count == 0 || domain->server_name.len <= 0
		   || tlsp_conditions_hold(&names, &facts);
}

/* May a connection that is in |domain| be one that |conditions| are for? */
static bool may_meet(
		const struct tlsp_conditions *conditions, const tls_domain_t *domain)
{
	bool server = (domain->type & TLS_DOMAIN_SRV) != 0;

	return conditions->peer_role
				   != (server ? TLSP_PEER_ROLE_SERVER : TLSP_PEER_ROLE_CLIENT)
		   && (!server || listens_meet(conditions, domain))
		   && names_meet(conditions, domain);
}

/* False if no other domain is to be looked at. */
static bool check_list(const struct look *look, const tls_domain_t *list)
{
	char error[1024];

	for(; list; list = list->next)
		if(may_meet(&look->conditions, list)
				&& !check_domain(look->rule, list, error, sizeof(error))
				&& !look->fault(look->to, error))
			return false;
	return true;
}

/* What asks for an address of ours or a name meets the default of a role only
 * where nothing else is there for that. */
static bool is_met(
		const struct tlsp_conditions *conditions, const tls_domain_t *list)
{
	bool met = false;

	for(; list && !met; list = list->next)
		met = may_meet(conditions, list);
	return met && (conditions->listen_count || conditions->server_name_count);
}

static bool check_role(const struct look *look, const tls_domain_t *preset,
		const tls_domain_t *list)
{
	return (is_met(&look->conditions, list) || check_list(look, preset))
		   && check_list(look, list);
}

void tlsp_tls_check_each(
		const struct tlsp_book_rule *rule, tlsp_tls_fault *fault, void *to)
{
	tls_domains_cfg_t *configuration = tlsp_tls_module_hold();
	struct look look = {.rule = rule, .fault = fault, .to = to};
	char error[256];

	if(!configuration) {
		fault(to, "the tls module has no TLS domains");
		return;
	}
	if(!tlsp_book_conditions(rule, &look.conditions, error, sizeof(error)))
		fault(to, error);
	else if(check_role(
					&look, configuration->srv_default, configuration->srv_list))
		check_role(&look, configuration->cli_default, configuration->cli_list);
	tlsp_conditions_cleanup(&look.conditions);
	tlsp_tls_module_let_go(configuration);
}

/* The first that is at fault. */
struct first
{
	char *error;
	size_t size;
	bool found;
};

static bool keep_first(void *to, const char *sentence)
{
	struct first *first = to;

	snprintf(first->error, first->size, "%s", sentence);
	first->found = true;
	return false;
}

bool tlsp_tls_check(
		const struct tlsp_book_rule *rule, char *error, size_t error_size)
{
	struct first first = {error, error_size, false};

	tlsp_tls_check_each(rule, keep_first, &first);
	return !first.found;
}

/* What a TLS domain trusts. */
struct trust
{
	const tls_domain_t *domain; /* NULL: none yet */
	unsigned char anchors[TLSP_DIGEST_OCTETS];
	const char *directory;
};

static bool read_trust(const tls_domain_t *domain, struct trust *out)
{
	out->domain = domain;
	out->directory = domain->ca_path.s ? domain->ca_path.s : "";
	return domain->ctx && domain->ctx[process_no]
		   && tlsp_tls_context_digest_anchors(
				   domain->ctx[process_no], out->anchors);
}

/* The first of |list| that trusts others than |first| (which becomes the first
 * of all if there is none yet), or NULL. */
static const tls_domain_t *find_other(
		struct trust *first, const tls_domain_t *list)
{
	struct trust trust;

	for(; list; list = list->next) {
		if(!read_trust(list, &trust))
			continue;
		if(!first->domain)
			*first = trust;
		else if(memcmp(first->anchors, trust.anchors, sizeof(trust.anchors))
						!= 0
				|| strcmp(first->directory, trust.directory) != 0)
			return list;
	}
	return NULL;
}

static bool say_other(enum tlsp_role role, const tls_domain_t *preset,
		const tls_domain_t *list, char *buffer, size_t size)
{
	const char *peers = role == TLSP_ROLE_SERVER ? "clients" : "servers";
	struct trust first = {NULL};
	char name[TLSP_TLS_DOMAIN_OCTETS], other_name[TLSP_TLS_DOMAIN_OCTETS];
	const tls_domain_t *other = find_other(&first, preset);

	if(!other)
		other = find_other(&first, list);
	if(!other)
		return false;
	tlsp_tls_module_print(first.domain, name, sizeof(name));
	tlsp_tls_module_print(other, other_name, sizeof(other_name));
	snprintf(buffer, size,
			"TLS domains %s and %s trust different CAs (ca_list, ca_path), but "
			"share "
			"one list of proxies: a CA that only one of them trusts may issue "
			"the names of the other's %s",
			name, other_name, peers);
	return true;
}

bool tlsp_tls_check_warning(
		const struct tlsp_book *book, char *buffer, size_t size)
{
	const struct tlsp_policy *policy = book->rules[0].policy;
	tls_domains_cfg_t *configuration;
	bool warned;

	if(book->count > 0 || policy->https_root_file_name[0]
			|| !(configuration = tlsp_tls_module_hold()))
		return false;
	warned = (tlsp_verdict_names_judged(policy, TLSP_ROLE_SERVER)
					 && say_other(TLSP_ROLE_SERVER, configuration->srv_default,
							 configuration->srv_list, buffer, size))
			 || (tlsp_verdict_names_judged(policy, TLSP_ROLE_CLIENT)
					 && say_other(TLSP_ROLE_CLIENT, configuration->cli_default,
							 configuration->cli_list, buffer, size));
	tlsp_tls_module_let_go(configuration);
	return warned;
}
