/* SPDX-License-Identifier: GPL-2.0-or-later */
/* figures - what a peer counts, and the lines that it prints. */
#include "peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct peer_figures peer_figures = {
		.closed_by = "none", .alert = "none", .version = "none"};

_Noreturn void peer_die(const char *sentence)
{
	fprintf(stderr, "peer: %s\n", sentence);
	exit(2);
}

double peer_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void peer_alert_received(int alert)
{
	/* RFC 5246, 7.2; RFC 8446, 6 */
	static const struct
	{
		int number;
		const char *name;
	} names[] = {{10, "unexpected_message"}, {20, "bad_record_mac"},
			{40, "handshake_failure"}, {42, "bad_certificate"},
			{43, "unsupported_certificate"}, {44, "certificate_revoked"},
			{45, "certificate_expired"}, {46, "certificate_unknown"},
			{47, "illegal_parameter"}, {48, "unknown_ca"},
			{49, "access_denied"}, {50, "decode_error"}, {51, "decrypt_error"},
			{70, "protocol_version"}, {71, "insufficient_security"},
			{80, "internal_error"}, {90, "user_canceled"},
			{100, "no_renegotiation"}, {109, "missing_extension"},
			{116, "certificate_required"}};

	if(alert == 0)
		return; /* close_notify */
	peer_figures.alert = "other";
	for(size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if(names[i].number == alert)
			peer_figures.alert = names[i].name;
}

void peer_handshake_done(struct peer_connection *connection)
{
	connection->handshakes++;
	peer_figures.handshakes++;
	if(connection->handshakes > 1) {
		printf("handshake %d\n", connection->handshakes);
		fflush(stdout);
	}
}

void peer_print_figures(void)
{
	const struct peer_figures *f = &peer_figures;
	char key_updates[16] = "-";

	if(peer_stack.counts_key_updates)
		snprintf(key_updates, sizeof(key_updates), "%d", f->key_updates);
	printf("sent=%d answered=%d lost=%d failed=%d doubled=%d strange=%d "
		   "received=%d repeated=%d reordered=%d handshakes=%d key_updates=%s "
		   "connections=%d slowest_ms=%.0f version=%s closed_by=%s alert=%s\n",
			f->sent, f->answered, f->sent - f->answered, f->failed, f->doubled,
			f->strange, f->received, f->repeated, f->reordered, f->handshakes,
			key_updates, f->connections, f->slowest_ms, f->version,
			f->closed_by, f->alert);
}
