/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpc_arguments - see rpc_arguments.h.
 */
#include "rpc_arguments.h"

#include <string.h>

#include "core/str.h"

bool tlsp_rpc_usage(rpc_t *rpc, void *ctx, const char *usage)
{
	rpc->fault(ctx, 400, "usage: tls_policy.%s", usage);
	return false;
}

/* Where the value of |text| begins, if that is for |argument|; else NULL. */
static const char *value_for(
		const struct tlsp_rpc_argument *argument, const str *text)
{
	size_t octets = argument->name ? strlen(argument->name) : 0;
	bool named = (size_t)text->len >= octets && argument->name
				 && memcmp(text->s, argument->name, octets) == 0;

	if(argument->given)
		return NULL;
	if(argument->kind == TLSP_RPC_PLACE)
		return text->s;
	if(argument->kind == TLSP_RPC_SWITCH)
		return named && (size_t)text->len == octets ? text->s + octets : NULL;
	return named && (size_t)text->len > octets && text->s[octets] == '='
				   ? text->s + octets + 1
				   : NULL;
}

static bool take(struct tlsp_rpc_argument *argument, const str *text)
{
	const char *value = value_for(argument, text);
	size_t octets = value ? (size_t)(text->s + text->len - value) : 0;

	if(!value || octets >= sizeof(argument->text) || memchr(value, 0, octets))
		return false;
	memcpy(argument->text, value, octets);
	argument->text[octets] = '\0';
	argument->given = true;
	return true;
}

/* Keys and switches first: a place takes anything. */
static bool take_any(
		struct tlsp_rpc_argument *arguments, size_t count, const str *text)
{
	for(size_t i = 0; i < count; i++)
		if(arguments[i].kind != TLSP_RPC_PLACE && take(&arguments[i], text))
			return true;
	for(size_t i = 0; i < count; i++)
		if(arguments[i].kind == TLSP_RPC_PLACE && !arguments[i].given)
			return take(&arguments[i], text);
	return false;
}

bool tlsp_rpc_arguments_read(rpc_t *rpc, void *ctx,
		struct tlsp_rpc_argument *arguments, size_t count, const char *usage)
{
	str text;

	for(size_t i = 0; i < count; i++) {
		arguments[i].given = false;
		arguments[i].text[0] = '\0';
	}
	while(rpc->scan(ctx, "*.S", &text) > 0)
		if(!take_any(arguments, count, &text))
			return tlsp_rpc_usage(rpc, ctx, usage);
	return true;
}
