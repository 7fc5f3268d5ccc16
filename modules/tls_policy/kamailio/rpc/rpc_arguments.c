/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpc_arguments - see rpc_arguments.h. rpc->scan tells the end from something it
 * cannot read only by how each transport behaves: ctl passes over what it cannot
 * convert (a double as text), jsonrpcs stays before it (true, null, a list) and
 * makes a whole number of any other. An argument that goes unnoticed is the start
 * of another command, so both are asked in their own way.
 */
#define _GNU_SOURCE /* dladdr(3) */
#include "rpc_arguments.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "core/str.h"
#include "core/utils/srjson.h"
#include "modules/jsonrpcs/jsonrpcs_mod.h"

#include "rpc_room.h"

enum reading
{
	READ_ARGUMENT,
	READ_END,
	READ_NOTHING /* there is one, but it is no text and no number */
};

struct word
{
	str text;
	enum tlsp_rpc_fraction fraction;
	char number[32]; /* that |text| may point to */
};

bool tlsp_rpc_usage(rpc_t *rpc, void *ctx, const char *usage)
{
	rpc->fault(ctx, 400, "usage: tls_policy.%s", usage);
	return false;
}

/* Not "%g" of a large one: it would look like a fraction. */
static enum reading take_number(double number, struct word *out)
{
	bool whole = number > INT_MIN && number < INT_MAX && number == (int)number;

	snprintf(out->number, sizeof(out->number), whole ? "%.0f" : "%.15g",
			number + 0.0); /* no "-0" */
	out->text.s = out->number;
	out->text.len = (int)strlen(out->number);
	out->fraction = whole ? TLSP_RPC_PERHAPS_FRACTION : TLSP_RPC_FRACTION;
	return READ_ARGUMENT;
}

/* kamcmd sends 12 as an integer, and 1.2 and 12.0 as a double. */
static enum reading read_of_ctl(rpc_t *rpc, void *ctx, struct word *out)
{
	double number;
	int whole;

	if(rpc->scan(ctx, "*S", &out->text) > 0)
		return READ_ARGUMENT;
	if(rpc->scan(ctx, "*d", &whole) > 0) {
		take_number(whole, out);
		out->fraction = TLSP_RPC_NO_FRACTION;
		return READ_ARGUMENT;
	}
	if(rpc->scan(ctx, "*.f", &number) <= 0)
		return READ_END;
	take_number(number, out);
	out->fraction = TLSP_RPC_FRACTION;
	return READ_ARGUMENT;
}

/* Its scan would cut -0.5 and 1e20 to 0, and tell nothing. */
static enum reading read_of_json(rpc_t *rpc, void *ctx, struct word *out)
{
	const srjson_t *node = ((const jsonrpc_ctx_t *)ctx)->req_node;
	double number;

	if(!node)
		return READ_END;
	if(node->type == srjson_String)
		return rpc->scan(ctx, "*S", &out->text) > 0 ? READ_ARGUMENT
													: READ_NOTHING;
	if(node->type != srjson_Number || rpc->scan(ctx, "*f", &number) <= 0)
		return READ_NOTHING;
	return take_number(number, out);
}

/* Of whoever else there is, text alone can be trusted. */
static enum reading read_of_others(rpc_t *rpc, void *ctx, struct word *out)
{
	int ignored;

	if(rpc->scan(ctx, "*S", &out->text) > 0)
		return READ_ARGUMENT;
	return rpc->scan(ctx, "*d", &ignored) > 0 ? READ_NOTHING : READ_END;
}

/* The context is jsonrpcs's own where its functions are: whoever else answers
 * later has another. */
static bool is_of_jsonrpcs(const rpc_t *rpc)
{
	Dl_info about;
	const char *name;

	if(!dladdr((const void *)rpc->scan, &about) || !about.dli_fname)
		return false;
	name = strrchr(about.dli_fname, '/');
	return strcmp(name ? name + 1 : about.dli_fname, "jsonrpcs.so") == 0;
}

static enum reading read_word(rpc_t *rpc, void *ctx, struct word *out)
{
	memset(out, 0, sizeof(*out));
	if(tlsp_rpc_is_ctl(rpc))
		return read_of_ctl(rpc, ctx, out);
	return is_of_jsonrpcs(rpc) ? read_of_json(rpc, ctx, out)
							   : read_of_others(rpc, ctx, out);
}

static bool is_place(const struct tlsp_rpc_argument *argument)
{
	return argument->kind == TLSP_RPC_PLACE
		   || argument->kind == TLSP_RPC_PLACE_OR_EMPTY;
}

/* Where the value begins, if |text| is |argument|'s by its name; else NULL. */
static const char *named_value(
		const struct tlsp_rpc_argument *argument, const str *text)
{
	size_t octets = argument->name ? strlen(argument->name) : 0;

	if(is_place(argument) || (size_t)text->len < octets
			|| memcmp(text->s, argument->name, octets) != 0)
		return NULL;
	if(argument->kind == TLSP_RPC_SWITCH)
		return (size_t)text->len == octets ? text->s + octets : NULL;
	return (size_t)text->len > octets && text->s[octets] == '='
				   ? text->s + octets + 1
				   : NULL;
}

static bool take(struct tlsp_rpc_argument *argument, const char *value,
		const struct word *word)
{
	size_t octets = (size_t)(word->text.s + word->text.len - value);
	bool may_be_empty = argument->kind == TLSP_RPC_SWITCH
						|| argument->kind == TLSP_RPC_PLACE_OR_EMPTY;

	if(argument->given || octets >= sizeof(argument->text)
			|| (octets == 0 && !may_be_empty) || memchr(value, 0, octets))
		return false;
	memcpy(argument->text, value, octets);
	argument->text[octets] = '\0';
	argument->fraction = word->fraction;
	argument->given = true;
	return true;
}

/* Keys and switches first: a place takes anything. */
static bool take_any(struct tlsp_rpc_argument *arguments, size_t count,
		const struct word *word)
{
	for(size_t i = 0; i < count; i++) {
		const char *value = named_value(&arguments[i], &word->text);

		if(value)
			return take(&arguments[i], value, word);
	}
	for(size_t i = 0; i < count; i++)
		if(is_place(&arguments[i]) && !arguments[i].given)
			return take(&arguments[i], word->text.s, word);
	return false;
}

bool tlsp_rpc_arguments_read(rpc_t *rpc, void *ctx,
		struct tlsp_rpc_argument *arguments, size_t count, const char *usage)
{
	enum reading reading;
	struct word word;

	for(size_t i = 0; i < count; i++) {
		arguments[i].given = false;
		arguments[i].fraction = TLSP_RPC_NO_FRACTION;
		arguments[i].text[0] = '\0';
	}
	while((reading = read_word(rpc, ctx, &word)) == READ_ARGUMENT)
		if(!take_any(arguments, count, &word))
			return tlsp_rpc_usage(rpc, ctx, usage);
	return reading == READ_END || tlsp_rpc_usage(rpc, ctx, usage);
}

size_t tlsp_rpc_count(const struct tlsp_rpc_argument *argument, size_t max)
{
	size_t number = 0;

	for(const char *digit = argument->text; *digit; digit++) {
		if(*digit < '0' || *digit > '9' || number > max)
			return 0;
		number = number * 10 + (size_t)(*digit - '0');
	}
	return number <= max ? number : 0;
}
