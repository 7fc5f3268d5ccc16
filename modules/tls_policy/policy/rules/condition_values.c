/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * condition_values - see condition_values.h.
 */
#include "condition_values.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "policy/host/hostname.h"

static const char no_listen[] =
		"is not ADDRESS:PORT, [IPv6 ADDRESS]:PORT, :PORT or ADDRESS";
static const char no_network[] = "is neither an address nor a network "
								 "(ADDRESS/BITS)";

void tlsp_address_canonical(
		struct tlsp_rule_address *out, const struct tlsp_rule_address *address)
{
	static const unsigned char mapped[12] = {
			0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

	if(address->count != 16
			|| memcmp(address->octets, mapped, sizeof(mapped)) != 0) {
		*out = *address;
		return;
	}
	*out = (struct tlsp_rule_address){.count = 4};
	memcpy(out->octets, address->octets + sizeof(mapped), 4);
}

bool tlsp_address_has_prefix(const struct tlsp_rule_address *address,
		const struct tlsp_rule_address *network, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	return address->count == network->count
		   && memcmp(address->octets, network->octets, whole) == 0
		   && (rest == 0
				   || ((address->octets[whole] ^ network->octets[whole])
							  >> (8 - rest))
							  == 0);
}

void tlsp_address_mask(struct tlsp_rule_address *address, unsigned bits)
{
	unsigned whole = bits / 8;

	if(whole >= address->count)
		return;
	address->octets[whole] &= (unsigned char)(0xff00 >> bits % 8);
	memset(address->octets + whole + 1, 0, address->count - whole - 1u);
}

const char *tlsp_name_parent(
		const char *name, size_t octets, size_t *parent_octets)
{
	const char *dot = octets ? memchr(name, '.', octets) : NULL;

	if(!dot || dot == name)
		return NULL;
	*parent_octets = octets - (size_t)(dot - name) - 1;
	return *parent_octets ? dot + 1 : NULL;
}

/* The address alone, without brackets; mapped ones stay as they are. */
static bool read_raw_address(
		struct tlsp_rule_address *out, const char *text, size_t octets)
{
	char copy[INET6_ADDRSTRLEN];
	struct tlsp_rule_address address = {.count = 4};

	if(octets >= sizeof(copy) || memchr(text, '\0', octets))
		return false;
	memcpy(copy, text, octets);
	copy[octets] = '\0';
	if(inet_pton(AF_INET, copy, address.octets) != 1) {
		address.count = 16;
		if(inet_pton(AF_INET6, copy, address.octets) != 1)
			return false;
	}
	*out = address;
	return true;
}

/* An address, an IPv6 address in brackets too. */
static bool read_address(
		struct tlsp_rule_address *out, const char *text, size_t octets)
{
	struct tlsp_rule_address address;
	bool brackets = octets > 2 && text[0] == '[' && text[octets - 1] == ']';

	if(brackets) {
		text++;
		octets -= 2;
	}
	if(!read_raw_address(&address, text, octets)
			|| (brackets && address.count == 4))
		return false;
	tlsp_address_canonical(out, &address);
	return true;
}

/* Decimal digits alone, no leading zero, up to |max|. */
static bool read_number(
		unsigned *out, const char *text, size_t octets, unsigned max)
{
	unsigned number = 0;

	if(octets == 0 || octets > 5 || (octets > 1 && text[0] == '0'))
		return false;
	for(size_t i = 0; i < octets; i++) {
		if(text[i] < '0' || text[i] > '9')
			return false;
		number = number * 10 + (unsigned)(text[i] - '0');
	}
	*out = number;
	return number <= max;
}

static bool is_zero(const struct tlsp_rule_address *address)
{
	static const unsigned char zero[16];

	return memcmp(address->octets, zero, address->count) == 0;
}

/* The last ':' that a port may follow, or NULL. */
static const char *find_port(const char *text, size_t octets)
{
	size_t at = octets;

	while(at > 0 && text[at - 1] != ':')
		at--;
	if(at == 0)
		return NULL;
	at--;
	if(at == 0 || text[at - 1] == ']' || memchr(text, ':', at) == NULL)
		return text + at;
	return NULL;
}

const char *tlsp_listen_read(
		struct tlsp_listen *out, const char *text, size_t octets)
{
	struct tlsp_listen listen;
	const char *colon = find_port(text, octets);
	size_t before = colon ? (size_t)(colon - text) : octets;
	unsigned port = 0;

