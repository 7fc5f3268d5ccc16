/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sip - the messages of a peer and their exact count: a request of ours must
 * be answered once (peer_figures: answered, failed, doubled), a request of the
 * other end must arrive once over all connections (received, repeated) and is
 * then answered once. Call-IDs are "ID-NUMBER", the number is also the CSeq.
 */
#define _GNU_SOURCE
#include "peer.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static struct
{
	unsigned char answers;
	double sent_at;
} * requests;
static size_t requests_size;
static uint64_t *seen; /* digests of the requests received, open addressing */
static size_t seen_size;
static long last_number;

/* FNV-1a. */
static uint64_t digest(const char *text, size_t octets)
{
	uint64_t sum = 0xcbf29ce484222325u;

	for(size_t i = 0; i < octets; i++)
		sum = (sum ^ (unsigned char)text[i]) * 0x100000001b3u;
	return sum ? sum : 1;
}

static bool insert(uint64_t *into, size_t size, uint64_t sum)
{
	size_t at = sum & (size - 1);

	while(into[at] != 0 && into[at] != sum)
		at = (at + 1) & (size - 1);
	if(into[at] == sum)
		return false;
	into[at] = sum;
	return true;
}

/* False if |sum| was there already. */
static bool remember(uint64_t sum)
{
	if((size_t)peer_figures.received * 2 >= seen_size) {
		size_t size = seen_size ? seen_size * 2 : 4096;
		uint64_t *larger = calloc(size, sizeof(*larger));

		if(!larger)
			peer_die("no memory");
		for(size_t i = 0; i < seen_size; i++)
			if(seen[i])
				insert(larger, size, seen[i]);
		free(seen);
		seen = larger;
		seen_size = size;
	}
	return insert(seen, seen_size, sum);
}

/* The value of the first header |name| after |from|; NULL if there is none. */
static const char *header(
		const char *from, const char *end, const char *name, size_t *octets)
{
	size_t length = strlen(name);

	for(const char *line = from; line < end;) {
		const char *stop = memmem(line, (size_t)(end - line), "\r\n", 2);
		const char *value = line + length + 1;

		if(!stop)
			return NULL;
		if(value <= stop && line[length] == ':'
				&& strncasecmp(line, name, length) == 0) {
			while(value < stop && *value == ' ')
				value++;
			*octets = (size_t)(stop - value);
			return value;
		}
		line = stop + 2;
	}
	return NULL;
}

static void count_answer(
		struct peer_connection *connection, const char *text, const char *end)
{
	size_t octets = 0, prefix = strlen(peer_options.id);
	const char *id = header(text, end, "Call-ID", &octets);
	long status = strtol(text + 8, NULL, 10);
	long number;

	if(status < 200)
		return;
	if(!id || octets <= prefix + 1 || id[prefix] != '-'
			|| strncmp(id, peer_options.id, prefix) != 0) {
		peer_figures.strange++;
		return;
	}
	number = strtol(id + prefix + 1, NULL, 10);
	if(number < 1 || number > peer_figures.sent) {
		peer_figures.strange++;
		return;
	}
	if(requests[number].answers++ > 0) {
		peer_figures.doubled++;
		return;
	}
	peer_figures.answered++;
	connection->answered++;
	if(status != 200)
		peer_figures.failed++;
	double ms = (peer_now() - requests[number].sent_at) * 1000;
	if(ms > peer_figures.slowest_ms)
		peer_figures.slowest_ms = ms;
}

static bool every(int period, int number)
{
	return period > 0 && number % period == 0;
}

/* A 200 with the headers that RFC 3261, 8.2.6.2 wants copied. */
static void answer(
		struct peer_connection *connection, const char *text, const char *end)
{
	static const char *const copied[] = {
			"Via", "From", "To", "Call-ID", "CSeq"};
	char response[PEER_REQUEST_OCTETS];
	size_t used = 0, octets;

