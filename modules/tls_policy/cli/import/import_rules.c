/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * import_rules - see import_rules.h.
 */
#include "import_rules.h"

#include <stdlib.h>
#include <string.h>

#include "import_interfaces.h"
#include "policy/host/hostname.h"

enum
{
	INDEX_DIGITS = 9,
	KEY_OCTETS = 64
};

/* The part that the peers of a rule play. */
enum part
{
	PART_BOTH,
	PART_CLIENT,
	PART_SERVER
};

/* A proxy set that has rules. */
struct set
{
	unsigned line;
	const struct tlsp_text_line *index, *name; /* NULL: it has none */
	const struct import_context *context;
	enum part part;
	const struct import_proxy *proxies;
	size_t proxy_count;
};

/* [rule:KIND-NUMBER ENDING], and how the gateway calls it. */
static void open_rule(struct importing *importing, unsigned line,
		const char *kind, const struct tlsp_text_line *index,
		const char *ending, const struct tlsp_text_line *name)
{
	char shown[TLSP_ESCAPE_QUOTED_OCTETS];

	if(importing->rules++ == TLSP_RULES_MAX)
		importing_complain(importing, line, "there would be more than %d rules",
				TLSP_RULES_MAX);
	fprintf(importing->out, "\n[rule:%s-%.*s%s] # line %u", kind,
			(int)index->octets, index->text, ending, line);
	if(name)
		fprintf(importing->out, ": \"%s\"", importing_shown(name, shown));
	fputc('\n', importing->out);
}

/* Then nothing of it will be printed: a file may ask for a rule of each of its
 * proxy sets at each of its interfaces. */
static bool is_full(const struct importing *importing)
{
	return importing->rules > TLSP_RULES_MAX;
}

static void put_part(struct importing *importing, unsigned line, enum part part)
{
	if(part != PART_BOTH)
		importing_put(importing, line, "peer_role",
				part == PART_CLIENT ? "client" : "server");
}

static void put_context(
		struct importing *importing, const struct import_context *context)
{
	char shown[TLSP_ESCAPE_QUOTED_OCTETS];

	if(!context)
		return;
	if(context->version[0])
		importing_put(
				importing, context->line, "tls_version", context->version);
	if(context->strict[0])
		importing_put(importing, context->line, "require_strict_cert",
				context->strict);
	importing_look(importing, context->line,
			"https_root_file_name = FILE: the trusted roots of the TLS context "
			"\"%s\" are on the gateway",
			importing_shown(&context->name, shown));
}

/* The addresses of the set, or its names; each once. How many there are. */
static size_t put_hosts(struct importing *importing, const struct set *set,
		bool addresses, bool count_only)
{
	char text[TLSP_HOSTNAME_MAX_OCTETS + 8];
	size_t count = 0;

	for(size_t i = 0; i < set->proxy_count; i++) {
		const struct import_proxy *proxy = &set->proxies[i];
		size_t before = 0;

		if(!proxy->tls || import_is_address(&proxy->host) != addresses)
			continue;
		while(before < i
				&& !(set->proxies[before].tls
						&& tlsp_hostname_equal(
								&set->proxies[before].host, &proxy->host)))
			before++;
		if(before < i)
			continue;
		count++;
		if(!count_only)
			importing_put(importing, proxy->line,
					addresses ? "peer" : "server_name",
					tlsp_hostname_print(&proxy->host, text, sizeof(text)));
	}
	return count;
}

static void put_listen(
		struct importing *importing, const struct import_interface *interface)
{
	bool six = interface->address.kind == TLSP_HOST_IPV6;
	char text[KEY_OCTETS] = "", host[48] = "";

