/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer_identity_test - who a peer may be when it shows a certificate once more
 * on one connection (tls_link.h): by name where names are judged, else by
 * subject and SubjectAltName.
 */
#include <string.h>

#include "tls_link.h"

static const char san[] = "DNS:trusted.example.com", alice[] = "Alice & Bob",
				  carol[] = "Carol & Dan";

/* What a peer shows: a certificate of its own key each time. */
struct shown
{
	const char *common_name; /* NULL: no certificate */
	const char *san;
	const char *subject_name; /* TLSRemoteSubjectName of that time */
};

struct row
{
	const char *label;
	bool names;	   /* are judged */
	bool required; /* the certificate; else we act as server */
	struct shown before, after;
	bool accepted;
};

static const struct row rows[] = {
		{"the same subject and names", false, true, {"peer", san, NULL},
				{"peer", san, NULL}, true},
		{"the same subject without names", false, true, {"peer", NULL, NULL},
				{"peer", NULL, NULL}, true},
		{"another subject", false, true, {"peer", san, NULL},
				{"another", san, NULL}, false},
		{"another name", false, true, {"peer", san, NULL},
				{"peer", "DNS:other.example.com", NULL}, false},
		{"one name more", false, true, {"peer", san, NULL},
				{"peer", "DNS:trusted.example.com,DNS:a.example", NULL}, false},
		{"the name is gone", false, true, {"peer", san, NULL},
				{"peer", NULL, NULL}, false},
		{"another subject with the name of a proxy", true, true,
				{"peer", san, NULL}, {"another", san, NULL}, true},
		{"the name of another proxy in front of it", true, true,
				{"peer", san, NULL},
				{"peer", "DNS:other.example.com,DNS:trusted.example.com", NULL},
				true},
		{"the CN of a proxy", true, true, {"trusted.example.com", NULL, NULL},
				{"trusted.example.com", NULL, NULL}, true},
		{"the CN of another", true, true, {"trusted.example.com", NULL, NULL},
				{"other.example.com", NULL, NULL}, false},
		{"the remote subject name, no host", true, true, {alice, NULL, alice},
				{alice, NULL, alice}, true},
		{"another remote subject name, no host", true, true,
				{alice, NULL, alice}, {carol, NULL, carol}, false},
		{"the remote subject name, a host, in other letters", true, true,
				{"sip.example.org", NULL, "sip.example.org"},
				{"SIP.example.org", NULL, "sip.example.org"}, true},
		{"another remote subject name, a host", true, true,
				{"sip.example.org", NULL, "sip.example.org"},
				{"a.example.org", NULL, "a.example.org"}, false},
		{"the remote subject name, then a proxy", true, true,
				{alice, NULL, alice}, {alice, san, NULL}, false},
		{"nothing any more", true, false, {"peer", san, NULL},
				{NULL, NULL, NULL}, false},
		{"something at last", true, false, {NULL, NULL, NULL},
				{"peer", san, NULL}, true},
};

static void obey(const struct row *row, const struct shown *shown)
{
	setup_policy(NULL);
	policy.sips_require_client_certificate = row->required;
	policy.verify_server_certificate = 1;
	policy.peer_host_name_verification_mode =
			row->names ? TLSP_VERIFY_NAMES_BOTH : TLSP_VERIFY_NAMES_OFF;
	snprintf(policy.tls_remote_subject_name,
			sizeof(policy.tls_remote_subject_name), "%s",
			shown->subject_name ? shown->subject_name : "");
}

static const struct identity *make(
		struct identity *out, const struct shown *shown)
{
	if(!shown->common_name)
		return NULL;
	make_identity(out, shown->common_name, shown->san, &ca);
	return out;
}

static bool row_holds(const struct row *row, enum tlsp_role role, int version)
{
	struct identity identities[2] = {{NULL, NULL}, {NULL, NULL}};
	struct link link;
	bool accepted, holds;

	obey(row, &row->before);
	set_up(&link, role, version, make(&identities[0], &row->before));
	obey(row, &row->after);
	peer_shows(&link, make(&identities[1], &row->after));
	assert_true((version == TLS1_3_VERSION ? key_update(&link, true)
										   : renegotiate(&link))
				> 0);
	pump(&link);
	accepted = talks(&link);
	holds = accepted == row->accepted && gate.refused == !accepted
			&& link.record->handshakes == 1U + accepted
			&& (accepted
					|| gate.refusal.reasons == TLSP_REASON_IDENTITY_CHANGED);
	if(!holds)
		print_message("%s, as %s, %x: %s, %s\n", row->label,
				role == TLSP_ROLE_SERVER ? "server" : "client", version,
				accepted ? "accepted" : "refused",
				gate.refused ? gate.refusal.why : "");
	tear_down(&link);
	free_identity(&identities[0]);
	free_identity(&identities[1]);
	return holds;
}

static void who_was_accepted_stays_so(void **state)
{
	unsigned failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++) {
		failures += !row_holds(&rows[i], TLSP_ROLE_SERVER, TLS1_2_VERSION);
		failures += !row_holds(&rows[i], TLSP_ROLE_SERVER, TLS1_3_VERSION);
		if(rows[i].required)
			failures += !row_holds(&rows[i], TLSP_ROLE_CLIENT, TLS1_2_VERSION);
	}
	assert_int_equal(failures, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test_setup(who_was_accepted_stays_so, setup_policy),
	};

	return cmocka_run_group_tests(tests, make_ends, free_ends);
}
