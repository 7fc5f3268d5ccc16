/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rule - see rule.h.
 */
#include "rule.h"

#include <string.h>

static const struct tlsp_terms *choose(struct tlsp_record *record,
		const struct tlsp_in_force *all, const char *server_name)
{
	struct tlsp_rule_facts facts = {.role = record->role,
			.server_name = server_name,
			.server_name_octets = server_name ? strlen(server_name) : 0};

	tlsp_gate_addresses(&facts);
	record->rule = tlsp_terms_number(all, &facts);
	record->ruled = all->terms->generation;
	return &all->terms[record->rule];
}

const struct tlsp_terms *tlsp_rule_terms(struct tlsp_record *record)
{
	const struct tlsp_in_force *all = record ? tlsp_gate_in_force() : NULL;

	if(!all)
		return NULL;
	if(record->ruled == all->terms->generation)
		return &all->terms[record->rule];
	return choose(record, all,
			SSL_get_servername(record->ssl, TLSEXT_NAMETYPE_host_name));
}

const struct tlsp_terms *tlsp_rule_choose(
		struct tlsp_record *record, const char *server_name)
{
	const struct tlsp_in_force *all = tlsp_gate_in_force();

	return all ? choose(record, all, server_name) : NULL;
}

const struct tlsp_terms *tlsp_rule_terms_of_server(void)
{
	const struct tlsp_in_force *all = tlsp_gate_in_force();
	struct tlsp_rule_facts facts = {.role = TLSP_ROLE_CLIENT};

	if(!all)
		return NULL;
	tlsp_gate_addresses(&facts);
	facts.listen_port = 0;
	return &all->terms[tlsp_terms_number(all, &facts)];
}

void tlsp_rule_refer(struct tlsp_record *record, const struct tlsp_terms *terms)
{
	if(record->role == TLSP_ROLE_CLIENT)
		record->reference = tlsp_terms_reference(
				terms, &record->server_name, record->named);
}
