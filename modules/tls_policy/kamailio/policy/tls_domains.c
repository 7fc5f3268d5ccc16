/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tls_domains - see tls_domains.h.
 */
#include "tls_domains.h"

#include <ctype.h>
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <openssl/rand.h>

#include "core/ip_addr.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"
#include "core/pt.h"
#include "core/sr_module.h"
#include "core/xavp.h"
#include "modules/tls/tls_server.h"

#include "openssl/tls_context.h"
#include "tls_module.h"

enum
{
	SERVER_ID_OCTETS = 256 /* longer ones are compared as they are written */
};

static void visit_list(const tls_domain_t *list,
		void (*visit)(void *user, const struct tlsp_tls_domain_files *domain),
		void *user)
{
	char name[TLSP_TLS_DOMAIN_OCTETS];
	struct tlsp_tls_domain_files files = {.name = name};

	for(; list; list = list->next) {
		files.context = list->ctx ? list->ctx[process_no] : NULL;
		if(!files.context)
			continue;
		files.role = (list->type & TLS_DOMAIN_SRV) ? TLSP_ROLE_SERVER
												   : TLSP_ROLE_CLIENT;
		files.certificate = list->cert_file.s ? list->cert_file.s : "";
		files.anchors = list->ca_file.s ? list->ca_file.s : "";
		tlsp_tls_module_print(list, name, sizeof(name));
		visit(user, &files);
	}
}

void tlsp_tls_domains_each(
		void (*visit)(void *user, const struct tlsp_tls_domain_files *domain),
		void *user)
{
	tls_domains_cfg_t *configuration = tlsp_tls_module_hold();

	if(!configuration)
		return;
	visit_list(configuration->srv_default, visit, user);
	visit_list(configuration->cli_default, visit, user);
	visit_list(configuration->srv_list, visit, user);
	visit_list(configuration->cli_list, visit, user);
	tlsp_tls_module_let_go(configuration);
}

static bool has_context(const tls_domain_t *domain, const SSL_CTX *context)
{
	for(int i = 0; domain->ctx && i < get_max_procs(); i++)
		if(domain->ctx[i] == context)
			return true;
	return false;
}

/* The client domain that |ssl| was made in. */
static tls_domain_t *client_domain_of(
		const tls_domains_cfg_t *configuration, SSL *ssl)
{
	tls_domain_t *domain = configuration->cli_list;

	while(domain && !has_context(domain, SSL_get_SSL_CTX(ssl)))
		domain = domain->next;
	return domain ? domain : configuration->cli_default;
}

/* The tls module compares them so. False without memory. */
static bool digest_id(const char *id, size_t octets, struct tlsp_digest *out)
{
	char lower[SERVER_ID_OCTETS];
	struct tlsp_part part = {id, octets};

	memset(out, 0, sizeof(*out));
	if(octets == 0)
		return true;
	if(octets <= sizeof(lower)) {
		for(size_t i = 0; i < octets; i++)
			lower[i] = (char)tolower((unsigned char)id[i]);
		part.data = lower;
	}
	return tlsp_digest(out, &part, 1);
}

static str *id_with(const tls_domain_t *list, const struct tlsp_digest *digest)
{
	static const struct tlsp_digest none;
	struct tlsp_digest one;

	if(tlsp_digest_equal(digest, &none))
		return NULL;
	for(; list; list = list->next)
		if(list->server_id.len > 0
				&& digest_id(
						list->server_id.s, (size_t)list->server_id.len, &one)
				&& tlsp_digest_equal(&one, digest))
			return (str *)&list->server_id;
	return NULL;
}

static str name_of(SSL *ssl)
{
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

	return (str){(char *)name, name ? (int)strlen(name) : 0};
}

static tls_domain_t *find_client(tls_domains_cfg_t *configuration,
		const struct tcp_connection *c, str *name, str *server_id)
{
	return tlsp_tls_module_find(configuration, TLS_DOMAIN_CLI,
			(struct ip_addr *)&c->rcv.dst_ip, c->rcv.dst_port,
			name->len ? name : NULL, server_id);
}

/* The server_id by which |c| would find its domain among |list| now; |asked|: see
 * tlsp_tls_domains_find. What tls_set_connect_server_id said nobody remembers: if
 * no name leads to the domain that |ssl| was made in, it was that one's. */
