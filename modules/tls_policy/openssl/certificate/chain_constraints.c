/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * chain_constraints - see chain_constraints.h. Constraints are rare, so that
 * mostly nothing is done. What cannot be read allows nothing.
 */
#include "chain_constraints.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "policy/names/identity.h"
#include "policy/names/name_constraints.h"

enum
{
	COMPARISONS_MAX = 1 << 18 /* of subtrees with identities, for one CA */
};

static enum tlsp_subtree compare(
		const struct tlsp_host *host, const GENERAL_SUBTREE *subtree)
{
	const GENERAL_NAME *base = subtree->base;
	const ASN1_STRING *text;

	if(base->type != GEN_DNS && base->type != GEN_IPADD)
		return TLSP_SUBTREE_OTHER_KIND;
	text = base->type == GEN_DNS ? base->d.dNSName : base->d.iPAddress;
	return base->type == GEN_DNS ? tlsp_name_constraints_of_name(host,
				   ASN1_STRING_get0_data(text),
				   (size_t)ASN1_STRING_length(text))
								 : tlsp_name_constraints_of_address(host,
										 ASN1_STRING_get0_data(text),
										 (size_t)ASN1_STRING_length(text));
}

/* RFC 5280, 4.2.1.10: minimum is 0 and maximum absent. What else they mean
 * nobody knows; OpenSSL refuses the chain where it compares. */
static bool has_distances(STACK_OF(GENERAL_SUBTREE) * subtrees)
{
	for(int i = 0; i < sk_GENERAL_SUBTREE_num(subtrees); i++) {
		const GENERAL_SUBTREE *subtree = sk_GENERAL_SUBTREE_value(subtrees, i);

		if(subtree->maximum
				|| (subtree->minimum
						&& ASN1_INTEGER_get(subtree->minimum) != 0))
			return true;
	}
	return false;
}

/* May the CA vouch for |host|? Inside one permitted subtree of its kind, if
 * there is any, and not even partly inside an excluded one. */
static bool allowed(
		const struct tlsp_host *host, const NAME_CONSTRAINTS *constraints)
{
	STACK_OF(GENERAL_SUBTREE) *permitted = constraints->permittedSubtrees;
	STACK_OF(GENERAL_SUBTREE) *excluded = constraints->excludedSubtrees;
	bool restricted = false, inside = false;

	for(int i = 0; i < sk_GENERAL_SUBTREE_num(permitted); i++) {
		enum tlsp_subtree place =
				compare(host, sk_GENERAL_SUBTREE_value(permitted, i));

		restricted = restricted || place != TLSP_SUBTREE_OTHER_KIND;
		inside = inside || place == TLSP_SUBTREE_INSIDE;
	}
	for(int i = 0; i < sk_GENERAL_SUBTREE_num(excluded); i++)
		if(compare(host, sk_GENERAL_SUBTREE_value(excluded, i))
				>= TLSP_SUBTREE_PARTLY)
			return false;
	return inside || !restricted;
}

/* NULL |constraints|: they cannot be read. A text that is no host is compared
 * with no proxy, so nothing is marked. */
static void apply_to(
		struct tlsp_identity *identity, const NAME_CONSTRAINTS *constraints)
{
	struct tlsp_host host;

	if(tlsp_identity_host(identity, &host)
			&& (!constraints || !allowed(&host, constraints)))
		identity->constrained = true;
}

static size_t comparisons(const struct tlsp_peer_facts *facts,
		const NAME_CONSTRAINTS *constraints)
{
	int permitted = sk_GENERAL_SUBTREE_num(constraints->permittedSubtrees);
	int excluded = sk_GENERAL_SUBTREE_num(constraints->excludedSubtrees);

	return (size_t)((permitted > 0 ? permitted : 0)
					+ (excluded > 0 ? excluded : 0))
		   * (facts->identity_count + facts->uri_count + 1);
}

static void apply(struct tlsp_peer_facts *facts, X509 *ca)
{
	NAME_CONSTRAINTS *constraints =
			X509_get_ext_d2i(ca, NID_name_constraints, NULL, NULL);
	const NAME_CONSTRAINTS *bounded = constraints;

	if(constraints
			&& (comparisons(facts, constraints) > COMPARISONS_MAX
					|| has_distances(constraints->permittedSubtrees)
					|| has_distances(constraints->excludedSubtrees)))
		bounded = NULL;
	for(size_t i = 0; i < facts->identity_count; i++)
		apply_to(&facts->identities[i], bounded);
	for(size_t i = 0; i < facts->uri_count; i++)
		apply_to(&facts->uris[i], bounded);
	if(facts->common_name_present)
		apply_to(&facts->common_name, bounded);
	NAME_CONSTRAINTS_free(constraints);
}

void tlsp_chain_constraints_apply(
		struct tlsp_peer_cert *peer, STACK_OF(X509) * chain)
{
	ERR_set_mark();
	for(int i = 1; i < sk_X509_num(chain); i++) {
		X509 *ca = sk_X509_value(chain, i);

		if(X509_get_ext_by_NID(ca, NID_name_constraints, -1) < 0)
			continue;
		peer->facts.constraints = true;
		apply(&peer->facts, ca);
	}
	ERR_pop_to_mark();
}
