/* SPDX-License-Identifier: GPL-2.0-or-later */
/* options - the command line of the peers: client|server PORT key=value... */
#include "peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct peer_options peer_options = {
		.burst = 1, .grace = 60, .parallel = 1, .renegotiation = "default"};

static struct
{
	const char *name;
	const char **text;
	int *number;
	bool *flag;
} table[] = {
		{"version", &peer_options.version, NULL, NULL},
		{"cert", &peer_options.cert, NULL, NULL},
		{"key", &peer_options.key, NULL, NULL},
		{"ca", &peer_options.ca, NULL, NULL},
		{"sni", &peer_options.sni, NULL, NULL},
		{"id", &peer_options.id, NULL, NULL},
		{"uri", &peer_options.uri, NULL, NULL},
		{"rate", NULL, &peer_options.rate, NULL},
		{"burst", NULL, &peer_options.burst, NULL},
		{"count", NULL, &peer_options.count, NULL},
		{"seconds", NULL, &peer_options.seconds, NULL},
		{"grace", NULL, &peer_options.grace, NULL},
		{"window", NULL, &peer_options.window, NULL},
		{"segment", NULL, &peer_options.segment, NULL},
		{"pad", NULL, &peer_options.pad, NULL},
		{"parallel", NULL, &peer_options.parallel, NULL},
		{"each", NULL, &peer_options.each, NULL},
		{"accept", NULL, &peer_options.accept, NULL},
		{"stay", NULL, NULL, &peer_options.stay},
		{"again", NULL, NULL, &peer_options.again},
		{"renegotiation", &peer_options.renegotiation, NULL, NULL},
		{"second_cert", &peer_options.second_cert, NULL, NULL},
		{"second_key", &peer_options.second_key, NULL, NULL},
		{"mute_after", NULL, &peer_options.mute_after, NULL},
		{"key_update_after", NULL, &peer_options.key_update_after, NULL},
		{"key_update_again", NULL, &peer_options.key_update_again, NULL},
		{"lose", NULL, &peer_options.lose, NULL},
		{"repeat", NULL, &peer_options.repeat, NULL},
		{"renegotiate_after", NULL, &peer_options.renegotiate_after, NULL},
		{"flood", NULL, &peer_options.flood, NULL},
		{"abort_in_handshake", NULL, NULL, &peer_options.abort_in_handshake},
		{"abort_at_key_update", NULL, NULL, &peer_options.abort_at_key_update},
		{"post_handshake", NULL, NULL, &peer_options.post_handshake},
		{"key_update_unanswered", NULL, NULL,
				&peer_options.key_update_unanswered},
};

static bool read_one(const char *argument)
{
	const char *value = strchr(argument, '=');
	size_t octets = value ? (size_t)(value - argument) : 0;

	for(size_t i = 0; value && i < sizeof(table) / sizeof(table[0]); i++) {
		if(strlen(table[i].name) != octets
				|| strncmp(table[i].name, argument, octets) != 0)
			continue;
		if(table[i].text)
			*table[i].text = value + 1;
		else if(table[i].number)
			*table[i].number = (int)strtol(value + 1, NULL, 10);
		else
			*table[i].flag = strcmp(value + 1, "1") == 0;
		return true;
	}
	return false;
}

void peer_options_read(int argc, char **argv)
{
	static char id[32], uri[64];

	if(argc < 3)
		peer_die("usage: client|server PORT [key=value]...");
	peer_options.server = strcmp(argv[1], "server") == 0;
	peer_options.port = (int)strtol(argv[2], NULL, 10);
	snprintf(id, sizeof(id), "peer%d", (int)getpid());
	peer_options.id = id;
	snprintf(uri, sizeof(uri), "sip:127.0.0.1:%d", peer_options.port);
	peer_options.uri = uri;
	for(int i = 3; i < argc; i++)
		if(!read_one(argv[i]))
			peer_die(argv[i]);
}
