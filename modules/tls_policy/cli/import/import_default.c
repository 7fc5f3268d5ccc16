/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * import_default - see import_default.h.
 */
#include "import_default.h"

#include <stdlib.h>
#include <string.h>

#include "policy/host/hostname.h"
#include "policy/versions.h"

enum
{
	ROWS = 64, /* of the table of parameters */
	SET_DIGITS = 9
};

/* In which line [default] has said what. */
struct said
{
	unsigned line[ROWS];
};

/* The files are on the gateway. */
static void ask_for_file(
		struct importing *importing, const struct board_parameter *one)
{
	char name[TLSP_ESCAPE_QUOTED_OCTETS], value[TLSP_ESCAPE_QUOTED_OCTETS];

	if(one->value.octets == 0)
		return;
	importing_look(importing, one->line,
			"%s: the file is on the gateway. With a copy in PEM beside this "
			"one: %s = %s",
			importing_shown(&one->name, name), one->row->name,
			importing_shown(&one->value, value));
}

static void carry(struct importing *importing, struct said *said,
		const struct board_parameter *one)
{
	struct tlsp_rule *base = importing->made->base;
	size_t row = tlsp_parameters_row(one->row);
	char value[TLSP_PARAMETER_VALUE_OCTETS];
	struct tlsp_policy policy;

	if(said->line[row]) {
		importing_complain(importing, one->line,
				"%s stands twice: line %u has it already", one->row->name,
				said->line[row]);
		return;
	}
	said->line[row] = one->line;
	if(one->row->type == TLSP_PARAMETER_FILE) {
		policy = base->policy;
		if(importing_set(importing, one->line, &policy, one->row->name,
				   &one->value, value))
			ask_for_file(importing, one);
	} else if(importing_set(importing, one->line, &base->policy, one->row->name,
					  &one->value, value)) {
		importing_put(importing, one->line, one->row->name, value);
	}
}

static unsigned line_of(const struct said *said, const char *name)
{
	return said->line[tlsp_parameters_row(tlsp_parameters_find(name))];
}

/* What tls.cfg has to allow; a gateway of 6.4 has TLS 1.0 and nothing above. */
static void tell_versions(struct importing *importing, const struct said *said)
{
	unsigned line = line_of(said, "tls_version");
	int set = importing->made->base->policy.tls_version;

	if(line && set == 0)
		importing_say(importing, line,
				"0 is whatever tls.cfg allows: no SSL, and TLS up to 1.3");
	if(set & (TLSP_TLS_1_0 | TLSP_TLS_1_1))
		importing_look(importing, line,
				"TLS 1.0 and 1.1 need method = TLSv1+ and a cipher_list with "
				"@SECLEVEL=0 in tls.cfg; better: newer versions, if the peers "
				"have them (12 is TLS 1.2 and 1.3)");
}

/* What means something else in another edition of the manual. */
static void tell_editions(struct importing *importing, const struct said *said)
{
	const struct tlsp_policy *policy = &importing->made->base->policy;
	unsigned mode = line_of(said, "peer_host_name_verification_mode");

	importing->mode_line = mode ? mode : 1;
	tell_versions(importing, said);
	if(policy->peer_host_name_verification_mode == TLSP_VERIFY_NAMES_SERVER)
		importing_look(importing, mode,
				"1 is \"when acting as a server\" in edition 6.4 of the "
				"manual, "
				"and \"when acting as a client\" in later ones: if yours is "
				"later, write client");
	if(policy->sips_require_client_certificate
			&& !policy->verify_server_certificate)
		importing_look(importing,
				line_of(said, "sips_require_client_certificate"),
				"in later editions of the manual 1 also verifies servers: if "
				"yours is later, write verify_server_certificate = 1");
}

/* The default context says the same as a parameter would. */
static void carry_default_context(
		struct importing *importing, struct said *said, size_t row)
{
	static const char *const columns[] = {"TLSVersion", "RequireStrictCert"};
	const struct board *board = &importing->board;
	const struct board_row *at = &board->tables[BOARD_TLS_CONTEXTS].rows[row];

	for(size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++) {
		const struct tlsp_text_line *cell =
				board_cell(board, BOARD_TLS_CONTEXTS, row, columns[i]);
		struct board_parameter one = {at->line,
				tlsp_parameters_find(columns[i]), {NULL, 0}, {NULL, 0}};

		if(!cell)
			continue;
		one.value = *cell;
		carry(importing, said, &one);
	}
	importing_say(importing, at->line,
			"the default TLS context: its ciphers, key exchange, certificate "
			"and trusted roots stay in tls.cfg (cipher_list, certificate, "
			"private_key, ca_list)");
}

/* A revoked certificate would be found out no more. */
static void tell_ocsp(struct importing *importing, size_t row)
{
	const struct tlsp_text_line *cell = board_cell(
			&importing->board, BOARD_TLS_CONTEXTS, row, "OcspEnable");

	if(cell && !ini_line_is(cell, "0"))
		importing_look(importing,
				importing->board.tables[BOARD_TLS_CONTEXTS].rows[row].line,
				"OCSP is not asked here: name CRLs by crl_file_name, or by crl "
				"of tls.cfg");
}

