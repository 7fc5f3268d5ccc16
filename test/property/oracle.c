/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * oracle - see oracle.h.
 */
#include "oracle.h"

#include <stdint.h>

enum needs /* what has to be looked at to judge a change */
{
	NOTHING,
	LEAF,
	CHAIN
};

/* What each change is about. */
static const struct
{
	enum needs needs;
	bool acceptable; /* is the peer still, afterwards? */
	bool list;		 /* it is the list of proxies alone */
	bool constrained;
	const char *identity;
} changes[CHANGES] = {
		/* clang-format off */
		[CHANGE_NOTHING] = {NOTHING, true, false, false, "trusted.example.com"},
		[CHANGE_NOTHING_NAMES_OFF] = {NOTHING, true, false, false, NULL},
		[CHANGE_RELOAD] = {NOTHING, true, false, false, "trusted.example.com"},
		[CHANGE_REQUIRE] = {CHAIN, true, false, false, NULL},
		[CHANGE_NAMES] = {LEAF, true, false, false, NULL},
		[CHANGE_NAMES_STRANGER] = {LEAF, false, false, false, NULL},
		[CHANGE_NAMES_OFF] = {LEAF, true, false, false, "trusted.example.com"},
		[CHANGE_PROXY_REMOVED] = {LEAF, false, true, false, "trusted.example.com"},
		[CHANGE_PROXY_ADDED] = {LEAF, true, true, false, "trusted.example.com"},
		[CHANGE_PROXY_MOVED] = {LEAF, true, true, false, "trusted.example.com"},
		[CHANGE_VERSION] = {LEAF, false, false, false, "trusted.example.com"},
		[CHANGE_STRICT] = {CHAIN, false, false, false, "trusted.example.com"},
		[CHANGE_PURPOSE] = {CHAIN, false, false, false, "trusted.example.com"},
		[CHANGE_ANCHOR_REMOVED] = {CHAIN, false, false, false, "trusted.example.com"},
		[CHANGE_ANCHOR_ADDED] = {CHAIN, true, false, false, "trusted.example.com"},
		[CHANGE_CRL] = {CHAIN, false, false, false, "trusted.example.com"},
		[CHANGE_CRL_OF_OTHERS] = {CHAIN, true, false, false, "trusted.example.com"},
		[CHANGE_NAMED_ROOTS] = {CHAIN, false, false, false, "trusted.example.com"},
		[CHANGE_NAMED_ROOTS_RELOAD] = {NOTHING, true, false, false, "trusted.example.com"},
		[CHANGE_NAMED_ROOTS_GONE] = {CHAIN, false, false, false, "trusted.example.com"},
		[CHANGE_CONSTRAINED] = {NOTHING, true, false, true, "other.example.com"},
		[CHANGE_CONSTRAINED_ADDED] = {LEAF, true, true, true, "other.example.com"},
		[CHANGE_CONSTRAINED_REMOVED] = {LEAF, false, true, true, "other.example.com"},
		[CHANGE_RULE] = {CHAIN, true, false, false, "trusted.example.com"},
		[CHANGE_RULE_LIST] = {CHAIN, false, false, false, "trusted.example.com"},
		[CHANGE_ENFORCED] = {CHAIN, true, false, false, NULL},
		[CHANGE_TESTED] = {CHAIN, true, false, false, "trusted.example.com"},
		/* clang-format on */
};

/* What a row of the tables asks of a state, as bits. */
enum facet
{
	WE_SERVE = 1 << 0,
	WE_DIAL = 1 << 1,
	RESUMES = 1 << 2,
	HAS_CHAIN = 1 << 3, /* the session has: by id, and of a client */
	ANOTHER_NAME = 1 << 4,
	ANOTHER_NAME_LATER = 1 << 5, /* after HelloRetryRequest */
	TOO_OLD = 1 << 6,
	NOT_VOUCHED = 1 << 7, /* by the anchors of the domain that is chosen */
	UNACCEPTABLE = 1 << 8,
	CHAIN_CHANGED = 1 << 9,
	LEAF_CHANGED = 1 << 10,
	LIST_CHANGED = 1 << 11,
	MOVES = 1 << 12,
	CONSTRAINED = 1 << 13,
	NEVER_ASKED = 1 << 14, /* for the certificate that is required now */
	MIDDLE = 1 << 15,
	HELLO = 1 << 16, /* of the peer, in the handshake of the moment */
	RENEGOTIATES = 1 << 17,
	AUTHENTICATES = 1 << 18, /* post-handshake */
	PROVES_NOTHING = 1 << 19,
	SHOWS_ANOTHER = 1 << 20,
	SHOWS_ANOTHER_PROXY = 1 << 21,
	BROKEN = 1 << 22,
	TEXT_WITHIN = 1 << 23
};