	used += (size_t)snprintf(response, sizeof(response), "SIP/2.0 200 OK\r\n");
	for(size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++) {
		const char *value = header(text, end, copied[i], &octets);

		for(; value; value = i == 0 ? header(value + octets + 2, end, copied[i],
									 &octets)
									: NULL) {
			if(used + octets + 64 > sizeof(response))
				peer_die("a request with too long headers");
			used += (size_t)snprintf(response + used, sizeof(response) - used,
					"%s: %.*s%s\r\n", copied[i], (int)octets, value,
					i == 2 ? ";tag=peer" : "");
		}
	}
	used += (size_t)snprintf(response + used, sizeof(response) - used,
			"Content-Length: 0\r\n\r\n");
	if(!every(peer_options.lose, peer_figures.received))
		peer_queue(connection, response, used);
	if(every(peer_options.repeat, peer_figures.received))
		peer_queue(connection, response, used);
}

static void count_request(
		struct peer_connection *connection, const char *text, const char *end)
{
	size_t id_octets = 0, cseq_octets = 0;
	const char *id = header(text, end, "Call-ID", &id_octets);
	const char *cseq = header(text, end, "CSeq", &cseq_octets);
	long number;

	if(!id || !cseq) {
		peer_figures.strange++;
		return;
	}
	if(!remember(digest(id, id_octets) ^ digest(cseq, cseq_octets) << 1)) {
		peer_figures.repeated++;
		return;
	}
	peer_figures.received++;
	number = strtol(cseq, NULL, 10);
	if(number < last_number)
		peer_figures.reordered++;
	last_number = number;
	if(strncmp(text, "ACK ", 4) != 0)
		answer(connection, text, end);
}

bool peer_sip_received(struct peer_connection *connection)
{
	char *text = connection->in, *end = text + connection->in_octets;

	for(;;) {
		size_t octets, body = 0;
		const char *value, *stop;

		while(text < end && (*text == '\r' || *text == '\n'))
			text++; /* keep-alives (RFC 5626, 3.5.1) */
		stop = memmem(text, (size_t)(end - text), "\r\n\r\n", 4);
		if(!stop)
			break;
		value = header(text, stop + 2, "Content-Length", &octets);
		if(value)
			body = strtoul(value, NULL, 10);
		if(body > (size_t)(end - stop - 4))
			break;
		connection->received++;
		if(strncmp(text, "SIP/2.0 ", 8) == 0)
			count_answer(connection, text, stop + 2);
		else
			count_request(connection, text, stop + 2);
		text += (size_t)(stop - text) + 4 + body;
	}
	connection->in_octets = (size_t)(end - text);
	memmove(connection->in, text, connection->in_octets);
	return connection->in_octets < PEER_IN_OCTETS;
}

int peer_sip_request(char *text, size_t size, int number, int local_port)
{
	const struct peer_options *o = &peer_options;

	if((size_t)number >= requests_size) {
		requests_size = requests_size ? requests_size * 2 : 1024;
		requests = realloc(requests, requests_size * sizeof(*requests));
		if(!requests)
			peer_die("no memory");
	}
	requests[number].answers = 0;
	requests[number].sent_at = peer_now();
	int octets = snprintf(text, size,
			"OPTIONS %s SIP/2.0\r\n"
			"Via: SIP/2.0/TLS 127.0.0.1:%d;branch=z9hG4bK%s.%d;rport;alias\r\n"
			"From: <sip:%s@example.com>;tag=%d\r\n"
			"To: <sip:peer@example.com>\r\nCall-ID: %s-%d\r\n"
			"CSeq: %d OPTIONS\r\nMax-Forwards: 9\r\nX-Pad: %0*d\r\n"
			"Content-Length: 0\r\n\r\n",
			o->uri, local_port, o->id, number, o->id, number, o->id, number,
			number, o->pad + 1, 0);
	if(octets < 0 || (size_t)octets >= size)
		peer_die("the request is too long");
	return octets;
}