static void read_context_value(struct importing *importing, size_t row,
		const char *column, char out[4])
{
	const struct board *board = &importing->board;
	const struct tlsp_text_line *cell =
			board_cell(board, BOARD_TLS_CONTEXTS, row, column);
	struct tlsp_policy policy;
	char value[TLSP_PARAMETER_VALUE_OCTETS];

	tlsp_parameters_defaults(&policy);
	if(cell
			&& importing_set(importing,
					board->tables[BOARD_TLS_CONTEXTS].rows[row].line, &policy,
					column, cell, value))
		snprintf(out, 4, "%.3s", value);
}

static void read_context(struct importing *importing, size_t row)
{
	struct import_context *out =
			&importing->contexts[importing->context_count++];
	const struct tlsp_text_line *name =
			board_cell(&importing->board, BOARD_TLS_CONTEXTS, row, "Name");

	out->line = importing->board.tables[BOARD_TLS_CONTEXTS].rows[row].line;
	if(name)
		out->name = *name;
	read_context_value(importing, row, "TLSVersion", out->version);
	read_context_value(importing, row, "RequireStrictCert", out->strict);
}

static void read_contexts(struct importing *importing, struct said *said)
{
	const struct board_table *table =
			&importing->board.tables[BOARD_TLS_CONTEXTS];
	const struct tlsp_text_line *name;

	importing->contexts =
			calloc(table->row_count + 1, sizeof(*importing->contexts));
	importing->board.no_memory |= !importing->contexts;
	for(size_t row = 0; importing->contexts && row < table->row_count; row++) {
		if(!ini_line_is(&table->rows[row].index, "0")) {
			read_context(importing, row);
		} else {
			name = board_cell(
					&importing->board, BOARD_TLS_CONTEXTS, row, "Name");
			if(name)
				importing->default_context = *name;
			carry_default_context(importing, said, row);
		}
		tell_ocsp(importing, row);
	}
}

static void carry_proxy(struct importing *importing, unsigned line,
		const struct tlsp_text_line *text, long set, bool tls)
{
	struct import_proxy *proxy = &importing->proxies[importing->proxy_count];
	enum tlsp_host_error error =
			tlsp_hostname_from_operator(&proxy->host, text->text, text->octets);
	char shown[TLSP_ESCAPE_QUOTED_OCTETS], name[TLSP_HOSTNAME_MAX_OCTETS + 8];

	if(error == TLSP_HOST_OK && proxy->host.kind == TLSP_HOST_WILDCARD)
		error = TLSP_HOST_BAD_WILDCARD;
	if(error != TLSP_HOST_OK) {
		importing_complain(importing, line, "ProxyIp \"%s\" %s",
				importing_shown(text, shown), tlsp_hostname_error_text(error));
		return;
	}
	proxy->line = line;
	proxy->set = set;
	proxy->tls = tls;
	importing->proxy_count++;
	if(!tls)
		importing_say(importing, line,
				"not reached over TLS by the gateway, but one of its proxies");
	importing_put(importing, line, "proxy",
			tlsp_hostname_print(&proxy->host, name, sizeof(name)));
}

/* The number of a proxy set, or -1. */
static long set_number(const struct tlsp_text_line *text)
{
	char digits[SET_DIGITS + 1];

	if(text->octets == 0 || text->octets > SET_DIGITS)
		return -1;
	memcpy(digits, text->text, text->octets);
	digits[text->octets] = '\0';
	return digits[strspn(digits, "0123456789")] ? -1 : strtol(digits, NULL, 10);
}

static void carry_row(struct importing *importing, size_t row)
{
	const struct board *board = &importing->board;
	unsigned line = board->tables[BOARD_PROXY_IP].rows[row].line;
	const struct tlsp_text_line *address = board_cell(board, BOARD_PROXY_IP,
										row, "IpAddress"),
								*set = board_cell(board, BOARD_PROXY_IP, row,
										"ProxySetId"),
								*transport = board_cell(board, BOARD_PROXY_IP,
										row, "TransportType");
	long number = set ? set_number(set) : 0;

	if(!address)
		importing_say(importing, line, "ProxyIp: a row without an address");
	else if(number < 0)
		importing_complain(
				importing, line, "ProxySetId is no number of a proxy set");
	else
		carry_proxy(importing, line, address, number,
				!transport || ini_line_is(transport, "-1")
						|| ini_line_is(transport, "2"));
}

static int by_set(const void *a, const void *b)
{
	const struct import_proxy *one = a, *other = b;

	if(one->set != other->set)
		return one->set < other->set ? -1 : 1;
	return one->line < other->line ? -1 : one->line > other->line;
}

static void carry_proxies(struct importing *importing)
{
	const struct board *board = &importing->board;
	size_t rows = board->tables[BOARD_PROXY_IP].row_count;

	importing->proxies =
			calloc(rows + board->proxy_count + 1, sizeof(*importing->proxies));
	if(!importing->proxies) {
		importing->board.no_memory = true;
		return;
	}
	for(size_t i = 0; i < board->proxy_count; i++)
		carry_proxy(importing, board->proxies[i].line, &board->proxies[i].value,
				0, true);
	for(size_t row = 0; row < rows; row++)
		carry_row(importing, row);
	qsort(importing->proxies, importing->proxy_count,
			sizeof(*importing->proxies), by_set);
}

void import_default(struct importing *importing)
{
	const struct board *board = &importing->board;
	struct said said = {0};

	fputs("[default]\n", importing->out);
	for(size_t i = 0; i < board->parameter_count; i++)
		carry(importing, &said, &board->parameters[i]);
	read_contexts(importing, &said);
	tell_editions(importing, &said);
	carry_proxies(importing);
}
