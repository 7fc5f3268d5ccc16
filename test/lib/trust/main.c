/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trust_peer - one SIP-over-TLS peer on loopback that does what it is told, step
 * by step; what OpenSSL writes can be kept back, record by record.
 *   trust_peer client|server PORT PKI [step | step=VALUE]...
 * PORT is Kamailio's (TLS and UDP); PKI has NAME.pem and NAME.key. A line is
 * printed for each step that tells something, and one when the connection ends.
 * Before the connection:
 *   version=1.2|1.3  show=NAME (a certificate; `show=` none)  name=SERVER-NAME
 *   second_name=SERVER-NAME (after HelloRetryRequest)  by_id  authenticates
 *   (post-handshake authentication is offered)  large (the ClientHello, and
 *   records are of 512 octets at most)  resume (what `keep` kept)
 * The connection:
 *   open  listen (prints the port)  accept  handshake  close  abandon
 *   leave (it stays open, and another can be opened)
 *   hold (what is written from now on)  pass=N (records, then hold)
 *   held (until something is)  cut (half of the first record goes out)
 *   release (all, as one segment)
 *   octets=N (of what is held, one each second)
 *   until=TYPE (of RFC 8446, 4: a handshake message came)
 *   keep (a session; in TLS 1.3 once a ticket has come)
 *   half_update  half_ticket (half a message in a whole record, TLS 1.3)
 *   borrow=NAME (another's certificate, without its key)
 * SIP:
 *   options=CALL-ID (OPTIONS is written)  half=CALL-ID (half of it)
 *   request=CALL-ID (Kamailio is asked over UDP to relay one to us)
 *   answer=CALL-ID, reached=CALL-ID (it came, or the connection has ended)
 *   end (the connection has ended)  alive (it has not)
 *   go=FILE (until it exists)
 * The one who uses this waits for lines; nothing is waited for longer than the
 * seconds in PATIENCE (environment).
 */
#include "peer.h"

#include <stdlib.h>
#include <string.h>

static const struct
{
	const char *name;
	void (*run)(const char *value);
} steps[] = {{"version", set_version}, {"show", show}, {"borrow", borrow},
		{"name", step_name}, {"second_name", step_second_name},
		{"by_id", step_by_id}, {"authenticates", step_authenticates},
		{"large", step_large}, {"resume", step_resume}, {"open", step_open},
		{"listen", step_listen}, {"accept", step_accept},
		{"handshake", step_handshake}, {"close", step_close},
		{"abandon", step_abandon}, {"leave", step_leave}, {"hold", step_hold},
		{"pass", step_pass}, {"held", step_held}, {"cut", step_cut},
		{"release", step_release}, {"octets", step_octets},
		{"until", step_until}, {"keep", step_keep},
		{"half_update", step_half_update}, {"half_ticket", step_half_ticket},
		{"options", step_options}, {"half", step_half},
		{"request", step_request}, {"answer", step_text},
		{"reached", step_text}, {"end", step_end}, {"alive", step_alive},
		{"go", step_go}};

static void run(char *step)
{
	char *value = strchr(step, '=');
	size_t i = 0, count = sizeof(steps) / sizeof(*steps);

	if(value)
		*value++ = '\0';
	while(i < count && strcmp(steps[i].name, step) != 0)
		i++;
	if(i == count)
		die(step);
	steps[i].run(value ? value : (char[]){""});
}

int main(int argc, char **argv)
{
	if(argc < 4)
		die("usage: trust_peer client|server PORT PKI STEP...");
	serves = strcmp(argv[1], "server") == 0;
	kamailio = atoi(argv[2]);
	pki = argv[3];
	make_context();
	for(int i = 4; i < argc; i++)
		run(argv[i]);
	return 0;
}