static str *server_id_of(const struct tcp_connection *c, SSL *ssl,
		const tls_domain_t *list, const struct tlsp_digest *asked)
{
	const struct tls_extra_data *extra = c->extra_data;
	str name = name_of(ssl), *id = id_with(list, asked);
	tls_domain_t *domain;

	if(id)
		return id;
	domain = client_domain_of(extra->cfg, ssl);
	return domain && domain->server_id.len > 0
						   && find_client(extra->cfg, c, &name, NULL) != domain
				   ? &domain->server_id
				   : NULL;
}

/* Of tls.cfg as it was loaded last, as far as anybody has looked. In shared memory.
 * A reference is held, to this one alone, so that no other can lie at its
 * address. */
static struct
{
	gen_lock_t reading; /* by whoever reads through it */
	tls_domains_cfg_t *_Atomic configuration;
	_Atomic uint64_t by_default, of_all;
} * last;

/* Of a directory nobody knows what is in it, so that each tls.reload is a change. */
static bool digest_anchors(const tls_domain_t *domain, struct tlsp_digest *out)
{
	SSL_CTX *context = domain->ctx ? domain->ctx[process_no] : NULL;

	if(!context)
		return false;
	return domain->ca_path.s && domain->ca_path.s[0]
				   ? RAND_bytes(out->octets, sizeof(out->octets)) == 1
				   : tlsp_tls_context_digest_trust(context, out);
}

/* And for which connections they are. */
static bool digest_trust(const tls_domain_t *domain, struct tlsp_digest *out)
{
	char name[TLSP_TLS_DOMAIN_OCTETS];
	struct tlsp_digest anchors;
	struct tlsp_part parts[] = {{anchors.octets, sizeof(anchors.octets)},
			{name, 0},
			{&domain->server_name_mode, sizeof(domain->server_name_mode)},
			{domain->server_id.s, (size_t)domain->server_id.len}};

	tlsp_tls_module_print(domain, name, sizeof(name));
	parts[1].octets = strlen(name);
	return digest_anchors(domain, &anchors)
		   && tlsp_digest(out, parts, sizeof(parts) / sizeof(*parts));
}

static bool add_trust(struct tlsp_digest *sum, const struct tlsp_digest *one)
{
	struct tlsp_part parts[] = {
			{sum, sizeof(*sum)}, {one->octets, sizeof(one->octets)}};

	return tlsp_digest(sum, parts, 2);
}

static uint64_t number_of(const struct tlsp_digest *digest)
{
	uint64_t number;

	memcpy(&number, digest->octets, sizeof(number));
	return number ? number : 1;
}

static struct tlsp_client_trust read_client_trust(
		const tls_domains_cfg_t *configuration)
{
	struct tlsp_digest one, sum;
	struct tlsp_client_trust out = {0};

	if(!configuration->cli_default
			|| !digest_trust(configuration->cli_default, &sum))
		return out;
	out.by_default = number_of(&sum);
	for(const tls_domain_t *domain = configuration->cli_list; domain;
			domain = domain->next)
		if(!digest_trust(domain, &one) || !add_trust(&sum, &one))
			return (struct tlsp_client_trust){0};
	out.of_all = number_of(&sum);
	return out;
}

int tlsp_tls_domains_init(void)
{
	last = shm_malloc(sizeof(*last));
	if(!last)
		return -1;
	memset(last, 0, sizeof(*last));
	return lock_init(&last->reading) ? 0 : -1;
}

void tlsp_tls_domains_destroy(void)
{
	if(last)
		shm_free(last);
	last = NULL;
}

/* The numbers first: whoever finds the configuration finds them, or newer ones. */
static void read_anew(void)
{
	tls_domains_cfg_t *now, *before;
	struct tlsp_client_trust trust;

	lock_get(&last->reading);
	before = atomic_load(&last->configuration);
	if(before != tlsp_tls_module_current()) {
		now = tlsp_tls_module_hold();
		trust = now ? read_client_trust(now) : (struct tlsp_client_trust){0};
		atomic_store(&last->by_default, trust.by_default);
		atomic_store(&last->of_all, trust.of_all);
		if(trust.of_all) {
			atomic_store(&last->configuration, now);
			now = before;
		}
		tlsp_tls_module_let_go(now);
	}
	lock_release(&last->reading);
}

struct tlsp_client_trust tlsp_tls_domains_client_trust(void)
{
	if(!last)
		return (struct tlsp_client_trust){0};
	if(atomic_load(&last->configuration) != tlsp_tls_module_current())
		read_anew();
	return (struct tlsp_client_trust){
			atomic_load(&last->by_default), atomic_load(&last->of_all)};
}

