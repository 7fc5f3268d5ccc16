/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer - the connections of a peer and its one loop: opens or accepts, sends at
 * the wanted rate, waits for the last answers.
 */
#include "peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum
{
	MAX_CONNECTIONS = 256,
	HANDSHAKE_SECONDS = 120,
	LIFETIME_SECONDS = 600, /* whatever becomes of whoever started it */
};

/* After the last answer a second one still has so long to show itself. */
static const double settle_seconds = 0.3;

static struct peer_connection *connections[MAX_CONNECTIONS];
static int connection_count, turn;
static int listener = -1;
static volatile sig_atomic_t asked_to_end;
static double sending_since;

static void end(int signal)
{
	(void)signal;
	asked_to_end = 1;
}

static struct sockaddr_in loopback(int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET};

	address.sin_port = htons((unsigned short)port);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return address;
}

static int local_port(int fd)
{
	struct sockaddr_in address = {0};
	socklen_t octets = sizeof(address);

	getsockname(fd, (struct sockaddr *)&address, &octets);
	return ntohs(address.sin_port);
}

static void listen_on(int port)
{
	struct sockaddr_in address = loopback(port);
	int on = 1;

	listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if(bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0
			|| listen(listener, 128) != 0)
		peer_die("cannot listen");
	printf("ready port=%d\n", local_port(listener));
	fflush(stdout);
}

static void add(int fd)
{
	struct peer_connection *connection = calloc(1, sizeof(*connection));
	int on = 1;

	if(!connection || connection_count == MAX_CONNECTIONS) {
		peer_die("too many connections");
		return; /* for cppcheck */
	}
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	setsockopt(fd, IPPROTO_TCP,
			peer_options.segment > 0 ? TCP_CORK : TCP_NODELAY, &on, sizeof(on));
	connection->fd = fd;
	connection->opened_at = peer_now();
	if(!peer_stack.open(connection))
		peer_die("no TLS connection");
	connections[connection_count++] = connection;
}

static void connect_to_server(void)
{
	struct sockaddr_in address = loopback(peer_options.port);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if(peer_options.segment > 0)
		setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &peer_options.segment,
				sizeof(peer_options.segment));
	if(fd >= 0
			&& connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0) {
		add(fd);
		return;
	}
	if(peer_figures.connections == 0)
		peer_die("cannot connect");
	if(fd >= 0)
		close(fd);
}

static void accept_all(void)
{
	static int accepted;
	int fd;

	while(listener >= 0 && (fd = accept(listener, NULL, NULL)) >= 0) {
		add(fd);
		if(++accepted != peer_options.accept)
			continue;
		close(listener);
		listener = -1;
	}
}

static void established(struct peer_connection *connection)
{
	connection->established = true;
	peer_figures.connections++;
	peer_figures.version = peer_stack.version(connection);
	if(!peer_options.server) {
		printf("ready port=%d\n", local_port(connection->fd));
		fflush(stdout);
	}
	if(sending_since <= 0)
		sending_since = peer_now();
}

void peer_queue(
		struct peer_connection *connection, const char *text, size_t octets)
{
	if(connection->out_octets + octets > connection->out_size) {
		connection->out_size = (connection->out_octets + octets) * 2;
		connection->out = realloc(connection->out, connection->out_size);
		if(!connection->out)
			peer_die("no memory");
	}
	memcpy(connection->out + connection->out_octets, text, octets);
	connection->out_octets += octets;
}

void peer_send_request(struct peer_connection *connection)
{
	static char text[PEER_REQUEST_OCTETS];
	int octets = peer_sip_request(text, sizeof(text), peer_figures.sent + 1,
			local_port(connection->fd));

	peer_figures.sent++;
	connection->sent++;
	peer_queue(connection, text, (size_t)octets);
	if(peer_options.repeat > 0 && peer_figures.sent % peer_options.repeat == 0)
		peer_queue(connection, text, (size_t)octets);
}

void peer_flush(struct peer_connection *connection)
{
	while(connection->out_octets > 0 && !connection->ended) {
		int octets = peer_stack.write(
				connection, connection->out, connection->out_octets);

		if(octets <= 0)
			return;
		connection->out_octets -= (size_t)octets;
		memmove(connection->out, connection->out + octets,
				connection->out_octets);
	}
}

static bool muted(struct peer_connection *connection)
{
	if(peer_options.mute_after == 0
			|| connection->received < peer_options.mute_after)
		return false;
	if(!connection->muted) {
		connection->muted = true;
		printf("muted\n");
		fflush(stdout);
	}
	return true;
}

/* Reads what is there; stops at once when the scenario wants a reset. */
static void receive(struct peer_connection *connection)
{
	while(!connection->ended && !connection->abort && !muted(connection)) {
		int octets = peer_stack.read(connection,
				connection->in + connection->in_octets,
				PEER_IN_OCTETS - connection->in_octets);

		if(octets <= 0)
			return;
		connection->in_octets += (size_t)octets;
		if(!peer_sip_received(connection))
			connection->ended = "error";
		if(peer_stack.misbehave)
			peer_stack.misbehave(connection);
	}
}

static void advance(struct peer_connection *connection)
{
	connection->want_write = false;
	if(!connection->established) {
		if(peer_stack.handshake(connection) == 1)
			established(connection);
		else if(peer_now() > connection->opened_at + HANDSHAKE_SECONDS)
			connection->ended = "timeout";
	}
	if(connection->established && !connection->ended) {
		receive(connection);
		peer_flush(connection);
	}
	if(connection->abort)
		connection->ended = "self";
}

