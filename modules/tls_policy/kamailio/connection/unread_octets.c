/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unread_octets - see unread_octets.h.
 */
#include "unread_octets.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <string.h>
#include <sys/socket.h>

static int netlink = -1; /* of this process */

static bool open_netlink(void)
{
	if(netlink < 0)
		netlink = socket(
				AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	return netlink >= 0;
}

/* Exactly this socket; our end is the source. */
static bool ask(const struct tcp_connection *c)
{
	struct
	{
		struct nlmsghdr header;
		struct inet_diag_req_v2 request;
	} message = {.header = {.nlmsg_len = sizeof(message),
						 .nlmsg_type = SOCK_DIAG_BY_FAMILY,
						 .nlmsg_flags = NLM_F_REQUEST},
			.request = {.sdiag_family = (unsigned char)c->rcv.dst_ip.af,
					.sdiag_protocol = IPPROTO_TCP,
					.idiag_states = ~0U,
					.id = {.idiag_sport = htons(c->rcv.dst_port),
							.idiag_dport = htons(c->rcv.src_port),
							.idiag_cookie = {
									INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE}}}};

	memcpy(message.request.id.idiag_src, c->rcv.dst_ip.u.addr,
			c->rcv.dst_ip.len);
	memcpy(message.request.id.idiag_dst, c->rcv.src_ip.u.addr,
			c->rcv.src_ip.len);
	return send(netlink, &message, sizeof(message), 0)
		   == (ssize_t)sizeof(message);
}

bool tlsp_unread_octets_exist(const struct tcp_connection *c)
{
	_Alignas(struct nlmsghdr) char answer[1024];
	const struct nlmsghdr *header = (const void *)answer;
	const struct inet_diag_msg *socket;
	ssize_t octets;

	if(!open_netlink() || !ask(c))
		return false;
	octets = recv(netlink, answer, sizeof(answer), MSG_DONTWAIT);
	if(octets < (ssize_t)NLMSG_LENGTH(sizeof(*socket))
			|| header->nlmsg_type != SOCK_DIAG_BY_FAMILY)
		return false;
	socket = NLMSG_DATA(header);
	return socket->idiag_rqueue > 0;
}