static unsigned bit(bool holds, unsigned facet)
{
	return holds ? facet : 0;
}

static unsigned shown_facets(const struct state *state)
{
	bool names = changes[state->change].identity != NULL;
	bool same = state->shown == SHOWN_SAME || state->shown == SHOWN_RENEWED
				|| (names && state->shown == SHOWN_BOTH_NAMES);

	return bit(!same, SHOWS_ANOTHER)
		   | bit(state->shown == SHOWN_OTHER, SHOWS_ANOTHER_PROXY);
}

static unsigned facets_of(const struct state *state)
{
	enum change change = state->change;
	bool resumes = state->session != NO_SESSION && !state->proved_again
				   && state->way != WAY_OFF;
	bool we_serve = state->peer == PEER_IS_CLIENT;
	/* The version of the first ClientHello is not permitted any more. */
	bool refused_before = change == CHANGE_VERSION && state->moment == BETWEEN;
	/* https_root_file_name holds for every domain. */
	bool one_file = change == CHANGE_NAMED_ROOTS_RELOAD;

	return bit(we_serve, WE_SERVE) | bit(!we_serve, WE_DIAL)
		   | bit(resumes, RESUMES)
		   | bit(resumes && (state->session == BY_ID || !we_serve), HAS_CHAIN)
		   | bit(state->name == NAME_OTHER, ANOTHER_NAME)
		   | bit(state->name >= NAME_OTHER_AFTER_RETRY && !refused_before,
				   ANOTHER_NAME_LATER)
		   | bit(state->age == OLD, TOO_OLD)
		   | bit(state->domain == SNI_DOMAIN_STRICTER && !one_file, NOT_VOUCHED)
		   | bit(!changes[change].acceptable, UNACCEPTABLE)
		   | bit(changes[change].needs == CHAIN, CHAIN_CHANGED)
		   | bit(changes[change].needs == LEAF, LEAF_CHANGED)
		   | bit(changes[change].list, LIST_CHANGED)
		   | bit(change == CHANGE_PROXY_MOVED, MOVES)
		   | bit(changes[change].constrained, CONSTRAINED)
		   | bit((change == CHANGE_REQUIRE || change == CHANGE_ENFORCED)
						   && we_serve && !state->proved_again
						   && state->moment != BETWEEN,
				   NEVER_ASKED)
		   | bit(state->moment == IN_THE_MIDDLE, MIDDLE)
		   | bit(state->hello_passed, HELLO)
		   | bit(state->handshake == RENEGOTIATION, RENEGOTIATES)
		   | bit(state->handshake == POST_HANDSHAKE, AUTHENTICATES)
		   | bit(state->handshake >= KEY_UPDATE, PROVES_NOTHING)
		   | shown_facets(state) | bit(state->broken, BROKEN)
		   | bit(state->text_within, TEXT_WITHIN);
}

/* The first row that fits a state counts. */
struct row
{
	unsigned all, any, none; /* facets; any = 0: no matter */
	struct expectation expected;
};

static const struct expectation *look_up(
		const struct row *row, const struct state *state)
{
	unsigned facets = facets_of(state);

	while((facets & row->all) != row->all || (facets & row->none)
			|| (row->any && !(facets & row->any)))
		row++;
	return &row->expected;
}

