/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * changes - see changes.h.
 */
#include "changes.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/pem.h>

#include "under_test.h"

static struct tlsp_own_files *roots_ca, *roots_foreign;

/* As of a file that https_root_file_name names. */
static struct tlsp_own_files *make_roots(const struct identity *anchor)
{
	BIO *bio = BIO_new(BIO_s_mem());
	struct tlsp_own_files *files;
	char *text;
	long octets;

	PEM_write_bio_X509(bio, anchor->certificate);
	octets = BIO_get_mem_data(bio, &text);
	files = calloc(1, sizeof(*files) + (size_t)octets);
	files->roots_octets = (size_t)octets;
	memcpy(files->text, text, (size_t)octets);
	BIO_free(bio);
	return files;
}

void changes_make(void)
{
	roots_ca = make_roots(&ca);
	roots_foreign = make_roots(&foreign_ca);
}

void changes_unmake(void)
{
	free(roots_ca);
	free(roots_foreign);
}

/* Everything that can be asked of a peer in either role. */
static void ask_for_everything(void)
{
	policy.sips_require_client_certificate = 1;
	policy.verify_server_certificate = 1;
	policy.peer_host_name_verification_mode = TLSP_VERIFY_NAMES_BOTH;
}

static struct trust trust_at_first(enum change change)
{
	struct trust trust = {.ca = true};

	if(change == CHANGE_NAMED_ROOTS_RELOAD
			|| change == CHANGE_NAMED_ROOTS_GONE) {
		trust.ca = false;
		trust.foreign_ca = true;
	}
	return trust;
}

static void name_roots(const struct tlsp_own_files *roots)
{
	terms.own_files = roots;
	strcpy(policy.https_root_file_name, roots ? "roots.pem" : "");
}

void changes_start(const struct state *state)
{
	struct trust trust = trust_at_first(state->change);

	world_start(state, &trust);
	setup_policy(NULL);
	terms.proxies = list_of_both;
	name_roots(trust.ca ? NULL : roots_ca);
	ask_for_everything();
	policy.session_tickets =
			state->way == WAY_CACHE ? TLSP_TICKETS_CACHE : TLSP_TICKETS_SHARED;
	switch(state->change) {
		case CHANGE_NOTHING_NAMES_OFF:
		case CHANGE_NAMES:
		case CHANGE_NAMES_STRANGER:
			policy.peer_host_name_verification_mode = TLSP_VERIFY_NAMES_OFF;
			break;
		case CHANGE_REQUIRE:
			policy.sips_require_client_certificate = 0;
			policy.verify_server_certificate = 0;
			policy.peer_host_name_verification_mode = TLSP_VERIFY_NAMES_OFF;
			break;
		case CHANGE_PURPOSE:
			policy.accept_server_auth_clients = 1;
			break;
		case CHANGE_ENFORCED:
			policy.enforcement = TLSP_ENFORCE_NONE;
			break;
		case CHANGE_TESTED:
			policy.enforcement = TLSP_ENFORCE_TESTING;
			break;
		case CHANGE_CONSTRAINED:
		case CHANGE_CONSTRAINED_ADDED:
		case CHANGE_CONSTRAINED_REMOVED:
			policy.sip_uri_identities = 1;
			break;
		default:
			break;
	}
	under_test_publish();
}

void changes_end_sessions(const struct state *state)
{
	if(state->way != WAY_OFF)
		return;
	policy.session_tickets = TLSP_TICKETS_OFF;
	under_test_publish();
}

static void change_policy(const struct state *state)
{
	switch(state->change) {
		case CHANGE_REQUIRE:
			policy.sips_require_client_certificate = 1;
			policy.verify_server_certificate = 1;
			break;
		case CHANGE_NAMES:
		case CHANGE_NAMES_STRANGER:
			policy.peer_host_name_verification_mode = TLSP_VERIFY_NAMES_BOTH;
			break;
		case CHANGE_NAMES_OFF:
			policy.peer_host_name_verification_mode = TLSP_VERIFY_NAMES_OFF;
			break;
		case CHANGE_VERSION:
			policy.tls_version = state->version == TLS_1_2 ? 8 : 4;
			break;
		case CHANGE_STRICT:
			policy.require_strict_cert = 1;
			break;
		case CHANGE_RULE_LIST:
			terms.proxies = list_of_other;
			/* fall through */
		case CHANGE_RULE:
			terms.rule = "another";
			break;
		case CHANGE_ENFORCED:
		case CHANGE_TESTED:
			policy.enforcement = TLSP_ENFORCE;
			break;
		case CHANGE_PURPOSE:
			policy.accept_server_auth_clients = 0;
			break;
		case CHANGE_NAMED_ROOTS:
			name_roots(roots_foreign);
			break;
		case CHANGE_NAMED_ROOTS_GONE:
			name_roots(NULL);
			break;
		case CHANGE_PROXY_REMOVED:
		case CHANGE_PROXY_MOVED:
			terms.proxies = list_of_other;
			break;
		case CHANGE_PROXY_ADDED:
		case CHANGE_CONSTRAINED_ADDED:
			terms.proxies = list_of_three;
			break;
		case CHANGE_CONSTRAINED_REMOVED:
			terms.proxies = list_of_trusted;
			break;
		default:
			return;
	}
	under_test_publish();
}

static void change_tls_cfg(const struct state *state)
{
	struct trust trust = trust_at_first(state->change);

	switch(state->change) {
		case CHANGE_RELOAD:
		case CHANGE_NAMED_ROOTS_RELOAD:
			break;
		case CHANGE_ANCHOR_REMOVED:
			trust.ca = false;
			trust.foreign_ca = true;
			break;
		case CHANGE_ANCHOR_ADDED:
			trust.foreign_ca = true;
			break;
		case CHANGE_CRL:
			trust.revoked = changes_peer(state);
			break;
		case CHANGE_CRL_OF_OTHERS:
			trust.revoked = &stranger;
			break;
		default:
			return;
	}
	world_reload(&trust);
}

void changes_apply(const struct state *state)
{
	change_policy(state);
	change_tls_cfg(state);
}

const struct identity *changes_peer(const struct state *state)
{
	switch(state->change) {
		case CHANGE_NAMES_STRANGER:
			return &stranger;
		case CHANGE_PROXY_MOVED:
			return &both_names;
		case CHANGE_PURPOSE:
			return &server_only;
		case CHANGE_CONSTRAINED:
		case CHANGE_CONSTRAINED_ADDED:
		case CHANGE_CONSTRAINED_REMOVED:
			return &constrained;
		default:
			return &trusted;
	}
}

const struct identity *changes_shown(const struct state *state)
{
	switch(state->shown) {
		case SHOWN_RENEWED:
			return &same_names;
		case SHOWN_BOTH_NAMES:
			return &both_names;
		case SHOWN_OTHER:
			return &other;
		case SHOWN_STRANGER:
			return &stranger;
		case SHOWN_FOREIGN:
			return &foreign;
		case SHOWN_NONE:
			return NULL;
		default:
			return changes_peer(state);
	}
}
