/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * states - of oracle.h: which states there are, and their names.
 */
#include "oracle.h"

#include <stdio.h>
#include <string.h>

const char *oracle_impossible(const struct state *state)
{
	bool retries = state->name >= NAME_SAME_AFTER_RETRY;

	if(retries && state->version != TLS_1_3)
		return "HelloRetryRequest is of TLS 1.3";
	if(state->peer == PEER_IS_SERVER && state->domain != DEFAULT_DOMAIN)
		return "no server name chooses the domain of a client";
	if(state->peer == PEER_IS_SERVER && state->name != NAME_SAME
			&& state->name != NAME_SAME_AFTER_RETRY)
		return "we do not change the name that we ask for";
	if(state->domain == SNI_DOMAIN_STRICTER && state->name != NAME_OTHER
			&& state->name != NAME_OTHER_AFTER_RETRY)
		return "the stricter domain is the other name's";
	if(state->name == NAME_OTHER && state->session == NO_SESSION
			&& state->domain != SNI_DOMAIN_STRICTER)
		return "without a session no name is another one";
	if(state->way != WAY_SHARED && state->session == NO_SESSION)
		return "without a session none comes back";
	if(state->way != WAY_SHARED && state->peer == PEER_IS_SERVER)
		return "how sessions of servers come back is theirs to say";
	if(state->way != WAY_SHARED && state->session == BY_ID)
		return "the cache has ids alone, and nothing keeps them elsewhere";
	if(state->age == OLD && state->session == NO_SESSION)
		return "without a session there is no age";
	if(state->change == CHANGE_PURPOSE && state->peer == PEER_IS_SERVER)
		return "accept_server_auth_clients is about clients";
	if(state->handshake == RENEGOTIATION && state->version != TLS_1_2)
		return "TLS 1.3 has no renegotiation";
	if(state->handshake > RENEGOTIATION && state->version != TLS_1_3)
		return "TLS 1.2 has no messages after the handshake";
	if(state->handshake == POST_HANDSHAKE && state->peer == PEER_IS_SERVER)
		return "servers are not asked after the handshake";
	if(state->handshake == POST_HANDSHAKE && state->change == CHANGE_REQUIRE)
		return "nobody is asked under the policy at first";
	if(state->handshake != FIRST
			&& (state->change == CHANGE_ENFORCED
					|| state->change == CHANGE_TESTED))
		return "where nothing is decided we start no other handshake";
	if(state->handshake == NEW_TICKET && state->peer == PEER_IS_CLIENT)
		return "clients give no tickets";
	if(state->shown == SHOWN_NONE && state->peer == PEER_IS_SERVER)
		return "a server shows a certificate";
	return NULL;
}

#define BIT(value) (1UL << (value))

/* One of each kind: of the chain, the leaf, neither; accepted or not. */
static const unsigned long kinds_of_change =
		BIT(CHANGE_RELOAD) | BIT(CHANGE_REQUIRE) | BIT(CHANGE_NAMES_STRANGER)
		| BIT(CHANGE_PROXY_REMOVED) | BIT(CHANGE_PROXY_ADDED)
		| BIT(CHANGE_PROXY_MOVED) | BIT(CHANGE_PURPOSE)
		| BIT(CHANGE_ANCHOR_ADDED) | BIT(CHANGE_CRL) | BIT(CHANGE_NAMED_ROOTS)
		| BIT(CHANGE_NAMED_ROOTS_RELOAD) | BIT(CHANGE_NAMED_ROOTS_GONE)
		| BIT(CHANGE_CONSTRAINED_REMOVED) | BIT(CHANGE_RULE)
		| BIT(CHANGE_RULE_LIST) | BIT(CHANGE_ENFORCED) | BIT(CHANGE_TESTED);
static const unsigned long few_changes =
		BIT(CHANGE_RELOAD) | BIT(CHANGE_REQUIRE) | BIT(CHANGE_PROXY_ADDED)
		| BIT(CHANGE_CRL) | BIT(CHANGE_ANCHOR_ADDED);
static const unsigned long changes_of_tls_cfg =
		BIT(CHANGE_RELOAD) | BIT(CHANGE_CRL) | BIT(CHANGE_ANCHOR_ADDED)
		| BIT(CHANGE_NAMED_ROOTS) | BIT(CHANGE_NAMED_ROOTS_RELOAD);

static bool is_one_of(const struct state *state, unsigned long changes)
{
	return changes & BIT(state->change);
}

/* With a cache what a ticket shows is shown again, but not with each name, nor
 * cut in two; where nothing comes back there is little to show. */
