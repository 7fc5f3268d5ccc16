/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lookup - see lookup.h.
 */
#include "lookup.h"

#include <stdatomic.h>
#include <string.h>

#include "core/dprint.h"
#include "core/events.h"
#include "core/globals.h"
#include "core/ip_addr.h"
#include "core/mem/shm_mem.h"
#include "core/sr_module.h"

#include "errand.h"
#include "openssl/gate.h"
#include "policy/fnv.h"
#include "policy/sip_text.h"
#include "kamailio/connection/clock.h"
#include "kamailio/connection/connections.h"
#include "kamailio/connection/core_tcp.h"
#include "kamailio/policy/live_policy.h"
#include "kamailio/report/peer_text.h"
#include "kamailio/report/statistics.h"

enum
{
	AT_ADDRESS_MAX = 256, /* connections with one peer that are looked at */
	RENEWED_MAX = 4,	  /* that are judged anew for one message */
	TOLD_AGAIN_MS = 60 * 1000
};

static tlsp_lookup_renew renew;

static int none; /* tlsp_core_tcp_make_none; 0 before */

enum
{
	NOBODY = -1 /* no connection's id: for WebSocket, where none is opened */
};

/* Of this process: what was chosen for the message that it is sending; the
 * destination is borrowed until tcp_send has found the connection. */
static struct
{
	struct dest_info *to; /* NULL: nothing */
	const char *text;
	int id; /* or none, if one is to be opened; then, of the text: */
	uint32_t fingerprint;
	unsigned short port;
	bool again; /* the second line has its say, too */
} chosen;

/* What the log was told; in shared memory. */
static struct
{
	_Atomic uint64_t kept_back_ms; /* when, of a request that was kept back */
	_Atomic size_t judging;		   /* how many rules did, at the last change */
} * told;

void tlsp_lookup_kept_back(const struct ip_addr *peer, unsigned short port,
		const char *rule, bool peer_opened)
{
	char text[TLSP_PEER_TEXT_OCTETS];
	uint64_t now_ms = tlsp_clock_ms(),
			 last_ms = atomic_load(&told->kept_back_ms);

	tlsp_statistics_count(TLSP_STATISTIC_REQUESTS_KEPT_BACK);
	if((last_ms && now_ms < last_ms + TOLD_AGAIN_MS)
			|| !atomic_compare_exchange_strong(
					&told->kept_back_ms, &last_ms, now_ms))
		return;
	LM_WARN("a request to %s does not go over the connection that %s opened, "
			"because it would not be accepted as a server there%s, in rule %s "
			"(told once a minute at most, counted as requests_kept_back)\n",
			tlsp_peer_text(peer, port, text), peer_opened ? "this peer" : "we",
			peer_opened ? ": reuse_accepted_connections=always would permit it"
						: " now",
			rule ? rule : "default");
}

static void choose_none(struct dest_info *to)
{
	to->id = to->proto == PROTO_TLS ? none : NOBODY;
}

static void note_kept_back(
		const struct dest_info *to, const struct tlsp_errand *errand)
{
	struct ip_addr address;

	su2ip_addr(&address, (union sockaddr_union *)&to->to);
	tlsp_lookup_kept_back(&address, su_getport(&to->to), errand->rule, true);
}

/* First among those that the core finds by the address, which are all but ever
 * those that there are. */
static int find(const struct dest_info *to, struct tlsp_errand *errand)
{
	int ids[AT_ADDRESS_MAX];
	struct ip_addr address;
	size_t count;
	int id = tlsp_core_tcp_choose(to, NULL, 0, tlsp_errand_may, errand);

	if(id)
		return id;
	su2ip_addr(&address, (union sockaddr_union *)&to->to);
	count = tlsp_connections_at(
			&address, su_getport(&to->to), ids, AT_ADDRESS_MAX);
	return count ? tlsp_core_tcp_choose(to, ids, count, tlsp_errand_may, errand)
				 : 0;
}

/* Never by address: between here and tcp_send another connection may come. */
static void choose(
		struct dest_info *to, struct tlsp_errand *errand, bool response)
{
	bool free = tlsp_errand_is_free(errand);
	int given = to->id;

