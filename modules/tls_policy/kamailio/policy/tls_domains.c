/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tls_domains - see tls_domains.h. Holds a reference to the tls module's
 * configuration while it looks, so that a tls.reload cannot free it.
 */
#include "tls_domains.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "core/ip_addr.h"
#include "core/locking.h"
#include "core/pt.h"
#include "core/sr_module.h"
#include "core/xavp.h"
#include "modules/tls/tls_domain.h"
#include "modules/tls/tls_server.h"

#include "openssl/tls_context.h"

typedef tls_domain_t *(*lookup)(tls_domains_cfg_t *configuration, int type,
		struct ip_addr *ip, unsigned short port, str *server_name,
		str *server_id);

static struct tls_module
{
	tls_domains_cfg_t ***configuration;
	gen_lock_t **lock;
	lookup find;
} tls;

/* The tls module is loaded RTLD_LOCAL, so ask its own handle. */
static bool find_tls_module(void)
{
	struct sr_module *module = find_module_by_name("tls");

	if(!tls.find && module && module->handle) {
		tls.configuration = dlsym(module->handle, "tls_domains_cfg");
		tls.lock = dlsym(module->handle, "tls_domains_cfg_lock");
		tls.find = (lookup)dlsym(module->handle, "tls_lookup_cfg");
	}
	return tls.find && tls.configuration && tls.lock && *tls.configuration
		   && *tls.lock;
}

/* The configuration of now, which stays until it is let go; NULL if there is
 * none. */
static tls_domains_cfg_t *hold_configuration(void)
{
	tls_domains_cfg_t *configuration;

	if(!find_tls_module())
		return NULL;
	lock_get(*tls.lock);
	configuration = **tls.configuration;
	if(configuration)
		atomic_inc(&configuration->ref_count);
	lock_release(*tls.lock);
	return configuration;
}

/* As tls.cfg writes it. */
static void print_domain(const tls_domain_t *domain, char *buffer, size_t size)
{
	const char *type = (domain->type & TLS_DOMAIN_SRV) ? "server" : "client";
	int used;

	if(domain->type & TLS_DOMAIN_DEF)
		used = snprintf(buffer, size, "[%s:default]", type);
	else if(domain->type & TLS_DOMAIN_ANY)
		used = snprintf(buffer, size, "[%s:any]", type);
	else
		used = snprintf(buffer, size, "[%s:%s:%d]", type,
				ip_addr2a((struct ip_addr *)&domain->ip), domain->port);
	if(used > 0 && (size_t)used < size && domain->server_name.len > 0)
		snprintf(buffer + used, size - (size_t)used, " server_name=%.*s",
				domain->server_name.len, domain->server_name.s);
}

