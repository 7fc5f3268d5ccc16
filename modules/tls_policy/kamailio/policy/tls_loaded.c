/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tls_loaded - see tls_loaded.h.
 */
#include "tls_loaded.h"

#include "tls_module.h"

bool tlsp_tls_loaded_follow(struct tls_domains_cfg **held)
{
	struct tls_domains_cfg *now;

	if(tlsp_tls_module_current() == *held)
		return false;
	now = tlsp_tls_module_hold();
	tlsp_tls_module_let_go(*held);
	*held = now;
	return now != NULL;
}

static void visit_domain(
		const tls_domain_t *domain, tlsp_tls_loaded_visit *visit, void *user)
{
	const struct
	{
		const char *parameter;
		const str *file;
	} files[] = {{"certificate", &domain->cert_file},
			{"private_key", &domain->pkey_file}, {"ca_list", &domain->ca_file},
			{"crl", &domain->crl_file}};
	char name[TLSP_TLS_DOMAIN_OCTETS];

	tlsp_tls_module_print(domain, name, sizeof(name));
	for(size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if(files[i].file->s && files[i].file->s[0])
			visit(user, name, files[i].parameter, files[i].file->s);
}

void tlsp_tls_loaded_each_file(const struct tls_domains_cfg *held,
		tlsp_tls_loaded_visit *visit, void *user)
{
	const tls_domain_t *const lists[] = {held->srv_default, held->cli_default,
			held->srv_list, held->cli_list};

	for(size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		for(const tls_domain_t *domain = lists[i]; domain;
				domain = domain->next)
			visit_domain(domain, visit, user);
}
