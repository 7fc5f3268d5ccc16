/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tls_domains - see tls_domains.h. Holds a reference to the tls module's
 * configuration while it looks, so that a tls.reload cannot free it.
 */
#include "tls_domains.h"

#include <dlfcn.h>
#include <stdio.h>

#include "core/ip_addr.h"
#include "core/locking.h"
#include "core/pt.h"
#include "core/sr_module.h"
#include "modules/tls/tls_domain.h"

#include "../openssl/handshake.h"

struct tls_module
{
	tls_domains_cfg_t ***configuration;
	gen_lock_t **lock;
};

/* The tls module is loaded RTLD_LOCAL, so ask its own handle. */
static bool find_tls_module(struct tls_module *out)
{
	struct sr_module *module = find_module_by_name("tls");

	if(!module || !module->handle)
		return false;
	out->configuration = dlsym(module->handle, "tls_domains_cfg");
	out->lock = dlsym(module->handle, "tls_domains_cfg_lock");
	return out->configuration && out->lock && *out->configuration && *out->lock;
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

static bool check_domain(const struct tlsp_policy *policy,
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
	return tlsp_handshake_check_context(policy, domain->ctx[process_no],
			(domain->type & TLS_DOMAIN_SRV) ? TLSP_ROLE_SERVER
											: TLSP_ROLE_CLIENT,
			domain->ca_path.s && domain->ca_path.s[0], name, error,
			error_size); /* an unset path has a length in 5.6 */
}

static bool check_list(const struct tlsp_policy *policy,
		const tls_domain_t *domain, char *error, size_t error_size)
{
	for(; domain; domain = domain->next)
		if(!check_domain(policy, domain, error, error_size))
			return false;
	return true;
}

bool tlsp_tls_domains_check(
		const struct tlsp_policy *policy, char *error, size_t error_size)
{
	struct tls_module tls;
	tls_domains_cfg_t *configuration;
	bool ok;

	if(!find_tls_module(&tls)) {
		snprintf(error, error_size, "the tls module has no TLS domains");
		return false;
	}
	lock_get(*tls.lock);
	configuration = **tls.configuration;
	if(configuration)
		atomic_inc(&configuration->ref_count);
	lock_release(*tls.lock);
	if(!configuration) {
		snprintf(error, error_size, "the tls module has no TLS domains");
		return false;
	}
	ok = check_list(policy, configuration->srv_default, error, error_size)
		 && check_list(policy, configuration->cli_default, error, error_size)
		 && check_list(policy, configuration->srv_list, error, error_size)
		 && check_list(policy, configuration->cli_list, error, error_size);
	atomic_dec(&configuration->ref_count);
	return ok;
}