	if(interface->shared && interface->address.octets == 0) {
		importing_complain(importing, interface->line,
				"another SIP interface has the TLS port %u too and says "
				"something else, and InterfaceTable has no address that tells "
				"them apart",
				interface->port);
		return;
	}
	if(interface->shared) {
		tlsp_hostname_print(&interface->address, host, sizeof(host));
		importing_look(importing, interface->line,
				"the gateway's address: write that of Kamailio");
	}
	snprintf(text, sizeof(text), "%s%s%s:%u", host[0] && six ? "[" : "", host,
			host[0] && six ? "]" : "", interface->port);
	importing_put(importing, interface->line, "listen", text);
}

/* Can a peer of |set| come in on the interface? */
static bool meets(
		const struct set *set, const struct import_interface *interface)
{
	for(size_t i = 0; i < set->proxy_count; i++)
		if(set->proxies[i].tls && import_is_address(&set->proxies[i].host)
				&& (!interface->shared
						|| set->proxies[i].host.kind
								   == interface->address.kind))
			return true;
	return false;
}

/* The gateway has versions from the set, mutual authentication from the
 * interface that a connection comes in on. */
static void put_crossed(struct importing *importing, const struct set *set)
{
	char ending[KEY_OCTETS];

	for(size_t i = 0; i < importing->interface_count && !is_full(importing);
			i++) {
		const struct import_interface *interface = &importing->interfaces[i];

		if(!interface->mutual[0] || interface->port == 0
				|| set->part == PART_SERVER || !meets(set, interface))
			continue;
		snprintf(ending, sizeof(ending), "-interface-%.*s",
				(int)interface->index.octets, interface->index.text);
		open_rule(importing, set->line, "proxy-set", set->index, ending,
				set->name);
		(void)put_hosts(importing, set, true, false);
		put_listen(importing, interface);
		put_part(importing, set->line, PART_CLIENT);
		put_context(importing, set->context);
		importing_put(importing, interface->line,
				"sips_require_client_certificate", interface->mutual);
	}
}

static void put_rest_of_set(
		struct importing *importing, const struct set *set, enum part part)
{
	put_part(importing, set->line, part);
	put_context(importing, set->context);
	/* keeps its peers from the rules of SIP interfaces behind it */
	if(!import_context_says(set->context))
		importing_put(importing, set->line, "enforcement", "enforce");
}

static void put_set(struct importing *importing, const struct set *set)
{
	size_t addresses = put_hosts(importing, set, true, true);
	size_t names = put_hosts(importing, set, false, true);

	if(!addresses && !names)
		importing_say(importing, set->line,
				"a proxy set that is not reached over TLS");
	if(addresses) {
		put_crossed(importing, set);
		open_rule(importing, set->line, "proxy-set", set->index, "", set->name);
		(void)put_hosts(importing, set, true, false);
		put_rest_of_set(importing, set, set->part);
	}
	if(!names)
		return;
	open_rule(
			importing, set->line, "proxy-set", set->index, "-names", set->name);
	(void)put_hosts(importing, set, false, false);
	put_rest_of_set(importing, set, PART_SERVER);
	importing_look(importing, set->line,
			"the rule is chosen by the server name that we ask for: let the "
			"script or tls.cfg ask for one");
	if(set->part == PART_BOTH)
		importing_look(importing, set->line,
				"where these names connect from is not known here: for that "
				"direction write a rule with peer = ADDRESS");
}

/* Those of the set, which lie side by side. */
static void find_proxies(const struct importing *importing, struct set *out)
{
	char digits[INDEX_DIGITS + 1];
	long number;
	size_t low = 0, high = importing->proxy_count;

	memcpy(digits, out->index->text, out->index->octets);
	digits[out->index->octets] = '\0';
	number = strtol(digits, NULL, 10);
	while(low < high) {
		size_t middle = low + (high - low) / 2;

		if(importing->proxies[middle].set < number)
			low = middle + 1;
		else
			high = middle;
	}
	out->proxies = importing->proxies + low;
	while(low < importing->proxy_count && importing->proxies[low].set == number)
		low++;
	out->proxy_count = (size_t)(importing->proxies + low - out->proxies);
}