	if(given && tlsp_core_tcp_ask(given, tlsp_errand_may_by_id, errand))
		return;
	to->id = !errand->stale && su_getport(&to->to) ? find(to, errand) : 0;
	if(!to->id && errand->stale) {
		to->id = given; /* see find_for_tls */
		return;
	}
	if(to->id || (free && !errand->replaced))
		return;
	choose_none(to);
	if(errand->kept_back && !free && !response)
		note_kept_back(to, errand);
}

/* A new connection takes the addresses of the core's over from an older one
 * with the same peer, even if it fails: from then on the core may miss one. */
static bool core_may_miss_one(void)
{
	return tlsp_connections_any_replaced()
		   || atomic_load(&told->kept_back_ms) != 0;
}

/* tcp_send takes none that is to be closed after what it sends. */
static bool is_open(const struct tcp_connection *c, void *unused)
{
	(void)unused;
	return !tcpconn_close_after_send(c);
}

static uint32_t fingerprint(const char *text, size_t octets)
{
	return tlsp_fnv_octets(TLSP_FNV_BEGIN, text, octets);
}

/* By id and by nothing else: tcp_send, to whom a destination without a port has
 * no address, looks for no other connection if this one has ended by then. */
static void note_chosen(struct dest_info *to, const str *text, bool again)
{
	unsigned short port = su_getport(&to->to);

	if(to->proto != PROTO_TLS || port == 0)
		return;
	chosen.to = to;
	chosen.text = text->s;
	chosen.id = to->id;
	chosen.port = port;
	chosen.again = again;
	if(to->id == none)
		chosen.fingerprint = fingerprint(text->s, (size_t)text->len);
	else
		su_setport(&to->to, 0);
}

/* Nobody has found what was chosen for the last message: if this one is of the
 * same transaction, it needs its port. */
static void forget_chosen(struct dest_info *to)
{
	if(chosen.to == to && chosen.id == to->id && su_getport(&to->to) == 0)
		su_setport(&to->to, chosen.port);
	chosen.to = NULL;
}

/* tcp_send has opened |c|. What follows the message, an ACK or CANCEL of tm's
 * for which nobody asks for a name, has this destination too, and goes there.
 * Should tcp_send have failed, |chosen| is of an earlier message, and its
 * destination gone: so this has to be the same one. */
static void note_opened(
		const struct tcp_connection *c, const char *text, size_t octets)
{
	if(!c->extra_data && !(c->flags & F_CONN_PASSIVE)
			&& fingerprint(text, octets) == chosen.fingerprint)
		chosen.to->id = c->id;
}

bool tlsp_lookup_found(const struct tcp_connection *c, const char *text,
		size_t octets, bool *decided)
{
	bool found = true;

	*decided = false;
	if(!chosen.to || chosen.text != text)
		return true;
	if(chosen.id == none) {
		note_opened(c, text, octets);
	} else {
		found = c->id == chosen.id;
		if(found)
			su_setport(&chosen.to->to, chosen.port);
		*decided = found && !chosen.again;
	}
	chosen.to = NULL;
	return found;
}

/* In the middle of a handshake of this process there are no terms for another
 * connection, and a lock is held that tcp_send may want. */
static void refuse(struct dest_info *to)
{
	LM_ERR("a message over TLS to %s is not sent: it comes from the middle of "
		   "a TLS handshake (event_route[tls:connection-out]); send it from "
		   "another route\n",
			su2a((union sockaddr_union *)&to->to, sizeof(to->to)));
	choose_none(to);
	to->send_flags.f |= SND_F_FORCE_CON_REUSE; /* so that none is opened */
}

static void find_for_errand(
		struct dest_info *to, const str *text, struct tlsp_errand *errand)
{
	errand->follows =
			!errand->named && tlsp_sip_text_follows(text->s, (size_t)text->len);
	if(tlsp_errand_is_free(errand) && !core_may_miss_one())
		return;
	choose(to, errand, tlsp_sip_text_is_answer(text->s, (size_t)text->len));
	if(to->id && !errand->stale && !tlsp_errand_is_free(errand))
		note_chosen(to, text, errand->follows || errand->unproven);
}

/* The id of a connection that would do if it was judged anew, if |may_wait|;
 * else 0, and it is decided. */