static const struct row first_rows[] = {
		{.all = ANOTHER_NAME_LATER,
				.expected = {REFUSED, 47,
						"A second ClientHello (HelloRetryRequest) with another "
						"server name is refused: illegal_parameter."}},
		{.all = NOT_VOUCHED,
				.expected = {REFUSED, 0,
						"A peer whose certificate one rule's trust anchors "
						"vouch for is accepted only for that rule's "
						"proxies."}},
		{.all = UNACCEPTABLE,
				.expected = {REFUSED, 0,
						"At every last word the peer is judged by the policy, "
						"trust anchors and tls.cfg in force at that moment, "
						"whatever the handshake was armed with."}},
		{.all = NEVER_ASKED | HELLO,
				.expected = {REFUSED, 0,
						"A judgement is of now, and of what is proven. (No "
						"certificate was asked for.)"}},
		{.all = NEVER_ASKED,
				.expected = {REFUSED | IN_FULL, 0,
						"... whatever the handshake was armed with. (There is "
						"time to ask, but nothing is promised.)"}},
		{.none = RESUMES,
				.expected = {IN_FULL, 0,
						"At every last word the peer is judged by the policy, "
						"trust anchors and tls.cfg in force at that moment."}},
		{.all = MIDDLE | HELLO,
				.any = CHAIN_CHANGED | MOVES,
				.expected = {REFUSED, 0,
						"When something changed that needs the chain, it "
						"cannot be judged: it is closed, and the peer comes "
						"back with a full handshake. (It is being resumed.)"}},
		{.all = MIDDLE | WE_DIAL,
				.any = CHAIN_CHANGED | MOVES,
				.expected = {REFUSED | IN_FULL, 0,
						"The same. (Our hello has offered the session; the "
						"server may not take it.)"}},
		{.any = CHAIN_CHANGED | MOVES,
				.expected = {IN_FULL, 0,
						"It is resumed only where the first [digest, of what "
						"needs the chain] still holds, and never as another "
						"identity. Else: a full handshake, not an error."}},
		{.all = ANOTHER_NAME,
				.expected = {IN_FULL, 0,
						"A session carries its evidence: the server name. "
						"Else: a full handshake, not an error."}},
		{.all = TOO_OLD,
				.expected = {IN_FULL, 0,
						"Never later than 300 s after that full handshake "
						"whatever was issued since. Else: a full handshake, "
						"not an error."}},
		{.all = WE_DIAL,
				.expected = {EITHER_WAY, 0,
						"It is resumed only where ... (As client nothing says "
						"that we offer one.)"}},
		{.all = CONSTRAINED | LEAF_CHANGED,
				.expected = {EITHER_WAY, 0,
						"Or the identity could change because the chain "
						"carried name constraints."}},
		{.all = HAS_CHAIN | LEAF_CHANGED,
				.expected = {EITHER_WAY, 0,
						"It is resumed only where ... (Nobody judges anew what "
						"is resumed by id.)"}},
		{.all = LEAF_CHANGED,
				.none = LIST_CHANGED,
				.expected = {EITHER_WAY, 0,
						"It is resumed only where ... and never as another "
						"identity. (Without names an identity is another "
						"thing.)"}},
		{.expected = {RESUMED, 0,
				 "Names are judged anew from the leaf, so that a change of "
				 "the list costs nobody a full handshake."}},
};

static const struct row again_rows[] = {
		{.all = MOVES,
				.expected = {AGAIN_CLOSED, 0,
						"The accepted identity of a connection never "
						"changes."}},
		{.all = NEVER_ASKED,
				.expected = {AGAIN_UNASKED, 0,
						"A connection that was never asked for a certificate "
						"is a state of its own: the operator says whether it "
						"is "
						"closed."}},
		{.all = RESUMES | CHAIN_CHANGED,
				.none = HAS_CHAIN,
				.expected = {AGAIN_UNVERIFIABLE, 0,
						"When something changed that needs the chain, it "
						"cannot be judged: it is closed with close_notify, "
						"counted as closed_unverifiable."}},
		{.all = RESUMES | CHAIN_CHANGED | UNACCEPTABLE,
				.expected = {AGAIN_CLOSED, 0,
						"The same. (By id the chain is there and may be "
						"judged.)"}},
		{.all = RESUMES | CHAIN_CHANGED,
				.expected = {AGAIN_ACCEPTED | AGAIN_UNVERIFIABLE, 0,
						"The same. (By id the chain is there and may be "
						"judged.)"}},
		{.all = RESUMES | CONSTRAINED | LEAF_CHANGED | UNACCEPTABLE,
				.expected = {AGAIN_CLOSED, 0,
						"Or the identity could change because the chain "
						"carried name constraints: it cannot be judged."}},
		{.all = RESUMES | CONSTRAINED | LEAF_CHANGED,
				.expected = {AGAIN_ACCEPTED | AGAIN_UNVERIFIABLE, 0,
						"Or the identity could change because the chain "
						"carried name constraints: it cannot be judged."}},
		{.all = UNACCEPTABLE,
				.expected = {AGAIN_REFUSED, 0,
						"What needs only the leaf is judged anew like on any "
						"other; a judgement is of now."}},
		{.expected = {AGAIN_ACCEPTED, 0,
				 "What needs only the leaf is judged anew like on any "
				 "other."}},
};