static bool check_domain(const struct tlsp_book_rule *rule,
		const tls_domain_t *domain, char *error, size_t error_size)
{
	char name[384];

	print_domain(domain, name, sizeof(name));
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

static bool check_list(const struct tlsp_book_rule *rule,
		const struct tlsp_conditions *conditions, const tls_domain_t *list,
		char *error, size_t error_size)
{
	for(; list; list = list->next)
		if(may_meet(conditions, list)
				&& !check_domain(rule, list, error, error_size))
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

static bool check_role(const struct tlsp_book_rule *rule,
		const struct tlsp_conditions *conditions, const tls_domain_t *preset,
		const tls_domain_t *list, char *error, size_t error_size)
{
	return (is_met(conditions, list)
				   || check_list(rule, conditions, preset, error, error_size))
		   && check_list(rule, conditions, list, error, error_size);
}

bool tlsp_tls_domains_check(
		const struct tlsp_book_rule *rule, char *error, size_t error_size)
{
	tls_domains_cfg_t *configuration = hold_configuration();
	struct tlsp_conditions conditions;
	bool ok;

	if(!configuration) {
		snprintf(error, error_size, "the tls module has no TLS domains");
		return false;
	}
	ok = tlsp_book_conditions(rule, &conditions, error, error_size)
		 && check_role(rule, &conditions, configuration->srv_default,
				 configuration->srv_list, error, error_size)
		 && check_role(rule, &conditions, configuration->cli_default,
				 configuration->cli_list, error, error_size);
	tlsp_conditions_cleanup(&conditions);
	atomic_dec(&configuration->ref_count);
	return ok;
}

static void visit_certificates(const tls_domain_t *domain,
		void (*visit)(const char *domain, const char *file, X509 *certificate))
{
	static const char kind[] = "TLS domain ";
	char name[384 + sizeof(kind)], file[1024];

	memcpy(name, kind, sizeof(kind));
	for(; domain; domain = domain->next) {
		SSL_CTX *context = domain->ctx ? domain->ctx[process_no] : NULL;
		X509 *certificate = context ? SSL_CTX_get0_certificate(context) : NULL;

		if(!certificate)
			continue;
		print_domain(domain, name + sizeof(kind) - 1,
				sizeof(name) - (sizeof(kind) - 1));
		snprintf(file, sizeof(file), "%.*s", domain->cert_file.len,
				domain->cert_file.s ? domain->cert_file.s : "");
		visit(name, file, certificate);
	}
}

void tlsp_tls_domains_each_certificate(
		void (*visit)(const char *domain, const char *file, X509 *certificate))
{
	tls_domains_cfg_t *configuration = hold_configuration();

	if(!configuration)
		return;
	visit_certificates(configuration->srv_default, visit);
	visit_certificates(configuration->cli_default, visit);
	visit_certificates(configuration->srv_list, visit);
	visit_certificates(configuration->cli_list, visit);
	atomic_dec(&configuration->ref_count);
}

static bool has_context(const tls_domain_t *domain, const SSL_CTX *context)
{
	for(int i = 0; domain->ctx && i < get_max_procs(); i++)
		if(domain->ctx[i] == context)
			return true;
	return false;
}

/* server_id of the client domain that |ssl| was made in; it is asked for by
 * nothing that the connection itself would remember. */
static str *server_id_of(const tls_domains_cfg_t *configuration, SSL *ssl)
{
	tls_domain_t *domain = configuration->cli_list;

	while(domain && !has_context(domain, SSL_get_SSL_CTX(ssl)))
		domain = domain->next;
	return domain && domain->server_id.len > 0 ? &domain->server_id : NULL;
}

bool tlsp_tls_domains_changed(const struct tcp_connection *c)
{
	const struct tls_extra_data *extra = c->extra_data;

	return find_tls_module() && extra && extra->cfg != **tls.configuration;
}

/* The configuration that |c| holds a reference to stays; another one has to be
 * held. */
static tls_domains_cfg_t *hold_configuration_for(
		const struct tcp_connection *c, struct tlsp_tls_domain *out)
{
	const struct tls_extra_data *extra = c->extra_data;

	if(find_tls_module() && extra && extra->cfg == **tls.configuration) {
		out->configuration = NULL;
		return extra->cfg;
	}
	return out->configuration = hold_configuration();
}

/* As tls_server_name_cb of the tls module: first by the socket, then by the
 * address of the domain found so. */
static tls_domain_t *find_server(tls_domains_cfg_t *configuration,
		const struct tcp_connection *c, const char *server_name)
{
	tls_domain_t *domain = tls.find(configuration, TLS_DOMAIN_SRV,
			(struct ip_addr *)&c->rcv.dst_ip, c->rcv.dst_port, NULL, NULL);
	str name = {
			(char *)server_name, server_name ? (int)strlen(server_name) : 0};

	if(!domain || !server_name)
		return domain;
	return tls.find(configuration, TLS_DOMAIN_SRV, &domain->ip, domain->port,
			&name, NULL);
}

static void choose(struct tlsp_tls_domain *out, const tls_domain_t *domain)
{
	out->context = domain && domain->ctx ? domain->ctx[process_no] : NULL;
	if(out->context && domain->ca_path.s && domain->ca_path.s[0])
		tlsp_tls_context_mark_directory(out->context);
}

void tlsp_tls_domains_find_named(const struct tcp_connection *c,
		const char *server_name, struct tlsp_tls_domain *out)
{
	tls_domains_cfg_t *configuration = hold_configuration_for(c, out);

	choose(out,
			configuration ? find_server(configuration, c, server_name) : NULL);
}

void tlsp_tls_domains_find(
		const struct tcp_connection *c, SSL *ssl, struct tlsp_tls_domain *out)
{
	const struct tls_extra_data *extra = c->extra_data;
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	str server_name = {(char *)name, name ? (int)strlen(name) : 0};
	tls_domains_cfg_t *configuration;

	if(SSL_is_server(ssl)) {
		tlsp_tls_domains_find_named(c, name, out);
		return;
	}
	configuration = hold_configuration_for(c, out);
	choose(out,
			configuration ? tls.find(configuration, TLS_DOMAIN_CLI,
					(struct ip_addr *)&c->rcv.dst_ip, c->rcv.dst_port,
					name ? &server_name : NULL, server_id_of(extra->cfg, ssl))
						  : NULL);
}

void tlsp_tls_domains_find_default(
		enum tlsp_role role, struct tlsp_tls_domain *out)
{
	tls_domains_cfg_t *configuration = hold_configuration();
	const tls_domain_t *domain;

	out->configuration = configuration;
	out->context = NULL;
	if(!configuration)
		return;
	domain = role == TLSP_ROLE_SERVER ? configuration->srv_default
									  : configuration->cli_default;
	if(domain && domain->ctx)
		out->context = domain->ctx[process_no];
}

void tlsp_tls_domains_release(struct tlsp_tls_domain *domain)
{
	tls_domains_cfg_t *configuration = domain->configuration;

	if(configuration)
		atomic_dec(&configuration->ref_count);
	domain->configuration = NULL;
	domain->context = NULL;
}

static str *xavp_of_outbound(void)
{
	static str *name; /* of this process; asked for with each message */
	struct sr_module *module = name ? NULL : find_module_by_name("tls");

	if(module)
		name = dlsym(module->handle, "sr_tls_xavp_cfg");
	return name && name->s ? name : NULL;
}

static const char *asked(str *member, size_t *octets)
{
	str *xavp = xavp_of_outbound();
	sr_xavp_t *value = xavp ? xavp_get_child_with_sval(xavp, member) : NULL;

	*octets = value && value->val.v.s.len > 0 ? (size_t)value->val.v.s.len : 0;
	return *octets ? value->val.v.s.s : NULL;
}

const char *tlsp_tls_domains_asked_name(size_t *octets)
{
	str member = {"server_name", 11};

	return asked(&member, octets);
}

bool tlsp_tls_domains_asked_id(struct tlsp_digest *out)
{
	str member = {"server_id", 9};
	struct tlsp_part id = {NULL, 0};

	memset(out, 0, sizeof(*out));
	id.data = asked(&member, &id.octets);
	return id.octets == 0 || tlsp_digest(out, &id, 1);
}

bool tlsp_tls_domains_choose_as(const struct tcp_connection *c, SSL *ssl)
{
	const struct tls_extra_data *extra = c->extra_data;
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	struct sr_module *module = find_module_by_name("tls");
	int (*set_server_id)(str *) = (int (*)(str *))dlsym(
			module->handle, "ksr_tls_set_connect_server_id");
	str *xavp = xavp_of_outbound();
	str member = {"server_name", 11};
	sr_xval_t value = {.type = SR_XTYPE_STR};

	if(!set_server_id || set_server_id(server_id_of(extra->cfg, ssl)) < 0)
		return false;
	if(!name)
		return true;
	if(!xavp)
		return false;
	value.v.s.s = (char *)name;
	value.v.s.len = (int)strlen(name);
	return xavp_add_xavp_value(xavp, &member, &value, NULL) != NULL;
}

void tlsp_tls_domains_choose_default(void)
{
	str *xavp = xavp_of_outbound();

	if(xavp)
		xavp_rm_by_name(xavp, 1, NULL);
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
	char name[384], other_name[384];
	const tls_domain_t *other = find_other(&first, preset);

	if(!other)
		other = find_other(&first, list);
	if(!other)
		return false;
	print_domain(first.domain, name, sizeof(name));
	print_domain(other, other_name, sizeof(other_name));
	snprintf(buffer, size,
			"TLS domains %s and %s trust different CAs (ca_list, ca_path), but "
			"share "
			"one list of proxies: a CA that only one of them trusts may issue "
			"the names of the other's %s",
			name, other_name, peers);
	return true;
}

bool tlsp_tls_domains_warning(
		const struct tlsp_book *book, char *buffer, size_t size)
{
	const struct tlsp_policy *policy = book->rules[0].policy;
	tls_domains_cfg_t *configuration;
	bool warned;

	if(book->count > 0 || policy->https_root_file_name[0]
			|| !(configuration = hold_configuration()))
		return false;
	warned = (tlsp_verdict_names_judged(policy, TLSP_ROLE_SERVER)
					 && say_other(TLSP_ROLE_SERVER, configuration->srv_default,
							 configuration->srv_list, buffer, size))
			 || (tlsp_verdict_names_judged(policy, TLSP_ROLE_CLIENT)
					 && say_other(TLSP_ROLE_CLIENT, configuration->cli_default,
							 configuration->cli_list, buffer, size));
	atomic_dec(&configuration->ref_count);
	return warned;
}
