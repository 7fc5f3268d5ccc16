/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gate - see gate.h.
 */
#include "gate.h"

#include <string.h>

#include "policy/names/names.h"

static struct tlsp_gate *gate; /* of this process */

void tlsp_gate_set(struct tlsp_gate *process_gate)
{
	gate = process_gate;
}

bool tlsp_gate_attach(void)
{
	bool may = gate->open && gate->may_attach;

	gate->may_attach = false;
	return may;
}

bool tlsp_gate_is_open(void)
{
	return gate && gate->open;
}

const struct tlsp_in_force *tlsp_gate_in_force(void)
{
	if(!gate->open)
		return NULL;
	if(!gate->in_force)
		gate->in_force = gate->acquire();
	return gate->in_force;
}

static void set_address(struct tlsp_rule_address *out,
		const unsigned char *octets, size_t count)
{
	out->count = 0;
	if(!octets || count > sizeof(out->octets))
		return;
	memcpy(out->octets, octets, count);
	out->count = (unsigned char)count;
}

void tlsp_gate_addresses(struct tlsp_rule_facts *out)
{
	set_address(&out->listen, gate->local_address, gate->local_address_octets);
	set_address(&out->peer, gate->peer_address, gate->peer_address_octets);
	out->listen_port = gate->local_port;
}

static bool peer_address(struct tlsp_host *out)
{
	return gate->open && gate->peer_address
		   && tlsp_hostname_from_ip_address(
					  out, gate->peer_address, gate->peer_address_octets)
					  == TLSP_HOST_OK;
}

void tlsp_gate_names_connection(struct tlsp_peer_facts *facts,
		const struct tlsp_policy *policy, enum tlsp_role role,
		const char *server_name)
{
	struct tlsp_host address;
	bool known;

	if(!tlsp_names_bound(policy, role))
		return;
	known = peer_address(&address);
	tlsp_names_set_connection(
			facts, policy, role, server_name, known ? &address : NULL);
}

SSL_CTX *tlsp_gate_context_now(SSL *ssl)
{
	SSL_CTX *context =
			gate->open && gate->context_now ? gate->context_now(ssl) : NULL;

	return context ? context : SSL_get_SSL_CTX(ssl);
}

SSL_CTX *tlsp_gate_context_for(SSL *ssl, const char *server_name)
{
	SSL_CTX *context = gate->open && gate->context_for
							   ? gate->context_for(ssl, server_name)
							   : NULL;

	return context ? context : tlsp_gate_context_now(ssl);
}

SSL_CTX *tlsp_gate_context_as_client(SSL *ssl)
{
	SSL_CTX *context = gate->open && gate->context_as_client
							   ? gate->context_as_client(ssl)
							   : NULL;

	return context ? context : SSL_get_SSL_CTX(ssl);
}

bool tlsp_gate_changed(SSL *ssl)
{
	if(gate->changed)
		return gate->changed(ssl);
	return tlsp_gate_context_now(ssl) != SSL_get_SSL_CTX(ssl);
}

uint64_t tlsp_gate_client_trust(enum tlsp_role role)
{
	return gate->client_trust ? gate->client_trust(role) : 1;
}

bool tlsp_gate_trust_moved(enum tlsp_role role)
{
	return gate->trust_moved && gate->trust_moved(role);
}

bool tlsp_gate_wants_names(void)
{
	return gate->wants_names;
}

void tlsp_gate_accepted(size_t number)
{
	gate->accepted = true;
	gate->accepted_by = number;
}

const struct tlsp_refusal *tlsp_gate_refusal(void)
{
	return gate->refused ? &gate->refusal : NULL;
}

void tlsp_gate_forget(void)
{
	gate->accepted = gate->was_shown = gate->noted = gate->refused = false;
}

struct tlsp_shown *tlsp_gate_shown(void)
{
	gate->was_shown = true;
	return &gate->shown;
}

struct tlsp_refusal *tlsp_gate_refused(void)
{
	gate->refused = true;
	return &gate->refusal;
}

char *tlsp_gate_noted(size_t *size)
{
	gate->noted = true;
	*size = sizeof(gate->note);
	return gate->note;
}
