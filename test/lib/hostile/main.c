/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hostile_peer - many peers of a SIP server on loopback, of one kind, none of
 * which wants it well:
 *   hostile_peer PORT PKI KIND COUNT [at_once=N] [patience=SECONDS]
 *                [serves=PORT]
 * PKI has NAME.pem and NAME.key. Kinds, each in TLS 1.2 and 1.3, with the
 * certificate `stranger` unless another is named:
 *   slow       an octet a second, from the first or from a later message on
 *   silent     a connection, and no octet
 *   half-open  nothing more after any message (as server: or none at all)
 *   aborted    FIN or RST after any message
 *   alerts     an alert, of any number and level, after any message; sealed ones
 *              once the handshake is over (TLS 1.3, `trusted`)
 *   records    empty, oversized, unknown ones after any message; and handshakes
 *              in records of one octet
 *   garbage    octets of chance, HTTP, SIP in clear, after any message
 *   refused    a whole handshake, and SIP
 *   renegotiations, updates   without end, on a connection of `trusted`
 *   chains, names    `chain-64k`, `san-10000` and `san-3500` (hostile_certs)
 *   tickets    of `trusted`, forged, cut, with one bit flipped, by one who shows
 *              `stranger`; and what `trusted` wrote, once more
 * Whoever gets that far writes OPTIONS, with the Call-ID hostile-KIND-NUMBER.
 * With serves= the peers are servers at that port, to which Kamailio is asked
 * over UDP to relay requests. Prints
 *   kind=KIND connections=N established=N alerted=N closed=N left=N answered=N
 *   late=N
 * established by their own view, ended by an alert of the server's, closed by
 * it without one, left by the peer; SIP came; the peer was not ended in time
 * (patience, 60).
 */
#include "hostile.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

struct settings settings = {.patience_s = 60};
struct outcomes outcomes;
const char *kind;

void die(const char *what)
{
	perror(what);
	exit(2);
}

static void read_option(const char *text)
{
	if(strncmp(text, "at_once=", 8) == 0)
		settings.at_once = (unsigned)atoi(text + 8);
	else if(strncmp(text, "patience=", 9) == 0)
		settings.patience_s = (unsigned)atoi(text + 9);
	else if(strncmp(text, "serves=", 7) == 0)
		settings.own_port = atoi(text + 7);
	else
		die(text);
}

int main(int argc, char **argv)
{
	struct rlimit limit;
	struct plan plan;

	if(argc < 5) {
		fputs("usage: hostile_peer PORT PKI KIND COUNT [at_once=N] "
			  "[patience=SECONDS] [serves=PORT]\n",
				stderr);
		return 2;
	}
	settings.port = atoi(argv[1]);
	settings.pki = argv[2];
	kind = argv[3];
	settings.count = settings.at_once = (unsigned)atoi(argv[4]);
	for(int i = 5; i < argc; i++)
		read_option(argv[i]);
	if(getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	signal(SIGPIPE, SIG_IGN);
	kinds_prepare();
	if(!plan_of(&plan, 0))
		die(kind);
	connections_run();
	printf("kind=%s connections=%u established=%u alerted=%u closed=%u left=%u "
		   "answered=%u late=%u\n",
			kind, settings.count, outcomes.established, outcomes.alerted,
			outcomes.closed, outcomes.left, outcomes.answered, outcomes.late);
	return 0;
}
