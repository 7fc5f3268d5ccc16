/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpc_arguments - see rpc_arguments.h. rpc->scan tells the end from something it
 * cannot read only by how each transport behaves: ctl passes over what it cannot
 * convert (a double as text), jsonrpcs stays before it (true, null, a list) and
 * cuts the fraction of a number off. An argument that goes unnoticed is the
 * start of another command, so both are asked in their own way.
 */
#include "rpc_arguments.h"

#include <stdio.h>
#include <string.h>

#include "core/str.h"
#include "core/ut.h"

enum reading
{
	READ_ARGUMENT,
	READ_END,
	READ_NOTHING /* there is one, but it is no text and no number */
};

struct word
{
	str text;
	bool cut;
	char number[32]; /* that |text| may point to */
};

bool tlsp_rpc_usage(rpc_t *rpc, void *ctx, const char *usage)
{
	rpc->fault(ctx, 400, "usage: tls_policy.%s", usage);
	return false;
}

/* ctl: kamcmd sends 12 as an integer and 1.2 as a double. */
static enum reading read_of_ctl(rpc_t *rpc, void *ctx, struct word *out)
{
	double number;

	if(rpc->scan(ctx, "*S", &out->text) > 0)
		return READ_ARGUMENT;
	if(rpc->scan(ctx, "*.f", &number) <= 0)
		return READ_END;
	snprintf(out->number, sizeof(out->number), "%.15g", number);
	out->text.s = out->number;
	out->text.len = (int)strlen(out->number);
	return READ_ARGUMENT;
}

static enum reading read_of_json(rpc_t *rpc, void *ctx, struct word *out)
{
	int ignored;

	if(rpc->scan(ctx, "*.S", &out->text) <= 0)
		return rpc->scan(ctx, "*d", &ignored) > 0 ? READ_NOTHING : READ_END;
	out->cut = out->text.s >= ut_buf_int2str
			   && out->text.s < ut_buf_int2str + sizeof(ut_buf_int2str);
	return READ_ARGUMENT;
}

/* Only ctl cannot answer later. */
static enum reading read_word(rpc_t *rpc, void *ctx, struct word *out)
{
	memset(out, 0, sizeof(*out));
	return rpc->capabilities ? read_of_json(rpc, ctx, out)
							 : read_of_ctl(rpc, ctx, out);
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
	argument->cut = word->cut;
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
		arguments[i].cut = false;
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