static int look_for(struct dest_info *to, const str *text, bool may_wait)
{
	struct tlsp_errand errand;

	if(tlsp_errand_begin(&errand, to)) {
		errand.settled = !may_wait;
		find_for_errand(to, text, &errand);
	} else
		choose_none(to);
	tlsp_errand_end(&errand);
	return errand.stale;
}

/* A reply, and the connection that its request came on is there: nothing is asked
 * of anybody. */
static bool goes_back(struct dest_info *to, const str *text)
{
	if(!to->id || !tlsp_sip_text_is_answer(text->s, (size_t)text->len)
			|| !tlsp_core_tcp_ask(to->id, is_open, NULL))
		return false;
	if(tlsp_live_policy_asks_servers())
		note_chosen(to, text, false);
	return true;
}

static void find_for_tls(struct dest_info *to, const str *text)
{
	int renewed = 0, stale;

	if(!tlsp_live_policy_asks_servers() && !core_may_miss_one())
		return; /* the core's own way */
	if(goes_back(to, text))
		return;
	while((stale = look_for(to, text, renewed < RENEWED_MAX))) {
		renew(stale);
		renewed++;
	}
}

/* What is meant for TCP goes over no TLS connection at the same address, where
 * it would be encrypted, or kept back by the second line. */
static void find_for_tcp(struct dest_info *to)
{
	struct tlsp_errand errand = tlsp_errand_of(PROTO_TCP);
	int id;

	if(to->id && tlsp_core_tcp_ask(to->id, tlsp_errand_may, &errand))
		return;
	id = su_getport(&to->to)
				 ? tlsp_core_tcp_choose(to, NULL, 0, tlsp_errand_may, &errand)
				 : 0;
	if(errand.other)
		to->id = id ? id : none;
}

static int on_data_out(sr_event_param_t *event)
{
	struct dest_info *to = event->dst;
	const str *text = event->data;

	if(!to || !text)
		return 0;
	if(to->proto == PROTO_UDP)
		return 0;
	forget_chosen(to);
	if(to->id == none || to->id == NOBODY)
		to->id = 0; /* of an earlier message of the transaction */
	if(to->proto == PROTO_TCP && tlsp_core_tcp_mixes_protocols())
		find_for_tcp(to);
	if(to->proto != PROTO_TLS && to->proto != PROTO_WSS
			&& to->proto != PROTO_WS)
		return 0;
	if(tlsp_gate_is_open())
		refuse(to);
	else if(!tlsp_sip_text_is_ping(text->s, (size_t)text->len))
		find_for_tls(to, text);
	return 0;
}

int tlsp_lookup_register(tlsp_lookup_renew how)
{
	renew = how;
	told = shm_malloc(sizeof(*told));
	if(!told) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(told, 0, sizeof(*told));
	if(sr_event_register_cb(SREV_NET_DATA_OUT, on_data_out) == 0)
		return 0;
	LM_ERR("no callback for what is sent can be registered: too many modules "
		   "have one\n");
	return -1;
}

static void warn(void)
{
	const char *registers = find_module_by_name("registrar") ? "registrar"
							: find_module_by_name("usrloc")	 ? "usrloc"
															 : NULL;

	if(registers)
		LM_WARN("reuse_accepted_connections=judged while %s is loaded: phones "
				"that register over TLS without a certificate that would be "
				"accepted from a server get no calls; set it to always in a "
				"rule for their addresses (doc/reuse.md), if there are any "
				"without one\n",
				registers);
	if(tlsp_core_tcp_mixes_protocols() && tcp_listen)
		LM_WARN("this Kamailio may send over TCP what is meant for TLS, if "
				"modules send without asking (doc/reuse.md): listen on TCP "
				"only where no peer can take the address of a TLS server\n");
}

int tlsp_lookup_start(void)
{
	none = tlsp_core_tcp_make_none();
	if(!none) {
		LM_ERR("no shared memory for a connection\n");
		return -1;
	}
	return 0;
}

void tlsp_lookup_follow(void)
{
	size_t judging = tlsp_errand_count_judged();

	if(judging > atomic_exchange(&told->judging, judging))
		warn();
}
