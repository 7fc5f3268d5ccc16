/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * last_word_test - first handshakes (tls_link.h) in the middle of which policy,
 * proxies or trust anchors change: what the verify callback accepted is judged
 * once more by those of now; and the session of who is refused then is not kept.
 */
#include <stdlib.h>
#include <string.h>

#include "tls_link.h"

/* When the change comes: before our end has read the peer's certificate, or
 * between that and its Finished. */
enum moment
{
	BEFORE_CERTIFICATE,
	BEFORE_FINISHED
};

enum change
{
	NOTHING,
	STRICTER,
	ANOTHER_LIST,
	RELOADED,
	RELOADED_THE_SAME
};

struct row
{
	const char *label;
	enum change change;
	const char *why; /* it is refused; NULL: accepted */
};

static const struct row rows[] = {
		{"nothing", NOTHING, NULL},
		{"require_strict_cert", STRICTER, "key-usage"},
		{"the proxy left the list", ANOTHER_LIST, "certificate-host-mismatch"},
		{"tls.cfg trusts another CA", RELOADED, "certificate-not-trusted"},
		{"tls.cfg trusts the same CA", RELOADED_THE_SAME, NULL},
};

static SSL_CTX *trusts_others, *trusts_the_same;
static struct tlsp_proxies *another_list;
static bool reloaded;

static bool offer_changed(SSL *ssl)
{
	(void)ssl;
	return reloaded;
}

static void make(enum change change)
{
	if(change == STRICTER)
		policy.require_strict_cert = 1;
	if(change == ANOTHER_LIST)
		terms.proxies = another_list;
	if(change == STRICTER || change == ANOTHER_LIST)
		terms.generation++;
	reloaded = change == RELOADED || change == RELOADED_THE_SAME;
	if(reloaded)
		context_now = change == RELOADED ? trusts_others : trusts_the_same;
}

static int setup(void **state)
{
	reloaded = false;
	setup_strict(state);
	policy.session_tickets = TLSP_TICKETS_CACHE;
	return 0;
}

/* Our end reads the next record of the peer's, if there is one. */
static bool step(struct link *link, BIO *wire)
{
	if(!feed_record(&link->ends, wire))
		return false;
	step_ours(link->ends.ours);
	return true;
}

/* Armed, or until the peer's certificate has been accepted. */
static void go_to(struct link *link, BIO *wire, enum moment moment)
{
	for(int round = 0; round < ROUNDS; round++) {
		SSL_do_handshake(link->ends.peer);
		if(link->role == TLSP_ROLE_CLIENT)
			step_ours(link->ends.ours);
		while(!link->record->judged
				&& (moment == BEFORE_FINISHED
						|| link->record->stage == TLSP_STAGE_NEW)
				&& step(link, wire))
			continue;
		if(moment == BEFORE_CERTIFICATE ? link->record->stage != TLSP_STAGE_NEW
										: link->record->judged)
			break;
	}
	assert_int_equal(link->record->stage, TLSP_STAGE_ARMED);
	assert_int_equal(link->record->judged, moment == BEFORE_FINISHED);
	assert_int_equal(link->record->handshakes, 0);
}

static bool finish(struct link *link, BIO *wire)
{
	for(int round = 0; round < ROUNDS; round++) {
		SSL_do_handshake(link->ends.peer);
		while(step(link, wire))
			continue;
	}
	return link->record->handshakes == 1
		   && tlsp_record_passes(tlsp_record_of(link->ends.ours));
}

static bool row_holds(const struct row *row, enum tlsp_role role, int version,
		enum moment moment)
{
	const struct tlsp_proxies *before = terms.proxies;
	size_t kept = tlsp_session_cache_count(cache);
	struct link link;
	bool accepted, holds;
	BIO *wire;

	setup(NULL);
	prepare(&link, role, version, &trusted);
	new_pair(&link.ends, link.ours, link.peer, role);
	link.record = tlsp_record_of(link.ends.ours);
	wire = cut_wire(&link.ends);
	go_to(&link, wire, moment);
	make(row->change);
	accepted = finish(&link, wire);
	holds = accepted == !row->why && gate.refused == !accepted
			&& (accepted || strstr(gate.refusal.why, row->why))
			&& tlsp_session_cache_count(cache)
					   == kept + (accepted && role == TLSP_ROLE_SERVER);
	if(!holds)
		print_message("%s, as %s, %x, %s: %s, %s\n", row->label,
				role == TLSP_ROLE_SERVER ? "server" : "client", version,
				moment == BEFORE_FINISHED ? "before Finished"
										  : "before Certificate",
				accepted ? "accepted" : "refused",
				gate.refused ? gate.refusal.why : "");
	terms.proxies = before;
	tear_down(&link);
	return holds;
}

static void check(enum moment moment)
{
	static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
	unsigned failures = 0;

	for(size_t i = 0; i < COUNT(rows); i++)
		for(size_t j = 0; j < COUNT(roles); j++)
			for(size_t k = 0; k < COUNT(versions); k++)
				failures += !row_holds(&rows[i], roles[j], versions[k], moment);
	assert_int_equal(failures, 0);
}

static void what_changes_before_the_certificate_counts(void **state)
{
	(void)state;
	check(BEFORE_CERTIFICATE);
}

static void what_changes_between_certificate_and_finished_counts(void **state)
{
	(void)state;
	check(BEFORE_FINISHED);
}

static int make_changes(void **state)
{
	static const char *const other_name[] = {"other.example.com"};

	if(make_ends(state) != 0)
		return -1;
	gate.changed = offer_changed;
	trusts_the_same = new_context(&gateway);
	trusts_others = SSL_CTX_new(TLS_method());
	X509_STORE_add_cert(
			SSL_CTX_get_cert_store(trusts_others), foreign_ca.certificate);
	another_list = make_proxies(other_name, COUNT(other_name));
	return 0;
}

static int free_changes(void **state)
{
	SSL_CTX_free(trusts_the_same);
	SSL_CTX_free(trusts_others);
	free(another_list);
	return free_ends(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test_setup(
					what_changes_before_the_certificate_counts, setup),
			cmocka_unit_test_setup(
					what_changes_between_certificate_and_finished_counts,
					setup),
	};

	return cmocka_run_group_tests(tests, make_changes, free_changes);
}
