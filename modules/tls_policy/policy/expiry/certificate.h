/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * certificate - what is told of a certificate that will end: by value, for log
 * lines, events, commands and figures.
 */
#ifndef TLSP_CERTIFICATE_H
#define TLSP_CERTIFICATE_H

#include <stdint.h>

#include "policy/peer_facts.h"
#include "policy/rules/rules.h"

enum
{
	TLSP_CERTIFICATE_NAME_OCTETS = 264,
	TLSP_CERTIFICATE_TEXT_OCTETS = 160,
	TLSP_CERTIFICATE_S_PER_DAY = 24 * 60 * 60
};

enum tlsp_certificate_kind
{
	TLSP_CERTIFICATE_OWN,	 /* that we show, or of its chain */
	TLSP_CERTIFICATE_ANCHOR, /* that peers are verified by */
	TLSP_CERTIFICATE_PEER	 /* that a peer has shown */
};

/* All texts are escaped and bounded. */
struct tlsp_certificate
{
	enum tlsp_certificate_kind kind;
	enum tlsp_role role; /* ours; of a PEER */
	uint64_t about;		 /* tells it from others of its kind; of a PEER, whose
							it is; never 0 */
	int64_t ends_s;		 /* notAfter, as time(2) */
	int64_t shown_s;	 /* of a PEER: when it was shown last, likewise */
	int64_t before_s; /* of a PEER: when the one that it showed before ends */
	/* The file, as it is named; of a PEER, as whom it was accepted. */
	char name[TLSP_CERTIFICATE_NAME_OCTETS];
	char subject[TLSP_CERTIFICATE_TEXT_OCTETS]; /* "" of a PEER */
	/* What names the file: "TLS domain [server:default]", or a parameter; ""
	 * of a PEER. */
	char place[TLSP_CERTIFICATE_TEXT_OCTETS];
	/* Whose files they are, or that the peer was accepted by; "" if all. */
	char rule[TLSP_RULE_NAME_OCTETS];
};

/* tlsp_certificate_days_left: whole days from |now_s| to |ends_s|; -1 in the
 * first day after it. */
static inline int tlsp_certificate_days_left(int64_t ends_s, int64_t now_s)
{
	int64_t s = ends_s - now_s, day = TLSP_CERTIFICATE_S_PER_DAY;

	return (int)(s >= 0 ? s / day : -((day - 1 - s) / day));
}

/* tlsp_certificate_kind_word: "own", "anchor" or "peer". Static. */
static inline const char *tlsp_certificate_kind_word(
		enum tlsp_certificate_kind kind)
{
	return kind == TLSP_CERTIFICATE_OWN		 ? "own"
		   : kind == TLSP_CERTIFICATE_ANCHOR ? "anchor"
											 : "peer";
}

#endif
