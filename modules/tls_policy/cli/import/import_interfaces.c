/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * import_interfaces - see import_interfaces.h.
 */
#include "import_interfaces.h"

#include <stdlib.h>
#include <string.h>

#include "policy/host/hostname.h"

enum
{
	INTERFACES_MAX = 1024,
	INDEX_DIGITS = 9
};

bool import_context_says(const struct import_context *context)
{
	return context && (context->version[0] || context->strict[0]);
}

/* The context of that name; NULL is the default one. */
const struct import_context *import_context_find(struct importing *importing,
		unsigned line, const struct tlsp_text_line *name)
{
	char shown[TLSP_ESCAPE_QUOTED_OCTETS];
	const struct import_context *contexts = importing->contexts;

	if(!name || ini_line_is(name, "default"))
		return NULL;
	for(size_t i = 0; i < importing->context_count; i++)
		if(contexts[i].name.octets == name->octets
				&& memcmp(contexts[i].name.text, name->text, name->octets) == 0)
			return &contexts[i];
	if(importing->default_context.octets == name->octets
			&& memcmp(importing->default_context.text, name->text, name->octets)
					   == 0)
		return NULL;
	importing_look(importing, line,
			"the TLS context \"%s\" is not in the file: [default] counts here",
			importing_shown(name, shown));
	return NULL;
}

bool import_is_address(const struct tlsp_host *host)
{
	return host->kind == TLSP_HOST_IPV4 || host->kind == TLSP_HOST_IPV6;
}

static bool is_index(const struct tlsp_text_line *text)
{
	for(size_t i = 0; i < text->octets; i++)
		if(text->text[i] < '0' || text->text[i] > '9')
			return false;
	return text->octets > 0 && text->octets <= INDEX_DIGITS;
}

/* The number of a row, and where it is. */
struct numbered
{
	long number;
	unsigned line;
};

static int by_number(const void *a, const void *b)
{
	const struct numbered *one = a, *other = b;

	if(one->number != other->number)
		return one->number < other->number ? -1 : 1;
	return one->line < other->line ? -1 : one->line > other->line;
}

static long number_of(const struct tlsp_text_line *index)
{
	char digits[INDEX_DIGITS + 1];

	memcpy(digits, index->text, index->octets);
	digits[index->octets] = '\0';
	return strtol(digits, NULL, 10);
}

bool import_check_indexes(struct importing *importing,
		enum board_table_name name, const char *what)
{
	const struct board_table *table = &importing->board.tables[name];
	struct numbered *all = calloc(table->row_count + 1, sizeof(*all));
	size_t before = importing->made->error_count;

	importing->board.no_memory |= !all;
	for(size_t i = 0; all && i < table->row_count; i++) {
		if(!is_index(&table->rows[i].index))
			importing_complain(importing, table->rows[i].line,
					"the index of a %s is a number of at most %d digits", what,
					INDEX_DIGITS);
		else
			all[i].number = number_of(&table->rows[i].index);
		all[i].line = table->rows[i].line;
	}
	if(all && importing->made->error_count == before) {
		qsort(all, table->row_count, sizeof(*all), by_number);
		for(size_t i = 1; i < table->row_count; i++)
			if(all[i].number == all[i - 1].number)
				importing_complain(importing, all[i].line,
						"%s %ld stands twice: line %u has it already", what,
						all[i].number, all[i - 1].line);
	}
	free(all);
	return all && importing->made->error_count == before;
}

/* The address of the network interface |name|. */
static void read_address(struct tlsp_host *out, const struct board *board,
		const struct tlsp_text_line *name)
{
	for(size_t row = 0; name && row < board->tables[BOARD_INTERFACES].row_count;
			row++) {
		const struct tlsp_text_line *other =
				board_cell(board, BOARD_INTERFACES, row, "InterfaceName");
		const struct tlsp_text_line *address =
				board_cell(board, BOARD_INTERFACES, row, "IPAddress");

		if(!other || !address || other->octets != name->octets
				|| memcmp(other->text, name->text, name->octets) != 0)
			continue;
		if(tlsp_hostname_from_operator(out, address->text, address->octets)
						!= TLSP_HOST_OK
				|| !import_is_address(out))
			out->octets = 0;
		return;
	}
}

static unsigned port_of(struct importing *importing, unsigned line,
		const struct tlsp_text_line *text)
{
	unsigned port = 0;

	for(size_t i = 0; text && i < text->octets; i++) {
		if(text->text[i] < '0' || text->text[i] > '9' || port > 65535) {
			port = 65536;
			break;
		}
		port = port * 10 + (unsigned)(text->text[i] - '0');
	}
	if(port <= 65535)
		return port;
	importing_complain(importing, line, "TLSPort is not a number up to 65535");
	return 0;
}

static void read_interface(struct importing *importing, size_t row)
{
	const struct board *board = &importing->board;
	const struct board_row *at = &board->tables[BOARD_SIP_INTERFACE].rows[row];
	struct import_interface *out =
			&importing->interfaces[importing->interface_count];
	const struct tlsp_text_line *mutual = board_cell(
			board, BOARD_SIP_INTERFACE, row, "TLSMutualAuthentication");
	const struct tlsp_text_line *name =
			board_cell(board, BOARD_SIP_INTERFACE, row, "InterfaceName");
	struct tlsp_policy policy;
	char value[TLSP_PARAMETER_VALUE_OCTETS];

	importing->interface_count++;
	out->line = at->line;
	out->index = at->index;
	if(name)
		out->name = *name;
	out->port = port_of(importing, at->line,
			board_cell(board, BOARD_SIP_INTERFACE, row, "TLSPort"));
	out->context = import_context_find(importing, at->line,
			board_cell(board, BOARD_SIP_INTERFACE, row, "TLSContext"));
	read_address(&out->address, board,
			board_cell(board, BOARD_SIP_INTERFACE, row, "NetworkInterface"));
	tlsp_parameters_defaults(&policy);
	if(mutual && !ini_line_is(mutual, "-1")
			&& importing_set(importing, at->line, &policy,
					"sips_require_client_certificate", mutual, value))
		snprintf(out->mutual, sizeof(out->mutual), "%.3s", value);
}

static bool same(
		const struct import_interface *a, const struct import_interface *b)
{
	return a->context == b->context && strcmp(a->mutual, b->mutual) == 0;
}

void import_interfaces(struct importing *importing)
{
	const struct board_table *table =
			&importing->board.tables[BOARD_SIP_INTERFACE];

	if(!import_check_indexes(importing, BOARD_SIP_INTERFACE, "SIPInterface"))
		return;
	if(table->row_count > INTERFACES_MAX) {
		importing_complain(importing, table->rows[0].line,
				"there are more than %d SIP interfaces", INTERFACES_MAX);
		return;
	}
	importing->interfaces =
			calloc(table->row_count + 1, sizeof(*importing->interfaces));
	if(!importing->interfaces) {
		importing->board.no_memory = true;
		return;
	}
	for(size_t row = 0; row < table->row_count; row++)
		read_interface(importing, row);
	for(size_t i = 0; i < importing->interface_count; i++)
		for(size_t j = 0; j < importing->interface_count; j++)
			if(importing->interfaces[i].port == importing->interfaces[j].port
					&& !same(&importing->interfaces[i],
							&importing->interfaces[j]))
				importing->interfaces[i].shared = true;
}
