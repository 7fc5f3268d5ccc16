/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * connections - fuzz target: what is done to the table of connections and to
 * their hold queues, against arrays. The first octet of a step says what, the
 * next one with which connection. Held: every connection is found by its id and
 * its peer's address, newest first, and no other; what is due is there; what a
 * queue holds comes out as it went in; the count of a recheck comes to an end;
 * who sleeps until something is due is woken when that comes to be earlier; who
 * walks through all comes to each once.
 */
#include "fuzz.h"
#include "host.h"
#include "input.h"

#include "kamailio/connection/clock.h"
#include "kamailio/connection/connections.h"
#include "kamailio/connection/peer_outcomes.h"
#include "kamailio/connection/table.h"

enum
{
	IDS = 24,
	ADDRESSES = 3,
	PORTS = 2,
	WRITES = 8,
	STEPS = 17,
	TAKES_DUE = 13,
	LATER_MS = 1000
};

/* What the model has of each id; |entry| NULL: it is not there. */
static struct
{
	struct tlsp_connection *entry;
	unsigned order; /* of coming */
	unsigned address, port;
	unsigned char first, writes; /* in its queue: first, first + 1, ... */
} model[IDS];
static unsigned came;
static uint64_t now_ms;

static struct ip_addr address_of(unsigned number)
{
	struct ip_addr address = {.af = AF_INET, .len = 4};

	address.u.addr[0] = 192;
	address.u.addr[3] = (unsigned char)number;
	return address;
}

static void add(int id, unsigned more)
{
	struct ip_addr peer = address_of(more % ADDRESSES);
	struct tlsp_connection_facts facts = {.id = id,
			.peer = &peer,
			.peer_port = (unsigned short)(more / 4 % PORTS),
			.accepted_socket = more & 0x80,
			.timeout_ms = more * 10};

	if(model[id].entry)
		return;
	memset(&model[id], 0, sizeof(model[id]));
	model[id].entry = tlsp_connections_add(&facts);
	fuzz_hold(model[id].entry != NULL);
	model[id].order = ++came;
	model[id].address = more % ADDRESSES;
	model[id].port = more / 4 % PORTS;
}

static void take_away(int id, unsigned more)
{
	if(model[id].entry)
		tlsp_connections_remove(model[id].entry,
				(enum tlsp_peer_outcome)(more % TLSP_PEER_OUTCOMES));
	model[id].entry = NULL;
}

static void hold_write(int id)
{
	snd_flags_t flags = {0};
	char octet = (char)(model[id].first + model[id].writes);

	if(!model[id].entry || model[id].writes == WRITES)
		return;
	fuzz_hold(tlsp_hold_queue_add(&model[id].entry->held, &octet, 1, flags));
	model[id].writes++;
}

static void take_write(int id)
{
	struct tlsp_hold_queue *queue;

	if(!model[id].entry || model[id].writes == 0)
		return;
	queue = &model[id].entry->held;
	fuzz_hold(queue->first->data[0] == (char)model[id].first);
	tlsp_hold_queue_drop_first(queue);
	model[id].first++;
	model[id].writes--;
}

static uint64_t interval_of(const char *rule)
{
	(void)rule;
	return came * 1000;
}

static void take_due(unsigned most)
{
	int ids[IDS];
	size_t count;

	now_ms += LATER_MS;
	count = tlsp_connections_take_due(now_ms, ids, most % IDS);
	fuzz_hold(count <= most % IDS);
	for(size_t i = 0; i < count; i++) {
		fuzz_hold(ids[i] < IDS && model[ids[i]].entry);
		tlsp_connections_rechecked(ids[i], (enum tlsp_rechecked)(ids[i] % 4));
	}
}

static void step(unsigned what, int id, unsigned more)
{
	struct tlsp_connection view;
	bool found;

	switch(what % STEPS) {
		case 0:
		case 1:
		case 2:
			add(id, more);
			break;
		case 3:
			take_away(id, more);
			break;
		case 4:
		case 5:
			hold_write(id);
			break;
		case 6:
			take_write(id);
			break;
		case 7:
			tlsp_connections_enter(id,
					(enum tlsp_phase)(more % TLSP_PHASE_CLOSING + 1), now_ms,
					now_ms + more);
			break;
		case 8:
			tlsp_connections_over(id, now_ms);
			break;
		case 9:
			tlsp_connections_completed(id, TLSP_PLAN_KEY_UPDATE, now_ms);
			break;
		case 10:
			tlsp_connections_request(id, &found);
			fuzz_hold(found == (model[id].entry != NULL));
			break;
		case 11:
			tlsp_connections_recheck(more & 1);
			break;
		case 12:
			tlsp_connections_change(now_ms);
			tlsp_connections_follow(more, interval_of);
			break;
		case TAKES_DUE:
			take_due(more);
			break;
		case 14:
			if(model[id].entry)
				tlsp_connections_began(model[id].entry, more);
			break;
		case 15:
			if(tlsp_connections_view(id, &view))
				tlsp_connections_wait(&view, now_ms, now_ms + more);
			break;
		default:
			tlsp_connections_ask(id, now_ms, now_ms + more);
	}
}

