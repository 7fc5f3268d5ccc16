/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gate - see gate.h.
 */
#include "gate.h"

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

const struct tlsp_terms *tlsp_gate_terms(void)
{
	if(!gate->open)
		return NULL;
	if(!gate->terms)
		gate->terms = gate->acquire();
	return gate->terms;
}

bool tlsp_gate_peer_address(struct tlsp_host *out)
{
	return gate->open && gate->peer_address
		   && tlsp_hostname_from_ip_address(
					  out, gate->peer_address, gate->peer_address_octets)
					  == TLSP_HOST_OK;
}

void tlsp_gate_each_server_context(void (*visit)(SSL_CTX *ctx))
{
	if(gate->each_server_context)
		gate->each_server_context(visit);
}

void tlsp_gate_accepted(void)
{
	gate->accepted = true;
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