static void drop(int index)
{
	struct peer_connection *connection = connections[index];
	bool ours = !connection->ended;

	peer_stack.close(connection, ours);
	close(connection->fd);
	if(!ours) {
		peer_figures.closed_by = connection->ended;
		printf("closed %s\n", connection->ended);
		fflush(stdout);
	} else if(!connection->retired
			  && strcmp(peer_figures.closed_by, "none") == 0)
		peer_figures.closed_by = "self";
	free(connection->out);
	free(connection);
	connection_count--;
	for(int i = index; i < connection_count; i++) /* the newest stays last */
		connections[i] = connections[i + 1];
}

/* Drops what has ended, and what has had its share of requests answered. */
static void sweep(void)
{
	for(int i = connection_count - 1; i >= 0; i--) {
		struct peer_connection *connection = connections[i];

		connection->retired =
				peer_options.each > 0 && connection->sent >= peer_options.each;
		if(connection->ended
				|| (connection->retired
						&& connection->answered >= connection->sent))
			drop(i);
	}
}

static bool sending(void)
{
	const struct peer_options *o = &peer_options;

	if(asked_to_end || o->rate == 0)
		return false;
	if(o->count > 0 && peer_figures.sent >= o->count)
		return false;
	return o->seconds == 0 || sending_since <= 0
		   || peer_now() < sending_since + o->seconds;
}

/* The next connection in turn that takes a request: a server uses its newest. */
static struct peer_connection *sender(void)
{
	for(int i = 0; i < connection_count; i++) {
		int index = peer_options.server
							? connection_count - 1 - i
							: (turn = (turn + 1) % connection_count);
		struct peer_connection *connection = connections[index];

		if(connection->established && !connection->retired
				&& !connection->ended)
			return connection;
	}
	return NULL;
}

/* What is slower than the rate is not buried under more. */
static bool window_full(const struct peer_connection *connection)
{
	return peer_options.window > 0
		   && connection->sent - connection->answered >= peer_options.window;
}

static void send_due(void)
{
	static double credit, last;
	double now = peer_now();

	if(!sending() || sending_since <= 0)
		return;
	credit += (last > 0 ? now - last : 0) * peer_options.rate;
	last = now;
	if(credit < peer_options.burst)
		return;
	while(credit >= 1 && sending()) {
		struct peer_connection *connection = sender();

		if(!connection || window_full(connection)) {
			credit = 0;
			break;
		}
		peer_send_request(connection);
		credit--;
	}
	for(int i = 0; i < connection_count; i++)
		if(connections[i]->established)
			peer_flush(connections[i]);
}

static void wait_for_events(void)
{
	struct pollfd fds[MAX_CONNECTIONS + 1];
	int count = 0;

	for(; count < connection_count; count++) {
		struct peer_connection *connection = connections[count];

		fds[count].fd = connection->fd;
		fds[count].events = muted(connection) ? 0 : POLLIN;
		if(connection->want_write)
			fds[count].events |= POLLOUT;
	}
	if(listener >= 0)
		fds[count++] = (struct pollfd){.fd = listener, .events = POLLIN};
	poll(fds, (nfds_t)count, sending() ? 2 : 50);
	for(int i = 0; i < connection_count; i++)
		if(muted(connections[i]) && fds[i].revents & (POLLHUP | POLLERR))
			connections[i]->ended = "reset";
}

/* Is it time to end, once the last answers are in? */
static bool over(void)
{
	const struct peer_options *o = &peer_options;

	if(asked_to_end || o->stay)
		return asked_to_end;
	if(o->seconds > 0)
		return sending_since > 0 && peer_now() > sending_since + o->seconds;
	return !o->server && o->count > 0 && peer_figures.sent >= o->count;
}

static bool finished(void)
{
	static double over_since, quiet_since;
	static int answered;
	double now = peer_now();

	if(!peer_options.server && connection_count == 0 && !peer_options.again
			&& (peer_options.each == 0 || !sending()))
		return true;
	if(!over())
		return false;
	if(over_since <= 0 || peer_figures.answered > answered)
		quiet_since = now;
	if(over_since <= 0)
		over_since = now;
	answered = peer_figures.answered;
	if(peer_figures.answered >= peer_figures.sent)
		return peer_figures.sent == 0 || now > quiet_since + settle_seconds;
	return now > quiet_since + peer_options.grace;
}

/* A client keeps its number of connections: opens each once, again where the
 * scenario says so. */
static void keep_connected(void)
{
	static int opened;
	static double opened_at;
	const struct peer_options *o = &peer_options;

	while(!o->server && !over() && connection_count < o->parallel) {
		bool first = opened < o->parallel;

		if(!first && !(o->each > 0 && sending())
				&& !(o->again && peer_now() > opened_at + 0.1))
			return;
		opened++;
		opened_at = peer_now();
		connect_to_server();
	}
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTERM, end);
	signal(SIGINT, end);
	signal(SIGALRM, end);
	alarm(LIFETIME_SECONDS);
	peer_options_read(argc, argv);
	peer_stack.prepare(&peer_options);
	if(peer_options.server)
		listen_on(peer_options.port);
	do {
		keep_connected();
		wait_for_events();
		if(listener >= 0)
			accept_all();
		for(int i = 0; i < connection_count; i++)
			advance(connections[i]);
		send_due();
		sweep();
	} while(!finished());
	while(connection_count > 0)
		drop(connection_count - 1);
	peer_print_figures();
	return 0;
}
