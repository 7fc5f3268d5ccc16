/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * importing - a gateway's ini file on its way to a rules file: what was read,
 * what it comes to, and the text that is being written. policy/ only.
 */
#ifndef TLSP_IMPORTING_H
#define TLSP_IMPORTING_H

#include <stdio.h>

#include "board.h"
#include "policy/escape.h"
#include "policy/host/host.h"
#include "policy/rules/rules_check.h"

/* An address of a proxy set. */
struct import_proxy
{
	unsigned line;
	long set;
	bool tls; /* or its transport is not said */
	struct tlsp_host host;
};

/* A TLS context, but for the default one. */
struct import_context
{
	unsigned line;
	struct tlsp_text_line name;
	char version[4], strict[4]; /* values of ours; "" = not said */
};

struct import_interface
{
	unsigned line;
	struct tlsp_text_line index, name;
	unsigned port;						  /* for TLS; 0 = none */
	const struct import_context *context; /* NULL: the default one */
	char mutual[4]; /* sips_require_client_certificate; "" = not said */
	struct tlsp_host address; /* of the gateway; of 0 octets: unknown */
	bool shared; /* another one has the port, and says something else */
};

struct importing
{
	struct board board;
	struct tlsp_rules
			*made; /* its base takes what [default] says; its errors */
	FILE *out;
	size_t looks; /* comments that want somebody to look */
	size_t rules;
	unsigned mode_line; /* that says whether names are compared; or 1 */
	struct import_proxy *proxies; /* by set */
	size_t proxy_count;
	struct tlsp_text_line default_context; /* its name */
	struct import_context *contexts;
	size_t context_count;
	struct import_interface *interfaces;
	size_t interface_count;
};

/* importing_complain: "FILE:LINE: SENTENCE". */
#define importing_complain(importing, line, ...) \
	((importing)->board.no_memory |=             \
			!tlsp_rules_complain((importing)->made, (line), __VA_ARGS__))

/* importing_put: "KEY = VALUE" and the line it comes from; or a complaint, if a
 * rules file cannot say it. */
void importing_put(struct importing *importing, unsigned line, const char *key,
		const char *value);

/* importing_say, importing_look: a comment about |line|; the second wants
 * somebody to look. */
__attribute__((format(printf, 3, 4))) void importing_say(
		struct importing *importing, unsigned line, const char *format, ...);
__attribute__((format(printf, 3, 4))) void importing_look(
		struct importing *importing, unsigned line, const char *format, ...);

/* importing_shown: |text|, escaped and bounded, in |out|. */
const char *importing_shown(
		const struct tlsp_text_line *text, char out[TLSP_ESCAPE_QUOTED_OCTETS]);

/* importing_set: |text| for the parameter |name| into |policy|; the value as it
 * is written in |value| (a word, if there is one). False, and a complaint about
 * |line|, if it is none. */
bool importing_set(struct importing *importing, unsigned line,
		struct tlsp_policy *policy, const char *name,
		const struct tlsp_text_line *text,
		char value[TLSP_PARAMETER_VALUE_OCTETS]);

#endif