/* What else may come out while something goes on. */
static const struct row waiting_rows[] = {
		{.all = RENEGOTIATES | HELLO,
				.expected = {AGAIN_WAIT, 0,
						"What cannot be judged at once is looked at again, for "
						"a bounded time, then closed."}},
		{.all = RENEGOTIATES | WE_DIAL,
				.expected = {AGAIN_WAIT, 0,
						"The same. (Our hello is out, and the session that "
						"held "
						"the certificate is gone.)"}},
		{.all = AUTHENTICATES,
				.expected = {AGAIN_WAIT, 0,
						"In TLS 1.3 nothing but an open post-handshake "
						"authentication is worth waiting for."}},
		{.expected = {0, 0, "Nothing in progress postpones a judgement."}},
};

static const struct row later_rows[] = {
		{.all = BROKEN,
				.none = PROVES_NOTHING,
				.expected = {REFUSED, 0,
						"A certificate that is shown again counts only after "
						"Finished."}},
		{.all = SHOWS_ANOTHER_PROXY,
				.none = PROVES_NOTHING | UNACCEPTABLE,
				.expected = {REFUSED, 42,
						"The accepted identity of a connection never changes: "
						"a certificate that is shown again must be accepted "
						"as the same one."}},
		{.any = SHOWS_ANOTHER | MOVES,
				.none = PROVES_NOTHING,
				.expected = {REFUSED, 0,
						"The accepted identity of a connection never changes: "
						"a certificate that is shown again must be accepted "
						"as the same one."}},
		{.all = UNACCEPTABLE,
				.none = PROVES_NOTHING,
				.expected = {REFUSED, 0,
						"At every last word (re-handshake, post-handshake "
						"authentication) the peer is judged by what is in "
						"force at that moment."}},
		{.all = NEVER_ASKED | HELLO,
				.none = PROVES_NOTHING,
				.expected = {REFUSED, 0,
						"The same. (No certificate was asked for.)"}},
		{.all = NEVER_ASKED,
				.none = PROVES_NOTHING,
				.expected = {REFUSED | IN_FULL, 0,
						"The same. (There is time to ask, but nothing is "
						"promised.)"}},
		{.all = TEXT_WITHIN,
				.none = PROVES_NOTHING,
				.expected = {REFUSED | IN_FULL, 0,
						"SIP that is read after the peer's first message of a "
						"later handshake waits for its end. (Or is an error of "
						"the protocol.)"}},
		{.expected = {EITHER_WAY, 0,
				 "A certificate that is shown again must be accepted as the "
				 "same one."}},
};

const struct expectation *oracle_first(const struct state *state)
{
	return look_up(first_rows, state);
}

struct expectation oracle_again(const struct state *state)
{
	struct expectation expected = *look_up(again_rows, state);

	if(state->moment == IN_THE_MIDDLE)
		expected.allowed |= look_up(waiting_rows, state)->allowed;
	return expected;
}

const struct expectation *oracle_later(const struct state *state)
{
	return look_up(later_rows, state);
}

/* "SIP that is read with or after the peer's first message of a later handshake
 * waits for its end." */
bool oracle_withholds(const struct state *state)
{
	return state->hello_passed
		   && (state->handshake == RENEGOTIATION
				   || state->handshake == POST_HANDSHAKE);
}

const char *oracle_identity(const struct state *state)
{
	return changes[state->change].identity;
}
