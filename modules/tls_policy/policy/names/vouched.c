/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vouched - see vouched.h. No name has a comma in it.
 */
#include "vouched.h"

#include <stdio.h>
#include <string.h>

#include "identity.h"
#include "policy/host/hostname.h"

enum
{
	TEXT_OCTETS = TLSP_HOSTNAME_MAX_OCTETS + 3 /* "*." and NUL */
};

/* A block that is being written. */
struct writing
{
	struct tlsp_vouched *out;
	const struct tlsp_host *identity;
	const struct tlsp_vouching *from;
	size_t used, room; /* of out->data */
	size_t reserved;   /* of |room|, for the identity among the names */
	bool full;
	bool sip_domain;
};

static const char *end_of(const struct tlsp_vouched *vouched)
{
	return tlsp_vouched_names(vouched) + vouched->names_octets;
}

/* The name that begins at |name|, and where the next one does; NULL: none. */
static const char *next_name(
		const struct tlsp_vouched *vouched, const char *name, size_t *octets)
{
	const char *end = end_of(vouched);
	const char *comma = memchr(name, ',', (size_t)(end - name));

	*octets = (size_t)((comma ? comma : end) - name);
	return comma ? comma + 1 : NULL;
}

static bool has_text(const struct tlsp_vouched *vouched, const char *text)
{
	const char *name = vouched->count ? tlsp_vouched_names(vouched) : NULL;
	size_t wanted = strlen(text), octets;

	while(name) {
		const char *next = next_name(vouched, name, &octets);

		if(octets == wanted && memcmp(name, text, octets) == 0)
			return true;
		name = next;
	}
	return false;
}

/* False if it does not fit. */
static bool append(struct writing *w, const char *text, size_t reserved)
{
	struct tlsp_vouched *out = w->out;
	size_t octets = strlen(text), comma = out->count > 0;

	if(w->used + comma + octets + reserved > w->room)
		return false;
	if(comma)
		out->data[w->used++] = ',';
	memcpy(out->data + w->used, text, octets);
	w->used += octets;
	out->names_octets = (uint16_t)(out->names_octets + comma + octets);
	out->count++;
	return true;
}

static void add_text(struct writing *w, const char *text, bool is_identity)
{
	if(is_identity && w->reserved > 0) {
		w->reserved = 0;
		append(w, text, 0);
	} else if(w->full || (w->from->identity_alone && !is_identity)) {
		w->out->left_out++;
	} else if(!append(w, text, w->reserved)) {
		w->full = true;
		w->out->left_out++;
	}
}

/* If it counts by itself. A CN often says once more what an entry says. */
static void add(struct writing *w, const struct tlsp_identity *identity)
{
	char text[TEXT_OCTETS];
	struct tlsp_host host;

	if(identity->constrained || !tlsp_identity_host(identity, &host)
			|| (host.kind == TLSP_HOST_WILDCARD && !w->from->policy->wildcards))
		return;
	tlsp_hostname_print(&host, text, sizeof(text));
	if(identity->type == TLSP_IDENTITY_COMMON_NAME && has_text(w->out, text))
		return;
	add_text(w, text, w->identity && tlsp_hostname_equal(&host, w->identity));
}

static void add_uris(struct writing *w, const struct tlsp_peer_facts *facts)
{
	if(!w->from->policy->sip_uri_identities)
		return;
	for(size_t i = 0; i < facts->uri_count; i++) {
		const struct tlsp_identity *uri = &facts->uris[i];

		if(!tlsp_hostname_is_sip_domain(uri->data, uri->octets))
			continue;
		w->sip_domain = true;
		add(w, uri);
	}
}

/* In the order of names.c, and by its rules. */
static void add_names(struct writing *w, const struct tlsp_peer_facts *facts)
{
	add_uris(w, facts);
	for(size_t i = 0; i < facts->identity_count; i++)
		if(!w->sip_domain
				|| facts->identities[i].type != TLSP_IDENTITY_DNS_NAME)
			add(w, &facts->identities[i]);
	if(facts->common_name_present && !w->sip_domain
			&& !(facts->san_present && facts->san_critical))
		add(w, &facts->common_name);
}

static void write_identity(struct writing *w)
{
	char text[TEXT_OCTETS];

	w->out->identified = true;
	w->out->identity_kind = (uint8_t)w->identity->kind;
	w->out->identity_octets = w->identity->octets;
	memcpy(w->out->data, w->identity->address, w->identity->octets);
	w->used = w->identity->octets;
	if(w->identity->octets > 0)
		w->reserved =
				strlen(tlsp_hostname_print(w->identity, text, sizeof(text)))
				+ 1;
}

void tlsp_vouched_write(struct tlsp_vouched *out,
		const struct tlsp_host *identity, const struct tlsp_vouching *from)
{
	struct writing w = {.out = out,
			.identity = identity,
			.from = from,
			.room = TLSP_VOUCHED_MAX_OCTETS
					- offsetof(struct tlsp_vouched, data) - 1};

	memset(out, 0, sizeof(*out));
	if(identity)
		write_identity(&w);
	if(from->facts)
		add_names(&w, from->facts);
	out->data[w.used++] = '\0';
	out->octets = (uint16_t)(offsetof(struct tlsp_vouched, data) + w.used);
}

bool tlsp_vouched_is_empty(const struct tlsp_vouched *vouched)
{
	return !vouched->identified && vouched->count == 0
		   && vouched->left_out == 0;
}

bool tlsp_vouched_identity(
		const struct tlsp_vouched *vouched, struct tlsp_host *out)
{
	if(!vouched->identified)
		return false;
	memset(out, 0, sizeof(*out));
	out->kind = (enum tlsp_host_kind)vouched->identity_kind;
	out->octets = vouched->identity_octets;
	memcpy(out->address, vouched->data, out->octets);
	return true;
}

const char *tlsp_vouched_names(const struct tlsp_vouched *vouched)
{
	return vouched->data + vouched->identity_octets;
}

const char *tlsp_vouched_name(
		const struct tlsp_vouched *vouched, size_t i, size_t *octets)
{
	const char *name = tlsp_vouched_names(vouched), *next;

	if(i >= vouched->count)
		return NULL;
	while((next = next_name(vouched, name, octets)) && i-- > 0)
		name = next;
	return name;
}

bool tlsp_vouched_stands_for(
		const struct tlsp_vouched *vouched, const struct tlsp_host *host)
{
	char text[TEXT_OCTETS];

	if(host->kind == TLSP_HOST_WILDCARD || host->octets == 0)
		return false;
	tlsp_hostname_print(host, text, sizeof(text));
	return has_text(vouched, text)
		   || (tlsp_identity_wildcard_over(host, text, sizeof(text))
				   && has_text(vouched, text));
}
