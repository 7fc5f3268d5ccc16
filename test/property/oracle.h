/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * oracle - what has to happen in one state of a connection: read from tables in
 * which every row stands beside the sentence that it follows from (the chapter
 * "Trust" of the project's design). Knows nothing of the code under test, nor
 * of OpenSSL.
 */
#ifndef TLSP_TEST_ORACLE_H
#define TLSP_TEST_ORACLE_H

#include <stdbool.h>
#include <stddef.h>

/* ---- one state ---- */

enum peer_role
{
	PEER_IS_CLIENT,
	PEER_IS_SERVER,
	PEER_ROLES
};

enum version
{
	TLS_1_2,
	TLS_1_3,
	VERSIONS
};

enum session /* that the connection is resumed from */
{
	NO_SESSION,
	BY_TICKET,
	BY_ID, /* TLS 1.3: by a stateful ticket */
	BY_TICKET_OF_TICKET,
	SESSIONS
};

enum way /* by which sessions of clients come back */
{
	WAY_SHARED, /* keys of tickets that all processes share */
	WAY_CACHE,	/* a cache that they share */
	WAY_OFF,	/* none any more */
	WAYS
};

enum age /* of the full handshake behind the session */
{
	YOUNG,
	OLD, /* over 300 s, what was issued last is younger */
	AGES
};

enum server_name /* against that of the session, or of the first hello */
{
	NAME_SAME,
	NAME_OTHER,
	NAME_SAME_AFTER_RETRY,	  /* HelloRetryRequest */
	NAME_OTHER_AFTER_RETRY,	  /* another one in the second ClientHello */
	NAME_ADDED_AFTER_RETRY,	  /* only the second has one */
	NAME_DROPPED_AFTER_RETRY, /* only the first has one */
	NAMES
};

enum domain /* of tls.cfg */
{
	DEFAULT_DOMAIN,
	SNI_DOMAIN,			 /* each name has its own, with the same anchors */
	SNI_DOMAIN_STRICTER, /* the other name's does not know the peer's CA */
	DOMAINS
};

enum change /* what is in force at first, and what changes */
{
	CHANGE_NOTHING,
	CHANGE_NOTHING_NAMES_OFF,
	CHANGE_RELOAD, /* tls.cfg, read again as it was */
	CHANGE_REQUIRE,
	CHANGE_NAMES,
	CHANGE_NAMES_STRANGER,
	CHANGE_NAMES_OFF,
	CHANGE_PROXY_REMOVED,
	CHANGE_PROXY_ADDED,
	CHANGE_PROXY_MOVED, /* the peer would be accepted as another one */
	CHANGE_VERSION,
	CHANGE_STRICT,
	CHANGE_PURPOSE,
	CHANGE_ANCHOR_REMOVED,
	CHANGE_ANCHOR_ADDED,
	CHANGE_CRL,
	CHANGE_CRL_OF_OTHERS,
	CHANGE_NAMED_ROOTS,
	CHANGE_NAMED_ROOTS_RELOAD,
	CHANGE_NAMED_ROOTS_GONE,
	CHANGE_CONSTRAINED,
	CHANGE_CONSTRAINED_ADDED,
	CHANGE_CONSTRAINED_REMOVED,
	CHANGE_RULE,	  /* another one, which says the same */
	CHANGE_RULE_LIST, /* another one, with a list where the peer is not */
	CHANGE_ENFORCED,  /* a rule that was none's before */
	CHANGE_TESTED,	  /* a rule that was in testing before */
	CHANGES
};

enum moment
{
	BETWEEN, /* before the handshake, after that of the session */
	IN_THE_MIDDLE,
	AFTERWARDS,
	MOMENTS
};

enum handshake
{
	FIRST,
	RENEGOTIATION,
	POST_HANDSHAKE, /* authentication */
	KEY_UPDATE,
	NEW_TICKET,
	HANDSHAKES
};

enum shown /* when a certificate is shown again */
{
	SHOWN_SAME,
	SHOWN_RENEWED,	  /* another certificate of the same names */
	SHOWN_BOTH_NAMES, /* the accepted name and another proxy's */
	SHOWN_OTHER,	  /* another proxy's */
	SHOWN_STRANGER,
	SHOWN_FOREIGN, /* the accepted name, by another CA */
	SHOWN_NONE,
	SHOWNS
};

enum clear_text /* that comes in one segment with the first message */
{
	TEXT_NONE,
	TEXT_BEFORE,
	TEXT_BEHIND,
	TEXTS
};

struct state
{
	enum peer_role peer;
	enum version version;
	enum session session;
	enum way way;
	enum age age;
	enum server_name name;
	enum domain domain;
	enum change change;
	enum moment moment;
	enum handshake handshake;
	unsigned passed; /* messages of the peer before the change */
	bool part;		 /* and the first part of the next one */
	bool broken;	 /* which is damaged */
	enum shown shown;
	enum clear_text text;
	bool recheck; /* at the moment of the change */
	/* Found out on the way. */
	bool text_within;  /* the clear text came after it */
	bool hello_passed; /* the peer's first message of this handshake */
	bool proved_again; /* a later handshake was finished */
};

/* ---- what has to happen ---- */

enum outcome /* as bits */
{
	IN_FULL = 1,
	RESUMED = 2,
	REFUSED = 4, /* no octet passes */
	EITHER_WAY = IN_FULL | RESUMED
};

enum again /* verdict of now, as bits */
{
	AGAIN_ACCEPTED = 1,
	AGAIN_REFUSED = 2,
	AGAIN_UNVERIFIABLE = 4,
	AGAIN_WAIT = 8,
	AGAIN_UNASKED = 16, /* nobody asked it for what is required now */
	AGAIN_CLOSED = AGAIN_REFUSED | AGAIN_UNVERIFIABLE
};

struct expectation
{
	unsigned allowed; /* any of these */
	unsigned alert;	  /* that the peer gets; 0: not looked at */
	const char *says; /* the sentence */
};

/* oracle_first: the outcome of the first handshake of a connection. */
const struct expectation *oracle_first(const struct state *state);

/* oracle_again: the verdict of now. */
struct expectation oracle_again(const struct state *state);

/* oracle_later: the outcome of a later handshake. */
const struct expectation *oracle_later(const struct state *state);

/* oracle_withholds: must clear text that is read now wait? */
bool oracle_withholds(const struct state *state);

/* oracle_impossible: why there is no such state; NULL: there is. */
const char *oracle_impossible(const struct state *state);

/* oracle_redundant: do other states show all that this one could? */
bool oracle_redundant(const struct state *state);

/* oracle_identity: the proxy that the peer is accepted as; NULL: names are not
 * judged at first. */
const char *oracle_identity(const struct state *state);

/* oracle_print: |state| as one word. Returns |buffer|. */
char *oracle_print(const struct state *state, char *buffer, size_t size);

#endif
