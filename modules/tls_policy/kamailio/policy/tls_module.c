/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tls_module - see tls_module.h.
 */
#include "tls_module.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>

#include "core/ip_addr.h"
#include "core/locking.h"
#include "core/sr_module.h"

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
	struct sr_module *module = tls.find ? NULL : find_module_by_name("tls");

	if(module && module->handle) {
		tls.configuration = dlsym(module->handle, "tls_domains_cfg");
		tls.lock = dlsym(module->handle, "tls_domains_cfg_lock");
		tls.find = (lookup)dlsym(module->handle, "tls_lookup_cfg");
	}
	return tls.find && tls.configuration && tls.lock && *tls.configuration
		   && *tls.lock;
}

const tls_domains_cfg_t *tlsp_tls_module_current(void)
{
	return find_tls_module() ? **tls.configuration : NULL;
}

tls_domains_cfg_t *tlsp_tls_module_hold(void)
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

void tlsp_tls_module_let_go(tls_domains_cfg_t *configuration)
{
	if(configuration)
		atomic_dec(&configuration->ref_count);
}

tls_domain_t *tlsp_tls_module_find(tls_domains_cfg_t *configuration, int type,
		struct ip_addr *ip, unsigned short port, str *server_name,
		str *server_id)
{
	return tls.find(configuration, type, ip, port, server_name, server_id);
}

void tlsp_tls_module_print(
		const tls_domain_t *domain, char *buffer, size_t size)
{
	const char *type = (domain->type & TLS_DOMAIN_SRV) ? "server" : "client";
	int used;

	if(domain->type & TLS_DOMAIN_DEF)
		used = snprintf(buffer, size, "[%s:default]", type);
	else if(domain->type & TLS_DOMAIN_ANY)
		used = snprintf(buffer, size, "[%s:any]", type);
	else
		used = snprintf(buffer, size, "[%s:%s:%d]", type,
				ip_addr2strz((struct ip_addr *)&domain->ip), domain->port);
	if(used > 0 && (size_t)used < size && domain->server_name.len > 0)
		snprintf(buffer + used, size - (size_t)used, " server_name=%.*s",
				domain->server_name.len, domain->server_name.s);
}
