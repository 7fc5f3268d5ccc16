/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer_identity - see peer_identity.h.
 */
#include "peer_identity.h"

#include <string.h>

#include "policy/names/identity.h"

static const unsigned char *text_of(const ASN1_STRING *string, size_t *octets)
{
	int length = string ? ASN1_STRING_length(string) : 0;

	*octets = length > 0 ? (size_t)length : 0;
	return *octets ? ASN1_STRING_get0_data(string) : NULL;
}

static bool read_subject(struct tlsp_digest *out, X509 *certificate)
{
	int place = X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1);
	const unsigned char *name = NULL, *names;
	size_t name_octets = 0, names_octets;

	names = text_of(place < 0 ? NULL
							  : X509_EXTENSION_get_data(
									  X509_get_ext(certificate, place)),
			&names_octets);
	return X509_NAME_get0_der(
				   X509_get_subject_name(certificate), &name, &name_octets)
		   && tlsp_digest(out,
				   (const struct tlsp_part[]){
						   {name, name_octets}, {names, names_octets}},
				   2);
}

/* A CN that is TLSRemoteSubjectName may be no host: then its text counts. */
static bool read_name(struct tlsp_digest *out, enum tlsp_match match,
		const struct tlsp_host *host, const struct tlsp_identity *common_name)
{
	const unsigned char kind = (unsigned char)host->kind;
	bool text = match == TLSP_MATCH_REMOTE_SUBJECT_NAME && host->octets == 0;
	const struct tlsp_part parts[] = {{&kind, sizeof(kind)},
			{host->address, host->octets},
			{text ? common_name->data : NULL, text ? common_name->octets : 0}};

	return tlsp_digest(out, parts, 3);
}

bool tlsp_peer_identity_read(struct tlsp_accepted *out,
		const struct tlsp_verdict *verdict, const struct tlsp_peer_facts *facts,
		X509 *certificate)
{
	memset(out, 0, sizeof(*out));
	out->match = verdict->match;
	out->host = verdict->matched;
	out->certificate = certificate != NULL;
	out->constrained = facts->constraints;
	out->by_server_auth = verdict->by_server_auth;
	if(certificate && !read_subject(&out->subject, certificate))
		return false;
	return out->match == TLSP_MATCH_NONE
		   || read_name(
				   &out->identity, out->match, &out->host, &facts->common_name);
}

void tlsp_peer_identity_keep(
		struct tlsp_peer_facts *facts, const struct tlsp_accepted *accepted)
{
	facts->accepted_known = accepted->match != TLSP_MATCH_NONE;
	facts->accepted_match = accepted->match;
	facts->accepted = accepted->host;
}

bool tlsp_peer_identity_is_same(
		const struct tlsp_accepted *accepted, const struct tlsp_accepted *shown)
{
	if(accepted->match != TLSP_MATCH_NONE && shown->match != TLSP_MATCH_NONE)
		return tlsp_digest_equal(&accepted->identity, &shown->identity);
	if(!accepted->certificate)
		return true;
	return shown->certificate
		   && tlsp_digest_equal(&accepted->subject, &shown->subject);
}

static bool try_as(struct tlsp_peer_facts *facts,
		const struct tlsp_identity *identity, enum tlsp_match match,
		const struct tlsp_digest *wanted)
{
	struct tlsp_accepted accepted = {.match = match};
	struct tlsp_digest digest;

	memset(&accepted.host, 0, sizeof(accepted.host));
	if(!tlsp_identity_host(identity, &accepted.host)
			|| !read_name(&digest, match, &accepted.host, identity)
			|| !tlsp_digest_equal(&digest, wanted))
		return false;
	tlsp_peer_identity_keep(facts, &accepted);
	return true;
}

bool tlsp_peer_identity_find(
		struct tlsp_peer_facts *facts, const struct tlsp_digest *identity)
{
	for(size_t i = 0; i < facts->uri_count; i++)
		if(try_as(facts, &facts->uris[i], TLSP_MATCH_SIP_URI, identity))
			return true;
	for(size_t i = 0; i < facts->identity_count; i++)
		if(try_as(facts, &facts->identities[i],
				   facts->identities[i].type == TLSP_IDENTITY_DNS_NAME
						   ? TLSP_MATCH_DNS_NAME
						   : TLSP_MATCH_IP_ADDRESS,
				   identity))
			return true;
	/* As a host it is the same in either way (read_name, is_accepted). */
	return facts->common_name_present
		   && try_as(facts, &facts->common_name, TLSP_MATCH_REMOTE_SUBJECT_NAME,
				   identity);
}
