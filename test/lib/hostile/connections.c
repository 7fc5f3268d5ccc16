/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * connections - see hostile.h. As client a peer comes from an address of its own
 * below 127.2.0.0/16; as server it is called at one.
 */
#define _GNU_SOURCE
#include "hostile.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum
{
	EVENTS = 256,
	LOOK_MS = 20,
	EACH = 250 /* addresses below one octet */
};

static int epoll, listener = -1, udp = -1;
static struct peer *peers;
static unsigned busy;

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct sockaddr_in at(uint32_t address, int port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
			.sin_port = htons((unsigned short)port),
			.sin_addr.s_addr = htonl(address)};
}

static uint32_t address_of(unsigned number)
{
	return 0x7f020000 | number / EACH % EACH << 8 | (number % EACH + 1);
}

static void watch(struct peer *peer)
{
	struct epoll_event event = {
			.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
			.data.ptr = peer};
	int one = 1;

	setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if(epoll_ctl(epoll, EPOLL_CTL_ADD, peer->fd, &event) != 0)
		die("epoll_ctl");
}

static void finish(struct peer *peer)
{
	outcomes.established += peer->established;
	outcomes.answered += peer->answered;
	SSL_free(peer->ssl);
	if(peer->fd >= 0)
		close(peer->fd);
	*peer = (struct peer){.fd = -1};
	busy--;
}

static void go(struct peer *peer, int64_t now)
{
	if(!peer_go(peer, now))
		finish(peer);
}

static void call_kamailio(const struct peer *peer)
{
	struct sockaddr_in to = at(INADDR_LOOPBACK, settings.port);
	uint32_t address = address_of(peer->number);
	char text[1024];
	int octets = snprintf(text, sizeof(text),
			"OPTIONS sip:peer@127.2.%u.%u:%d;transport=tls SIP/2.0\r\n"
			"Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKs%s%u\r\n"
			"From: <sip:a@example.com>;tag=1\r\nTo: <sip:b@example.com>\r\n"
			"Call-ID: to-%s-%u\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 5\r\n"
			"Content-Length: 0\r\n\r\n",
			address >> 8 & 255, address & 255, settings.own_port, kind,
			peer->number, kind, peer->number);

	sendto(udp, text, (size_t)octets, 0, (struct sockaddr *)&to, sizeof(to));
}

static void call_server(struct peer *peer)
{
	struct sockaddr_in from = at(address_of(peer->number), 0);
	struct sockaddr_in to = at(INADDR_LOOPBACK, settings.port);

	peer->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if(peer->fd < 0
			|| bind(peer->fd, (struct sockaddr *)&from, sizeof(from)) != 0)
		die("a socket");
	if(connect(peer->fd, (struct sockaddr *)&to, sizeof(to)) != 0
			&& errno != EINPROGRESS)
		die("connect");
	watch(peer);
}

static void begin(struct peer *peer, unsigned number, int64_t now)
{
	*peer = (struct peer){.fd = -1,
			.number = number,
			.busy = true,
			.until_ms = now + (int64_t)settings.patience_s * 1000};
	plan_of(&peer->plan, number);
	peer_new_ssl(peer);
	busy++;
	if(settings.own_port)
		call_kamailio(peer);
	else
		call_server(peer);
}

/* Who is called is known by the address. */
static void accept_all(int64_t now)
{
	struct sockaddr_in local;
	socklen_t octets = sizeof(local);
	int fd;

	while((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
		struct peer *called = NULL;

		getsockname(fd, (struct sockaddr *)&local, &octets);
		for(unsigned i = 0; i < settings.at_once && !called; i++)
			if(peers[i].busy && peers[i].fd < 0
					&& address_of(peers[i].number)
							   == ntohl(local.sin_addr.s_addr))
				called = &peers[i];
		if(!called) {
			close(fd);
			continue;
		}
		called->fd = fd;
		watch(called);
		go(called, now);
	}
}

static void look_at_events(void)
{
	struct epoll_event events[EVENTS];
	int count = epoll_wait(epoll, events, EVENTS, LOOK_MS);
	int64_t now = now_ms();

	for(int i = 0; i < count; i++) {
		struct peer *peer = events[i].data.ptr;

		if(!peer)
			accept_all(now);
		else if(peer->fd >= 0)
			go(peer, now);
	}
}

static bool has_more(const struct peer *peer)
{
	return peer->drips
		   || (peer->established && peer->deed_done && peer->plan.argument > 0);
}

static void look_at_times(int64_t now)
{
	for(unsigned i = 0; i < settings.at_once; i++) {
		struct peer *peer = &peers[i];

		if(!peer->busy)
			continue;
		if(now > peer->until_ms) {
			outcomes.late++;
			finish(peer);
		} else if(peer->fd >= 0 && has_more(peer)) {
			go(peer, now);
		}
	}
}

static void listen_as_server(void)
{
	struct sockaddr_in all = at(INADDR_ANY, settings.own_port);
	struct epoll_event event = {.events = EPOLLIN};
	int one = 1;

	listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	udp = socket(AF_INET, SOCK_DGRAM, 0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if(bind(listener, (struct sockaddr *)&all, sizeof(all)) != 0
			|| listen(listener, 1024) != 0
			|| epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) != 0)
		die("listen");
}

void connections_run(void)
{
	unsigned begun = 0;

	if(settings.at_once > settings.count || settings.at_once == 0)
		settings.at_once = settings.count;
	peers = calloc(settings.at_once, sizeof(*peers));
	epoll = epoll_create1(0);
	if(!peers || epoll < 0)
		die("memory");
	if(settings.own_port)
		listen_as_server();
	while(begun < settings.count || busy > 0) {
		for(unsigned i = 0; i < settings.at_once && begun < settings.count; i++)
			if(!peers[i].busy)
				begin(&peers[i], begun++, now_ms());
		look_at_events();
		look_at_times(now_ms());
	}
}
