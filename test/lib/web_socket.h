/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * web_socket - the client's side of RFC 6455 and RFC 7118, as far as sip_end
 * needs it: the opening handshake, one frame for each message, pings answered
 * by nobody.
 */
#ifndef TLSP_TEST_WEB_SOCKET_H
#define TLSP_TEST_WEB_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum
{
	WS_HEAD_MOST = 8, /* of what we send: length of two octets, and a mask */
	WS_FINAL_TEXT = 0x81,
	WS_MASKED = 0x80,
	WS_TWO_OCTETS = 126
};

static const char ws_opening[] =
		"GET / HTTP/1.1\r\n"
		"Host: 127.0.0.1\r\n"
		"Upgrade: websocket\r\n"
		"Connection: Upgrade\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		"Sec-WebSocket-Protocol: sip\r\n"
		"Sec-WebSocket-Version: 13\r\n"
		"Content-Length: 0\r\n\r\n";

/* A masked frame of |octets| (below 65536) into |out|; the mask is 0, so that
 * the text stays as it is. Returns how long it is. */
static inline size_t ws_frame(char *out, const char *text, size_t octets)
{
	size_t used = 0;

	out[used++] = (char)WS_FINAL_TEXT;
	if(octets < WS_TWO_OCTETS) {
		out[used++] = (char)(WS_MASKED | octets);
	} else {
		out[used++] = (char)(WS_MASKED | WS_TWO_OCTETS);
		out[used++] = (char)(octets >> 8);
		out[used++] = (char)octets;
	}
	memset(out + used, 0, 4);
	used += 4;
	memcpy(out + used, text, octets);
	return used + octets;
}

/* The first frame of the |octets| at |in|: where its text is. Returns how long
 * the whole frame is; 0 if it is not there yet. */
static inline size_t ws_read(
		const char *in, size_t octets, const char **text, size_t *text_octets)
{
	const unsigned char *head = (const unsigned char *)in;
	size_t head_octets = 2;

	if(octets < head_octets)
		return 0;
	*text_octets = head[1] & 0x7fU;
	if(*text_octets == WS_TWO_OCTETS) {
		head_octets = 4;
		if(octets < head_octets)
			return 0;
		*text_octets = (size_t)head[2] << 8 | head[3];
	}
	if(octets < head_octets + *text_octets)
		return 0;
	*text = in + head_octets;
	return head_octets + *text_octets;
}

#endif
