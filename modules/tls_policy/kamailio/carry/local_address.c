/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * local_address - see local_address.h.
 */
#include "local_address.h"

#include <sys/socket.h>
#include <unistd.h>

/* connect(2) of a datagram socket sends nothing: it looks the route up, as that
 * of a stream does. */
static bool by_route(struct ip_addr *out, const union sockaddr_union *to)
{
	int probe = socket(to->s.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	union sockaddr_union local;
	socklen_t octets = sizeof(local);
	bool known;

	if(probe < 0)
		return false;
	known = connect(probe, &to->s, sockaddru_len(*to)) == 0
			&& getsockname(probe, &local.s, &octets) == 0;
	close(probe);
	if(known)
		su2ip_addr(out, &local);
	return known;
}

bool tlsp_local_address_for(struct ip_addr *out, const struct dest_info *to)
{
	if((to->send_flags.f & SND_F_FORCE_SOCKET) && to->send_sock) {
		*out = to->send_sock->address;
		return true;
	}
	return by_route(out, &to->to);
}
