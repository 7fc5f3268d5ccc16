/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * terms - what a handshake is judged by: policy, proxies and our own files of
 * one generation; and digests of them, which a session carries (evidence.h).
 * OpenSSL and policy/ only; any process.
 */
#ifndef TLSP_TERMS_H
#define TLSP_TERMS_H

#include "digest.h"
#include "openssl/certificate/own_files.h"
#include "policy/parameters.h"
#include "policy/proxies/proxies.h"

/* Borrowed; must stay while the gate is open. */
struct tlsp_terms
{
	const struct tlsp_policy *policy;
	const struct tlsp_proxies *proxies;
	const struct tlsp_own_files *own_files; /* NULL = tls.cfg's alone */
	unsigned long generation;
	/* Of what only a peer's whole chain shows: whether it is verified, for
	 * which purposes, how strictly, by which trust anchors of ours; and of our
	 * own certificate, so that no session outlives its key. */
	struct tlsp_digest chain;
	struct tlsp_digest leaf; /* of what its end entity alone shows: names */
};

/* tlsp_terms_digest fills the digests; |proxies| is one of terms->proxies.
 * False without memory. */
bool tlsp_terms_digest(
		struct tlsp_terms *terms, const struct tlsp_digest *proxies);

#endif
