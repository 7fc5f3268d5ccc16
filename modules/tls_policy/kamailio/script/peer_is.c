/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer_is - see peer_is.h. What a script passes often comes from a peer: it is
 * read as a host, and what is none is nobody's name.
 */
#include "peer_is.h"

#include "core/dprint.h"
#include "core/mod_fix.h"

#include "current.h"
#include "policy/host/hostname.h"

enum
{
	YES = 1,
	NO = -1 /* never 0, which would end the route */
};

static bool used;
static bool was_read; /* the configuration */

int tlsp_peer_is(sip_msg_t *msg, str *name)
{
	struct tlsp_current current;
	struct tlsp_host host;

	if(name->len < 0
			|| tlsp_hostname_from_operator(&host, name->s, (size_t)name->len)
					   != TLSP_HOST_OK)
		return NO;
	return tlsp_current_find(msg, &current)
						   && current.connection.standing
									  == TLSP_STANDING_ACCEPTED
						   && tlsp_vouched_stands_for(current.vouched, &host)
				   ? YES
				   : NO;
}

/* What is written out in the configuration can be read at once. */
static int check_constant(const str *text)
{
	const char *fault = NULL;
	struct tlsp_host host;
	enum tlsp_host_error error =
			tlsp_hostname_from_operator(&host, text->s, (size_t)text->len);

	if(error != TLSP_HOST_OK)
		fault = tlsp_hostname_error_text(error);
	else if(host.kind == TLSP_HOST_WILDCARD)
		fault = "is no host; certificates are asked for one at a time";
	if(!fault)
		return 0;
	LM_ERR("tls_policy_peer_is(\"%.*s\"): that %s\n", text->len, text->s,
			fault);
	return -1;
}

/* With the configuration read, this is called with the value of an expression,
 * each time; fixup_var_pve_str_1 does not take that for text with variables in
 * it, as others do: a peer may have written it. */
int tlsp_peer_is_fix(void **param, int number)
{
	const fparam_t *fixed;

	used = true;
	if(fixup_var_pve_str_1(param, number) < 0)
		return -1;
	fixed = *param;
	return was_read || fixed->type != FPARAM_STR
				   ? 0
				   : check_constant(&fixed->v.str);
}

bool tlsp_peer_is_used(void)
{
	was_read = true;
	return used;
}