bool tlsp_tls_domains_changed(const struct tcp_connection *c)
{
	const struct tls_extra_data *extra = c->extra_data;

	const tls_domains_cfg_t *current = tlsp_tls_module_current();

	return current && extra && extra->cfg != current;
}

/* The configuration that |c| holds a reference to stays; another one has to be
 * held. */
static tls_domains_cfg_t *hold_configuration_for(
		const struct tcp_connection *c, struct tlsp_tls_domain *out)
{
	const struct tls_extra_data *extra = c->extra_data;

	if(extra && extra->cfg == tlsp_tls_module_current()) {
		out->configuration = NULL;
		return extra->cfg;
	}
	return out->configuration = tlsp_tls_module_hold();
}

/* As tls_server_name_cb of the tls module: first by the socket, then by the
 * address of the domain found so. */
static tls_domain_t *find_server(tls_domains_cfg_t *configuration,
		const struct tcp_connection *c, const char *server_name)
{
	tls_domain_t *domain = tlsp_tls_module_find(configuration, TLS_DOMAIN_SRV,
			(struct ip_addr *)&c->rcv.dst_ip, c->rcv.dst_port, NULL, NULL);
	str name = {
			(char *)server_name, server_name ? (int)strlen(server_name) : 0};

	if(!domain || !server_name)
		return domain;
	return tlsp_tls_module_find(configuration, TLS_DOMAIN_SRV, &domain->ip,
			domain->port, &name, NULL);
}

static void choose(struct tlsp_tls_domain *out, const tls_domain_t *domain)
{
	out->context = domain && domain->ctx ? domain->ctx[process_no] : NULL;
	if(!out->context)
		return;
	if(domain->ca_path.s && domain->ca_path.s[0])
		tlsp_tls_context_mark_directory(out->context);
	tlsp_tls_context_prepare(out->context);
}

void tlsp_tls_domains_find_named(const struct tcp_connection *c,
		const char *server_name, struct tlsp_tls_domain *out)
{
	tls_domains_cfg_t *configuration = hold_configuration_for(c, out);

	choose(out,
			configuration ? find_server(configuration, c, server_name) : NULL);
}

void tlsp_tls_domains_find(const struct tcp_connection *c, SSL *ssl,
		const struct tlsp_digest *asked_id, struct tlsp_tls_domain *out)
{
	str name = name_of(ssl);
	tls_domains_cfg_t *configuration;
	tls_domain_t *domain = NULL;

	if(SSL_is_server(ssl)) {
		tlsp_tls_domains_find_named(c, name.s, out);
		return;
	}
	configuration = hold_configuration_for(c, out);
	if(configuration && !out->configuration)
		domain = client_domain_of(configuration, ssl); /* as it was made */
	else if(configuration)
		domain = find_client(configuration, c, &name,
				server_id_of(c, ssl, configuration->cli_list, asked_id));
	choose(out, domain);
}

void tlsp_tls_domains_find_default(
		enum tlsp_role role, struct tlsp_tls_domain *out)
{
	tls_domains_cfg_t *configuration = tlsp_tls_module_hold();
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
		tlsp_tls_module_let_go(configuration);
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
	size_t octets;
	const char *id = asked(&member, &octets);

	return digest_id(id, octets, out);
}

static bool choose_id(const struct tcp_connection *c, SSL *ssl,
		const struct tlsp_digest *asked_id)
{
	struct sr_module *module = find_module_by_name("tls");
	int (*set_server_id)(str *) = (int (*)(str *))dlsym(
			module->handle, "ksr_tls_set_connect_server_id");
	tls_domains_cfg_t *now = tlsp_tls_module_hold();
	bool done = now && set_server_id
				&& set_server_id(server_id_of(c, ssl, now->cli_list, asked_id))
						   >= 0;

	tlsp_tls_module_let_go(now);
	return done;
}

bool tlsp_tls_domains_choose_as(const struct tcp_connection *c, SSL *ssl,
		const struct tlsp_digest *asked_id)
{
	str *xavp = xavp_of_outbound();
	str member = {"server_name", 11};
	sr_xval_t value = {.type = SR_XTYPE_STR};

	if(!choose_id(c, ssl, asked_id))
		return false;
	value.v.s = name_of(ssl);
	if(!value.v.s.s)
		return true;
	if(!xavp)
		return false;
	return xavp_add_xavp_value(xavp, &member, &value, NULL) != NULL;
}

void tlsp_tls_domains_choose_default(void)
{
	str *xavp = xavp_of_outbound();

	if(xavp)
		xavp_rm_by_name(xavp, 1, NULL);
}
