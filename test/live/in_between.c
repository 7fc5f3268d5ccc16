/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * in_between - for 67-chosen.bats: a module of Kamailio's that acts where no
 * script can; it is loaded before tls_policy. `holds`: while that file exists,
 * whoever sends over TLS waits, after the look-up hook of tls_policy has chosen a
 * connection and before tcp_send looks for it, until that has ended. `sends`:
 * if that file exists, what encrypts a message sends another one first, in the
 * middle of the hook of tls_policy, to the port in the file: by msg_send, or
 * straight by tcp_send if it is negative.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/dprint.h"
#include "core/events.h"
#include "core/forward.h"
#include "core/sr_module.h"
#include "core/tcp_conn.h"
#include "core/tcp_server.h"
#include "core/tls_hooks.h"

MODULE_VERSION

enum
{
	AGAIN_US = 10 * 1000,
	TIMES = 12000
};

static char *holds = "", *sends = "";
static struct tls_hooks before;

static int exists(int id)
{
	struct tcp_connection *c = tcpconn_get(id, NULL, 0, NULL, 0);

	if(c)
		tcpconn_put(c);
	return c != NULL;
}

static int on_data_out(sr_event_param_t *event)
{
	const struct dest_info *to = event->dst;

	if(to->proto != PROTO_TLS || access(holds, F_OK) != 0)
		return 0;
	LM_NOTICE("HELD %d\n", to->id);
	for(int i = 0; i < TIMES && exists(to->id); i++)
		usleep(AGAIN_US);
	LM_NOTICE("WENT ON %d\n", to->id);
	return 0;
}

static void send_one(int port)
{
	static char text[] = "OPTIONS sip:inside@127.0.0.1 SIP/2.0\r\n"
						 "Via: SIP/2.0/TLS 127.0.0.1:9;branch=z9hG4bKin\r\n"
						 "From: <sip:a@example.com>;tag=1\r\n"
						 "To: <sip:a@example.com>\r\nCall-ID: inside\r\n"
						 "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
	struct dest_info to;
	struct ip_addr loopback = {
			.af = AF_INET, .len = 4, .u = {.addr = {127, 0, 0, 1}}};
	int sent;

	init_dest_info(&to);
	init_su(&to.to, &loopback, (unsigned short)abs(port));
	to.proto = PROTO_TLS;
	sent = port > 0 ? msg_send(&to, text, sizeof(text) - 1)
					: tcp_send(&to, NULL, text, sizeof(text) - 1);
	LM_NOTICE("INSIDE %s\n", sent < 0 ? "refused" : "sent");
}

static int encode(struct tcp_connection *c, const char **buffer,
		unsigned int *octets, const char **rest, unsigned int *rest_octets,
		snd_flags_t *flags)
{
	FILE *file = *sends ? fopen(sends, "r") : NULL;
	int port = 0;

	if(file) {
		if(fscanf(file, "%d", &port) != 1)
			port = 0;
		fclose(file);
		unlink(sends);
		send_one(port);
	}
	return before.encode(c, buffer, octets, rest, rest_octets, flags);
}

static int mod_init(void)
{
	struct tls_hooks mine = before = tls_hook;

	mine.encode = encode;
	if(*holds)
		return sr_event_register_cb(SREV_NET_DATA_OUT, on_data_out);
	return *sends ? register_tls_hooks(&mine) : 0;
}

/* clang-format off */
static param_export_t params[] = {
	{"holds", PARAM_STRING, &holds},
	{"sends", PARAM_STRING, &sends},
	{0, 0, 0}
};
/* clang-format on */

struct module_exports exports = {
		.name = "in_between",
		.dlflags = DEFAULT_DLFLAGS,
		.params = params,
		.init_mod_f = mod_init,
};