/* The context of the SIP interface that a set goes out by. */
static const struct import_context *context_out(
		const struct importing *importing, size_t row)
{
	static const char *const columns[] = {"SBCIPv4SIPInterfaceName",
			"GWIPv4SIPInterfaceName", "SBCIPv6SIPInterfaceName",
			"GWIPv6SIPInterfaceName"};
	const struct tlsp_text_line *name = NULL;

	for(size_t i = 0; !name && i < sizeof(columns) / sizeof(*columns); i++)
		name = board_cell(&importing->board, BOARD_PROXY_SET, row, columns[i]);
	for(size_t i = 0; name && i < importing->interface_count; i++)
		if(importing->interfaces[i].name.octets == name->octets
				&& memcmp(importing->interfaces[i].name.text, name->text,
						   name->octets)
						   == 0)
			return importing->interfaces[i].context;
	return NULL;
}

static bool interfaces_say(const struct importing *importing)
{
	for(size_t i = 0; i < importing->interface_count; i++)
		if(import_context_says(importing->interfaces[i].context)
				|| importing->interfaces[i].mutual[0])
			return true;
	return false;
}

static void read_set(struct importing *importing, size_t row)
{
	const struct board *board = &importing->board;
	const struct board_row *at = &board->tables[BOARD_PROXY_SET].rows[row];
	const struct tlsp_text_line *name =
			board_cell(board, BOARD_PROXY_SET, row, "TLSContextName");
	struct set set = {.line = at->line, .index = &at->index};

	set.name = board_cell(board, BOARD_PROXY_SET, row, "ProxyName");
	set.part = name ? PART_BOTH : PART_SERVER;
	set.context = name ? import_context_find(importing, at->line, name)
					   : context_out(importing, row);
	if(!import_context_says(set.context)
			&& (!name || !interfaces_say(importing))) {
		importing_say(importing, at->line,
				"ProxySet %.*s needs no rule of its own", (int)at->index.octets,
				at->index.text);
		return;
	}
	find_proxies(importing, &set);
	if(set.proxy_count > TLSP_CONDITION_VALUES_MAX)
		importing_complain(importing, at->line,
				"the proxy set has more than %d addresses",
				TLSP_CONDITION_VALUES_MAX);
	else
		put_set(importing, &set);
}

static bool had_before(const struct importing *importing, size_t i)
{
	const struct import_interface *all = importing->interfaces;

	for(size_t j = 0; j < i; j++)
		if(!all[i].shared && all[j].port == all[i].port)
			return true;
	return false;
}

static void put_interface(struct importing *importing, size_t i)
{
	const struct import_interface *interface = &importing->interfaces[i];

	if(interface->port == 0
			|| (!import_context_says(interface->context)
					&& !interface->mutual[0])
			|| had_before(importing, i)) {
		importing_say(importing, interface->line,
				"SIPInterface %.*s needs no rule of its own",
				(int)interface->index.octets, interface->index.text);
		return;
	}
	open_rule(importing, interface->line, "sip-interface", &interface->index,
			"", &interface->name);
	put_listen(importing, interface);
	put_part(importing, interface->line, PART_CLIENT);
	put_context(importing, interface->context);
	if(interface->mutual[0])
		importing_put(importing, interface->line,
				"sips_require_client_certificate", interface->mutual);
	if(import_context_says(interface->context))
		importing_say(importing, interface->line,
				"what goes out by it to others than proxy sets: a rule with "
				"listen = ADDRESS of Kamailio and peer_role = server");
}

void import_rules(struct importing *importing)
{
	import_interfaces(importing);
	if(!import_check_indexes(importing, BOARD_PROXY_SET, "ProxySet"))
		return;
	for(size_t row = 0;
			importing->interfaces && !is_full(importing)
			&& row < importing->board.tables[BOARD_PROXY_SET].row_count;
			row++)
		read_set(importing, row);
	for(size_t i = 0; importing->interfaces && i < importing->interface_count;
			i++)
		put_interface(importing, i);
}
