/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kinds - see hostile.h: from the number of a peer to what it does. Everything is
 * a matter of that number alone.
 */
#include "hostile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum
{
	MESSAGES = 6, /* and more records than a handshake of a client has */
	ALERTS = 256,
	CHANCE_OCTETS = 4096,
	EMPTY_RECORDS = 200,
	CAPTURED_OCTETS = 8192,
	UPDATES = 1000,
	RENEGOTIATIONS = 200
};

static unsigned char chance[CHANCE_OCTETS];
static unsigned char alert_record[7] = {21, 3, 3, 0, 2};
static unsigned char empty[EMPTY_RECORDS * RECORD_HEAD];
static unsigned char large[RECORD_HEAD + 65535];
static const char http[] = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
static const char sip[] =
		"OPTIONS sip:127.0.0.1 SIP/2.0\r\n"
		"Via: SIP/2.0/TLS 127.0.0.1:9;branch=z9hG4bKclear;rport\r\n"
		"From: <sip:clear@example.com>;tag=1\r\n"
		"To: <sip:clear@example.com>\r\nCall-ID: hostile-garbage-clear\r\n"
		"CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
static SSL_SESSION *sessions[2];
static unsigned char captured[2][CAPTURED_OCTETS];
static size_t captured_octets[2];

/* xorshift32 */
static uint32_t next_chance(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static void plan_slow(struct plan *out, unsigned number)
{
	out->deed = DEED_DRIP;
	out->pass = number / 2 % 4 == 3; /* some after the ClientHello */
}

static void plan_half_open(struct plan *out, unsigned number)
{
	out->deed = DEED_STALL;
	out->pass = number / 2 % MESSAGES;
	if(out->pass == 0 && !settings.own_port)
		out->pass = 1; /* else it is silent */
}

static void plan_silent(struct plan *out, unsigned number)
{
	(void)number;
	out->deed = DEED_STALL;
}

static void plan_aborted(struct plan *out, unsigned number)
{
	out->deed = number / 2 % 2 ? DEED_RESET : DEED_FINISH;
	out->pass = number / 4 % MESSAGES;
}

static void plan_octets(struct plan *out, const void *octets, size_t count)
{
	out->deed = DEED_OCTETS;
	out->octets = octets;
	out->octet_count = count;
}

/* All of version, message, level and number are 6144; a prime brings each of
 * them soon. */
static void plan_alerts(struct plan *out, unsigned number)
{
	unsigned which = number * 2539 % (MESSAGES * 2 * 2 * ALERTS);

	out->pass = which / 2 % MESSAGES;
	out->argument = which / 2 / MESSAGES; /* level and number */
	if(out->version == TLS1_3_VERSION && out->pass == MESSAGES - 1
			&& !settings.own_port) {
		out->deed = DEED_SEALED;
		out->shows = "trusted";
		return;
	}
	plan_octets(out, alert_record, sizeof(alert_record));
}

static void plan_records(struct plan *out, unsigned number)
{
	static const unsigned sizes[] = {16385, 18433, 65535};
	unsigned which = number / 2 % 7;

	out->pass = number / 14 % MESSAGES;
	if(which < 3) {
		plan_octets(out, large, RECORD_HEAD + sizes[which]);
		out->argument = sizes[which];
	} else if(which == 3) {
		plan_octets(out, empty, sizeof(empty));
	} else if(which == 4) {
		plan_octets(out, (const unsigned char *)"\x63\x03\x03\0\1x", 6);
	} else {
		out->deed = DEED_SLICES;
		out->argument = which == 5 ? 1 : 7;
	}
}

static void plan_garbage(struct plan *out, unsigned number)
{
	unsigned which = number / 2 % 4, at = number * 37 % (CHANCE_OCTETS / 2);

	out->pass = number / 8 % MESSAGES;
	if(which == 0)
		plan_octets(out, http, sizeof(http) - 1);
	else if(which == 1)
		plan_octets(out, sip, sizeof(sip) - 1);
	else
		plan_octets(out, chance + at, which == 2 ? 48 : CHANCE_OCTETS / 2);
}

static void plan_refused(struct plan *out, unsigned number)
{
	(void)out, (void)number;
}

static void plan_renegotiations(struct plan *out, unsigned number)
{
	(void)number;
	out->version = TLS1_2_VERSION;
	out->shows = "trusted";
	out->deed = DEED_RENEGOTIATE;
	out->argument = RENEGOTIATIONS;
}

static void plan_updates(struct plan *out, unsigned number)
{
	(void)number;
	out->version = TLS1_3_VERSION;
	out->shows = "trusted";
	out->deed = DEED_UPDATES;
	out->argument = UPDATES;
}

static void plan_chains(struct plan *out, unsigned number)
{
	(void)number;
	out->shows = "chain-64k";
}

static void plan_names(struct plan *out, unsigned number)
{
	out->shows = number / 2 % 2 ? "san-3500" : "san-10000";
}

/* What is offered lives as long as the program. */
static SSL_SESSION *other_ticket(SSL_SESSION *session, unsigned number)
{
	const unsigned char *ticket;
	unsigned char copy[CHANCE_OCTETS];
	size_t octets, cut;

	SSL_SESSION_get0_ticket(session, &ticket, &octets);
	if(octets == 0 || octets > sizeof(copy))
		die("a ticket");
	memcpy(copy, ticket, octets);
	cut = octets;
	if(number % 3 == 0)
		memcpy(copy, chance, octets);
	else if(number % 3 == 1)
		cut = 1 + number * 31 % (octets - 1);
	else
		copy[number * 7 % octets] ^= (unsigned char)(1 << number % 8);
	return session_with_ticket(session, copy, cut);
}

static void plan_tickets(struct plan *out, unsigned number)
{
	unsigned which = number % 2;

	if(number / 2 % 4 == 3) {
		out->deed = DEED_REPLAY;
		out->octets = captured[which];
		out->octet_count = captured_octets[which];
		return;
	}
	out->session = other_ticket(sessions[which], number / 2);
}

static const struct
{
	const char *name;
	void (*plan)(struct plan *out, unsigned number);
} kinds[] = {{"slow", plan_slow}, {"half-open", plan_half_open},
		{"silent", plan_silent}, {"aborted", plan_aborted},
		{"alerts", plan_alerts}, {"records", plan_records},
		{"garbage", plan_garbage}, {"refused", plan_refused},
		{"renegotiations", plan_renegotiations}, {"updates", plan_updates},
		{"chains", plan_chains}, {"names", plan_names},
		{"tickets", plan_tickets}};

bool plan_of(struct plan *out, unsigned number)
{
	*out = (struct plan){
			.version = number % 2 ? TLS1_3_VERSION : TLS1_2_VERSION,
			.shows = "stranger"};
	for(size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if(strcmp(kinds[i].name, kind) == 0) {
			kinds[i].plan(out, number);
			return true;
		}
	return false;
}

void plan_write_octets(const struct plan *plan)
{
	if(plan->octets == alert_record) {
		alert_record[5] = (unsigned char)(1 + plan->argument / ALERTS);
		alert_record[6] = (unsigned char)(plan->argument % ALERTS);
	} else if(plan->octets == large) {
		large[3] = (unsigned char)(plan->argument >> 8);
		large[4] = (unsigned char)plan->argument;
	}
}

void kinds_prepare(void)
{
	uint32_t state = 2463534242;

	for(size_t i = 0; i < sizeof(chance); i++)
		chance[i] = (unsigned char)next_chance(&state);
	memcpy(large, (const unsigned char[]){22, 3, 3, 0, 0}, RECORD_HEAD);
	for(size_t i = 0; i < sizeof(empty); i += RECORD_HEAD)
		memcpy(empty + i, (const unsigned char[]){22, 3, 3, 0, 0}, RECORD_HEAD);
	if(strcmp(kind, "tickets") != 0)
		return;
	for(int i = 0; i < 2; i++) {
		int version = i ? TLS1_3_VERSION : TLS1_2_VERSION;

		sessions[i] = session_of(version, NULL, NULL, 0, NULL);
		SSL_SESSION_free(session_of(version, sessions[i], captured[i],
				CAPTURED_OCTETS, &captured_octets[i]));
	}
}