	memset(&listen, 0, sizeof(listen));
	if(octets == 0)
		return "is empty";
	if(before && !read_address(&listen.address, text, before))
		return no_listen;
	if(colon && !read_number(&port, colon + 1, octets - before - 1, 65535))
		return no_listen;
	if(colon && port == 0)
		return no_listen;
	if(before && is_zero(&listen.address))
		return "is no address that a connection has: write :PORT for every "
			   "address";
	listen.port = (unsigned short)port;
	*out = listen;
	return NULL;
}

const char *tlsp_network_read(
		struct tlsp_network *out, const char *text, size_t octets)
{
	struct tlsp_network network;
	struct tlsp_rule_address raw, masked;
	const char *slash = octets ? memchr(text, '/', octets) : NULL;
	size_t before = slash ? (size_t)(slash - text) : octets;
	unsigned prefix;

	if(octets == 0)
		return "is empty";
	memset(&network, 0, sizeof(network));
	if(!slash) {
		if(!read_address(&network.address, text, octets))
			return no_network;
		network.prefix = (unsigned char)(network.address.count * 8);
		*out = network;
		return NULL;
	}
	if(!read_raw_address(&raw, text, before)
			|| !read_number(
					&prefix, slash + 1, octets - before - 1, raw.count * 8u))
		return no_network;
	masked = raw;
	tlsp_address_mask(&masked, prefix);
	if(memcmp(masked.octets, raw.octets, raw.count) != 0)
		return "has bits behind those of its network: write the network's "
			   "first address, or the address alone";
	tlsp_address_canonical(&network.address, &raw);
	/* one that is mapped has a bit at 95, so at least 96 are its network's */
	network.prefix =
			(unsigned char)(network.address.count == raw.count ? prefix
															   : prefix - 96);
	*out = network;
	return NULL;
}

const char *tlsp_name_condition_read(
		struct tlsp_host *out, const char *text, size_t octets)
{
	struct tlsp_host host;
	enum tlsp_host_error error;

	for(size_t i = 0; i < octets; i++)
		if(text[i] == '\0' || strchr(":@<>[]/;?", text[i]))
			return "is not a server name: a host name or *.NAME alone";
	error = tlsp_hostname_from_operator(&host, text, octets);
	if(error != TLSP_HOST_OK)
		return tlsp_hostname_error_text(error);
	if(host.kind != TLSP_HOST_NAME && host.kind != TLSP_HOST_WILDCARD)
		return "is an address, and no client asks for an address as the server "
			   "name (RFC 6066, 3)";
	*out = host;
	return NULL;
}

static const char *print_address(
		const struct tlsp_rule_address *address, char buffer[INET6_ADDRSTRLEN])
{
	return inet_ntop(address->count == 4 ? AF_INET : AF_INET6, address->octets,
			buffer, INET6_ADDRSTRLEN);
}

char *tlsp_listen_print(const struct tlsp_listen *listen,
		char buffer[TLSP_CONDITION_VALUE_OCTETS])
{
	char address[INET6_ADDRSTRLEN] = "";
	bool brackets = listen->address.count == 16 && listen->port;

	if(listen->address.count)
		print_address(&listen->address, address);
	if(listen->port)
		snprintf(buffer, TLSP_CONDITION_VALUE_OCTETS, "%s%s%s:%u",
				brackets ? "[" : "", address, brackets ? "]" : "",
				(unsigned)listen->port);
	else
		snprintf(buffer, TLSP_CONDITION_VALUE_OCTETS, "%s", address);
	return buffer;
}

char *tlsp_network_print(const struct tlsp_network *network,
		char buffer[TLSP_CONDITION_VALUE_OCTETS])
{
	char address[INET6_ADDRSTRLEN];

	print_address(&network->address, address);
	if(network->prefix == network->address.count * 8)
		snprintf(buffer, TLSP_CONDITION_VALUE_OCTETS, "%s", address);
	else
		snprintf(buffer, TLSP_CONDITION_VALUE_OCTETS, "%s/%u", address,
				(unsigned)network->prefix);
	return buffer;
}