/* The model's, newest first, of those at |address| and |port| or of all. */
static size_t expected(int *ids, bool all, unsigned address, unsigned port)
{
	size_t count = 0;

	for(unsigned order = came; order > 0; order--)
		for(int id = 0; id < IDS; id++)
			if(model[id].entry && model[id].order == order
					&& (all
							|| (model[id].address == address
									&& model[id].port == port)))
				ids[count++] = id;
	return count;
}

static void hold_found(void)
{
	int ids[IDS], wanted[IDS];
	size_t count = expected(wanted, true, 0, 0);

	fuzz_hold(tlsp_connections_ids(ids, IDS) == count);
	fuzz_hold(memcmp(ids, wanted, count * sizeof(*ids)) == 0);
	for(unsigned i = 0; i < ADDRESSES * PORTS; i++) {
		struct ip_addr address = address_of(i % ADDRESSES);
		unsigned port = i / ADDRESSES;

		count = expected(wanted, false, i % ADDRESSES, port);
		fuzz_hold(tlsp_connections_at(&address, (unsigned short)port, ids, IDS)
				  == count);
		fuzz_hold(memcmp(ids, wanted, count * sizeof(*ids)) == 0);
	}
}

static void hold_each(void)
{
	for(int id = 0; id < IDS; id++) {
		struct tlsp_connection view;
		bool found = tlsp_connections_view(id, &view);

		fuzz_hold(found == (model[id].entry != NULL));
		if(!found)
			continue;
		fuzz_hold(view.id == id && view.peer_port == model[id].port);
		fuzz_hold(model[id].entry->held.messages == model[id].writes);
		fuzz_hold(model[id].entry->held.octets == model[id].writes);
	}
}

/* Whoever is asked after often enough has nothing left to be judged. */
static void hold_recheck_ends(void)
{
	for(int i = 0; i < 4; i++)
		take_due(IDS - 1);
	now_ms += (uint64_t)LATER_MS << 30;
	for(int i = 0; i < 4; i++)
		take_due(IDS - 1);
	fuzz_hold(tlsp_connections_recheck_state().left == 0);
}

/* With the timer asleep. */
static void step_and_wake(unsigned what, int id, unsigned more)
{
	uint64_t until_ms = tlsp_connections_fall_asleep(now_ms + LATER_MS);
	unsigned rings = host_rings;

	step(what, id, more);
	if(tlsp_connections_fall_asleep(until_ms) < until_ms)
		fuzz_hold(host_rings == rings + 1 || what % STEPS == TAKES_DUE);
}

/* Who walks comes to all that are still there, and to none twice, while others
 * end and come. */
static void hold_walk(struct input input)
{
	static struct tlsp_table table;
	static struct tlsp_connection entries[IDS];
	struct tlsp_walk *walk, *other;
	int left = IDS / 2;

	memset(&table, 0, sizeof(table));
	memset(entries, 0, sizeof(entries));
	for(int id = 0; id < IDS / 2; id++) {
		entries[id].id = id;
		tlsp_table_add(&table, &entries[id]);
	}
	walk = tlsp_table_walk(&table);
	other = tlsp_table_walk(&table);
	fuzz_hold(walk && other && walk != other);
	for(bool changed[IDS] = {0}; left > 0 && input.octets > 0;) {
		unsigned octet = next_octet(&input);
		int id = (int)(octet / 2 % IDS);
		const struct tlsp_connection *next;

		if(octet % 2 == 0) {
			next = tlsp_table_step(walk);
			while(left > 0 && changed[left - 1])
				left--; /* it has ended */
			fuzz_hold(next == (left > 0 ? &entries[--left] : NULL));
		} else if(id < IDS / 2 && !changed[id]) {
			tlsp_table_remove(&table, &entries[id]);
			memset(&entries[id], 0xa5, sizeof(entries[id]));
			changed[id] = true;
		} else if(id >= IDS / 2 && !changed[id]) {
			entries[id].id = id;
			tlsp_table_add(&table, &entries[id]);
			changed[id] = true;
		}
	}
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t octets)
{
	struct input input = {data, octets < 600 ? octets : 600};

	came = 0;
	now_ms = tlsp_clock_ms();
	hold_walk(input);
	memset(model, 0, sizeof(model));
	fuzz_hold(tlsp_peer_outcomes_init() == 0 && tlsp_connections_init() == 0);
	while(input.octets > 0) {
		unsigned what = next_octet(&input);
		int id = (int)(next_octet(&input) % IDS);

		step_and_wake(what, id, next_octet(&input));
		hold_each();
	}
	hold_found();
	hold_recheck_ends();
	for(int id = 0; id < IDS && data && octets % 2; id++)
		take_away(id, 0);
	tlsp_connections_destroy();
	tlsp_peer_outcomes_destroy();
	return 0;
}
