/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * terms - what a handshake is judged by: policy, proxies and our own files of
 * one rule; digests of them, which a session carries (evidence.h); and all terms
 * that are in force. OpenSSL and policy/ only; any process.
 */
#ifndef TLSP_TERMS_H
#define TLSP_TERMS_H

#include "digest.h"
#include "openssl/certificate/own_files.h"
#include "policy/parameters.h"
#include "policy/proxies/proxies.h"
#include "policy/rules/selection.h"

/* Borrowed; must stay while the gate is open. */
struct tlsp_terms
{
	const char *rule; /* its name; "default" */
	const struct tlsp_policy *policy;
	const struct tlsp_proxies *proxies;
	const struct tlsp_own_files *own_files; /* NULL = tls.cfg's alone */
	size_t own_number; /* of own_files among those in force; and what it holds: */
	struct tlsp_digest own;
	unsigned long generation;
	/* Of what only a peer's whole chain shows: whether it is verified, for
	 * which purposes, how strictly, by which trust anchors of ours; and of our
	 * own certificate, so that no session outlives its key. */
	struct tlsp_digest chain;
	struct tlsp_digest leaf; /* of what its end entity alone shows: names */
	/* Of the host that a server must be of which no name is asked; of "" if the
	 * address tells. */
	struct tlsp_digest expected;
};

/* Whom a connection that we open is to be with, as far as a name tells (the
 * reference identity of RFC 6125, 1.8); with none, its address does. By value. */
struct tlsp_reference
{
	bool named;				 /* a server name is asked for: */
	struct tlsp_digest name; /* that, or else what is expected; of "" if
								neither */
};

/* All terms of one generation: of the default and of each rule. Borrowed. */
struct tlsp_in_force
{
	const struct tlsp_terms *terms;			/* [0] the default, [n] rule n */
	size_t rules;							/* without the default */
	const struct tlsp_selection *selection; /* NULL = no rules */
	bool by_server_name;   /* may a rule for servers ask for their names? */
	bool by_local_address; /* or for the address that we connect from? */
};

/* tlsp_terms_number: the number of the rule that is for |facts|; 0 = the
 * default. */
size_t tlsp_terms_number(
		const struct tlsp_in_force *all, const struct tlsp_rule_facts *facts);

/* tlsp_terms_digest fills the digests; |proxies| is one of terms->proxies.
 * False without memory. */
bool tlsp_terms_digest(
		struct tlsp_terms *terms, const struct tlsp_digest *proxies);

/* tlsp_terms_reference: of a connection that we open under |terms| and on which
 * the name of digest |asked| is asked for; not |named|: that of "". */
struct tlsp_reference tlsp_terms_reference(const struct tlsp_terms *terms,
		const struct tlsp_digest *asked, bool named);

/* tlsp_reference_serves: is a connection with |reference| one for |wanted|?
 * Whether its peer has proven it, tlsp_reverse_holds tells (reverse.h). */
bool tlsp_reference_serves(const struct tlsp_reference *reference,
		const struct tlsp_reference *wanted);

#endif