static bool is_redundant_way(const struct state *state)
{
	if(state->way == WAY_OFF)
		return state->moment != BETWEEN || state->session != BY_TICKET
			   || !is_one_of(state, few_changes | BIT(CHANGE_NOTHING));
	return state->way == WAY_CACHE
		   && (state->part
				   || (state->moment != BETWEEN
						   && !is_one_of(state, kinds_of_change)));
}

static bool is_redundant_first(const struct state *state)
{
	if(is_redundant_way(state))
		return true;
	if(state->age == OLD
			&& (state->name != NAME_SAME
					|| !is_one_of(state,
							BIT(CHANGE_NOTHING) | BIT(CHANGE_PROXY_ADDED))))
		return true;
	if(state->domain == SNI_DOMAIN_STRICTER)
		return !is_one_of(state, BIT(CHANGE_NOTHING) | BIT(CHANGE_RELOAD));
	if(state->name >= NAME_SAME_AFTER_RETRY)
		return !is_one_of(state, few_changes | BIT(CHANGE_NOTHING))
			   || state->part;
	if(state->name == NAME_OTHER && state->session == BY_TICKET_OF_TICKET)
		return true;
	if(state->domain == SNI_DOMAIN && state->session >= BY_ID)
		return state->part || !is_one_of(state, few_changes);
	if(state->domain == SNI_DOMAIN && state->moment == IN_THE_MIDDLE
			&& !is_one_of(state, kinds_of_change))
		return true;
	if(state->session == BY_ID && state->moment == IN_THE_MIDDLE)
		return state->part || !is_one_of(state, few_changes);
	return state->part && !is_one_of(state, few_changes);
}

bool oracle_redundant(const struct state *state)
{
	bool tells = state->shown == SHOWN_SAME || state->shown == SHOWN_OTHER;

	if(state->handshake == FIRST)
		return is_redundant_first(state);
	if(state->way != WAY_SHARED
			&& (state->way == WAY_OFF || state->part || state->recheck
					|| !is_one_of(state, few_changes)))
		return true;
	if(state->session == BY_ID && state->handshake <= POST_HANDSHAKE)
		return true;
	if(state->domain != DEFAULT_DOMAIN && !is_one_of(state, changes_of_tls_cfg))
		return true;
	if(state->shown != SHOWN_SAME || state->text || state->broken)
		return state->session != NO_SESSION
			   || ((state->text || state->broken) && !tells);
	if(state->part && (!state->recheck || state->passed > 1))
		return true;
	return !is_one_of(state, kinds_of_change | BIT(CHANGE_NOTHING));
}

char *oracle_print(const struct state *state, char *buffer, size_t size)
{
	static const char *const peers[] = {"client", "server"};
	static const char *const versions[] = {"1.2", "1.3"};
	static const char *const sessions[] = {
			"full", "ticket", "id", "ticket-of-ticket"};
	static const char *const ways[] = {"", ",cache", ",off"};
	static const char *const ages[] = {"", ",old"};
	static const char *const names[] = {"", ",name-other", ",retry",
			",retry-name-other", ",retry-name-added", ",retry-name-dropped"};
	static const char *const domains[] = {"", ",sni", ",sni-stricter"};
	static const char *const changes[] = {"nothing", "nothing-names-off",
			"reload", "require", "names", "names-stranger", "names-off",
			"proxy-removed", "proxy-added", "proxy-moved", "version", "strict",
			"purpose", "anchor-removed", "anchor-added", "crl", "crl-of-others",
			"named-roots", "named-roots-reload", "named-roots-gone",
			"constrained", "constrained-added", "constrained-removed", "rule",
			"rule-list", "enforced", "tested"};
	static const char *const moments[] = {",between", ",middle", ",after"};
	static const char *const handshakes[] = {
			"first", "renegotiation", "post-handshake", "key-update", "ticket"};
	static const char *const showns[] = {"", ",shows-renewed",
			",shows-both-names", ",shows-other", ",shows-stranger",
			",shows-foreign", ",shows-none"};
	static const char *const texts[] = {"", ",text-before", ",text-behind"};
	size_t used;

	snprintf(buffer, size, "%s,%s,%s%s%s%s%s%s,%s", peers[state->peer],
			versions[state->version], sessions[state->session],
			ways[state->way], ages[state->age], names[state->name],
			domains[state->domain], moments[state->moment],
			changes[state->change]);
	if(state->moment != IN_THE_MIDDLE)
		return buffer;
	used = strlen(buffer);
	snprintf(buffer + used, size - used, ",%s,%u%s%s%s%s%s",
			handshakes[state->handshake], state->passed,
			state->part ? "+part" : "", state->broken ? "+broken" : "",
			showns[state->shown], texts[state->text],
			state->recheck ? ",recheck" : "");
	return buffer;
}
